//! The study archive: how a study is kept once it has gone quiet.
//!
//! One sealed object ([`crate::seal::stream`]) holds the instances of a study, each a whole Part 10
//! file, one after the other and nothing between them. A member is a raw deflate stream (RFC 1951),
//! or the file as it is where deflating does not help (compressed pixel data). Where a member lies,
//! how long it is and what its digests are stands in the index, as a [`Member`]; an archive by itself
//! cannot be taken apart. A ZIP archive takes members over as they stand, which is why they are
//! deflated one by one and carry a CRC-32.
//!
//! ```
//! use imaging::archive::{ArchiveReader, ArchiveWriter, Method};
//! use imaging::chance::OsChance;
//! use imaging::seal::DataKey;
//! use std::io::Read;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = [0_u8; 5000];
//! let key = DataKey::fresh(&OsChance);
//!
//! let mut archive = ArchiveWriter::new(Vec::new(), &key, &OsChance)?;
//! let member = archive.add(&mut file.as_slice(), 132)?;
//! let finished = archive.finish()?;
//! assert_eq!((member.method, member.source_bytes), (Method::Deflate, 5000));
//! assert_eq!(finished.sealed_bytes, finished.sink.len() as u64);
//!
//! let mut archive = ArchiveReader::open(finished.sink.as_slice(), &key)?;
//! archive.verify(&member)?;
//! let mut end_of_file = Vec::new();
//! archive.range(&member, 4990..5000)?.read_to_end(&mut end_of_file)?;
//! assert_eq!(end_of_file, [0; 10]);
//! # Ok(())
//! # }
//! ```

mod deflate;
mod digests;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use digests::{Digested, digest};
pub use read::{ArchiveReader, MemberReader, ReadError};
pub use write::{ArchiveWriter, Finished, WriteError};

/// How a member's bytes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As a raw deflate stream (RFC 1951).
    Deflate,
    /// As they came.
    Stored,
}

/// One instance in an archive: what the index must remember to find it and to know it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where it begins, in plain bytes from the start of the archive.
    pub offset: u64,
    /// Bytes it takes in the archive.
    pub stored_bytes: u64,
    /// How it is kept.
    pub method: Method,
    /// Bytes of the file it was made from.
    pub source_bytes: u64,
    /// CRC-32 of that file, as ZIP and gzip compute it (ISO 3309).
    pub crc32: u32,
    /// SHA-256 of that file.
    pub sha256: [u8; 32],
    /// SHA-256 of that file without preamble and file meta header: the data set as it was received.
    pub dataset_sha256: [u8; 32],
}
