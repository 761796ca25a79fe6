//! The library at work: spools taken, what an earlier run left adopted, the indexer and workers running.

use super::forgetting::forget_daily;
use super::library::{Library, LibraryError};
use super::node::{self, Means, Node};
use crate::intake::adopt::{self, Adopted};
use crate::intake::indexer::{self, Indexer};
use crate::intake::settle::{self, SettleStudy};
use crate::jobs::{Bell, Worker};
use crate::model::Twin;
use crate::store::{StoreError, jobs, studies};
use imaging::spool::Spool;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A library that can take instances in.
pub struct Taking {
    /// What it was opened as.
    pub library: Library,
    /// The id of the node whose spool is written to.
    pub node: Arc<str>,
    /// The spool that is written to.
    pub spool: Spool,
    /// Who is told of arrivals.
    pub indexer: Indexer,
    /// What was taken up of an earlier run.
    pub adopted: Adopted,
    nodes: Vec<Node>,
    indexing: JoinHandle<()>,
    working: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    sealing: JoinHandle<()>,
    stop: watch::Sender<bool>,
    bell: Bell,
}

impl Taking {
    /// Takes the spools and adopts what is in them, clears what settling left unfinished, and begins to
    /// index, to settle with `workers` at a time, and to forget. Returns when nothing from before is left undone by accident.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn begin(library: Library, quiet: Duration, workers: usize) -> Result<Self, LibraryError> {
        let folder = library.config.data.spool();
        let settings = library.spool_settings();
        let means = Means { folder: &folder, keys: &library.keys, chance: &library.chance, settings };
        let mut nodes = node::take(&means)?;
        let bell = Bell::default();
        let (indexer, indexing) = Indexer::start(indexer::Means {
            db: library.db.clone(),
            clock: Arc::clone(&library.clock),
            chance: Arc::clone(&library.chance),
            quiet,
            bell: bell.clone(),
        });
        let mut adopted = Adopted::default();
        for node in &mut nodes {
            for name in &node.found.damaged_segments {
                tracing::error!(
                    node = node.id,
                    segment = name,
                    "a spool segment's header is damaged; it is left alone"
                );
            }
            let found = std::mem::take(&mut node.found.instances);
            let from_node =
                adopt::adopt(&library.db, &Arc::from(node.id.as_str()), &node.spool, found, &indexer).await?;
            adopted.taken_up += from_node.taken_up;
            adopted.unreadable += from_node.unreadable;
        }
        let settling = settling(&library, &nodes);
        settling.clear_unfinished().await?;
        settling.recycle_all().await;
        put_settling(&library, &nodes, quiet).await?;
        let (stop, stopped) = watch::channel(false);
        let forgetting = tokio::spawn(forget_daily(library.clone(), stopped.clone()));
        let sealing = tokio::spawn(library.sealer().run(stopped.clone()));
        let ids: Vec<String> = nodes.iter().map(|node| node.id.clone()).collect();
        let name = nodes[0].id.clone();
        let worker = Worker::new(library.db.clone(), name, ids, vec![Arc::new(settling)], workers);
        let working = tokio::spawn(worker.at(library.pace()).woken_by(bell.clone()).run(stopped));
        let (node, spool) = (Arc::from(nodes[0].id.as_str()), nodes[0].spool.clone());
        Ok(Self {
            library,
            node,
            spool,
            indexer,
            adopted,
            nodes,
            indexing,
            working,
            forgetting,
            sealing,
            stop,
            bell,
        })
    }

    /// What wakes whoever does jobs here.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Settles everything in these spools without waiting for quiet, and returns when it is done or what
    /// is left was given up. `progress` hears how many instances are still spooled.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settle_now(&self, progress: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
        self.indexer.flush().await;
        put_settling(&self.library, &self.nodes, Duration::ZERO).await?;
        let nodes: Vec<&str> = self.nodes.iter().map(|node| node.id.as_str()).collect();
        loop {
            self.bell.ring();
            let open = jobs::open_on(&self.library.db, settle::KIND, nodes.iter().copied()).await?;
            progress(studies::spooled_count(&self.library.db, nodes.iter().copied()).await?);
            if open == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops the workers after what they are doing, and returns when everything told is indexed.
    pub async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.forgetting.await {
            tracing::error!(%error, "forgetting did not end well");
        }
        if let Err(error) = self.sealing.await {
            tracing::error!(%error, "sealing did not end well");
        }
        if let Err(error) = self.working.await {
            tracing::error!(%error, "the worker did not end well");
        }
        self.indexer.flush().await;
        drop(self.indexer);
        if let Err(error) = self.indexing.await {
            tracing::error!(%error, "the indexer did not end well");
        }
        self.library.close().await;
        drop(self.nodes);
    }
}

/// Jobs for all that is spooled: that of one that was given up is not put again by anything else.
async fn put_settling(library: &Library, nodes: &[Node], quiet: Duration) -> Result<(), StoreError> {
    let mut tx = library.db.begin().await?;
    let mut settling = Vec::new();
    for node in nodes {
        let studies = studies::spooled_studies(&mut tx, &node.id).await?;
        settling.extend(studies.iter().map(|study| settle::job(study, &node.id, quiet, Twin::Hasten)));
    }
    jobs::put(&mut tx, &settling, &*library.chance).await?;
    tx.commit().await
}

fn settling(library: &Library, nodes: &[Node]) -> SettleStudy {
    let spools: HashMap<String, Spool> =
        nodes.iter().map(|node| (node.id.clone(), node.spool.clone())).collect();
    SettleStudy {
        db: library.db.clone(),
        blobs: Arc::clone(&library.blobs),
        keys: Arc::clone(&library.keys),
        spools,
        clock: Arc::clone(&library.clock),
        chance: Arc::clone(&library.chance),
    }
}
