//! Blobs: sealed objects, written once, read at any offset, deleted whole.
//!
//! A blob is invisible until it is complete and durable, and never changes afterwards. The store knows
//! nothing of what is in it; what a blob is, and the key that opens it, are rows. Everything here blocks:
//! callers are on threads that may. Each store passes the same contract suite.

mod key;
mod local;
pub mod s3;

pub use key::{BlobKey, NotAKey};
pub use local::LocalBlobs;
pub use s3::{Encryption, S3Blobs, S3Settings};

use imaging::seal::ReadAt;
use std::io;

/// Where blobs are kept.
pub trait BlobStore: Send + Sync {
    /// Starts a blob. It appears under its key when [`BlobWriter::finish`] has returned, and not before.
    ///
    /// # Errors
    /// [`BlobError::Taken`] if there is a blob of this key; [`BlobError::Io`] if the store fails.
    fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>, BlobError>;

    /// Opens a blob for reading.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there is none; [`BlobError::Io`] if the store fails.
    fn open(&self, key: &BlobKey) -> Result<Box<dyn ReadAt>, BlobError>;

    /// Deletes a blob for good, with what a writer that went away left of it; fine if there is none (any
    /// more). Nobody may be writing it.
    ///
    /// # Errors
    /// [`BlobError::Io`] if the store fails: delete it again.
    fn delete(&self, key: &BlobKey) -> Result<(), BlobError>;

    /// Visits every blob with its length in bytes, in no particular order. One that comes or goes
    /// meanwhile may be visited or not.
    ///
    /// # Errors
    /// [`BlobError::Io`] if the store fails; some blobs were then visited already.
    fn list(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError>;
}

/// A blob being written. Dropped before [`BlobWriter::finish`], it never was.
///
/// After an error nothing more is taken.
pub trait BlobWriter: io::Write + Send {
    /// Makes the blob durable and then visible, and says how many bytes it has.
    ///
    /// # Errors
    /// [`BlobError::Taken`] if another one of this key was finished meanwhile; [`BlobError::Io`] if the
    /// store fails, or failed before. Whether the blob is there is then uncertain, but if it is, it is
    /// complete.
    fn finish(self: Box<Self>) -> Result<u64, BlobError>;
}

/// Why a blob could not be written, read, deleted or listed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no blob of this key.
    #[error("there is no blob of this key")]
    NotFound,
    /// There is a blob of this key already, and blobs are written once.
    #[error("there is already a blob of this key")]
    Taken,
    /// The store failed. Trying again may help.
    #[error("the blob store failed: {0}")]
    Io(#[from] io::Error),
}

#[cfg(test)]
pub(crate) mod contract;
