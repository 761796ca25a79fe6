//! Telling discs apart.

use super::open::Medium;
use super::part::{PartName, Stream};
use crate::dicomdir;
use crate::files::is_part_10;
use crate::secure_media::Unlocker;

/// Bytes up to the end of what makes a file one of DICOM's (PS3.10 §7.1).
const START_BYTES: u64 = 132;

/// What kind of disc it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sealed, in the format of `docs/sealed-disc.md`: there is a head or an index.
    Sealed,
    /// A file-set in the clear ([`crate::pdi`]): there is a DICOMDIR that can be read.
    Plain,
    /// A file-set of Secure DICOM files ([`crate::secure_media`]): the DICOMDIR is one.
    Secure,
}

impl Kind {
    /// Looks at what is on a disc; `None` if it is none that is known here.
    #[must_use]
    pub fn of(disc: &impl Medium) -> Option<Self> {
        // One that has lost its head still has an index, and is told what it lacks.
        let index = PartName { stream: Stream::Index, number: 0 };
        if [PartName::HEAD, index].iter().any(|part| disc.file(&part.path(), 1).is_ok()) {
            return Some(Self::Sealed);
        }
        match disc.file(dicomdir::NAME, START_BYTES) {
            Ok(start) if is_part_10(&start) => Some(Self::Plain),
            Ok(start) if Unlocker::is_secure(&start) => Some(Self::Secure),
            _ => None,
        }
    }
}
