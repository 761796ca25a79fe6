//! The line to the carrier: it loses questions and answers, the carrier says no for a while, and the service dies on it.

use crate::luck::Luck;
use filmroom::clock::ManualClock;
use filmroom::delivery::carrier::{AddressVerdict, Answer, BoughtLabel, Carrier, CarrierError, LabelOrder};
use filmroom::delivery::promise::Commit;
use filmroom::model::calendar::Calendar;
use filmroom::model::shipment::Scan;
use filmroom::model::{Recipient, Site};
use jiff::civil::Date;
use std::sync::Arc;

pub struct Line {
    pub carrier: Arc<dyn Carrier>,
    pub luck: Arc<Luck>,
    pub clock: Arc<ManualClock>,
}

impl Line {
    fn ask<'a, T: Send + 'a>(&'a self, question: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(async move {
            if self.luck.fault(15, "carrier unreachable") {
                return Err(CarrierError::Unavailable("503".to_owned()));
            }
            if self.luck.fault(40, "carrier says no") {
                return Err(CarrierError::Refused("this account is on hold".to_owned()));
            }
            self.luck.outlive("died before asking the carrier").await;
            let answer = question.await;
            self.luck.stir();
            self.clock.advance(200);
            self.luck.outlive("died before the carrier's answer").await;
            if self.luck.fault(15, "carrier's answer lost") {
                return Err(CarrierError::NoAnswer("timed out".to_owned()));
            }
            answer
        })
    }
}

impl Carrier for Line {
    fn validate_address<'a>(&'a self, to: &'a Recipient) -> Answer<'a, AddressVerdict> {
        self.ask(self.carrier.validate_address(to))
    }

    fn commits<'a>(&'a self, from: &'a Site, to: &'a Recipient, ship_on: Date) -> Answer<'a, Vec<Commit>> {
        self.ask(self.carrier.commits(from, to, ship_on))
    }

    fn ship<'a>(&'a self, order: &'a LabelOrder<'a>) -> Answer<'a, BoughtLabel> {
        self.ask(self.carrier.ship(order))
    }

    fn cancel<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, bool> {
        self.ask(self.carrier.cancel(tracking_number))
    }

    fn track<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, Vec<Scan>> {
        self.ask(self.carrier.track(tracking_number))
    }

    fn find_by_reference<'a>(&'a self, customer_reference: &'a str) -> Answer<'a, Option<String>> {
        self.ask(self.carrier.find_by_reference(customer_reference))
    }

    fn calendar(&self) -> &Calendar {
        self.carrier.calendar()
    }

    fn knows_after_ms(&self) -> i64 {
        self.carrier.knows_after_ms()
    }

    fn poll_every_ms(&self) -> i64 {
        self.carrier.poll_every_ms()
    }
}
