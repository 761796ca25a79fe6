//! The digests of a file that passes by.

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Bytes hashed at a time: few enough to stay in the processor's cache from one digest to the next.
const AT_A_TIME: usize = 64 * 1024;

pub(super) struct Digests {
    bytes: u64,
    crc32: crc32fast::Hasher,
    sha256: Sha256,
    dataset: Option<Dataset>,
}

/// The digest of the data set, where it is wanted.
struct Dataset {
    sha256: Sha256,
    /// Bytes still to pass before it begins.
    header_left: u64,
}

/// The digests of a file that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digested {
    /// Its bytes.
    pub bytes: u64,
    /// CRC-32 (ISO 3309).
    pub crc32: u32,
    /// SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// SHA-256 of its data set; none if it was not wanted, or the file ended before it began.
    pub dataset_sha256: Option<[u8; 32]>,
}

/// Reads a file to its end, for its digests alone; its data set begins after `header_bytes`.
///
/// # Errors
/// If it cannot be read.
pub fn digest(file: &mut dyn Read, header_bytes: u64) -> io::Result<Digested> {
    let mut digests = Digests::with_dataset_after(header_bytes);
    let mut piece = vec![0; AT_A_TIME];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digests.finish()),
            read => digests.update(&piece[..read]),
        }
    }
}

impl Digests {
    /// Digests of a whole file.
    pub(super) fn of_file() -> Self {
        Self { bytes: 0, crc32: crc32fast::Hasher::new(), sha256: Sha256::new(), dataset: None }
    }

    /// Digests of a whole file, and of the data set that begins after `header_bytes`.
    pub(super) fn with_dataset_after(header_bytes: u64) -> Self {
        let dataset = Some(Dataset { sha256: Sha256::new(), header_left: header_bytes });
        Self { dataset, ..Self::of_file() }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(AT_A_TIME) {
            self.bytes += part.len() as u64;
            self.crc32.update(part);
            self.sha256.update(part);
            if let Some(dataset) = &mut self.dataset {
                dataset.update(part);
            }
        }
    }

    pub(super) fn finish(self) -> Digested {
        Digested {
            bytes: self.bytes,
            crc32: self.crc32.finalize(),
            sha256: self.sha256.finalize().into(),
            dataset_sha256: self.dataset.and_then(Dataset::finish),
        }
    }
}

impl Dataset {
    fn update(&mut self, bytes: &[u8]) {
        let header = bytes.len().min(usize::try_from(self.header_left).unwrap_or(usize::MAX));
        self.header_left -= header as u64;
        self.sha256.update(&bytes[header..]);
    }

    fn finish(self) -> Option<[u8; 32]> {
        (self.header_left == 0).then(|| self.sha256.finalize().into())
    }
}
