//! Sites: the desks of one hospital, each with its own clock, calendar and counter.

use super::calendar::Calendar;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// A site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// A short word that rows and exports name it by.
    pub id: String,
    /// As people know it.
    pub name: String,
    /// Its clock.
    pub zone: TimeZone,
    /// Where to call.
    pub phone: String,
    /// When the counter is open, in words.
    pub hours: String,
    /// Its postal address, from which parcels leave: street lines, then city, state and ZIP code.
    pub address: Vec<String>,
    /// Until when an order of the day leaves the same day.
    pub cut_off: Time,
    /// Its business days.
    pub calendar: Calendar,
}

impl Site {
    /// The time there.
    #[must_use]
    pub fn local(&self, at_ms: i64) -> DateTime {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(at)
    }

    /// The date there.
    #[must_use]
    pub fn today(&self, at_ms: i64) -> Date {
        self.local(at_ms).date()
    }

    /// The moment a day begins there, in milliseconds UTC.
    #[must_use]
    pub fn start_of(&self, on: Date) -> i64 {
        let start = self.zone.to_timestamp(on.at(0, 0, 0, 0));
        start.unwrap_or(Timestamp::UNIX_EPOCH).as_millisecond()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::{date, time};

    /// A site at Phoenix that keeps the federal holidays.
    pub(crate) fn phoenix() -> Site {
        Site {
            id: "main".into(),
            name: "Film Library".into(),
            zone: TimeZone::get("America/Phoenix").unwrap(),
            phone: "602-555-0100".into(),
            hours: "Monday to Friday, 8 to 5".into(),
            address: vec!["100 Main St".into(), "Phoenix AZ 85054".into()],
            cut_off: time(14, 0, 0, 0),
            calendar: Calendar::parse(Calendar::FEDERAL).unwrap(),
        }
    }

    /// The moment at which a clock at Phoenix shows this time.
    pub(crate) fn at_phoenix(month: i8, day: i8, hour: i8) -> i64 {
        let local = date(2026, month, day).at(hour, 0, 0, 0);
        phoenix().zone.to_timestamp(local).unwrap().as_millisecond()
    }

    #[test]
    fn a_day_ends_by_the_site_s_clock() {
        let late = at_phoenix(12, 31, 23);
        assert_eq!(phoenix().today(late), date(2026, 12, 31));
        let utc = Site { zone: TimeZone::UTC, ..phoenix() };
        assert_eq!(utc.today(late), date(2027, 1, 1));
        assert_eq!(phoenix().start_of(date(2026, 12, 31)), at_phoenix(12, 31, 0));
    }
}
