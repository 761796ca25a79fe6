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

/// A file of the file-set that the directory refers to.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'a> {
    /// Whose it is: any text that tells patients apart. It is not written.
    pub patient: &'a str,
    /// (0020,000D)
    pub study_instance_uid: &'a str,
    /// (0020,000E)
    pub series_instance_uid: &'a str,
    /// (0008,0016)
    pub sop_class_uid: &'a str,
    /// (0008,0018)
    pub sop_instance_uid: &'a str,
    /// (0002,0010)
    pub transfer_syntax_uid: &'a str,
    /// What its SOP class makes it.
    pub record: RecordType,
    /// Its place in the file-set.
    pub file_id: &'a FileId,
    /// What the index keeps of it.
    pub keys: &'a Keys,
}

/// The place of a file in a file-set: one to eight components of one to eight characters, `A`–`Z`, `0`–`9`,
/// `_` (PS3.10 §8.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(String);

impl FileId {
    /// `DICOM/PA000001/ST000001/SE000001/IM000001`: by the number, from 1, of patient, study, series and
    /// instance. `None` if one has more than six digits.
    #[must_use]
    pub fn numbered(patient: usize, study: usize, series: usize, instance: usize) -> Option<Self> {
        let most = patient.max(study).max(series).max(instance);
        let path = format!("DICOM/PA{patient:06}/ST{study:06}/SE{series:06}/IM{instance:06}");
        (most < 1_000_000).then_some(Self(path))
    }

    /// As a path with `/` between components: its name in a ZIP archive.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0
    }

    /// As (0004,1500) Referenced File ID says it, with `\` between components.
    #[must_use]
    pub fn value(&self) -> String {
        self.0.replace('/', "\\")
    }
}
