//! What opens a link: the token in its path, and the access code that goes another way.

use crate::hex::{hex, unhex};
use imaging::chance::Chance;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroize;

/// Crockford's base 32: no I, L, O or U, so nothing in it is read or heard as something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DIGITS: usize = 8;

/// 256 random bits that stand in a link's path or a session's cookie. Rows hold only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken([u8; 32]);

impl LinkToken {
    /// A fresh one.
    #[must_use]
    pub fn fresh(chance: &dyn Chance) -> Self {
        let mut bytes = [0; 32];
        chance.fill(&mut bytes);
        Self(bytes)
    }

    /// The token that is written so; nothing if none is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }

    /// As it stands in a path or a cookie: 64 hex digits.
    #[must_use]
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    /// SHA-256 of it, in hex, as rows hold it. What has 256 random bits needs no slower hash.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(&<[u8; 32]>::from(Sha256::digest(self.0)))
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

impl Drop for LinkToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Eight digits, forty random bits, said in two groups of four. Generated, never chosen.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessCode([u8; DIGITS]);

/// The text is no access code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an access code has eight letters and digits")]
pub struct NotACode;

impl AccessCode {
    /// A fresh one.
    #[must_use]
    pub fn fresh(chance: &dyn Chance) -> Self {
        let mut digits = [0; DIGITS];
        chance.fill(&mut digits);
        Self(digits.map(|byte| ALPHABET[usize::from(byte & 31)]))
    }

    /// As it is said and printed: `XXXX-XXXX`. For the one moment it is shown.
    #[must_use]
    pub fn reveal(&self) -> String {
        let (first, second) = self.0.split_at(DIGITS / 2);
        format!("{}-{}", String::from_utf8_lossy(first), String::from_utf8_lossy(second))
    }

    pub(crate) fn digits(&self) -> &[u8] {
        &self.0
    }
}

/// Reads it as people write it: in either case, with or without hyphens and spaces, a letter O for a zero
/// and an I or L for a one.
impl FromStr for AccessCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        let meant = text.chars().filter(|c| !matches!(c, '-' | '–') && !c.is_whitespace());
        let digits: Vec<u8> = meant.map(|c| u8::try_from(c).map_or(0, unconfused)).collect();
        let digits = <[u8; DIGITS]>::try_from(digits).map_err(|_| NotACode)?;
        if digits.iter().all(|digit| ALPHABET.contains(digit)) { Ok(Self(digits)) } else { Err(NotACode) }
    }
}

fn unconfused(digit: u8) -> u8 {
    match digit.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        digit => digit,
    }
}

impl fmt::Debug for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessCode(…)")
    }
}

impl Drop for AccessCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::chance::SeededChance;

    #[test]
    fn a_code_is_read_however_it_was_heard_and_is_never_shown_by_accident() {
        let chance = SeededChance::new(7);
        for _ in 0..200 {
            let code = AccessCode::fresh(&chance);
            let text = code.reveal();
            assert_eq!(text.len(), 9);
            let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            for copied in [text.clone(), text.replace('-', ""), format!(" {sloppy} ")] {
                assert_eq!(copied.parse(), Ok(code.clone()), "{copied}");
            }
            assert!(!format!("{code:?}").contains(&text[..4]));
        }
        for text in ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFGU", "ABCD-EFGé"] {
            assert_eq!(text.parse::<AccessCode>(), Err(NotACode), "{text}");
        }
    }

    #[test]
    fn a_token_comes_back_from_its_text_and_its_hash_tells_nothing() {
        let token = LinkToken::fresh(&SeededChance::new(1));
        let text = token.text();
        assert_eq!(LinkToken::parse(&text).unwrap().hash(), token.hash());
        assert!(token.hash() != text && LinkToken::parse("short").is_none());
        assert!(!format!("{token:?}").contains(&text[..8]));
    }
}
