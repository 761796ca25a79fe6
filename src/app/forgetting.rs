//! What the library remembers only for a while: jobs that are done, and arrivals that were dropped
//! because they repeated others.
//!
//! Both are rows that only ever grow otherwise. A dropped arrival that the spool still holds when it is
//! forgotten does no harm: it is adopted, found to be the same again, and dropped again.

use crate::clock::Clock;
use crate::store::db::Db;
use crate::store::{StoreError, jobs, links, studies};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const REMEMBERED_MS: i64 = 30 * 86_400_000;
const EVERY: Duration = Duration::from_secs(86_400);

/// Forgets at once and then every day, until `stopped` changes.
pub(super) async fn forget_daily(db: Db, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = forget(&db, clock.now_ms() - REMEMBERED_MS).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "old rows were not forgotten; trying again tomorrow");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn forget(db: &Db, before_ms: i64) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let done = jobs::forget_done(&mut tx, before_ms).await?;
    let dropped = studies::forget_dropped(&mut tx, before_ms).await?;
    links::forget_sessions(&mut tx, before_ms).await?;
    tx.commit().await?;
    tracing::debug!(done, dropped, "old rows were forgotten");
    Ok(())
}
