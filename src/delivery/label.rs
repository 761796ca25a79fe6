//! Buying labels. A carrier asked twice makes two, so an attempt is written down first; while nobody knows how it
//! went, nobody asks again.
//!
//! The attempt's reference is printed on the label, and the carrier can be asked for it. A label that was made
//! and whose answer was lost cannot be printed: it is given back, and another is bought.

use super::carrier::{AddressVerdict, BoughtLabel, Carrier, CarrierError, LabelOrder, is_tracking_number};
use super::promise::{Choice, choose, leaves_on};
use super::shipment::{Now, ShipmentError, collected, move_parcel, note, request_label};
use crate::clock::Clock;
use crate::ids::new_id;
use crate::jobs::{Handler, JobError, Running};
use crate::model::job::{Effect, LeasedJob, NewJob, Twin};
use crate::model::shipment::{CarrierEvent, CarrierState, Label, NewAttempt};
use crate::model::{Actor, Progress, Promise, Recipient, Refused, Shipment, Site};
use crate::store::db::{Db, Tx};
use crate::store::{deliveries, jobs, shipments};
use imaging::chance::Chance;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kind of the job that buys a label; its payload is the shipment's id.
pub const BUY_LABEL: &str = "buy_label";
/// The kind of the job that finds out how an attempt went; its payload is the shipment's and the attempt's id.
pub const RECONCILE_LABEL: &str = "reconcile_label";
/// The kind of the job that gives a label back; its payload is the shipment's id and why.
pub const GIVE_BACK_LABEL: &str = "give_back_label";

/// What every job about parcels works with.
#[derive(Clone)]
pub struct Parcels {
    /// The rows.
    pub db: Db,
    /// The carrier.
    pub carrier: Arc<dyn Carrier>,
    /// The sites, by their words.
    pub sites: Arc<BTreeMap<String, Site>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub chance: Arc<dyn Chance>,
    /// Who did it, of what they do.
    pub actor: Actor,
    /// How long after it was mailed a letter is presumed delivered, in milliseconds.
    pub presumed_after_ms: i64,
}

impl Parcels {
    /// This moment.
    pub(super) fn now(&self) -> Now<'_> {
        Now { actor: &self.actor, ms: self.clock.now_ms(), chance: &*self.chance }
    }

    pub(super) fn site(&self, id: &str) -> Result<&Site, JobError> {
        self.sites.get(id).ok_or_else(|| JobError::fail(format!("no site {id} is configured")))
    }
}

/// Buys labels.
pub struct BuyLabel(pub Parcels);

impl Handler for BuyLabel {
    fn kind(&self) -> &'static str {
        BUY_LABEL
    }

    /// Asking a carrier for a label is unkeyed, so the attempt is on record before it is asked, and the shipment says
    /// that nobody knows until [`ReconcileLabel`] does. The job itself may run again: it asks for a shipment that is
    /// ready, and for no other.
    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            let id: String = job.payload().ok_or_else(|| JobError::fail("the job names no shipment"))?;
            self.buy(job, &id).await
        })
    }
}

impl BuyLabel {
    async fn buy(&self, job: &LeasedJob, id: &str) -> Result<(), JobError> {
        let Parcels { db, carrier, .. } = &self.0;
        let shipment =
            shipments::get(db, id).await?.ok_or_else(|| JobError::fail("there is no such shipment"))?;
        let Progress::Carrier(to, CarrierState::ReadyToShip { promise }) = &shipment.progress else {
            return Ok(());
        };
        if deliveries::get(db, &shipment.delivery).await?.is_none_or(|delivery| delivery.state.is_closed()) {
            return Ok(());
        }
        let site = self.0.site(&shipment.site)?;
        let choice = self.choose(site, to, promise).await?;
        let attempt = self.ask(&shipment).await?;
        let order = LabelOrder {
            customer_reference: &attempt.customer_reference,
            from: site,
            to,
            service: choice.service,
            ship_on: choice.ship_on,
        };
        match carrier.ship(&order).await {
            Ok(bought) => self.made(job, &attempt, choice, bought).await,
            Err(CarrierError::Refused(why)) => {
                self.not_made(id, &attempt.id, &why).await?;
                Err(JobError::fail(why))
            }
            Err(CarrierError::Unavailable(why)) => {
                self.not_made(id, &attempt.id, &why).await?;
                Err(JobError::retry(why))
            }
            Err(CarrierError::NoAnswer(why)) => Err(JobError::Unresolved { reason: why }),
        }
    }

    async fn choose(&self, site: &Site, to: &Recipient, promise: &Promise) -> Result<Choice, JobError> {
        let carrier = &self.0.carrier;
        if let AddressVerdict::Refused { problem } = carrier.validate_address(to).await.map_err(not_now)? {
            return Err(JobError::fail(problem));
        }
        let (ship_on, _) = leaves_on(site, carrier.calendar(), self.0.clock.now_ms());
        let commits = carrier.commits(site, to, ship_on).await.map_err(not_now)?;
        let choice = choose(carrier.calendar(), ship_on, promise.due_on, &commits);
        choice.ok_or_else(|| JobError::fail("the carrier offers no service to that address"))
    }

    /// Writes the attempt down. From here on the label is unknown until someone knows.
    async fn ask(&self, shipment: &Shipment) -> Result<NewAttempt, JobError> {
        let (now, mut tx) = (self.0.now(), self.0.db.begin().await?);
        let asked = shipments::attempts_of_request(&mut tx, &shipment.request).await?;
        let attempt = NewAttempt {
            id: new_id(now.ms, now.chance),
            shipment: shipment.id.clone(),
            customer_reference: format!("{}-{}", shipment.reference, asked + 1),
        };
        let shipment = shipments::get_to_change(&mut tx, &shipment.id).await?;
        shipments::ask_label(&mut tx, &attempt, now.ms).await?;
        let event = CarrierEvent::AskLabel { attempt: attempt.id.clone() };
        move_parcel(&mut tx, now, shipment, event).await.map_err(changed)?;
        let reconcile = NewJob::new(RECONCILE_LABEL, &(&attempt.shipment, &attempt.id))
            .once(&attempt.id, Twin::Hasten)
            .after_ms(self.0.carrier.knows_after_ms());
        jobs::put(&mut tx, &[reconcile], now.chance).await?;
        tx.commit().await?;
        Ok(attempt)
    }

    /// The carrier said that it made none.
    async fn not_made(&self, shipment: &str, attempt: &str, why: &str) -> Result<(), JobError> {
        let (now, mut tx) = (self.0.now(), self.0.db.begin().await?);
        without_label(&mut tx, now, shipment, attempt, None, why).await.map_err(changed)?;
        Ok(tx.commit().await?)
    }

    /// The label is there. If meanwhile it was taken for one that was never made, it is given back.
    async fn made(
        &self,
        job: &LeasedJob,
        attempt: &NewAttempt,
        choice: Choice,
        bought: BoughtLabel,
    ) -> Result<(), JobError> {
        let (now, mut tx) = (self.0.now(), self.0.db.begin().await?);
        let shipment = shipments::get_to_change(&mut tx, &attempt.shipment).await?;
        let label = Label {
            attempt: attempt.id.clone(),
            tracking_number: bought.tracking_number.clone(),
            service: choice.service,
            ship_on: choice.ship_on,
            arrives_on: choice.arrives_on,
        };
        if let Err(error) = move_parcel(&mut tx, now, shipment, CarrierEvent::LabelMade(label)).await {
            drop(tx);
            self.0.carrier.cancel(&bought.tracking_number).await.map_err(not_now)?;
            return Err(changed(error));
        }
        let BoughtLabel { tracking_number, document, cents } = &bought;
        shipments::label_made(&mut tx, &attempt.id, tracking_number, Some(document), *cents, now.ms).await?;
        jobs::finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }
}

/// Finds out how an attempt went whose answer was lost.
pub struct ReconcileLabel(pub Parcels);

impl Handler for ReconcileLabel {
    fn kind(&self) -> &'static str {
        RECONCILE_LABEL
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            let (id, attempt): (String, String) =
                job.payload().ok_or_else(|| JobError::fail("the job names no attempt"))?;
            self.reconcile(&id, &attempt).await
        })
    }
}

impl ReconcileLabel {
    async fn reconcile(&self, id: &str, attempt: &str) -> Result<(), JobError> {
        let Parcels { db, carrier, clock, .. } = &self.0;
        let shipment =
            shipments::get(db, id).await?.ok_or_else(|| JobError::fail("there is no such shipment"))?;
        match &shipment.progress {
            Progress::Carrier(_, CarrierState::LabelUnknown { attempt: open, .. }) if open == attempt => {}
            _ => return Ok(()),
        }
        let attempts = shipments::attempts(db, id).await?;
        let asked = attempts.into_iter().find(|asked| asked.id == attempt);
        let asked = asked.ok_or_else(|| JobError::fail("there is no such attempt"))?;
        let found = carrier.find_by_reference(&asked.customer_reference).await.map_err(not_now)?;
        let left_ms = asked.asked_at + carrier.knows_after_ms() - clock.now_ms();
        match found {
            None if left_ms > 0 => {
                let reason = "the carrier may not know the label yet".to_owned();
                Err(JobError::Retry { reason, after_ms: Some(left_ms) })
            }
            None => self.known(id, attempt, None, "the carrier knows of no such label").await,
            Some(number) if carrier.cancel(&number).await.map_err(not_now)? => {
                let why = "its answer was lost, so it could not be printed";
                self.known(id, attempt, Some(&number), why).await
            }
            Some(_) => Err(JobError::fail("the carrier has collected a parcel with a label we never got")),
        }
    }

    /// It is known now that there is no label to be used. The job that asked for it is over.
    async fn known(
        &self,
        id: &str,
        attempt: &str,
        given_back: Option<&str>,
        why: &str,
    ) -> Result<(), JobError> {
        let (now, mut tx) = (self.0.now(), self.0.db.begin().await?);
        without_label(&mut tx, now, id, attempt, given_back, why).await.map_err(changed)?;
        jobs::resolve(&mut tx, BUY_LABEL, id, why).await?;
        Ok(tx.commit().await?)
    }
}

/// How a person found an attempt to have gone.
#[derive(Debug, Clone, Copy)]
pub enum Found<'a> {
    /// There is no such label, or it was given back.
    NotMade,
    /// There is, and it was printed from the carrier's own pages.
    Made(&'a Label),
}

/// A person says how an attempt went that nobody knew about, and why they know.
///
/// # Errors
/// If it is known by now, or the database fails.
pub async fn resolve(
    tx: &mut Tx,
    now: Now<'_>,
    id: &str,
    attempt: &str,
    found: Found<'_>,
    reason: &str,
) -> Result<(), ShipmentError> {
    match found {
        Found::NotMade => without_label(tx, now, id, attempt, None, reason).await?,
        Found::Made(label) if !is_tracking_number(&label.tracking_number) => {
            return Err(ShipmentError::Unsaid("the tracking number, twelve digits,"));
        }
        Found::Made(label) => {
            let shipment = shipments::get_to_change(tx, id).await?;
            move_parcel(tx, now, shipment, CarrierEvent::LabelMade(label.clone())).await?;
            shipments::label_made(tx, attempt, &label.tracking_number, None, None, now.ms).await?;
        }
    }
    Ok(jobs::resolve(tx, BUY_LABEL, id, reason).await?)
}

/// A person put right what the carrier refused: it is asked again.
///
/// # Errors
/// If the parcel is not ready to ship, or the database fails.
pub async fn ask_again(tx: &mut Tx, now: Now<'_>, id: &str, reason: &str) -> Result<(), ShipmentError> {
    jobs::resolve(tx, BUY_LABEL, id, reason).await?;
    request_label(tx, now, id).await
}

/// The label of a parcel that has not left is not to be used: the parcel is not wanted, or is to leave on another
/// day. A job gives it back; until it has, the parcel does not leave.
///
/// # Errors
/// If it has none or left, or the database fails.
pub async fn give_back(tx: &mut Tx, now: Now<'_>, id: &str, why: &str) -> Result<(), ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    match &shipment.progress {
        Progress::Carrier(_, CarrierState::Labelled { .. }) => {}
        Progress::Carrier(_, state) => {
            let (state, event) = (state.as_str(), "relieved of a label");
            return Err(Refused { what: "parcel", state, event }.into());
        }
        other => return Err(ShipmentError::OtherWay { way: other.way(), event: "relieved of a label" }),
    }
    note(tx, now, &shipment, "shipment.label_unwanted").await?;
    jobs::resolve(tx, GIVE_BACK_LABEL, id, why).await?;
    let job = NewJob::new(GIVE_BACK_LABEL, &(id, why)).once(id, Twin::Hasten);
    Ok(jobs::put(tx, &[job], now.chance).await?)
}

/// Gives labels back that are not to be used.
pub struct GiveBackLabel(pub Parcels);

impl Handler for GiveBackLabel {
    fn kind(&self) -> &'static str {
        GIVE_BACK_LABEL
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            let (id, why): (String, String) =
                job.payload().ok_or_else(|| JobError::fail("the job names no shipment"))?;
            self.give_back(job, &id, &why).await
        })
    }
}

impl GiveBackLabel {
    async fn give_back(&self, job: &LeasedJob, id: &str, why: &str) -> Result<(), JobError> {
        let Parcels { db, carrier, .. } = &self.0;
        let shipment = shipments::get(db, id).await?.map(|shipment| shipment.progress);
        let Some(Progress::Carrier(_, CarrierState::Labelled { label, .. })) = shipment else {
            return Ok(());
        };
        let given_back = carrier.cancel(&label.tracking_number).await.map_err(not_now)?;
        let (now, mut tx) = (self.0.now(), db.begin().await?);
        if given_back {
            let shipment = shipments::get_to_change(&mut tx, id).await?;
            move_parcel(&mut tx, now, shipment, CarrierEvent::LabelCancelled).await.map_err(changed)?;
            shipments::label_gone(&mut tx, &label.attempt, Some(&label.tracking_number), why, now.ms).await?;
        } else {
            collected(&mut tx, now, id).await.map_err(changed)?;
        }
        jobs::finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }
}

async fn without_label(
    tx: &mut Tx,
    now: Now<'_>,
    id: &str,
    attempt: &str,
    given_back: Option<&str>,
    why: &str,
) -> Result<(), ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    move_parcel(tx, now, shipment, CarrierEvent::LabelNotMade { attempt: attempt.to_owned() }).await?;
    Ok(shipments::label_gone(tx, attempt, given_back, why, now.ms).await?)
}

/// A question that can be asked again.
pub(super) fn not_now(error: CarrierError) -> JobError {
    match error {
        CarrierError::Refused(why) => JobError::fail(why),
        CarrierError::Unavailable(_) | CarrierError::NoAnswer(_) => JobError::retry(error),
    }
}

/// What a step of a shipment refused, as a job says it: the state is another by now.
pub(super) fn changed(error: ShipmentError) -> JobError {
    match error {
        ShipmentError::Store(error) => JobError::from(error),
        other => JobError::fail(other),
    }
}
