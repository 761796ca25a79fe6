//! The repository of disc seals: what discs are made of, and the codes that open them, if they have one.

use crate::model::{DiscSeal, SealedBytes};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, composed, expect_one_row, read_all};
use crate::store::keys::kept_key;

const COLUMNS: &str = "SELECT id, request, delivery, package, blob_key, data_key, master_key_id, files_key, made_at FROM disc_seals WHERE ";

/// Keeps a seal, and the code that opens what was sealed, if there is one.
///
/// # Errors
/// If there is one with its id, or the database fails.
pub async fn keep(tx: &mut Tx, seal: &DiscSeal, code: Option<&SealedBytes>) -> Result<(), StoreError> {
    let sql = "INSERT INTO disc_seals (id, request, delivery, package, blob_key, data_key, master_key_id, files_key, \
               made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let DiscSeal { id, request, delivery, package, blob_key, key, files_key, made_at } = seal;
    let params: [Value<'_>; 9] = [
        id.into(),
        request.into(),
        delivery.into(),
        package.into(),
        blob_key.into(),
        key.data_key.as_slice().into(),
        (&key.master_key_id).into(),
        files_key.as_deref().into(),
        (*made_at).into(),
    ];
    tx.execute(sql, params).await?;
    let Some(code) = code else { return Ok(()) };
    let sql = "INSERT INTO opening_codes (id, sealed, data_key, master_key_id) VALUES ($1, $2, $3, $4)";
    let (sealed, data_key) = (code.sealed.as_slice().into(), code.key.data_key.as_slice().into());
    tx.execute(sql, [id.into(), sealed, data_key, (&code.key.master_key_id).into()]).await.map(drop)
}

/// A seal.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<DiscSeal>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// The latest seal of a delivery's discs.
///
/// # Errors
/// If the database fails.
pub async fn latest_of(reader: impl Read, delivery: &str) -> Result<Option<DiscSeal>, StoreError> {
    Ok(select(reader, "delivery = $1 ORDER BY id DESC LIMIT 1", vec![delivery.into()]).await?.pop())
}

/// The seal whose layouts, or files, have this name in the blob store.
///
/// # Errors
/// If the database fails.
pub async fn by_blob_key(reader: impl Read, blob_key: &str) -> Result<Option<DiscSeal>, StoreError> {
    Ok(select(reader, "blob_key = $1 OR files_key = $1", vec![blob_key.into()]).await?.pop())
}

/// A page through every seal: at most `limit` with ids after `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn after(reader: impl Read, after: &str, limit: u32) -> Result<Vec<DiscSeal>, StoreError> {
    select(reader, "id > $1 ORDER BY id LIMIT $2", vec![after.into(), limit.into()]).await
}

/// The opening code of a seal, sealed; nothing if there is none, or once it was destroyed.
///
/// # Errors
/// If the database fails.
pub async fn code(mut reader: impl Read, seal: &str) -> Result<Option<SealedBytes>, StoreError> {
    let sql = "SELECT sealed, data_key, master_key_id FROM opening_codes WHERE id = $1".into_sql_str();
    let Some(row) = reader.row(sql, vec![seal.into()]).await? else { return Ok(None) };
    let row = row.of("opening_codes");
    Ok(Some(SealedBytes { sealed: row.bytes("sealed")?, key: kept_key(&row)? }))
}

/// Destroys an opening code for good. The discs themselves still open with it.
///
/// # Errors
/// If it was destroyed before, or the database fails.
pub async fn destroy_code(tx: &mut Tx, seal: &str) -> Result<(), StoreError> {
    let changed = tx.execute("DELETE FROM opening_codes WHERE id = $1", [seal.into()]).await?;
    expect_one_row("opening_codes", changed)
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<DiscSeal>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "disc_seals", read)
}

fn read(row: &Row) -> Result<DiscSeal, StoreError> {
    Ok(DiscSeal {
        id: row.text("id")?,
        request: row.text("request")?,
        delivery: row.text("delivery")?,
        package: row.text("package")?,
        blob_key: row.text("blob_key")?,
        key: kept_key(row)?,
        files_key: row.opt_text("files_key")?,
        made_at: row.i64("made_at")?,
    })
}
