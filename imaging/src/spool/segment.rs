//! A segment file: its header block, its key, and who syncs it for whom.
//!
//! Header block: `FRSEG1` and state (live, indexed), generation, master key id, wrapped key, CRC-32. Free segments
//! keep the generation (numbers only grow) but no key: recycling destroys it, so what is left in the
//! file can never be read again.

use super::{SpoolError, io};
use crate::disk::{BLOCK_BYTES, DiskFile};
use crate::seal::aead::Fast;
use crate::seal::key::{MasterKeyId, WRAPPED_BYTES, WrappedKey};
use memmap2::MmapMut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

const MAGIC: [u8; 8] = *b"FRSEG1\0\0";
const CHECKED_BYTES: usize = 8 + 8 + 8 + WRAPPED_BYTES + 4;

/// What a segment's header block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// Names this use of the file; grows with every use on a node.
    pub(super) generation: u64,
    /// The key of a live segment; a free one has none.
    pub(super) key: Option<WrappedKey>,
    /// Whether the index knows everything in it: then nobody need look for anything in it at a start.
    pub(super) indexed: bool,
}

impl SegmentHeader {
    pub(super) fn parse(block: &[u8]) -> Option<Self> {
        let checked = block.get(..CHECKED_BYTES)?;
        let crc = u32::from_le_bytes(block.get(CHECKED_BYTES..CHECKED_BYTES + 4)?.try_into().ok()?);
        if checked[..8] != MAGIC || crc32fast::hash(checked) != crc {
            return None;
        }
        let (live, indexed) = (checked[CHECKED_BYTES - 4] == 1, checked[CHECKED_BYTES - 3] == 1);
        let key = WrappedKey {
            master: MasterKeyId(checked[16..24].try_into().ok()?),
            bytes: checked[24..24 + WRAPPED_BYTES].try_into().ok()?,
        };
        Some(Self {
            generation: u64::from_le_bytes(checked[8..16].try_into().ok()?),
            key: live.then_some(key),
            indexed,
        })
    }

    /// Writes the header block and makes it durable.
    pub(super) fn write(&self, file: &dyn DiskFile) -> Result<(), SpoolError> {
        let mut block = MmapMut::map_anon(BLOCK_BYTES).map_err(io("map a buffer"))?;
        block[..8].copy_from_slice(&MAGIC);
        block[8..16].copy_from_slice(&self.generation.to_le_bytes());
        if let Some(key) = &self.key {
            block[16..24].copy_from_slice(&key.master.0);
            block[24..24 + WRAPPED_BYTES].copy_from_slice(&key.bytes);
            block[CHECKED_BYTES - 4] = 1;
        }
        block[CHECKED_BYTES - 3] = u8::from(self.indexed);
        let crc = crc32fast::hash(&block[..CHECKED_BYTES]);
        block[CHECKED_BYTES..CHECKED_BYTES + 4].copy_from_slice(&crc.to_le_bytes());
        file.write_at(&block, 0).map_err(io("write a segment header"))?;
        file.sync_data().map_err(io("sync a segment header"))
    }
}

/// What a segment's key is bound to.
pub(super) fn key_owner(generation: u64) -> Vec<u8> {
    format!("spool segment {generation}").into_bytes()
}

/// A live segment.
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) generation: u64,
    pub(super) file: Box<dyn DiskFile>,
    pub(super) cipher: Fast,
    key: WrappedKey,
    indexed: AtomicBool,
    sync: Mutex<SyncState>,
    synced: Condvar,
}

/// Syncs are numbered. A caller needs one that started after its last write returned.
#[derive(Default)]
struct SyncState {
    started: u64,
    finished: u64,
    running: bool,
    /// Threads that wait for the running one; waking nobody would still cost a call of the kernel.
    waiting: usize,
    poisoned: bool,
}

impl Segment {
    /// The live segment whose header is `header`, with its key unwrapped.
    pub(super) fn new(
        name: String,
        file: Box<dyn DiskFile>,
        generation: u64,
        key: WrappedKey,
        cipher: Fast,
        indexed: bool,
    ) -> Self {
        let (sync, synced) = (Mutex::default(), Condvar::new());
        Self { name, generation, file, cipher, key, indexed: AtomicBool::new(indexed), sync, synced }
    }

    /// Notes in the header that the index knows everything in the segment.
    pub(super) fn mark_indexed(&self) -> Result<(), SpoolError> {
        if self.is_indexed() {
            return Ok(());
        }
        let header =
            SegmentHeader { generation: self.generation, key: Some(self.key.clone()), indexed: true };
        header.write(&*self.file)?;
        self.indexed.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn is_indexed(&self) -> bool {
        self.indexed.load(Ordering::Relaxed)
    }

    /// Returns when everything the caller wrote is durable. One of the waiting threads syncs for all.
    ///
    /// # Errors
    /// After a sync has failed every later call fails, and none is tried again: the kernel may have
    /// dropped the unwritten pages and would report success for them.
    pub(super) fn sync(&self) -> Result<(), SpoolError> {
        let mut state = self.sync.lock().unwrap_or_else(PoisonError::into_inner);
        let needed = state.started + 1;
        while state.finished < needed && !state.poisoned {
            if state.running {
                state.waiting += 1;
                state = self.synced.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
                continue;
            }
            state.running = true;
            state.started += 1;
            drop(state);
            let outcome = self.file.sync_data();
            state = self.sync.lock().unwrap_or_else(PoisonError::into_inner);
            state.running = false;
            match outcome {
                Ok(()) => state.finished = state.started,
                Err(error) => {
                    state.poisoned = true;
                    tracing::error!(generation = self.generation, %error, "a spool segment could not be synced");
                }
            }
            if state.waiting > 0 {
                self.synced.notify_all();
            }
        }
        // A sync that finished in time counts even if a later one failed.
        if state.finished >= needed {
            return Ok(());
        }
        Err(SpoolError::Poisoned { generation: self.generation })
    }

    pub(super) fn is_poisoned(&self) -> bool {
        self.sync.lock().unwrap_or_else(PoisonError::into_inner).poisoned
    }
}

/// Keeps the segments of an instance from being recycled, until it is released.
///
/// One that is dropped instead, because whoever should have indexed the instance died, holds on: the
/// segments stay as they are until the next start finds the instance in them.
#[derive(Default)]
pub struct Hold(Vec<Arc<Segment>>);

impl Hold {
    pub(super) fn on(segments: Vec<Arc<Segment>>) -> Self {
        Self(segments)
    }

    /// The index knows the instance durably: from here on it looks after it.
    pub fn release(mut self) {
        self.0.clear();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).into_iter().for_each(std::mem::forget);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::disk::{Access, Disk as _};
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// The header block as it is written.
    fn block(header: &SegmentHeader) -> Vec<u8> {
        let disk = SimDisk::new(1);
        drop(disk.create("seg").unwrap());
        let file = disk.open("seg", Access::Direct).unwrap();
        header.write(&*file).unwrap();
        let mut block = MmapMut::map_anon(BLOCK_BYTES).unwrap();
        file.read_at(&mut block, 0).unwrap();
        block.to_vec()
    }

    fn headers() -> impl Strategy<Value = SegmentHeader> {
        let key = (any::<[u8; 8]>(), vec(any::<u8>(), WRAPPED_BYTES)).prop_map(|(master, bytes)| {
            WrappedKey { master: MasterKeyId(master), bytes: bytes.try_into().unwrap() }
        });
        (any::<u64>(), prop::option::of(key)).prop_map(|(generation, key)| SegmentHeader {
            generation,
            key,
            indexed: false,
        })
    }

    proptest! {
        #[test]
        fn a_header_comes_back_as_written_and_with_any_bit_changed_or_cut_off_it_does_not(
            header in headers(),
            at in 0..CHECKED_BYTES + 4,
            bit in 0..8,
        ) {
            let mut block = block(&header);
            prop_assert_eq!(SegmentHeader::parse(&block), Some(header));
            prop_assert_eq!(SegmentHeader::parse(&block[..at]), None);
            block[at] ^= 1_u8 << bit;
            prop_assert_eq!(SegmentHeader::parse(&block), None);
        }

        #[test]
        fn no_bytes_are_a_header_and_none_make_it_panic(
            magic: bool,
            mut bytes in vec(any::<u8>(), 0..2 * CHECKED_BYTES),
        ) {
            if let (true, Some(begin)) = (magic, bytes.get_mut(..MAGIC.len())) {
                begin.copy_from_slice(&MAGIC);
            }
            prop_assert_eq!(SegmentHeader::parse(&bytes), None);
        }
    }
}
