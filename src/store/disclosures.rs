//! The repository of disclosures.

use super::requests::json;
use crate::model::disclosure::{Disclosure, DisclosureState, Intervals, NewDisclosure};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, read_all};

const COLUMNS: &str = "SELECT id, request, delivery, what, what_id, session, recipient, whole_bytes, \
    intervals, state, begun_at, viewed_at, ended_at FROM disclosures WHERE ";

/// Begins a disclosure under `id`, unless this session has one of the same thing: then that one goes on.
/// The id of the one that goes on.
///
/// # Errors
/// If there is no such request or delivery, or the database fails.
pub async fn begin(tx: &mut Tx, id: &str, new: &NewDisclosure, now_ms: i64) -> Result<String, StoreError> {
    let sql = "INSERT INTO disclosures (id, request, delivery, what, what_id, session, recipient, \
               whole_bytes, intervals, left_bytes, state, begun_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 'begun', $10) \
               ON CONFLICT (session, what_id) DO NOTHING";
    let params = [
        id.into(),
        (&new.request).into(),
        (&new.delivery).into(),
        new.what.into(),
        (&new.what_id).into(),
        (&new.session).into(),
        (&new.recipient).into(),
        new.whole_bytes.into(),
        json(&Intervals::default()),
        now_ms.into(),
    ];
    tx.execute(sql, params).await?;
    let sql = "SELECT id FROM disclosures WHERE session = $1 AND what_id = $2";
    tx.fetch_one(sql, [Value::from(&new.session), (&new.what_id).into()]).await?.text(0)
}

/// A disclosure.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Disclosure>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// The disclosure a session has of a thing, if one was begun.
///
/// # Errors
/// If the database fails.
pub async fn of_session(
    reader: impl Read,
    session: &str,
    what_id: &str,
) -> Result<Option<Disclosure>, StoreError> {
    Ok(select(reader, "session = $1 AND what_id = $2", vec![session.into(), what_id.into()]).await?.pop())
}

/// A disclosure, which nobody else changes before this transaction ends.
///
/// # Errors
/// If there is none, or the database fails.
pub async fn get_to_change(tx: &mut Tx, id: &str) -> Result<Disclosure, StoreError> {
    let condition = format!("id = $1{}", tx.dialect().for_update());
    let found = select(tx, &condition, vec![id.into()]).await?.pop();
    found.ok_or(StoreError::Missing { table: "disclosures" })
}

/// The disclosures of a request, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(reader: impl Read, request: &str) -> Result<Vec<Disclosure>, StoreError> {
    select(reader, "request = $1 ORDER BY id", vec![request.into()]).await
}

/// Disclosures begun before `before_ms` that have not ended: at most `limit`, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn begun_before(
    reader: impl Read,
    before_ms: i64,
    limit: u32,
) -> Result<Vec<Disclosure>, StoreError> {
    let condition = "state = 'begun' AND begun_at < $1 ORDER BY begun_at, id LIMIT $2";
    select(reader, condition, vec![before_ms.into(), limit.into()]).await
}

/// Replaces which bytes left.
///
/// # Errors
/// If there is no such disclosure, or the database fails.
pub async fn note_left(tx: &mut Tx, id: &str, left: &Intervals) -> Result<(), StoreError> {
    let sql = "UPDATE disclosures SET intervals = $2, left_bytes = $3 WHERE id = $1";
    expect_one_row("disclosures", tx.execute(sql, [id.into(), json(left), left.bytes().into()]).await?)
}

/// Notes that pictures of it were looked at. They are made for whoever looks, and no bytes of the whole.
///
/// # Errors
/// If the database fails.
pub async fn note_viewed(tx: &mut Tx, session: &str, what_id: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql =
        "UPDATE disclosures SET viewed_at = $3 WHERE session = $1 AND what_id = $2 AND viewed_at IS NULL";
    tx.execute(sql, [Value::from(session), what_id.into(), now_ms.into()]).await.map(drop)
}

/// Ends a disclosure.
///
/// # Errors
/// [`StoreError::WrongCount`] if it has ended, or if the database fails.
pub async fn end(tx: &mut Tx, id: &str, state: DisclosureState, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE disclosures SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'begun'";
    expect_one_row(
        "disclosures",
        tx.execute(sql, [Value::from(id), state.as_str().into(), now_ms.into()]).await?,
    )
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Disclosure>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "disclosures", read)
}

fn read(row: &Row) -> Result<Disclosure, StoreError> {
    let state = DisclosureState::parse(&row.text("state")?);
    Ok(Disclosure {
        id: row.text("id")?,
        request: row.text("request")?,
        delivery: row.text("delivery")?,
        what: row.text("what")?,
        what_id: row.text("what_id")?,
        session: row.text("session")?,
        recipient: row.text("recipient")?,
        whole_bytes: row.u64("whole_bytes")?,
        left: row.json("intervals")?,
        state: state.ok_or_else(|| row.inconsistent("state"))?,
        begun_at: row.i64("begun_at")?,
        viewed_at: row.opt_i64("viewed_at")?,
        ended_at: row.opt_i64("ended_at")?,
    })
}
