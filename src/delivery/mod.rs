//! How what was released gets to the recipient on a disc.

pub mod disc;
