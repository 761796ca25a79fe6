//! The repository of audit events and of the chain that holds them.

use crate::ids::new_id;
use crate::model::KeptKey;
use crate::model::audit::{AuditEvent, AuditKey, DailyHead, NewEvent, Seal, Subject};
use crate::store::StoreError;
use crate::store::db::{Many, Read, Row, SqlSafeStr, Tx, Value, composed, expect_one_row, list, read_all};
use crate::store::keys::kept_key;
use crate::store::requests::{date, json};
use imaging::chance::Chance;
use jiff::civil::Date;

const EVENT: &str = "SELECT e.id, e.at, e.actor, e.action, e.subject_kind, e.subject, e.request, e.step, e.detail FROM audit_events e";

/// Adds an event; it waits for its seal.
///
/// # Errors
/// If the database fails.
pub async fn add(tx: &mut Tx, event: &NewEvent, now_ms: i64, chance: &dyn Chance) -> Result<(), StoreError> {
    let id = new_id(now_ms, chance);
    let step = next_step(tx, event).await?;
    let sql = "INSERT INTO audit_events (id, at, actor, action, subject_kind, subject, request, step, detail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let NewEvent { actor, action, subject, request, detail } = event;
    let params = [
        Value::from(&id),
        now_ms.into(),
        json(actor),
        (*action).into(),
        (&subject.kind).into(),
        (&subject.id).into(),
        request.as_ref().into(),
        step.into(),
        json(detail),
    ];
    tx.execute(sql, params).await?;
    tx.execute("INSERT INTO audit_unsealed (event) VALUES ($1)", [Value::from(&id)]).await.map(drop)
}

/// Two transactions at once may come to the same step; then their ids, and so their times, decide.
async fn next_step(tx: &mut Tx, event: &NewEvent) -> Result<i64, StoreError> {
    let (column, about) = match &event.request {
        Some(request) => ("request", request),
        None => ("subject", &event.subject.id),
    };
    let sql = format!("SELECT step FROM audit_events WHERE {column} = $1 ORDER BY step DESC LIMIT 1");
    let last = tx.fetch_optional(composed(sql), [about.into()]).await?.map(|row| row.i64(0)).transpose()?;
    Ok(last.unwrap_or(0) + 1)
}

/// The events of a request, its deliveries, discs and charges included, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn timeline(mut reader: impl Read, request: &str) -> Result<Vec<AuditEvent>, StoreError> {
    let sql = format!("{EVENT} WHERE e.request = $1 ORDER BY e.step, e.id");
    read_all(reader.rows(composed(sql), vec![request.into()]).await?, "audit_events", read)
}

/// A page of the newest events: at most `limit` with ids before `before`; nothing to begin.
///
/// # Errors
/// If the database fails.
pub async fn newest(
    mut reader: impl Read,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<AuditEvent>, StoreError> {
    let sql = format!("{EVENT} WHERE e.id < $1 ORDER BY e.id DESC LIMIT $2");
    // No id begins with a letter after `f`.
    let params = vec![before.unwrap_or("g").into(), limit.into()];
    read_all(reader.rows(composed(sql), params).await?, "audit_events", read)
}

/// Events that wait for their seal: at most `limit`, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn unsealed(mut reader: impl Read, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
    let sql = format!(
        "{EVENT} WHERE e.id IN (SELECT event FROM audit_unsealed ORDER BY event LIMIT $1) \
         ORDER BY e.at, e.step, e.id"
    );
    read_all(reader.rows(composed(sql), vec![limit.into()]).await?, "audit_events", read)
}

/// How many events wait for their seal.
///
/// # Errors
/// If the database fails.
pub async fn count_unsealed(mut reader: impl Read) -> Result<u64, StoreError> {
    let row = reader.row("SELECT count(*) FROM audit_unsealed".into_sql_str(), Vec::new()).await?;
    row.ok_or(StoreError::Missing { table: "audit_unsealed" })?.u64(0)
}

/// How many events there are that neither have a seal nor wait for one: somebody took them out.
///
/// # Errors
/// If the database fails.
pub async fn count_lost(mut reader: impl Read) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM audit_events e \
               WHERE NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.event = e.id) \
               AND NOT EXISTS (SELECT 1 FROM audit_unsealed u WHERE u.event = e.id)";
    let row = reader.row(sql.into_sql_str(), Vec::new()).await?;
    row.ok_or(StoreError::Missing { table: "audit_events" })?.u64(0)
}

const SEAL: Many =
    Many { head: "INSERT INTO audit_seals (number, event, hash, sealed_at)", width: 4, tail: "" };

/// Adds seals; their events wait no more.
///
/// # Errors
/// [`StoreError::Conflict`] if a number or an event is sealed already, or if the database fails.
pub async fn seal(tx: &mut Tx, seals: &[Seal]) -> Result<(), StoreError> {
    let values = seals.iter().flat_map(|seal| {
        [seal.number.into(), (&seal.event).into(), (&seal.hash).into(), Value::from(seal.sealed_at)]
    });
    tx.execute_many(&SEAL, values.collect()).await?;
    let among = tx.dialect().in_list("event", 1);
    let sealed = list(seals.iter().map(|seal| seal.event.as_str()));
    tx.execute(composed(format!("DELETE FROM audit_unsealed WHERE {among}")), [sealed]).await.map(drop)
}

/// The end of the chain; nothing while there is none.
///
/// # Errors
/// If the database fails.
pub async fn last_seal(reader: impl Read) -> Result<Option<Seal>, StoreError> {
    Ok(seals(reader, "1 = 1 ORDER BY number DESC LIMIT 1", Vec::new()).await?.pop())
}

/// The last seal made before `before_ms`; nothing if there is none.
///
/// # Errors
/// If the database fails.
pub async fn last_seal_before(reader: impl Read, before_ms: i64) -> Result<Option<Seal>, StoreError> {
    let condition = "sealed_at < $1 ORDER BY number DESC LIMIT 1";
    Ok(seals(reader, condition, vec![before_ms.into()]).await?.pop())
}

/// The seal of this number.
///
/// # Errors
/// If the database fails.
pub async fn seal_of(reader: impl Read, number: i64) -> Result<Option<Seal>, StoreError> {
    Ok(seals(reader, "number = $1", vec![number.into()]).await?.pop())
}

/// A page of the chain, each seal with its event if that is there: at most `limit` after number `after`.
///
/// # Errors
/// If the database fails.
pub async fn chain(
    mut reader: impl Read,
    after: i64,
    limit: u32,
) -> Result<Vec<(Seal, Option<AuditEvent>)>, StoreError> {
    let sql = "SELECT s.number, s.event, s.hash, s.sealed_at, e.id, e.at, e.actor, e.action, \
               e.subject_kind, e.subject, e.request, e.step, e.detail \
               FROM audit_seals s LEFT JOIN audit_events e ON e.id = s.event \
               WHERE s.number > $1 ORDER BY s.number LIMIT $2";
    let rows = reader.rows(sql.into_sql_str(), vec![after.into(), limit.into()]).await?;
    read_all(rows, "audit_seals", |row| {
        let event = row.opt_text("id")?.map(|_| read(row)).transpose()?;
        Ok((read_seal(row)?, event))
    })
}

async fn seals(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Seal>, StoreError> {
    let sql = format!("SELECT number, event, hash, sealed_at FROM audit_seals WHERE {condition}");
    read_all(reader.rows(composed(sql), params).await?, "audit_seals", read_seal)
}

/// Adds a day's signed head.
///
/// # Errors
/// [`StoreError::Conflict`] if the day has one, or if the database fails.
pub async fn add_head(tx: &mut Tx, head: &DailyHead) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_heads (day, number, hash, audit_key, signature) VALUES ($1, $2, $3, $4, $5)";
    let DailyHead { day, number, hash, key, signature } = head;
    let params = [day.to_string().into(), (*number).into(), hash.into(), key.into(), Value::from(signature)];
    tx.execute(sql, params).await.map(drop)
}

/// The daily heads, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn heads(mut reader: impl Read) -> Result<Vec<DailyHead>, StoreError> {
    let sql = "SELECT day, number, hash, audit_key, signature FROM audit_heads ORDER BY day";
    let rows = reader.rows(sql.into_sql_str(), Vec::new()).await?;
    read_all(rows, "audit_heads", |row| {
        Ok(DailyHead {
            day: date(row, "day")?,
            number: row.i64("number")?,
            hash: row.text("hash")?,
            key: row.text("audit_key")?,
            signature: row.text("signature")?,
        })
    })
}

/// The day of the newest head.
///
/// # Errors
/// If the database fails.
pub async fn last_head_day(mut reader: impl Read) -> Result<Option<Date>, StoreError> {
    let sql = "SELECT day FROM audit_heads ORDER BY day DESC LIMIT 1";
    let row = reader.row(sql.into_sql_str(), Vec::new()).await?;
    row.map(|row| date(&row.of("audit_heads"), "day")).transpose()
}

/// Keeps a key daily heads are signed with.
///
/// # Errors
/// If the database fails.
pub async fn add_key(tx: &mut Tx, key: &AuditKey) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_keys (id, public_key, sealed_seed, data_key, master_key_id) \
               VALUES ($1, $2, $3, $4, $5)";
    let AuditKey { id, public_key, sealed_seed, key } = key;
    let (seed, data_key) = (Value::from(sealed_seed.as_slice()), Value::from(key.data_key.as_slice()));
    let params = [id.into(), public_key.into(), seed, data_key, (&key.master_key_id).into()];
    tx.execute(sql, params).await.map(drop)
}

/// The keys daily heads are signed with, the newest, which signs, last.
///
/// # Errors
/// If the database fails.
pub async fn keys(mut reader: impl Read) -> Result<Vec<AuditKey>, StoreError> {
    let sql = "SELECT id, public_key, sealed_seed, data_key, master_key_id FROM audit_keys ORDER BY id";
    let rows = reader.rows(sql.into_sql_str(), Vec::new()).await?;
    read_all(rows, "audit_keys", |row| {
        Ok(AuditKey {
            id: row.text("id")?,
            public_key: row.text("public_key")?,
            sealed_seed: row.bytes("sealed_seed")?,
            key: kept_key(row)?,
        })
    })
}

/// Replaces a key's data key by the same one wrapped by another master key.
///
/// # Errors
/// If there is no such key, or the database fails.
pub async fn rewrap_key(tx: &mut Tx, id: &str, to: &KeptKey) -> Result<(), StoreError> {
    let sql = "UPDATE audit_keys SET data_key = $2, master_key_id = $3 WHERE id = $1";
    let params = [Value::from(id), to.data_key.as_slice().into(), (&to.master_key_id).into()];
    expect_one_row("audit_keys", tx.execute(sql, params).await?)
}

fn read_seal(row: &Row) -> Result<Seal, StoreError> {
    Ok(Seal {
        number: row.i64("number")?,
        event: row.text("event")?,
        hash: row.text("hash")?,
        sealed_at: row.i64("sealed_at")?,
    })
}

fn read(row: &Row) -> Result<AuditEvent, StoreError> {
    Ok(AuditEvent {
        id: row.text("id")?,
        at: row.i64("at")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        subject: Subject { kind: row.text("subject_kind")?, id: row.text("subject")? },
        request: row.opt_text("request")?,
        step: row.i64("step")?,
        detail: row.text("detail")?,
    })
}
