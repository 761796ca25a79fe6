//! Everything that is kept, except the bytes of images.
//!
//! [`db`] hides the two engines, [`migrations`] make the schema, and each of the other modules is the
//! repository of one aggregate: functions that take a [`db::Tx`] to write, and either a transaction or
//! the [`db::Db`] to read. [`blob`] keeps sealed objects, and [`sealed`] opens them.

pub mod archives;
pub mod audit;
pub mod blob;
pub mod books;
pub mod charges;
#[cfg(test)]
pub(crate) mod contract;
pub mod db;
pub mod deliveries;
pub mod disc_seals;
pub mod disclosures;
pub mod discs;
mod error;
pub mod findings;
pub mod jobs;
pub mod keys;
pub mod ledger;
pub mod links;
pub mod messages;
pub mod migrations;
pub mod packages;
pub mod requests;
pub mod sandbox;
pub mod sealed;
pub mod shipments;
pub mod studies;
pub mod users;

pub use error::StoreError;
