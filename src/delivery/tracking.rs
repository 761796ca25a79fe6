//! Following what left: the carrier is asked about parcels, letters are presumed delivered, promises judged.

use super::label::{Parcels, changed, not_now};
use super::shipment::{self, PRESUME_DELIVERED};
use crate::jobs::{Handler, JobError, Running};
use crate::model::Progress;
use crate::model::job::{Effect, LeasedJob, NewJob, Twin};
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
            let id: String = job.payload().ok_or_else(|| JobError::fail("the job names no shipment"))?;
            let (now, mut tx) = (self.0.now(), self.0.db.begin().await?);
            let shipment = shipments::get_to_change(&mut tx, &id).await?;
            let (site, calendar) = (self.0.site(&shipment.site)?, self.0.carrier.calendar());
            shipment::judge_promise(&mut tx, now, site, calendar, shipment).await.map_err(changed)?;
            jobs::finish(&mut tx, job).await?;
            Ok(tx.commit().await?)
        })
    }
}

/// Presumes letters delivered, ten days after they were mailed.
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
            let id: String = job.payload().ok_or_else(|| JobError::fail("the job names no shipment"))?;
            let (now, mut tx) = (self.0.now(), self.0.db.begin().await?);
            let letter = shipments::get(&mut tx, &id).await?;
            let letter = letter.ok_or_else(|| JobError::fail("there is no such shipment"))?;
            let today = self.0.site(&letter.site)?.today(now.ms);
            shipment::presume_delivered(&mut tx, now, &id, today).await.map_err(changed)?;
            jobs::finish(&mut tx, job).await?;
            Ok(tx.commit().await?)
        })
    }
}
