//! The files of plain discs as Secure DICOM files: once more written into an archive.

use super::{FileArchive, FileBlob, LayOutError};
use crate::store::blob::BlobError;
use imaging::archive::{ArchiveReader, ArchiveWriter, ReadError, WriteError};
use imaging::chance::Chance;
use imaging::seal::UnsealError;
use imaging::secure_media::{Locker, SecureError};

/// A plain disc's files cannot be secured.
#[derive(Debug, thiserror::Error)]
pub enum SecuringError {
    /// The directory cannot be made.
    #[error(transparent)]
    LayOut(#[from] LayOutError),
    /// A file cannot be secured.
    #[error(transparent)]
    Secure(#[from] SecureError),
    /// An instance cannot be read.
    #[error("an instance cannot be read from its archive")]
    Read(#[from] ReadError),
    /// The blob store.
    #[error("the blob store")]
    Blob(#[from] BlobError),
    /// The archive cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// An archive does not open.
    #[error("an archive does not open")]
    Unseal(#[from] UnsealError),
}

/// Secures the files of plain discs, and reads them back. May block. In constant memory.
///
/// # Errors
/// [`SecuringError`]
pub fn write_secure(
    plain: &FileArchive,
    from: &FileBlob<'_>,
    locker: &Locker,
    to: &FileBlob<'_>,
    chance: &dyn Chance,
) -> Result<FileArchive, SecuringError> {
    to.blobs.delete(to.name)?;
    let mut source = ArchiveReader::open(from.blobs.open(from.name)?, from.key)?;
    let mut archive = ArchiveWriter::new(to.blobs.create(to.name)?, to.key, chance)?;
    let mut contents = plain.contents.clone();
    for secured in contents.instances_mut() {
        let (plain, bytes) = (source.member(&secured.member)?, secured.member.source_bytes);
        secured.member =
            archive.add_stored::<SecuringError>(0, |out| Ok(locker.write(plain, bytes, out, chance)?))?;
    }
    archive.finish()?.sink.finish()?;
    let mut archive = ArchiveReader::open(to.blobs.open(to.name)?, to.key)?;
    contents.files().try_for_each(|file| archive.verify(&file.instance.member))?;
    Ok(FileArchive { contents, profile: plain.profile })
}
