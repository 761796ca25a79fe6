//! Any kept instance back as its Part 10 file, whole or in part, wherever it lies.

use super::arrival::positions_from_json;
use crate::ids;
use crate::model::{Archive, InstanceRow, Place};
use crate::store::blob::BlobStore;
use crate::store::sealed::{self, SealedError};
use imaging::archive::{ArchiveReader, Member, ReadError};
use imaging::seal::{MasterKeys, ReadAt};
use imaging::spool::{Spool, SpoolError, SpoolReader};
use std::io::{self, Read};
use std::ops::Range;

/// An instance cannot be given back.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The spool does not give it.
    #[error("the spool does not give it back")]
    Spool(#[from] SpoolError),
    /// Its archive does not open.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// Its archive does not hold it as the index says.
    #[error("its archive does not hold it as the index says")]
    Read(#[from] ReadError),
    /// The index is at odds with itself.
    #[error("the index does not say where it is: {0}")]
    Index(&'static str),
}

/// An open archive.
pub struct OpenArchive(ArchiveReader<Box<dyn ReadAt>>);

impl OpenArchive {
    /// Opens an archive of the blob store.
    ///
    /// # Errors
    /// If its object, its key or its beginning is not as it should be.
    pub fn open(blobs: &dyn BlobStore, keys: &MasterKeys, archive: &Archive) -> Result<Self, KeptError> {
        let (blob, key) = sealed::unlock(blobs, keys, archive)?;
        Ok(Self(ArchiveReader::open(blob, &key).map_err(SealedError::from)?))
    }

    /// A range of the file that `instance` is.
    ///
    /// # Errors
    /// If the archive does not hold it, or it has no such range.
    pub fn range(&mut self, instance: &InstanceRow, bytes: Range<u64>) -> Result<impl Read + '_, KeptError> {
        Ok(self.0.range(&member_of(instance)?, bytes)?)
    }

    /// Reads `instance` to its end and compares it with what the index remembers of it.
    ///
    /// # Errors
    /// What does not agree.
    pub fn verify(&mut self, instance: &InstanceRow) -> Result<(), KeptError> {
        Ok(self.0.verify(&member_of(instance)?)?)
    }
}

/// Opens an instance that is still in a spool.
///
/// # Errors
/// If the spool does not give it.
pub fn open_spooled(spool: &Spool, instance: &InstanceRow) -> Result<SpoolReader, KeptError> {
    let Place::Spool(spooled) = &instance.place else { return Err(KeptError::Index("it is not in a spool")) };
    let positions =
        positions_from_json(&spooled.extents).ok_or(KeptError::Index("its place in the spool"))?;
    let (_label, reader) = spool.read(&positions)?;
    if ids::hyphenated(&reader.id().0) != instance.id {
        return Err(KeptError::Index("another instance lies in its place"));
    }
    Ok(reader)
}

/// Reads all there is and throws it away: for what verifies itself in being read.
///
/// # Errors
/// If reading fails.
pub fn read_through(reader: &mut dyn Read) -> io::Result<u64> {
    io::copy(reader, &mut io::sink())
}

fn member_of(instance: &InstanceRow) -> Result<Member, KeptError> {
    let (_archive, member) =
        sealed::member_of(instance)?.ok_or(KeptError::Index("it is not in an archive"))?;
    Ok(member)
}
