//! Following what left: the carrier is asked about parcels, letters are presumed delivered, promises judged.

use super::label::{Parcels, changed, not_now};
use super::shipment::{self, PRESUME_DELIVERED};
use crate::jobs::{Handler, JobError, Running};
use crate::model::job::{Effect, LeasedJob, NewJob, Twin};
use crate::model::shipment::MailState;
use crate::model::{Progress, Shipment};
use crate::store::db::Tx;
use crate::store::{jobs, shipments};

/// The kind of the job that asks the carrier about a parcel; its payload is the shipment's id and how often in a
/// row nothing was new.
pub const TRACK_SHIPMENT: &str = "track_shipment";
/// The kind of the job that looks, when the promised day is over, whether it was kept.
pub const JUDGE_PROMISE: &str = "judge_promise";

/// While nothing is new the time between questions doubles, up to this many times.
const MOST_DOUBLINGS: u32 = 4;

/// Asks the carrier about parcels on their way.
pub struct TrackShipment(pub Parcels);

impl Handler for TrackShipment {
    fn kind(&self) -> &'static str {
        TRACK_SHIPMENT
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            let (id, quiet): (String, u32) =
                job.payload().ok_or_else(|| JobError::fail("the job names no shipment"))?;
            self.ask(job, &id, quiet).await
        })
    }
}

impl TrackShipment {
    async fn ask(&self, job: &LeasedJob, id: &str, quiet: u32) -> Result<(), JobError> {
        let Parcels { db, carrier, .. } = &self.0;
        let shipment =
            shipments::get(db, id).await?.ok_or_else(|| JobError::fail("there is no such shipment"))?;
        let Progress::Carrier(_, state) = &shipment.progress else { return Ok(()) };
        let Some(sent) = state.sent().filter(|_| !shipment.progress.is_over()) else { return Ok(()) };
        let scans = carrier.track(&sent.label.tracking_number).await.map_err(not_now)?;
        let site = self.0.site(&shipment.site)?;
        let (now, mut tx) = (self.0.now(), db.begin().await?);
        let (shipment, news) =
            shipment::track(&mut tx, now, site, &**carrier, id, &scans).await.map_err(changed)?;
        jobs::finish(&mut tx, job).await?;
        if !shipment.progress.is_over() {
            let quiet = if news { 0 } else { (quiet + 1).min(MOST_DOUBLINGS) };
            let again = NewJob::new(TRACK_SHIPMENT, &(id, quiet))
                .once(id, Twin::Hasten)
                .after_ms(carrier.poll_every_ms() << quiet);
            jobs::put(&mut tx, &[again], now.chance).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The shipment a job is about, which nobody else changes before the transaction ends.
async fn about(parcels: &Parcels, job: &LeasedJob) -> Result<(Tx, Shipment), JobError> {
    let id: String = job.payload().ok_or_else(|| JobError::fail("the job names no shipment"))?;
    let mut tx = parcels.db.begin().await?;
    let shipment = shipments::get_to_change(&mut tx, &id).await?;
    Ok((tx, shipment))
}

/// Looks whether a promise was kept, when its day is over.
pub struct JudgePromise(pub Parcels);

impl Handler for JudgePromise {
    fn kind(&self) -> &'static str {
        JUDGE_PROMISE
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            let (mut tx, shipment) = about(&self.0, job).await?;
            let (site, calendar) = (self.0.site(&shipment.site)?, self.0.carrier.calendar());
            let now = self.0.now();
            shipment::judge_promise(&mut tx, now, site, calendar, shipment).await.map_err(changed)?;
            jobs::finish(&mut tx, job).await?;
            Ok(tx.commit().await?)
        })
    }
}

/// Presumes letters delivered that did not come back in time.
pub struct PresumeDelivered(pub Parcels);

impl Handler for PresumeDelivered {
    fn kind(&self) -> &'static str {
        PRESUME_DELIVERED
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            let (mut tx, letter) = about(&self.0, job).await?;
            let Progress::Mail(_, MailState::Mailed { at }) = &letter.progress else { return Ok(()) };
            let now = self.0.now();
            let left_ms = at + self.0.presumed_after_ms - now.ms;
            jobs::finish(&mut tx, job).await?;
            if left_ms > 0 {
                let again = NewJob::new(PRESUME_DELIVERED, &letter.id).once(&letter.id, Twin::Hasten);
                jobs::put(&mut tx, &[again.after_ms(left_ms)], now.chance).await?;
            } else {
                let today = self.0.site(&letter.site)?.today(now.ms);
                shipment::presume_delivered(&mut tx, now, &letter.id, today).await.map_err(changed)?;
            }
            Ok(tx.commit().await?)
        })
    }
}
