//! Short codes for people and scanners: what is printed on a disc, on its papers and on its envelope.
//!
//! A code is eight symbols, shown in two groups: `D7K2-9QFX`. The first says what bears it, six are a random
//! number of 30 bits, the last is a check symbol. The alphabet is Crockford's base 32, which has no look-alikes;
//! what is typed may be lower case, have spaces and hyphens, and O for 0, I or L for 1. The check symbol is a
//! Reed–Solomon one over GF(32): any one wrong symbol and any two swapped ones are noticed.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What bears a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bearer {
    /// A disc: `D…`. Every disc has a number of its own.
    Disc,
    /// An envelope or a parcel: `E…`, with the number of the set that goes into it.
    Envelope,
    /// A letter or a packing slip: `P…`, with the number of the set it belongs to.
    Paper,
}

impl Bearer {
    const ALL: [Self; 3] = [Self::Disc, Self::Envelope, Self::Paper];

    const fn symbol(self) -> u8 {
        match self {
            Self::Disc => b'D',
            Self::Envelope => b'E',
            Self::Paper => b'P',
        }
    }
}

/// "disc", "envelope" or "paper".
impl fmt::Display for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disc => "disc",
            Self::Envelope => "envelope",
            Self::Paper => "paper",
        })
    }
}

/// A code.
///
/// ```
/// use burn_queue::{Bearer, Code};
///
/// let code = Code::new(Bearer::Disc, 123_456_789);
/// assert_eq!(code.to_string().parse(), Ok(code));
/// assert!("D000-0001".parse::<Code>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code {
    bearer: Bearer,
    number: u32,
}

/// What was typed or scanned is none of our codes. What it was is not repeated: it may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Another length, a symbol that is none, or another first symbol.
    #[error("this is none of our codes: they look like D000-0000")]
    Form,
    /// The check symbol does not fit.
    #[error("a symbol of this code is wrong: read it once more")]
    Check,
}

impl Code {
    /// How many random bits a code holds.
    pub const BITS: u32 = 30;

    /// The code with the low 30 bits of `random`.
    #[must_use]
    pub fn new(bearer: Bearer, random: u32) -> Self {
        Self { bearer, number: random & ((1 << Self::BITS) - 1) }
    }

    /// What bears it.
    #[must_use]
    pub fn bearer(self) -> Bearer {
        self.bearer
    }

    /// The number it holds, below 2^30.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    fn values(self) -> [u8; 8] {
        let mut values = [0; 8];
        values[0] = value_of(self.bearer.symbol()).unwrap_or_default();
        for (place, value) in values[1..7].iter_mut().enumerate() {
            let shifted = self.number >> (25 - 5 * place);
            *value = u8::try_from(shifted & 31).unwrap_or_default();
        }
        values[7] = doubled(remainder(&values[..7]));
        values
    }
}

/// Horner's rule over GF(32); 0 for a whole code whose check symbol fits.
fn remainder(values: &[u8]) -> u8 {
    values.iter().fold(0, |sum, value| doubled(sum) ^ value)
}

/// Multiplication by α, a root of x⁵ + x² + 1.
fn doubled(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

fn value_of(symbol: u8) -> Option<u8> {
    let symbol = match symbol.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|known| *known == symbol).and_then(|at| u8::try_from(at).ok())
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(typed: &str) -> Result<Self, CodeError> {
        let symbols = typed.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        let values: Vec<u8> = symbols.map(value_of).collect::<Option<_>>().ok_or(CodeError::Form)?;
        let [first, number @ .., _check] = values.as_slice() else { return Err(CodeError::Form) };
        let bearer = Bearer::ALL.into_iter().find(|bearer| value_of(bearer.symbol()) == Some(*first));
        let bearer = bearer.filter(|_| number.len() == 6).ok_or(CodeError::Form)?;
        if remainder(&values) != 0 {
            return Err(CodeError::Check);
        }
        let number = number.iter().fold(0, |sum, value| sum << 5 | u32::from(*value));
        Ok(Self { bearer, number })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.values().into_iter().enumerate() {
            if place == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(ALPHABET[usize::from(value)]))?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_code() -> impl Strategy<Value = Code> {
        (0..3_usize, any::<u32>()).prop_map(|(bearer, random)| Code::new(Bearer::ALL[bearer], random))
    }

    proptest! {
        #[test]
        fn a_code_is_read_back_however_it_is_typed(code in any_code()) {
            let shown = code.to_string();
            prop_assert_eq!(shown.len(), 9);
            prop_assert_eq!(shown.parse(), Ok(code));
            let sloppy = shown.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            prop_assert_eq!(sloppy.parse(), Ok(code));
        }

        #[test]
        fn one_wrong_symbol_is_noticed(code in any_code(), place in 0..8_usize, other in 0..32_usize) {
            let mut symbols: Vec<u8> = code.to_string().replace('-', "").into_bytes();
            prop_assume!(symbols[place] != ALPHABET[other]);
            symbols[place] = ALPHABET[other];
            prop_assert!(String::from_utf8(symbols).unwrap().parse::<Code>().is_err());
        }

        #[test]
        fn two_swapped_symbols_are_noticed(code in any_code(), one in 0..8_usize, other in 0..8_usize) {
            let mut symbols: Vec<u8> = code.to_string().replace('-', "").into_bytes();
            prop_assume!(symbols[one] != symbols[other]);
            symbols.swap(one, other);
            prop_assert!(String::from_utf8(symbols).unwrap().parse::<Code>().is_err());
        }
    }

    #[test]
    fn what_is_no_code_is_refused_without_being_repeated() {
        for typed in ["", "D", "12345678", "D000-00000", "MRN 12345", "Ünter den Linden"] {
            assert!(typed.parse::<Code>().is_err(), "{typed}");
        }
        assert!(!"DOE^JOHN".parse::<Code>().unwrap_err().to_string().contains("JOHN"));
    }
}
