//! The desk: who may have what, and how far it is.

pub mod link;
pub mod package;
