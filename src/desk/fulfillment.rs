//! What moves a request on. One job compares what each of its deliveries wants with what is, and takes every step
//! that is possible now.
//!
//! It takes no input but the request's id, so whoever changes something a request may wait for just puts it
//! ([`crate::model::job::advance_request`]); running it again does no harm. This is where deliveries and money meet:
//! neither knows the other.
//!
//! | way | waits for | then |
//! |---|---|---|
//! | every one | approval, a frozen package | |
//! | link | | a grant, a mail with its link; done when it was sent and an access code issued |
//! | mail, desk | | discs sealed and burned; done when presumed delivered, or handed over |
//! | FedEx | the carrier to go there, then the fee paid or let off | a promise, discs, a label; earned when tendered; done when delivered |

mod by_fedex;
mod by_link;
mod discs;
mod ending;

use super::request::{DeliveryStep, RequestStep, advance, advance_delivery};
use super::{Acting, DeskError, Who};
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::delivery::carrier::CarrierError;
use crate::delivery::disc::DiscError;
use crate::delivery::label::Parcels;
use crate::delivery::shipment::{Now, ShipmentError};
use crate::jobs::{Handler, JobError, Running, finish, put};
use crate::means::Means;
use crate::model::job::{ADVANCE_REQUEST, freeze_package};
use crate::model::{
    Actor, Delivery, DeliveryState, Effect, FeeSchedule, LeasedJob, Package, ReleaseRequest, RequestState,
    Site, Way,
};
use crate::money::{Clerk, MoneyError};
use crate::store::db::{Db, Tx};
use crate::store::{StoreError, deliveries, packages, requests};
use by_fedex::Prospects;
use imaging::chance::Chance;
use imaging::seal::MasterKeys;
use std::sync::Arc;

/// Moves requests on.
pub struct AdvanceRequest {
    /// The database.
    pub db: Db,
    /// What wraps keys.
    pub keys: Arc<MasterKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids, tokens and codes.
    pub chance: Arc<dyn Chance>,
    /// The carrier and the sites.
    pub parcels: Parcels,
    /// What FedEx costs.
    pub fee: FeeSchedule,
    /// Where links lead.
    pub url: PublicUrl,
    /// How long they are good for.
    pub link_days: u32,
}

impl Handler for AdvanceRequest {
    fn kind(&self) -> &'static str {
        ADVANCE_REQUEST
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move { self.advance(job).await.map_err(JobError::from) })
    }
}

/// Why a request could not be moved on.
#[derive(Debug, thiserror::Error)]
enum NotAdvanced {
    #[error("the job names no request that there is")]
    NoRequest,
    #[error("no site {0} is configured")]
    NoSite(String),
    #[error("the carrier")]
    Carrier(#[from] CarrierError),
    #[error("the carrier does not go there: {0}")]
    GoesNot(String),
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error(transparent)]
    Disc(#[from] DiscError),
    #[error(transparent)]
    Shipment(#[from] ShipmentError),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("the database")]
    Store(#[from] StoreError),
}

impl From<NotAdvanced> for JobError {
    fn from(error: NotAdvanced) -> Self {
        match error {
            NotAdvanced::NoRequest | NotAdvanced::NoSite(_) | NotAdvanced::GoesNot(_) => Self::fail(error),
            other => Self::retry(other),
        }
    }
}

/// A transaction in which a request is moved on.
struct Step<'a> {
    tx: Tx,
    all: &'a AdvanceRequest,
    site: &'a Site,
    request: ReleaseRequest,
    who: &'a Who,
    actor: &'a Actor,
    now_ms: i64,
}

impl AdvanceRequest {
    async fn advance(&self, job: &LeasedJob) -> Result<(), NotAdvanced> {
        let id: String = job.payload().ok_or(NotAdvanced::NoRequest)?;
        let request = requests::get(&self.db, &id).await?.ok_or(NotAdvanced::NoRequest)?;
        let site = self.parcels.sites.get(&request.site);
        let site = site.ok_or_else(|| NotAdvanced::NoSite(request.site.clone()))?;
        // The carrier is asked before the transaction begins: it may take its time.
        let (prospects, in_the_way) = by_fedex::ask_carrier(self, site, &request).await?;
        let (who, actor) = (Who::Program(ADVANCE_REQUEST), Actor::program(ADVANCE_REQUEST));
        let mut tx = self.db.begin().await?;
        let request = requests::get_to_change(&mut tx, &id).await?;
        let now_ms = self.clock.now_ms();
        let mut step = Step { tx, all: self, site, request, who: &who, actor: &actor, now_ms };
        step.take(&prospects).await?;
        if let Some(error) = in_the_way {
            step.tx.commit().await?;
            return Err(error);
        }
        finish(&mut step.tx, job).await?;
        Ok(step.tx.commit().await?)
    }
}

impl<'a> Step<'a> {
    async fn take(&mut self, prospects: &Prospects) -> Result<(), NotAdvanced> {
        let id = self.request.id.clone();
        let all = deliveries::of_request(&mut self.tx, &id).await?;
        for delivery in all.iter().filter(|delivery| delivery.state.is_dropped()) {
            self.wind_up(delivery).await?;
        }
        if self.request.state.is_closed() && self.request.state.approval().is_none() {
            // Reopened and then refused or withdrawn: what was released before is not any more.
            for delivery in &all {
                self.revoke_link(delivery).await?;
            }
        }
        let open: Vec<Delivery> = all.into_iter().filter(|delivery| !delivery.state.is_closed()).collect();
        for delivery in open.iter().filter(|delivery| delivery.way() == Way::FedEx) {
            self.quote(delivery).await?;
            self.end_with_fee(delivery).await?;
        }
        if !matches!(self.request.state, RequestState::Approved { .. } | RequestState::Fulfilling { .. }) {
            return Ok(());
        }
        let Some(package) = packages::current_of(&mut self.tx, &id).await? else {
            return Ok(put(&mut self.tx, &[freeze_package(&id)], &*self.all.chance).await?);
        };
        for delivery in open {
            self.deliver(&delivery.id, &package, prospects).await?;
        }
        self.fulfill().await
    }

    async fn deliver(
        &mut self,
        id: &str,
        package: &Package,
        prospects: &Prospects,
    ) -> Result<(), NotAdvanced> {
        let delivery = deliveries::get_to_change(&mut self.tx, id).await?;
        let delivery = match delivery.state {
            DeliveryState::Chosen | DeliveryState::Quoted if self.is_ready(&delivery, prospects).await? => {
                self.move_delivery(&delivery, DeliveryStep::MakeReady).await?
            }
            _ => delivery,
        };
        let delivery = match (&delivery.state, delivery.way()) {
            (DeliveryState::Ready, Way::Link) => {
                self.send_link(&delivery, package).await?;
                self.begin(&delivery).await?
            }
            (DeliveryState::Ready, _) => {
                self.order_discs(&delivery).await?;
                self.begin(&delivery).await?
            }
            _ => delivery,
        };
        let done = match (&delivery.state, delivery.way()) {
            (DeliveryState::UnderWay, Way::Link) => self.has_link(&delivery).await?,
            (DeliveryState::UnderWay, _) => self.move_discs(&delivery, prospects).await?,
            _ => false,
        };
        if done {
            self.move_delivery(&delivery, DeliveryStep::Finish).await?;
        }
        Ok(())
    }

    /// Whether nothing stands in the way of a delivery any more.
    async fn is_ready(&mut self, delivery: &Delivery, prospects: &Prospects) -> Result<bool, NotAdvanced> {
        match delivery.way() {
            Way::FedEx => self.complete_order(delivery, prospects).await,
            Way::Link | Way::Mail | Way::Desk => Ok(true),
        }
    }

    async fn begin(&mut self, delivery: &Delivery) -> Result<Delivery, NotAdvanced> {
        if matches!(self.request.state, RequestState::Approved { .. }) {
            let acting = acting(self.who, self.site, self.now_ms, &*self.all.chance);
            self.request = advance(&mut self.tx, &acting, &delivery.request, RequestStep::Begin).await?;
        }
        self.move_delivery(delivery, DeliveryStep::Begin).await
    }

    async fn move_delivery(
        &mut self,
        delivery: &Delivery,
        by: DeliveryStep,
    ) -> Result<Delivery, NotAdvanced> {
        let acting = acting(self.who, self.site, self.now_ms, &*self.all.chance);
        Ok(advance_delivery(&mut self.tx, &acting, &delivery.id, by).await?)
    }

    /// The last delivery came to its end, and one of them reached somebody.
    async fn fulfill(&mut self) -> Result<(), NotAdvanced> {
        let all = deliveries::of_request(&mut self.tx, &self.request.id).await?;
        let done = all.iter().any(|delivery| matches!(delivery.state, DeliveryState::Done { .. }));
        let fulfilling = matches!(self.request.state, RequestState::Fulfilling { .. });
        if fulfilling && done && all.iter().all(|delivery| delivery.state.is_closed()) {
            let acting = acting(self.who, self.site, self.now_ms, &*self.all.chance);
            self.request = advance(&mut self.tx, &acting, &self.request.id, RequestStep::Fulfill).await?;
        }
        Ok(())
    }

    fn clerk(&self) -> Clerk<'a> {
        Clerk { site: self.site, actor: self.actor, now_ms: self.now_ms, chance: &*self.all.chance }
    }

    fn now(&self) -> Now<'a> {
        Now { ms: self.now_ms, chance: &*self.all.chance, actor: self.actor }
    }

    fn means(&self) -> Means<'a> {
        Means { keys: &self.all.keys, chance: &*self.all.chance, now_ms: self.now_ms }
    }
}

fn acting<'a>(who: &'a Who, site: &Site, now_ms: i64, chance: &'a dyn Chance) -> Acting<'a> {
    Acting { who, now_ms, today: site.today(now_ms), chance }
}

#[cfg(test)]
mod tests;
