//! Finding files in an image that may be anyone's, and damaged.

use super::SECTOR_BYTES;
use crate::seal::ReadAt;
use std::collections::HashMap;
use std::io;
use std::ops::Range;

/// Folders and files that are looked at before an image is taken for nonsense.
const MAX_ENTRIES: usize = 1_000_000;
/// A folder of so many bytes would hold more than that.
const MAX_FOLDER_BYTES: u64 = 64 << 20;
const MAX_LEVELS: usize = 8;
const IS_FOLDER: u8 = 2;

/// The files of an ISO 9660 image by their paths (`DATA/B0000000.JS`, without version), and where in the
/// image their bytes are. The plain tree is read: the names are level 1's.
///
/// # Errors
/// `InvalidData` if it is no such image; else if it cannot be read.
pub fn files(image: &dyn ReadAt) -> io::Result<HashMap<String, Range<u64>>> {
    let mut descriptor = [0; 2048];
    image.read_at(&mut descriptor, 16 * SECTOR_BYTES)?;
    if !descriptor.starts_with(b"\x01CD001\x01") {
        return Err(invalid());
    }
    let root = Record::read(&descriptor[156..190]).ok_or_else(invalid)?;
    let mut found = HashMap::new();
    let mut seen = 0;
    let mut folders = vec![(String::new(), root.extent, 1)];
    while let Some((path, extent, level)) = folders.pop() {
        if extent.end - extent.start > MAX_FOLDER_BYTES || level > MAX_LEVELS {
            return Err(invalid());
        }
        let mut bytes = vec![0; usize::try_from(extent.end - extent.start).map_err(|_| invalid())?];
        image.read_at(&mut bytes, extent.start)?;
        for record in bytes.chunks(2048).flat_map(records) {
            seen += 1;
            if seen > MAX_ENTRIES {
                return Err(invalid());
            }
            let path = format!("{path}{}", record.name);
            if record.is_folder {
                folders.push((path + "/", record.extent, level + 1));
            } else {
                found.insert(path, record.extent);
            }
        }
    }
    Ok(found)
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is not an ISO 9660 image")
}

/// The records of one sector of a folder, without the folder itself and its parent.
fn records(mut sector: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some(length) = sector.first().map(|length| usize::from(*length)).filter(|length| *length > 0) {
        let Some((record, rest)) = sector.split_at_checked(length) else { break };
        records.extend(Record::read(record).filter(|record| !record.name.starts_with(['\0', '\u{1}'])));
        sector = rest;
    }
    records
}

struct Record {
    name: String,
    extent: Range<u64>,
    is_folder: bool,
}

impl Record {
    fn read(record: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u32::from_le_bytes(record.get(at..at + 4)?.try_into().ok()?));
        let start = u64::from(number(2)?) * SECTOR_BYTES;
        let identifier = record.get(33..33 + usize::from(*record.get(32)?))?;
        let name = std::str::from_utf8(identifier).ok()?;
        let name = name.split(';').next()?.trim_end_matches('.').to_owned();
        let is_folder = record.get(25)? & IS_FOLDER != 0;
        Some(Self { name, extent: start..start + u64::from(number(10)?), is_folder })
    }
}
