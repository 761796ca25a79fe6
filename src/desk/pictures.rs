//! Pictures of images, for whoever looks at them: a frame of a package's series, and a small one of a study.
//!
//! Pictures are drawn from the archives, where bytes lie sealed, on threads that may block, a few at a time.
//! Those drawn last are kept in memory, up to [`MOST_KEPT_BYTES`], and nowhere else.
//!
//! A [`Gallery`] is what a package holds, by number. Nobody can ask for more than is in it: there is no name
//! for an image of another package.

mod gallery;
mod kept;

pub use gallery::{Find, Gallery, Shelf, Shot};

use super::package::{Recipe, RecipeError, recipe, recipe_of};
use crate::model::{Archive, Package, StudySummary};
use crate::store::blob::BlobStore;
use crate::store::db::Db;
use crate::store::sealed::{self, SealedError};
use crate::store::{StoreError, studies};
use imaging::archive::{ArchiveReader, Member, ReadError};
use imaging::render::{Picture, RenderError, View, draw};
use imaging::seal::MasterKeys;
use kept::Kept;
use std::collections::HashSet;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// The most bytes of pictures kept in memory: 64 MiB.
pub const MOST_KEPT_BYTES: usize = 64 << 20;
/// Instances of the packages whose contents are kept in memory: of each about a kilobyte.
const MOST_LISTED: usize = 40_000;
/// Drawn at the same time: a frame of a mammogram is 30 MB while it is drawn.
const AT_ONCE: usize = 4;
/// Files read at the same time. Whoever takes one slowly holds a thread for it.
const READ_AT_ONCE: usize = 64;
/// The longest edge of a small picture, in pixels.
const SMALL_EDGE: u16 = 320;

/// There is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// What the package or study holds cannot be told.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The archive does not open.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// The archive does not hold the image as its index says.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The image cannot be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The thread that drew it ended early.
    #[error("drawing was given up")]
    Thread(#[from] tokio::task::JoinError),
}

/// Draws pictures, and keeps the last ones.
pub struct Pictures {
    db: Db,
    blobs: Arc<dyn BlobStore>,
    keys: Arc<MasterKeys>,
    drawing: Semaphore,
    reading: Arc<Semaphore>,
    kept: Mutex<Kept<Asked, Picture>>,
    galleries: Mutex<Kept<String, Gallery>>,
}

/// A picture by where its instance lies and how it is looked at.
type Asked = (String, u64, View);

impl Pictures {
    /// Pictures from these archives.
    #[must_use]
    pub fn new(db: Db, blobs: Arc<dyn BlobStore>, keys: Arc<MasterKeys>) -> Self {
        Self {
            db,
            blobs,
            keys,
            drawing: Semaphore::new(AT_ONCE),
            reading: Arc::new(Semaphore::new(READ_AT_ONCE)),
            kept: Mutex::new(Kept::up_to(MOST_KEPT_BYTES)),
            galleries: Mutex::new(Kept::up_to(MOST_LISTED)),
        }
    }

    /// What a package holds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn gallery(&self, package: &Package) -> Result<Arc<Gallery>, PictureError> {
        if let Some(gallery) = locked(&self.galleries).get(&package.id) {
            return Ok(gallery);
        }
        let mut tx = self.db.begin().await?;
        let gallery = Arc::new(Gallery::of(recipe_of(&mut tx, package).await?));
        // A package never changes, and neither does what it holds.
        let listed = usize::try_from(gallery.counts().instances).unwrap_or(usize::MAX);
        locked(&self.galleries).keep(package.id.clone(), Arc::clone(&gallery), listed);
        Ok(gallery)
    }

    /// A frame as somebody wants to see it; `view.frame` counts in the series.
    ///
    /// # Errors
    /// [`PictureError`]
    pub async fn picture(&self, shot: &Shot<'_>, view: View) -> Result<Arc<Picture>, PictureError> {
        let view = View { frame: shot.frame, ..view };
        let asked: Asked = (shot.archive.id.clone(), shot.member.offset, view);
        if let Some(picture) = locked(&self.kept).get(&asked) {
            return Ok(picture);
        }
        // Nobody closes it.
        let _turn = self.drawing.acquire().await;
        let (blobs, keys) = (Arc::clone(&self.blobs), Arc::clone(&self.keys));
        let (archive, member) = (shot.archive.clone(), shot.member.clone());
        let drawn = move || drawn(&*blobs, &keys, &archive, &member, &view);
        let picture = Arc::new(tokio::task::spawn_blocking(drawn).await??);
        locked(&self.kept).keep(asked, Arc::clone(&picture), picture.bytes.len());
        Ok(picture)
    }

    /// Starts to do something with the file of an instance, on a thread that may block: to read it is what it gets.
    /// Waits while too many do.
    pub async fn with_file<T: Send + 'static>(
        &self,
        find: &Find<'_>,
        act: impl FnOnce(&mut dyn Read) -> T + Send + 'static,
    ) -> JoinHandle<Result<T, PictureError>> {
        // Nobody closes it.
        let turn = Arc::clone(&self.reading).acquire_owned().await;
        let (blobs, keys) = (Arc::clone(&self.blobs), Arc::clone(&self.keys));
        let (archive, member) = (find.archive.clone(), find.instance.member.clone());
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let (blob, key) = sealed::unlock(&*blobs, &keys, &archive)?;
            let mut archive = ArchiveReader::open(blob, &key).map_err(SealedError::from)?;
            Ok(act(&mut archive.member(&member)?))
        })
    }

    /// A small picture of a study: the middle of its longest series. Nothing if nothing in it can be drawn,
    /// or not yet.
    pub async fn of_study(&self, study: &str) -> Option<Arc<Picture>> {
        match self.try_of_study(study).await {
            Ok(picture) => picture,
            Err(error) => {
                tracing::debug!(study, %error, "a study has no picture");
                None
            }
        }
    }

    async fn try_of_study(&self, study: &str) -> Result<Option<Arc<Picture>>, PictureError> {
        let mut tx = self.db.begin().await?;
        let found = studies::by_ids(&mut tx, &[study.to_owned()]).await?;
        let made: Recipe = recipe(&mut tx, &found, &HashSet::new()).await?;
        drop(tx);
        self.of_shelf(&Gallery::of(made), 0).await
    }

    /// A small picture of a study of a package, by its number from 0; nothing if it has no image.
    ///
    /// # Errors
    /// [`PictureError`]
    pub async fn of_shelf(
        &self,
        gallery: &Gallery,
        study: usize,
    ) -> Result<Option<Arc<Picture>>, PictureError> {
        let Some(shot) = gallery.studies().nth(study).and_then(|shelf| shelf.middle()) else {
            return Ok(None);
        };
        let view = View { longest_edge: SMALL_EDGE, ..View::default() };
        self.picture(&shot, view).await.map(Some)
    }
}

/// Whether there may be something to draw: a study of reports alone has no picture.
#[must_use]
pub fn has_picture(study: &StudySummary) -> bool {
    study.modalities.iter().any(|kind| !matches!(kind.as_str(), "SR" | "PR" | "KO" | "DOC" | "AU" | "ECG"))
}

/// What is kept is whole whatever panicked.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn drawn(
    blobs: &dyn BlobStore,
    keys: &MasterKeys,
    archive: &Archive,
    member: &Member,
    view: &View,
) -> Result<Picture, PictureError> {
    let (blob, key) = sealed::unlock(blobs, keys, archive)?;
    let mut archive = ArchiveReader::open(blob, &key).map_err(SealedError::from)?;
    Ok(draw(archive.member(member)?, view)?)
}
