//! A package as a sealed disc, or as a set of them.

use super::set::{Place, set_of};
use super::{FILE_SET_ID, LayOutError, Making, Recipe, papers, recorded};
use imaging::chance::Chance;
use imaging::disc::{self, DiscContents, Lock, SealedDisc, other_disc};
use imaging::iso9660::Volume;
use imaging::layout::Layout;
use imaging::opening_code::OpeningCode;
use imaging::package::{Contents, Institution};
use jiff::Timestamp;
use std::sync::Arc;

/// A package as a sealed disc.
pub struct DiscPackage {
    /// What is on it.
    pub contents: Contents,
    /// What is sealed, and with what: kept so that the same disc can be built again.
    pub disc: Arc<SealedDisc>,
    /// The files on it, as long as they are, in the recipe's archives.
    pub body: Layout,
    /// The image, read from [`imaging::disc::DiscObjects`] over the recipe's archives.
    pub image: Layout,
}

/// Lays a package out as one disc of at most so many bytes, or as a set of them, all of which open with one code. Each
/// has its own keys, directory and manifest, and says what is on the others.
///
/// `lock` is one of `code`, begun ahead: its key takes a while.
///
/// # Errors
/// [`LayOutError`]
pub fn sealed_discs(
    recipe: &Recipe,
    making: &Making<'_>,
    (code, lock): (&OpeningCode, Lock),
    disc_bytes: u64,
    chance: &dyn Chance,
) -> Result<Vec<DiscPackage>, LayOutError> {
    let contents = &recipe.contents;
    let all = [other_disc(1, contents)];
    let one = one_of(recipe, contents.clone(), (1, &all), making, lock, chance)?;
    if one.image.len() <= disc_bytes {
        return Ok(vec![one]);
    }
    let bytes_of = |disc: &DiscPackage| disc.image.len();
    set_of(contents, disc_bytes, bytes_of, |contents, place| {
        let lock = Lock::begin(vec![code.clone()], chance)?;
        one_of(recipe, contents, place, making, lock, chance)
    })
}

/// Lays out the disc of this number, of which all are told.
fn one_of(
    recipe: &Recipe,
    contents: Contents,
    (number, all): Place<'_>,
    making: &Making<'_>,
    lock: Lock,
    chance: &dyn Chance,
) -> Result<DiscPackage, LayOutError> {
    let now = Timestamp::from_millisecond(making.now_ms).map_err(|_| LayOutError::Time)?;
    let made_on = making.zone.to_datetime(now).date().to_string();
    let label = match all.len() {
        0 | 1 => FILE_SET_ID.to_owned(),
        of => format!("{FILE_SET_ID}_{number}_OF_{of}"),
    };
    let volume = Volume::new(&label, recorded(now).ok_or(LayOutError::Time)?)?;
    let papers = papers(&contents, making, now)?;
    let on_disc = DiscContents::of(&contents, &papers, &made_on).in_set(number, all);
    let disc = SealedDisc::seal(&on_disc, |object| recipe.archive_id(object).to_owned(), lock, chance)?;
    let image = disc.image(&volume, disc::INDEX_HTM, &questions(making.institution))?;
    Ok(DiscPackage { contents, disc: Arc::new(disc), body: on_disc.body(), image })
}

fn questions(institution: Option<&Institution>) -> Vec<String> {
    let lines = |Institution { name, contact }: &Institution| [std::slice::from_ref(name), contact].concat();
    institution.map(lines).unwrap_or_default()
}
