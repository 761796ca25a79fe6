//! The repository of what is fixed about the ledger: closed days and exported batches. Neither is ever changed.

use crate::model::transfer::{Closing, ExportBatch};
use crate::store::StoreError;
use crate::store::db::{Many, Read, Row, SqlSafeStr, Tx, Value, composed, read_all};
use crate::store::requests::json;
use jiff::civil::Date;

const EXPORTED: Many = Many { head: "INSERT INTO exported_transfers (transfer, batch)", width: 2, tail: "" };

const BATCH: &str = "SELECT id, site, made_on, transfers, total_cents, sha256, content, made_by, made_at \
    FROM export_batches WHERE";

/// Writes that a day was closed.
///
/// # Errors
/// If it was closed already, or the database fails.
pub async fn close(tx: &mut Tx, closing: &Closing) -> Result<(), StoreError> {
    let sql = "INSERT INTO closings (site, accounting_on, counts, reason, closed_by, closed_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let params = [
        Value::from(&closing.site),
        closing.accounting_on.to_string().into(),
        json(&closing.counts),
        closing.reason.as_ref().into(),
        json(&closing.closed_by),
        closing.closed_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The last day that was closed at a site.
///
/// # Errors
/// If the database fails.
pub async fn last_closed(mut reader: impl Read, site: &str) -> Result<Option<Date>, StoreError> {
    let sql = "SELECT accounting_on FROM closings WHERE site = $1 ORDER BY accounting_on DESC LIMIT 1";
    let row = reader.row(sql.into_sql_str(), vec![site.into()]).await?;
    row.map(|row| row.of("closings").parsed("accounting_on")).transpose()
}

/// The days closed at a site, the newest first, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn closings(mut reader: impl Read, site: &str, limit: u32) -> Result<Vec<Closing>, StoreError> {
    let sql = "SELECT site, accounting_on, counts, reason, closed_by, closed_at FROM closings \
               WHERE site = $1 ORDER BY accounting_on DESC LIMIT $2";
    let rows = reader.rows(sql.into_sql_str(), vec![site.into(), limit.into()]).await?;
    read_all(rows, "closings", |row| {
        Ok(Closing {
            site: row.text("site")?,
            accounting_on: row.parsed("accounting_on")?,
            counts: row.json("counts")?,
            reason: row.opt_text("reason")?,
            closed_by: row.json("closed_by")?,
            closed_at: row.i64("closed_at")?,
        })
    })
}

/// Writes a batch and which transfers are in it.
///
/// # Errors
/// If one of them is in another batch, or the database fails.
pub async fn export(tx: &mut Tx, batch: &ExportBatch, transfers: &[String]) -> Result<(), StoreError> {
    let sql = "INSERT INTO export_batches (id, site, made_on, transfers, total_cents, sha256, content, made_by, \
               made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let params = vec![
        Value::from(&batch.id),
        (&batch.site).into(),
        batch.made_on.to_string().into(),
        batch.transfers.into(),
        batch.total_cents.into(),
        (&batch.sha256).into(),
        (&batch.content).into(),
        json(&batch.made_by),
        batch.made_at.into(),
    ];
    tx.execute(sql, params).await?;
    let values = transfers.iter().flat_map(|transfer| [transfer.into(), (&batch.id).into()]).collect();
    tx.execute_many(&EXPORTED, values).await.map(drop)
}

/// A batch.
///
/// # Errors
/// If the database fails.
pub async fn batch(mut reader: impl Read, id: &str) -> Result<Option<ExportBatch>, StoreError> {
    let row = reader.row(composed(format!("{BATCH} id = $1")), vec![id.into()]).await?;
    row.map(|row| read_batch(&row.of("export_batches"))).transpose()
}

/// How many batches a site made on a day.
///
/// # Errors
/// If the database fails.
pub async fn batches_of_day(mut reader: impl Read, site: &str, on: Date) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) AS batches FROM export_batches WHERE site = $1 AND made_on = $2";
    let row = reader.row(sql.into_sql_str(), vec![site.into(), on.to_string().into()]).await?;
    row.map_or(Ok(0), |row| row.of("export_batches").u64("batches"))
}

/// The batches of a site, the newest first, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn batches(mut reader: impl Read, site: &str, limit: u32) -> Result<Vec<ExportBatch>, StoreError> {
    let sql = format!("{BATCH} site = $1 ORDER BY made_on DESC, id DESC LIMIT $2");
    let rows = reader.rows(composed(sql), vec![site.into(), limit.into()]).await?;
    read_all(rows, "export_batches", read_batch)
}

fn read_batch(row: &Row) -> Result<ExportBatch, StoreError> {
    Ok(ExportBatch {
        id: row.text("id")?,
        site: row.text("site")?,
        made_on: row.parsed("made_on")?,
        transfers: row.u64("transfers")?,
        total_cents: row.i64("total_cents")?,
        sha256: row.text("sha256")?,
        content: row.text("content")?,
        made_by: row.json("made_by")?,
        made_at: row.i64("made_at")?,
    })
}
