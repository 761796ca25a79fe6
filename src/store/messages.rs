//! The repository of messages. A rendered mail is erased in the same statement that says it does not wait
//! any more.

use crate::model::{Message, MessageState, NewMessage, SealedBytes};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, read_all};
use crate::store::keys::kept_key;

const COLUMNS: &str = "SELECT id, request, link_grant, kind, recipient, state, sealed, data_key, master_key_id, \
    reason, created_at, ended_at FROM messages WHERE ";

const ERASED: &str = "sealed = NULL, data_key = NULL, master_key_id = NULL";

/// Puts a message into the outbox.
///
/// # Errors
/// If there is one with its id, or the database fails.
pub async fn put(tx: &mut Tx, message: &NewMessage, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO messages (id, request, link_grant, kind, recipient, state, sealed, data_key, \
               master_key_id, created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $9)";
    let NewMessage { id, request, link_grant, kind, recipient, mail } = message;
    let (sealed, key) = (mail.sealed.as_slice().into(), mail.key.data_key.as_slice().into());
    let params: [Value<'_>; 9] = [
        id.into(),
        request.into(),
        link_grant.as_ref().into(),
        (*kind).into(),
        recipient.into(),
        sealed,
        key,
        (&mail.key.master_key_id).into(),
        now_ms.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// A message.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Message>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// The messages of a request, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(reader: impl Read, request: &str) -> Result<Vec<Message>, StoreError> {
    select(reader, "request = $1 ORDER BY id", vec![request.into()]).await
}

/// The last mail that carries a token of this grant.
///
/// # Errors
/// If the database fails.
pub async fn latest_of_grant(reader: impl Read, link_grant: &str) -> Result<Option<Message>, StoreError> {
    Ok(select(reader, "link_grant = $1 ORDER BY id DESC LIMIT 1", vec![link_grant.into()]).await?.pop())
}

/// Notes that the mail server took it.
///
/// # Errors
/// If it did not wait, or the database fails.
pub async fn sent(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    end(tx, id, "sent", None, now_ms).await
}

/// Notes that the mail server will not take it.
///
/// # Errors
/// If it did not wait, or the database fails.
pub async fn refused(tx: &mut Tx, id: &str, reason: &str, now_ms: i64) -> Result<(), StoreError> {
    end(tx, id, "refused", Some(reason), now_ms).await
}

/// Takes back what waits and carries a token of this grant; how many.
///
/// # Errors
/// If the database fails.
pub async fn withdraw_of_grant(tx: &mut Tx, link_grant: &str, now_ms: i64) -> Result<u64, StoreError> {
    let sql = format!(
        "UPDATE messages SET state = 'withdrawn', {ERASED}, ended_at = $2 \
         WHERE link_grant = $1 AND state = 'waiting'"
    );
    tx.execute(composed(sql), [link_grant.into(), now_ms.into()]).await
}

async fn end(
    tx: &mut Tx,
    id: &str,
    state: &'static str,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE messages SET state = $2, {ERASED}, reason = $3, ended_at = $4 \
         WHERE id = $1 AND state = 'waiting'"
    );
    let params = [id.into(), state.into(), reason.into(), now_ms.into()];
    expect_one_row("messages", tx.execute(composed(sql), params).await?)
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Message>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "messages", read)
}

fn read(row: &Row) -> Result<Message, StoreError> {
    Ok(Message {
        id: row.text("id")?,
        request: row.text("request")?,
        link_grant: row.opt_text("link_grant")?,
        kind: row.text("kind")?,
        recipient: row.text("recipient")?,
        created_at: row.i64("created_at")?,
        state: match row.text("state")?.as_str() {
            "waiting" => {
                MessageState::Waiting(SealedBytes { sealed: row.bytes("sealed")?, key: kept_key(row)? })
            }
            "sent" => MessageState::Sent { at: row.i64("ended_at")? },
            "refused" => MessageState::Refused { at: row.i64("ended_at")?, reason: row.text("reason")? },
            "withdrawn" => MessageState::Withdrawn { at: row.i64("ended_at")? },
            _ => return Err(row.inconsistent("state")),
        },
    })
}
