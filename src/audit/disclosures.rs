//! Disclosures: on record, and committed, before the first byte leaves.
//!
//! A handler begins one and commits, then sends. While it sends it notes which bytes left, in transactions of
//! their own; however the connection ends, what left is on record.

pub use crate::model::disclosure::{Disclosure, DisclosureState, NewDisclosure};

use super::events::{Actor, NewEvent, Subject, record};
use crate::clock::DAY_MS;
use crate::ids::new_id;
use crate::model::Refused;
use crate::model::disclosure::DisclosureEnd;
use crate::store::StoreError;
use crate::store::db::{Db, Tx};
use crate::store::disclosures as rows;
use imaging::chance::Chance;
use serde_json::json;
use std::ops::Range;

/// A disclosure could not be put on record or ended. Then nothing may leave.
#[derive(Debug, thiserror::Error)]
pub enum DisclosureError {
    /// It ended otherwise before.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A disclosure with no byte noted for this long has nobody to send to any more.
const SILENT_MS: i64 = DAY_MS;
const AT_ONCE: u32 = 200;

/// Begins a disclosure, or goes on with the one this session has of the same thing; its id. Nothing may leave
/// before the transaction is committed.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    tx: &mut Tx,
    actor: Actor,
    new: &NewDisclosure,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<String, StoreError> {
    let fresh = new_id(now_ms, chance);
    let id = rows::begin(tx, &fresh, new, now_ms).await?;
    if id == fresh {
        let event = NewEvent::new(actor, "disclosure.begun", Subject::new("disclosure", &id));
        let detail = json!({ "delivery": new.delivery, "what": new.what, "what_id": new.what_id });
        record(tx, &event.of_request(&new.request).with(detail), now_ms, chance).await?;
    }
    Ok(id)
}

/// Notes that these bytes left. When that makes all of them, the disclosure is complete.
///
/// # Errors
/// If there is no such disclosure, or the database fails.
pub async fn note_range(
    tx: &mut Tx,
    id: &str,
    left: Range<u64>,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<DisclosureState, StoreError> {
    let mut disclosure = rows::get_to_change(tx, id).await?;
    disclosure.left.add(left);
    rows::note_left(tx, id, &disclosure.left).await?;
    if disclosure.state == DisclosureState::Begun && disclosure.left.cover(disclosure.whole_bytes) {
        return close(tx, &disclosure, DisclosureState::Completed, now_ms, chance).await;
    }
    Ok(disclosure.state)
}

/// All of it left, other than by bytes this program counts: a disc at the counter.
///
/// # Errors
/// [`DisclosureError::Refused`] if it ended otherwise, or if the database fails.
pub async fn complete(
    tx: &mut Tx,
    id: &str,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), DisclosureError> {
    end(tx, id, DisclosureEnd::Completed, now_ms, chance).await
}

/// Given to someone who carries it on: a carrier, an object store.
///
/// # Errors
/// [`DisclosureError::Refused`] if it ended otherwise, or if the database fails.
pub async fn hand_over(
    tx: &mut Tx,
    id: &str,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), DisclosureError> {
    end(tx, id, DisclosureEnd::HandedOver, now_ms, chance).await
}

/// Not all of it left, and no more will.
///
/// # Errors
/// [`DisclosureError::Refused`] if it ended otherwise, or if the database fails.
pub async fn abandon(tx: &mut Tx, id: &str, now_ms: i64, chance: &dyn Chance) -> Result<(), DisclosureError> {
    end(tx, id, DisclosureEnd::Abandoned, now_ms, chance).await
}

/// Ends what was begun more than a day ago and never ended: what pictures were looked at of was handed over, the
/// rest is abandoned; how many.
///
/// # Errors
/// If the database fails.
pub async fn end_silent(db: &Db, now_ms: i64, chance: &dyn Chance) -> Result<u64, DisclosureError> {
    let mut ended = 0;
    loop {
        let mut tx = db.begin().await?;
        let silent = rows::begun_before(&mut tx, now_ms - SILENT_MS, AT_ONCE).await?;
        if silent.is_empty() {
            return Ok(ended);
        }
        for disclosure in &silent {
            let how = match disclosure.viewed_at {
                Some(_) => DisclosureEnd::HandedOver,
                None => DisclosureEnd::Abandoned,
            };
            end(&mut tx, &disclosure.id, how, now_ms, chance).await?;
            ended += 1;
        }
        tx.commit().await?;
    }
}

async fn end(
    tx: &mut Tx,
    id: &str,
    how: DisclosureEnd,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), DisclosureError> {
    let disclosure = rows::get_to_change(tx, id).await?;
    let state = disclosure.state.end(how)?;
    if state != disclosure.state {
        close(tx, &disclosure, state, now_ms, chance).await?;
    }
    Ok(())
}

async fn close(
    tx: &mut Tx,
    disclosure: &Disclosure,
    state: DisclosureState,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<DisclosureState, StoreError> {
    rows::end(tx, &disclosure.id, state, now_ms).await?;
    let action = match state {
        DisclosureState::HandedOver => "disclosure.handed_over",
        DisclosureState::Abandoned => "disclosure.abandoned",
        DisclosureState::Begun | DisclosureState::Completed => "disclosure.completed",
    };
    let subject = Subject::new("disclosure", &disclosure.id);
    let event = NewEvent::new(Actor::program("disclosures"), action, subject)
        .of_request(&disclosure.request)
        .with(json!({ "bytes": disclosure.left.bytes(), "of": disclosure.whole_bytes }));
    record(tx, &event, now_ms, chance).await?;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::desk::{by_mail, delivery, kept, request};
    use crate::store::contract::{in_tx, on_both_engines};
    use crate::store::{audit, deliveries};
    use imaging::chance::OsChance;
    use jiff::civil::date;

    async fn begun(db: &Db, session: &str) -> String {
        let request = request(date(2026, 3, 15));
        kept(db, &request).await;
        let delivery = delivery(&request.id, by_mail());
        in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
        let new = NewDisclosure {
            request: request.id,
            delivery: delivery.id,
            what: "package",
            what_id: "p1".into(),
            session: session.into(),
            recipient: "Jane Doe".into(),
            whole_bytes: 100,
        };
        let id = in_tx!(db, |tx| begin(tx, Actor::Anyone, &new, 5, &OsChance)).unwrap();
        assert_eq!(in_tx!(db, |tx| begin(tx, Actor::Anyone, &new, 6, &OsChance)).unwrap(), id);
        id
    }

    async fn actions(db: &Db) -> Vec<String> {
        audit::unsealed(db, 10).await.unwrap().into_iter().map(|event| event.action).collect()
    }

    on_both_engines! {
        async fn a_download_cut_and_resumed_is_one_disclosure_and_complete_once_every_byte_left(db) {
            let id = begun(&db, "s1").await;
            for (range, state) in [
                (0..40, DisclosureState::Begun),
                (30..60, DisclosureState::Begun),
                (80..100, DisclosureState::Begun),
                (60..80, DisclosureState::Completed),
                (0..100, DisclosureState::Completed),
            ] {
                assert_eq!(in_tx!(db, |tx| note_range(tx, &id, range, 9, &OsChance)).unwrap(), state);
            }
            assert_eq!(actions(&db).await, ["disclosure.begun", "disclosure.completed"]);
        }

        async fn one_handed_to_a_carrier_cannot_be_abandoned(db) {
            let id = begun(&db, "s1").await;
            in_tx!(db, |tx| hand_over(tx, &id, 8, &OsChance)).unwrap();
            in_tx!(db, |tx| hand_over(tx, &id, 9, &OsChance)).unwrap();
            let refused = in_tx!(db, |tx| abandon(tx, &id, 9, &OsChance));
            assert!(matches!(refused, Err(DisclosureError::Refused(_))));
            assert_eq!(actions(&db).await, ["disclosure.begun", "disclosure.handed_over"]);
        }

        async fn one_nobody_goes_on_with_is_abandoned_after_a_day_with_what_left(db) {
            let id = begun(&db, "s1").await;
            in_tx!(db, |tx| note_range(tx, &id, 0..7, 9, &OsChance)).unwrap();
            assert_eq!(end_silent(&db, SILENT_MS, &OsChance).await.unwrap(), 0);
            assert_eq!(end_silent(&db, SILENT_MS + 6, &OsChance).await.unwrap(), 1);
            let kept = rows::get(&db, &id).await.unwrap().unwrap();
            assert_eq!((kept.state, kept.left.bytes()), (DisclosureState::Abandoned, 7));
        }

        async fn pictures_that_were_looked_at_were_handed_over(db) {
            let id = begun(&db, "s1").await;
            in_tx!(db, |tx| rows::note_viewed(tx, "s1", "p1", 7)).unwrap();
            in_tx!(db, |tx| rows::note_viewed(tx, "s1", "p1", 9)).unwrap();
            assert_eq!(end_silent(&db, SILENT_MS + 6, &OsChance).await.unwrap(), 1);
            let kept = rows::get(&db, &id).await.unwrap().unwrap();
            assert_eq!((kept.state, kept.viewed_at), (DisclosureState::HandedOver, Some(7)));
            assert_eq!(actions(&db).await, ["disclosure.begun", "disclosure.handed_over"]);
        }
    }
}
