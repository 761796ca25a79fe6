//! Discs for deliveries: planned, queued, burned by stations, labelled, packed.
//!
//! The rules are [`burn_queue`]'s; here each change is one row in one transaction, with its audit event, with
//! the disc that replaces a spoiled one, and with the job that moves the request on when everything is packed.
//! Times are by the database's clock, so that several nodes agree when a lease ends.

mod bench;
mod board;
mod stations;
#[cfg(test)]
mod tests;
mod watch;

pub use bench::{Packed, destroy, label, pack, resolve, spoil};
pub use board::{Board, BoardDisc, board};
pub use stations::{Said, lease, report};
pub use watch::{LapseLeases, lapse};

use crate::audit::events::{Actor, NewEvent, Subject, record};
use crate::ids::new_id;
use crate::jobs;
use crate::model::disc::{Disc, DiscSet, NewDisc, NewDiscSet, SetState};
use crate::model::job::advance_request;
use crate::store::db::Tx;
use crate::store::{StoreError, discs};
use burn_queue::{Bearer, Code, DiscState, Event, Mismatch, Place, Refused};
use imaging::chance::Chance;
use serde_json::json;

/// How often a fresh code is drawn before it is given up: with a million discs one in a thousand is taken.
const DRAWS: u32 = 16;

/// Who does something, and the chance that new ids and codes are drawn from.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Randomness.
    pub chance: &'a dyn Chance,
}

/// Something cannot be done with a disc.
#[derive(Debug, thiserror::Error)]
pub enum DiscError {
    /// No disc has this code.
    #[error("no disc has the code {0}")]
    NoSuchDisc(Code),
    /// No set is planned for the delivery.
    #[error("no discs are planned for this delivery")]
    NoSuchSet,
    /// The disc is not so far, or farther, or another attempt's.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The codes scanned do not belong together.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// Its papers are not to be printed yet.
    #[error("the disc {0} was not read back and found right: it has no papers")]
    NotVerified(Code),
    /// A station asks for a disc another one has, or that it did not begin.
    #[error("this attempt is not burning the disc {0}")]
    NotBurning(Code),
    /// It was destroyed before, or there is nothing of it to destroy.
    #[error("there is no spoiled disc {0} left to destroy")]
    NothingToDestroy(Code),
    /// The set is not wanted any more.
    #[error("the disc {0} is not wanted any more: write it off and destroy it")]
    NotWanted(Code),
    /// The set is in its envelope already.
    #[error("these discs are packed already")]
    AlreadyPacked,
    /// There is no envelope to take apart.
    #[error("its discs are not in their envelope")]
    NotPacked,
    /// A set without discs.
    #[error("a set has one disc or more, and no more than fit in an envelope")]
    NoDiscs,
    /// A disc's image is larger than its medium.
    #[error("the image for disc {place} has {bytes} bytes, which do not fit on a {medium}")]
    DoesNotFit {
        /// Which disc, from 1.
        place: u32,
        /// The length of its image.
        bytes: u64,
        /// The medium.
        medium: burn_queue::Medium,
    },
    /// Every code drawn was taken.
    #[error("no free code was found: try again")]
    NoFreeCode,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Plans the discs of a delivery. They wait until they are [queued](queue). Planned again while they are wanted,
/// they stay as they are.
///
/// # Errors
/// [`DiscError`] if there are none, one does not fit, or the database fails.
pub async fn plan(tx: &mut Tx, wanted: NewDiscSet, by: By<'_>) -> Result<DiscSet, DiscError> {
    let present = discs::set_of_delivery(&mut *tx, &wanted.delivery).await?;
    if let Some(set) = present.filter(|set| set.state == SetState::Open) {
        return Ok(set);
    }
    let of = u32::try_from(wanted.discs.len()).map_err(|_| DiscError::NoDiscs)?;
    let places = (1..=of).map(|number| Place::new(number, of));
    let places: Vec<Place> = places.collect::<Result<_, _>>().map_err(|_| DiscError::NoDiscs)?;
    if places.is_empty() {
        return Err(DiscError::NoDiscs);
    }
    for (place, disc) in places.iter().zip(&wanted.discs) {
        if disc.image.bytes() > disc.medium.capacity_bytes() {
            let (place, bytes, medium) = (place.number(), disc.image.bytes(), disc.medium);
            return Err(DiscError::DoesNotFit { place, bytes, medium });
        }
    }
    let now_ms = tx.now_ms().await?;
    let set = DiscSet {
        id: new_id(now_ms, by.chance),
        request: wanted.request,
        delivery: wanted.delivery,
        number: fresh_number(tx, by.chance).await?,
        state: SetState::Open,
        seal: wanted.seal,
        discs: of,
        counts: wanted.counts,
        due_at: wanted.due_at,
        created_at: now_ms,
    };
    discs::add_set(tx, &set).await?;
    for (place, disc) in places.into_iter().zip(wanted.discs) {
        add_disc(tx, &set, place, disc, DiscState::Planned, by).await?;
    }
    Ok(set)
}

/// Lets the discs of a delivery be burned. Those that are queued already, or farther, stay as they are.
///
/// # Errors
/// [`DiscError`] if none are planned, or the database fails.
pub async fn queue(tx: &mut Tx, delivery: &str, by: By<'_>) -> Result<(), DiscError> {
    let set = open_set(tx, delivery).await?;
    for disc in discs::of_set(&mut *tx, &set.id).await? {
        if disc.state == DiscState::Planned {
            change(tx, &disc, &set, Event::Queue, None, by).await?;
        }
    }
    Ok(())
}

/// The delivery does not want its discs any more: what is not in a drive at this moment is written off, and
/// nothing of it is packed.
///
/// # Errors
/// [`DiscError`] if none are planned, they are packed already, or the database fails.
pub async fn withdraw(tx: &mut Tx, delivery: &str, reason: &str, by: By<'_>) -> Result<(), DiscError> {
    let mut set = open_set(tx, delivery).await?;
    let withdrawn = SetState::Withdrawn { reason: reason.to_owned() };
    discs::change_set(tx, &set, &withdrawn).await?;
    set.state = withdrawn;
    for disc in discs::of_set(&mut *tx, &set.id).await? {
        let over = ["burning", "packed", "spoiled"].contains(&disc.state.as_str());
        if !over {
            let event = Event::WriteOff { reason: reason.to_owned() };
            change(tx, &disc, &set, event, None, by).await?;
        }
    }
    Ok(())
}

/// What was packed for a delivery went astray: it is delivered by other discs.
///
/// # Errors
/// [`DiscError::NotPacked`], or if the database fails.
pub async fn give_up(tx: &mut Tx, delivery: &str, reason: &str) -> Result<DiscSet, DiscError> {
    let newest = discs::set_of_delivery(&mut *tx, delivery).await?;
    let mut set = newest.filter(|set| set.state == SetState::Packed).ok_or(DiscError::NotPacked)?;
    let withdrawn = SetState::Withdrawn { reason: reason.to_owned() };
    discs::change_set(tx, &set, &withdrawn).await?;
    set.state = withdrawn;
    Ok(set)
}

/// A person has taken what was packed for a delivery out of its envelope and destroyed it.
///
/// # Errors
/// [`DiscError::NotPacked`], or if the database fails.
pub async fn take_apart(tx: &mut Tx, delivery: &str, reason: &str, by: By<'_>) -> Result<(), DiscError> {
    let set = give_up(tx, delivery, reason).await?;
    for disc in discs::of_set(&mut *tx, &set.id).await? {
        if matches!(disc.state, DiscState::Packed(_)) {
            let event = Event::Destroy { reason: reason.to_owned() };
            change(tx, &disc, &set, event, None, by).await?;
            destroy(tx, disc.code, by).await?;
        }
    }
    Ok(())
}

async fn open_set(tx: &mut Tx, delivery: &str) -> Result<DiscSet, DiscError> {
    let newest = discs::set_of_delivery(&mut *tx, delivery).await?.ok_or(DiscError::NoSuchSet)?;
    // Read again under a lock: whoever packs its last disc holds it.
    let set = discs::lock_set(tx, &newest.id).await?.ok_or(DiscError::NoSuchSet)?;
    match set.state {
        SetState::Open => Ok(set),
        SetState::Packed => Err(DiscError::AlreadyPacked),
        SetState::Withdrawn { .. } => Err(DiscError::NoSuchSet),
    }
}

async fn add_disc(
    tx: &mut Tx,
    set: &DiscSet,
    place: Place,
    what: NewDisc,
    state: DiscState,
    by: By<'_>,
) -> Result<Disc, DiscError> {
    let now_ms = tx.now_ms().await?;
    let disc = Disc {
        id: new_id(now_ms, by.chance),
        disc_set: set.id.clone(),
        place,
        code: fresh_code(tx, by.chance).await?,
        image: what.image,
        medium: what.medium,
        state,
        created_at: now_ms,
        changed_at: now_ms,
    };
    discs::add(tx, &disc).await?;
    note(tx, &disc, set, "disc.planned", serde_json::Value::Null, by).await?;
    Ok(disc)
}

async fn fresh_number(tx: &mut Tx, chance: &dyn Chance) -> Result<u32, DiscError> {
    for _ in 0..DRAWS {
        let number = Code::new(Bearer::Paper, draw(chance)).number();
        if !discs::is_number_taken(&mut *tx, number).await? {
            return Ok(number);
        }
    }
    Err(DiscError::NoFreeCode)
}

async fn fresh_code(tx: &mut Tx, chance: &dyn Chance) -> Result<Code, DiscError> {
    for _ in 0..DRAWS {
        let code = Code::new(Bearer::Disc, draw(chance));
        if !discs::is_code_taken(&mut *tx, code).await? {
            return Ok(code);
        }
    }
    Err(DiscError::NoFreeCode)
}

fn draw(chance: &dyn Chance) -> u32 {
    let mut bytes = [0; 4];
    chance.fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// A disc and its set, neither of which anybody else changes before this transaction ends.
async fn held(tx: &mut Tx, code: Code) -> Result<(Disc, DiscSet), DiscError> {
    let missing = || DiscError::NoSuchDisc(code);
    let (disc, _) = discs::by_code(&mut *tx, code).await?.ok_or_else(missing)?;
    discs::lock_set(tx, &disc.disc_set).await?.ok_or_else(missing)?;
    discs::by_code(tx, code).await?.ok_or_else(missing)
}

/// Lets an event happen to a disc, with all that follows from it. `why` is what a person gave as a reason.
async fn change(
    tx: &mut Tx,
    disc: &Disc,
    set: &DiscSet,
    event: Event,
    why: Option<&str>,
    by: By<'_>,
) -> Result<DiscState, DiscError> {
    let after = disc.state.after(event)?;
    if after == disc.state {
        return Ok(after);
    }
    let now_ms = tx.now_ms().await?;
    discs::change(tx, disc, &after, now_ms).await?;
    if after.as_str() == disc.state.as_str() {
        // A lease was renewed: nothing to be told.
        return Ok(after);
    }
    note_attempt(tx, disc, &after, now_ms).await?;
    let detail = json!({
        "disc": disc.code.to_string(),
        "place": disc.place.to_string(),
        "attempt": after.attempt(),
        "reason": reason_of(&after).or(why),
    });
    note(tx, disc, set, action_of(&after), detail, by).await?;
    match after {
        DiscState::Spoiled { .. } if set.state == SetState::Open => replace(tx, disc, set, by).await?,
        DiscState::Packed(_) => note_packed(tx, set, by).await?,
        _ => {}
    }
    Ok(after)
}

/// Keeps the attempt's row in step with the disc's state.
async fn note_attempt(tx: &mut Tx, disc: &Disc, after: &DiscState, now_ms: i64) -> Result<(), StoreError> {
    match (after, disc.state.attempt()) {
        (DiscState::Leased(lease), _) => discs::note_leased(tx, &disc.id, &lease.attempt, now_ms).await,
        (DiscState::Burning(lease), _) => discs::note_begun(tx, &disc.id, lease.attempt.number, now_ms).await,
        (DiscState::Queued { .. } | DiscState::Verified(_) | DiscState::Spoiled { .. }, Some(attempt)) => {
            discs::note_ended(tx, &disc.id, attempt.number, after, now_ms).await
        }
        _ => Ok(()),
    }
}

/// Plans and queues the disc that takes the place of a spoiled one: another disc with a code of its own.
async fn replace(tx: &mut Tx, spoiled: &Disc, set: &DiscSet, by: By<'_>) -> Result<(), DiscError> {
    let state = match spoiled.state {
        DiscState::Planned => DiscState::Planned,
        _ => DiscState::Queued { attempts: 0 },
    };
    let same = NewDisc { image: spoiled.image, medium: spoiled.medium };
    add_disc(tx, set, spoiled.place, same, state, by).await.map(drop)
}

/// When the last disc of a set is in the envelope, the set is packed and its request moves on.
async fn note_packed(tx: &mut Tx, set: &DiscSet, by: By<'_>) -> Result<(), DiscError> {
    let all = discs::of_set(&mut *tx, &set.id).await?;
    let packed = all.iter().filter(|disc| matches!(disc.state, DiscState::Packed(_))).count();
    if u32::try_from(packed).is_ok_and(|packed| packed == set.discs) {
        discs::change_set(tx, set, &SetState::Packed).await?;
        jobs::put(tx, &[advance_request(&set.request)], by.chance).await?;
    }
    Ok(())
}

fn action_of(state: &DiscState) -> &'static str {
    match state {
        DiscState::Planned => "disc.planned",
        DiscState::Queued { .. } => "disc.queued",
        DiscState::Leased(_) => "disc.leased",
        DiscState::Burning(_) => "disc.burning_begun",
        DiscState::Burned(_) => "disc.burned",
        DiscState::Verified(_) => "disc.verified",
        DiscState::Labelled(_) => "disc.labelled",
        DiscState::Packed(_) => "disc.packed",
        DiscState::Unresolved { .. } => "disc.left_unresolved",
        DiscState::Spoiled { .. } => "disc.spoiled",
    }
}

fn reason_of(state: &DiscState) -> Option<&str> {
    match state {
        DiscState::Unresolved { reason, .. } | DiscState::Spoiled { reason, .. } => Some(reason),
        _ => None,
    }
}

async fn note(
    tx: &mut Tx,
    disc: &Disc,
    set: &DiscSet,
    action: &'static str,
    detail: serde_json::Value,
    by: By<'_>,
) -> Result<(), StoreError> {
    let subject = Subject::new("disc", &disc.id);
    let event = NewEvent::new(by.actor.clone(), action, subject).of_request(&set.request).with(detail);
    let now_ms = tx.now_ms().await?;
    record(tx, &event, now_ms, by.chance).await
}
