//! The digests of a file that passes by.

use sha2::{Digest, Sha256};

/// Bytes hashed at a time: few enough to stay in the processor's cache from one digest to the next.
const AT_A_TIME: usize = 64 * 1024;

pub(super) struct Digests {
    bytes: u64,
    crc32: crc32fast::Hasher,
    sha256: Sha256,
    dataset_sha256: Sha256,
    /// Bytes still to pass before the data set begins.
    header_left: u64,
}

pub(super) struct Digested {
    pub(super) bytes: u64,
    pub(super) crc32: u32,
    pub(super) sha256: [u8; 32],
    /// None if the file ended before its data set began.
    pub(super) dataset_sha256: Option<[u8; 32]>,
}

impl Digests {
    pub(super) fn new(header_bytes: u64) -> Self {
        Self {
            bytes: 0,
            crc32: crc32fast::Hasher::new(),
            sha256: Sha256::new(),
            dataset_sha256: Sha256::new(),
            header_left: header_bytes,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(AT_A_TIME) {
            self.bytes += part.len() as u64;
            self.crc32.update(part);
            self.sha256.update(part);
            let header = part.len().min(usize::try_from(self.header_left).unwrap_or(usize::MAX));
            self.header_left -= header as u64;
            self.dataset_sha256.update(&part[header..]);
        }
    }

    pub(super) fn finish(self) -> Digested {
        Digested {
            bytes: self.bytes,
            crc32: self.crc32.finalize(),
            sha256: self.sha256.finalize().into(),
            dataset_sha256: (self.header_left == 0).then(|| self.dataset_sha256.finalize().into()),
        }
    }
}
