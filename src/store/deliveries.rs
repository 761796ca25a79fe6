//! The repository of deliveries.

use super::requests::json;
use crate::model::{Delivery, DeliveryState, Destination, Way};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, list, read_all};

const COLUMNS: &str = "SELECT id, request, way, recipient, destination, code_route, \
    code_route_confirmed_at, state, facts, created_at, changed_at FROM deliveries WHERE ";

/// Adds a delivery.
///
/// # Errors
/// If there is no such request, or the database fails.
pub async fn add(tx: &mut Tx, delivery: &Delivery) -> Result<(), StoreError> {
    let sql = "INSERT INTO deliveries (id, request, way, recipient, destination, code_route, \
               code_route_confirmed_at, state, facts, created_at, changed_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let params = [
        (&delivery.id).into(),
        (&delivery.request).into(),
        delivery.way().as_str().into(),
        (&delivery.recipient).into(),
        json(&delivery.destination),
        json(&delivery.code_route),
        delivery.code_route_confirmed_at.into(),
        delivery.state.as_str().into(),
        json(&delivery.state),
        delivery.created_at.into(),
        delivery.changed_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// A delivery.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Delivery>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// A delivery, which nobody else changes before this transaction ends.
///
/// # Errors
/// If there is none, or the database fails.
pub async fn get_to_change(tx: &mut Tx, id: &str) -> Result<Delivery, StoreError> {
    let condition = format!("id = $1{}", tx.dialect().for_update());
    let found = select(tx, &condition, vec![id.into()]).await?.pop();
    found.ok_or(StoreError::Missing { table: "deliveries" })
}

/// The deliveries of a request, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(reader: impl Read, request: &str) -> Result<Vec<Delivery>, StoreError> {
    select(reader, "request = $1 ORDER BY id", vec![request.into()]).await
}

/// The deliveries of several requests, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(reader: impl Read, requests: &[&str]) -> Result<Vec<Delivery>, StoreError> {
    let among = reader.dialect().in_list("request", 1);
    let condition = format!("{among} ORDER BY id");
    select(reader, &condition, vec![list(requests.iter().copied())]).await
}

/// A page of the open deliveries of a way: at most `limit` with ids after `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn open(reader: impl Read, way: Way, after: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    let condition = "way = $1 AND closed_at IS NULL AND id > $2 ORDER BY id LIMIT $3";
    select(reader, condition, vec![way.as_str().into(), after.into(), limit.into()]).await
}

/// Moves a delivery from one state to another.
///
/// # Errors
/// [`StoreError::WrongCount`] if it is in `from` no more, or if the database fails.
pub async fn change_state(
    tx: &mut Tx,
    id: &str,
    from: &DeliveryState,
    to: &DeliveryState,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET state = $3, facts = $4, changed_at = $5, closed_at = $6 \
               WHERE id = $1 AND state = $2";
    let closed_at = to.is_closed().then_some(now_ms);
    let params =
        [id.into(), from.as_str().into(), to.as_str().into(), json(to), now_ms.into(), closed_at.into()];
    expect_one_row("deliveries", tx.execute(sql, params).await?)
}

/// Corrects the address a link is mailed to.
///
/// # Errors
/// If there is no such delivery, it is none by link, or the database fails.
pub async fn correct_email(tx: &mut Tx, delivery: &Delivery, email: &str) -> Result<(), StoreError> {
    let mut destination = delivery.destination.clone();
    if let Destination::Link { email: known, .. } = &mut destination {
        *known = Some(email.to_owned());
    }
    let sql = "UPDATE deliveries SET destination = $2 WHERE id = $1 AND way = 'link'";
    expect_one_row("deliveries", tx.execute(sql, [(&delivery.id).into(), json(&destination)]).await?)
}

/// Records that a person confirmed how the code gets to the recipient.
///
/// # Errors
/// If there is no such delivery, it is confirmed, or the database fails.
pub async fn confirm_code_route(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET code_route_confirmed_at = $2 \
               WHERE id = $1 AND code_route_confirmed_at IS NULL";
    expect_one_row("deliveries", tx.execute(sql, [Value::from(id), now_ms.into()]).await?)
}

/// Records that the code is another now, so that how it gets to the recipient is to be confirmed again.
///
/// # Errors
/// If the database fails.
pub async fn open_code_route(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET code_route_confirmed_at = NULL WHERE id = $1";
    expect_one_row("deliveries", tx.execute(sql, [id.into()]).await?)
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Delivery>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "deliveries", read)
}

fn read(row: &Row) -> Result<Delivery, StoreError> {
    let state: DeliveryState = row.json("facts")?;
    if state.as_str() != row.text("state")? {
        return Err(row.inconsistent("state"));
    }
    Ok(Delivery {
        id: row.text("id")?,
        request: row.text("request")?,
        recipient: row.text("recipient")?,
        destination: row.json("destination")?,
        code_route: row.json("code_route")?,
        code_route_confirmed_at: row.opt_i64("code_route_confirmed_at")?,
        state,
        created_at: row.i64("created_at")?,
        changed_at: row.i64("changed_at")?,
    })
}
