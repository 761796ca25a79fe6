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
        if !path.exists() && !nodes.is_empty() {
            break;
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
        let Ok(id) = read_id(&path.join("node")) else { continue };
        let unusable = |source| NodeError::Directory { path: path.clone(), source };
        let disk: Arc<dyn Disk> = Arc::new(HostDisk::new(&path).map_err(unusable)?);
        let opened = Spool::open_read_only(disk, Arc::clone(means.keys), Arc::clone(means.chance));
        let (spool, found) = opened.map_err(|source| NodeError::Spool { path: path.clone(), source })?;
        nodes.push(Node { id, spool, found, _lock: None });
    }
    Ok(nodes)
}

/// Whether any spool directory holds a segment, readable or not.
#[must_use]
pub fn any_segments(folder: &Path) -> bool {
    (0..MOST).any(|number| {
        std::fs::read_dir(folder.join(number.to_string())).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("seg-"))
        })
    })
}

/// The directory's node id, made once and kept beside the segments.
fn id(path: &Path, chance: &dyn Chance) -> io::Result<String> {
    let file = path.join("node");
    match read_id(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        outcome => return outcome,
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
    Ok(id.trim().to_owned())
}
