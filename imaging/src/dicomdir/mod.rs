//! DICOMDIR: the directory of a file-set (PS3.3 Annex F, PS3.10 §8.6).
//!
//! What it says of patients, studies, series and instances comes from the keys the index keeps
//! ([`crate::index::Header::keys`]), so no instance is read. Where a value the standard demands is
//! missing or will not do, a stable one is invented, in the directory only; instances stay as they are.
//! It has every key that the profiles for CD, DVD, BD and USB of PS3.11 ask for, but no icons.

mod keys;
mod record;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod write;

pub use keys::Keys;
pub use record::RecordType;
pub(crate) use record::{Key, Need, PATIENT, SERIES, STUDY};
pub use write::directory;

/// The name of a directory in its file-set (PS3.10 §8.6).
pub const NAME: &str = "DICOMDIR";

/// A directory cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the directory would be longer than its 32-bit offsets reach")]
pub struct TooLong;

/// What a file-set is called.
#[derive(Debug, Clone, Copy)]
pub struct FileSet<'a> {
    /// (0004,1130) File-set ID: at most 16 of `A`–`Z`, `0`–`9`, `_`; may be empty. On a disc also the volume's
    /// identifier, so nothing of a patient.
    pub id: &'a str,
    /// (0002,0003): a UID of this file-set and no other.
    pub uid: &'a str,
}
