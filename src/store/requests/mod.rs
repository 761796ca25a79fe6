//! The repository of release requests and the studies they ask for.

mod listing;
mod scope;

pub use listing::{Chip, RequestFilter, RequestLine, list};
pub use scope::{choose, drop_study, note_check, of_study, scope};

use crate::model::request::{Extension, Received, ReleaseRequest};
use crate::model::{RequestState, name};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, list as list_of, read_all};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeSet;

const COLUMNS: &str = "SELECT id, reference, site, received_on, received_by, requester, patient, wish, \
    language, state, facts, mammography, extension, submitted_at, changed_at FROM requests";

/// Adds a request.
///
/// # Errors
/// [`StoreError::Conflict`] if its reference is taken, or if the database fails.
pub async fn add(tx: &mut Tx, request: &ReleaseRequest) -> Result<(), StoreError> {
    let sql = "INSERT INTO requests (id, reference, site, received_on, received_by, requester, patient, \
               wish, language, state, facts, mammography, due_on, \
               submitted_at, changed_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let mut params: Vec<Value<'_>> = vec![
        (&request.id).into(),
        request.reference.to_string().into(),
        (&request.site).into(),
        request.received.on.to_string().into(),
        json(&request.received.by),
        json(&request.requester),
        json(&request.patient),
    ];
    params.extend([Value::from(&request.wish), (&request.language).into(), request.state.as_str().into()]);
    params.extend([json(&request.state), request.mammography.into()]);
    params.push(request.deadlines().due_on.to_string().into());
    params.extend([request.submitted_at, request.changed_at].map(Value::from));
    tx.execute(sql, params).await?;
    let names = [&request.patient.name, &request.requester.name].map(|name| name::folded(name));
    let words: BTreeSet<&str> = names.iter().flat_map(|name| name.split(' ')).collect();
    for word in words {
        let sql = "INSERT INTO request_words (word, request) VALUES ($1, $2)";
        tx.execute(sql, [word.into(), (&request.id).into()]).await?;
    }
    Ok(())
}

/// A request.
///
/// # Errors
/// If the database fails.
pub async fn get(mut reader: impl Read, id: &str) -> Result<Option<ReleaseRequest>, StoreError> {
    let row = reader.row(composed(format!("{COLUMNS} WHERE id = $1")), vec![id.into()]).await?;
    row.map(|row| read(&row.of("requests"))).transpose()
}

/// Several requests, in no order.
///
/// # Errors
/// If the database fails.
pub async fn of_ids(mut reader: impl Read, ids: &[&str]) -> Result<Vec<ReleaseRequest>, StoreError> {
    let among = reader.dialect().in_list("id", 1);
    let sql = format!("{COLUMNS} WHERE {among}");
    let rows = reader.rows(composed(sql), vec![list_of(ids.iter().copied())]).await?;
    read_all(rows, "requests", read)
}

/// A request, which nobody else changes before this transaction ends.
///
/// # Errors
/// If there is none, or the database fails.
pub async fn get_to_change(tx: &mut Tx, id: &str) -> Result<ReleaseRequest, StoreError> {
    let locked = tx.dialect().for_update();
    let row = tx.fetch_optional(composed(format!("{COLUMNS} WHERE id = $1{locked}")), [id.into()]).await?;
    read(&row.ok_or(StoreError::Missing { table: "requests" })?.of("requests"))
}

/// The request with this reference.
///
/// # Errors
/// If the database fails.
pub async fn by_reference(
    mut reader: impl Read,
    reference: &crate::model::Reference,
) -> Result<Option<ReleaseRequest>, StoreError> {
    let params = vec![reference.to_string().into()];
    let row = reader.row(composed(format!("{COLUMNS} WHERE reference = $1")), params).await?;
    row.map(|row| read(&row.of("requests"))).transpose()
}

/// Moves a request from one state to another.
///
/// # Errors
/// [`StoreError::WrongCount`] if it is in `from` no more, or if the database fails.
pub async fn change_state(
    tx: &mut Tx,
    id: &str,
    from: &RequestState,
    to: &RequestState,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE requests SET state = $3, facts = $4, changed_at = $5, closed_at = $6 \
               WHERE id = $1 AND state = $2";
    let closed_at = to.is_closed().then_some(now_ms);
    let params =
        [id.into(), from.as_str().into(), to.as_str().into(), json(to), now_ms.into(), closed_at.into()];
    expect_one_row("requests", tx.execute(sql, params).await?)
}

/// Changes what a request's clock runs by; its due date follows.
///
/// # Errors
/// If there is no such request, or the database fails.
pub async fn change_clock(
    tx: &mut Tx,
    id: &str,
    received: &Received,
    mammography: bool,
    extension: Option<&Extension>,
) -> Result<(), StoreError> {
    let due_on = crate::model::request::deadlines(received.on, mammography, extension).due_on;
    let sql = "UPDATE requests SET received_on = $2, received_by = $3, mammography = $4, extension = $5, \
               due_on = $6 WHERE id = $1";
    let params = [
        id.into(),
        received.on.to_string().into(),
        json(&received.by),
        mammography.into(),
        extension.map(json).into(),
        due_on.to_string().into(),
    ];
    expect_one_row("requests", tx.execute(sql, params).await?)
}

pub(in crate::store) fn json(value: &impl Serialize) -> Value<'static> {
    // Plain types of texts, numbers and lists always serialise.
    serde_json::to_string(value).unwrap_or_default().into()
}

pub(in crate::store) fn date(row: &Row, column: &'static str) -> Result<Date, StoreError> {
    row.text(column)?.parse().map_err(|_| row.inconsistent(column))
}

fn read(row: &Row) -> Result<ReleaseRequest, StoreError> {
    let state: RequestState = row.json("facts")?;
    if state.as_str() != row.text("state")? {
        return Err(row.inconsistent("state"));
    }
    let reference = row.text("reference")?.parse().map_err(|_| row.inconsistent("reference"))?;
    let extension = row.opt_text("extension")?;
    let extension = extension.map(|text| serde_json::from_str(&text)).transpose();
    Ok(ReleaseRequest {
        id: row.text("id")?,
        reference,
        site: row.text("site")?,
        received: Received { on: date(row, "received_on")?, by: row.json("received_by")? },
        requester: row.json("requester")?,
        patient: row.json("patient")?,
        wish: row.text("wish")?,
        language: row.text("language")?,
        state,
        mammography: row.flag("mammography")?,
        extension: extension.map_err(|_| row.inconsistent("extension"))?,
        submitted_at: row.i64("submitted_at")?,
        changed_at: row.i64("changed_at")?,
    })
}
