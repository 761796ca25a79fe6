//! DICOM over the network, with other people's programs on the other end: dcmtk and pynetdicom.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod drain;
mod peer;
mod real_files;
mod rules;
mod tls;
