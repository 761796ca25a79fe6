//! The dates a request must be acted on by. Nothing pauses them.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Calendar days to act on a request: 45 CFR 164.524(b)(2).
const ACCESS_DAYS: i32 = 30;
/// Calendar days where mammograms are asked for: 21 CFR 900.12(c)(4).
const MAMMOGRAPHY_DAYS: i32 = 15;
/// The most an extension adds, once.
const EXTENSION_DAYS: i32 = 30;
/// The desk's own target.
const TARGET_DAYS: i32 = 14;

/// The dates of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// The desk's own target.
    pub target_on: Date,
    /// The last day an extension may be taken.
    pub extend_by: Date,
    /// The last day to act, the extension counted.
    pub due_on: Date,
}

/// An extension as the requester was told of it in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Extension {
    /// The day the requester will have an answer by.
    pub until: Date,
    /// Why it takes longer.
    pub reason: String,
    /// The day they were told.
    pub told_on: Date,
}

/// Why a request is not extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionRefused {
    /// It was, and once is all there is.
    #[error("this request was extended already, and may be only once")]
    Twice,
    /// The first period is over.
    #[error("an extension had to be told the requester by {last}")]
    TooLate {
        /// The last day it could.
        last: Date,
    },
    /// Too far away, or no later than the date there is.
    #[error("an extension ends after {after} and by {last} at the latest")]
    OutOfRange {
        /// The date there is.
        after: Date,
        /// The latest.
        last: Date,
    },
    /// Mammograms have no extension.
    #[error("a request for mammograms has no extension")]
    Mammography,
    /// The written reason is empty.
    #[error("an extension needs its reason in writing")]
    NoReason,
}

/// How pressing a request is on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// The target can be kept.
    OnTime,
    /// The target has passed.
    PastTarget,
    /// Five days or less are left.
    DueSoon,
    /// The law's date has passed.
    Overdue,
}

/// What the clock of a request says on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// How pressing it is.
    pub pace: Pace,
    /// Days until the law's date; negative when it has passed.
    pub days_left: i32,
}

/// The dates of a request received on a day.
#[must_use]
pub fn deadlines(received_on: Date, mammography: bool, extension: Option<&Extension>) -> Deadlines {
    let days = if mammography { MAMMOGRAPHY_DAYS } else { ACCESS_DAYS };
    let by = plus(received_on, days);
    Deadlines {
        target_on: plus(received_on, TARGET_DAYS),
        extend_by: by,
        due_on: extension.filter(|_| !mammography).map_or(by, |extension| extension.until),
    }
}

impl Deadlines {
    /// What the clock says on `today`.
    #[must_use]
    pub fn clock(&self, today: Date) -> ClockReading {
        let days_left = (self.due_on - today).get_days();
        let pace = match days_left {
            ..0 => Pace::Overdue,
            0..=5 => Pace::DueSoon,
            _ if today > self.target_on => Pace::PastTarget,
            _ => Pace::OnTime,
        };
        ClockReading { pace, days_left }
    }

    /// Whether these dates may be extended at all by a notice given on `told_on`.
    ///
    /// # Errors
    /// [`ExtensionRefused`], saying why not.
    pub fn is_extendable(
        &self,
        before: Option<&Extension>,
        mammography: bool,
        told_on: Date,
    ) -> Result<(), ExtensionRefused> {
        if mammography {
            Err(ExtensionRefused::Mammography)
        } else if before.is_some() {
            Err(ExtensionRefused::Twice)
        } else if told_on > self.extend_by {
            Err(ExtensionRefused::TooLate { last: self.extend_by })
        } else {
            Ok(())
        }
    }

    /// Whether these dates may be extended to `until` by a notice given on `told_on`.
    ///
    /// # Errors
    /// [`ExtensionRefused`], saying why not.
    pub fn extend(
        &self,
        before: Option<&Extension>,
        mammography: bool,
        extension: Extension,
    ) -> Result<Extension, ExtensionRefused> {
        self.is_extendable(before, mammography, extension.told_on)?;
        let last = plus(self.extend_by, EXTENSION_DAYS);
        if extension.reason.trim().is_empty() {
            Err(ExtensionRefused::NoReason)
        } else if extension.until <= self.extend_by || extension.until > last {
            Err(ExtensionRefused::OutOfRange { after: self.extend_by, last })
        } else {
            Ok(extension)
        }
    }
}

/// A day so many days later; the calendar's last one if there is none.
fn plus(day: Date, days: i32) -> Date {
    day.saturating_add(days.days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn extension(until: Date, told_on: Date) -> Extension {
        Extension { until, reason: "films are stored elsewhere".into(), told_on }
    }

    #[test]
    fn thirty_calendar_days_run_over_months_leap_days_and_holidays() {
        let due = |on, mammography| deadlines(on, mammography, None).due_on;
        assert_eq!(due(date(2026, 3, 15), false), date(2026, 4, 14));
        assert_eq!(due(date(2028, 2, 1), false), date(2028, 3, 2));
        assert_eq!(due(date(2026, 12, 10), true), date(2026, 12, 25));
        assert_eq!(deadlines(date(2026, 3, 15), false, None).target_on, date(2026, 3, 29));
    }

    #[test]
    fn an_extension_is_taken_once_in_time_and_for_thirty_days_at_most() {
        let on = date(2026, 3, 15);
        let dates = deadlines(on, false, None);
        let (last_day, latest) = (date(2026, 4, 14), date(2026, 5, 14));
        let taken = dates.extend(None, false, extension(latest, last_day)).unwrap();
        assert_eq!(deadlines(on, false, Some(&taken)).due_on, latest);
        assert_eq!(deadlines(on, false, Some(&taken)).extend_by, last_day);
        for (before, mammography, until, told_on, refusal) in [
            (Some(&taken), false, latest, last_day, ExtensionRefused::Twice),
            (None, true, latest, last_day, ExtensionRefused::Mammography),
            (None, false, latest, date(2026, 4, 15), ExtensionRefused::TooLate { last: last_day }),
            (
                None,
                false,
                date(2026, 5, 15),
                on,
                ExtensionRefused::OutOfRange { after: last_day, last: latest },
            ),
            (None, false, last_day, on, ExtensionRefused::OutOfRange { after: last_day, last: latest }),
        ] {
            assert_eq!(dates.extend(before, mammography, extension(until, told_on)), Err(refusal));
        }
        let silent = Extension { reason: " ".into(), ..extension(latest, on) };
        assert_eq!(dates.extend(None, false, silent), Err(ExtensionRefused::NoReason));
    }

    #[test]
    fn the_clock_says_how_pressing_a_request_is() {
        let dates = deadlines(date(2026, 3, 15), false, None);
        for (today, pace, days_left) in [
            (date(2026, 3, 29), Pace::OnTime, 16),
            (date(2026, 3, 30), Pace::PastTarget, 15),
            (date(2026, 4, 9), Pace::DueSoon, 5),
            (date(2026, 4, 14), Pace::DueSoon, 0),
            (date(2026, 4, 15), Pace::Overdue, -1),
        ] {
            assert_eq!(dates.clock(today), ClockReading { pace, days_left }, "{today}");
        }
    }
}
