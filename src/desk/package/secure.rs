//! A plain disc's files as Secure DICOM files: once more written into an archive, over which the disc's image is laid.

use super::plain::{PlainArchive, PlainBlob, of_disc};
use super::{LayOutError, Making};
use crate::store::blob::BlobError;
use imaging::archive::{ArchiveReader, ArchiveWriter, Member, ReadError, WriteError};
use imaging::chance::Chance;
use imaging::layout::Layout;
use imaging::pdi::{self, Secured};
use imaging::seal::UnsealError;
use imaging::secure_media::{Locker, SecureError};

/// The secured files of a disc, which were written and read back.
#[derive(Debug, Clone)]
pub struct SecureArchive {
    /// Where each instance lies, in the order of the contents.
    members: Vec<Member>,
    /// The secured DICOMDIR.
    directory: Vec<u8>,
}

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

/// Secures the files of a plain disc, and reads them back. May block. In constant memory but for the directory.
///
/// # Errors
/// [`SecuringError`]
pub fn write_secure(
    plain: &PlainArchive,
    from: &PlainBlob<'_>,
    locker: &Locker,
    to: &PlainBlob<'_>,
    making: &Making<'_>,
    chance: &dyn Chance,
) -> Result<SecureArchive, SecuringError> {
    let directory = of_disc(plain, making, pdi::directory)?;
    let mut secured = Vec::new();
    locker.write(directory.as_slice(), directory.len() as u64, &mut secured, chance)?;
    to.blobs.delete(to.name)?;
    let mut source = ArchiveReader::open(from.blobs.open(from.name)?, from.key)?;
    let mut archive = ArchiveWriter::new(to.blobs.create(to.name)?, to.key, chance)?;
    let mut members = Vec::new();
    for file in plain.contents.files() {
        let instance = source.member(&file.instance.member)?;
        members.push(archive.add_stored::<SecuringError>(0, |out| {
            Ok(locker.write(instance, file.instance.member.source_bytes, out, chance)?)
        })?);
    }
    archive.finish()?.sink.finish()?;
    let mut archive = ArchiveReader::open(to.blobs.open(to.name)?, to.key)?;
    members.iter().try_for_each(|member| archive.verify(member))?;
    Ok(SecureArchive { members, directory: secured })
}

/// The image of a disc of Secure DICOM files, whose object 0 is the plain bytes of their archive.
///
/// # Errors
/// [`LayOutError`]
pub fn secure_image(
    plain: &PlainArchive,
    SecureArchive { members, directory }: &SecureArchive,
    making: &Making<'_>,
) -> Result<Layout, LayOutError> {
    of_disc(plain, making, |disc| pdi::secure_image(disc, Secured { directory, members }))
}
