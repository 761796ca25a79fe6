//! Packages: which instances of which studies, and where their bytes come from.
//!
//! A [`Recipe`] is made from rows and says all there is to know of a package before a byte is read:
//! [`imaging::package`] makes papers, a ZIP archive or a disc from its contents, and [`Archived`] gives the
//! bytes of instances as they lie in the blob store.

mod disc;
mod file_set;
mod freeze;
mod frozen;
pub mod hand_over;
mod plain;
mod recipe;
mod secure;
mod set;
mod sources;

pub use disc::{DiscPackage, sealed_discs};
pub use file_set::{
    DiscSource, FileArchive, FileBlob, FileDisc, FileDiscs, FileDiscsError, OpenFilesError, file_discs,
    plain_discs, secure_discs,
};
pub(in crate::desk) use freeze::contents_digest;
pub use freeze::{FreezePackage, Institute};
pub use frozen::{OpenError, OpenPackage, PackageReader, open};
pub(in crate::desk) use frozen::{read as read_layout, write as write_layout};
pub use plain::{PlainError, write_plain};
pub use recipe::{Recipe, RecipeError, recipe, recipe_of};
pub use secure::{SecuringError, write_secure};
pub use sources::Archived;

use imaging::disc::{SealError, SplitError};
use imaging::iso9660::{IsoError, Recorded};
use imaging::layout::Layout;
use imaging::package::{self, Contents, Institution, Paper, PapersError, Particulars};
use imaging::pdi::PdiError;
use imaging::sign::SigningKey;
use imaging::zip::{Modified, ZipError};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// (0004,1130) File-set ID of packages, and volume identifier of discs: the same for all, so that it says
/// nothing of a patient.
pub const FILE_SET_ID: &str = "FILMROOM";

/// A package cannot be laid out.
#[derive(Debug, thiserror::Error)]
pub enum LayOutError {
    /// The time is none that a ZIP archive can say.
    #[error("the clock shows a time outside 1980 to 2107")]
    Time,
    /// The papers.
    #[error(transparent)]
    Papers(#[from] PapersError),
    /// The ZIP archive.
    #[error(transparent)]
    Zip(#[from] ZipError),
    /// The sealed disc.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The plain disc.
    #[error(transparent)]
    Plain(#[from] PdiError),
    /// A disc's image.
    #[error(transparent)]
    Iso(#[from] IsoError),
    /// A set of discs cannot be planned.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// What goes with the images is more than was planned for, however it was planned.
    #[error("the discs of the set do not come out small enough")]
    Overfull,
}

/// A package as a ZIP archive.
pub struct ZipPackage {
    /// README, DICOMDIR, manifest and the like.
    pub papers: Vec<Paper>,
    /// The archive, whose objects are the recipe's archives.
    pub layout: Layout,
    /// SHA-256 of its recipe: two archives with the same are the same to the byte.
    pub digest: [u8; 32],
}

/// What a package says of its making.
pub struct Making<'a> {
    /// When it is made.
    pub now_ms: i64,
    /// Where: what a ZIP archive says of time is local.
    pub zone: TimeZone,
    /// Who hands it out.
    pub institution: Option<&'a Institution>,
    /// Signs its manifest.
    pub key: &'a SigningKey,
    /// Files that go with it, such as reports.
    pub others: Vec<Paper>,
}

/// Lays a package out as a ZIP archive.
///
/// # Errors
/// [`LayOutError`]
pub fn zip(recipe: &Recipe, making: &Making<'_>) -> Result<ZipPackage, LayOutError> {
    let now = Timestamp::from_millisecond(making.now_ms).map_err(|_| LayOutError::Time)?;
    let modified = modified(making.zone.to_datetime(now)).ok_or(LayOutError::Time)?;
    let papers = papers(&recipe.contents, making, now)?;
    let layout = package::zip(&recipe.contents, &papers, modified)?;
    let digest = layout.digest(|object| recipe.archive_id(object).to_owned());
    Ok(ZipPackage { papers, layout, digest })
}

fn papers(contents: &Contents, making: &Making<'_>, now: Timestamp) -> Result<Vec<Paper>, PapersError> {
    let particulars = Particulars {
        institution: making.institution,
        file_set_id: FILE_SET_ID,
        created_at: &now.to_string(),
        key: making.key,
        others: making.others.clone(),
    };
    package::papers(contents, particulars)
}

fn modified(local: DateTime) -> Option<Modified> {
    let small = |number: i8| u8::try_from(number).ok();
    Modified::at(
        u16::try_from(local.year()).ok()?,
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
    )
}

/// When a disc is recorded.
fn recorded(now: Timestamp) -> Option<Recorded> {
    let utc = TimeZone::UTC.to_datetime(now);
    let small = |number: i8| u8::try_from(number).ok();
    Recorded::at(
        u16::try_from(utc.year()).ok()?,
        small(utc.month())?,
        small(utc.day())?,
        small(utc.hour())?,
        small(utc.minute())?,
        small(utc.second())?,
    )
}
