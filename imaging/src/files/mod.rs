//! DICOM files (PS3.10 §7.1): the header in front of a data set, written and read.
//!
//! [`FileReader`] takes whatever someone hands in as a file and either yields the bytes to keep, or
//! says in plain words why not ([`Refusal`]). A file that came right is kept byte for byte. One
//! whose header is missing or wrong keeps its data set and gets a header of ours
//! ([`meta_header`]), and what was wrong is noted. One that belongs to no study, or is only named by
//! its header, is kept under the identity [`FileReader`] gives it; one that has lost part of its
//! identity is refused.

mod evidence;
mod identity;
mod meta;
mod reader;
mod refusal;

pub use meta::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, MetaHeader, meta_header};
pub use reader::{FileInfo, FileReader, PROBE_BYTES};
pub use refusal::{Lookalike, Refusal};

pub(crate) use meta::{MEDIA_DIRECTORY, is_part_10};
