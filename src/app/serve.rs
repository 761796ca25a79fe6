//! `filmroom serve`: everything in one process, until told to stop.

use super::desk::{Desk, Working};
use super::library::{Library, custody_concerns};
use super::taking::Taking;
use super::tls;
use crate::config::{Config, Dimse, PublicUrl};
use crate::intake::receive::Receiver;
use crate::web::health::{self, Check, Probe};
use anyhow::Context;
use imaging::dimse::negotiate::AeTitles;
use imaging::dimse::scp::{self, Scp};
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a stop waits for pages that are being sent.
const END_HTTP_WITHIN: Duration = Duration::from_secs(10);

/// A running service.
pub struct Serving {
    /// Where DIMSE is.
    pub dimse: SocketAddr,
    /// Where pages are.
    pub http: SocketAddr,
    /// The address they are reached by.
    pub url: PublicUrl,
    /// What takes instances in.
    pub taking: Taking,
    working: Working,
    scp: Scp,
    drain: Duration,
    end_http: oneshot::Sender<()>,
    http_task: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Begins to serve.
    ///
    /// # Errors
    /// If the library cannot be opened or an address not be listened on.
    pub async fn begin(config: Config) -> anyhow::Result<Self> {
        for concern in custody_concerns(&config) {
            tracing::warn!("{concern}");
        }
        let library = Library::open(config).await?;
        let config = Arc::clone(&library.config);
        let quiet = Duration::from_secs(config.settle.quiet_seconds);
        let taking = Taking::begin(library, quiet, config.settle.workers).await?;
        let scp = listen(&config, &taking)?;
        let listener = TcpListener::bind(config.http.listen)
            .await
            .with_context(|| format!("http.listen {} cannot be listened on", config.http.listen))?;
        let (dimse, http) = (scp.address(), listener.local_addr()?);
        let url = config.http.public_url.clone().unwrap_or_else(|| PublicUrl::of_listening(http));
        let desk = Desk::new(taking.library.clone(), url.clone())?;
        let working = desk.begin(taking.bell())?;
        let (end_http, ended) = oneshot::channel::<()>();
        let pages = desk.pages()?.merge(health::routes(probe(&taking)));
        let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
        let ended = async { ended.await.unwrap_or_default() };
        let http_task =
            tokio::spawn(axum::serve(listener, pages).with_graceful_shutdown(ended).into_future());
        tracing::info!(%dimse, %http, adopted = taking.adopted.taken_up, "serving");
        let drain = Duration::from_secs(config.dimse.drain_seconds);
        Ok(Self { dimse, http, url, taking, working, scp, drain, end_http, http_task })
    }

    /// Lets callers finish what they are sending, then ends everything in order.
    ///
    /// # Errors
    /// If pages could not be served to the end.
    pub async fn end(self) -> anyhow::Result<()> {
        let Self { scp, drain, taking, working, end_http, mut http_task, .. } = self;
        tokio::task::spawn_blocking(move || scp.stop(drain)).await?;
        // The receiver is gone if its task is; either way it need not be told.
        end_http.send(()).unwrap_or_default();
        match tokio::time::timeout(END_HTTP_WITHIN, &mut http_task).await {
            Ok(ended) => ended??,
            Err(_) => http_task.abort(),
        }
        working.end().await;
        taking.end().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Serves until the process is told to stop.
///
/// # Errors
/// As [`Serving::begin`] and [`Serving::end`].
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let serving = Serving::begin(config).await?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    serving.end().await
}

fn listen(config: &Config, taking: &Taking) -> anyhow::Result<Scp> {
    let dimse = &config.dimse;
    let listener = std::net::TcpListener::bind(dimse.listen)
        .with_context(|| format!("dimse.listen {} cannot be listened on", dimse.listen))?;
    let receiver = Receiver {
        node: Arc::clone(&taking.node),
        spool: taking.spool.clone(),
        indexer: taking.indexer.clone(),
        clock: Arc::clone(&taking.library.clock),
        chance: Arc::clone(&taking.library.chance),
        max_instance_bytes: config.limits.max_instance_mib << 20,
    };
    Ok(Scp::start(listener, settings(dimse)?, receiver)?)
}

fn settings(dimse: &Dimse) -> anyhow::Result<scp::Settings> {
    let titles = |titles: &[String]| match titles {
        [] => AeTitles::Any,
        [any] if any == "any" => AeTitles::Any,
        titles => AeTitles::Only(titles.to_vec()),
    };
    Ok(scp::Settings {
        called: titles(&dimse.called_ae_titles),
        calling: titles(&dimse.calling_ae_titles),
        max_associations: dimse.max_associations,
        max_pdu_bytes: dimse.max_pdu_kib << 10,
        associate_within: scp::ASSOCIATE_WITHIN,
        idle: Duration::from_secs(dimse.idle_seconds),
        tls: dimse.tls.as_ref().map(tls::server).transpose()?,
    })
}

fn probe(taking: &Taking) -> Probe {
    let (db, spool, indexer) = (taking.library.db.clone(), taking.spool.clone(), taking.indexer.clone());
    Arc::new(move || {
        let (db, spool, indexer) = (db.clone(), spool.clone(), indexer.clone());
        Box::pin(async move {
            let database = db.fetch_one("SELECT 1 AS one", Vec::new()).await;
            vec![
                Check { name: "database", problem: database.err().map(|_| "it does not answer".into()) },
                Check { name: "spool", problem: spool.check_space().err().map(|error| error.to_string()) },
                Check {
                    name: "indexer",
                    problem: (!indexer.is_alive()).then(|| "it has ended: restart the service".into()),
                },
            ]
        })
    })
}
