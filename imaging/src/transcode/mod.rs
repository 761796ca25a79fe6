//! An instance in another transfer syntax, for readers that know only one (PS3.5 Annex A).
//!
//! [`Plan::of`] reads a Part 10 file as far as its pixels and decides what is to be done; [`Plan::write`] reads it
//! again, and writes it. Memory is that of one compressed frame and its pixels, whatever the file's length; what is
//! not compressed passes through 64 KiB.
//!
//! | source | becomes |
//! |---|---|
//! | Explicit VR Little Endian | itself, byte for byte behind a header of ours |
//! | deflated | what was deflated |
//! | Implicit VR, Big Endian | the same elements, representations from the dictionary, what is not in it as UN (PS3.5 §6.2.2); sequences and items of undefined length |
//! | RLE, JPEG, JPEG 2000 | the same, and its pixels as [`crate::render`] decodes them |
//!
//! UIDs and all other elements stay, but for group lengths, which are retired. A UID of the instance's identity that
//! its data set lacks is put into it. Decoded pixels lie by pixel, not by plane; where colours were taken apart to be
//! compressed they are RGB again; what was compressed with loss keeps saying so (PS3.3 §C.7.6.1.1.5).
//!
//! ```
//! use imaging::files::{MetaHeader, meta_header};
//! use imaging::index::Identity;
//! use imaging::samples;
//! use imaging::transcode::{Plan, Target};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let study = samples::ct(1, 7);
//! let instance = &study.instances[0];
//! let mut file = meta_header(&MetaHeader {
//!     sop_class_uid: instance.sop_class_uid,
//!     sop_instance_uid: &instance.sop_instance_uid,
//!     transfer_syntax_uid: instance.transfer_syntax_uid,
//!     source_ae_title: Some("CT_ROOM_1"),
//! });
//! file.extend(study.dataset(0)?);
//! let identity = Identity {
//!     study_instance_uid: study.study_instance_uid.clone(),
//!     series_instance_uid: "1.2.3".to_owned(),
//!     sop_instance_uid: instance.sop_instance_uid.clone(),
//!     sop_class_uid: instance.sop_class_uid.to_owned(),
//! };
//!
//! let plan = Plan::of(file.as_slice(), &identity, Target::Uncompressed)?;
//! let mut written = Vec::new();
//! plan.write(file.as_slice(), &mut written)?;
//! assert_eq!(plan.transfer_syntax_uid(), "1.2.840.10008.1.2.1");
//! assert!(written.len() < file.len(), "without the name of the device that sent it");
//! # Ok(())
//! # }
//! ```

mod plan;
mod recode;
#[cfg(test)]
mod tests;
mod vr;

pub use plan::Plan;

use crate::index::Tag;
use crate::render::RenderError;
use std::io;

/// What an instance is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Explicit VR Little Endian, with pixels that anyone can read.
    Uncompressed,
    /// What it is: compressed frames stay as they are, and only the header is written anew.
    Itself,
}

/// An instance cannot be transcoded.
#[derive(Debug, thiserror::Error)]
pub enum TranscodeError {
    /// The transfer syntax is none this program knows: private, or newer.
    #[error("the transfer syntax {transfer_syntax_uid} is not known here")]
    Syntax {
        /// Which.
        transfer_syntax_uid: String,
    },
    /// The file cannot be followed, or its pixels not be decoded.
    #[error("{0}")]
    Source(#[from] RenderError),
    /// Compressed pixels inside a sequence, such as an icon's: they are not decoded.
    #[error("there are compressed pixels in a sequence, which are not decoded here")]
    Nested,
    /// The pixels lie on another machine (PS3.5 §A.6).
    #[error("the pixels are not in the file: element {0} says where they are to be fetched")]
    Elsewhere(Tag),
    /// The pixels are longer than one value of Explicit VR Little Endian can be.
    #[error("the pixels would have {bytes} bytes, more than the 4 GiB of one value")]
    TooLong {
        /// How many.
        bytes: u64,
    },
    /// What it is written to failed.
    #[error("it could not be written: {0}")]
    Sink(#[source] io::Error),
}
