//! Which bytes of a file a request asks for (RFC 9110 §13 and §14).

use axum::http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderName};
use std::ops::Range;

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The whole file: 200.
    Whole,
    /// One part: 206.
    Part(Range<u64>),
    /// The file has no such part: 416.
    Unsatisfiable,
    /// The caller has it: 304.
    NotModified,
}

/// What a request asks of a file of `len` bytes whose strong entity tag is `etag`, quotes included. Several
/// ranges at once, and units that are not bytes, are answered with the whole file, as the standard permits.
pub(super) fn wanted(headers: &HeaderMap, etag: &str, len: u64) -> Wanted {
    if text(headers, &IF_NONE_MATCH).is_some_and(|tags| names(tags, etag)) {
        return Wanted::NotModified;
    }
    let range = text(headers, &RANGE).and_then(|range| range.strip_prefix("bytes="));
    // A date is no strong validator of a file that never changes: only the tag counts.
    let same = text(headers, &IF_RANGE).is_none_or(|tag| tag.trim() == etag);
    match range.filter(|_| same).map(|range| part(range.trim(), len)) {
        Some(Some(part)) if part.is_empty() => Wanted::Unsatisfiable,
        Some(Some(part)) => Wanted::Part(part),
        Some(None) | None => Wanted::Whole,
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a list of tags has this one, compared weakly (§13.1.2).
fn names(tags: &str, etag: &str) -> bool {
    let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
    tags.any(|tag| tag == etag || tag == "*")
}

/// `first-last`, `first-` or `-suffix`; empty if the file has none of it, nothing if it is no such range.
fn part(range: &str, len: u64) -> Option<Range<u64>> {
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // What is too long for a number is past every end.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Some(first.min(len)..last.saturating_add(1).min(len)),
        (Some(first), None) if last.is_empty() => Some(first.min(len)..len),
        (None, Some(suffix)) if first.is_empty() => Some(len.saturating_sub(suffix)..len),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const ETAG: &str = "\"abc\"";

    fn of(headers: &[(HeaderName, &str)]) -> Wanted {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        wanted(&HeaderMap::from_iter(headers), ETAG, 100)
    }

    #[test]
    fn one_range_is_a_part_and_what_is_no_range_is_the_whole() {
        for (range, expected) in [
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=90-99999999999999999999999", Wanted::Part(90..100)),
            ("bytes=100-", Wanted::Unsatisfiable),
            ("bytes=99999999999999999999999-", Wanted::Unsatisfiable),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=9-0", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("lines=0-9", Wanted::Whole),
        ] {
            assert_eq!(of(&[(RANGE, range)]), expected, "{range}");
        }
        assert_eq!(of(&[]), Wanted::Whole);
    }

    #[test]
    fn a_part_of_another_version_is_the_whole_of_this_one() {
        let range = (RANGE, "bytes=10-");
        assert_eq!(of(&[range.clone(), (IF_RANGE, ETAG)]), Wanted::Part(10..100));
        for other in ["\"abd\"", "W/\"abc\"", "Tue, 14 Nov 2023 22:13:20 GMT"] {
            assert_eq!(of(&[range.clone(), (IF_RANGE, other)]), Wanted::Whole, "{other}");
        }
    }

    #[test]
    fn who_has_it_is_not_sent_it_again() {
        for tags in [ETAG, "\"x\", W/\"abc\"", "*"] {
            assert_eq!(of(&[(IF_NONE_MATCH, tags)]), Wanted::NotModified, "{tags}");
        }
        assert_eq!(of(&[(IF_NONE_MATCH, "\"x\"")]), Wanted::Whole);
    }
}
