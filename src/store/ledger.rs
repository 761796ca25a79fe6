//! The repository of transfers. There is no way to change or remove one, here or in the database.

use crate::model::{Account, Cents, Movement, Transfer};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, composed, read_all};
use crate::store::requests::json;
use jiff::civil::Date;
use std::collections::BTreeMap;

const COLUMNS: &str = "SELECT t.id, t.movement, t.debit, t.credit, t.amount_cents, t.site, t.accounting_on, t.charge, \
    t.idempotency_key, t.payload_sha256, t.actor, t.posted_at FROM transfers t";

/// Writes a transfer with the digest of what its key must always come with.
///
/// # Errors
/// If one with its key is there, or the database fails.
pub async fn insert(tx: &mut Tx, transfer: &Transfer, payload_sha256: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO transfers (id, movement, debit, credit, amount_cents, site, accounting_on, charge, \
               idempotency_key, payload_sha256, actor, posted_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let movement = transfer.movement;
    let params = vec![
        Value::from(&transfer.id),
        movement.as_str().into(),
        movement.debit().as_str().into(),
        movement.credit().as_str().into(),
        transfer.amount.get().into(),
        (&transfer.site).into(),
        transfer.accounting_on.to_string().into(),
        transfer.charge.as_ref().into(),
        (&transfer.idempotency_key).into(),
        payload_sha256.into(),
        json(&transfer.actor),
        transfer.posted_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The transfer with this key, and the digest it came with.
///
/// # Errors
/// If the database fails.
pub async fn by_key(mut reader: impl Read, key: &str) -> Result<Option<(Transfer, String)>, StoreError> {
    let row =
        reader.row(composed(format!("{COLUMNS} WHERE t.idempotency_key = $1")), vec![key.into()]).await?;
    row.map(|row| with_digest(&row.of("transfers"))).transpose()
}

/// The transfers of a charge, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_charge(mut reader: impl Read, charge: &str) -> Result<Vec<Transfer>, StoreError> {
    let sql = format!("{COLUMNS} WHERE t.charge = $1 ORDER BY t.id");
    read_all(reader.rows(composed(sql), vec![charge.into()]).await?, "transfers", read)
}

/// A page through the transfers, each with the digest it came with: at most `limit` with ids after `after`
/// (`""` to begin).
///
/// # Errors
/// If the database fails, or a row's accounts are not those of its movement.
pub async fn after(
    mut reader: impl Read,
    after: &str,
    limit: u32,
) -> Result<Vec<(Transfer, String)>, StoreError> {
    let sql = format!("{COLUMNS} WHERE t.id > $1 ORDER BY t.id LIMIT $2");
    read_all(reader.rows(composed(sql), vec![after.into(), limit.into()]).await?, "transfers", with_digest)
}

/// The transfers of a site up to a day that are in no export yet, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn not_exported(
    mut reader: impl Read,
    site: &str,
    until: Date,
) -> Result<Vec<Transfer>, StoreError> {
    let sql = format!(
        "{COLUMNS} WHERE t.site = $1 AND t.accounting_on <= $2 AND NOT EXISTS \
         (SELECT 1 FROM exported_transfers e WHERE e.transfer = t.id) ORDER BY t.accounting_on, t.id"
    );
    let params = vec![site.into(), until.to_string().into()];
    read_all(reader.rows(composed(sql), params).await?, "transfers", read)
}

/// What each account of a site holds, debits less credits; accounts with no transfers are left out.
///
/// # Errors
/// If the database fails.
pub async fn balances(
    mut reader: impl Read,
    site: Option<&str>,
) -> Result<BTreeMap<Account, i64>, StoreError> {
    let sql = "SELECT account, CAST(SUM(cents) AS BIGINT) AS cents FROM (\
               SELECT site, debit AS account, amount_cents AS cents FROM transfers UNION ALL \
               SELECT site, credit AS account, -amount_cents AS cents FROM transfers) sides \
               WHERE $1 = '' OR site = $1 GROUP BY account";
    let rows = reader.rows(sql.into_sql_str(), vec![site.unwrap_or_default().into()]).await?;
    read_all(rows, "transfers", |row| Ok((account(row, "account")?, row.i64("cents")?)))
        .map(|balances| balances.into_iter().collect())
}

/// What each movement of a site's day comes to.
///
/// # Errors
/// If the database fails.
pub async fn sums_of_day(
    mut reader: impl Read,
    site: &str,
    on: Date,
) -> Result<BTreeMap<Movement, i64>, StoreError> {
    let sql = "SELECT movement, CAST(SUM(amount_cents) AS BIGINT) AS cents FROM transfers \
               WHERE site = $1 AND accounting_on = $2 GROUP BY movement";
    let rows = reader.rows(sql.into_sql_str(), vec![site.into(), on.to_string().into()]).await?;
    read_all(rows, "transfers", |row| Ok((movement(row)?, row.i64("cents")?)))
        .map(|sums| sums.into_iter().collect())
}

/// The first day after the last one that was closed on which money changed hands at the desk of a site.
///
/// # Errors
/// If the database fails.
pub async fn first_taking_not_closed(mut reader: impl Read, site: &str) -> Result<Option<Date>, StoreError> {
    let sql = "SELECT accounting_on FROM transfers WHERE site = $1 AND movement IN \
               ('collected_cash', 'collected_check', 'collected_card', 'refund_paid_cash', 'refund_paid_card') \
               AND accounting_on > (SELECT coalesce(max(accounting_on), '') FROM closings WHERE site = $1) \
               ORDER BY accounting_on LIMIT 1";
    let row = reader.row(sql.into_sql_str(), vec![site.into()]).await?;
    row.map(|row| row.of("transfers").parsed("accounting_on")).transpose()
}

fn with_digest(row: &Row) -> Result<(Transfer, String), StoreError> {
    Ok((read(row)?, row.text("payload_sha256")?))
}

fn read(row: &Row) -> Result<Transfer, StoreError> {
    let movement = movement(row)?;
    for (column, of_movement) in [("debit", movement.debit()), ("credit", movement.credit())] {
        if account(row, column)? != of_movement {
            return Err(row.inconsistent(column));
        }
    }
    Ok(Transfer {
        id: row.text("id")?,
        movement,
        amount: Cents::new(row.i64("amount_cents")?).map_err(|_| row.inconsistent("amount_cents"))?,
        site: row.text("site")?,
        accounting_on: row.parsed("accounting_on")?,
        charge: row.opt_text("charge")?,
        idempotency_key: row.text("idempotency_key")?,
        actor: row.json("actor")?,
        posted_at: row.i64("posted_at")?,
    })
}

fn movement(row: &Row) -> Result<Movement, StoreError> {
    Movement::parse(&row.text("movement")?).ok_or_else(|| row.inconsistent("movement"))
}

fn account(row: &Row, column: &'static str) -> Result<Account, StoreError> {
    Account::parse(&row.text(column)?).ok_or_else(|| row.inconsistent(column))
}
