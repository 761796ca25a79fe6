//! The name a release request goes by outside: it may be printed, said on the telephone and shown.

use imaging::chance::Chance;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Crockford's base 32: no I, L, O or U, so nothing in it is read as something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DIGITS: usize = 8;

/// `FR-XXXX-XXXX`: forty random bits. It tells nothing and opens nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference([u8; DIGITS]);

/// A text that is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference has the form FR-XXXX-XXXX")]
pub struct NoReference;

impl Reference {
    /// A fresh one.
    #[must_use]
    pub fn fresh(chance: &dyn Chance) -> Self {
        let mut digits = [0; DIGITS];
        chance.fill(&mut digits);
        Self(digits.map(|byte| ALPHABET[usize::from(byte & 31)]))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FR")?;
        self.0.chunks(4).try_for_each(|group| {
            f.write_str("-")?;
            group.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
        })
    }
}

/// Reads it as people write it: in either case, with or without hyphens, spaces and `FR`, a letter O for
/// a zero and an I or L for a one.
impl FromStr for Reference {
    type Err = NoReference;

    fn from_str(text: &str) -> Result<Self, NoReference> {
        let text: String = text.chars().filter(|c| !matches!(c, '-' | '–' | ' ')).collect();
        let text = text.to_ascii_uppercase();
        let digits = match text.strip_prefix("FR") {
            Some(rest) if text.len() != DIGITS => rest,
            _ => &text,
        };
        let digits: Vec<u8> = digits.bytes().map(unconfused).collect();
        let digits = <[u8; DIGITS]>::try_from(digits).map_err(|_| NoReference)?;
        if digits.iter().all(|digit| ALPHABET.contains(digit)) { Ok(Self(digits)) } else { Err(NoReference) }
    }
}

fn unconfused(digit: u8) -> u8 {
    match digit {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        digit => digit,
    }
}

impl TryFrom<String> for Reference {
    type Error = NoReference;

    fn try_from(text: String) -> Result<Self, NoReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::chance::SeededChance;

    #[test]
    fn a_reference_is_read_however_it_was_copied_down() {
        let chance = SeededChance::new(7);
        for _ in 0..200 {
            let reference = Reference::fresh(&chance);
            let text = reference.to_string();
            assert_eq!(text.len(), 12);
            assert!(!text[2..].contains(['I', 'L', 'O', 'U']), "{text}");
            let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            for copied in [text.clone(), text.replace('-', ""), text[3..].to_owned(), sloppy] {
                assert_eq!(copied.parse(), Ok(reference.clone()), "{copied}");
            }
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in ["", "FR-", "FR-0000-000", "FR-0000-00000", "FR-0000-000U", "FR-0000-000é"] {
            assert_eq!(text.parse::<Reference>(), Err(NoReference), "{text}");
        }
    }
}
