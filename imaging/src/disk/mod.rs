//! The disk as an argument: the few things the spool log and local blobs ask of one, so that a
//! test can put a disk underneath that loses power, tears writes or refuses to sync.

mod host;
#[cfg(any(test, feature = "sim"))]
pub mod sim;

pub use host::HostDisk;

use std::io;

/// Offsets, lengths and buffers of direct writes are multiples of this.
pub const BLOCK_BYTES: usize = 4096;

/// How a file is going to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Read,
    /// Read and written through the page cache.
    Cached,
    /// Written in whole blocks, past the page cache where the file system allows it.
    Direct,
}

/// A directory on a disk. Names are relative, with `/` between components.
pub trait Disk: Send + Sync {
    /// Makes a new file.
    ///
    /// # Errors
    /// If there is one of this name, or the disk fails.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens an existing file.
    ///
    /// # Errors
    /// If there is none, or the disk fails.
    fn open(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>>;

    /// Renames within the disk, replacing what bears the new name. Durable after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// If there is no such file, or the disk fails.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Durable after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// If there is no such file, or the disk fails.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes a directory and those above it; fine if it exists.
    ///
    /// # Errors
    /// If the disk fails.
    fn create_dir(&self, name: &str) -> io::Result<()>;

    /// The names of the files directly in a directory, sorted; `""` is the disk's own directory.
    ///
    /// # Errors
    /// If there is no such directory, or the disk fails.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;

    /// The names of the directories directly in a directory, sorted.
    ///
    /// # Errors
    /// If there is no such directory, or the disk fails.
    fn list_dirs(&self, dir: &str) -> io::Result<Vec<String>>;

    /// Makes creations, renames and removals in a directory durable.
    ///
    /// # Errors
    /// If the disk fails.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;

    /// Free space, and the size of the whole, in bytes.
    ///
    /// # Errors
    /// If the disk fails.
    fn space(&self) -> io::Result<Space>;
}

/// How much room a disk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes this process may still write.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Reads exactly `buf.len()` bytes at `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` past the end; else if the disk fails.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`; durable after [`DiskFile::sync_data`].
    ///
    /// # Errors
    /// If the disk fails or is full.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes every write that returned before this call durable (`fdatasync`).
    ///
    /// # Errors
    /// If the disk fails; what was written since the last success may then be lost.
    fn sync_data(&self) -> io::Result<()>;

    /// The length in bytes.
    ///
    /// # Errors
    /// If the disk fails.
    fn len(&self) -> io::Result<u64>;

    /// Whether there is nothing in it.
    ///
    /// # Errors
    /// If the disk fails.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}
