//! DICOM and bytes.
//!
//! What a film library does with images before anyone asks for them: receive them durably, walk
//! and understand them, seal them, and keep them small. Nothing here knows SQL, HTTP, money or the
//! wall clock; time, chance and the disk are arguments ([`chance::Chance`], [`disk::Disk`]).

pub mod archive;
pub mod chance;
pub mod dicomdir;
pub mod dicomweb;
pub mod dimse;
pub mod disc;
pub mod disk;
pub mod files;
pub mod index;
pub mod iso9660;
pub mod layout;
pub mod manifest;
pub mod opening_code;
pub mod package;
pub mod pdi;
pub mod render;
pub mod samples;
pub mod seal;
pub mod secure_media;
pub mod sign;
pub mod spool;
pub mod transcode;
pub mod viewer;
pub mod zip;
