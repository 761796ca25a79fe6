//! The repository of study archives. The row is written before the object, so that a crash leaves no
//! object nobody knows of.

use crate::model::{Archive, ArchiveSizes, ArchiveState, NewArchive};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, read_all};
use crate::store::keys::kept_key;

const COLUMNS: &str = "SELECT id, study, node, state, blob_key, data_key, master_key_id, blob_bytes, \
    plain_bytes, source_bytes, created_at, kept_at FROM archives WHERE ";

/// Records that an archive is about to be written.
///
/// # Errors
/// If there is one with its id or blob key, or the database fails.
pub async fn begin(tx: &mut Tx, archive: &NewArchive, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO archives (id, study, node, state, blob_key, data_key, master_key_id, blob_bytes, \
               plain_bytes, source_bytes, created_at) VALUES ($1, $2, $3, 'writing', $4, $5, $6, 0, 0, 0, $7)";
    let NewArchive { id, study, node, blob_key, key } = archive;
    let (data_key, master_key_id) = (Value::from(key.data_key.as_slice()), &key.master_key_id);
    let params = [
        id.into(),
        study.into(),
        node.into(),
        blob_key.into(),
        data_key,
        master_key_id.into(),
        now_ms.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Records that an archive was written and verified.
///
/// # Errors
/// If it was not being written, or the database fails.
pub async fn keep(tx: &mut Tx, id: &str, sizes: ArchiveSizes, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE archives SET state = 'kept', blob_bytes = $2, plain_bytes = $3, source_bytes = $4, \
               kept_at = $5 WHERE id = $1 AND state = 'writing'";
    let ArchiveSizes { blob_bytes, plain_bytes, source_bytes } = sizes;
    let params = [id.into(), blob_bytes.into(), plain_bytes.into(), source_bytes.into(), now_ms.into()];
    expect_one_row("archives", tx.execute(sql, params).await?)
}

/// Forgets an archive that was not finished, once its object is gone.
///
/// # Errors
/// If it was not being written, or the database fails.
pub async fn abandon(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM archives WHERE id = $1 AND state = 'writing'";
    expect_one_row("archives", tx.execute(sql, [id.into()]).await?)
}

/// Whether an archive is there and not kept, once whoever is about to keep it has done so or not. Nobody changes that
/// before this transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn is_unfinished(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    let sql =
        format!("SELECT id FROM archives WHERE id = $1 AND state = 'writing'{}", tx.dialect().for_update());
    Ok(tx.fetch_optional(composed(sql), [id.into()]).await?.is_some())
}

/// The archives a node began and did not finish, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn unfinished(reader: impl Read, node: &str) -> Result<Vec<Archive>, StoreError> {
    select(reader, "node = $1 AND state = 'writing' ORDER BY id", vec![node.into()]).await
}

/// An archive.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Archive>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// The archive whose object has this name in the blob store.
///
/// # Errors
/// If the database fails.
pub async fn by_blob_key(reader: impl Read, blob_key: &str) -> Result<Option<Archive>, StoreError> {
    Ok(select(reader, "blob_key = $1", vec![blob_key.into()]).await?.pop())
}

/// The archives kept of a study, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn kept_of(reader: impl Read, study: &str) -> Result<Vec<Archive>, StoreError> {
    select(reader, "study = $1 AND state = 'kept' ORDER BY id", vec![study.into()]).await
}

/// A page through every archive that is kept: at most `limit` with ids after `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn kept_after(reader: impl Read, after: &str, limit: u32) -> Result<Vec<Archive>, StoreError> {
    let params = vec![after.into(), limit.into()];
    select(reader, "id > $1 AND state = 'kept' ORDER BY id LIMIT $2", params).await
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Archive>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "archives", read)
}

pub(super) fn read(row: &Row) -> Result<Archive, StoreError> {
    Ok(Archive {
        id: row.text("id")?,
        study: row.text("study")?,
        node: row.text("node")?,
        blob_key: row.text("blob_key")?,
        key: kept_key(row)?,
        created_at: row.i64("created_at")?,
        state: state(row)?,
    })
}

fn state(row: &Row) -> Result<ArchiveState, StoreError> {
    match row.text("state")?.as_str() {
        "writing" => Ok(ArchiveState::Writing),
        "kept" => Ok(ArchiveState::Kept {
            sizes: ArchiveSizes {
                blob_bytes: row.u64("blob_bytes")?,
                plain_bytes: row.u64("plain_bytes")?,
                source_bytes: row.u64("source_bytes")?,
            },
            kept_at: row.i64("kept_at")?,
        }),
        _ => Err(row.inconsistent("state")),
    }
}
