//! Names of blobs.

use std::fmt;
use std::str::FromStr;

/// The longest key: room for two UUIDs and more.
const LONGEST: usize = 100;

/// The name of a blob: lower-case hex digits and `-`, beginning with a digit, so that it is a safe file
/// name and a safe object name wherever blobs are kept. It says nothing about a patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobKey(String);

/// The text is not the name of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a blob key is 1 to {LONGEST} lower-case hex digits and dashes, beginning with a digit")]
pub struct NotAKey;

impl BlobKey {
    /// The key that is written so.
    ///
    /// # Errors
    /// [`NotAKey`] if it has other characters, is empty, begins with `-` or is longer than 100.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAKey> {
        let text = text.into();
        let fitting = (1..=LONGEST).contains(&text.len()) && !text.starts_with('-');
        let clean = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if fitting && clean { Ok(Self(text)) } else { Err(NotAKey) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        Self::new(text)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hex_digits_and_dashes_make_a_key() {
        for good in ["0", "af", "0190b6f2-7c1e-7abc-8def-0123456789ab", &"a".repeat(LONGEST)] {
            assert_eq!(BlobKey::new(good).unwrap().to_string(), good);
        }
        for bad in ["", "-a", "A", "g", "a/b", "..", "a.b", "a b", "ä", "a\0", &"a".repeat(LONGEST + 1)] {
            assert_eq!(bad.parse::<BlobKey>(), Err(NotAKey), "{bad:?}");
        }
    }
}
