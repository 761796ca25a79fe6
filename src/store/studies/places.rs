//! Questions about where bytes are.

use super::instances::select;
use crate::model::InstanceRow;
use crate::store::StoreError;
use crate::store::db::{Read, SqlSafeStr, composed, list, read_all};

/// The studies of which a node's spool has instances.
///
/// # Errors
/// If the database fails.
pub async fn spooled_studies(mut reader: impl Read, node: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT study FROM instances WHERE node = $1 ORDER BY study";
    let rows = reader.rows(sql.into_sql_str(), vec![node.into()]).await?;
    read_all(rows, "instances", |row| row.text("study"))
}

/// The nodes in whose spools instances are, and how many in each.
///
/// # Errors
/// If the database fails.
pub async fn spooling_nodes(mut reader: impl Read) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT node, count(*) FROM instances WHERE node IS NOT NULL GROUP BY node ORDER BY node";
    let rows = reader.rows(sql.into_sql_str(), Vec::new()).await?;
    read_all(rows, "instances", |row| Ok((row.text(0)?, row.u64(1)?)))
}

/// The nodes in whose spools instances of a study are.
///
/// # Errors
/// If the database fails.
pub async fn nodes_spooling(mut reader: impl Read, study: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT node FROM instances WHERE study = $1 AND node IS NOT NULL ORDER BY node";
    let rows = reader.rows(sql.into_sql_str(), vec![study.into()]).await?;
    read_all(rows, "instances", |row| row.text(0))
}

/// How many instances the spools of these nodes have.
///
/// # Errors
/// If the database fails.
pub async fn spooled_count<'n>(
    mut reader: impl Read,
    nodes: impl IntoIterator<Item = &'n str>,
) -> Result<u64, StoreError> {
    let among = reader.dialect().in_list("node", 1);
    let sql = format!("SELECT count(*) FROM instances WHERE node IS NOT NULL AND {among}");
    let row = reader.row(composed(sql), vec![list(nodes)]).await?;
    row.ok_or(StoreError::Missing { table: "instances" })?.of("instances").u64(0)
}

/// Bytes of all instances that are kept, wherever they are.
///
/// # Errors
/// If the database fails.
pub async fn kept_bytes(mut reader: impl Read) -> Result<u64, StoreError> {
    let sql = "SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM instances";
    let row = reader.row(sql.into_sql_str(), Vec::new()).await?;
    row.ok_or(StoreError::Missing { table: "instances" })?.of("instances").u64(0)
}

/// The instances an archive holds.
///
/// # Errors
/// If the database fails.
pub async fn instances_of_archive(reader: impl Read, archive: &str) -> Result<Vec<InstanceRow>, StoreError> {
    select(reader, "i.archive = $1", vec![archive.into()]).await
}
