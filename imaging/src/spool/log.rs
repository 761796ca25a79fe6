//! The append side: which segment takes the next record, and a supply of free ones.

use super::segment::{Segment, SegmentHeader, key_owner};
use super::{Position, Settings, SpoolError, io, recover};
use crate::chance::Chance;
use crate::disk::{Access, BLOCK_BYTES, Disk};
use crate::seal::aead::Fast;
use crate::seal::{DataKey, MasterKeys};
use memmap2::MmapMut;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

const FILL_BYTES: usize = 1 << 20;
/// Nobody has appended for this long: the disk is free for filling.
const QUIET: Duration = Duration::from_millis(100);
/// How often the preparing thread looks whether there is something to do.
const LOOK_UP: Duration = Duration::from_millis(500);

/// How a segment is filled: at once, or only while nobody appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Haste {
    Now,
    WhenQuiet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Append,
    ReadOnly,
}

pub(super) struct Log {
    pub(super) disk: Arc<dyn Disk>,
    keys: Arc<MasterKeys>,
    chance: Arc<dyn Chance>,
    settings: Settings,
    mode: Mode,
    state: Mutex<State>,
    free_changed: Condvar,
    /// Set by every append, cleared by the preparing thread: filling segments can wait for a quiet moment.
    busy: AtomicBool,
}

/// What is known of the segment files.
#[derive(Default)]
pub(super) struct State {
    /// Live segments by generation, the one appended to among them.
    pub(super) live: BTreeMap<u64, Arc<Segment>>,
    /// The segment appended to, and where its next record goes.
    active: Option<(Arc<Segment>, u64)>,
    /// Names of files ready to be used.
    pub(super) free: VecDeque<String>,
    /// The highest generation ever used.
    pub(super) last_generation: u64,
    /// The number of the next file to be made.
    pub(super) next_file: u64,
}

impl Log {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        keys: Arc<MasterKeys>,
        chance: Arc<dyn Chance>,
        settings: Settings,
        mode: Mode,
        state: State,
    ) -> Self {
        Self {
            disk,
            keys,
            chance,
            settings,
            mode,
            state: Mutex::new(state),
            free_changed: Condvar::new(),
            busy: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a record: the segment and the offset, which nobody else gets.
    pub(super) fn reserve(&self, record_bytes: usize) -> Result<(Arc<Segment>, u64), SpoolError> {
        self.busy.store(true, Ordering::Relaxed);
        let mut state = self.state();
        let bytes = record_bytes as u64;
        let fits = |(segment, offset): &(Arc<Segment>, u64)| {
            offset + bytes <= self.settings.segment_bytes && !segment.is_poisoned()
        };
        if !state.active.as_ref().is_some_and(fits) {
            self.begin_segment(&mut state)?;
        }
        let (segment, next) = state.active.as_mut().ok_or(SpoolError::ReadOnly)?;
        let offset = *next;
        *next += bytes;
        Ok((Arc::clone(segment), offset))
    }

    /// Takes a free file into use: a new generation, a new key.
    fn begin_segment(&self, state: &mut State) -> Result<(), SpoolError> {
        if self.mode == Mode::ReadOnly {
            return Err(SpoolError::ReadOnly);
        }
        state.active = None;
        let name = match state.free.pop_front() {
            Some(name) => name,
            None => {
                let number = state.next_file;
                state.next_file += 1;
                self.prepare(number, Haste::Now)?
            }
        };
        self.free_changed.notify_all();
        state.last_generation += 1;
        let generation = state.last_generation;
        let key = DataKey::fresh(&*self.chance);
        let wrapped = self.keys.wrap(&key_owner(generation), &key, &*self.chance);
        let opened = self.disk.open(&name, Access::Direct).map_err(io("open a segment"));
        let file = opened.inspect_err(|_| state.free.push_back(name.clone()))?;
        // A file that failed to sync is not trusted again, and nothing is in it yet.
        SegmentHeader { generation, key: Some(wrapped.clone()), indexed: false }
            .write(&*file)
            .inspect_err(|_| self.remove_useless(&name))?;
        let segment = Arc::new(Segment::new(name, file, generation, wrapped, Fast::new(&key), false));
        state.live.insert(generation, Arc::clone(&segment));
        state.active = Some((segment, BLOCK_BYTES as u64));
        Ok(())
    }

    /// Makes a segment file: zero-filled once, so that later writes change no file-system metadata
    /// and a sync has only data to write.
    fn prepare(&self, number: u64, haste: Haste) -> Result<String, SpoolError> {
        let (unfinished, name) = (format!("new-{number:06}"), format!("seg-{number:06}"));
        // What stayed of every failed try would fill a disk on which there is no room.
        self.fill(&unfinished, haste).inspect_err(|_| self.remove_useless(&unfinished))?;
        self.disk.rename(&unfinished, &name).map_err(io("name a segment"))?;
        self.disk.sync_dir("").map_err(io("sync the spool directory"))?;
        Ok(name)
    }

    fn fill(&self, unfinished: &str, haste: Haste) -> Result<(), SpoolError> {
        drop(self.disk.create(unfinished).map_err(io("make a segment"))?);
        let file = self.disk.open(unfinished, Access::Direct).map_err(io("open a segment"))?;
        let zeros = MmapMut::map_anon(FILL_BYTES).map_err(io("map a buffer"))?;
        let mut offset = 0;
        while offset < self.settings.segment_bytes {
            if haste == Haste::WhenQuiet {
                self.wait_for_quiet();
            }
            let part = (self.settings.segment_bytes - offset).min(FILL_BYTES as u64);
            file.write_at(&zeros[..usize::try_from(part).unwrap_or(FILL_BYTES)], offset)
                .map_err(io("fill a segment"))?;
            offset += part;
        }
        SegmentHeader { generation: 0, key: None, indexed: false }.write(&*file)
    }

    fn remove_useless(&self, name: &str) {
        if let Err(error) = self.disk.remove(name) {
            tracing::warn!(file = name, %error, "a spool file that is of no use could not be removed");
        }
    }

    /// Filling takes the disk from those who are sending.
    fn wait_for_quiet(&self) {
        while self.busy.swap(false, Ordering::Relaxed) {
            std::thread::sleep(QUIET);
        }
    }

    /// Keeps free segments ready from a thread of its own, as long as the log lives.
    pub(super) fn keep_prepared(log: &Arc<Self>) {
        let weak = Arc::downgrade(log);
        let prepare = move || while Self::prepare_one(&weak) {};
        if let Err(error) = std::thread::Builder::new().name("spool-prepare".into()).spawn(prepare) {
            tracing::warn!(%error, "no thread to prepare spool segments: arrivals will wait for them");
        }
    }

    /// Prepares one segment if one is missing. False when the log is gone.
    fn prepare_one(log: &Weak<Self>) -> bool {
        let Some(log) = log.upgrade() else { return false };
        let mut state = log.state();
        let wanted = log.settings.prepared_segments;
        if state.free.len() >= wanted {
            drop(log.free_changed.wait_timeout(state, LOOK_UP));
            return true;
        }
        let haste = if state.free.len() * 2 > wanted { Haste::WhenQuiet } else { Haste::Now };
        let number = state.next_file;
        state.next_file += 1;
        drop(state);
        match log.prepare(number, haste) {
            Ok(name) => log.state().free.push_back(name),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "no spool segment could be prepared"
                );
                drop(log.free_changed.wait_timeout(log.state(), Duration::from_secs(5)));
            }
        }
        true
    }

    /// The segment of each position.
    pub(super) fn segments(&self, positions: &[Position]) -> Result<Vec<Arc<Segment>>, SpoolError> {
        let mut state = self.state();
        let missing = |state: &State| positions.iter().any(|position| !state.live.contains_key(&position.0));
        if self.mode == Mode::ReadOnly && missing(&state) {
            // Begun by the process that appends, since this one looked.
            recover::look_again(&*self.disk, &self.keys, &mut state)?;
        }
        let segment = |Position(generation, _): &Position| {
            state.live.get(generation).cloned().ok_or(SpoolError::NoSegment { generation: *generation })
        };
        positions.iter().map(segment).collect()
    }

    pub(super) fn mark_indexed(&self, generation: u64) -> Result<(), SpoolError> {
        let state = self.state();
        match state.live.get(&generation) {
            Some(segment) if state.is_idle(segment) && self.mode == Mode::Append => segment.mark_indexed(),
            _ => Ok(()),
        }
    }

    pub(super) fn idle_generations(&self) -> Vec<u64> {
        let state = self.state();
        let idle = state.live.values().filter(|segment| state.is_idle(segment));
        idle.map(|segment| segment.generation).collect()
    }

    pub(super) fn recycle(&self, generation: u64) -> Result<(), SpoolError> {
        let mut state = self.state();
        let Some(segment) = state.live.get(&generation) else { return Ok(()) };
        if !state.is_idle(segment) || self.mode == Mode::ReadOnly {
            return Ok(());
        }
        SegmentHeader { generation, key: None, indexed: false }.write(&*segment.file)?;
        if let Some(segment) = state.live.remove(&generation) {
            // A segment whose disk once failed to sync is not trusted with anything again.
            if segment.is_poisoned() {
                return self.disk.remove(&segment.name).map_err(io("remove a segment"));
            }
            state.free.push_back(segment.name.clone());
        }
        Ok(())
    }
}

impl State {
    /// Held by this table alone, and not appended to.
    fn is_idle(&self, segment: &Arc<Segment>) -> bool {
        let active = self.active.as_ref().is_some_and(|(active, _)| Arc::ptr_eq(active, segment));
        !active && Arc::strong_count(segment) == 1
    }
}
