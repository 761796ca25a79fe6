//! The real thing.

use super::{Access, Disk, DiskFile, Space};
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A directory of the host's file system. What it makes is readable by its owner alone.
#[derive(Debug, Clone)]
pub struct HostDisk {
    root: PathBuf,
}

impl HostDisk {
    /// The disk rooted at `root`, which is made if need be.
    ///
    /// # Errors
    /// If the directory cannot be made.
    pub fn new(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        make_dir(&root)?;
        Ok(Self { root })
    }

    fn names(&self, dir: &str, wanted: fn(&fs::FileType) -> bool) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(dir))? {
            let entry = entry?;
            if wanted(&entry.file_type()?) {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Makes a directory and those above it, each durable in the one it is in: what is synced within is of no
/// use if the way to it is lost.
fn make_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_dir(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

impl Disk for HostDisk {
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.root.join(name);
        Ok(Box::new(HostFile(
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?,
        )))
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let path = self.root.join(name);
        let open = |flags: i32| {
            OpenOptions::new().read(true).write(access != Access::Read).custom_flags(flags).open(&path)
        };
        let file = match access {
            Access::Read | Access::Cached => open(0)?,
            // Some file systems (tmpfs, some network ones) have no direct I/O; the page cache serves there.
            Access::Direct => open(OFlags::DIRECT.bits().cast_signed()).or_else(|_| open(0))?,
        };
        Ok(Box::new(HostFile(file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.root.join(from), self.root.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.root.join(name))
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        make_dir(&self.root.join(name))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.names(dir, fs::FileType::is_file)
    }

    fn list_dirs(&self, dir: &str) -> io::Result<Vec<String>> {
        self.names(dir, fs::FileType::is_dir)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.root.join(dir))?.sync_all()
    }

    fn space(&self) -> io::Result<Space> {
        let stat = rustix::fs::statvfs(&self.root)?;
        Ok(Space { free_bytes: stat.f_bavail * stat.f_frsize, total_bytes: stat.f_blocks * stat.f_frsize })
    }
}

struct HostFile(File);

impl DiskFile for HostFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buf, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}
