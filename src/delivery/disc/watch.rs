//! Leases that end without a word: a disc whose drive was untouched goes back into the queue, any other is left
//! unresolved for a person, or for the station when it comes back.

use super::{By, DiscError, change, held};
use crate::audit::events::Actor;
use crate::jobs::{self, Handler, JobError, Running};
use crate::model::{Effect, LeasedJob, NewJob, Twin};
use crate::store::StoreError;
use crate::store::db::{Db, Tx};
use crate::store::discs;
use burn_queue::Event;
use imaging::chance::Chance;
use std::sync::Arc;

const KIND: &str = "lapse_disc_leases";

/// Ends the leases whose time is over. How many those were.
///
/// # Errors
/// [`DiscError::Store`].
pub async fn lapse(tx: &mut Tx, by: By<'_>) -> Result<usize, DiscError> {
    let now_ms = tx.now_ms().await?;
    let lapsed = discs::lapsed(&mut *tx, now_ms).await?;
    let mut ended = 0;
    for (disc, _) in lapsed {
        let (disc, set) = held(tx, disc.code).await?;
        match change(tx, &disc, &set, Event::Lapse { now_ms }, None, by).await {
            Ok(_) => ended += 1,
            // Its station was heard of in the meantime.
            Err(DiscError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

/// Has the leases looked at in so many milliseconds.
pub(super) async fn look_again(tx: &mut Tx, in_ms: i64, chance: &dyn Chance) -> Result<(), StoreError> {
    let job = NewJob::new(KIND, &()).once(KIND, Twin::Hasten).after_ms(in_ms);
    jobs::put(tx, &[job], chance).await
}

/// Ends leases at their time, as long as there are any.
pub struct LapseLeases {
    /// Where discs are.
    pub db: Db,
    /// Randomness for ids and codes.
    pub chance: Arc<dyn Chance>,
}

impl LapseLeases {
    async fn once(&self, job: &LeasedJob) -> Result<(), DiscError> {
        let actor = Actor::program(KIND);
        let mut tx = self.db.begin().await?;
        lapse(&mut tx, By { actor: &actor, chance: &*self.chance }).await?;
        if let Some(until_ms) = discs::next_lease_end(&mut tx).await? {
            let in_ms = until_ms.saturating_sub(tx.now_ms().await?).max(0);
            look_again(&mut tx, in_ms, &*self.chance).await?;
        }
        jobs::finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }
}

impl Handler for LapseLeases {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move { self.once(job).await.map_err(JobError::retry) })
    }
}
