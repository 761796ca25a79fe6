//! Which disc is burned next.

use crate::medium::Medium;

/// A disc that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting<'d> {
    /// Its id.
    pub id: &'d str,
    /// When it should be on its way, in milliseconds.
    pub due_ms: i64,
    /// The medium it needs.
    pub medium: Medium,
}

/// The disc to be burned next at a station that has blanks of these kinds: of those it has blanks for the one
/// due first, of several the one that stands first in the queue.
///
/// ```
/// use burn_queue::{Medium, Waiting, next};
///
/// let film = Waiting { id: "a", due_ms: 5, medium: Medium::Cd };
/// let urgent = Waiting { id: "b", due_ms: 3, medium: Medium::Dvd };
/// assert_eq!(next([film, urgent], &[Medium::Cd, Medium::Dvd]), Some(urgent));
/// assert_eq!(next([film, urgent], &[Medium::Cd]), Some(film));
/// ```
pub fn next<'d>(waiting: impl IntoIterator<Item = Waiting<'d>>, blanks: &[Medium]) -> Option<Waiting<'d>> {
    let can_burn = waiting.into_iter().filter(|disc| blanks.contains(&disc.medium));
    can_burn.min_by_key(|disc| disc.due_ms)
}
