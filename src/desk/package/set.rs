//! As many discs as a package takes.

use super::LayOutError;
use imaging::disc::{OtherDisc, other_disc, split};
use imaging::package::Contents;

/// How often a set is planned anew where a disc came out larger than was thought.
const MOST_PLANS: usize = 4;

/// Which disc of a set it is, from 1, and what is on each of them.
pub(super) type Place<'a> = (u32, &'a [OtherDisc]);

/// Makes discs of at most so many bytes of a package: `make` is given what is to be on each, and its place.
pub(super) fn set_of<T, E: From<LayOutError>>(
    contents: &Contents,
    disc_bytes: u64,
    bytes_of: impl Fn(&T) -> u64,
    mut make: impl FnMut(Contents, Place<'_>) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    let mut planned_bytes = disc_bytes;
    for _ in 0..MOST_PLANS {
        let pieces = split(contents, planned_bytes).map_err(LayOutError::from)?;
        let all: Vec<OtherDisc> =
            (1..).zip(&pieces).map(|(number, contents)| other_disc(number, contents)).collect();
        let discs = (1..).zip(pieces).map(|(number, contents)| make(contents, (number, &all)));
        let discs = discs.collect::<Result<Vec<T>, E>>()?;
        let largest = discs.iter().map(&bytes_of).max().unwrap_or_default();
        let Some(over) = largest.checked_sub(disc_bytes).filter(|over| *over > 0) else { return Ok(discs) };
        planned_bytes = planned_bytes.saturating_sub(over);
    }
    Err(LayOutError::Overfull.into())
}
