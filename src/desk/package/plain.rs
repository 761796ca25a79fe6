//! A package as the files of plain discs: its instances are written once more, transcoded and as they are.

use super::{FileArchive, FileBlob, Recipe};
use crate::model::Archive;
use crate::store::blob::{BlobError, BlobStore, BlobWriter};
use crate::store::sealed::{self, SealedError};
use imaging::archive::{ArchiveReader, ArchiveWriter, Member, ReadError, WriteError};
use imaging::chance::Chance;
use imaging::index::Identity;
use imaging::package::{File, Instance};
use imaging::pdi::Profile;
use imaging::seal::{MasterKeys, ReadAt, UnsealError};
use imaging::transcode::{Plan, Target, TranscodeError};

/// A package cannot go on a plain disc.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    /// An instance can neither be transcoded nor stay as it is.
    #[error(
        "instance {sop_instance_uid} in transfer syntax {transfer_syntax_uid} cannot go on a plain disc, only on a \
         sealed one or into a ZIP archive"
    )]
    Instance {
        /// Which.
        sop_instance_uid: String,
        /// Its transfer syntax.
        transfer_syntax_uid: String,
        /// Why not.
        source: TranscodeError,
    },
    /// Some instances can only stay in JPEG, others in JPEG 2000.
    #[error(
        "instance {sop_instance_uid} can only stay in transfer syntax {transfer_syntax_uid}, others only in another, \
         and no application profile allows both: put them on discs of their own"
    )]
    Mixed {
        /// Which.
        sop_instance_uid: String,
        /// Its transfer syntax.
        transfer_syntax_uid: String,
    },
    /// An instance's archive does not open.
    #[error("an archive")]
    Sealed(#[from] SealedError),
    /// An instance cannot be read.
    #[error("an instance cannot be read from its archive")]
    Read(#[from] ReadError),
    /// An instance cannot be transcoded.
    #[error(transparent)]
    Transcode(#[from] TranscodeError),
    /// The blob store.
    #[error("the blob store")]
    Blob(#[from] BlobError),
    /// The archive cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It does not open after it was written.
    #[error("the archive does not open after writing")]
    Unseal(#[from] UnsealError),
}

/// Writes the files of plain discs, and reads them back. May block. Memory is that of one frame.
///
/// What cannot be transcoded stays as it is if it is JPEG or JPEG 2000; the discs are then DVDs.
///
/// # Errors
/// [`PlainError`]; what was written until then may stay in the blob store.
pub fn write_plain(
    recipe: &Recipe,
    keys: &MasterKeys,
    to: &FileBlob<'_>,
    chance: &dyn Chance,
) -> Result<FileArchive, PlainError> {
    to.blobs.delete(to.name)?;
    let mut writing = Writing {
        kept: Kept { blobs: to.blobs, keys, archives: &recipe.archives, open: None },
        archive: ArchiveWriter::new(to.blobs.create(to.name)?, to.key, chance)?,
        profile: Profile::Uncompressed,
    };
    let mut contents = recipe.contents.clone();
    let written = recipe.contents.files().map(|file| writing.add(&file));
    for (instance, written) in contents.instances_mut().zip(written.collect::<Result<Vec<_>, _>>()?) {
        (instance.transfer_syntax_uid, instance.member) = written;
        instance.object = 0;
    }
    let Writing { archive, profile, .. } = writing;
    archive.finish()?.sink.finish()?;
    let mut archive = ArchiveReader::open(to.blobs.open(to.name)?, to.key)?;
    contents.files().try_for_each(|file| archive.verify(&file.instance.member))?;
    Ok(FileArchive { contents, profile })
}

struct Writing<'a> {
    kept: Kept<'a>,
    archive: ArchiveWriter<Box<dyn BlobWriter>>,
    profile: Profile,
}

impl Writing<'_> {
    /// Adds an instance; gives the transfer syntax it has now, and where it lies.
    fn add(&mut self, file: &File<'_>) -> Result<(String, Member), PlainError> {
        let Instance { sop_instance_uid, sop_class_uid, transfer_syntax_uid, .. } = file.instance;
        let identity = Identity {
            study_instance_uid: file.study.uid.clone(),
            series_instance_uid: file.series.uid.clone(),
            sop_instance_uid: sop_instance_uid.clone(),
            sop_class_uid: sop_class_uid.clone(),
        };
        let refusal = match self.add_as(file.instance, &identity, Target::Uncompressed) {
            Err(PlainError::Transcode(refusal)) if !matches!(refusal, TranscodeError::Sink(_)) => refusal,
            added => return added,
        };
        let (sop_instance_uid, transfer_syntax_uid) = (sop_instance_uid.clone(), transfer_syntax_uid.clone());
        match Profile::for_syntax(&transfer_syntax_uid) {
            None | Some(Profile::Uncompressed) => {
                Err(PlainError::Instance { sop_instance_uid, transfer_syntax_uid, source: refusal })
            }
            Some(profile) if self.profile != Profile::Uncompressed && self.profile != profile => {
                Err(PlainError::Mixed { sop_instance_uid, transfer_syntax_uid })
            }
            Some(profile) => {
                self.profile = profile;
                self.add_as(file.instance, &identity, Target::Itself)
            }
        }
    }

    fn add_as(
        &mut self,
        instance: &Instance,
        identity: &Identity,
        target: Target,
    ) -> Result<(String, Member), PlainError> {
        let reader = self.kept.reader(instance.object)?;
        let plan = Plan::of(reader.member(&instance.member)?, identity, target)?;
        let member = self.archive.add_stored::<PlainError>(plan.header_bytes(), |out| {
            Ok(plan.write(reader.member(&instance.member)?, out)?)
        })?;
        Ok((plan.transfer_syntax_uid().to_owned(), member))
    }
}

/// The archives that instances lie in, one open at a time.
struct Kept<'a> {
    blobs: &'a dyn BlobStore,
    keys: &'a MasterKeys,
    archives: &'a [Archive],
    open: Option<(u32, ArchiveReader<Box<dyn ReadAt>>)>,
}

impl Kept<'_> {
    fn reader(&mut self, object: u32) -> Result<&mut ArchiveReader<Box<dyn ReadAt>>, PlainError> {
        let open = match self.open.take() {
            Some(open) if open.0 == object => open,
            _ => {
                let archive = usize::try_from(object).ok().and_then(|at| self.archives.get(at));
                let archive = archive.ok_or(SealedError::Row("an instance lies in no archive"))?;
                let (blob, key) = sealed::unlock(self.blobs, self.keys, archive)?;
                (object, ArchiveReader::open(blob, &key)?)
            }
        };
        Ok(&mut self.open.insert(open).1)
    }
}
