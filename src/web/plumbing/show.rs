//! How facts are shown: states as signs, days as the reader counts them, names as people write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

/// A state as a sign: a word, with a shape and a colour that the class stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// `good`, `going`, `warn`, `bad`, `ended`, or nothing: has not begun.
    pub class: &'static str,
    /// The word.
    pub words: String,
}

impl Sign {
    /// A sign of this class.
    pub fn new(class: &'static str, words: impl Into<String>) -> Self {
        Self { class, words: words.into() }
    }
}

/// A fact with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// What it says.
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into() }
    }
}

/// A day: "Dec 3, 2026".
#[must_use]
pub fn day(date: Date) -> String {
    date.strftime("%b %-d, %Y").to_string()
}

/// A moment at the site: "Dec 3, 2026, 4:05 PM MST".
#[must_use]
pub fn moment(at_ms: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(
        |_| String::new(),
        |at| at.to_zoned_datetime(zone.clone()).strftime("%b %-d, %Y, %-I:%M %p %Z").to_string(),
    )
}

/// A moment as machines read it (RFC 3339).
#[must_use]
pub fn machine_moment(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms)
        .ok()
        .and_then(|at| at.round(Unit::Second).ok())
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// How far off a day is: "today", "in 3 days", "2 days ago".
#[must_use]
pub fn days_off(days: i32) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("{} days ago", days.unsigned_abs()),
    }
}

/// A name as people write it, from a `PN` (PS3.5 6.2.1): its first group that says something, given name
/// first.
#[must_use]
pub fn name(person_name: &str) -> String {
    let group = person_name.split('=').find(|group| !group.trim_matches('^').is_empty()).unwrap_or_default();
    let parts: Vec<&str> = group.split('^').map(str::trim).collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let words: Vec<&str> =
        [part(3), part(1), part(2), part(0), part(4)].into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// A `DA` (PS3.5 6.2) as a day; as it stands if it is none.
#[must_use]
pub fn dicom_day(text: &str) -> String {
    Date::strptime("%Y%m%d", text).map_or_else(|_| text.to_owned(), day)
}

/// Cents as dollars: "$45.00".
#[must_use]
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    let (whole, part) = (cents / 100, cents % 100);
    let digits = whole.to_string();
    let grouped: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|three| std::str::from_utf8(three).ok()).collect();
    format!("{sign}${}.{part:02}", grouped.join(","))
}

/// So many of something: "1 image", "3 images".
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Words as a sentence: begun with a capital, ended with a full stop.
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect()) + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_days_of_images_read_as_people_write_them() {
        assert_eq!(name("ROE^JANE^ANN^DR^JR"), "DR JANE ANN ROE JR");
        assert_eq!(name("Yamada^Tarou=山田^太郎"), "Tarou Yamada");
        assert_eq!(name("=山田^太郎"), "太郎 山田");
        assert_eq!(name("^^^"), "");
        assert_eq!(dicom_day("19700102"), "Jan 2, 1970");
        assert_eq!(dicom_day("1970"), "1970");
    }

    #[test]
    fn cents_are_dollars_with_thousands_apart() {
        assert_eq!(dollars(4_500), "$45.00");
        assert_eq!(dollars(5), "$0.05");
        assert_eq!(dollars(-1_234_567), "−$12,345.67");
    }

    #[test]
    fn a_moment_has_the_zone_of_the_site_and_its_day() {
        let phoenix = TimeZone::get("America/Phoenix").unwrap();
        let at = 1_764_802_800_000; // 2025-12-03T23:00:00Z
        assert_eq!(moment(at, &phoenix), "Dec 3, 2025, 4:00 PM MST");
        assert_eq!(machine_moment(at), "2025-12-03T23:00:00Z");
        assert_eq!(
            [0, 1, 5, -1, -4].map(days_off),
            ["today", "tomorrow", "in 5 days", "yesterday", "4 days ago"]
        );
    }
}
