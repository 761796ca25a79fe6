//! What stations ask and report.

use super::watch::{lapse, look_again};
use super::{By, DiscError, change, held};
use crate::model::disc::{Disc, DiscSet};
use crate::store::db::Tx;
use crate::store::discs;
use burn_queue::{Attempt, Code, DiscState, Event, Medium, Report, Waiting, Work, next};

/// How many of the discs that wait are looked at when one is given out.
const LOOK_AT: u32 = 200;

/// Gives a station the disc to be burned next on one of the blanks it has; none if none waits. The disc is the
/// station's for `lease_ms` milliseconds. A station that asks has none: one it was given before and has not begun,
/// because the answer was lost, waits again.
///
/// # Errors
/// [`DiscError::Store`].
pub async fn lease(
    tx: &mut Tx,
    station: &str,
    blanks: &[Medium],
    lease_ms: u32,
    by: By<'_>,
) -> Result<Option<Work>, DiscError> {
    lapse(tx, by).await?;
    for (lost, _) in discs::leased_by(&mut *tx, station).await? {
        if let Some(attempt) = lost.state.attempt().cloned() {
            take(tx, lost.code, Event::Release { attempt }, by).await?;
        }
    }
    let now_ms = tx.now_ms().await?;
    let tray = blanks.iter().map(|medium| medium.as_str()).collect::<Vec<_>>().join(", ");
    discs::note_station(tx, station, &tray, now_ms).await?;
    let until_ms = now_ms.saturating_add(lease_ms.into());
    let Some((disc, attempt)) = give_out(tx, station, blanks, until_ms, by).await? else { return Ok(None) };
    look_again(tx, lease_ms.into(), by.chance).await?;
    Ok(Some(Work {
        disc: disc.code,
        place: disc.place,
        attempt,
        image: disc.image,
        medium: disc.medium,
        lease_ms,
    }))
}

async fn give_out(
    tx: &mut Tx,
    station: &str,
    blanks: &[Medium],
    until_ms: i64,
    by: By<'_>,
) -> Result<Option<(Disc, Attempt)>, DiscError> {
    let mut queued = discs::queued(&mut *tx, LOOK_AT).await?;
    loop {
        let waiting = queued.iter().map(|(disc, set)| waiting(disc, set));
        let Some(chosen) = next(waiting, blanks).map(|chosen| chosen.id.to_owned()) else { return Ok(None) };
        let Some(at) = queued.iter().position(|(disc, _)| disc.id == chosen) else { return Ok(None) };
        let (disc, set) = held(tx, queued.swap_remove(at).0.code).await?;
        let event = Event::Lease { station: station.to_owned(), until_ms };
        match change(tx, &disc, &set, event, None, by).await {
            Ok(DiscState::Leased(lease)) => return Ok(Some((disc, lease.attempt))),
            // Another station was faster.
            Ok(_) | Err(DiscError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

fn waiting<'d>(disc: &'d Disc, set: &DiscSet) -> Waiting<'d> {
    Waiting { id: &disc.id, due_ms: set.due_at, medium: disc.medium }
}

/// What a station says of the disc it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It is still at it.
    StillAtIt,
    /// It gives the disc back; its drive was not touched.
    GivenBack,
    /// It is about to touch its drive. It must not before this is committed.
    Beginning,
    /// The drive has written everything.
    Burned,
    /// How it ended: the disc is verified, or written off and another one planned.
    Ended(Report),
}

/// Takes what a station says. Until it is heard of again the disc is its own for `lease_ms` milliseconds.
///
/// # Errors
/// [`DiscError`] if the disc is no longer this attempt's: what was burned is to be thrown away; or if it is not so far.
pub async fn report(
    tx: &mut Tx,
    code: Code,
    attempt: Attempt,
    said: Said,
    lease_ms: u32,
    by: By<'_>,
) -> Result<(), DiscError> {
    let until_ms = tx.now_ms().await?.saturating_add(lease_ms.into());
    // The disc may have been unresolved, and so without a lease to be watched.
    let is_leased_again = said == Said::Burned;
    let event = match said {
        Said::StillAtIt => Event::Renew { attempt, until_ms },
        Said::GivenBack => Event::Release { attempt },
        Said::Beginning => Event::Begin { attempt, until_ms },
        Said::Burned => Event::Burned { attempt, until_ms },
        Said::Ended(Report::Verified) => Event::Verified { attempt },
        Said::Ended(Report::Failed { reason }) => Event::Failed { attempt, reason },
    };
    take(tx, code, event, by).await?;
    if is_leased_again {
        look_again(tx, lease_ms.into(), by.chance).await?;
    }
    Ok(())
}

async fn take(tx: &mut Tx, code: Code, event: Event, by: By<'_>) -> Result<(), DiscError> {
    let (disc, set) = held(tx, code).await?;
    change(tx, &disc, &set, event, None, by).await.map(drop)
}
