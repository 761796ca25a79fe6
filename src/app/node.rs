//! A process's own spool: a numbered directory, locked as long as the process lives.
//!
//! `serve` and an `import` beside it each append to a spool of their own, so neither waits for the
//! other. A process also takes over every unlocked directory it finds: what a crashed one left there
//! is adopted and settled by whoever comes next.

use imaging::chance::Chance;
use imaging::disk::{Disk, HostDisk};
use imaging::seal::MasterKeys;
use imaging::spool::{self, Found, Spool, SpoolError};
use rustix::fs::FlockOperation;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More processes than this do not share one data directory.
const MOST: u32 = 64;

/// One spool directory with the name its rows bear.
pub struct Node {
    /// The node's id in rows and jobs.
    pub id: String,
    /// Its spool.
    pub spool: Spool,
    /// What was in it.
    pub found: Found,
    /// Locked until dropped; none when only read.
    _lock: Option<File>,
}

/// A spool directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The directory or its lock.
    #[error("the spool directory {path} cannot be used")]
    Directory {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The spool itself.
    #[error("the spool in {path} cannot be opened")]
    Spool {
        /// Where.
        path: PathBuf,
        /// Why.
        source: SpoolError,
    },
    /// Every directory is locked.
    #[error("{MOST} processes share this data directory already")]
    Crowded,
}

/// What every node's spool is opened with.
pub struct Means<'a> {
    /// The directory of spool directories.
    pub folder: &'a Path,
    /// Master keys.
    pub keys: &'a Arc<MasterKeys>,
    /// Randomness for keys.
    pub chance: &'a Arc<dyn Chance>,
    /// How spools are laid out.
    pub settings: spool::Settings,
}

/// Takes every free spool directory, making one if there is none. The first is to be written to.
///
/// # Errors
/// [`NodeError`]; a directory locked by another process is none.
pub fn take(means: &Means<'_>) -> Result<Vec<Node>, NodeError> {
    let mut nodes = Vec::new();
    for number in 0..MOST {
        let path = means.folder.join(number.to_string());
        // Not the end: one before another may have been taken away.
        if !path.exists() && !nodes.is_empty() {
            continue;
        }
        nodes.extend(open(means, &path)?);
    }
    if nodes.is_empty() { Err(NodeError::Crowded) } else { Ok(nodes) }
}

fn open(means: &Means<'_>, path: &Path) -> Result<Option<Node>, NodeError> {
    let unusable = |source| NodeError::Directory { path: path.to_owned(), source };
    let disk: Arc<dyn Disk> = Arc::new(HostDisk::new(path).map_err(unusable)?);
    let lock =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path.join("lock"));
    let lock = lock.map_err(unusable)?;
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => return Ok(None),
        Err(error) => return Err(unusable(error.into())),
    }
    let id = id(path, &**means.chance).map_err(unusable)?;
    let opened = Spool::open(disk, Arc::clone(means.keys), Arc::clone(means.chance), means.settings);
    let (spool, found) = opened.map_err(|source| NodeError::Spool { path: path.to_owned(), source })?;
    Ok(Some(Node { id, spool, found, _lock: Some(lock) }))
}

/// Opens every spool directory to look at it, locked or not.
///
/// # Errors
/// [`NodeError`].
pub fn look(means: &Means<'_>) -> Result<Vec<Node>, NodeError> {
    let mut nodes = Vec::new();
    for number in 0..MOST {
        let path = means.folder.join(number.to_string());
        let unusable = |source| NodeError::Directory { path: path.clone(), source };
        let id = match read_id(&path.join("node")) {
            Ok(id) => id,
            Err(error) if has_segments(&path) => return Err(unusable(error)),
            // Not there, or being made.
            Err(_) => continue,
        };
        let disk: Arc<dyn Disk> = Arc::new(HostDisk::new(&path).map_err(unusable)?);
        let opened = Spool::open_read_only(disk, Arc::clone(means.keys), Arc::clone(means.chance));
        let (spool, found) = opened.map_err(|source| NodeError::Spool { path: path.clone(), source })?;
        nodes.push(Node { id, spool, found, _lock: None });
    }
    Ok(nodes)
}

/// The ids of the nodes that have a spool directory now.
#[must_use]
pub fn nodes_now(folder: &Path) -> Vec<String> {
    let names = (0..MOST).map(|number| read_id(&folder.join(number.to_string()).join("node")));
    names.filter_map(Result::ok).collect()
}

/// Whether any spool directory holds a segment, readable or not.
#[must_use]
pub fn any_segments(folder: &Path) -> bool {
    (0..MOST).any(|number| has_segments(&folder.join(number.to_string())))
}

fn has_segments(path: &Path) -> bool {
    let is_segment = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("seg-");
    std::fs::read_dir(path).is_ok_and(|entries| entries.flatten().any(is_segment))
}

/// The directory's node id, made once and kept beside the segments.
fn id(path: &Path, chance: &dyn Chance) -> io::Result<String> {
    let file = path.join("node");
    match read_id(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        outcome => return outcome,
    }
    // Under another name nothing in it would be needed by any row, and it would be recycled.
    if has_segments(path) {
        return Err(io::Error::other("it has segments and its file `node` is missing: put it back"));
    }
    let mut bytes = [0; 8];
    chance.fill(&mut bytes);
    let id = format!("node-{:016x}", u64::from_le_bytes(bytes));
    let unfinished = path.join("node.new");
    let mut writing = File::create(&unfinished)?;
    writing.write_all(id.as_bytes())?;
    writing.sync_all()?;
    std::fs::rename(&unfinished, &file)?;
    File::open(path)?.sync_all()?;
    Ok(id)
}

fn read_id(file: &Path) -> io::Result<String> {
    let mut id = String::new();
    File::open(file)?.take(64).read_to_string(&mut id)?;
    let id = id.trim();
    if id.is_empty() { Err(io::Error::other("its file `node` is empty")) } else { Ok(id.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::chance::SeededChance;
    use imaging::seal::MasterKey;
    use imaging::spool::{ChunkBuffer, IngestId, Settings};

    fn settings() -> Settings {
        Settings { segment_bytes: 1 << 20, prepared_segments: 0, min_free_bytes: 0, min_free_percent: 0 }
    }

    fn with_means<T>(folder: &Path, work: impl FnOnce(&Means<'_>) -> T) -> T {
        let chance: Arc<dyn Chance> = Arc::new(SeededChance::new(1));
        let keys = Arc::new(MasterKeys::new(MasterKey::fresh(&*chance), Vec::new()));
        work(&Means { folder, keys: &keys, chance: &chance, settings: settings() })
    }

    #[test]
    fn a_directory_after_a_gap_is_taken_too() {
        let folder = tempfile::tempdir().unwrap();
        with_means(folder.path(), |means| {
            drop(take(means).unwrap());
            std::fs::rename(folder.path().join("0"), folder.path().join("7")).unwrap();
            assert_eq!(take(means).unwrap().len(), 2);
        });
    }

    #[test]
    fn segments_are_never_taken_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        with_means(folder.path(), |means| {
            let node = take(means).unwrap().remove(0);
            let mut buffer = ChunkBuffer::new().unwrap();
            let writer = node.spool.begin(&mut buffer, IngestId([1; 16]), b"label").unwrap();
            drop(writer.commit().unwrap());
            drop(node);
            std::fs::remove_file(folder.path().join("0/node")).unwrap();
            assert!(matches!(take(means), Err(NodeError::Directory { .. })));
            assert!(matches!(look(means), Err(NodeError::Directory { .. })));
        });
    }
}
