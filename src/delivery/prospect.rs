//! What the carrier says of an address before anybody pays: whether it goes there, and by when.

use super::carrier::{AddressVerdict, CarrierError};
use super::label::Parcels;
use super::promise::{Commit, leaves_on, promise};
use crate::model::{Promise, Recipient, Service, Site};

/// What becomes of a parcel whose order is complete at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prospect {
    /// The carrier goes there.
    Goes {
        /// What is promised.
        promise: Promise,
        /// What looks wrong with the address all the same.
        doubt: Option<String>,
    },
    /// It does not.
    GoesNot {
        /// Why.
        problem: String,
    },
}

impl Parcels {
    /// Asks the carrier about an address: shown before anybody pays, and made to count by
    /// [`super::shipment::ready`].
    ///
    /// # Errors
    /// If the carrier does not answer.
    pub async fn prospect(&self, site: &Site, to: &Recipient) -> Result<Prospect, CarrierError> {
        match self.ask(site, to).await {
            Err(CarrierError::Refused(problem)) => Ok(Prospect::GoesNot { problem }),
            answer => answer,
        }
    }

    async fn ask(&self, site: &Site, to: &Recipient) -> Result<Prospect, CarrierError> {
        let doubt = match self.carrier.validate_address(to).await? {
            AddressVerdict::Refused { problem } => return Ok(Prospect::GoesNot { problem }),
            AddressVerdict::Doubtful { problem } => Some(problem),
            AddressVerdict::Deliverable => None,
        };
        let (now_ms, calendar) = (self.clock.now_ms(), self.carrier.calendar());
        let (ship_on, _) = leaves_on(site, calendar, now_ms);
        let commits = self.carrier.commits(site, to, ship_on).await?;
        Ok(match promise(site, calendar, now_ms, &commits) {
            Some(promise) => Prospect::Goes { promise, doubt },
            None => Prospect::GoesNot { problem: "no service goes there".to_owned() },
        })
    }

    /// What is promised to most addresses of an order that is complete at this moment, by the calendars alone.
    #[must_use]
    pub fn usual(&self, site: &Site) -> Option<Promise> {
        let commits = Service::ALL.map(|service| Commit { service, arrives_on: None });
        promise(site, self.carrier.calendar(), self.clock.now_ms(), &commits)
    }
}
