//! Who came by a link. The same visitor doing the same again is one row that counts.

use crate::model::link::{Deed, Visit};
use crate::store::StoreError;
use crate::store::db::{Read, SqlSafeStr, Tx, read_all};

/// Counts a deed of a visitor.
///
/// # Errors
/// If the database fails.
pub async fn note_visit(
    tx: &mut Tx,
    link_grant: &str,
    deed: Deed,
    (agent, address): (&str, &str),
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO link_visits (link_grant, what, agent, address, first_at, last_at, times) \
               VALUES ($1, $2, $3, $4, $5, $5, 1) ON CONFLICT (link_grant, what, agent, address) \
               DO UPDATE SET last_at = excluded.last_at, times = link_visits.times + 1";
    let params = [link_grant.into(), deed.as_str().into(), agent.into(), address.into(), now_ms.into()];
    tx.execute(sql, params).await.map(drop)
}

/// All that was done by this link, the first first.
///
/// # Errors
/// If the database fails.
pub async fn visits_of(mut reader: impl Read, link_grant: &str) -> Result<Vec<Visit>, StoreError> {
    let sql = "SELECT what, agent, address, first_at, last_at, times FROM link_visits \
               WHERE link_grant = $1 ORDER BY first_at, what";
    let rows = reader.rows(sql.into_sql_str(), vec![link_grant.into()]).await?;
    read_all(rows, "link_visits", |row| {
        Ok(Visit {
            deed: Deed::parse(&row.text("what")?).ok_or_else(|| row.inconsistent("what"))?,
            agent: row.text("agent")?,
            address: row.text("address")?,
            first_at: row.i64("first_at")?,
            last_at: row.i64("last_at")?,
            times: row.u64("times")?,
        })
    })
}
