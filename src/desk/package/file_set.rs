//! Discs of DICOM files, in the clear or each of them secured: their files are written once more, as one sealed archive,
//! and the discs' images are layouts over that. While the archive is kept the images can be made again, byte for byte.

use super::plain::{PlainError, write_plain};
use super::secure::{SecuringError, write_secure};
use super::set::{Place, set_of};
use super::{FILE_SET_ID, LayOutError, Making, Recipe, recorded};
use crate::store::blob::{BlobError, BlobKey, BlobStore};
use burn_queue::Medium;
use imaging::chance::Chance;
use imaging::layout::Layout;
use imaging::package::Contents;
use imaging::pdi::{self, PlainDisc, Profile};
use imaging::seal::{DataKey, MasterKeys, ReadAt, SealedReader, UnsealError};
use imaging::secure_media::Locker;
use jiff::Timestamp;

/// The files of discs, which were written and read back.
#[derive(Debug, Clone)]
pub struct FileArchive {
    /// What is on the discs; every instance's object is this archive, by the number 0.
    pub contents: Contents,
    /// What its transfer syntaxes meet.
    pub profile: Profile,
}

impl FileArchive {
    /// The smallest medium that the profile allows.
    #[must_use]
    pub fn least_medium(&self) -> Medium {
        if self.profile.allows_cd() { Medium::Cd } else { Medium::Dvd }
    }
}

/// Where an archive of files goes.
pub struct FileBlob<'a> {
    /// The blob store, which has the recipe's archives too.
    pub blobs: &'a dyn BlobStore,
    /// Its name there. What an earlier run left under it is replaced.
    pub name: &'a BlobKey,
    /// Seals it, and nothing else.
    pub key: &'a DataKey,
}

/// A disc of DICOM files.
#[derive(Debug, Clone)]
pub struct FileDisc {
    /// What is on it.
    pub contents: Contents,
    /// Its image, whose object 0 is the plain bytes of the archive.
    pub image: Layout,
}

/// Discs of files are made of this.
pub struct DiscSource<'a> {
    /// What goes on them.
    pub recipe: &'a Recipe,
    /// Open its archives.
    pub keys: &'a MasterKeys,
    /// Where its archives are, and the files go.
    pub blobs: &'a dyn BlobStore,
    /// The names there of files in the clear and of secured ones.
    pub names: [&'a BlobKey; 2],
    /// The largest medium that may be used.
    pub largest: Medium,
}

/// Discs of files, and what they are made of.
pub struct FileDiscs {
    /// The files.
    pub archive: FileArchive,
    /// One disc, or as many of the largest medium as it takes.
    pub discs: Vec<FileDisc>,
    /// Where the files lie.
    pub name: BlobKey,
    /// Opens them, and nothing else.
    pub key: DataKey,
}

impl FileDiscs {
    /// Object 0 of the images.
    ///
    /// # Errors
    /// [`OpenFilesError`]
    pub fn files(&self, blobs: &dyn BlobStore) -> Result<SealedReader<Box<dyn ReadAt>>, OpenFilesError> {
        Ok(SealedReader::open(blobs.open(&self.name)?, &self.key)?)
    }
}

/// The files of discs cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenFilesError {
    /// The blob store.
    #[error("the blob store")]
    Blob(#[from] BlobError),
    /// They do not open.
    #[error("the files of the disc do not open")]
    Unseal(#[from] UnsealError),
}

/// No discs of files can be made.
#[derive(Debug, thiserror::Error)]
pub enum FileDiscsError {
    /// The files cannot be written.
    #[error(transparent)]
    Plain(#[from] PlainError),
    /// They cannot be secured.
    #[error(transparent)]
    Securing(#[from] SecuringError),
    /// They cannot be laid out.
    #[error(transparent)]
    LayOut(#[from] LayOutError),
    /// What the files need is larger than what there is.
    #[error(
        "some of the images can only stay compressed, which no application profile allows on a {largest}: use a \
         {least} or larger, or another kind of disc"
    )]
    Medium {
        /// What may be used.
        largest: Medium,
        /// What the profile asks for.
        least: Medium,
    },
    /// The blob store.
    #[error("the blob store")]
    Blob(#[from] BlobError),
}

impl FileDiscsError {
    /// Whether it would be the same another time.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Plain(error) => matches!(error, PlainError::Instance { .. } | PlainError::Mixed { .. }),
            Self::Securing(error) => matches!(error, SecuringError::LayOut(_)),
            Self::LayOut(_) | Self::Medium { .. } => true,
            Self::Blob(_) => false,
        }
    }
}

/// Writes the files, secured if there is something to secure them with, and lays discs out over them. May block.
///
/// # Errors
/// [`FileDiscsError`]; what was written until then stays in the blob store.
pub fn file_discs(
    source: &DiscSource<'_>,
    locker: Option<&Locker>,
    making: &Making<'_>,
    chance: &dyn Chance,
) -> Result<FileDiscs, FileDiscsError> {
    let &DiscSource { recipe, keys, blobs, names: [plain_name, secure_name], largest } = source;
    let key = DataKey::fresh(chance);
    let plain = FileBlob { blobs, name: plain_name, key: &key };
    let archive = write_plain(recipe, keys, &plain, chance)?;
    let (least, most) = (archive.least_medium(), largest.capacity_bytes());
    if least > largest {
        return Err(FileDiscsError::Medium { largest, least });
    }
    let Some(locker) = locker else {
        let discs = plain_discs(&archive, making, most)?;
        return Ok(FileDiscs { archive, discs, name: plain_name.clone(), key });
    };
    let secure_key = DataKey::fresh(chance);
    let secure = FileBlob { blobs, name: secure_name, key: &secure_key };
    let archive = write_secure(&archive, &plain, locker, &secure, chance)?;
    let discs = secure_discs(&archive, locker, making, most, chance)?;
    blobs.delete(plain_name)?;
    Ok(FileDiscs { archive, discs, name: secure_name.clone(), key: secure_key })
}

/// Plain discs of at most so many bytes, which hold what an archive does.
///
/// # Errors
/// [`LayOutError`]
pub fn plain_discs(
    archive: &FileArchive,
    making: &Making<'_>,
    disc_bytes: u64,
) -> Result<Vec<FileDisc>, LayOutError> {
    discs(archive, making, disc_bytes, |disc| Ok(pdi::image(disc)?))
}

/// Discs of Secure DICOM files of at most so many bytes. The archive holds files that `locker` secured; it secures the
/// directories.
///
/// # Errors
/// [`SecuringError`]
pub fn secure_discs(
    archive: &FileArchive,
    locker: &Locker,
    making: &Making<'_>,
    disc_bytes: u64,
    chance: &dyn Chance,
) -> Result<Vec<FileDisc>, SecuringError> {
    discs(archive, making, disc_bytes, |disc| {
        let (directory, mut secured) = (pdi::directory(disc).map_err(LayOutError::from)?, Vec::new());
        locker.write(directory.as_slice(), directory.len() as u64, &mut secured, chance)?;
        Ok(pdi::secure_image(disc, secured).map_err(LayOutError::from)?)
    })
}

fn discs<E: From<LayOutError>>(
    archive: &FileArchive,
    making: &Making<'_>,
    disc_bytes: u64,
    mut image: impl FnMut(&PlainDisc<'_>) -> Result<Layout, E>,
) -> Result<Vec<FileDisc>, E> {
    let now = Timestamp::from_millisecond(making.now_ms).map_err(|_| LayOutError::Time)?;
    let made_on = making.zone.to_datetime(now).date().to_string();
    let recorded = recorded(now).ok_or(LayOutError::Time)?;
    let mut one_of = |contents: Contents, (number, set): Place<'_>| -> Result<FileDisc, E> {
        let disc = PlainDisc {
            contents: &contents,
            profile: archive.profile,
            institution: making.institution,
            file_set_id: FILE_SET_ID,
            made_on: &made_on,
            recorded,
            number,
            set,
        };
        Ok(FileDisc { image: image(&disc)?, contents })
    };
    let one = one_of(archive.contents.clone(), (1, &[]))?;
    if one.image.len() <= disc_bytes {
        return Ok(vec![one]);
    }
    set_of(&archive.contents, disc_bytes, |disc: &FileDisc| disc.image.len(), one_of)
}
