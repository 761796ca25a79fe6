//! A disk that forgets: keeps what was synced, and at a power cut drops or tears the rest.

use super::{Access, BLOCK_BYTES, Disk, DiskFile, Space};
use crate::chance::SeededChance;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A disk in memory with a seed. After [`SimDisk::cut_power`] only what was synced is certain:
/// every unsynced block of 4 KiB, and every unsynced directory entry, survives or not by chance.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct Content {
    /// As a reader sees it now.
    seen: Vec<u8>,
    /// As it was at the last sync.
    durable: Vec<u8>,
    /// Blocks written since.
    dirty: BTreeSet<usize>,
}

impl Content {
    fn make_durable(&mut self, block: usize) {
        let range = block * BLOCK_BYTES..((block + 1) * BLOCK_BYTES).min(self.seen.len());
        if self.durable.len() < range.end {
            self.durable.resize(range.end, 0);
        }
        self.durable[range.clone()].copy_from_slice(&self.seen[range]);
    }
}

type Shared = Arc<Mutex<Content>>;

struct State {
    chance: SeededChance,
    seen: BTreeMap<String, Shared>,
    durable: BTreeMap<String, Shared>,
    dirs: BTreeSet<String>,
    /// Operations that change something which may still succeed; at zero the power is gone.
    budget: Option<u64>,
    failing_syncs: bool,
    operations: u64,
    free_bytes: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(dir, _)| dir)
}

impl SimDisk {
    /// An empty disk whose accidents follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            chance: SeededChance::new(seed),
            seen: BTreeMap::new(),
            durable: BTreeMap::new(),
            dirs: BTreeSet::new(),
            budget: None,
            failing_syncs: false,
            operations: 0,
            free_bytes: 1 << 40,
        })))
    }

    /// Lets `operations` more changes happen; every one after that fails as if the power were gone.
    pub fn fail_after(&self, operations: u64) {
        lock(&self.0).budget = Some(operations);
    }

    /// Makes every sync of a file fail from now on, or work again.
    pub fn fail_syncs(&self, failing: bool) {
        lock(&self.0).failing_syncs = failing;
    }

    /// Sets the free space that [`Disk::space`] reports.
    pub fn set_free_bytes(&self, free_bytes: u64) {
        lock(&self.0).free_bytes = free_bytes;
    }

    /// How many changes were asked for so far: the number of places a power cut can happen.
    #[must_use]
    pub fn operations(&self) -> u64 {
        lock(&self.0).operations
    }

    /// Cuts the power and gives it back: what was not synced survives block by block, or not.
    pub fn cut_power(&self) {
        let mut state = lock(&self.0);
        state.budget = None;
        state.failing_syncs = false;
        let names: BTreeSet<String> = state.seen.keys().chain(state.durable.keys()).cloned().collect();
        let mut after = BTreeMap::new();
        for name in names {
            let from = if state.chance.next_u64().is_multiple_of(2) { &state.seen } else { &state.durable };
            if let Some(content) = from.get(&name) {
                after.insert(name, Arc::clone(content));
            }
        }
        for content in after.values() {
            let content = &mut *lock(content);
            for block in std::mem::take(&mut content.dirty) {
                if state.chance.next_u64().is_multiple_of(2) {
                    content.make_durable(block);
                }
            }
            content.seen = content.durable.clone();
        }
        state.seen.clone_from(&after);
        state.durable = after;
    }

    fn change(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = lock(&self.0);
        state.operations += 1;
        match &mut state.budget {
            Some(0) => return Err(io::Error::other("the power is gone")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }
}

impl Disk for SimDisk {
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.change()?;
        if state.seen.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Shared::default();
        state.seen.insert(name.to_owned(), Arc::clone(&content));
        Ok(Box::new(SimFile { disk: self.clone(), content }))
    }

    fn open(&self, name: &str, _access: Access) -> io::Result<Box<dyn DiskFile>> {
        let state = lock(&self.0);
        let content = state.seen.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimFile { disk: self.clone(), content: Arc::clone(content) }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.change()?;
        let content = state.seen.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.seen.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change()?.seen.remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        self.change()?.dirs.insert(name.to_owned());
        Ok(())
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let state = lock(&self.0);
        let names = state.seen.keys().filter(|name| parent(name) == dir);
        Ok(names.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned()).collect())
    }

    fn list_dirs(&self, dir: &str) -> io::Result<Vec<String>> {
        let state = lock(&self.0);
        let names = state.dirs.iter().filter(|name| parent(name) == dir);
        Ok(names.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned()).collect())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let mut state = self.change()?;
        state.durable.retain(|name, _| parent(name) != dir);
        let entries: Vec<(String, Shared)> = state
            .seen
            .iter()
            .filter(|(name, _)| parent(name) == dir)
            .map(|(name, content)| (name.clone(), Arc::clone(content)))
            .collect();
        state.durable.extend(entries);
        Ok(())
    }

    fn space(&self) -> io::Result<Space> {
        Ok(Space { free_bytes: lock(&self.0).free_bytes, total_bytes: 1 << 40 })
    }
}

struct SimFile {
    disk: SimDisk,
    content: Shared,
}

impl DiskFile for SimFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let content = lock(&self.content);
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let found = content.seen.get(start..start + buf.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(found);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let failed = self.disk.change().map(drop);
        let mut content = lock(&self.content);
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start + bytes.len();
        if content.seen.len() < end {
            content.seen.resize(end, 0);
        }
        // A write that fails may still have reached the disk in part: the cut decides, block by block.
        content.seen[start..end].copy_from_slice(bytes);
        content.dirty.extend(start / BLOCK_BYTES..end.div_ceil(BLOCK_BYTES));
        failed
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.disk.change()?.failing_syncs {
            return Err(io::Error::other("the disk could not write"));
        }
        let content = &mut *lock(&self.content);
        for block in std::mem::take(&mut content.dirty) {
            content.make_durable(block);
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.content).seen.len() as u64)
    }
}
