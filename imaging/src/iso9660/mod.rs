//! Disc images as layouts: ISO 9660 level 1, with a Joliet tree of the same names or without.
//!
//! Sources: ECMA-119 (ISO 9660:1988), sections named where they are carried out; the Joliet
//! specification of 1995; DICOM PS3.12 Annex F, which asks for level 1, a blank system identifier and
//! the file-set's ID as volume identifier. The content of a file may be a layout that is produced only
//! when it is read, so an image is too. The same files at the same time make the same image.
//!
//! ```
//! use imaging::iso9660::{self, Recorded, Volume};
//! use imaging::layout::Layout;
//!
//! # fn main() -> Result<(), iso9660::IsoError> {
//! let recorded = Recorded::at(2026, 3, 15, 9, 30, 0).ok_or(iso9660::IsoError::TooLong)?;
//! let mut readme = Layout::new();
//! readme.literal(b"What is on this disc.\r\n");
//!
//! let volume = Volume::new("FR_7Q2M_KX4D", recorded)?;
//! let image = iso9660::image(&volume, vec![("README.TXT".to_owned(), readme)])?;
//! assert_eq!(image.len() % iso9660::SECTOR_BYTES, 0);
//! # Ok(())
//! # }
//! ```

mod read;
mod records;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use records::Names;

pub use read::files;
pub(crate) use tree::is_component;
pub use tree::is_path;
pub use write::image;

/// Bytes of a sector.
pub const SECTOR_BYTES: u64 = 2048;

/// What an image says of itself.
#[derive(Debug, Clone)]
pub struct Volume {
    id: String,
    recorded: Recorded,
    trees: &'static [Names],
}

impl Volume {
    /// A volume of this identifier: 1 to 16 of A–Z, 0–9 and `_`, so that it can be a DICOM file-set ID.
    ///
    /// # Errors
    /// [`IsoError::Name`] if it is anything else.
    pub fn new(id: &str, recorded: Recorded) -> Result<Self, IsoError> {
        if !id.is_empty() && id.len() <= 16 && id.bytes().all(is_d_character) {
            Ok(Self { id: id.to_owned(), recorded, trees: &[Names::Iso, Names::Joliet] })
        } else {
            Err(IsoError::Name(id.to_owned()))
        }
    }

    /// The same without a Joliet tree: level 1 and nothing else, as IHE PDI wants it.
    #[must_use]
    pub fn level_1_only(self) -> Self {
        Self { trees: &[Names::Iso], ..self }
    }
}

/// When all in an image was recorded, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    year: u8,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl Recorded {
    /// A date from 1900 to 2155 and a time of day; `None` if there is no such time.
    #[must_use]
    pub fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let exists =
            (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
        let year = u8::try_from(year.checked_sub(1900)?).ok()?;
        exists.then_some(Self { year, month, day, hour, minute, second })
    }
}

/// There can be no such image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IsoError {
    /// A name that level 1 does not allow.
    #[error("{0} is not a name of ISO 9660 level 1: 8.3, of A to Z, 0 to 9 and _, at most 8 levels deep")]
    Name(String),
    /// Two files of one name, or a file in place of a folder.
    #[error("there are two of {0}")]
    Twice(String),
    /// A file of 4 GiB or more, or more sectors or folders than can be counted.
    #[error("a file is 4 GiB or longer, or there is more than an image can hold")]
    TooLong,
}

/// ECMA-119 §7.4.1.
fn is_d_character(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}
