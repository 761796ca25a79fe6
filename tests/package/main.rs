//! Packages through the real program, opened with other people's: unzip, 7z, bsdtar, Python, pydicom,
//! dicom3tools, OpenSSL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod corpus;
mod discs;
mod entries;
mod peers;
mod plain;
mod rules;
mod secure;
