//! Everything that is kept, except the bytes of images.
//!
//! [`db`] hides the two engines, [`migrations`] make the schema, and each of the other modules is the
//! repository of one aggregate: functions that take a [`db::Tx`] to write, and either a transaction or
//! the [`db::Db`] to read. [`blob`] keeps sealed objects, and [`sealed`] opens them.

pub mod archives;
pub mod blob;
pub mod db;
mod error;
pub mod findings;
pub mod jobs;
pub mod migrations;
pub mod sealed;
pub mod studies;

#[cfg(test)]
pub(crate) mod contract;

pub use error::StoreError;
