//! Jobs that wait for a person, by the request they are about.

use super::rows::{COLUMNS, read};
use crate::model::Job;
use crate::store::StoreError;
use crate::store::db::{Read, Tx, composed, expect_one_row, list, read_all};

/// Which jobs `j` wait for a person.
pub(in crate::store) const STOPPED: &str = "j.state IN ('parked', 'unresolved')";

/// The request a job `j` is about, by the row its key names: the request's own, or one that belongs to it.
pub(in crate::store) const REQUEST: &str = "coalesce(\
    (SELECT r.id FROM requests r WHERE r.id = j.dedup_key), \
    (SELECT d.request FROM deliveries d WHERE d.id = j.dedup_key), \
    (SELECT p.request FROM packages p WHERE p.id = j.dedup_key), \
    (SELECT m.request FROM messages m WHERE m.id = j.dedup_key), \
    (SELECT s.request FROM shipments s WHERE s.id = j.dedup_key), \
    (SELECT s.request FROM label_attempts a JOIN shipments s ON s.id = a.shipment WHERE a.id = j.dedup_key))";

/// The jobs about these requests that wait for a person, the oldest first, each with its request.
///
/// # Errors
/// If the database fails.
pub async fn stopped_about(
    mut reader: impl Read,
    requests: &[&str],
) -> Result<Vec<(String, Job)>, StoreError> {
    let among = reader.dialect().in_list("w.request", 1);
    let sql = format!(
        "SELECT * FROM ({}, {REQUEST} AS request FROM jobs j WHERE {STOPPED}) w WHERE {among} ORDER BY w.id",
        COLUMNS.trim_end_matches(" FROM jobs j"),
    );
    let rows = reader.rows(composed(sql), vec![list(requests.iter().copied())]).await?;
    read_all(rows, "jobs", |row| Ok((row.text("request")?, read(row)?)))
}

/// Lets a job that waits for a person be tried again, from its first try; where one with its key waits for a
/// worker already, that one does the work.
///
/// # Errors
/// [`StoreError::WrongCount`] if it does not wait for a person, or if the database fails.
pub async fn try_again(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now_ms().await?;
    let sql = "UPDATE jobs SET state = 'ready', tries = 0, run_at = $2, finished_at = NULL \
               WHERE id = $1 AND state IN ('parked', 'unresolved') AND NOT EXISTS (\
               SELECT 1 FROM jobs t WHERE t.state = 'ready' AND t.kind = jobs.kind \
               AND t.dedup_key = jobs.dedup_key AND coalesce(t.node, '') = coalesce(jobs.node, ''))";
    if tx.execute(sql, [id.into(), now.into()]).await? == 1 {
        return Ok(());
    }
    set_aside(tx, id).await
}

/// Ends a job that waited for a person: somebody saw to it.
///
/// # Errors
/// [`StoreError::WrongCount`] if it does not wait for a person, or if the database fails.
pub async fn set_aside(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now_ms().await?;
    let sql = "UPDATE jobs SET state = 'done', finished_at = $2 \
               WHERE id = $1 AND state IN ('parked', 'unresolved')";
    expect_one_row("jobs", tx.execute(sql, [id.into(), now.into()]).await?)
}
