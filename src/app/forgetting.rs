//! What is remembered only for a while: jobs that are done, arrivals that were dropped because they repeated
//! others, sessions that ended and failures to sign in. And what nobody ended: disclosures that went silent.
//!
//! All are rows that only ever grow otherwise. A dropped arrival that the spool still holds when it is
//! forgotten does no harm: it is adopted, found to be the same again, and dropped again.

use super::library::Library;
use crate::audit::disclosures::end_silent;
use crate::clock::DAY_MS;
use crate::store::db::Db;
use crate::store::{StoreError, jobs, links, studies, users};
use std::time::Duration;
use tokio::sync::watch;

const REMEMBERED_MS: i64 = 30 * DAY_MS;
const EVERY: Duration = Duration::from_secs(86_400);

/// Forgets at once and then every day, until `stopped` changes.
pub(super) async fn forget_daily(library: Library, mut stopped: watch::Receiver<bool>) {
    let Library { db, clock, chance, .. } = library;
    loop {
        let now_ms = clock.now_ms();
        if let Err(error) = forget(&db, now_ms - REMEMBERED_MS).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "old rows were not forgotten; trying again tomorrow");
        }
        if let Err(error) = end_silent(&db, now_ms, &*chance).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "silent disclosures were not ended; trying again tomorrow");
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
    let sign_ins = users::forget_old(&mut tx, before_ms).await?;
    links::forget_sessions(&mut tx, before_ms).await?;
    tx.commit().await?;
    tracing::debug!(done, dropped, sign_ins, "old rows were forgotten");
    Ok(())
}
