//! Where a process dies, as an argument.

use std::sync::Arc;

/// A moment at which a process may die and it matters on which side of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is about to begin one.
    Beginning,
    /// It is about to commit one, of which nothing is done then.
    Committing,
    /// It has committed one, and nobody was told.
    Committed,
}

/// Says where a process dies: for simulation, which lets it happen from a seed.
///
/// Of a task that dies nothing more is done: what it waits for never comes. Whoever simulates then drops it with all
/// else the process had in memory.
pub trait Fate: Send + Sync {
    /// Whether it dies now.
    fn dies(&self, at: Moment) -> bool;
}

/// Returns if the process lives on, and otherwise never.
pub(super) async fn outlive(fate: Option<&Arc<dyn Fate>>, at: Moment) {
    if fate.is_some_and(|fate| fate.dies(at)) {
        std::future::pending().await
    }
}
