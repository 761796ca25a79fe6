//! From durable to findable: arrivals become rows, in batches, off the path of the acknowledgement.
//!
//! An arrival's segments are held until its rows are committed. If the process dies before, the spool
//! still has it, and the next start adopts it.

use super::arrival::Arrival;
use super::settle;
use crate::clock::Clock;
use crate::jobs::Bell;
use crate::model::Twin;
use crate::store::db::Db;
use crate::store::{StoreError, jobs, studies};
use imaging::chance::Chance;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Arrivals wait for a moment this long in which none comes: rows written meanwhile would take a processor
/// and the disk from those that are being made durable.
const QUIET: Duration = Duration::from_millis(100);
/// How often arrivals wait for quiet at most: senders who never rest are indexed too.
const MOST_WAITS: u32 = 20;
/// Arrivals that may wait, and the most in a transaction. When the database is slower than the senders,
/// the senders wait here.
const QUEUE: usize = 4096;
/// Arrivals decoded and written at a time, which bounds the memory a large transaction takes.
const AT_ONCE: usize = 200;

/// Tells the index of arrivals. Cheap to clone.
#[derive(Clone)]
pub struct Indexer(mpsc::Sender<Item>);

enum Item {
    Arrived(Unindexed),
    Flushed(oneshot::Sender<()>),
}

/// An arrival in the spool of a node.
struct Unindexed {
    node: Arc<str>,
    arrival: Box<Arrival>,
}

/// What indexing needs.
pub struct Means {
    /// The database.
    pub db: Db,
    /// The time rows are made.
    pub clock: Arc<dyn Clock>,
    /// For row ids.
    pub chance: Arc<dyn Chance>,
    /// A study is settled when it has been quiet for this long.
    pub quiet: Duration,
    /// Woken when there is a job.
    pub bell: Bell,
}

impl Indexer {
    /// Begins to index. The task ends when every clone of the indexer is gone and all is indexed.
    #[must_use]
    pub fn start(means: Means) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), tokio::spawn(run(means, receiver)))
    }

    /// Hands over an arrival in the spool of `node`. Waits while too many wait already; never call it from async code.
    pub fn tell(&self, node: &Arc<str>, arrival: Arrival) {
        let unindexed = Unindexed { node: Arc::clone(node), arrival: Box::new(arrival) };
        if self.0.blocking_send(Item::Arrived(unindexed)).is_err() {
            tracing::error!("the indexer is gone: the spool keeps an instance until the next start");
        }
    }

    /// Returns when everything told so far is in the index.
    pub async fn flush(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.0.send(Item::Flushed(sender)).await.is_ok() {
            // The task answers or is gone; either way there is nothing to wait for.
            receiver.await.unwrap_or_default();
        }
    }

    /// Whether arrivals still have somewhere to go.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.0.is_closed()
    }
}

async fn run(means: Means, mut receiver: mpsc::Receiver<Item>) {
    let mut items = Vec::new();
    while receiver.recv_many(&mut items, QUEUE).await > 0 {
        gather(&mut receiver, &mut items).await;
        let (mut arrivals, mut waiting) = (Vec::new(), Vec::new());
        for item in items.drain(..) {
            match item {
                Item::Arrived(arrival) => arrivals.push(arrival),
                Item::Flushed(sender) => waiting.push(sender),
            }
        }
        index_until_done(&means, arrivals).await;
        // Who asked may have stopped waiting.
        waiting.into_iter().for_each(|sender| sender.send(()).unwrap_or_default());
    }
}

/// Adds what comes until nothing does for a while, somebody waits for the index, or it is enough.
async fn gather(receiver: &mut mpsc::Receiver<Item>, items: &mut Vec<Item>) {
    for _ in 0..MOST_WAITS {
        let someone_waits = items.iter().any(|item| matches!(item, Item::Flushed(_)));
        if someone_waits || items.len() >= QUEUE {
            return;
        }
        tokio::time::sleep(QUIET).await;
        let before = items.len();
        while items.len() < QUEUE {
            let Ok(item) = receiver.try_recv() else { break };
            items.push(item);
        }
        if items.len() == before {
            return;
        }
    }
}

/// Tries until the database takes the batch: the arrivals are durable, and nobody else tells it.
async fn index_until_done(means: &Means, arrivals: Vec<Unindexed>) {
    if arrivals.is_empty() {
        return;
    }
    let mut pause = Duration::from_millis(100);
    while let Err(error) = index(means, &arrivals).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "arrivals could not be indexed; trying again"
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(10));
    }
    for unindexed in arrivals {
        unindexed.arrival.spooled.hold.release();
    }
    means.bell.ring();
}

async fn index(means: &Means, arrivals: &[Unindexed]) -> Result<(), StoreError> {
    let now_ms = means.clock.now_ms();
    let mut tx = means.db.begin().await?;
    for part in arrivals.chunks(AT_ONCE) {
        let rows: Vec<_> = part.iter().map(|unindexed| unindexed.arrival.row(&unindexed.node)).collect();
        let touched = studies::index_arrivals(&mut tx, &rows, now_ms, &*means.chance).await?;
        let settling: Vec<_> = touched
            .iter()
            .map(|study| settle::job(&study.study_id, &study.node, means.quiet, Twin::Postpone))
            .collect();
        jobs::put(&mut tx, &settling, &*means.chance).await?;
    }
    tx.commit().await
}
