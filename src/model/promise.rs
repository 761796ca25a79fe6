//! What is promised of a parcel, why, and whether it was kept.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A FedEx Express service, the slowest and cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Service {
    /// By the evening of the second business day.
    #[serde(rename = "FEDEX_2_DAY")]
    TwoDay,
    /// By the afternoon of the next business day, to homes by its evening.
    StandardOvernight,
    /// By the morning of the next business day; it reaches places the other overnight service does not.
    PriorityOvernight,
}

impl Service {
    /// Every one, the cheapest first.
    pub const ALL: [Self; 3] = [Self::TwoDay, Self::StandardOvernight, Self::PriorityOvernight];

    /// The word the carrier's interface and rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwoDay => "FEDEX_2_DAY",
            Self::StandardOvernight => "STANDARD_OVERNIGHT",
            Self::PriorityOvernight => "PRIORITY_OVERNIGHT",
        }
    }

    /// The service of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.as_str() == word)
    }

    /// As people know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TwoDay => "FedEx 2Day",
            Self::StandardOvernight => "FedEx Standard Overnight",
            Self::PriorityOvernight => "FedEx Priority Overnight",
        }
    }

    /// How many of the carrier's business days it takes between most places.
    #[must_use]
    pub fn business_days(self) -> u8 {
        match self {
            Self::TwoDay => 2,
            Self::StandardOvernight | Self::PriorityOvernight => 1,
        }
    }
}

/// When a parcel will be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Promise {
    /// When the order was complete: approved, images on hand, paid or let off.
    pub complete_at: i64,
    /// The day from which the two business days count.
    pub starts_on: Date,
    /// The day by which a delivery is attempted: two business days, or what the patient was told instead.
    pub due_on: Date,
    /// Why that day, in the order in which one would say it.
    pub reasons: Vec<Reason>,
}

/// Whether a promise was kept; if not, who is to answer for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromiseOutcome {
    /// The first delivery attempt was in time.
    Kept,
    /// The parcel left too late.
    Desk,
    /// It left in time and came late.
    Carrier,
    /// Nobody was there, or the address was wrong.
    Recipient,
}

impl PromiseOutcome {
    const ALL: [Self; 4] = [Self::Kept, Self::Desk, Self::Carrier, Self::Recipient];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Desk => "desk",
            Self::Carrier => "carrier",
            Self::Recipient => "recipient",
        }
    }

    /// The outcome of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Whether the fee is to be given back.
    #[must_use]
    pub fn is_owed_back(self) -> bool {
        matches!(self, Self::Desk | Self::Carrier)
    }
}

/// A reason for a date. [`fmt::Display`] says it to staff; catalogs have a message for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[schema(as = PromiseReason)]
pub enum Reason {
    /// The order was complete in time to leave the same day.
    LeavesSameDay {
        /// Which day.
        on: Date,
    },
    /// It was complete after the last hour for that day.
    AfterCutOff {
        /// That hour.
        #[schema(value_type = String)]
        cut_off: Time,
    },
    /// A weekend lies within.
    Weekend {
        /// Its first day.
        on: Date,
    },
    /// The desk is closed on a day within.
    SiteClosed {
        /// Which day.
        on: Date,
        /// What it is called.
        holiday: String,
    },
    /// The carrier moves nothing on a day within.
    CarrierClosed {
        /// Which day.
        on: Date,
        /// What it is called.
        holiday: String,
    },
    /// The carrier says when this service is there.
    CarrierSays {
        /// Which service.
        service: Service,
        /// When.
        on: Date,
    },
    /// No service to that address keeps two business days.
    NoneIsFasterThan {
        /// When the fastest one is there.
        on: Date,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |on: &Date| on.strftime("%a %b %-d").to_string();
        match self {
            Self::LeavesSameDay { on } => write!(f, "it leaves on {}", day(on)),
            Self::AfterCutOff { cut_off } => {
                write!(f, "the order was complete after {}, too late for that day", cut_off.strftime("%H:%M"))
            }
            Self::Weekend { on } => write!(f, "the weekend of {} does not count", day(on)),
            Self::SiteClosed { on, holiday } => write!(f, "the desk is closed on {} ({holiday})", day(on)),
            Self::CarrierClosed { on, holiday } => {
                write!(f, "the carrier moves nothing on {} ({holiday})", day(on))
            }
            Self::CarrierSays { service, on } => write!(f, "{} is there on {}", service.name(), day(on)),
            Self::NoneIsFasterThan { on } => {
                write!(f, "no service to that address is there before {}", day(on))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_outcomes_are_read_back_as_they_are_written() {
        for service in Service::ALL {
            assert_eq!(Service::parse(service.as_str()), Some(service));
            assert_eq!(serde_json::json!(service), service.as_str());
        }
        for outcome in PromiseOutcome::ALL {
            assert_eq!(PromiseOutcome::parse(outcome.as_str()), Some(outcome));
        }
        assert_eq!((Service::parse("GROUND"), PromiseOutcome::parse("late")), (None, None));
    }
}
