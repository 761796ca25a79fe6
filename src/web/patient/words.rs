//! Facts in a patient's words.

use crate::desk::pictures::Shelf;
use crate::model::Site;
use crate::notify::catalogs::Texts;
use jiff::civil::Date;

/// What a study is, plainly: "CT scan".
pub(super) fn study_name(t: Texts, shelf: &Shelf<'_>) -> String {
    let named = shelf.modalities().into_iter().find_map(kind);
    t.say(named.unwrap_or("study-other"))
}

/// What a modality (PS3.3 §C.7.3.1.1.1) is called by people.
fn kind(modality: &str) -> Option<&'static str> {
    Some(match modality {
        "CT" => "study-ct",
        "MR" => "study-mr",
        "US" | "IVUS" => "study-us",
        "CR" | "DX" | "DR" | "RG" => "study-xray",
        "MG" => "study-mg",
        "NM" | "ST" => "study-nm",
        "PT" => "study-pt",
        "XA" | "RF" => "study-xa",
        "IO" | "PX" => "study-dental",
        _ => return None,
    })
}

/// A `DA` (PS3.5 §6.2) in words; as it stands if it is none.
pub(super) fn dicom_date(t: Texts, text: &str) -> String {
    Date::strptime("%Y%m%d", text).map_or_else(|_| text.to_owned(), |date| t.date(date))
}

/// The day of a moment at the site.
pub(super) fn day_of(t: Texts, site: &Site, at_ms: i64) -> String {
    t.date(site.today(at_ms))
}

/// A length as people read it: "740 MB". Units are of thousands, as storage is sold.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let found = UNITS.into_iter().find(|(unit, _)| bytes >= *unit);
    found.map_or_else(
        || format!("{bytes} B"),
        |(unit, name)| {
            let tenths = (bytes / (unit / 10)).max(1);
            if tenths < 100 {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            } else {
                format!("{} {name}", tenths / 10)
            }
        },
    )
}

/// A count as messages take it.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Digits of Arabic and Persian as ASCII: people type birth dates and codes with the keyboard they have.
pub(super) fn ascii_digits(text: &str) -> String {
    let ascii = |c: char| {
        let value = match c {
            '\u{0660}'..='\u{0669}' => u32::from(c) - 0x0660,
            '\u{06F0}'..='\u{06F9}' => u32::from(c) - 0x06F0,
            _ => return c,
        };
        char::from_digit(value, 10).unwrap_or(c)
    };
    text.chars().map(ascii).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_the_unit_that_fits() {
        for (bytes, words) in [
            (7, "7 B"),
            (1_500, "1.5 kB"),
            (12_345_678, "12 MB"),
            (9_999_999, "9.9 MB"),
            (4_700_000_000, "4.7 GB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn digits_of_every_keyboard_are_understood() {
        assert_eq!(ascii_digits("١٩٧٠-۰۱ A"), "1970-01 A");
    }
}
