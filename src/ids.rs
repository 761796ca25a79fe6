//! Ids: UUIDs of version 7, so that rows made one after another lie side by side in an index.

use crate::hex::hex;
use imaging::chance::Chance;
use imaging::spool::IngestId;

/// How long an id of ours is.
pub const ID_CHARS: usize = 36;

/// A fresh id: a UUIDv7 of this moment as lower-case hyphenated text.
#[must_use]
pub fn new_id(now_ms: i64, chance: &dyn Chance) -> String {
    hyphenated(&uuid(now_ms, chance))
}

/// Whether a text reads as an id of ours.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let plain = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'7',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.len() == ID_CHARS && text.bytes().enumerate().all(plain)
}

fn uuid(now_ms: i64, chance: &dyn Chance) -> [u8; 16] {
    let mut bytes = [0; 16];
    chance.fill(&mut bytes[6..]);
    bytes[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

/// The id of an arrival, as the spool's records carry it.
#[must_use]
pub fn ingest_id(now_ms: i64, chance: &dyn Chance) -> IngestId {
    IngestId(uuid(now_ms, chance))
}

/// Sixteen bytes as rows write them.
#[must_use]
pub fn hyphenated(bytes: &[u8; 16]) -> String {
    [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]].map(hex).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::chance::SeededChance;

    #[test]
    fn an_id_has_the_form_of_a_version_7_uuid() {
        let id = new_id(0x0123_4567_89ab, &SeededChance::new(1));
        assert_eq!(id.len(), ID_CHARS);
        assert!(id.starts_with("01234567-89ab-7"), "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        assert!(is_id(&id), "{id}");
        for other in
            ["", &id[1..], &id.to_uppercase(), &id.replace('-', "0"), "01234567-89ab-4000-8000-000000000000"]
        {
            assert!(!is_id(other), "{other}");
        }
    }

    #[test]
    fn later_ids_sort_after_earlier_ones_and_none_comes_twice() {
        let chance = SeededChance::new(2);
        let ids: Vec<String> = (0..1_000).map(|ms| new_id(1_700_000_000_000 + ms, &chance)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_ne!(new_id(5, &chance), new_id(5, &chance));
    }
}
