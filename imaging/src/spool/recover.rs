//! What an earlier run left: segments and the instances in them.
//!
//! Records are found by their headers alone and not opened: most are in the index already. Who adopts
//! one reads it, and that verifies every record.

use super::log::{Log, Mode, State};
use super::record::{Header, IngestId, RECORD_BYTES};
use super::segment::{Segment, SegmentHeader, key_owner};
use super::{Position, Settings, SpoolError, io};
use crate::chance::Chance;
use crate::disk::{Access, BLOCK_BYTES, Disk};
use crate::seal::MasterKeys;
use crate::seal::aead::Fast;
use memmap2::MmapMut;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a spool held when it was opened.
#[derive(Debug, Default)]
pub struct Found {
    /// Instances whose last record was written, in order of their first record.
    pub instances: Vec<FoundInstance>,
    /// Files whose header block is damaged. They are left as they are and not used.
    pub damaged_segments: Vec<String>,
}

/// An instance found in the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInstance {
    /// Its ingest id.
    pub id: IngestId,
    /// Where its records lie, in order.
    pub positions: Vec<Position>,
}

/// Removes segment files whose making was interrupted.
pub(super) fn remove_unfinished(disk: &dyn Disk) -> Result<(), SpoolError> {
    for name in disk.list("").map_err(io("list the spool"))? {
        if name.starts_with("new-") {
            disk.remove(&name).map_err(io("remove an unfinished segment"))?;
        }
    }
    Ok(())
}

pub(super) fn open(
    disk: Arc<dyn Disk>,
    keys: Arc<MasterKeys>,
    chance: Arc<dyn Chance>,
    settings: Settings,
    mode: Mode,
) -> Result<(Arc<Log>, Found), SpoolError> {
    let (mut state, mut found) = (State::default(), Found::default());
    let mut records = BTreeMap::<IngestId, Records>::new();
    for name in disk.list("").map_err(io("list the spool"))? {
        let Some(number) = name.strip_prefix("seg-").and_then(|number| number.parse::<u64>().ok()) else {
            continue;
        };
        state.next_file = state.next_file.max(number + 1);
        match open_segment(&*disk, &keys, &name, &mut state)? {
            Opened::Live(segment) if segment.is_indexed() => {}
            Opened::Live(segment) => scan(&segment, &mut records)?,
            Opened::Free => {}
            Opened::Damaged => {
                let used = generation_of_records(&*disk, &name)?;
                state.last_generation = state.last_generation.max(used);
                found.damaged_segments.push(name);
            }
        }
    }
    found.instances = records.into_iter().filter_map(|(id, records)| records.complete(id)).collect();
    found.instances.sort_by(|one, other| one.positions.cmp(&other.positions));
    Ok((Arc::new(Log::new(disk, keys, chance, settings, mode, state)), found))
}

/// Adds the segments that came into use since.
pub(super) fn look_again(disk: &dyn Disk, keys: &MasterKeys, state: &mut State) -> Result<(), SpoolError> {
    for name in disk.list("").map_err(io("list the spool"))? {
        if name.starts_with("seg-") {
            open_segment(disk, keys, &name, state)?;
        }
    }
    Ok(())
}

enum Opened {
    Live(Arc<Segment>),
    Free,
    Damaged,
}

fn open_segment(
    disk: &dyn Disk,
    keys: &MasterKeys,
    name: &str,
    state: &mut State,
) -> Result<Opened, SpoolError> {
    let file = disk.open(name, Access::Direct).map_err(io("open a segment"))?;
    let mut block = MmapMut::map_anon(BLOCK_BYTES).map_err(io("map a buffer"))?;
    file.read_at(&mut block, 0).map_err(io("read a segment header"))?;
    let Some(header) = SegmentHeader::parse(&block) else { return Ok(Opened::Damaged) };
    state.last_generation = state.last_generation.max(header.generation);
    let Some(wrapped) = header.key else {
        state.free.push_back(name.to_owned());
        return Ok(Opened::Free);
    };
    let key = keys.unwrap(&key_owner(header.generation), &wrapped)?;
    let segment = Arc::new(Segment::new(
        name.to_owned(),
        file,
        header.generation,
        wrapped,
        Fast::new(&key),
        header.indexed,
    ));
    state.live.insert(header.generation, Arc::clone(&segment));
    Ok(Opened::Live(segment))
}

/// The highest generation that records of a file name whose header block is damaged. It may be the last
/// one used, and if it were used again, rows that lead into this file would lead to another instance.
fn generation_of_records(disk: &dyn Disk, name: &str) -> Result<u64, SpoolError> {
    let file = disk.open(name, Access::Direct).map_err(io("open a segment"))?;
    let mut block = MmapMut::map_anon(BLOCK_BYTES).map_err(io("map a buffer"))?;
    let end = file.len().map_err(io("measure a segment"))?;
    let (mut offset, mut last) = (BLOCK_BYTES as u64, 0);
    while offset + BLOCK_BYTES as u64 <= end {
        file.read_at(&mut block, offset).map_err(io("read a segment"))?;
        let header = Header::parse(&block);
        last = last.max(header.map_or(0, |header| header.generation));
        offset += header.map_or(BLOCK_BYTES, |header| header.record_bytes()) as u64;
    }
    Ok(last)
}

/// An instance's records as far as they were found, by number.
#[derive(Default)]
struct Records {
    positions: BTreeMap<u32, Position>,
    last: Option<u32>,
}

impl Records {
    fn complete(self, id: IngestId) -> Option<FoundInstance> {
        let last = self.last?;
        let whole = u32::try_from(self.positions.len()).ok()? == last.checked_add(1)?;
        whole.then(|| FoundInstance { id, positions: self.positions.into_values().collect() })
    }
}

/// Steps through a segment record by record, and block by block where there is none: writers append
/// side by side, so a crash leaves holes between good records.
fn scan(segment: &Segment, records: &mut BTreeMap<IngestId, Records>) -> Result<(), SpoolError> {
    let mut window = MmapMut::map_anon(RECORD_BYTES).map_err(io("map a buffer"))?;
    // What of the segment is in the window.
    let (mut start, mut filled) = (0, 0);
    let end = segment.file.len().map_err(io("measure a segment"))?;
    let mut offset = BLOCK_BYTES as u64;
    while offset + BLOCK_BYTES as u64 <= end {
        if offset + BLOCK_BYTES as u64 > start + filled as u64 {
            filled = usize::try_from(end - offset).unwrap_or(RECORD_BYTES).min(RECORD_BYTES);
            filled -= filled % BLOCK_BYTES;
            segment.file.read_at(&mut window[..filled], offset).map_err(io("read a segment"))?;
            start = offset;
        }
        let at = usize::try_from(offset - start).unwrap_or(0);
        let header = Header::parse(&window[at..]).filter(|header| header.generation == segment.generation);
        let Some(header) = header else {
            offset += BLOCK_BYTES as u64;
            continue;
        };
        let entry = records.entry(header.id).or_default();
        entry.positions.insert(header.number, Position(segment.generation, offset));
        if header.last {
            entry.last = Some(header.number);
        }
        offset += header.record_bytes() as u64;
    }
    Ok(())
}
