//! What goes into one envelope: discs of one set, its paper, and nothing else.

use crate::code::{Bearer, Code, CodeError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A disc's place in its set: "disc 2 of 3".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Place {
    number: u32,
    of: u32,
}

/// No place in a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no disc {number} in a set of {of}")]
pub struct NoSuchPlace {
    /// The place, from 1.
    pub number: u32,
    /// How many discs the set has.
    pub of: u32,
}

impl Place {
    /// Place `number` (from 1) in a set of `of`.
    ///
    /// # Errors
    /// [`NoSuchPlace`] if there is none.
    pub fn new(number: u32, of: u32) -> Result<Self, NoSuchPlace> {
        if number == 0 || number > of { Err(NoSuchPlace { number, of }) } else { Ok(Self { number, of }) }
    }

    /// Which one, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }
}

impl TryFrom<(u32, u32)> for Place {
    type Error = NoSuchPlace;

    fn try_from((number, of): (u32, u32)) -> Result<Self, NoSuchPlace> {
        Self::new(number, of)
    }
}

impl From<Place> for (u32, u32) {
    fn from(place: Place) -> Self {
        (place.number, place.of)
    }
}

/// "disc 2 of 3".
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "disc {} of {}", self.number, self.of)
    }
}

/// The codes that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackingCodes {
    /// The disc's.
    pub disc: Code,
    /// Of its set's letter or slip.
    pub paper: Code,
    /// Of its set's envelope.
    pub envelope: Code,
}

/// What was scanned or typed at the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Scanned<'s> {
    /// From the disc's label.
    pub disc: &'s str,
    /// From the letter or slip.
    pub paper: &'s str,
    /// From the envelope.
    pub envelope: &'s str,
}

/// What was scanned does not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// A scan is no code.
    #[error("the scan of the {bearer}: {source}")]
    Unreadable {
        /// Which scan.
        bearer: Bearer,
        /// Why.
        source: CodeError,
    },
    /// A code of the wrong thing, or of another set.
    #[error("the {bearer} scanned is {scanned}; here belongs {expected}")]
    Other {
        /// Which scan.
        bearer: Bearer,
        /// What it said.
        scanned: Code,
        /// What it should say.
        expected: Code,
    },
    /// In place of the disc something else was scanned.
    #[error("a disc was to be scanned, {scanned} is the code of a {}", scanned.bearer())]
    NoDisc {
        /// What it said.
        scanned: Code,
    },
}

impl Scanned<'_> {
    /// The disc that was scanned: by it the codes that belong to it are looked up.
    ///
    /// # Errors
    /// [`Mismatch`] if it is no disc's code.
    pub fn disc(&self) -> Result<Code, Mismatch> {
        let scanned = read(Bearer::Disc, self.disc)?;
        if scanned.bearer() == Bearer::Disc { Ok(scanned) } else { Err(Mismatch::NoDisc { scanned }) }
    }

    /// Whether all three belong together.
    ///
    /// ```
    /// use burn_queue::{Bearer, Code, Mismatch, PackingCodes, Scanned};
    ///
    /// let set = 77;
    /// let codes = PackingCodes {
    ///     disc: Code::new(Bearer::Disc, 5),
    ///     paper: Code::new(Bearer::Paper, set),
    ///     envelope: Code::new(Bearer::Envelope, set),
    /// };
    /// let (disc, paper) = (codes.disc.to_string(), codes.paper.to_string());
    /// let other = Code::new(Bearer::Envelope, 78).to_string();
    /// let scanned = Scanned { disc: &disc, paper: &paper, envelope: &other };
    /// assert!(matches!(scanned.check(&codes), Err(Mismatch::Other { bearer: Bearer::Envelope, .. })));
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`], naming the first that does not.
    pub fn check(&self, codes: &PackingCodes) -> Result<(), Mismatch> {
        let all = [
            (Bearer::Disc, self.disc, codes.disc),
            (Bearer::Paper, self.paper, codes.paper),
            (Bearer::Envelope, self.envelope, codes.envelope),
        ];
        for (bearer, scan, expected) in all {
            let scanned = read(bearer, scan)?;
            if scanned != expected {
                return Err(Mismatch::Other { bearer, scanned, expected });
            }
        }
        Ok(())
    }
}

fn read(bearer: Bearer, scan: &str) -> Result<Code, Mismatch> {
    scan.parse().map_err(|source| Mismatch::Unreadable { bearer, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> PackingCodes {
        PackingCodes {
            disc: Code::new(Bearer::Disc, 1),
            paper: Code::new(Bearer::Paper, 9),
            envelope: Code::new(Bearer::Envelope, 9),
        }
    }

    fn checked(disc: Code, paper: Code, envelope: Code) -> Result<(), Mismatch> {
        let [disc, paper, envelope] = [disc, paper, envelope].map(|code| code.to_string());
        Scanned { disc: &disc, paper: &paper, envelope: &envelope }.check(&codes())
    }

    #[test]
    fn only_the_three_that_belong_together_are_packed() {
        let PackingCodes { disc, paper, envelope } = codes();
        assert_eq!(checked(disc, paper, envelope), Ok(()));
        let strangers = [
            (Code::new(Bearer::Disc, 2), paper, envelope),
            (disc, Code::new(Bearer::Paper, 8), envelope),
            (disc, paper, Code::new(Bearer::Envelope, 8)),
            (disc, envelope, paper),
            (paper, paper, envelope),
        ];
        for (disc, paper, envelope) in strangers {
            assert!(checked(disc, paper, envelope).is_err(), "{disc} {paper} {envelope}");
        }
    }

    #[test]
    fn a_mismatch_says_what_was_scanned_and_what_was_expected() {
        let PackingCodes { disc, paper, envelope } = codes();
        let other = Code::new(Bearer::Envelope, 8);
        let words = checked(disc, paper, other).unwrap_err().to_string();
        assert_eq!(words, format!("the envelope scanned is {other}; here belongs {envelope}"));
    }

    #[test]
    fn something_else_is_not_taken_for_a_disc() {
        let paper = codes().paper.to_string();
        let scanned = Scanned { disc: &paper, paper: &paper, envelope: &paper };
        assert_eq!(scanned.disc(), Err(Mismatch::NoDisc { scanned: codes().paper }));
    }

    #[test]
    fn places_are_counted_from_one_to_the_number_of_discs() {
        assert_eq!(Place::new(2, 3).unwrap().to_string(), "disc 2 of 3");
        assert!(Place::new(0, 3).is_err());
        assert!(Place::new(4, 3).is_err());
    }
}
