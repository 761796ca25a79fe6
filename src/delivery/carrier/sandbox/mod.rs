//! A carrier of our own: it checks addresses, makes labels, collects parcels and brings them, without a truck.
//!
//! It keeps its own books in its own table, in transactions of its own, as a real one would: what we remember of
//! a parcel and what it remembers can differ after a crash. Its courier comes when it is first asked about a
//! parcel, which is after the parcel was tendered.
//!
//! Trouble comes on demand. An address with one of these as a line of its own gets what it says:
//! `SANDBOX REFUSED`, `SANDBOX UNAVAILABLE` (at the first attempt), `SANDBOX NO ANSWER` (the first label is made
//! and its answer lost), `SANDBOX LATE`, `SANDBOX NOBODY HOME`, `SANDBOX RETURNED`.

mod label;

use super::{AddressVerdict, Answer, BoughtLabel, Carrier, CarrierError, LabelOrder, check_digit};
use crate::clock::Clock;
use crate::delivery::promise::Commit;
use crate::model::calendar::{Calendar, business_days_after};
use crate::model::shipment::{Scan, Seen};
use crate::model::{Recipient, Service, Site};
use crate::store::StoreError;
use crate::store::db::Db;
use crate::store::sandbox::{self as books, Parcel};
use imaging::chance::Chance;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// The most characters of an address line.
const LINE: usize = 35;

/// How fast the sandbox's parcels go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As the calendar says.
    Calendar,
    /// From one scan to the next in so many milliseconds; the scans still name the calendar's days.
    Lapse {
        /// How many.
        step_ms: i64,
    },
}

/// The sandbox.
pub struct Sandbox {
    /// Where its books are.
    pub db: Db,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// What its numbers come from.
    pub chance: Arc<dyn Chance>,
    /// The days it works.
    pub calendar: Calendar,
    /// How fast it is.
    pub pace: Pace,
    /// By which clock its days are counted.
    pub zone: TimeZone,
}

/// Trouble on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Refused,
    Unavailable,
    NoAnswer,
    Late,
    NobodyHome,
    Returned,
}

fn trouble(to: &Recipient) -> Option<Trouble> {
    to.address.lines.iter().find_map(|line| match line.to_uppercase().trim() {
        "SANDBOX REFUSED" => Some(Trouble::Refused),
        "SANDBOX UNAVAILABLE" => Some(Trouble::Unavailable),
        "SANDBOX NO ANSWER" => Some(Trouble::NoAnswer),
        "SANDBOX LATE" => Some(Trouble::Late),
        "SANDBOX NOBODY HOME" => Some(Trouble::NobodyHome),
        "SANDBOX RETURNED" => Some(Trouble::Returned),
        _ => None,
    })
}

/// How many business days a service takes to a ZIP code; nothing where it does not go.
fn days_to(service: Service, zip: &str) -> Option<u8> {
    let days = service.business_days();
    match zip.get(..3)?.parse::<u16>().ok()? {
        969 => None,
        6..=9 | 967 | 968 | 995..=999 if service == Service::StandardOvernight => None,
        6..=9 | 967 | 968 | 995..=999 => Some(days + 1),
        _ => Some(days),
    }
}

/// What is wrong with an address, if anything.
fn wrong_with(to: &Recipient) -> Option<&'static str> {
    let address = &to.address;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let zip = match address.zip.split_once('-') {
        Some((zip, more)) => zip.len() == 5 && digits(zip) && more.len() == 4 && digits(more),
        None => address.zip.len() == 5 && digits(&address.zip),
    };
    let is_box = |line: &String| {
        let letters: String = line.chars().filter(char::is_ascii_alphanumeric).collect();
        letters.to_ascii_uppercase().starts_with("POBOX")
    };
    if address.lines.is_empty() || address.lines.len() > 3 {
        Some("an address has one to three street lines")
    } else if address.lines.iter().any(|line| line.chars().count() > LINE) {
        Some("a street line has at most 35 characters")
    } else if address.lines.iter().any(is_box) {
        Some("parcels do not go to post office boxes: send it by mail")
    } else if !zip {
        Some("the ZIP code has five digits, or nine with a hyphen")
    } else if Service::ALL.iter().all(|service| days_to(*service, &address.zip).is_none()) {
        Some("no service goes to that ZIP code")
    } else if trouble(to) == Some(Trouble::Refused) {
        Some("the address is not known")
    } else {
        None
    }
}

impl Sandbox {
    async fn make(&self, order: &LabelOrder<'_>) -> Result<BoughtLabel, CarrierError> {
        if let Some(problem) = wrong_with(order.to) {
            return Err(CarrierError::Refused(problem.to_owned()));
        }
        if days_to(order.service, &order.to.address.zip).is_none() {
            return Err(CarrierError::Refused("that service does not go there".to_owned()));
        }
        let first_attempt = order.customer_reference.ends_with("-1");
        let trouble = trouble(order.to).filter(|_| first_attempt);
        if trouble == Some(Trouble::Unavailable) {
            return Err(CarrierError::Unavailable("503".to_owned()));
        }
        let parcel = Parcel {
            tracking_number: self.fresh_number(),
            customer_reference: order.customer_reference.to_owned(),
            service: order.service,
            ship_on: order.ship_on,
            to: order.to.clone(),
            made_at: self.clock.now_ms(),
            collected_at: None,
            cancelled_at: None,
        };
        let mut tx = self.db.begin().await.map_err(unreachable)?;
        books::insert(&mut tx, &parcel).await.map_err(unreachable)?;
        tx.commit().await.map_err(unreachable)?;
        if trouble == Some(Trouble::NoAnswer) {
            return Err(CarrierError::NoAnswer("timed out".to_owned()));
        }
        let cents = match order.service {
            Service::TwoDay => 2_145,
            Service::StandardOvernight => 2_890,
            Service::PriorityOvernight => 3_475,
        };
        let document = ("application/pdf".to_owned(), label::pdf(&parcel, order.from));
        Ok(BoughtLabel { tracking_number: parcel.tracking_number, document, cents: Some(cents) })
    }

    fn fresh_number(&self) -> String {
        let mut bytes = [0; 8];
        self.chance.fill(&mut bytes);
        let digits = format!("7{:010}", u64::from_be_bytes(bytes) % 10_000_000_000);
        let check = check_digit(&digits);
        digits + &check.to_string()
    }

    async fn scans(&self, tracking_number: &str) -> Result<Vec<Scan>, CarrierError> {
        let now_ms = self.clock.now_ms();
        let mut tx = self.db.begin().await.map_err(unreachable)?;
        books::collect(&mut tx, tracking_number, now_ms).await.map_err(unreachable)?;
        let parcel = books::get(&mut tx, tracking_number).await.map_err(unreachable)?;
        tx.commit().await.map_err(unreachable)?;
        let Some(parcel) = parcel else {
            return Err(CarrierError::Refused("that tracking number is not known".to_owned()));
        };
        let mut scans = vec![Scan { at: parcel.made_at, seen: Seen::LabelCreated }];
        if let Some(collected_at) = parcel.collected_at {
            scans.extend(self.way(&parcel, collected_at).into_iter().filter(|scan| scan.at <= now_ms));
        }
        Ok(scans)
    }

    /// Everything that will ever be seen of a parcel.
    fn way(&self, parcel: &Parcel, collected_at: i64) -> Vec<Scan> {
        let trouble = trouble(&parcel.to);
        let days_after = |day, days| business_days_after(day, days, &[&self.calendar]);
        let left_on = self.day_of(collected_at).max(parcel.ship_on);
        let days = days_to(parcel.service, &parcel.to.address.zip).unwrap_or_default();
        let arrives_on = days_after(left_on, days + u8::from(trouble == Some(Trouble::Late)));
        let moving = |words: &str| Seen::Moving { words: words.to_owned() };
        let mut way = vec![(left_on, moving("Picked up")), (arrives_on, moving("On vehicle for delivery"))];
        let delivered = |on| (on, Seen::Delivered { on, received_by: None });
        match trouble {
            Some(Trouble::NobodyHome) => {
                let words = "Customer not available or business closed".to_owned();
                way.push((arrives_on, Seen::Attempted { on: arrives_on, words, by_recipient: true }));
                way.push(delivered(days_after(arrives_on, 1)));
            }
            Some(Trouble::Returned) => {
                let words = "Incorrect address".to_owned();
                way.push((arrives_on, Seen::Stopped { words, by_recipient: true }));
                way.push((days_after(arrives_on, 2), Seen::Returned));
            }
            _ => way.push(delivered(arrives_on)),
        }
        let steps = (0..).zip(way);
        steps.map(|(step, (on, seen))| Scan { at: self.moment(collected_at, step, on), seen }).collect()
    }

    /// When a scan happens: the first as the courier comes, the others from noon of their day on.
    fn moment(&self, collected_at: i64, step: i64, on: Date) -> i64 {
        match self.pace {
            Pace::Lapse { step_ms } => collected_at + step * step_ms,
            Pace::Calendar if step == 0 => collected_at,
            Pace::Calendar => {
                let noon = self.zone.to_timestamp(on.at(12, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
                let noon = noon.as_millisecond() + step * 30 * 60_000;
                noon.max(collected_at + step)
            }
        }
    }

    fn day_of(&self, at_ms: i64) -> Date {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(at).date()
    }
}

/// Its books are its own affair: that they cannot be read is that it cannot be reached.
fn unreachable(error: StoreError) -> CarrierError {
    CarrierError::Unavailable(error.to_string())
}

impl Carrier for Sandbox {
    fn validate_address<'a>(&'a self, to: &'a Recipient) -> Answer<'a, AddressVerdict> {
        let numbered = to.address.lines.iter().any(|line| line.contains(|c: char| c.is_ascii_digit()));
        let verdict = match wrong_with(to) {
            Some(problem) => AddressVerdict::Refused { problem: problem.to_owned() },
            None if numbered => AddressVerdict::Deliverable,
            None => AddressVerdict::Doubtful { problem: "there is no house number".to_owned() },
        };
        Box::pin(async move { Ok(verdict) })
    }

    fn commits<'a>(&'a self, _from: &'a Site, to: &'a Recipient, ship_on: Date) -> Answer<'a, Vec<Commit>> {
        let commits = Service::ALL.into_iter().filter_map(|service| {
            let days = days_to(service, &to.address.zip)?;
            Some(Commit { service, arrives_on: Some(business_days_after(ship_on, days, &[&self.calendar])) })
        });
        let commits = commits.collect();
        Box::pin(async move { Ok(commits) })
    }

    fn ship<'a>(&'a self, order: &'a LabelOrder<'a>) -> Answer<'a, BoughtLabel> {
        Box::pin(self.make(order))
    }

    fn cancel<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let mut tx = self.db.begin().await.map_err(unreachable)?;
            let cancelled = books::cancel(&mut tx, tracking_number, self.clock.now_ms()).await;
            let cancelled = cancelled.map_err(unreachable)?;
            tx.commit().await.map_err(unreachable)?;
            Ok(cancelled)
        })
    }

    fn track<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, Vec<Scan>> {
        Box::pin(self.scans(tracking_number))
    }

    fn find_by_reference<'a>(&'a self, customer_reference: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let found = books::by_reference(&self.db, customer_reference).await.map_err(unreachable)?;
            let live = found.into_iter().find(|parcel| parcel.cancelled_at.is_none());
            Ok(live.map(|parcel| parcel.tracking_number))
        })
    }

    fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    fn knows_after_ms(&self) -> i64 {
        match self.pace {
            Pace::Calendar => 60_000,
            Pace::Lapse { step_ms } => step_ms,
        }
    }

    fn poll_every_ms(&self) -> i64 {
        match self.pace {
            Pace::Calendar => 15 * 60_000,
            Pace::Lapse { step_ms } => step_ms,
        }
    }
}
