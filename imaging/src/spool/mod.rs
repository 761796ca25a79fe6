//! The spool log: where an instance becomes durable before it is acknowledged.
//!
//! A spool is a directory of preallocated, recycled segment files. Bytes are appended as they
//! arrive, in records of at most 1 MiB ([`record`]), each sealed with its segment's own key; the
//! GCM tag is the checksum and exposes torn and stale records. An instance is a list of record
//! positions and may span segments, so its size need not be known and memory stays bounded.
//!
//! [`Writer::commit`] returns after `fdatasync`, which one thread does for all who wait: only then
//! may success be answered. Who indexes an instance keeps its [`Hold`] until the index is durable;
//! a segment is recycled only when nobody holds it and the index needs nothing in it.
//!
//! ```
//! use imaging::{chance::SeededChance, disk::sim::SimDisk, seal::{MasterKey, MasterKeys}, spool};
//! use std::{io::Read, sync::Arc};
//!
//! let chance = Arc::new(SeededChance::new(1));
//! let keys = Arc::new(MasterKeys::new(MasterKey::fresh(&*chance), vec![]));
//! let settings = spool::Settings { segment_bytes: 4 << 20, prepared_segments: 1, ..Default::default() };
//! let (spool, found) = spool::Spool::open(Arc::new(SimDisk::new(1)), keys, chance, settings)?;
//! assert!(found.instances.is_empty());
//!
//! let mut buffer = spool::ChunkBuffer::new()?;
//! let mut writer = spool.begin(&mut buffer, spool::IngestId([7; 16]), b"who sent it")?;
//! writer.write(b"an instance")?;
//! let spooled = writer.commit()?; // durable from here on
//!
//! let (label, mut instance) = spool.read(&spooled.positions)?;
//! assert_eq!(label, b"who sent it");
//! let mut bytes = Vec::new();
//! instance.read_to_end(&mut bytes)?;
//! assert_eq!(bytes, b"an instance");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod log;
mod reader;
pub mod record;
mod recover;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::SpoolReader;
pub use record::{ChunkBuffer, IngestId};
pub use recover::{Found, FoundInstance};
pub use segment::Hold;
pub use writer::{Spooled, Writer};

use crate::chance::Chance;
use crate::disk::{BLOCK_BYTES, Disk};
use crate::seal::{Broken, MasterKeys, key::UnwrapError};
use log::Log;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a spool is laid out and when it refuses.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Size of a segment file.
    pub segment_bytes: u64,
    /// How many free segments are kept ready, so that no arrival waits for one to be zero-filled.
    pub prepared_segments: usize,
    /// Nothing is taken in while the disk has less than this free …
    pub min_free_bytes: u64,
    /// … or less than this part of the whole, in percent.
    pub min_free_percent: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { segment_bytes: 256 << 20, prepared_segments: 2, min_free_bytes: 2 << 30, min_free_percent: 5 }
    }
}

/// Where one record lies: the generation of its segment and the offset in it.
///
/// A generation names one use of one segment file and is never used again on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position(pub u64, pub u64);

/// The spool did not take or give back bytes.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Too little room on the disk: nothing is lost, nothing more is taken.
    #[error("the disk has {free_bytes} bytes free, fewer than the {needed_bytes} that must stay free")]
    DiskFull {
        /// What is free.
        free_bytes: u64,
        /// What must stay free.
        needed_bytes: u64,
    },
    /// Writing, reading or syncing failed.
    #[error("the spool could not {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// An earlier sync of this segment failed: what was written to it since is not certain.
    #[error("an earlier sync of spool segment {generation} failed, so nothing more in it counts as durable")]
    Poisoned {
        /// The segment's generation.
        generation: u64,
    },
    /// The segment is not in this spool (any more).
    #[error("spool segment {generation} is not here")]
    NoSegment {
        /// The segment's generation.
        generation: u64,
    },
    /// A record is torn, stale or changed.
    #[error("the spool record at {offset} of segment {generation} is damaged")]
    Damaged {
        /// The segment's generation.
        generation: u64,
        /// The record's offset in it.
        offset: u64,
        /// What the cipher says.
        source: Broken,
    },
    /// A segment's key could not be unwrapped.
    #[error("the key of a spool segment could not be unwrapped")]
    Key(#[from] UnwrapError),
    /// The spool was opened for reading only.
    #[error("the spool was opened for reading only")]
    ReadOnly,
}

pub(crate) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> SpoolError {
    move |source| SpoolError::Io { doing, source }
}

/// One node's spool. Cheap to clone; all clones are the same spool.
#[derive(Clone)]
pub struct Spool {
    log: Arc<Log>,
    settings: Settings,
}

impl Spool {
    /// Opens the spool on `disk`, making it if there is none, and finds what it holds.
    ///
    /// Nothing is appended to what an earlier run left: writing begins in a fresh segment, because a
    /// record's nonce is its offset.
    ///
    /// # Errors
    /// If the disk fails, or a live segment's key cannot be unwrapped (its master key is missing).
    pub fn open(
        disk: Arc<dyn Disk>,
        keys: Arc<MasterKeys>,
        chance: Arc<dyn Chance>,
        settings: Settings,
    ) -> Result<(Self, Found), SpoolError> {
        recover::remove_unfinished(&*disk)?;
        let (log, found) = recover::open(disk, keys, chance, settings, log::Mode::Append)?;
        Log::keep_prepared(&log);
        Ok((Self { log, settings }, found))
    }

    /// Opens the spool to look at it beside another process that may be appending.
    ///
    /// # Errors
    /// As [`Spool::open`].
    pub fn open_read_only(
        disk: Arc<dyn Disk>,
        keys: Arc<MasterKeys>,
        chance: Arc<dyn Chance>,
    ) -> Result<(Self, Found), SpoolError> {
        let settings = Settings::default();
        let (log, found) = recover::open(disk, keys, chance, settings, log::Mode::ReadOnly)?;
        Ok((Self { log, settings }, found))
    }

    /// Begins an instance. `label` is the caller's own description of it and comes back on reading.
    ///
    /// # Errors
    /// [`SpoolError::DiskFull`], or if the disk fails.
    pub fn begin<'a>(
        &'a self,
        buffer: &'a mut ChunkBuffer,
        id: IngestId,
        label: &[u8],
    ) -> Result<Writer<'a>, SpoolError> {
        self.check_space()?;
        Writer::begin(&self.log, buffer, id, label)
    }

    /// Whether there is room to take anything in.
    ///
    /// # Errors
    /// [`SpoolError::DiskFull`] if not, or if the disk does not say.
    pub fn check_space(&self) -> Result<(), SpoolError> {
        let space = self.log.disk.space().map_err(io("ask for free space"))?;
        let percent = space.total_bytes / 100 * self.settings.min_free_percent;
        let needed_bytes = percent.max(self.settings.min_free_bytes);
        if space.free_bytes < needed_bytes {
            return Err(SpoolError::DiskFull { free_bytes: space.free_bytes, needed_bytes });
        }
        Ok(())
    }

    /// Opens an instance for reading: its label, and its bytes from the first.
    ///
    /// # Errors
    /// [`SpoolError::NoSegment`] if it has been settled and its segment recycled,
    /// [`SpoolError::Damaged`] if its first record does not open.
    pub fn read(&self, positions: &[Position]) -> Result<(Vec<u8>, SpoolReader), SpoolError> {
        SpoolReader::open(&self.log, positions)
    }

    /// Segments that are full or left by an earlier run and held by nobody: those of them that the
    /// index does not need any more, asked *after* this call, may be recycled.
    #[must_use]
    pub fn idle_generations(&self) -> Vec<u64> {
        self.log.idle_generations()
    }

    /// Notes that the index knows everything in these segments, so that no start looks through them
    /// again. Only for idle ones, after everything found at the start was adopted.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn mark_indexed(&self, generations: &[u64]) -> Result<(), SpoolError> {
        generations.iter().try_for_each(|generation| self.log.mark_indexed(*generation))
    }

    /// Keeps the segments of an instance as they are.
    ///
    /// # Errors
    /// [`SpoolError::NoSegment`] if one is gone.
    pub fn hold(&self, positions: &[Position]) -> Result<Hold, SpoolError> {
        self.log.segments(positions).map(Hold::on)
    }

    /// Destroys these segments' keys and makes their files ready for other instances. A segment that
    /// is held again by now is left alone.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn recycle(&self, generations: &[u64]) -> Result<(), SpoolError> {
        generations.iter().try_for_each(|generation| self.log.recycle(*generation))
    }
}

/// Rounds up to whole blocks, as direct writes need.
pub(crate) fn whole_blocks(bytes: usize) -> usize {
    bytes.next_multiple_of(BLOCK_BYTES)
}
