//! The repository of disc seals: what discs are made of, and the codes that open them.

use crate::model::KeptKey;
use crate::model::disc_seal::{DiscSeal, SealedCode};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, read_all};

const COLUMNS: &str = "SELECT id, request, delivery, package, blob_key, data_key, master_key_id, code, code_key, \
    code_master_key_id, made_at FROM disc_seals WHERE ";

/// Keeps a seal.
///
/// # Errors
/// If there is one with its id, or the database fails.
pub async fn keep(tx: &mut Tx, seal: &DiscSeal) -> Result<(), StoreError> {
    let sql = "INSERT INTO disc_seals (id, request, delivery, package, blob_key, data_key, master_key_id, code, \
               code_key, code_master_key_id, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let DiscSeal { id, request, delivery, package, blob_key, key, code, made_at } = seal;
    let code = code.as_ref();
    let bytes = |bytes: Option<&Vec<u8>>| bytes.map_or(Value::Null, |bytes| bytes.as_slice().into());
    let params: [Value<'_>; 11] = [
        id.into(),
        request.into(),
        delivery.into(),
        package.into(),
        blob_key.into(),
        key.data_key.as_slice().into(),
        (&key.master_key_id).into(),
        bytes(code.map(|code| &code.sealed)),
        bytes(code.map(|code| &code.key.data_key)),
        code.map(|code| &code.key.master_key_id).into(),
        (*made_at).into(),
    ];
    tx.execute(sql, params).await.map(drop)
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

/// Whether a blob of this name holds the layouts of a seal.
///
/// # Errors
/// If the database fails.
pub async fn by_blob_key(reader: impl Read, blob_key: &str) -> Result<Option<DiscSeal>, StoreError> {
    Ok(select(reader, "blob_key = $1", vec![blob_key.into()]).await?.pop())
}

/// Destroys an opening code for good. The discs themselves still open with it.
///
/// # Errors
/// If it was destroyed before, or the database fails.
pub async fn destroy_code(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE disc_seals SET code = NULL, code_key = NULL, code_master_key_id = NULL \
               WHERE id = $1 AND code IS NOT NULL";
    expect_one_row("disc_seals", tx.execute(sql, [id.into()]).await?)
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
    let code = match row.opt_text("code_master_key_id")? {
        Some(master_key_id) => Some(SealedCode {
            sealed: row.bytes("code")?,
            key: KeptKey { data_key: row.bytes("code_key")?, master_key_id },
        }),
        None => None,
    };
    Ok(DiscSeal {
        id: row.text("id")?,
        request: row.text("request")?,
        delivery: row.text("delivery")?,
        package: row.text("package")?,
        blob_key: row.text("blob_key")?,
        key: KeptKey { data_key: row.bytes("data_key")?, master_key_id: row.text("master_key_id")? },
        code,
        made_at: row.i64("made_at")?,
    })
}
