//! Giving jobs to workers.

use super::rows::{COLUMNS, read};
use crate::model::{Effect, Ending, Job, Lease, LeasedJob, Overdue};
use crate::store::StoreError;
use crate::store::db::{Db, Tx, Value, composed, expect_one_row, list, read_all};

/// What a worker can do.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// Kinds of jobs, each with what it does to the world.
    pub kinds: &'w [(&'static str, Effect)],
    /// Nodes whose bytes it reaches.
    pub nodes: &'w [String],
    /// Its name.
    pub worker: &'w str,
    /// How long it may have a job before it must renew the lease.
    pub lease_ms: i64,
}

/// Leases the job that has been waiting longest. No job is ever given to two workers at once, and of
/// jobs with the same key one at a time.
///
/// Leases that ran out are looked at first: what may be repeated is given out again, anything else
/// becomes unresolved, and what took its workers down too often is parked.
///
/// # Errors
/// If the database fails.
pub async fn claim(db: &Db, wanted: &Wanted<'_>) -> Result<Option<LeasedJob>, StoreError> {
    let mut tx = db.begin().await?;
    let now = tx.now_ms().await?;
    let job = match overdue(&mut tx, wanted, now).await? {
        Some(job) => Some(job),
        None => waiting(&mut tx, wanted, now).await?,
    };
    let leased = match job {
        Some(job) => Some(lease(&mut tx, job, wanted, now).await?),
        None => None,
    };
    tx.commit().await?;
    Ok(leased)
}

async fn overdue(tx: &mut Tx, wanted: &Wanted<'_>, now: i64) -> Result<Option<Job>, StoreError> {
    let when = "j.state = 'leased' AND j.lease_until <= $1 ORDER BY j.lease_until";
    while let Some(job) = candidate(tx, wanted, when, now).await? {
        let effect = wanted.kinds.iter().find(|(kind, _)| *kind == job.kind).map(|(_, effect)| *effect);
        let ending = match effect.and_then(|effect| job.overdue(effect, now)) {
            Some(Overdue::RunAgain) => return Ok(Some(job)),
            Some(Overdue::Park) => Ending::Park { reason: "its workers went away too often".to_owned() },
            Some(Overdue::Unresolved) | None => Ending::Unresolved {
                reason: "its worker went away; whether it took effect is not known".to_owned(),
            },
        };
        let epoch =
            tx.fetch_one("SELECT epoch FROM jobs WHERE id = $1", [Value::from(&job.id)]).await?.i64(0)?;
        let lost = job.leased(Lease { worker: String::new(), epoch, until: now });
        super::end(tx, &lost, &ending).await?;
    }
    Ok(None)
}

async fn waiting(tx: &mut Tx, wanted: &Wanted<'_>, now: i64) -> Result<Option<Job>, StoreError> {
    let when = "j.state = 'ready' AND j.run_at <= $1 AND NOT EXISTS (\
                SELECT 1 FROM jobs l WHERE l.state = 'leased' AND l.kind = j.kind \
                AND l.dedup_key = j.dedup_key AND coalesce(l.node, '') = coalesce(j.node, '')) \
                ORDER BY j.run_at, j.id";
    candidate(tx, wanted, when, now).await
}

async fn candidate(
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    when: &str,
    now: i64,
) -> Result<Option<Job>, StoreError> {
    let dialect = tx.dialect();
    let (kinds, nodes) = (dialect.in_list("j.kind", 2), dialect.in_list("j.node", 3));
    let locked = dialect.for_update_skip_locked();
    let sql = format!("{COLUMNS} WHERE {kinds} AND (j.node IS NULL OR {nodes}) AND {when} LIMIT 1{locked}");
    let kinds = list(wanted.kinds.iter().map(|(kind, _)| *kind));
    let nodes = list(wanted.nodes.iter().map(String::as_str));
    let rows = tx.fetch_all(composed(sql), [now.into(), kinds, nodes]).await?;
    Ok(read_all(rows, "jobs", read)?.pop())
}

async fn lease(tx: &mut Tx, job: Job, wanted: &Wanted<'_>, now: i64) -> Result<LeasedJob, StoreError> {
    let until = now.saturating_add(wanted.lease_ms);
    let sql = "UPDATE jobs SET state = 'leased', worker = $2, epoch = epoch + 1, lease_until = $3, \
               tries = tries + 1 WHERE id = $1 RETURNING epoch";
    let params = [(&job.id).into(), wanted.worker.into(), until.into()];
    let rows = tx.fetch_all(sql, params).await?;
    expect_one_row("jobs", u64::try_from(rows.len()).unwrap_or(u64::MAX))?;
    let epochs = read_all(rows, "jobs", |row| row.i64(0))?;
    let epoch = epochs.first().copied().ok_or(StoreError::Missing { table: "jobs" })?;
    Ok(job.leased(Lease { worker: wanted.worker.to_owned(), epoch, until }))
}
