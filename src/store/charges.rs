//! The repository of charges, and of what is proposed about them.

use crate::model::charge::ChargeState;
use crate::model::{Actor, Cents, Charge, Proposal, ProposalKind};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, composed, expect_one_row, list, read_all};
use crate::store::requests::json;

const COLUMNS: &str = "SELECT c.id, c.request, c.reference, c.delivery, c.site, c.amount_cents, c.basis, c.state, \
    c.facts, c.quoted_at FROM charges c WHERE";

/// Writes a charge that was quoted.
///
/// # Errors
/// If the delivery has one already, or the database fails.
pub async fn insert(tx: &mut Tx, charge: &Charge) -> Result<(), StoreError> {
    let sql = "INSERT INTO charges (id, request, reference, delivery, site, amount_cents, basis, state, facts, \
               quoted_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
    let params = vec![
        Value::from(&charge.id),
        (&charge.request).into(),
        (&charge.reference).into(),
        (&charge.delivery).into(),
        (&charge.site).into(),
        charge.amount.get().into(),
        json(&charge.basis),
        charge.state.as_str().into(),
        json(&charge.state),
        charge.quoted_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// A charge.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Charge>, StoreError> {
    Ok(select(reader, "c.id = $1", vec![id.into()]).await?.pop())
}

/// A charge that the transaction is going to change: nobody else does before it ends.
///
/// # Errors
/// If there is none, or the database fails.
pub async fn get_to_change(tx: &mut Tx, id: &str) -> Result<Charge, StoreError> {
    let condition = format!("c.id = $1{}", tx.dialect().for_update());
    select(tx, &condition, vec![id.into()]).await?.pop().ok_or(StoreError::Missing { table: "charges" })
}

/// The charge of a delivery.
///
/// # Errors
/// If the database fails.
pub async fn of_delivery(reader: impl Read, delivery: &str) -> Result<Option<Charge>, StoreError> {
    Ok(select(reader, "c.delivery = $1", vec![delivery.into()]).await?.pop())
}

/// The charges of a request, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(reader: impl Read, request: &str) -> Result<Vec<Charge>, StoreError> {
    select(reader, "c.request = $1 ORDER BY c.id", vec![request.into()]).await
}

/// The charges of several requests, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(reader: impl Read, requests: &[&str]) -> Result<Vec<Charge>, StoreError> {
    let among = reader.dialect().in_list("c.request", 1);
    let condition = format!("{among} ORDER BY c.id");
    select(reader, &condition, vec![list(requests.iter().copied())]).await
}

/// A page of a site's charges in a state: at most `limit` with ids after `after` (`""` to begin), the
/// oldest first.
///
/// # Errors
/// If the database fails.
pub async fn in_state(
    reader: impl Read,
    site: &str,
    state: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<Charge>, StoreError> {
    let params = vec![site.into(), state.into(), after.into(), limit.into()];
    select(reader, "c.site = $1 AND c.state = $2 AND c.id > $3 ORDER BY c.id LIMIT $4", params).await
}

/// A page through all charges.
///
/// # Errors
/// If the database fails.
pub async fn after(reader: impl Read, after: &str, limit: u32) -> Result<Vec<Charge>, StoreError> {
    select(reader, "c.id > $1 ORDER BY c.id LIMIT $2", vec![after.into(), limit.into()]).await
}

/// How many charges of a site are in each state, and what they come to, by the state's word.
///
/// # Errors
/// If the database fails.
pub async fn sums_by_state(mut reader: impl Read, site: &str) -> Result<Vec<(String, u64, i64)>, StoreError> {
    let sql = "SELECT state, COUNT(*) AS charges, CAST(SUM(amount_cents) AS BIGINT) AS cents FROM charges \
               WHERE site = $1 GROUP BY state ORDER BY state";
    let rows = reader.rows(sql.into_sql_str(), vec![site.into()]).await?;
    read_all(rows, "charges", |row| Ok((row.text("state")?, row.u64("charges")?, row.i64("cents")?)))
}

/// Moves a charge from the state it was read in to the one it is in now.
///
/// # Errors
/// If it is in another state by now, or the database fails.
pub async fn change(tx: &mut Tx, charge: &Charge, from: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE charges SET state = $3, facts = $4, changed_at = $5 WHERE id = $1 AND state = $2";
    let params =
        [(&charge.id).into(), from.into(), charge.state.as_str().into(), json(&charge.state), now_ms.into()];
    expect_one_row("charges", tx.execute(sql, params).await?)
}

/// Writes a proposal that waits for another person.
///
/// # Errors
/// If one waits for this charge already, or the database fails.
pub async fn propose(tx: &mut Tx, proposal: &Proposal) -> Result<(), StoreError> {
    let sql = "INSERT INTO proposals (id, charge, kind, reason, proposed_by, proposed_at, state) \
               VALUES ($1, $2, $3, $4, $5, $6, 'open')";
    let Proposal { id, charge, kind, reason, proposed_by, proposed_at } = proposal;
    let params = [
        id.into(),
        charge.into(),
        kind.as_str().into(),
        reason.into(),
        json(proposed_by),
        (*proposed_at).into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Decides the proposal that waits for a charge.
///
/// # Errors
/// If it was decided already, or the database fails.
pub async fn decide(
    tx: &mut Tx,
    proposal: &str,
    approved: bool,
    by: &Actor,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE proposals SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 'open'";
    let state = if approved { "approved" } else { "declined" };
    let params = [proposal.into(), state.into(), json(by), now_ms.into()];
    expect_one_row("proposals", tx.execute(sql, params).await?)
}

/// What is proposed about a charge and not decided.
///
/// # Errors
/// If the database fails.
pub async fn proposed(mut reader: impl Read, charge: &str) -> Result<Option<Proposal>, StoreError> {
    let sql = "SELECT id, charge, kind, reason, proposed_by, proposed_at FROM proposals \
               WHERE charge = $1 AND state = 'open'";
    let row = reader.row(sql.into_sql_str(), vec![charge.into()]).await?;
    row.map(|row| read_proposal(&row.of("proposals"))).transpose()
}

/// What this actor proposed about a charge before, whatever was decided.
///
/// # Errors
/// If the database fails.
pub async fn proposed_before(
    mut reader: impl Read,
    charge: &str,
    kind: ProposalKind,
    by: &Actor,
) -> Result<Option<Proposal>, StoreError> {
    let sql = "SELECT id, charge, kind, reason, proposed_by, proposed_at FROM proposals \
               WHERE charge = $1 AND kind = $2 AND proposed_by = $3 ORDER BY id DESC LIMIT 1";
    let row = reader.row(sql.into_sql_str(), vec![charge.into(), kind.as_str().into(), json(by)]).await?;
    row.map(|row| read_proposal(&row.of("proposals"))).transpose()
}

/// Everything of a site that waits to be approved, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn all_proposed(mut reader: impl Read, site: &str) -> Result<Vec<Proposal>, StoreError> {
    let sql = "SELECT p.id, p.charge, p.kind, p.reason, p.proposed_by, p.proposed_at FROM proposals p \
               JOIN charges c ON c.id = p.charge WHERE p.state = 'open' AND c.site = $1 ORDER BY p.id";
    read_all(reader.rows(sql.into_sql_str(), vec![site.into()]).await?, "proposals", read_proposal)
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Charge>, StoreError> {
    read_all(reader.rows(composed(format!("{COLUMNS} {condition}")), params).await?, "charges", read)
}

fn read(row: &Row) -> Result<Charge, StoreError> {
    let state: ChargeState = row.json("facts")?;
    if row.text("state")? != state.as_str() {
        return Err(row.inconsistent("state"));
    }
    Ok(Charge {
        id: row.text("id")?,
        request: row.text("request")?,
        reference: row.text("reference")?,
        delivery: row.text("delivery")?,
        site: row.text("site")?,
        amount: Cents::new(row.i64("amount_cents")?).map_err(|_| row.inconsistent("amount_cents"))?,
        basis: row.json("basis")?,
        state,
        quoted_at: row.i64("quoted_at")?,
    })
}

fn read_proposal(row: &Row) -> Result<Proposal, StoreError> {
    Ok(Proposal {
        id: row.text("id")?,
        charge: row.text("charge")?,
        kind: ProposalKind::parse(&row.text("kind")?).ok_or_else(|| row.inconsistent("kind"))?,
        reason: row.text("reason")?,
        proposed_by: row.json("proposed_by")?,
        proposed_at: row.i64("proposed_at")?,
    })
}
