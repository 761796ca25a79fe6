//! What is taken as a text.

use crate::desk::DeskError;
use crate::model::delivery::PostalAddress;
use crate::words::is_harmful;

/// The most characters a line may have.
const LINE: usize = 200;
/// The most characters several lines may have.
const PROSE: usize = 4_000;

/// A line that must be there, without the space around it.
pub(in crate::desk) fn line(field: &'static str, text: &str) -> Result<String, DeskError> {
    bounded(field, text, LINE, is_harmful)
}

/// Words that must be there: a reason, a wish.
pub(in crate::desk) fn prose(field: &'static str, text: &str) -> Result<String, DeskError> {
    bounded(field, text, PROSE, |c| c.is_control() && c != '\n' && c != '\r')
}

/// A line that may be empty: then there is none.
pub(super) fn optional_line(field: &'static str, text: Option<&str>) -> Result<Option<String>, DeskError> {
    text.filter(|text| !text.trim().is_empty()).map(|text| line(field, text)).transpose()
}

fn bounded(
    field: &'static str,
    text: &str,
    most: usize,
    is_odd: impl Fn(char) -> bool,
) -> Result<String, DeskError> {
    let text = text.trim();
    let why = if text.is_empty() {
        "it must not be empty"
    } else if text.chars().count() > most {
        "it is too long"
    } else if text.chars().any(is_odd) {
        "it has characters that cannot be printed"
    } else {
        return Ok(text.to_owned());
    };
    Err(DeskError::Invalid { field, why })
}

/// An e-mail address, as far as a look can tell: the mail server has the last word.
pub(in crate::desk) fn email(field: &'static str, text: &str) -> Result<String, DeskError> {
    let text = line(field, text)?;
    let is_one = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.contains('@')
    });
    if is_one && !text.contains(|c: char| c.is_whitespace() || "<>,;\"".contains(c)) {
        Ok(text)
    } else {
        Err(DeskError::Invalid { field, why: "this is not an e-mail address" })
    }
}

/// A telephone number: at least ten digits, however they are grouped.
pub(super) fn phone(field: &'static str, text: &str) -> Result<String, DeskError> {
    let text = line(field, text)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if (10..=15).contains(&digits) {
        Ok(text)
    } else {
        Err(DeskError::Invalid { field, why: "a telephone number has its area code and seven digits more" })
    }
}

/// An address in the United States, as far as a look can tell: the carrier has the last word.
pub(super) fn address(address: &PostalAddress) -> Result<PostalAddress, DeskError> {
    let lines: Result<Vec<String>, DeskError> = address
        .lines
        .iter()
        .filter(|text| !text.trim().is_empty())
        .map(|text| line("address", text))
        .collect();
    let lines = lines?;
    if !(1..=3).contains(&lines.len()) {
        return Err(DeskError::Invalid { field: "address", why: "it has one to three lines above the city" });
    }
    let (state, zip) = (address.state.trim().to_uppercase(), address.zip.trim());
    if state.len() != 2 || !state.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(DeskError::Invalid { field: "state", why: "a state is two letters, such as AZ" });
    }
    let is_zip = match zip.split_once('-') {
        Some((five, four)) => is_digits(five, 5) && is_digits(four, 4),
        None => is_digits(zip, 5),
    };
    if !is_zip {
        return Err(DeskError::Invalid {
            field: "zip",
            why: "a ZIP code is five digits, or nine with a hyphen",
        });
    }
    Ok(PostalAddress { lines, city: line("city", &address.city)?, state, zip: zip.to_owned() })
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_told_from_what_may_be_one() {
        for (text, good) in [
            ("jane@example.org", true),
            (" jane@mail.example.org ", true),
            ("jane@example", false),
            ("jane", false),
            ("a@b@c.org", false),
            ("jane@example.org, other@example.org", false),
            ("jane@example.org\nBcc: all@example.org", false),
            ("jane\u{202e}@example.org", false),
        ] {
            assert_eq!(email("email", text).is_ok(), good, "{text}");
        }
        for (text, good) in [("602 555 0100", true), ("+1 (602) 555-0100", true), ("555-0100", false)] {
            assert_eq!(phone("phone", text).is_ok(), good, "{text}");
        }
        let at = |state: &str, zip: &str| {
            let (state, zip) = (state.to_owned(), zip.to_owned());
            address(&PostalAddress { lines: vec!["1 Main St".into()], city: "Phoenix".into(), state, zip })
        };
        assert_eq!(at("az", "85001-1234").unwrap().state, "AZ");
        assert!(
            at("Arizona", "85001").is_err() && at("AZ", "8500").is_err() && at("AZ", "85001-12").is_err()
        );
    }
}
