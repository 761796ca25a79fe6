//! Jobs as they stand in their table.

use crate::model::{Job, JobState, Lease};
use crate::store::StoreError;
use crate::store::db::{Read, Row, composed, list, read_all};
use std::collections::HashMap;

pub(super) const COLUMNS: &str = "SELECT j.id, j.kind, j.payload, j.node, j.dedup_key, j.state, j.run_at, \
    j.tries, j.max_tries, j.worker, j.epoch, j.lease_until, j.last_error, j.created_at, j.finished_at \
    FROM jobs j";

/// A job.
///
/// # Errors
/// If the database fails.
pub async fn get(mut reader: impl Read, id: &str) -> Result<Option<Job>, StoreError> {
    let row = reader.row(composed(format!("{COLUMNS} WHERE j.id = $1")), vec![id.into()]).await?;
    row.map(|row| read(&row.of("jobs"))).transpose()
}

/// A page of the jobs a person should look at, parked or unresolved: at most `limit` with ids after
/// `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn stopped(mut reader: impl Read, after: &str, limit: u32) -> Result<Vec<Job>, StoreError> {
    let sql =
        format!("{COLUMNS} WHERE j.state IN ('parked', 'unresolved') AND j.id > $1 ORDER BY j.id LIMIT $2");
    let rows = reader.rows(composed(sql), vec![after.into(), limit.into()]).await?;
    read_all(rows, "jobs", read)
}

/// Of these kinds, what a person should look at, by what it is about: why.
///
/// # Errors
/// If the database fails.
pub async fn why_stopped(
    mut reader: impl Read,
    kinds: &[&str],
) -> Result<HashMap<String, String>, StoreError> {
    let among = reader.dialect().in_list("kind", 1);
    let sql = format!(
        "SELECT dedup_key, last_error FROM jobs WHERE state IN ('parked', 'unresolved') AND {among} \
         AND dedup_key IS NOT NULL AND last_error IS NOT NULL"
    );
    let rows = reader.rows(composed(sql), vec![list(kinds.iter().copied())]).await?;
    Ok(read_all(rows, "jobs", |row| Ok((row.text(0)?, row.text(1)?)))?.into_iter().collect())
}

/// How many jobs of a kind wait or run for these nodes.
///
/// # Errors
/// If the database fails.
pub async fn open_on<'n>(
    mut reader: impl Read,
    kind: &str,
    nodes: impl IntoIterator<Item = &'n str>,
) -> Result<u64, StoreError> {
    let among = reader.dialect().in_list("node", 2);
    let sql =
        format!("SELECT count(*) FROM jobs WHERE state IN ('ready', 'leased') AND kind = $1 AND {among}");
    let row = reader.row(composed(sql), vec![kind.into(), list(nodes)]).await?;
    row.ok_or(StoreError::Missing { table: "jobs" })?.of("jobs").u64(0)
}

pub(super) fn read(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.text("id")?,
        kind: row.text("kind")?,
        payload: row.text("payload")?,
        node: row.opt_text("node")?,
        dedup_key: row.opt_text("dedup_key")?,
        state: state(row)?,
        run_at: row.i64("run_at")?,
        tries: row.u32("tries")?,
        max_tries: row.u32("max_tries")?,
        last_error: row.opt_text("last_error")?,
        created_at: row.i64("created_at")?,
        finished_at: row.opt_i64("finished_at")?,
    })
}

fn state(row: &Row) -> Result<JobState, StoreError> {
    let reason = || row.opt_text("last_error").map(Option::unwrap_or_default);
    match row.text("state")?.as_str() {
        "ready" => Ok(JobState::Ready),
        "leased" => Ok(JobState::Leased(Lease {
            worker: row.text("worker")?,
            epoch: row.i64("epoch")?,
            until: row.i64("lease_until")?,
        })),
        "done" => Ok(JobState::Done),
        "unresolved" => Ok(JobState::Unresolved { reason: reason()? }),
        "parked" => Ok(JobState::Parked { reason: reason()? }),
        _ => Err(row.inconsistent("state")),
    }
}
