//! Discs at the desk: who may burn them, label, pack, write off and destroy them. [`crate::delivery::disc`] does it.

use super::authorization::{Action, NotPermitted};
use super::request::text;
use super::{Acting, DeskError};
use crate::delivery::disc::{self, Board, By, DiscError, Packed, Said};
use crate::model::Actor;
use crate::model::disc::{Disc, DiscSet};
use crate::store::db::{Db, Tx};
use crate::store::discs;
use burn_queue::{Attempt, Code, DiscState, Medium, Scanned, Work};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why nothing was done with a disc.
#[derive(Debug, thiserror::Error)]
pub enum DiscsError {
    /// Whoever asked may not.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The disc does not allow it.
    #[error(transparent)]
    Disc(#[from] DiscError),
    /// What was given is not usable.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// What a person does with a disc.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum DiscDeed {
    /// Its label is on it, its letter printed.
    Label,
    /// Write it off; another takes its place, if it is wanted.
    WriteOff {
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody knew about it; it was never burned, and waits again.
    NeverBurned {
        /// How that is known.
        reason: String,
    },
    /// It was spoiled, and is destroyed.
    Destroy,
}

/// Does something with a disc.
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, there is no such disc, it does not allow it, or no reason is said.
pub async fn act_on_disc(
    tx: &mut Tx,
    acting: &Acting<'_>,
    code: Code,
    deed: DiscDeed,
) -> Result<(), DiscsError> {
    let actor = acting.who.actor();
    let by = by(acting, &actor);
    match deed {
        DiscDeed::Label => {
            acting.permit(Action::BurnDiscs)?;
            disc::label(tx, code, by).await?;
        }
        DiscDeed::WriteOff { reason } => {
            permit_write_off(tx, acting, code).await?;
            let reason = text::prose("reason", &reason)?;
            disc::spoil(tx, code, &reason, by).await?;
        }
        DiscDeed::NeverBurned { reason } => {
            acting.permit(Action::ResolveDiscs)?;
            let reason = text::prose("reason", &reason)?;
            disc::resolve(tx, code, &reason, by).await?;
        }
        DiscDeed::Destroy => {
            permit_board(acting)?;
            disc::destroy(tx, code, by).await?;
        }
    }
    Ok(())
}

/// Whoever decides about a disc nobody knows about may write it off; any other is for who burns.
async fn permit_write_off(tx: &mut Tx, acting: &Acting<'_>, code: Code) -> Result<(), DiscsError> {
    let Err(refused) = acting.permit(Action::BurnDiscs) else { return Ok(()) };
    acting.permit(Action::ResolveDiscs)?;
    match discs::by_code(tx, code).await.map_err(DiscError::from)? {
        Some((disc, _)) if matches!(disc.state, DiscState::Unresolved { .. }) => Ok(()),
        _ => Err(refused.into()),
    }
}

/// Packs what was scanned.
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, or the three do not belong together.
pub async fn pack(tx: &mut Tx, acting: &Acting<'_>, scanned: &Scanned<'_>) -> Result<Packed, DiscsError> {
    acting.permit(Action::BurnDiscs)?;
    Ok(disc::pack(tx, scanned, by(acting, &acting.who.actor())).await?)
}

/// What is to be done with discs. Who burns sees it, and who decides about discs nobody knows about.
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, or the database fails.
pub async fn board(db: &Db, acting: &Acting<'_>) -> Result<Board, DiscsError> {
    permit_board(acting)?;
    Ok(disc::board(db).await.map_err(DiscError::from)?)
}

fn permit_board(acting: &Acting<'_>) -> Result<(), NotPermitted> {
    acting.permit(Action::BurnDiscs).or_else(|_| acting.permit(Action::ResolveDiscs))
}

/// A disc whose papers are printed. It has none before it was read back and found right: what a label is on is
/// packed and sent.
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, there is no such disc, or it is not so far.
pub async fn to_print(db: &Db, acting: &Acting<'_>, code: Code) -> Result<(Disc, DiscSet), DiscsError> {
    acting.permit(Action::BurnDiscs)?;
    let found = discs::by_code(db, code).await.map_err(DiscError::from)?;
    let (disc, set) = found.ok_or(DiscError::NoSuchDisc(code))?;
    match disc.state {
        DiscState::Verified(_) | DiscState::Labelled(_) | DiscState::Packed(_) => Ok((disc, set)),
        _ => Err(DiscError::NotVerified(code).into()),
    }
}

/// Gives a station the next disc for one of its blanks: [`disc::lease`].
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, or the database fails.
pub async fn lease(
    tx: &mut Tx,
    acting: &Acting<'_>,
    (station, blanks): (&str, &[Medium]),
    lease_ms: u32,
) -> Result<Option<Work>, DiscsError> {
    acting.permit(Action::BurnDiscs)?;
    Ok(disc::lease(tx, station, blanks, lease_ms, by(acting, &acting.who.actor())).await?)
}

/// Takes what a station says of its disc: [`disc::report`].
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, or the disc is no longer this attempt's.
pub async fn report(
    tx: &mut Tx,
    acting: &Acting<'_>,
    (code, attempt): (Code, Attempt),
    said: Said,
    lease_ms: u32,
) -> Result<(), DiscsError> {
    acting.permit(Action::BurnDiscs)?;
    Ok(disc::report(tx, code, attempt, said, lease_ms, by(acting, &acting.who.actor())).await?)
}

/// The disc a station's attempt is at, whose image it may have.
///
/// # Errors
/// [`DiscsError`] if whoever acts may not, there is no such disc, or this attempt is not at it.
pub async fn at_the_drive(
    db: &Db,
    acting: &Acting<'_>,
    code: Code,
    attempt: &Attempt,
) -> Result<(Disc, DiscSet), DiscsError> {
    acting.permit(Action::BurnDiscs)?;
    let found = discs::by_code(db, code).await.map_err(DiscError::from)?;
    let (disc, set) = found.ok_or(DiscError::NoSuchDisc(code))?;
    let begun =
        matches!(disc.state, DiscState::Burning(_) | DiscState::Burned(_) | DiscState::Unresolved { .. });
    if begun && disc.state.attempt() == Some(attempt) {
        Ok((disc, set))
    } else {
        Err(DiscError::NotBurning(code).into())
    }
}

fn by<'a>(acting: &Acting<'a>, actor: &'a Actor) -> By<'a> {
    By { actor, chance: acting.chance }
}
