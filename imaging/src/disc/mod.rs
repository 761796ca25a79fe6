//! The sealed disc: images that anyone who has the opening code can see in a browser, and nobody else.
//!
//! The format is written down in `docs/sealed-disc.md`; its sections are named where they are carried out.

mod head;
mod index;
mod objects;
mod open;
mod part;
mod sealed;
mod segment;

pub use head::WrongCode;
pub use index::{BadIndex, FileEntry, Index, InstanceEntry, PatientEntry, SeriesEntry, StudyEntry};
pub use objects::DiscObjects;
pub use open::{BadPart, FileError, LockedDisc, Medium, OpenDisc, OpenError};
pub use part::{DiscId, PartFault, PartName, Stream};
pub use sealed::{Contents, DiscFile, KeptSeal, Lock, SealError, SealedDisc};
