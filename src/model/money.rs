//! Amounts of money.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// An amount of US cents, more than nothing. There are no negative amounts: which way money moves is said
/// by the accounts of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schema(value_type = i64)]
pub struct Cents(i64);

/// A number of cents that is no amount: nothing, less than nothing, or more than a million dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} cents is no amount: it is more than 0 and at most 100,000,000")]
pub struct NoAmount(pub i64);

impl Cents {
    /// The most one transfer may move. Far above a day's takings; sums of many stay far below 2^63.
    pub const MOST: i64 = 100_000_000;

    /// The fee for a FedEx delivery unless another is configured.
    pub const FEE: Self = Self(4_500);

    /// The amount of this many cents.
    ///
    /// # Errors
    /// [`NoAmount`] if it is not between 1 and [`Self::MOST`].
    pub fn new(cents: i64) -> Result<Self, NoAmount> {
        if (1..=Self::MOST).contains(&cents) { Ok(Self(cents)) } else { Err(NoAmount(cents)) }
    }

    /// How many cents.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// As a table for other programs has it: `45.00`.
    #[must_use]
    pub fn decimal(self) -> String {
        decimal(self.0)
    }

    /// The amount a person wrote: `45`, `45.00`, `$45.00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let (dollars, cents) = text.split_once('.').unwrap_or((text, "00"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(dollars) || !digits(cents) || cents.len() != 2 {
            return None;
        }
        let (dollars, cents): (i64, i64) = (dollars.parse().ok()?, cents.parse().ok()?);
        Self::new(dollars.checked_mul(100)?.checked_add(cents)?).ok()
    }
}

/// Any number of cents, such as a balance, as a table for other programs has it: `45.00`, `-0.05`.
#[must_use]
pub fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.decimal())
    }
}

impl TryFrom<i64> for Cents {
    type Error = NoAmount;

    fn try_from(cents: i64) -> Result<Self, NoAmount> {
        Self::new(cents)
    }
}

impl From<Cents> for i64 {
    fn from(cents: Cents) -> Self {
        cents.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_and_less_than_nothing_are_no_amounts() {
        for cents in [0, -1, i64::MIN, Cents::MOST + 1] {
            assert_eq!(Cents::new(cents), Err(NoAmount(cents)));
        }
        assert_eq!(serde_json::from_str::<Cents>("4500").unwrap().to_string(), "$45.00");
        assert!(serde_json::from_str::<Cents>("-4500").is_err());
    }

    #[test]
    fn balances_are_written_with_their_sign_and_two_places() {
        let written = [0, 5, -5, 4_500, -123_456].map(decimal);
        assert_eq!(written, ["0.00", "0.05", "-0.05", "45.00", "-1234.56"]);
    }

    #[test]
    fn only_whole_cents_are_read() {
        let read = |text| Cents::parse(text).map(Cents::get);
        assert_eq!((read("45"), read(" $45.00 "), read("0.05")), (Some(4_500), Some(4_500), Some(5)));
        for text in ["", "$", "45.0", "45.000", "-45", "4 5", "1e3", "0", "٤٥", "99999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_is_read_as_it_is_written(cents in 1..=Cents::MOST) {
            let amount = Cents::new(cents).unwrap();
            prop_assert_eq!(Cents::parse(&amount.to_string()), Some(amount));
            prop_assert_eq!(Cents::parse(&amount.decimal()), Some(amount));
        }
    }
}
