//! Sealed objects as bytes: a row, the blob store and the master keys together open what is sealed.

use super::blob::{BlobError, BlobKey, BlobStore};
use super::keys::Holder;
use crate::hex::unhex;
use crate::model::{Archive, InstanceRow, KeptKey, MemberMethod, Place};
use imaging::archive::{Member, Method};
use imaging::chance::Chance;
use imaging::seal::key::UnwrapError;
use imaging::seal::{DataKey, MasterKeys, ReadAt, SealWriter, SealedReader, UnsealError};
use std::io::{self, Read, Write};

/// A sealed object cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// The blob store does not give it.
    #[error("it is not in the blob store")]
    Blob(#[from] BlobError),
    /// Its key cannot be unwrapped.
    #[error("its key cannot be unwrapped")]
    Key(#[from] UnwrapError),
    /// It does not open.
    #[error("it does not open")]
    Unseal(#[from] UnsealError),
    /// Its row, or that of an instance in it, is at odds with itself.
    #[error("the index is at odds with itself: {0}")]
    Row(&'static str),
}

/// A sealed object as its row tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedObject {
    /// Its name in the blob store.
    pub blob_key: String,
    /// Its data key.
    pub key: KeptKey,
    /// Whom the key is bound to.
    pub owner: Vec<u8>,
}

impl SealedObject {
    /// The object, still sealed, and the key that opens it. May block.
    ///
    /// # Errors
    /// [`SealedError`]
    pub fn unlock(
        &self,
        blobs: &dyn BlobStore,
        keys: &MasterKeys,
    ) -> Result<(Box<dyn ReadAt>, DataKey), SealedError> {
        let name = BlobKey::new(&self.blob_key).map_err(|_| SealedError::Row("the name of a blob"))?;
        let wrapped = self.key.wrapped().ok_or(SealedError::Row("a data key"))?;
        Ok((blobs.open(&name)?, keys.unwrap(&self.owner, &wrapped)?))
    }

    /// All of its plain bytes. May block.
    ///
    /// # Errors
    /// [`SealedError`]
    pub fn read(&self, blobs: &dyn BlobStore, keys: &MasterKeys) -> Result<Vec<u8>, SealedError> {
        let (blob, key) = self.unlock(blobs, keys)?;
        let mut sealed = SealedReader::open(blob, &key)?;
        let whole = sealed.plain_len();
        let mut bytes = vec![0; usize::try_from(whole).map_err(|_| SealedError::Row("a length"))?];
        sealed.range(0..whole)?.read_exact(&mut bytes).map_err(UnsealError::from)?;
        Ok(bytes)
    }
}

/// Writes a sealed object of what `fill` writes. What an earlier run of the same job left under this name is
/// replaced. May block.
///
/// # Errors
/// If `fill` or the blob store fails.
pub fn write(
    blobs: &dyn BlobStore,
    name: &str,
    key: &DataKey,
    chance: &dyn Chance,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), BlobError> {
    let name = BlobKey::new(name).map_err(io::Error::other)?;
    blobs.delete(&name)?;
    let mut sealed = SealWriter::new(blobs.create(&name)?, key, chance)?;
    fill(&mut sealed)?;
    let (blob, _) = sealed.finish()?;
    blob.finish().map(drop)
}

/// An archive's object, still sealed, and the key that opens it. May block.
///
/// # Errors
/// [`SealedError`]
pub fn unlock(
    blobs: &dyn BlobStore,
    keys: &MasterKeys,
    archive: &Archive,
) -> Result<(Box<dyn ReadAt>, DataKey), SealedError> {
    let (blob_key, key) = (archive.blob_key.clone(), archive.key.clone());
    SealedObject { blob_key, key, owner: Holder::Archive.owner(&archive.id) }.unlock(blobs, keys)
}

/// An archive's plain bytes: all members, as they lie. May block.
///
/// # Errors
/// [`SealedError`]
pub fn open(
    blobs: &dyn BlobStore,
    keys: &MasterKeys,
    archive: &Archive,
) -> Result<SealedReader<Box<dyn ReadAt>>, SealedError> {
    let (blob, key) = unlock(blobs, keys, archive)?;
    Ok(SealedReader::open(blob, &key)?)
}

/// The archive an instance lies in, and where in it; `None` while it is in a spool.
///
/// # Errors
/// [`SealedError::Row`] if its digests are none.
pub fn member_of(instance: &InstanceRow) -> Result<Option<(&str, Member)>, SealedError> {
    let Place::Archive { archive, member } = &instance.place else { return Ok(None) };
    let digest = |hex: &str| unhex(hex).ok_or(SealedError::Row("an instance's digests"));
    let member = Member {
        offset: member.member_offset,
        stored_bytes: member.member_bytes,
        method: match member.member_method {
            MemberMethod::Deflate => Method::Deflate,
            MemberMethod::Stored => Method::Stored,
        },
        source_bytes: instance.size_bytes,
        crc32: member.crc32,
        sha256: digest(&member.sha256)?,
        dataset_sha256: digest(&member.dataset_sha256)?,
    };
    Ok(Some((archive, member)))
}
