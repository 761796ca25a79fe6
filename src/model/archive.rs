//! Study archives.

use super::KeptKey;

/// An archive that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArchive {
    /// The row's id.
    pub id: String,
    /// The study it holds instances of.
    pub study: String,
    /// The node that writes it.
    pub node: String,
    /// The object's name in the blob store.
    pub blob_key: String,
    /// Its data key.
    pub key: KeptKey,
}

/// The lengths of a finished archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchiveSizes {
    /// The sealed object.
    pub blob_bytes: u64,
    /// Unsealed: all members.
    pub plain_bytes: u64,
    /// The members when inflated.
    pub source_bytes: u64,
}

/// How far an archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveState {
    /// Its object may be missing or incomplete.
    Writing,
    /// Its object was written, read back and verified.
    Kept {
        /// How long it is.
        sizes: ArchiveSizes,
        /// Since when.
        kept_at: i64,
    },
}

/// An archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The row's id.
    pub id: String,
    /// The study it holds instances of.
    pub study: String,
    /// The node that writes or wrote it.
    pub node: String,
    /// The object's name in the blob store.
    pub blob_key: String,
    /// Its data key.
    pub key: KeptKey,
    /// When it was begun.
    pub created_at: i64,
    /// How far it is.
    pub state: ArchiveState,
}
