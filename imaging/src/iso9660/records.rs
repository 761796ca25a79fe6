//! The structures of an image, as bytes.

use super::{Recorded, SECTOR_BYTES, Volume};

/// Which of the two trees of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Level 1, for every reader.
    Iso,
    /// UCS-2, for readers that prefer it.
    Joliet,
}

impl Names {
    pub(super) fn folder(self, name: &str) -> Vec<u8> {
        match self {
            Self::Iso => name.as_bytes().to_vec(),
            Self::Joliet => ucs2(name),
        }
    }

    /// A file's identifier: with its version, and always a stop, in the one (ECMA-119 §7.5.1).
    pub(super) fn file(self, name: &str) -> Vec<u8> {
        match self {
            Self::Iso if name.contains('.') => format!("{name};1").into_bytes(),
            Self::Iso => format!("{name}.;1").into_bytes(),
            Self::Joliet => ucs2(name),
        }
    }

    fn padded(self, text: &str, bytes: usize) -> Vec<u8> {
        match self {
            Self::Iso => format!("{text:bytes$}").into_bytes(),
            Self::Joliet => {
                let mut padded = ucs2(&format!("{text:0$}", bytes / 2));
                padded.resize(bytes, 0);
                padded
            }
        }
    }
}

fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Where a file or folder lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) sector: u32,
    pub(super) bytes: u32,
}

/// Length of a directory record with an identifier of so many bytes: always even.
pub(super) fn record_bytes(identifier: usize) -> usize {
    (33 + identifier).next_multiple_of(2)
}

/// A directory record (ECMA-119 §9.1).
pub(super) fn directory_record(
    identifier: &[u8],
    extent: Extent,
    is_folder: bool,
    recorded: Recorded,
) -> Vec<u8> {
    let length = record_bytes(identifier.len());
    let mut record = vec![short(length), 0];
    record.extend(both_32(extent.sector));
    record.extend(both_32(extent.bytes));
    let Recorded { year, month, day, hour, minute, second } = recorded;
    record.extend([year, month, day, hour, minute, second, 0]);
    record.extend([if is_folder { 2 } else { 0 }, 0, 0]);
    record.extend(both_16(1));
    record.push(short(identifier.len()));
    record.extend(identifier);
    record.resize(length, 0);
    record
}

/// A path table record (ECMA-119 §9.4), as type L or M.
pub(super) fn path_record(identifier: &[u8], sector: u32, parent: u16, most_first: bool) -> Vec<u8> {
    let mut record = vec![short(identifier.len()), 0];
    if most_first {
        record.extend(sector.to_be_bytes());
        record.extend(parent.to_be_bytes());
    } else {
        record.extend(sector.to_le_bytes());
        record.extend(parent.to_le_bytes());
    }
    record.extend(identifier);
    record.resize(record.len().next_multiple_of(2), 0);
    record
}

/// Where a descriptor says that things are.
pub(super) struct Places {
    pub(super) sectors: u32,
    pub(super) path_table_bytes: u32,
    pub(super) path_table_l: u32,
    pub(super) path_table_m: u32,
    pub(super) root: Extent,
}

/// A primary (ECMA-119 §8.4) or supplementary (§8.5) volume descriptor.
pub(super) fn descriptor(names: Names, volume: &Volume, places: &Places) -> Vec<u8> {
    let (kind, escapes) = match names {
        Names::Iso => (1, [0; 3]),
        // UCS-2 level 3.
        Names::Joliet => (2, *b"%/E"),
    };
    let mut bytes = vec![kind];
    bytes.extend(b"CD001\x01\0");
    bytes.extend(names.padded("", 32));
    bytes.extend(names.padded(&volume.id, 32));
    bytes.extend([0; 8]);
    bytes.extend(both_32(places.sectors));
    bytes.extend(escapes);
    bytes.extend([0; 29]);
    bytes.extend(both_16(1));
    bytes.extend(both_16(1));
    bytes.extend(both_16(2048));
    bytes.extend(both_32(places.path_table_bytes));
    bytes.extend(places.path_table_l.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(places.path_table_m.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(directory_record(&[0], places.root, true, volume.recorded));
    // Volume set, publisher, preparer, application; then copyright, abstract and bibliographic files.
    for text in ["", "", "", "FILMROOM"] {
        bytes.extend(names.padded(text, 128));
    }
    for _ in 0..3 {
        bytes.extend(names.padded("", 37));
    }
    let recorded = long_date(volume.recorded);
    bytes.extend(&recorded);
    bytes.extend(&recorded);
    bytes.extend(unspecified_date());
    bytes.extend(unspecified_date());
    bytes.push(1);
    sector(bytes)
}

/// The volume descriptor set terminator (ECMA-119 §8.3).
pub(super) fn terminator() -> Vec<u8> {
    sector(b"\xFFCD001\x01".to_vec())
}

fn sector(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(usize::try_from(SECTOR_BYTES).unwrap_or(bytes.len()), 0);
    bytes
}

/// ECMA-119 §8.4.26.1.
fn long_date(recorded: Recorded) -> Vec<u8> {
    let Recorded { year, month, day, hour, minute, second } = recorded;
    let year = 1900 + u16::from(year);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}00\0").into_bytes()
}

fn unspecified_date() -> Vec<u8> {
    [b"0000000000000000".as_slice(), &[0]].concat()
}

/// ECMA-119 §7.3.3.
fn both_32(number: u32) -> impl Iterator<Item = u8> {
    number.to_le_bytes().into_iter().chain(number.to_be_bytes())
}

/// ECMA-119 §7.2.3.
fn both_16(number: u16) -> impl Iterator<Item = u8> {
    number.to_le_bytes().into_iter().chain(number.to_be_bytes())
}

/// The length of a record or identifier: at most 33 and 24 bytes, so one byte holds it.
fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}
