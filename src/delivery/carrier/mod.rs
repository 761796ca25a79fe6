//! What a parcel carrier does for us. The shape is that of FedEx's interfaces, so that their client fills it;
//! [`sandbox`] is a carrier of our own for trying everything.

pub mod sandbox;

use super::promise::Commit;
use crate::model::calendar::Calendar;
use crate::model::shipment::Scan;
use crate::model::{Recipient, Service, Site};
use jiff::civil::Date;
use std::pin::Pin;

/// The future of a carrier's answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, CarrierError>> + Send + 'a>>;

/// A carrier. What it is asked carries a name, an address, a telephone number and our own reference: nothing
/// of the patient's images.
pub trait Carrier: Send + Sync {
    /// Whether it delivers to an address. Harmless to repeat.
    fn validate_address<'a>(&'a self, to: &'a Recipient) -> Answer<'a, AddressVerdict>;

    /// Which services go there from a site and when they arrive if the parcel leaves on that day. Harmless to
    /// repeat.
    fn commits<'a>(&'a self, from: &'a Site, to: &'a Recipient, ship_on: Date) -> Answer<'a, Vec<Commit>>;

    /// Makes a label. Asked twice it makes two.
    fn ship<'a>(&'a self, order: &'a LabelOrder<'a>) -> Answer<'a, BoughtLabel>;

    /// Gives a label back; `false` if the parcel was collected. Harmless to repeat.
    fn cancel<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, bool>;

    /// What was seen of a parcel, the oldest first. Harmless to repeat.
    fn track<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, Vec<Scan>>;

    /// The tracking number of the label with our reference that was not given back. Harmless to repeat.
    fn find_by_reference<'a>(&'a self, customer_reference: &'a str) -> Answer<'a, Option<String>>;

    /// The days it works.
    fn calendar(&self) -> &Calendar;

    /// How long after a label was made [`Self::find_by_reference`] may still not know it, in milliseconds. No
    /// call may last longer.
    fn knows_after_ms(&self) -> i64;

    /// How long to wait between questions about a parcel on its way, in milliseconds.
    fn poll_every_ms(&self) -> i64;
}

/// What a label is asked for with.
#[derive(Debug, Clone, Copy)]
pub struct LabelOrder<'a> {
    /// Our reference, unique to the attempt. It is printed.
    pub customer_reference: &'a str,
    /// Where the parcel leaves.
    pub from: &'a Site,
    /// Where it goes.
    pub to: &'a Recipient,
    /// How fast.
    pub service: Service,
    /// On which day it leaves.
    pub ship_on: Date,
}

/// A label that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoughtLabel {
    /// By which the carrier knows the parcel.
    pub tracking_number: String,
    /// To print: media type and bytes.
    pub document: (String, Vec<u8>),
    /// What the carrier charges us.
    pub cents: Option<i64>,
}

/// What a carrier thinks of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressVerdict {
    /// It delivers there.
    Deliverable,
    /// It delivers there, and something looks wrong: a person should look at it.
    Doubtful {
        /// What.
        problem: String,
    },
    /// It does not.
    Refused {
        /// Why.
        problem: String,
    },
}

/// Why there is no answer. None of the texts holds a name or an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// It says no. Asking again brings the same.
    #[error("the carrier refuses: {0}")]
    Refused(String),
    /// It could not be asked; nothing happened.
    #[error("the carrier cannot be reached: {0}")]
    Unavailable(String),
    /// It was asked and did not answer: what was asked for may have happened.
    #[error("the carrier did not answer: {0}")]
    NoAnswer(String),
}

/// Whether a number is one of FedEx Express: twelve digits, the last checking the others (weights 3, 1, 7,
/// modulo 11, modulo 10).
#[must_use]
pub fn is_tracking_number(text: &str) -> bool {
    let digits = text.split_at_checked(11).filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.is_some_and(|(digits, check)| check == check_digit(digits).to_string())
}

/// The digit that checks the eleven before it.
#[must_use]
pub fn check_digit(digits: &str) -> u32 {
    let weighted = digits.chars().zip([3, 1, 7].into_iter().cycle());
    weighted.filter_map(|(digit, weight)| Some(digit.to_digit(10)? * weight)).sum::<u32>() % 11 % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_numbers_check_themselves() {
        for number in ["794791341818", "797615467620", "713062653486"] {
            assert!(is_tracking_number(number), "{number}");
        }
        for number in ["794791341819", "79479134181", "7947913418180", "", "79479134181x", "79479134181é"] {
            assert!(!is_tracking_number(number), "{number}");
        }
    }
}
