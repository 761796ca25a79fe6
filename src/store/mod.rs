//! What is kept: rows and blobs.

pub mod blob;
