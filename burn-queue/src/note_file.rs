//! A station's note in a file.

use crate::station::{Memory, Note};
use rustix::fs::FlockOperation;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Keeps a station's note in one small file, which is there whole or not at all. As long as it is open, no other
/// station on this machine can use it.
#[derive(Debug)]
pub struct NoteFile {
    folder: PathBuf,
    _lock: File,
}

impl NoteFile {
    const NAME: &str = "burning.json";

    /// The note kept in `folder`, which is made if need be.
    ///
    /// # Errors
    /// `WouldBlock` if another station has it; else if it cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join("lock"))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { folder, _lock: lock })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(Self::NAME)
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

impl Memory for NoteFile {
    fn load(&self) -> io::Result<Option<Note>> {
        match fs::read(self.path()) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn save(&self, note: &Note) -> io::Result<()> {
        let unfinished = self.folder.join("burning.new");
        write_whole(&unfinished, &serde_json::to_vec(note)?)?;
        fs::rename(&unfinished, self.path())?;
        self.sync_folder()
    }

    fn clear(&self) -> io::Result<()> {
        fs::remove_file(self.path())?;
        self.sync_folder()
    }
}
