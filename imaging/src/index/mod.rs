//! What we read of an instance: its header, while its bytes go past.
//!
//! A [`Walker`] is fed a data set as it arrives, from a socket or a file, in pieces of any size. It
//! follows the structure to the end in constant memory, never allocates what a length claims, and
//! keeps the few elements a film library needs in a [`Header`]: who the instance is
//! ([`Header::identity`]), what people call it ([`Header::description`]), and the keys a DICOMDIR
//! lists it under ([`Header::keys`]). What is odd but harmless becomes a [`Note`]; what cannot be
//! a whole data set is a [`WalkError`].
//!
//! The parser is our own because those of libraries pull from a reader, allocate values, recurse,
//! or stop at the first deviation that real devices make every day.

mod charset;
mod element;
mod header;
mod inflate;
mod note;
mod parser;
mod sequence;
mod walker;
mod wanted;

pub use dicom::core::Tag;
pub use element::Encoding;
pub use header::{Description, Header, Identity, IdentityError, UidFault, UidRole};
pub use note::Note;
pub use parser::{PixelData, WalkError};
pub use walker::{Limits, Walked, Walker};

pub(crate) use element::{Head, ITEM, SNIFF_BYTES, Vr};
pub(crate) use header::{uid_fault, uid_text};
pub(crate) use note::Notes;
pub(crate) use sequence::write_element;
pub(crate) use walker::{DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, is_deflated};
