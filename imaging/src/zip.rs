//! A ZIP archive as a [`Layout`]: nothing is written, every range can be had.
//!
//! Members of a study archive are taken over as they lie there, deflated or stored; nothing is
//! compressed again. Their sizes and CRC-32 are in the index, so local headers are complete and no data
//! descriptors follow, which some readers stumble over. ZIP64 structures stand only where a size, an
//! offset or the number of entries demands them. The same entries in the same order give the same bytes.
//!
//! Source: PKWARE APPNOTE 6.3.10, §4.3 to §4.5.
//!
//! ```
//! use imaging::archive::{Member, Method};
//! use imaging::zip::{Modified, Zip};
//! use std::io::Read;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let archive = [b"....an image's file....".as_slice()];
//! let image = Member {
//!     offset: 4,
//!     stored_bytes: 15,
//!     method: Method::Stored,
//!     source_bytes: 15,
//!     crc32: 0x830F_129F,
//!     sha256: [0; 32],
//!     dataset_sha256: [0; 32],
//! };
//! let modified = Modified::at(2026, 3, 15, 9, 30, 0).ok_or("no time a ZIP archive can say")?;
//!
//! let mut zip = Zip::new(modified);
//! zip.literal("README.TXT", b"What is in here.\r\n")?;
//! zip.member("DICOM/PA000001/ST000001/SE000001/IM000001", 0, &image)?;
//! let file = zip.finish();
//!
//! let mut end = Vec::new();
//! file.range(file.len() - 22..file.len(), archive)?.read_to_end(&mut end)?;
//! assert!(end.starts_with(b"PK\x05\x06"));
//! # Ok(())
//! # }
//! ```

use crate::archive::{Member, Method};
use crate::layout::Layout;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::collections::HashSet;
use std::io::{self, Write};

#[cfg(test)]
mod tests;

/// From here on a size or an offset has no room in 32 bits: the largest value says "see ZIP64".
const TOO_LONG: u64 = 0xFFFF_FFFF;
/// From here on the number of entries has no room in 16 bits.
const TOO_MANY: u64 = 0xFFFF;

/// Version 2.0: deflate (§4.4.3.2).
const NEEDS_DEFLATE: u16 = 20;
/// Version 4.5: ZIP64.
const NEEDS_ZIP64: u16 = 45;
/// Made by the Unix conventions (§4.4.2), so that external attributes hold a mode.
const MADE_BY_UNIX: u16 = 3 << 8;
/// A file its owner may write and everyone may read.
const MODE: u32 = 0o100_644 << 16;
/// General purpose bit 11: the name is UTF-8 (§4.4.4).
const NAME_IS_UTF8: u16 = 1 << 11;
/// The extra field of ZIP64 sizes and offsets (§4.5.3).
const ZIP64_EXTRA: u16 = 1;

/// An entry cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// A name that some reader would refuse, or write to outside the folder it unpacks into.
    #[error(
        "an entry's name must be a relative path of at most 65,535 bytes, without `.`, `..`, `\\` and `:`"
    )]
    Name,
    /// There is an entry of this name already.
    #[error("there are two entries of one name")]
    Twice,
}

/// When entries were changed last, as MS-DOS counts: in local time, to two seconds, from 1980 to 2107.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modified {
    date: u16,
    time: u16,
}

impl Modified {
    /// A date and a time of day; `None` outside what the format can say, or if there is no such time.
    #[must_use]
    pub fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let exists = (1980..=2107).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        exists.then(|| Self {
            date: (year - 1980) << 9 | u16::from(month) << 5 | u16::from(day),
            time: u16::from(hour) << 11 | u16::from(minute) << 5 | u16::from(second / 2),
        })
    }
}

/// A ZIP archive in the making.
pub struct Zip {
    modified: Modified,
    file: Layout,
    directory: Vec<u8>,
    names: HashSet<String>,
    any_zip64: bool,
}

/// What local header and central directory say of an entry.
struct Entry<'a> {
    name: &'a str,
    method: Method,
    crc32: u32,
    stored_bytes: u64,
    source_bytes: u64,
}

impl Zip {
    /// An archive without entries; all it gets will have been changed last at `modified`.
    #[must_use]
    pub fn new(modified: Modified) -> Self {
        Self { modified, file: Layout::new(), directory: Vec::new(), names: HashSet::new(), any_zip64: false }
    }

    /// Adds a file of these bytes, deflated where that makes it shorter.
    ///
    /// # Errors
    /// [`ZipError`] if its name will not do.
    pub fn literal(&mut self, name: &str, bytes: &[u8]) -> Result<(), ZipError> {
        let deflated = deflated(bytes).ok().filter(|deflated| deflated.len() < bytes.len());
        let (method, stored) = match &deflated {
            Some(deflated) => (Method::Deflate, deflated.as_slice()),
            None => (Method::Stored, bytes),
        };
        self.begin(&Entry {
            name,
            method,
            crc32: crc32fast::hash(bytes),
            stored_bytes: stored.len() as u64,
            source_bytes: bytes.len() as u64,
        })?;
        self.file.literal(stored);
        Ok(())
    }

    /// Adds a member of a study archive as it lies there; `object` is that archive's number in the layout.
    ///
    /// # Errors
    /// [`ZipError`] if its name will not do.
    pub fn member(&mut self, name: &str, object: u32, member: &Member) -> Result<(), ZipError> {
        let Member { offset, stored_bytes, method, source_bytes, crc32, .. } = *member;
        self.begin(&Entry { name, method, crc32, stored_bytes, source_bytes })?;
        self.file.extent(object, offset, stored_bytes);
        Ok(())
    }

    /// The whole archive.
    #[must_use]
    pub fn finish(mut self) -> Layout {
        let (offset, bytes) = (self.file.len(), self.directory.len() as u64);
        let entries = self.names.len() as u64;
        self.file.literal(&self.directory);
        if self.any_zip64 || offset >= TOO_LONG || bytes >= TOO_LONG || entries >= TOO_MANY {
            self.file.literal(&zip64_end(entries, bytes, offset));
        }
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend_from_slice(&[in_16_bits(entries).to_le_bytes(); 2].concat());
        end.extend_from_slice(&in_32_bits(bytes).to_le_bytes());
        end.extend_from_slice(&in_32_bits(offset).to_le_bytes());
        end.extend_from_slice(&[0, 0]);
        self.file.literal(&end);
        self.file
    }

    /// Writes the local header of an entry, whose bytes must follow, and lists it in the directory.
    fn begin(&mut self, entry: &Entry<'_>) -> Result<(), ZipError> {
        if !is_portable(entry.name) {
            return Err(ZipError::Name);
        }
        if !self.names.insert(entry.name.to_owned()) {
            return Err(ZipError::Twice);
        }
        let offset = self.file.len();
        let sizes = match entry.stored_bytes.max(entry.source_bytes) >= TOO_LONG {
            true => vec![entry.source_bytes, entry.stored_bytes],
            false => Vec::new(),
        };
        let place = if offset >= TOO_LONG { vec![offset] } else { Vec::new() };
        self.any_zip64 |= !sizes.is_empty() || !place.is_empty();

        let extra = zip64_extra(&sizes);
        let mut local = b"PK\x03\x04".to_vec();
        local.extend(self.shared(entry, !sizes.is_empty(), &extra));
        local.extend_from_slice(entry.name.as_bytes());
        local.extend_from_slice(&extra);
        self.file.literal(&local);

        let extra = zip64_extra(&[sizes.as_slice(), &place].concat());
        let shared = self.shared(entry, !extra.is_empty(), &extra);
        self.directory.extend_from_slice(b"PK\x01\x02");
        self.directory.extend_from_slice(&(MADE_BY_UNIX | NEEDS_ZIP64).to_le_bytes());
        self.directory.extend_from_slice(&shared);
        // No comment, first disk, nothing said of text or binary.
        self.directory.extend_from_slice(&[0; 6]);
        self.directory.extend_from_slice(&MODE.to_le_bytes());
        self.directory.extend_from_slice(&in_32_bits(offset).to_le_bytes());
        self.directory.extend_from_slice(entry.name.as_bytes());
        self.directory.extend_from_slice(&extra);
        Ok(())
    }

    /// What a local header and an entry of the directory have in common, up to the extra field's length.
    fn shared(&self, entry: &Entry<'_>, zip64: bool, extra: &[u8]) -> Vec<u8> {
        let long = entry.stored_bytes.max(entry.source_bytes) >= TOO_LONG;
        let size = |bytes| in_32_bits(if long { TOO_LONG } else { bytes });
        let flags = if entry.name.is_ascii() { 0 } else { NAME_IS_UTF8 };
        let method: u16 = match entry.method {
            Method::Deflate => 8,
            Method::Stored => 0,
        };
        let mut bytes = Vec::with_capacity(26);
        for short in [
            if zip64 { NEEDS_ZIP64 } else { NEEDS_DEFLATE },
            flags,
            method,
            self.modified.time,
            self.modified.date,
        ] {
            bytes.extend_from_slice(&short.to_le_bytes());
        }
        for long in [entry.crc32, size(entry.stored_bytes), size(entry.source_bytes)] {
            bytes.extend_from_slice(&long.to_le_bytes());
        }
        for length in [entry.name.len(), extra.len()] {
            bytes.extend_from_slice(&in_16_bits(length as u64).to_le_bytes());
        }
        bytes
    }
}

/// Whether every reader would unpack a file of this name, and into the folder it is unpacked to.
fn is_portable(name: &str) -> bool {
    let parts_are_names = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let no_odd_characters = !name.chars().any(|c| c == '\\' || c == ':' || c.is_control());
    parts_are_names && no_odd_characters && u16::try_from(name.len()).is_ok()
}

fn deflated(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A ZIP64 extra field of these values; empty if there are none.
fn zip64_extra(values: &[u64]) -> Vec<u8> {
    if values.is_empty() {
        return Vec::new();
    }
    let mut extra = ZIP64_EXTRA.to_le_bytes().to_vec();
    extra.extend_from_slice(&in_16_bits(values.len() as u64 * 8).to_le_bytes());
    values.iter().for_each(|value| extra.extend_from_slice(&value.to_le_bytes()));
    extra
}

/// The ZIP64 end of the directory, and where to find it (§4.3.14, §4.3.15).
fn zip64_end(entries: u64, directory_bytes: u64, directory_offset: u64) -> Vec<u8> {
    let mut end = b"PK\x06\x06".to_vec();
    end.extend_from_slice(&44_u64.to_le_bytes());
    end.extend_from_slice(&(MADE_BY_UNIX | NEEDS_ZIP64).to_le_bytes());
    end.extend_from_slice(&NEEDS_ZIP64.to_le_bytes());
    end.extend_from_slice(&[0; 8]);
    for value in [entries, entries, directory_bytes, directory_offset] {
        end.extend_from_slice(&value.to_le_bytes());
    }
    end.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    end.extend_from_slice(&(directory_offset + directory_bytes).to_le_bytes());
    end.extend_from_slice(&1_u32.to_le_bytes());
    end
}

/// A value in its 32-bit field; one without room there as the value that says "see ZIP64".
fn in_32_bits(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The same of a 16-bit field.
fn in_16_bits(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
