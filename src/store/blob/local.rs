//! Blobs as files of a local directory.

use super::{BlobError, BlobKey, BlobStore, BlobWriter};
use imaging::disk::{Access, Disk, DiskFile};
use imaging::seal::ReadAt;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const BLOBS: &str = "blobs";
const UNFINISHED: &str = "blobs/unfinished";

/// Bytes collected before they are written.
pub(super) const WRITE_BYTES: usize = 1 << 20;

/// Directories on each of the two levels. A million blobs are then about 250 in a directory.
const FAN_OUT: u64 = 64;

/// A blob store on a local disk.
///
/// A blob is written under a name of its own in `blobs/unfinished/`, synced, renamed to
/// `blobs/{00..3f}/{00..3f}/{key}`, and the directory synced. So whatever happens in between, under a
/// key there is a complete blob or none. Processes may share the disk as long as no two write blobs of
/// one key; what a crashed one left unfinished goes when its key is deleted.
#[derive(Clone)]
pub struct LocalBlobs(Arc<Shared>);

struct Shared {
    disk: Arc<dyn Disk>,
    /// Blobs started so far, which numbers them.
    started: AtomicU64,
    /// Directories known to be durable: made and synced since this store was opened. Held locked while
    /// a blob is published, which keeps two writers of one key apart.
    dirs: Mutex<BTreeSet<String>>,
}

impl LocalBlobs {
    /// The store on `disk`, whose directories are made if need be.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn new(disk: Arc<dyn Disk>) -> io::Result<Self> {
        let shared = Shared { disk, started: AtomicU64::new(0), dirs: Mutex::default() };
        shared.make_dirs(UNFINISHED, &mut shared.dirs())?;
        Ok(Self(Arc::new(shared)))
    }
}

impl BlobStore for LocalBlobs {
    fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        self.0.refuse_if_taken(key)?;
        let (name, file) = self.0.start(key)?;
        let buffer = Vec::with_capacity(WRITE_BYTES);
        let written = 0;
        let store = Arc::clone(&self.0);
        Ok(Box::new(Unfinished {
            store,
            key: key.clone(),
            name,
            file,
            buffer,
            written,
            state: Writing::Open,
        }))
    }

    fn open(&self, key: &BlobKey) -> Result<Box<dyn ReadAt>, BlobError> {
        match self.0.disk.open(&path(key), Access::Read) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BlobError::NotFound),
            Err(error) => Err(error.into()),
        }
    }

    fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        self.0.remove_unfinished(key)?;
        allow_missing(self.0.disk.remove(&path(key)))?;
        // Also if it was gone already: perhaps the sync of an earlier deletion failed.
        Ok(allow_missing(self.0.disk.sync_dir(&dir(key)))?)
    }

    fn list(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError> {
        let disk = &self.0.disk;
        for first in disk.list_dirs(BLOBS)? {
            for second in disk.list_dirs(&format!("{BLOBS}/{first}"))? {
                let dir = format!("{BLOBS}/{first}/{second}");
                for name in disk.list(&dir)? {
                    let Ok(key) = BlobKey::new(name) else { continue };
                    match disk.open(&format!("{dir}/{key}"), Access::Read).and_then(|file| file.len()) {
                        Ok(bytes) => visit(key, bytes),
                        Err(error) => allow_missing(Err(error))?,
                    }
                }
            }
        }
        Ok(())
    }
}

fn allow_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The directory of a blob: by a digest of its key, for keys made in one hour begin alike.
/// FNV-1a, 64 bits (Fowler, Noll, Vo), of which the lowest bits are the well mixed ones. It must stay
/// what it is for as long as there are blobs.
fn dir(key: &BlobKey) -> String {
    let digest = key.as_str().bytes().fold(0xCBF2_9CE4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    format!("{BLOBS}/{:02x}/{:02x}", digest % FAN_OUT, digest / FAN_OUT % FAN_OUT)
}

fn path(key: &BlobKey) -> String {
    format!("{}/{key}", dir(key))
}

impl Shared {
    fn dirs(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.dirs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_if_taken(&self, key: &BlobKey) -> Result<(), BlobError> {
        match self.disk.open(&path(key), Access::Read) {
            Ok(_) => Err(BlobError::Taken),
            Err(error) => Ok(allow_missing(Err(error))?),
        }
    }

    /// Makes a file for a blob, under a name no other blob is being written under.
    fn start(&self, key: &BlobKey) -> io::Result<(String, Box<dyn DiskFile>)> {
        loop {
            let number = self.started.fetch_add(1, Ordering::Relaxed);
            let name = format!("{UNFINISHED}/{key}.{number}");
            match self.disk.create(&name) {
                // Left behind by an earlier process.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return Ok((name, made?)),
            }
        }
    }

    /// Removes what was being written of a blob when its writer went away.
    fn remove_unfinished(&self, key: &BlobKey) -> io::Result<()> {
        let prefix = format!("{key}.");
        for name in self.disk.list(UNFINISHED)?.iter().filter(|name| name.starts_with(&prefix)) {
            allow_missing(self.disk.remove(&format!("{UNFINISHED}/{name}")))?;
        }
        Ok(())
    }

    /// Gives the synced file `name` the name of its blob.
    fn publish(&self, name: &str, key: &BlobKey) -> Result<(), BlobError> {
        let mut dirs = self.dirs();
        self.refuse_if_taken(key)?;
        self.make_dirs(&dir(key), &mut dirs)?;
        self.disk.rename(name, &path(key))?;
        Ok(self.disk.sync_dir(&dir(key))?)
    }

    /// Makes a directory and those above it, each durable before anything is put into it.
    fn make_dirs(&self, dir: &str, durable: &mut BTreeSet<String>) -> io::Result<()> {
        if durable.contains(dir) {
            return Ok(());
        }
        let parent = dir.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !parent.is_empty() {
            self.make_dirs(parent, durable)?;
        }
        self.disk.create_dir(dir)?;
        self.disk.sync_dir(parent)?;
        durable.insert(dir.to_owned());
        Ok(())
    }
}

/// How far the writing of a blob is.
#[derive(PartialEq, Eq)]
enum Writing {
    Open,
    /// What was written may have a hole: it must never be published.
    Failed,
    Published,
}

struct Unfinished {
    store: Arc<Shared>,
    key: BlobKey,
    name: String,
    file: Box<dyn DiskFile>,
    buffer: Vec<u8>,
    /// Bytes in the file.
    written: u64,
    state: Writing,
}

impl Unfinished {
    fn write_buffer(&mut self) -> io::Result<()> {
        if self.state != Writing::Open {
            return Err(io::Error::other("writing this blob failed before and cannot go on"));
        }
        self.state = Writing::Failed;
        self.file.write_at(&self.buffer, self.written)?;
        self.state = Writing::Open;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == WRITE_BYTES {
            self.write_buffer()?;
        }
        let taken = bytes.len().min(WRITE_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Hands what was collected to the disk; only [`BlobWriter::finish`] makes it durable.
    fn flush(&mut self) -> io::Result<()> {
        self.write_buffer()
    }
}

impl BlobWriter for Unfinished {
    fn finish(mut self: Box<Self>) -> Result<u64, BlobError> {
        self.write_buffer()?;
        self.file.sync_data()?;
        self.store.publish(&self.name, &self.key)?;
        self.state = Writing::Published;
        Ok(self.written)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.state == Writing::Published {
            return;
        }
        // After a rename whose sync failed there is nothing of this name any more.
        if let Err(error) = allow_missing(self.store.disk.remove(&self.name)) {
            tracing::warn!(%error, "an unfinished blob stays on the disk until the next start");
        }
    }
}

#[cfg(test)]
mod tests;
