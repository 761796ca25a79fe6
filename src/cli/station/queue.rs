//! The queue over HTTP.

use crate::web::api::station::{EndedRequest, LeaseRequest};
use anyhow::{Context, bail};
use axum::http::header::{AUTHORIZATION, RANGE};
use axum::http::{Response, StatusCode, Uri};
use burn_queue::{Attempt, Medium, Queue, QueueError, Report, Work};
use rustls::crypto::aws_lc_rs;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A service that says nothing for so long is taken for gone; also in the middle of an image.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// The service's queue.
pub(super) struct HttpQueue {
    agent: Agent,
    base: String,
    bearer: Zeroizing<String>,
    station: String,
}

/// What a refusal says: RFC 9457.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

impl HttpQueue {
    /// The queue of the service at `server`, for a station of this name.
    ///
    /// # Errors
    /// If the address is none, would let the token be overheard, or the certificates cannot be read.
    pub(super) fn new(
        server: &str,
        token: &str,
        station: &str,
        ca_file: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let address: Uri = server.parse().with_context(|| format!("{server} is no address of a service"))?;
        let is_here = matches!(address.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match address.scheme_str() {
            Some("https") => {}
            Some("http") if is_here => {}
            Some("http") => {
                bail!("{server} is on another machine: use https, so that nobody overhears the token")
            }
            _ => bail!("{server} is no address of a service: it begins with https://"),
        }
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(roots(ca_file)?)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_WITHIN))
            .timeout_recv_response(Some(ANSWER_WITHIN))
            .timeout_per_read(Some(ANSWER_WITHIN))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            base: format!("{}/api/v1/station", server.trim_end_matches('/')),
            bearer: Zeroizing::new(format!("Bearer {}", token.trim())),
            station: station.to_owned(),
        })
    }

    fn post(&self, path: &str, body: &impl Serialize) -> Result<Response<Body>, QueueError> {
        let request = self.agent.post(format!("{}/{path}", self.base));
        let answer = request.header(AUTHORIZATION, self.bearer.as_str()).send_json(body);
        judged(answer.map_err(unreachable)?)
    }

    fn tell(&self, work: &Work, what: &str, body: &impl Serialize) -> Result<(), QueueError> {
        self.post(&format!("discs/{}/{what}", work.disc), body).map(drop)
    }
}

fn roots(ca_file: Option<&Path>) -> anyhow::Result<RootCerts> {
    let found = match ca_file {
        Some(file) => {
            let found = rustls_native_certs::load_certs_from_paths(Some(file), None);
            if found.certs.is_empty() {
                bail!("{} holds no certificate", file.display());
            }
            found
        }
        None => rustls_native_certs::load_native_certs(),
    };
    let certificates: Vec<Certificate<'static>> =
        found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    Ok(certificates.into())
}

/// Only 409 and 404 are final: the disc is no longer this attempt's.
fn judged(mut answer: Response<Body>) -> Result<Response<Body>, QueueError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let words = match answer.body_mut().read_json::<Problem>() {
        Ok(problem) => format!("{status}: {}", problem.detail),
        Err(_) => status.to_string(),
    };
    Err(match status {
        StatusCode::CONFLICT | StatusCode::NOT_FOUND => QueueError::Refused(words),
        _ => QueueError::Unreachable(words),
    })
}

fn unreachable(error: ureq::Error) -> QueueError {
    QueueError::Unreachable(error.to_string())
}

impl Queue for HttpQueue {
    fn lease(&self, blanks: &[Medium]) -> Result<Option<Work>, QueueError> {
        let asked = LeaseRequest { station: self.station.clone(), blanks: blanks.to_vec() };
        let mut answer = self.post("lease", &asked)?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        answer.body_mut().read_json().map(Some).map_err(unreachable)
    }

    fn renew(&self, work: &Work) -> Result<(), QueueError> {
        self.tell(work, "renew", &work.attempt)
    }

    fn release(&self, work: &Work) -> Result<(), QueueError> {
        self.tell(work, "release", &work.attempt)
    }

    fn begin(&self, work: &Work) -> Result<(), QueueError> {
        self.tell(work, "begin", &work.attempt)
    }

    fn image(&self, work: &Work, from: u64) -> Result<Box<dyn Read>, QueueError> {
        let Attempt { number, station } = &work.attempt;
        let request = self
            .agent
            .get(format!("{}/discs/{}/image", self.base, work.disc))
            .query("number", number.to_string())
            .query("station", station)
            .header(AUTHORIZATION, self.bearer.as_str())
            .header(RANGE, format!("bytes={from}-"));
        let answer = judged(request.call().map_err(unreachable)?)?;
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            return Err(QueueError::Unreachable(
                "the image does not come from where it broke off".to_owned(),
            ));
        }
        Ok(Box::new(answer.into_body().into_reader()))
    }

    fn burned(&self, work: &Work) -> Result<(), QueueError> {
        self.tell(work, "burned", &work.attempt)
    }

    fn ended(&self, work: &Work, report: &Report) -> Result<(), QueueError> {
        let report = report.clone();
        self.tell(work, "ended", &EndedRequest { attempt: work.attempt.clone(), report })
    }
}
