//! What is kept of a sealed disc: its head, index and key, and the layouts of its image and body, in one sealed
//! blob. Numbers are little-endian.
//!
//! ```text
//! magic "FRDSK1\0\0" · data key (32) · head length (u64) · head · index length (u64) · index
//! · image length (u64) · image's layout · body's layout
//! ```

use crate::desk::package::{Archived, DiscPackage, read_layout, write_layout};
use crate::model::DiscSeal;
use crate::store::blob::{BlobError, BlobStore};
use crate::store::db::Db;
use crate::store::keys::Holder;
use crate::store::sealed::{self, SealedError, SealedObject};
use crate::store::{StoreError, disc_seals, packages};
use imaging::chance::Chance;
use imaging::disc::{DiscObjects, KeptSeal, SealError, SealedDisc};
use imaging::layout::{Layout, LayoutReader};
use imaging::seal::{DataKey, MasterKeys};
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

const MAGIC: [u8; 8] = *b"FRDSK1\0\0";

/// What is kept of a disc.
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

    /// Writes it.
    pub(super) fn write(
        &self,
        blobs: &dyn BlobStore,
        name: &str,
        key: &DataKey,
        chance: &dyn Chance,
    ) -> Result<(), BlobError> {
        let mut image = Vec::new();
        write_layout(&self.image, &mut image)?;
        sealed::write(blobs, name, key, chance, |out| {
            out.write_all(&MAGIC)?;
            out.write_all(self.seal.data_key.secret())?;
            for part in [&self.seal.head, &self.seal.index, &image] {
                out.write_all(&(part.len() as u64).to_le_bytes())?;
                out.write_all(part)?;
            }
            write_layout(&self.body, out)
        })
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (data_key, rest) = rest.split_first_chunk::<32>()?;
        bytes = rest;
        let (head, index, image) = (part(&mut bytes)?, part(&mut bytes)?, part(&mut bytes)?);
        let seal =
            KeptSeal { head: head.to_vec(), index: index.to_vec(), data_key: DataKey::from_bytes(*data_key) };
        Some(Self { seal, image: read_layout(image)?, body: read_layout(bytes)? })
    }
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
    disc: Arc<SealedDisc>,
    image: Arc<Layout>,
    archived: Box<dyn Fn() -> Archived + Send + Sync>,
}

impl DiscBytes {
    /// A range of the image, front to back. Reading blocks.
    ///
    /// # Errors
    /// `UnexpectedEof` if it is not within the image.
    pub fn range(&self, bytes: Range<u64>) -> io::Result<impl Read + Send + 'static> {
        let parts = DiscObjects::new(Arc::clone(&self.disc), (self.archived)());
        LayoutReader::new(Arc::clone(&self.image), bytes, parts)
    }
}

/// Opens the image of the disc that was sealed as `seal`.
///
/// # Errors
/// [`OpenError`]
pub async fn open(
    db: &Db,
    blobs: &Arc<dyn BlobStore>,
    keys: &Arc<MasterKeys>,
    seal: &str,
) -> Result<DiscBytes, OpenError> {
    let seal = disc_seals::get(db, seal).await?.ok_or(OpenError::Inconsistent("there is no such seal"))?;
    let archives = packages::archives_of(db, &seal.package).await?;
    let (store, master) = (Arc::clone(blobs), Arc::clone(keys));
    let reading = tokio::task::spawn_blocking(move || read_sealed(&*store, &master, seal));
    let Recorded { seal, image, body } = reading.await??;
    let identity = |object: u32| {
        let archive = usize::try_from(object).ok().and_then(|at| archives.get(at));
        archive.map(|archive| archive.id.clone()).unwrap_or_default()
    };
    let disc = Arc::new(SealedDisc::rebuild_body(seal, body, identity)?);
    let (blobs, keys) = (Arc::clone(blobs), Arc::clone(keys));
    let archived = Box::new(move || Archived::new(Arc::clone(&blobs), Arc::clone(&keys), archives.clone()));
    Ok(DiscBytes { disc, image: Arc::new(image), archived })
}

fn read_sealed(blobs: &dyn BlobStore, keys: &MasterKeys, seal: DiscSeal) -> Result<Recorded, OpenError> {
    let owner = Holder::DiscSeal.owner(&seal.id);
    let bytes = SealedObject { blob_key: seal.blob_key, key: seal.key, owner }.read(blobs, keys)?;
    Recorded::read(&bytes).ok_or(OpenError::Inconsistent("its layouts"))
}
