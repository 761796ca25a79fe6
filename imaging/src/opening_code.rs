//! The opening code of a disc: what the patient types, in one of two generated forms.
//!
//! Its normal form, its check digits and what is derived from it are §4 of `docs/sealed-disc.md`.
//! Codes are generated and never chosen: a disc can be attacked for years, at any speed, and then only
//! the code's randomness helps (77.5 bits for six words, 79.7 for six groups of digits).
//!
//! ```
//! use imaging::chance::OsChance;
//! use imaging::opening_code::{Form, NotACode, OpeningCode};
//!
//! let code = OpeningCode::generate(Form::Digits, &OsChance);
//! let typed = code.reveal().replace('-', " ");
//! assert!(OpeningCode::parse(&typed)? == code);
//! assert_eq!(OpeningCode::parse("12345").unwrap_err(), NotACode::Digits { found: 5 });
//! # Ok::<(), NotACode>(())
//! ```

use crate::chance::Chance;
use diceware_wordlists::EFF_LONG_WORDLIST;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Words, or groups of digits, in a code.
const GROUPS: usize = 6;
/// Digits of a group: four random ones and a check digit.
const GROUP_DIGITS: usize = 5;

/// How a code is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Six words of the EFF long list, without the four hyphenated ones.
    Words,
    /// Six groups of five digits, for whoever does not write English.
    Digits,
}

/// An opening code in its normal form. Wiped from memory when dropped, and never shown by accident.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct OpeningCode {
    text: String,
    #[zeroize(skip)]
    form: Form,
}

impl std::fmt::Debug for OpeningCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpeningCode(…)")
    }
}

/// What was typed is no opening code. Says where, but nothing of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACode {
    /// There are not six words.
    #[error(
        "an opening code is {GROUPS} words or {GROUPS} groups of {GROUP_DIGITS} digits: {found} words were typed"
    )]
    Words {
        /// Words there were.
        found: usize,
    },
    /// There are not thirty digits.
    #[error("an opening code of digits has {GROUPS} groups of {GROUP_DIGITS}: {found} digits were typed")]
    Digits {
        /// Digits there were.
        found: usize,
    },
    /// One of the words is on no list.
    #[error("word {0} is not one that opening codes are made of: look for a slip in it")]
    Word(usize),
    /// The check digit of a group does not agree: a slip in it, or the group of another place.
    #[error("there is a slip in group {0}")]
    Group(usize),
}

impl OpeningCode {
    /// A fresh code.
    #[must_use]
    pub fn generate(form: Form, chance: &dyn Chance) -> Self {
        // Room for the longest code: a text that grew would leave pieces of itself behind.
        let mut text = String::with_capacity(GROUPS * 16);
        for group in 1..=GROUPS {
            if group > 1 {
                text.push('-');
            }
            match form {
                Form::Words => text.push_str(random_word(chance)),
                Form::Digits => push_group(&mut text, group, chance),
            }
        }
        Self { text, form }
    }

    /// The code that was typed, however it was spaced, hyphenated or capitalised, and in whatever digits.
    ///
    /// # Errors
    /// [`NotACode`] says which word or group has a slip.
    pub fn parse(typed: &str) -> Result<Self, NotACode> {
        let pieces = Zeroizing::new(pieces(typed));
        if pieces.iter().any(|piece| piece.contains(|c: char| c.is_ascii_alphabetic())) {
            Self::from_words(&pieces)
        } else {
            Self::from_digits(&pieces)
        }
    }

    /// How it is written.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The code itself, in its normal form: for the one letter or screen that hands it over, and for
    /// deriving a key.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    fn from_words(pieces: &[String]) -> Result<Self, NotACode> {
        if pieces.len() != GROUPS {
            return Err(NotACode::Words { found: pieces.len() });
        }
        match pieces.iter().position(|word| !is_word(word)) {
            Some(at) => Err(NotACode::Word(at + 1)),
            None => Ok(Self { text: pieces.join("-"), form: Form::Words }),
        }
    }

    fn from_digits(pieces: &[String]) -> Result<Self, NotACode> {
        let digits = Zeroizing::new(pieces.concat());
        if digits.len() != GROUPS * GROUP_DIGITS {
            return Err(NotACode::Digits { found: digits.len() });
        }
        let mut text = String::with_capacity(GROUPS * (GROUP_DIGITS + 1));
        for (at, group) in digits.as_bytes().chunks(GROUP_DIGITS).enumerate() {
            let values = group.iter().map(|digit| usize::from(digit - b'0'));
            if check_digit(at + 1, values) != 0 {
                return Err(NotACode::Group(at + 1));
            }
            if at > 0 {
                text.push('-');
            }
            text.extend(group.iter().copied().map(char::from));
        }
        Ok(Self { text, form: Form::Digits })
    }
}

/// The runs of letters and digits in what was typed, in lower case and in ASCII digits.
fn pieces(typed: &str) -> Vec<String> {
    let mut pieces = vec![String::with_capacity(typed.len())];
    for c in typed.chars().map(plain) {
        match pieces.last_mut() {
            Some(piece) if c.is_ascii_alphanumeric() => piece.push(c),
            Some(piece) if piece.is_empty() => {}
            _ => pieces.push(String::with_capacity(typed.len())),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// A letter in lower case; an Arabic-Indic, Persian or full-width digit as the ASCII one.
fn plain(c: char) -> char {
    ['\u{660}', '\u{6F0}', '\u{FF10}']
        .into_iter()
        .find_map(|zero| {
            u32::from(c).checked_sub(u32::from(zero)).and_then(|value| char::from_digit(value, 10))
        })
        .unwrap_or(c.to_ascii_lowercase())
}

fn is_word(word: &str) -> bool {
    EFF_LONG_WORDLIST.binary_search(&word).is_ok()
}

fn random_word(chance: &dyn Chance) -> &'static str {
    loop {
        // A hyphenated word would be two when typed.
        match EFF_LONG_WORDLIST.get(random_bits(chance, 13)) {
            Some(word) if !word.contains('-') => return word,
            _ => {}
        }
    }
}

fn push_group(text: &mut String, group: usize, chance: &dyn Chance) {
    let number = loop {
        let number = random_bits(chance, 14);
        if number < 10_000 {
            break number;
        }
    };
    let digits = [number / 1000, number / 100 % 10, number / 10 % 10, number % 10];
    for digit in digits.into_iter().chain([check_digit(group, digits.into_iter())]) {
        text.extend(u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 10)));
    }
}

fn random_bits(chance: &dyn Chance, bits: u32) -> usize {
    let mut bytes = [0; 2];
    chance.fill(&mut bytes);
    usize::from(u16::from_be_bytes(bytes) >> (u16::BITS - bits))
}

/// The check digit after `digits`; 0 after a group with its check digit. Damm's algorithm (H. M. Damm,
/// "Total anti-symmetrische Quasigruppen", 2004), started with the group's number: every wrong digit,
/// every swap of neighbours, and every group in another's place is found.
fn check_digit(group: usize, digits: impl Iterator<Item = usize>) -> usize {
    digits.fold(group, |interim, digit| usize::from(DAMM[interim][digit]))
}

const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;
    use proptest::prelude::*;

    fn digits(seed: u64) -> Vec<u8> {
        let code = OpeningCode::generate(Form::Digits, &SeededChance::new(seed));
        code.reveal().bytes().filter(u8::is_ascii_digit).collect()
    }

    fn parse(digits: &[u8]) -> Result<OpeningCode, NotACode> {
        OpeningCode::parse(std::str::from_utf8(digits).unwrap())
    }

    proptest! {
        #[test]
        fn a_code_is_understood_however_it_is_typed(seed: u64, spaces in "[ \\-\u{2013}.\t]{1,3}") {
            for form in [Form::Words, Form::Digits] {
                let code = OpeningCode::generate(form, &SeededChance::new(seed));
                let typed = format!(" {}\n", code.reveal().replace('-', &spaces).to_uppercase());
                let parsed = OpeningCode::parse(&typed).unwrap();
                prop_assert!(parsed == code && parsed.form() == form);
            }
        }

        #[test]
        fn any_wrong_digit_and_any_swap_of_neighbours_is_found_in_its_group(seed: u64) {
            let right = digits(seed);
            for at in 0..right.len() {
                for wrong in (b'0'..=b'9').filter(|digit| *digit != right[at]) {
                    let mut typed = right.clone();
                    typed[at] = wrong;
                    prop_assert_eq!(parse(&typed), Err(NotACode::Group(at / GROUP_DIGITS + 1)));
                }
                if at % GROUP_DIGITS > 0 && right[at] != right[at - 1] {
                    let mut typed = right.clone();
                    typed.swap(at - 1, at);
                    prop_assert_eq!(parse(&typed), Err(NotACode::Group(at / GROUP_DIGITS + 1)));
                }
            }
        }

        #[test]
        fn a_group_in_another_place_is_found(seed: u64) {
            let mut typed = digits(seed);
            typed.rotate_left(GROUP_DIGITS);
            prop_assert_eq!(parse(&typed), Err(NotACode::Group(1)));
        }

        #[test]
        fn nothing_typed_makes_it_fail(typed: String) {
            prop_assert!(OpeningCode::parse(&typed).is_err());
        }
    }

    #[test]
    fn digits_of_other_scripts_are_understood() {
        let code = OpeningCode::generate(Form::Digits, &SeededChance::new(3));
        for zero in ['\u{660}', '\u{6F0}', '\u{FF10}'] {
            let other =
                |c: char| c.to_digit(10).and_then(|d| char::from_u32(u32::from(zero) + d)).unwrap_or(c);
            let typed: String = code.reveal().chars().map(other).collect();
            assert!(OpeningCode::parse(&typed).unwrap() == code);
        }
    }

    #[test]
    fn the_word_with_a_slip_is_named_and_nothing_is_shown() {
        let code = OpeningCode::generate(Form::Words, &SeededChance::new(3));
        let slip = code.reveal().replacen('-', " x", 1);
        let error = OpeningCode::parse(&slip).unwrap_err();
        assert_eq!(error, NotACode::Word(2));
        assert_eq!(OpeningCode::parse("one two").unwrap_err(), NotACode::Words { found: 2 });
        assert_eq!(format!("{code:?}"), "OpeningCode(…)");
    }

    #[test]
    fn every_word_on_the_list_but_the_hyphenated_can_be_drawn_and_is_lower_case_letters() {
        let usable =
            EFF_LONG_WORDLIST.iter().filter(|word| word.bytes().all(|b| b.is_ascii_lowercase())).count();
        assert_eq!((EFF_LONG_WORDLIST.len(), usable), (7776, 7772));
        assert!(EFF_LONG_WORDLIST.is_sorted());
    }
}
