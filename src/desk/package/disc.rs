//! A package as a sealed disc.

use super::{FILE_SET_ID, LayOutError, Making, Recipe, papers, recorded};
use imaging::chance::Chance;
use imaging::disc::{self, DiscContents, Lock, SealedDisc};
use imaging::iso9660::Volume;
use imaging::layout::Layout;
use imaging::package::Institution;
use jiff::Timestamp;
use std::sync::Arc;

/// A package as a sealed disc.
pub struct DiscPackage {
    /// What is sealed, and with what: kept so that the same disc can be built again.
    pub disc: Arc<SealedDisc>,
    /// The files on it, as long as they are, in the recipe's archives.
    pub body: Layout,
    /// The image, read from [`imaging::disc::DiscObjects`] over the recipe's archives.
    pub image: Layout,
}

/// Lays a package out as a sealed disc that opens with the codes of `lock`.
///
/// # Errors
/// [`LayOutError`]
pub fn disc(
    recipe: &Recipe,
    making: Making<'_>,
    lock: Lock,
    chance: &dyn Chance,
) -> Result<DiscPackage, LayOutError> {
    let now = Timestamp::from_millisecond(making.now_ms).map_err(|_| LayOutError::Time)?;
    let made_on = making.zone.to_datetime(now).date().to_string();
    let volume = Volume::new(FILE_SET_ID, recorded(now).ok_or(LayOutError::Time)?)?;
    let questions = questions(making.institution);
    let papers = papers(recipe, making, now)?;
    let contents = DiscContents::of(&recipe.contents, &papers, &made_on);
    let disc = SealedDisc::seal(&contents, |object| recipe.archive_id(object).to_owned(), lock, chance)?;
    let image = disc.image(&volume, disc::INDEX_HTM, &questions)?;
    Ok(DiscPackage { disc: Arc::new(disc), body: contents.body(), image })
}

fn questions(institution: Option<&Institution>) -> Vec<String> {
    let lines = |Institution { name, contact }: &Institution| [std::slice::from_ref(name), contact].concat();
    institution.map(lines).unwrap_or_default()
}
