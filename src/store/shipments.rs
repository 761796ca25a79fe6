//! The repository of shipments, of what the carrier says of them, and of the labels that were asked for.

use crate::model::shipment::{CarrierState, DeskState, LabelAttempt, MailState, NewAttempt, Progress, Scan};
use crate::model::{PromiseOutcome, Recipient, Shipment};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, composed, expect_one_row, list, read_all};
use std::collections::HashSet;

const COLUMNS: &str = "SELECT s.id, s.request, s.reference, s.delivery, s.site, s.recipient, s.way, s.state, \
    s.facts, s.promise_outcome, s.created_at FROM shipments s WHERE";

/// Writes a shipment.
///
/// # Errors
/// If one is under way for its delivery, or the database fails.
pub async fn insert(tx: &mut Tx, shipment: &Shipment) -> Result<(), StoreError> {
    let sql = "INSERT INTO shipments (id, request, reference, delivery, site, recipient, way, state, facts, \
               created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
    let recipient = shipment.progress.recipient().map(|recipient| serde_json::json!(recipient).to_string());
    let params = vec![
        Value::from(&shipment.id),
        (&shipment.request).into(),
        (&shipment.reference).into(),
        (&shipment.delivery).into(),
        (&shipment.site).into(),
        recipient.into(),
        shipment.progress.way().into(),
        shipment.progress.state().into(),
        facts(&shipment.progress).into(),
        shipment.created_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// A shipment.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Shipment>, StoreError> {
    Ok(select(reader, "s.id = $1", vec![id.into()]).await?.pop())
}

/// A shipment that the transaction is going to change: nobody else does before it ends.
///
/// # Errors
/// If there is none, or the database fails.
pub async fn get_to_change(tx: &mut Tx, id: &str) -> Result<Shipment, StoreError> {
    let condition = format!("s.id = $1{}", tx.dialect().for_update());
    select(tx, &condition, vec![id.into()]).await?.pop().ok_or(StoreError::Missing { table: "shipments" })
}

/// The shipments of a request, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(reader: impl Read, request: &str) -> Result<Vec<Shipment>, StoreError> {
    select(reader, "s.request = $1 ORDER BY s.id", vec![request.into()]).await
}

/// The shipments of a delivery, the oldest first: more than one if discs were made again.
///
/// # Errors
/// If the database fails.
pub async fn of_delivery(reader: impl Read, delivery: &str) -> Result<Vec<Shipment>, StoreError> {
    select(reader, "s.delivery = $1 ORDER BY s.id", vec![delivery.into()]).await
}

/// The shipments of several requests, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(reader: impl Read, requests: &[&str]) -> Result<Vec<Shipment>, StoreError> {
    let among = reader.dialect().in_list("s.request", 1);
    let condition = format!("{among} ORDER BY s.id");
    select(reader, &condition, vec![list(requests.iter().copied())]).await
}

/// A page of a site's shipments in a state: at most `limit` with ids after `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn in_state(
    reader: impl Read,
    site: &str,
    state: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<Shipment>, StoreError> {
    let params = vec![site.into(), state.into(), after.into(), limit.into()];
    select(reader, "s.site = $1 AND s.state = $2 AND s.id > $3 ORDER BY s.id LIMIT $4", params).await
}

const IS_THE_LATEST: &str =
    "NOT EXISTS (SELECT 1 FROM shipments n WHERE n.delivery = s.delivery AND n.id > s.id)";

/// A site's shipments that came back while their deliveries are wanted, the oldest first, and were not made again.
///
/// # Errors
/// If the database fails.
pub async fn came_back(reader: impl Read, site: &str, limit: u32) -> Result<Vec<Shipment>, StoreError> {
    let condition = format!(
        "s.site = $1 AND s.state = 'returned' AND {IS_THE_LATEST} \
         AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = s.delivery AND d.state = 'under_way') \
         ORDER BY s.id LIMIT $2"
    );
    select(reader, &condition, vec![site.into(), limit.into()]).await
}

/// A site's shipments that are packed though their deliveries were given up, the oldest first: they never left, or
/// came back.
///
/// # Errors
/// If the database fails.
pub async fn unwanted(reader: impl Read, site: &str, limit: u32) -> Result<Vec<Shipment>, StoreError> {
    let condition = format!(
        "s.site = $1 AND s.state IN ('ready_to_ship', 'labelled', 'returned') AND {IS_THE_LATEST} \
         AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = s.delivery AND d.state IN ('switched', 'cancelled')) \
         AND EXISTS (SELECT 1 FROM disc_sets o WHERE o.delivery = s.delivery AND o.state = 'packed') \
         ORDER BY s.id LIMIT $2"
    );
    select(reader, &condition, vec![site.into(), limit.into()]).await
}

/// Moves a shipment from the state it was read in to the one it is in now.
///
/// # Errors
/// If it is in another state by now, or the database fails.
pub async fn change(tx: &mut Tx, shipment: &Shipment, from: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE shipments SET state = $3, facts = $4, promise_outcome = $5, changed_at = $6 \
               WHERE id = $1 AND state = $2";
    let params = vec![
        Value::from(&shipment.id),
        from.into(),
        shipment.progress.state().into(),
        facts(&shipment.progress).into(),
        shipment.promise_outcome.map(PromiseOutcome::as_str).into(),
        now_ms.into(),
    ];
    expect_one_row("shipments", tx.execute(sql, params).await?)
}

/// Writes what the carrier saw; says whether that is new.
///
/// # Errors
/// If the database fails.
pub async fn put_scan(tx: &mut Tx, shipment: &str, scan: &Scan) -> Result<bool, StoreError> {
    let sql = "INSERT INTO shipment_events (shipment, at, scan) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let seen = serde_json::json!(scan).to_string();
    Ok(tx.execute(sql, [shipment.into(), scan.at.into(), seen.into()]).await? == 1)
}

/// What the carrier saw of a shipment, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn scans(mut reader: impl Read, shipment: &str) -> Result<Vec<Scan>, StoreError> {
    let sql = "SELECT scan FROM shipment_events WHERE shipment = $1 ORDER BY at, scan";
    let rows = reader.rows(sql.into_sql_str(), vec![shipment.into()]).await?;
    read_all(rows, "shipment_events", |row| row.json("scan"))
}

/// Writes that the carrier is about to be asked for a label.
///
/// # Errors
/// If the reference was used, or the database fails.
pub async fn ask_label(tx: &mut Tx, attempt: &NewAttempt, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO label_attempts (id, shipment, customer_reference, state, asked_at) \
               VALUES ($1, $2, $3, 'asked', $4)";
    let NewAttempt { id, shipment, customer_reference } = attempt;
    tx.execute(sql, [id.into(), shipment.into(), customer_reference.into(), now_ms.into()]).await.map(drop)
}

/// Writes that an attempt made a label.
///
/// # Errors
/// If it ended before, or the database fails.
pub async fn label_made(
    tx: &mut Tx,
    attempt: &str,
    tracking_number: &str,
    document: Option<&(String, Vec<u8>)>,
    carrier_cents: Option<i64>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE label_attempts SET state = 'made', tracking_number = $2, media_type = $3, document = $4, \
               carrier_cents = $5, ended_at = $6 WHERE id = $1 AND state = 'asked'";
    let params = vec![
        attempt.into(),
        tracking_number.into(),
        document.map(|(media_type, _)| media_type).into(),
        document.map(|(_, bytes)| bytes.as_slice()).into(),
        carrier_cents.into(),
        now_ms.into(),
    ];
    expect_one_row("label_attempts", tx.execute(sql, params).await?)
}

/// Writes that an attempt made no label, or that its label was given back, and why.
///
/// # Errors
/// If it ended so before, or the database fails.
pub async fn label_gone(
    tx: &mut Tx,
    attempt: &str,
    tracking_number: Option<&str>,
    reason: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE label_attempts SET state = $2, tracking_number = coalesce($3, tracking_number), \
               reason = $4, ended_at = $5 WHERE id = $1 AND state IN ('asked', 'made')";
    let state = if tracking_number.is_some() { "cancelled" } else { "not_made" };
    let params = [attempt.into(), state.into(), tracking_number.into(), reason.into(), now_ms.into()];
    expect_one_row("label_attempts", tx.execute(sql, params).await?)
}

/// The labels asked for, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn attempts(mut reader: impl Read, shipment: &str) -> Result<Vec<LabelAttempt>, StoreError> {
    let sql = "SELECT id, customer_reference, state, tracking_number, carrier_cents, reason, asked_at \
               FROM label_attempts WHERE shipment = $1 ORDER BY customer_reference";
    let rows = reader.rows(sql.into_sql_str(), vec![shipment.into()]).await?;
    read_all(rows, "label_attempts", |row| {
        Ok(LabelAttempt {
            id: row.text("id")?,
            customer_reference: row.text("customer_reference")?,
            state: row.text("state")?,
            tracking_number: row.opt_text("tracking_number")?,
            carrier_cents: row.opt_i64("carrier_cents")?,
            reason: row.opt_text("reason")?,
            asked_at: row.i64("asked_at")?,
        })
    })
}

/// How many labels were asked for, for all shipments of a request.
///
/// # Errors
/// If the database fails.
pub async fn attempts_of_request(mut reader: impl Read, request: &str) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) AS asked FROM label_attempts a JOIN shipments s ON s.id = a.shipment \
               WHERE s.request = $1";
    let row = reader.row(sql.into_sql_str(), vec![request.into()]).await?;
    row.map_or(Ok(0), |row| row.of("label_attempts").u64("asked"))
}

/// The label an attempt made, to print: its media type and bytes.
///
/// # Errors
/// If the database fails.
pub async fn document(mut reader: impl Read, attempt: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let sql = "SELECT media_type, document FROM label_attempts WHERE id = $1 AND document IS NOT NULL";
    let row = reader.row(sql.into_sql_str(), vec![attempt.into()]).await?;
    row.map(|row| {
        let row = row.of("label_attempts");
        Ok((row.text("media_type")?, row.bytes("document")?))
    })
    .transpose()
}

/// Those of these attempts whose labels are here to be printed.
///
/// # Errors
/// If the database fails.
pub async fn with_document(mut reader: impl Read, attempts: &[&str]) -> Result<HashSet<String>, StoreError> {
    let among = reader.dialect().in_list("id", 1);
    let sql = format!("SELECT id FROM label_attempts WHERE {among} AND document IS NOT NULL");
    let rows = reader.rows(composed(sql), vec![list(attempts.iter().copied())]).await?;
    read_all(rows, "label_attempts", |row| row.text("id")).map(|ids| ids.into_iter().collect())
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Shipment>, StoreError> {
    read_all(reader.rows(composed(format!("{COLUMNS} {condition}")), params).await?, "shipments", read)
}

fn facts(progress: &Progress) -> String {
    match progress {
        Progress::Carrier(_, state) => serde_json::json!(state),
        Progress::Mail(_, state) => serde_json::json!(state),
        Progress::Desk(state) => serde_json::json!(state),
    }
    .to_string()
}

fn read(row: &Row) -> Result<Shipment, StoreError> {
    let progress = match row.text("way")?.as_str() {
        "carrier" => {
            Progress::Carrier(row.json::<Recipient>("recipient")?, row.json::<CarrierState>("facts")?)
        }
        "mail" => Progress::Mail(row.json::<Recipient>("recipient")?, row.json::<MailState>("facts")?),
        "desk" => Progress::Desk(row.json::<DeskState>("facts")?),
        _ => return Err(row.inconsistent("way")),
    };
    if row.text("state")? != progress.state() {
        return Err(row.inconsistent("state"));
    }
    let outcome = row.opt_text("promise_outcome")?;
    let promise_outcome = outcome
        .map(|word| PromiseOutcome::parse(&word).ok_or_else(|| row.inconsistent("promise_outcome")))
        .transpose()?;
    Ok(Shipment {
        id: row.text("id")?,
        request: row.text("request")?,
        reference: row.text("reference")?,
        delivery: row.text("delivery")?,
        site: row.text("site")?,
        progress,
        promise_outcome,
        created_at: row.i64("created_at")?,
    })
}
