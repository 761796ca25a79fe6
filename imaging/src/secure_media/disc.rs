//! A disc of Secure DICOM files, read as if it were plain.

use super::{SecureError, Unlocker};
use crate::disc::{CopyError, Listing, Medium};
use std::io::{self, Read, Write};

/// Bytes that tell what a file is.
const START_BYTES: u64 = 64;
/// A file of PS3.10 begins with a preamble and "DICM" (section 7.1).
const PREAMBLE_BYTES: usize = 128;
const PART_10_BYTES: u64 = 132;

/// A disc with its code: what reads plain discs reads this one, such as [`crate::pdi::check`].
pub struct Unlocked<D> {
    disc: D,
    unlocker: Unlocker,
}

impl<D: Listing> Unlocked<D> {
    /// A disc that is opened with this.
    #[must_use]
    pub fn new(disc: D, unlocker: Unlocker) -> Self {
        Self { disc, unlocker }
    }

    /// Writes a file in the clear, whether or not it is secured on the disc, and says how many bytes it has.
    ///
    /// # Errors
    /// [`SecureError`], also for a DICOM file that lies on the disc in the clear; what was written is then of no use.
    pub fn write(&self, path: &str, sink: &mut dyn Write) -> Result<u64, SecureError> {
        let start = self.disc.file(path, START_BYTES).map_err(SecureError::Read)?;
        if Unlocker::is_secure(&start) {
            return self.unlocker.read(self.disc.open(path).map_err(SecureError::Read)?, sink);
        }
        self.write_clear(path, sink)
    }

    /// Papers are in the clear. An image that is, was put there by somebody else.
    fn write_clear(&self, path: &str, sink: &mut dyn Write) -> Result<u64, SecureError> {
        let start = self.disc.file(path, PART_10_BYTES).map_err(SecureError::Read)?;
        if start.get(PREAMBLE_BYTES..) == Some(b"DICM") {
            return Err(SecureError::NotSecure);
        }
        Ok(self.disc.copy(path, sink)?)
    }
}

impl<D: Listing> Medium for Unlocked<D> {
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut start = Start { bytes: Vec::new(), limit };
        match self.write(path, &mut start) {
            // It wanted no more.
            Err(SecureError::Sink(_)) => {}
            written => drop(written.map_err(io::Error::other)?),
        }
        Ok(start.bytes)
    }
}

impl<D: Listing> Listing for Unlocked<D> {
    fn paths(&self) -> io::Result<Vec<String>> {
        self.disc.paths()
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::Cursor::new(self.file(path, u64::MAX)?)))
    }

    fn copy(&self, path: &str, sink: &mut dyn Write) -> Result<u64, CopyError> {
        self.write(path, sink).map_err(|error| match error {
            SecureError::Sink(error) => CopyError::Sink(error),
            other => CopyError::Read(io::Error::other(other)),
        })
    }
}

/// The beginning of a file.
struct Start {
    bytes: Vec<u8>,
    limit: u64,
}

impl Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = usize::try_from(self.limit).map_or(usize::MAX, |limit| limit - self.bytes.len());
        if left == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(left);
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
