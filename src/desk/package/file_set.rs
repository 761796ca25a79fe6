//! Discs of DICOM files, in the clear or each of them secured: their files are written once more, as one sealed archive,
//! and the discs' images are layouts over that. While the archive is kept the images can be made again, byte for byte.

use super::set::{Place, set_of};
use super::{FILE_SET_ID, LayOutError, Making, SecuringError, recorded};
use crate::store::blob::{BlobKey, BlobStore};
use burn_queue::Medium;
use imaging::chance::Chance;
use imaging::layout::Layout;
use imaging::package::Contents;
use imaging::pdi::{self, PlainDisc, Profile};
use imaging::seal::DataKey;
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
