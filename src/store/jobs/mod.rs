//! The repository of jobs.
//!
//! A lease is a row's `epoch`: whoever ends or renews one names it, and exactly one row must agree.

mod claim;
mod put;
mod rows;
mod stopped;

pub use claim::{Wanted, claim};
pub use put::put;
pub use rows::{get, open_on, stopped, why_stopped};
pub(in crate::store) use stopped::{REQUEST, STOPPED};
pub use stopped::{set_aside, stopped_about, try_again};

use crate::model::{Ending, LeasedJob};
use crate::store::StoreError;
use crate::store::db::{Tx, Value, expect_one_row};

/// Extends a lease to `lease_ms` from now; the new end.
///
/// # Errors
/// [`StoreError::LostLease`] if the job was given away, or if the database fails.
pub async fn renew(tx: &mut Tx, job: &LeasedJob, lease_ms: i64) -> Result<i64, StoreError> {
    let until = tx.now_ms().await?.saturating_add(lease_ms);
    let sql = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND epoch = $2 AND state = 'leased'";
    fenced(tx.execute(sql, [(&job.id).into(), job.lease.epoch.into(), until.into()]).await?)?;
    Ok(until)
}

/// Ends a lease in the transaction that holds what the job has done.
///
/// # Errors
/// [`StoreError::LostLease`] if the job was given away, or if the database fails.
pub async fn end(tx: &mut Tx, job: &LeasedJob, ending: &Ending) -> Result<(), StoreError> {
    match ending {
        Ending::Done => {
            stop(tx, job, "done", None).await?;
            make_up_for(tx, job).await
        }
        Ending::Unresolved { reason } => stop(tx, job, "unresolved", Some(reason)).await,
        Ending::Park { reason } => {
            make_up_for(tx, job).await?;
            stop(tx, job, "parked", Some(reason)).await
        }
        Ending::Retry { delay_ms, reason } => retry(tx, job, *delay_ms, reason).await,
    }
}

/// Ends a lease with the job done.
///
/// # Errors
/// [`StoreError::LostLease`] if the job was given away, or if the database fails.
pub async fn finish(tx: &mut Tx, job: &LeasedJob) -> Result<(), StoreError> {
    end(tx, job, &Ending::Done).await
}

/// Whether this very lease ended with the job done.
///
/// # Errors
/// If the database fails.
pub async fn is_finished(tx: &mut Tx, job: &LeasedJob) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM jobs WHERE id = $1 AND epoch = $2 AND state = 'done'";
    Ok(tx.fetch_optional(sql, [Value::from(&job.id), job.lease.epoch.into()]).await?.is_some())
}

async fn stop(
    tx: &mut Tx,
    job: &LeasedJob,
    state: &'static str,
    reason: Option<&String>,
) -> Result<(), StoreError> {
    let now = tx.now_ms().await?;
    let sql = "UPDATE jobs SET state = $3, last_error = $4, finished_at = $5, worker = NULL, lease_until = NULL \
               WHERE id = $1 AND epoch = $2 AND state = 'leased'";
    let params = [(&job.id).into(), job.lease.epoch.into(), state.into(), reason.into(), now.into()];
    fenced(tx.execute(sql, params).await?)
}

/// What was given up before about the same key is done with it, or stands for it again: it stops once, not twice. Both states are named as the index of stopped jobs
/// names them, without which each end would read every job.
async fn make_up_for(tx: &mut Tx, job: &LeasedJob) -> Result<(), StoreError> {
    let now = tx.now_ms().await?;
    let sql = "UPDATE jobs SET state = 'done', finished_at = $2 \
               WHERE state IN ('parked', 'unresolved') AND state = 'parked' \
               AND (kind, dedup_key, coalesce(node, '')) = \
               (SELECT kind, dedup_key, coalesce(node, '') FROM jobs WHERE id = $1)";
    tx.execute(sql, [Value::from(&job.id), now.into()]).await.map(drop)
}

/// If one with the same key waits already, that one does the work: it takes over the count of tries,
/// so that a job which always fails is parked however often it is put.
async fn retry(tx: &mut Tx, job: &LeasedJob, delay_ms: i64, reason: &String) -> Result<(), StoreError> {
    let run_at = tx.now_ms().await?.saturating_add(delay_ms);
    let sql = "UPDATE jobs SET state = 'ready', run_at = $3, last_error = $4, worker = NULL, lease_until = NULL \
               WHERE id = $1 AND epoch = $2 AND state = 'leased' AND NOT EXISTS (\
               SELECT 1 FROM jobs t WHERE t.state = 'ready' AND t.kind = jobs.kind \
               AND t.dedup_key = jobs.dedup_key AND coalesce(t.node, '') = coalesce(jobs.node, ''))";
    let params = [(&job.id).into(), job.lease.epoch.into(), run_at.into(), reason.into()];
    if tx.execute(sql, params).await? == 1 {
        return Ok(());
    }
    stop(tx, job, "done", Some(reason)).await?;
    let twin = "UPDATE jobs SET tries = $2 WHERE state = 'ready' AND tries < $2 \
                AND (kind, dedup_key, coalesce(node, '')) = \
                (SELECT kind, dedup_key, coalesce(node, '') FROM jobs WHERE id = $1)";
    tx.execute(twin, [Value::from(&job.id), job.tries.into()]).await.map(drop)
}

/// Ends what was left open about a key: a job that is unresolved or parked, or whose worker may have gone away.
/// Somebody found out how it went, and says so. A worker that has it still loses its lease.
///
/// # Errors
/// If the database fails.
pub async fn resolve(tx: &mut Tx, kind: &str, dedup_key: &str, reason: &str) -> Result<(), StoreError> {
    let now = tx.now_ms().await?;
    let sql = "UPDATE jobs SET state = 'done', epoch = epoch + 1, last_error = $3, finished_at = $4, \
               worker = NULL, lease_until = NULL \
               WHERE kind = $1 AND dedup_key = $2 AND state IN ('leased', 'unresolved', 'parked')";
    tx.execute(sql, [kind.into(), dedup_key.into(), reason.into(), now.into()]).await.map(drop)
}

/// Whether a job about this key waits for a person.
///
/// # Errors
/// If the database fails.
pub async fn is_stopped(tx: &mut Tx, kind: &str, dedup_key: &str) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) AS jobs FROM jobs \
               WHERE kind = $1 AND dedup_key = $2 AND state IN ('unresolved', 'parked')";
    Ok(tx.fetch_one(sql, [kind.into(), dedup_key.into()]).await?.of("jobs").u64("jobs")? > 0)
}

/// Whether a job about this key waits for its turn or is at work.
///
/// # Errors
/// If the database fails.
pub async fn is_waiting(tx: &mut Tx, kind: &str, dedup_key: &str) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) AS jobs FROM jobs \
               WHERE kind = $1 AND dedup_key = $2 AND state IN ('ready', 'leased')";
    Ok(tx.fetch_one(sql, [kind.into(), dedup_key.into()]).await?.of("jobs").u64("jobs")? > 0)
}

/// Forgets jobs that were done before `before_ms`; how many.
///
/// # Errors
/// If the database fails.
pub async fn forget_done(tx: &mut Tx, before_ms: i64) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM jobs WHERE state = 'done' AND finished_at < $1", [before_ms.into()]).await
}

fn fenced(changed: u64) -> Result<(), StoreError> {
    expect_one_row("jobs", changed).map_err(|_| StoreError::LostLease)
}
