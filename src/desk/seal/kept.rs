//! What is kept of the discs of a set, in one sealed blob. Numbers are little-endian.
//!
//! ```text
//! of sealed discs: magic "FRDSK2\0\0" · for each disc: data key (32) · then each with its length (u64) before it: head ·
//!   index · image's layout · body's layout
//! of discs of files: magic "FRFIL1\0\0" · key of the archive they lie in (32) · for each disc: length (u64) · image's
//!   layout
//! ```

use crate::desk::package::{Archived, DiscPackage, read_layout, write_layout};
use crate::model::DiscSeal;
use crate::store::blob::{BlobError, BlobKey, BlobStore};
use crate::store::db::Db;
use crate::store::keys::Holder;
use crate::store::sealed::{self, SealedError, SealedObject};
use crate::store::{StoreError, disc_seals, packages};
use imaging::chance::Chance;
use imaging::disc::{DiscObjects, KeptSeal, SealError, SealedDisc};
use imaging::layout::{Layout, LayoutReader, Objects};
use imaging::seal::{DataKey, MasterKeys, SealedReader};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::Arc;

const SEALED: [u8; 8] = *b"FRDSK2\0\0";
const FILES: [u8; 8] = *b"FRFIL1\0\0";

/// What is kept of the discs of a set.
pub(super) enum Kept {
    Sealed(Vec<Recorded>),
    /// Plain or secured: the images are layouts over one archive.
    Files {
        /// What opens the archive.
        key: DataKey,
        images: Vec<Layout>,
    },
}

/// What is kept of one disc.
enum KeptDisc {
    Sealed(Recorded),
    Files { key: DataKey, image: Layout },
}

/// What is kept of a sealed disc.
pub(super) struct Recorded {
    seal: KeptSeal,
    image: Layout,
    body: Layout,
}

impl Recorded {
    /// Of a disc that was just sealed.
    pub(super) fn of(made: &DiscPackage) -> Result<Self, SealError> {
        Ok(Self { seal: made.disc.kept()?, image: made.image.clone(), body: made.body.clone() })
    }

    fn parts(&self) -> io::Result<[Vec<u8>; 4]> {
        let (mut image, mut body) = (Vec::new(), Vec::new());
        write_layout(&self.image, &mut image)?;
        write_layout(&self.body, &mut body)?;
        Ok([self.seal.head.clone(), self.seal.index.clone(), image, body])
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (data_key, rest) = bytes.split_first_chunk::<32>()?;
        *bytes = rest;
        let [head, index, image, body] = [part(bytes)?, part(bytes)?, part(bytes)?, part(bytes)?];
        let seal =
            KeptSeal { head: head.to_vec(), index: index.to_vec(), data_key: DataKey::from_bytes(*data_key) };
        Some(Self { seal, image: read_layout(image)?, body: read_layout(body)? })
    }
}

/// Writes what is kept of the discs of a set.
pub(super) fn write(
    kept: &Kept,
    blobs: &dyn BlobStore,
    name: &str,
    key: &DataKey,
    chance: &dyn Chance,
) -> Result<(), BlobError> {
    sealed::write(blobs, name, key, chance, |out| encode(kept, out))
}

fn encode(kept: &Kept, out: &mut dyn Write) -> io::Result<()> {
    match kept {
        Kept::Sealed(discs) => {
            out.write_all(&SEALED)?;
            for disc in discs {
                out.write_all(disc.seal.data_key.secret())?;
                disc.parts()?.iter().try_for_each(|part| write_part(part, out))?;
            }
        }
        Kept::Files { key, images } => {
            out.write_all(&FILES)?;
            out.write_all(key.secret())?;
            for image in images {
                let mut layout = Vec::new();
                write_layout(image, &mut layout)?;
                write_part(&layout, out)?;
            }
        }
    }
    Ok(())
}

fn write_part(part: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&(part.len() as u64).to_le_bytes())?;
    out.write_all(part)
}

/// The disc at `place`, from 1, of those that were written.
fn read(bytes: &[u8], place: u32) -> Option<KeptDisc> {
    if let Some(mut rest) = bytes.strip_prefix(&FILES) {
        let (key, images) = rest.split_first_chunk::<32>()?;
        rest = images;
        (1..place).try_for_each(|_| part(&mut rest).map(drop))?;
        let image = read_layout(part(&mut rest)?)?;
        return Some(KeptDisc::Files { key: DataKey::from_bytes(*key), image });
    }
    let mut rest = bytes.strip_prefix(&SEALED)?;
    (1..place).try_for_each(|_| Recorded::read(&mut rest).map(drop))?;
    Recorded::read(&mut rest).map(KeptDisc::Sealed)
}

fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (part, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(part)
}

/// A disc's image cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// What was kept does not open.
    #[error("what was kept of the disc")]
    Sealed(#[from] SealedError),
    /// It would be another disc.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It is not as this program writes it.
    #[error("what was kept of the disc cannot be understood: {0}")]
    Inconsistent(&'static str),
    /// The thread that opened it ended early.
    #[error("opening the disc was given up")]
    Thread(#[from] tokio::task::JoinError),
}

/// The bytes of a disc's image, made when they are read.
pub struct DiscBytes {
    image: Arc<Layout>,
    /// Opens what the image is made of.
    objects: Box<dyn Fn() -> io::Result<Box<dyn Objects + Send>> + Send + Sync>,
}

impl DiscBytes {
    /// A range of the image, front to back. Reading blocks.
    ///
    /// # Errors
    /// `UnexpectedEof` if it is not within the image; or if what it is made of does not open.
    pub fn range(&self, bytes: Range<u64>) -> io::Result<impl Read + Send + 'static> {
        LayoutReader::new(Arc::clone(&self.image), bytes, (self.objects)()?)
    }
}

/// Opens the image of the disc at `place`, from 1, of those that were made as `seal`.
///
/// # Errors
/// [`OpenError`]
pub async fn open(
    db: &Db,
    blobs: &Arc<dyn BlobStore>,
    keys: &Arc<MasterKeys>,
    (seal, place): (&str, u32),
) -> Result<DiscBytes, OpenError> {
    let seal = disc_seals::get(db, seal).await?.ok_or(OpenError::Inconsistent("there is no such seal"))?;
    let archives = packages::archives_of(db, &seal.package).await?;
    let files = seal.files_key.clone();
    let (blobs, keys) = (Arc::clone(blobs), Arc::clone(keys));
    let (store, master) = (Arc::clone(&blobs), Arc::clone(&keys));
    let reading = tokio::task::spawn_blocking(move || read_sealed(&*store, &master, seal, place));
    match reading.await?? {
        KeptDisc::Sealed(Recorded { seal, image, body }) => {
            let identity = |object: u32| {
                let archive = usize::try_from(object).ok().and_then(|at| archives.get(at));
                archive.map(|archive| archive.id.clone()).unwrap_or_default()
            };
            let disc = Arc::new(SealedDisc::rebuild_body(seal, body, identity)?);
            let archived = Archived::new(blobs, keys, archives);
            let objects = move || -> io::Result<Box<dyn Objects + Send>> {
                Ok(Box::new(DiscObjects::new(Arc::clone(&disc), archived.again())))
            };
            Ok(DiscBytes { image: Arc::new(image), objects: Box::new(objects) })
        }
        KeptDisc::Files { key, image } => {
            let name = files.and_then(|name| BlobKey::new(name).ok());
            let name = name.ok_or(OpenError::Inconsistent("where its files lie"))?;
            let objects = move || -> io::Result<Box<dyn Objects + Send>> {
                let blob = blobs.open(&name).map_err(io::Error::other)?;
                Ok(Box::new(vec![SealedReader::open(blob, &key).map_err(io::Error::other)?]))
            };
            Ok(DiscBytes { image: Arc::new(image), objects: Box::new(objects) })
        }
    }
}

fn read_sealed(
    blobs: &dyn BlobStore,
    keys: &MasterKeys,
    seal: DiscSeal,
    place: u32,
) -> Result<KeptDisc, OpenError> {
    let owner = Holder::DiscSeal.owner(&seal.id);
    let bytes = SealedObject { blob_key: seal.blob_key, key: seal.key, owner }.read(blobs, keys)?;
    read(&bytes, place).ok_or(OpenError::Inconsistent("its layouts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(number: u8) -> Recorded {
        let layout = |bytes: &[u8]| {
            let mut layout = Layout::new();
            layout.literal(bytes);
            layout
        };
        let seal = KeptSeal {
            head: vec![number; 3],
            index: vec![number; 5],
            data_key: DataKey::from_bytes([number; 32]),
        };
        Recorded { seal, image: layout(&[number; 7]), body: layout(&[number; 11]) }
    }

    #[test]
    fn each_disc_of_a_set_comes_back_by_its_place_and_a_cut_blob_has_none() {
        let mut bytes = Vec::new();
        encode(&Kept::Sealed(vec![recorded(1), recorded(2), recorded(3)]), &mut bytes).unwrap();
        for place in [1, 2, 3] {
            let Some(KeptDisc::Sealed(Recorded { seal, image, body })) = read(&bytes, place.into()) else {
                panic!("{place}")
            };
            assert_eq!((seal.head, seal.index), (vec![place; 3], vec![place; 5]));
            assert_eq!(seal.data_key.secret(), &[place; 32]);
            assert_eq!((image.len(), body.len()), (7, 11));
        }
        assert!(read(&bytes, 4).is_none() && read(&bytes[..bytes.len() - 1], 3).is_none());
    }

    #[test]
    fn so_does_each_disc_of_files() {
        let mut bytes = Vec::new();
        let images = [1, 2, 3].map(|number| recorded(number).image).into();
        encode(&Kept::Files { key: DataKey::from_bytes([9; 32]), images }, &mut bytes).unwrap();
        for place in [1, 2, 3] {
            let Some(KeptDisc::Files { key, image }) = read(&bytes, place) else { panic!("{place}") };
            assert_eq!((key.secret(), image.len()), (&[9; 32], 7));
        }
        assert!(read(&bytes, 4).is_none() && read(&bytes[..bytes.len() - 1], 3).is_none());
    }
}
