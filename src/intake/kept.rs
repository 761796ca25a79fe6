//! Any kept instance back as its Part 10 file, whole or in part, wherever it lies.

use super::arrival::positions_from_json;
use super::settle::key_owner;
use crate::hex::unhex;
use crate::ids;
use crate::model::{Archive, InstanceRow, MemberMethod, Place, SettledInstance};
use crate::store::blob::{BlobError, BlobKey, BlobStore};
use imaging::archive::{ArchiveReader, Member, Method, ReadError};
use imaging::seal::key::UnwrapError;
use imaging::seal::{MasterKeyId, MasterKeys, ReadAt, UnsealError, WrappedKey};
use imaging::spool::{Spool, SpoolError, SpoolReader};
use std::io::{self, Read};
use std::ops::Range;

/// An instance cannot be given back.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The spool does not give it.
    #[error("the spool does not give it back")]
    Spool(#[from] SpoolError),
    /// The blob store does not give its archive.
    #[error("its archive is not in the blob store")]
    Blob(#[from] BlobError),
    /// Its archive does not open.
    #[error("its archive does not open")]
    Unseal(#[from] UnsealError),
    /// Its archive does not hold it as the index says.
    #[error("its archive does not hold it as the index says")]
    Read(#[from] ReadError),
    /// The archive's key cannot be unwrapped.
    #[error("its archive's key cannot be unwrapped")]
    Key(#[from] UnwrapError),
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
        let blob =
            blobs.open(&BlobKey::new(&archive.blob_key).map_err(|_| KeptError::Index("its blob's name"))?)?;
        let key = keys.unwrap(&key_owner(&archive.id), &wrapped_key(archive)?)?;
        Ok(Self(ArchiveReader::open(blob, &key)?))
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
    let Place::Archive { member, .. } = &instance.place else {
        return Err(KeptError::Index("it is not in an archive"));
    };
    member_from(instance, member).ok_or(KeptError::Index("its digests"))
}

fn member_from(instance: &InstanceRow, settled: &SettledInstance) -> Option<Member> {
    Some(Member {
        offset: settled.member_offset,
        stored_bytes: settled.member_bytes,
        method: match settled.member_method {
            MemberMethod::Deflate => Method::Deflate,
            MemberMethod::Stored => Method::Stored,
        },
        source_bytes: instance.size_bytes,
        crc32: settled.crc32,
        sha256: unhex(&settled.sha256)?,
        dataset_sha256: unhex(&settled.dataset_sha256)?,
    })
}

/// The data key of an archive, as its row keeps it.
///
/// # Errors
/// [`KeptError::Index`] if the row holds none.
pub fn wrapped_key(archive: &Archive) -> Result<WrappedKey, KeptError> {
    let master =
        unhex(&archive.master_key_id).map(MasterKeyId).ok_or(KeptError::Index("its master key's id"))?;
    let bytes = archive.data_key.as_slice().try_into().map_err(|_| KeptError::Index("its data key"))?;
    Ok(WrappedKey { master, bytes })
}
