//! Archives as bytes: a row, the blob store and the master keys together open what is sealed.

use super::blob::{BlobError, BlobKey, BlobStore};
use super::keys::Holder;
use crate::hex::unhex;
use crate::model::{Archive, InstanceRow, MemberMethod, Place};
use imaging::archive::{Member, Method};
use imaging::seal::key::UnwrapError;
use imaging::seal::{DataKey, MasterKeyId, MasterKeys, ReadAt, SealedReader, UnsealError, WrappedKey};

/// An archive cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// The blob store does not give it.
    #[error("the archive is not in the blob store")]
    Blob(#[from] BlobError),
    /// Its key cannot be unwrapped.
    #[error("the archive's key cannot be unwrapped")]
    Key(#[from] UnwrapError),
    /// It does not open.
    #[error("the archive does not open")]
    Unseal(#[from] UnsealError),
    /// Its row, or that of an instance in it, is at odds with itself.
    #[error("the index is at odds with itself: {0}")]
    Row(&'static str),
}

/// The data key of an archive, as its row keeps it.
///
/// # Errors
/// [`SealedError::Row`] if the row holds none.
pub fn wrapped_key(archive: &Archive) -> Result<WrappedKey, SealedError> {
    let master = unhex(&archive.master_key_id).map(MasterKeyId);
    let master = master.ok_or(SealedError::Row("an archive's master key's id"))?;
    let bytes = archive.data_key.as_slice().try_into();
    Ok(WrappedKey { master, bytes: bytes.map_err(|_| SealedError::Row("an archive's data key"))? })
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
    let blob_key =
        BlobKey::new(&archive.blob_key).map_err(|_| SealedError::Row("the name of an archive's blob"))?;
    let blob = blobs.open(&blob_key)?;
    Ok((blob, keys.unwrap(&Holder::Archive.owner(&archive.id), &wrapped_key(archive)?)?))
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
