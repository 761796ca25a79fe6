//! The sealed disc: images that anyone who has the opening code can see in a browser, and nobody else.
//!
//! The format is written down in `docs/sealed-disc.md`; its sections are named where they are carried out.
//! [`SealedDisc`] is a disc of which everything is decided and next to nothing made: its image is a
//! [`Layout`](crate::layout::Layout) whose parts [`DiscObjects`] seals when they are read, so that any range
//! of it can be had in constant memory, and the same again on another day. [`LockedDisc`] reads one.

mod contents;
mod head;
mod image;
mod index;
mod kind;
mod objects;
mod open;
mod part;
mod readme;
mod sealed;
mod segment;
mod set;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

pub use contents::{DiscContents, DiscFile, other_disc};
pub use head::WrongCode;
pub use image::{DiscImage, INDEX_HTM};
pub use index::{
    BadIndex, FileEntry, Index, InstanceEntry, OtherDisc, OtherStudy, PatientEntry, SeriesEntry, StudyEntry,
};
pub use kind::Kind;
pub use objects::DiscObjects;
pub use open::{BadPart, CopyError, FileError, Listing, LockedDisc, Medium, OpenDisc, OpenError};
pub use part::{DiscId, PartFault, PartName, Stream};
pub use sealed::{KeptSeal, Lock, SealError, SealedDisc};
pub use set::{SplitError, split};
