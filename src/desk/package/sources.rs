//! The bytes of instances, from the blob store.

use crate::model::Archive;
use crate::store::blob::BlobStore;
use crate::store::sealed;
use crate::words::in_words;
use imaging::layout::Objects;
use imaging::seal::{MasterKeys, ReadAt, SealedReader};
use std::io;
use std::sync::Arc;

/// The archives of a recipe, one open at a time: a layout goes through them one after the other, so memory
/// is that of one reader, about 1 MiB, however many there are. Reading blocks.
pub struct Archived {
    blobs: Arc<dyn BlobStore>,
    keys: Arc<MasterKeys>,
    archives: Vec<Archive>,
    open: Option<(u32, SealedReader<Box<dyn ReadAt>>)>,
}

impl Archived {
    /// These archives, of which none is opened yet.
    #[must_use]
    pub fn new(blobs: Arc<dyn BlobStore>, keys: Arc<MasterKeys>, archives: Vec<Archive>) -> Self {
        Self { blobs, keys, archives, open: None }
    }

    /// The same once more, of which none is opened yet.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::new(Arc::clone(&self.blobs), Arc::clone(&self.keys), self.archives.clone())
    }

    fn reader(&mut self, object: u32) -> io::Result<&mut SealedReader<Box<dyn ReadAt>>> {
        let open = match self.open.take() {
            Some(open) if open.0 == object => open,
            _ => (object, self.open(object)?),
        };
        Ok(&mut self.open.insert(open).1)
    }

    fn open(&self, object: u32) -> io::Result<SealedReader<Box<dyn ReadAt>>> {
        let archive = usize::try_from(object).ok().and_then(|at| self.archives.get(at));
        let archive = archive.ok_or(io::ErrorKind::NotFound)?;
        sealed::open(&*self.blobs, &self.keys, archive)
            .map_err(|error| io::Error::other(format!("archive {}: {}", archive.id, in_words(&error))))
    }
}

impl Objects for Archived {
    fn read_at(&mut self, object: u32, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        Ok(self.reader(object)?.read_at(buf, offset)?)
    }
}
