//! Media and what fits on them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Bytes of a sector: every medium here has the same (ECMA-130, ECMA-267, ECMA-337).
pub const SECTOR_BYTES: u64 = 2048;

/// A kind of blank disc.
///
/// ```
/// use burn_queue::Medium;
///
/// assert_eq!(Medium::smallest_for(700_000_000), Some(Medium::Cd));
/// assert_eq!(Medium::smallest_for(740_000_000), Some(Medium::Dvd));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// CD-R, 80 minutes.
    Cd,
    /// DVD-R or DVD+R, one layer.
    Dvd,
    /// DVD-R or DVD+R, two layers.
    DvdDl,
    /// BD-R, one layer.
    Bd,
}

/// A word that names no medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a medium is one of cd, dvd, dvd-dl, bd")]
pub struct UnknownMedium;

impl Medium {
    /// All media, the smallest first.
    pub const ALL: [Self; 4] = [Self::Cd, Self::Dvd, Self::DvdDl, Self::Bd];

    /// The sectors that may be planned with: of media that come in two forms the smaller one's, of a CD less the
    /// run-in and run-out, of a BD less the spare area its formatting takes.
    #[must_use]
    pub const fn sectors(self) -> u64 {
        match self {
            Self::Cd => 359_600,
            Self::Dvd => 2_295_104,
            Self::DvdDl => 4_171_712,
            Self::Bd => 12_088_000,
        }
    }

    /// The same in bytes.
    #[must_use]
    pub const fn capacity_bytes(self) -> u64 {
        self.sectors() * SECTOR_BYTES
    }

    /// The smallest medium that takes so many bytes; none if they need more than one disc.
    #[must_use]
    pub fn smallest_for(bytes: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|medium| bytes <= medium.capacity_bytes())
    }

    /// What a blank of so many sectors is: the largest medium that is no larger.
    #[must_use]
    pub fn of_blank(sectors: u64) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|medium| medium.sectors() <= sectors)
    }

    /// The word for it in commands, rows and messages between programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cd => "cd",
            Self::Dvd => "dvd",
            Self::DvdDl => "dvd-dl",
            Self::Bd => "bd",
        }
    }
}

impl FromStr for Medium {
    type Err = UnknownMedium;

    fn from_str(word: &str) -> Result<Self, UnknownMedium> {
        Self::ALL.into_iter().find(|medium| medium.as_str() == word).ok_or(UnknownMedium)
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medium_takes_what_fills_it_and_not_a_byte_more() {
        for (medium, next) in Medium::ALL.iter().zip(Medium::ALL.iter().skip(1).map(Some).chain([None])) {
            assert_eq!(Medium::smallest_for(medium.capacity_bytes()), Some(*medium));
            assert_eq!(Medium::smallest_for(medium.capacity_bytes() + 1).as_ref(), next);
        }
    }

    #[test]
    fn a_blank_is_known_by_its_size() {
        assert_eq!(Medium::of_blank(333_000), None, "a CD of 74 minutes is too short");
        assert_eq!(Medium::of_blank(359_847), Some(Medium::Cd));
        assert_eq!(Medium::of_blank(2_298_496), Some(Medium::Dvd));
        assert_eq!(Medium::of_blank(4_173_824), Some(Medium::DvdDl));
        assert_eq!(Medium::of_blank(12_219_392), Some(Medium::Bd));
    }

    #[test]
    fn every_medium_is_read_back_as_it_is_written() {
        for medium in Medium::ALL {
            assert_eq!(medium.as_str().parse(), Ok(medium));
            assert_eq!(serde_json::to_string(&medium).unwrap(), format!("\"{medium}\""));
        }
        assert_eq!("floppy".parse::<Medium>(), Err(UnknownMedium));
    }
}
