//! What people do with burned discs: label them, pack them, write them off, say what nobody knows.

use super::{By, DiscError, change, held, note};
use crate::model::disc::{Disc, DiscSet, SetState};
use crate::store::db::Tx;
use crate::store::discs;
use burn_queue::{Code, DiscState, Event, Place, Scanned};
use serde_json::json;

/// A disc that is in its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Which.
    pub disc: Code,
    /// Its place in its set.
    pub place: Place,
    /// The places of the set whose discs the envelope still waits for. None: it may be closed.
    pub missing: Vec<Place>,
}

/// A person has put the label on the disc and printed its letter.
///
/// # Errors
/// [`DiscError`] if it is not verified, or not wanted any more.
pub async fn label(tx: &mut Tx, code: Code, by: By<'_>) -> Result<(), DiscError> {
    let (disc, set) = wanted(tx, code).await?;
    change(tx, &disc, &set, Event::Label, None, by).await.map(drop)
}

/// A person has put the disc into its envelope and scanned all three.
///
/// # Errors
/// [`DiscError::Mismatch`] if they do not belong together, which says what was scanned and what was expected; or if
/// the disc is not labelled, or not wanted any more.
pub async fn pack(tx: &mut Tx, scanned: &Scanned<'_>, by: By<'_>) -> Result<Packed, DiscError> {
    let code = scanned.disc()?;
    let (disc, set) = wanted(tx, code).await?;
    scanned.check(&set.packing_codes(code))?;
    change(tx, &disc, &set, Event::Pack, None, by).await?;
    let all = discs::of_set(tx, &set.id).await?;
    let missing = all.iter().filter(|disc| !over(&disc.state)).map(|disc| disc.place).collect();
    Ok(Packed { disc: code, place: disc.place, missing })
}

/// A person writes a disc off. Another takes its place, if it is wanted.
///
/// # Errors
/// [`DiscError`] if it is in a drive, packed, or written off already.
pub async fn spoil(tx: &mut Tx, code: Code, reason: &str, by: By<'_>) -> Result<(), DiscError> {
    let (disc, set) = held(tx, code).await?;
    change(tx, &disc, &set, Event::WriteOff { reason: reason.to_owned() }, None, by).await.map(drop)
}

/// A person has looked at the drive and the disc of an unresolved burn: it never happened. The disc waits again.
/// Where nobody can say that, it is [written off](spoil).
///
/// # Errors
/// [`DiscError`] if it is not unresolved, or not wanted any more.
pub async fn resolve(tx: &mut Tx, code: Code, reason: &str, by: By<'_>) -> Result<(), DiscError> {
    let (disc, set) = wanted(tx, code).await?;
    change(tx, &disc, &set, Event::NeverBurned, Some(reason), by).await.map(drop)
}

/// A person has destroyed a spoiled disc.
///
/// # Errors
/// [`DiscError`] if it is not spoiled, was never in a drive, or is destroyed already.
pub async fn destroy(tx: &mut Tx, code: Code, by: By<'_>) -> Result<(), DiscError> {
    let (disc, set) = held(tx, code).await?;
    let now_ms = tx.now_ms().await?;
    if !discs::note_destroyed(tx, &disc.id, now_ms).await? {
        return Err(DiscError::NothingToDestroy(code));
    }
    let detail = json!({ "disc": disc.code.to_string(), "place": disc.place.to_string() });
    Ok(note(tx, &disc, &set, "disc.destroyed", detail, by).await?)
}

async fn wanted(tx: &mut Tx, code: Code) -> Result<(Disc, DiscSet), DiscError> {
    let (disc, set) = held(tx, code).await?;
    match set.state {
        SetState::Withdrawn { .. } => Err(DiscError::NotWanted(code)),
        SetState::Open | SetState::Packed => Ok((disc, set)),
    }
}

fn over(state: &DiscState) -> bool {
    matches!(state, DiscState::Packed(_) | DiscState::Spoiled { .. })
}
