//! The repository of disc sets, discs, the attempts at them, and stations.

use crate::model::disc::{BurnAttempt, Disc, DiscCounts, DiscSet, SetState, StationSeen};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, composed, expect_one_row, list, read_all};
use burn_queue::{Attempt, Code, DiscState, Image, Lease, Place, Sha256Digest};

const SET: &str = "s.id, s.request, s.delivery, s.number, s.state AS set_state, s.reason AS set_reason, \
    s.seal, s.discs, s.studies, s.series, s.instances, s.due_at, s.created_at AS set_created_at";
const DISC: &str = "d.id AS disc, d.disc_set, d.place, d.code, d.medium, d.image_bytes, d.image_sha256, d.state, \
    d.attempts, d.station, d.lease_until, d.reason, d.created_at, d.changed_at";

/// Adds a set.
///
/// # Errors
/// [`StoreError::Conflict`] if its delivery has one that is open, or its number is taken; or if the database fails.
pub async fn add_set(tx: &mut Tx, set: &DiscSet) -> Result<(), StoreError> {
    let sql = "INSERT INTO disc_sets (id, request, delivery, number, state, reason, seal, discs, studies, \
               series, instances, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let DiscCounts { studies, series, instances } = set.counts;
    let params: [Value<'_>; 13] = [
        (&set.id).into(),
        (&set.request).into(),
        (&set.delivery).into(),
        set.number.into(),
        set.state.as_str().into(),
        set_reason(&set.state).into(),
        (&set.seal).into(),
        set.discs.into(),
        studies.into(),
        series.into(),
        instances.into(),
        set.due_at.into(),
        set.created_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Adds a disc to its set.
///
/// # Errors
/// [`StoreError::Conflict`] if its place has one that is not spoiled, or its code is taken; or if the database fails.
pub async fn add(tx: &mut Tx, disc: &Disc) -> Result<(), StoreError> {
    let sql = "INSERT INTO discs (id, disc_set, place, code, medium, image_bytes, image_sha256, state, attempts, \
               station, lease_until, reason, created_at, changed_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let facts = Facts::of(&disc.state);
    let params: [Value<'_>; 14] = [
        (&disc.id).into(),
        (&disc.disc_set).into(),
        disc.place.number().into(),
        disc.code.to_string().into(),
        disc.medium.as_str().into(),
        disc.image.bytes().into(),
        disc.image.sha256().to_string().into(),
        disc.state.as_str().into(),
        facts.attempts.into(),
        facts.station.into(),
        facts.lease_until.into(),
        facts.reason.into(),
        disc.created_at.into(),
        disc.changed_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Whether a number is in the codes of some set.
///
/// # Errors
/// If the database fails.
pub async fn is_number_taken(mut reader: impl Read, number: u32) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM disc_sets WHERE number = $1".into_sql_str();
    Ok(reader.row(sql, vec![number.into()]).await?.is_some())
}

/// Whether some disc has this code.
///
/// # Errors
/// If the database fails.
pub async fn is_code_taken(mut reader: impl Read, code: Code) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM discs WHERE code = $1".into_sql_str();
    Ok(reader.row(sql, vec![code.to_string().into()]).await?.is_some())
}

/// Moves a disc on, if it is still as it was read.
///
/// # Errors
/// [`StoreError::WrongCount`] if it is not, or if the database fails.
pub async fn change(tx: &mut Tx, disc: &Disc, to: &DiscState, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE discs SET state = $4, attempts = $5, station = $6, lease_until = $7, reason = $8, changed_at = $9 \
               WHERE id = $1 AND state = $2 AND attempts = $3";
    let (before, after) = (Facts::of(&disc.state), Facts::of(to));
    let params: [Value<'_>; 9] = [
        (&disc.id).into(),
        disc.state.as_str().into(),
        before.attempts.into(),
        to.as_str().into(),
        after.attempts.into(),
        after.station.into(),
        after.lease_until.into(),
        after.reason.into(),
        now_ms.into(),
    ];
    expect_one_row("discs", tx.execute(sql, params).await?)
}

/// Moves a set on, if it is still as it was read.
///
/// # Errors
/// [`StoreError::WrongCount`] if it is not, or if the database fails.
pub async fn change_set(tx: &mut Tx, set: &DiscSet, to: &SetState) -> Result<(), StoreError> {
    let sql = "UPDATE disc_sets SET state = $3, reason = $4 WHERE id = $1 AND state = $2";
    let params = [Value::from(&set.id), set.state.as_str().into(), to.as_str().into(), set_reason(to).into()];
    expect_one_row("disc_sets", tx.execute(sql, params).await?)
}

/// A set, which nobody changes before this transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn lock_set(tx: &mut Tx, id: &str) -> Result<Option<DiscSet>, StoreError> {
    let lock = tx.dialect().for_update();
    let sql = format!("SELECT {SET} FROM disc_sets s WHERE s.id = $1{lock}");
    let rows = tx.fetch_all(composed(sql), [id.into()]).await?;
    Ok(read_all(rows, "disc_sets", read_set)?.pop())
}

/// The newest set of a delivery.
///
/// # Errors
/// If the database fails.
pub async fn set_of_delivery(mut reader: impl Read, delivery: &str) -> Result<Option<DiscSet>, StoreError> {
    let sql = format!("SELECT {SET} FROM disc_sets s WHERE s.delivery = $1 ORDER BY s.id DESC LIMIT 1");
    Ok(read_all(reader.rows(composed(sql), vec![delivery.into()]).await?, "disc_sets", read_set)?.pop())
}

/// The discs of several requests with their sets, older sets first.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(reader: impl Read, requests: &[&str]) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    let among = reader.dialect().in_list("s.request", 1);
    let condition = format!("{among} ORDER BY s.id, d.place, d.id");
    select(reader, &condition, vec![list(requests.iter().copied())]).await
}

/// A disc with its set, by its code.
///
/// # Errors
/// If the database fails.
pub async fn by_code(reader: impl Read, code: Code) -> Result<Option<(Disc, DiscSet)>, StoreError> {
    Ok(select(reader, "d.code = $1", vec![code.to_string().into()]).await?.pop())
}

/// The discs of a set in their order, spoiled ones before those made in their place.
///
/// # Errors
/// If the database fails.
pub async fn of_set(reader: impl Read, set: &str) -> Result<Vec<Disc>, StoreError> {
    let discs = select(reader, "d.disc_set = $1 ORDER BY d.place, d.id", vec![set.into()]).await?;
    Ok(discs.into_iter().map(|(disc, _)| disc).collect())
}

/// The discs that are in one of these states, with their sets: what is due first comes first,
/// a set in its order.
///
/// # Errors
/// If the database fails.
pub async fn in_states(
    reader: impl Read,
    states: &[&str],
    limit: u32,
) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    let among = reader.dialect().in_list("d.state", 1);
    let condition = format!("{among} ORDER BY s.due_at, d.disc_set, d.place, d.id LIMIT $2");
    select(reader, &condition, vec![list(states.iter().copied()), limit.into()]).await
}

/// The discs of open sets that wait for a station: what is due first comes first, a set in its order.
///
/// # Errors
/// If the database fails.
pub async fn queued(reader: impl Read, limit: u32) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    let condition =
        "d.state = 'queued' AND s.state = 'open' ORDER BY s.due_at, d.disc_set, d.place, d.id LIMIT $1";
    select(reader, condition, vec![limit.into()]).await
}

/// A spoiled disc that a drive had begun to write and nobody has destroyed.
const TO_DESTROY: &str = "d.state = 'spoiled' AND d.destroyed_at IS NULL AND EXISTS \
    (SELECT 1 FROM burn_attempts a WHERE a.disc = d.id AND a.begun_at IS NOT NULL)";

/// The discs to be destroyed, those first that were spoiled first.
///
/// # Errors
/// If the database fails.
pub async fn to_destroy(reader: impl Read, limit: u32) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    let condition = format!("{TO_DESTROY} ORDER BY d.changed_at, d.id LIMIT $1");
    select(reader, &condition, vec![limit.into()]).await
}

/// Notes that a disc was destroyed. False if there was nothing to destroy.
///
/// # Errors
/// If the database fails.
pub async fn note_destroyed(tx: &mut Tx, disc: &str, now_ms: i64) -> Result<bool, StoreError> {
    let sql = format!("UPDATE discs AS d SET destroyed_at = $2 WHERE d.id = $1 AND {TO_DESTROY}");
    Ok(tx.execute(composed(sql), [Value::from(disc), now_ms.into()]).await? == 1)
}

/// The discs a station has leased and not begun.
///
/// # Errors
/// If the database fails.
pub async fn leased_by(reader: impl Read, station: &str) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    select(reader, "d.state = 'leased' AND d.station = $1 ORDER BY d.id", vec![station.into()]).await
}

/// The discs whose leases ended by `now_ms`, the longest ago first.
///
/// # Errors
/// If the database fails.
pub async fn lapsed(reader: impl Read, now_ms: i64) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    select(reader, "d.lease_until <= $1 ORDER BY d.lease_until, d.id", vec![now_ms.into()]).await
}

/// When the next lease of a disc ends.
///
/// # Errors
/// If the database fails.
pub async fn next_lease_end(mut reader: impl Read) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT lease_until FROM discs WHERE lease_until IS NOT NULL ORDER BY lease_until, id LIMIT 1";
    reader.row(sql.into_sql_str(), Vec::new()).await?.map(|row| row.of("discs").i64(0)).transpose()
}

/// Notes that a station took a disc.
///
/// # Errors
/// If there is such an attempt already, or the database fails.
pub async fn note_leased(tx: &mut Tx, disc: &str, attempt: &Attempt, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO burn_attempts (disc, number, station, leased_at) VALUES ($1, $2, $3, $4)";
    let params = [disc.into(), attempt.number.into(), Value::from(&attempt.station), now_ms.into()];
    tx.execute(sql, params).await.map(drop)
}

/// Notes that a station is about to touch its drive.
///
/// # Errors
/// If there is no such attempt, or the database fails.
pub async fn note_begun(tx: &mut Tx, disc: &str, number: u32, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE burn_attempts SET begun_at = $3 WHERE disc = $1 AND number = $2";
    expect_one_row("burn_attempts", tx.execute(sql, [disc.into(), number.into(), now_ms.into()]).await?)
}

/// Notes how an attempt ended.
///
/// # Errors
/// If there is no such attempt, or the database fails.
pub async fn note_ended(
    tx: &mut Tx,
    disc: &str,
    number: u32,
    outcome: &DiscState,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE burn_attempts SET ended_at = $3, outcome = $4 WHERE disc = $1 AND number = $2";
    let params = [disc.into(), number.into(), now_ms.into(), outcome.as_str().into()];
    expect_one_row("burn_attempts", tx.execute(sql, params).await?)
}

/// The attempts at a disc, in order.
///
/// # Errors
/// If the database fails.
pub async fn attempts(mut reader: impl Read, disc: &str) -> Result<Vec<BurnAttempt>, StoreError> {
    let sql = "SELECT number, station, leased_at, begun_at, ended_at, outcome FROM burn_attempts \
               WHERE disc = $1 ORDER BY number";
    read_all(reader.rows(sql.into_sql_str(), vec![disc.into()]).await?, "burn_attempts", |row| {
        Ok(BurnAttempt {
            number: row.u32("number")?,
            station: row.text("station")?,
            leased_at: row.i64("leased_at")?,
            begun_at: row.opt_i64("begun_at")?,
            ended_at: row.opt_i64("ended_at")?,
            outcome: row.opt_text("outcome")?,
        })
    })
}

/// Notes that a station was heard of.
///
/// # Errors
/// If the database fails.
pub async fn note_station(tx: &mut Tx, name: &str, tray: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO stations (name, tray, seen_at) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE SET tray = excluded.tray, seen_at = excluded.seen_at";
    tx.execute(sql, [name.into(), tray.into(), now_ms.into()]).await.map(drop)
}

/// The stations, by name.
///
/// # Errors
/// If the database fails.
pub async fn stations(mut reader: impl Read) -> Result<Vec<StationSeen>, StoreError> {
    let sql = "SELECT name, tray, seen_at FROM stations ORDER BY name".into_sql_str();
    read_all(reader.rows(sql, Vec::new()).await?, "stations", |row| {
        Ok(StationSeen { name: row.text("name")?, tray: row.text("tray")?, seen_at: row.i64("seen_at")? })
    })
}

/// What of a disc's state has columns of its own.
#[derive(Default)]
struct Facts<'s> {
    attempts: u32,
    station: Option<&'s str>,
    lease_until: Option<i64>,
    reason: Option<&'s str>,
}

impl<'s> Facts<'s> {
    fn of(state: &'s DiscState) -> Self {
        if let DiscState::Queued { attempts } = state {
            return Self { attempts: *attempts, ..Self::default() };
        }
        let attempt = state.attempt();
        Self {
            attempts: attempt.map_or(0, |attempt| attempt.number),
            station: attempt.map(|attempt| attempt.station.as_str()),
            lease_until: state.lease_until_ms(),
            reason: match state {
                DiscState::Unresolved { reason, .. } | DiscState::Spoiled { reason, .. } => Some(reason),
                _ => None,
            },
        }
    }
}

fn set_reason(state: &SetState) -> Option<&str> {
    match state {
        SetState::Withdrawn { reason } => Some(reason),
        SetState::Open | SetState::Packed => None,
    }
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<(Disc, DiscSet)>, StoreError> {
    let sql =
        format!("SELECT {SET}, {DISC} FROM discs d JOIN disc_sets s ON s.id = d.disc_set WHERE {condition}");
    let rows = reader.rows(composed(sql), params).await?;
    read_all(rows, "discs", |row| {
        let set = read_set(row)?;
        Ok((read(row, set.discs)?, set))
    })
}

fn read_set(row: &Row) -> Result<DiscSet, StoreError> {
    Ok(DiscSet {
        id: row.text("id")?,
        request: row.text("request")?,
        delivery: row.text("delivery")?,
        number: row.u32("number")?,
        state: match row.text("set_state")?.as_str() {
            "open" => SetState::Open,
            "packed" => SetState::Packed,
            "withdrawn" => SetState::Withdrawn { reason: row.text("set_reason")? },
            _ => return Err(row.inconsistent("state")),
        },
        seal: row.text("seal")?,
        discs: row.u32("discs")?,
        counts: DiscCounts {
            studies: row.u64("studies")?,
            series: row.u64("series")?,
            instances: row.u64("instances")?,
        },
        due_at: row.i64("due_at")?,
        created_at: row.i64("set_created_at")?,
    })
}

fn read(row: &Row, of: u32) -> Result<Disc, StoreError> {
    let place = Place::new(row.u32("place")?, of).map_err(|_| row.inconsistent("place"))?;
    let sha256: Sha256Digest =
        row.text("image_sha256")?.parse().map_err(|_| row.inconsistent("image_sha256"))?;
    let image = Image::new(row.u64("image_bytes")?, sha256).map_err(|_| row.inconsistent("image_bytes"))?;
    Ok(Disc {
        id: row.text("disc")?,
        disc_set: row.text("disc_set")?,
        place,
        code: row.text("code")?.parse().map_err(|_| row.inconsistent("code"))?,
        image,
        medium: row.text("medium")?.parse().map_err(|_| row.inconsistent("medium"))?,
        state: state(row)?,
        created_at: row.i64("created_at")?,
        changed_at: row.i64("changed_at")?,
    })
}

fn state(row: &Row) -> Result<DiscState, StoreError> {
    let attempts = row.u32("attempts")?;
    let attempt = || Ok::<_, StoreError>(Attempt { number: attempts, station: row.text("station")? });
    let lease = || Ok::<_, StoreError>(Lease { attempt: attempt()?, until_ms: row.i64("lease_until")? });
    Ok(match row.text("state")?.as_str() {
        "planned" => DiscState::Planned,
        "queued" => DiscState::Queued { attempts },
        "leased" => DiscState::Leased(lease()?),
        "burning" => DiscState::Burning(lease()?),
        "burned" => DiscState::Burned(lease()?),
        "verified" => DiscState::Verified(attempt()?),
        "labelled" => DiscState::Labelled(attempt()?),
        "packed" => DiscState::Packed(attempt()?),
        "unresolved" => DiscState::Unresolved { attempt: attempt()?, reason: row.text("reason")? },
        "spoiled" => DiscState::Spoiled {
            attempt: row.opt_text("station")?.map(|station| Attempt { number: attempts, station }),
            reason: row.text("reason")?,
        },
        _ => return Err(row.inconsistent("state")),
    })
}
