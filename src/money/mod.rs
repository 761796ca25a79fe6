//! The fee: quoted, collected, let off, given back, and how the books show it.
//!
//! [`ledger`] posts transfers, [`fee`] moves charges and posts what follows from that in the same transaction,
//! [`close`] counts a day's takings, [`export`] hands transfers to the general ledger, [`verify`] holds charges
//! against the ledger, and [`billing`] is what the billing pages show.

pub mod billing;
pub mod close;
mod error;
pub mod export;
pub mod fee;
pub mod ledger;
pub mod verify;

#[cfg(test)]
mod contract;

pub use error::MoneyError;

use crate::model::Site;
use imaging::chance::Chance;

/// Whoever moves money, where and when.
#[derive(Clone, Copy)]
pub struct Clerk<'a> {
    /// Whose books.
    pub site: &'a Site,
    /// A user's id, or [`SYSTEM`].
    pub actor: &'a str,
    /// The time.
    pub now_ms: i64,
    /// For ids.
    pub chance: &'a dyn Chance,
}

/// The actor of what nobody did by hand.
pub const SYSTEM: &str = "system";
