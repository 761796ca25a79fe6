//! Calendars: on which days a site or a carrier works.

use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A day that is not like others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Which day.
    pub on: Date,
    /// What it is called.
    pub name: String,
    /// Whether nobody works. On other holidays work ends early, and still counts.
    #[serde(default = "closed")]
    pub closed: bool,
}

fn closed() -> bool {
    true
}

/// Business days: Monday to Friday, but for the holidays on which nobody works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<Date, Holiday>);

/// A calendar that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a calendar is a list of [[holiday]] with on = \"YYYY-MM-DD\" and a name")]
pub struct NoCalendar(#[from] toml::de::Error);

impl Calendar {
    /// The federal holidays of the United States (5 U.S.C. 6103), 2026 and 2027.
    pub const FEDERAL: &'static str = include_str!("../../config/holidays/us-federal.toml");
    /// FedEx Express, 2026 and 2027.
    pub const FEDEX: &'static str = include_str!("../../config/holidays/fedex.toml");

    /// Reads the holidays of a file such as [`Self::FEDERAL`].
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, NoCalendar> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Holidays {
            holiday: Vec<Holiday>,
        }
        let Holidays { holiday } = toml::from_str(text)?;
        Ok(Self(holiday.into_iter().map(|holiday| (holiday.on, holiday)).collect()))
    }

    /// The holiday on which nobody works, if that day is one.
    #[must_use]
    pub fn closed_for(&self, on: Date) -> Option<&Holiday> {
        self.0.get(&on).filter(|holiday| holiday.closed)
    }

    /// Whether that day is a business day.
    #[must_use]
    pub fn is_open(&self, on: Date) -> bool {
        !matches!(on.weekday(), Weekday::Saturday | Weekday::Sunday) && self.closed_for(on).is_none()
    }

    /// The last day of which this calendar knows anything: beyond the end of that year it must be renewed.
    #[must_use]
    pub fn known_until(&self) -> Option<Date> {
        self.0.last_key_value().map(|(on, _)| Date::constant(on.year(), 12, 31))
    }
}

/// The first day after `from` that is open in every one of `calendars`.
#[must_use]
pub fn next_open(from: Date, calendars: &[&Calendar]) -> Date {
    business_days_after(from, 1, calendars)
}

/// The day that is `count` business days after `from`, open in every one of `calendars`.
#[must_use]
pub fn business_days_after(from: Date, count: u8, calendars: &[&Calendar]) -> Date {
    let (mut day, mut left) = (from, count);
    while left > 0 {
        // The last day there is, in the year 9999, is followed by itself.
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        if calendars.iter().all(|calendar| calendar.is_open(day)) {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn federal() -> Calendar {
        Calendar::parse(Calendar::FEDERAL).unwrap()
    }

    fn fedex() -> Calendar {
        Calendar::parse(Calendar::FEDEX).unwrap()
    }

    #[test]
    fn federal_holidays_that_fall_on_a_weekend_are_kept_on_its_nearest_weekday() {
        for (on, name) in [
            (date(2026, 7, 3), "Independence Day"),
            (date(2027, 6, 18), "Juneteenth"),
            (date(2027, 7, 5), "Independence Day"),
            (date(2027, 12, 24), "Christmas Day"),
            (date(2027, 12, 31), "New Year's Day"),
        ] {
            assert!(federal().closed_for(on).is_some_and(|holiday| holiday.name == name), "{on}");
        }
        assert_eq!(federal().0.len(), 23);
        assert!(federal().0.keys().all(|on| on.weekday().to_monday_zero_offset() < 5));
    }

    #[test]
    fn fedex_works_on_columbus_day_and_the_day_after_thanksgiving_and_not_on_thanksgiving() {
        for (on, open) in [
            (date(2026, 10, 12), true),
            (date(2026, 11, 26), false),
            (date(2026, 11, 27), true),
            (date(2026, 12, 24), true),
            (date(2026, 12, 25), false),
            (date(2027, 7, 5), false),
        ] {
            assert_eq!(fedex().is_open(on), open, "{on}");
        }
    }

    #[test]
    fn weekends_and_closed_days_of_either_calendar_are_stepped_over() {
        let (federal, fedex) = (federal(), fedex());
        let thursday = date(2026, 7, 2);
        assert_eq!(next_open(thursday, &[&federal, &fedex]), date(2026, 7, 6));
        assert_eq!(next_open(thursday, &[&fedex]), date(2026, 7, 3));
        assert_eq!(business_days_after(thursday, 0, &[&federal]), thursday);
        assert_eq!(next_open(Date::MAX, &[&federal]), Date::MAX);
        assert_eq!(federal.known_until(), Some(date(2027, 12, 31)));
    }
}
