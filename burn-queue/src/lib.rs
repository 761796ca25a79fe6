//! Discs that are burned once, checked, and put into the right envelope.
//!
//! A disc order becomes a set of discs, each with a [`Place`] ("disc 2 of 3"), an [`Image`] and a [`Medium`].
//! The life of a disc is a state machine without input or output ([`DiscState::after`]): whoever keeps discs
//! calls it and stores what it says, so that an order is kept by its rules wherever it is kept. A [`Station`]
//! takes discs from a [`Queue`], burns them with a [`Drive`], reads them back and reports; it may fall over at
//! any moment. What goes into an envelope is decided by [`Code`]s that are scanned ([`Scanned::check`]).
//!
//! What holds, however often stations and the queue fall over:
//!
//! - nothing is burned without its intent being on record,
//! - an attempt that is not heard of again leaves its disc unresolved, until it is read back or a person decides,
//! - a spoiled disc is written off; what is burned next is another disc with a code of its own,
//! - only a disc that was read back and found right is labelled, and only a labelled one is packed.
//!
//! ```
//! use burn_queue::{Bearer, Code, Drive, Image, Medium, StdioDrive};
//! use std::ops::ControlFlow;
//!
//! let folder = std::env::temp_dir().join(format!("burn-queue-example-{}", std::process::id()));
//! let bytes = vec![7; 4096];
//! let image = Image::of(&bytes[..])?;
//! let disc = Code::new(Bearer::Disc, 1);
//!
//! let mut drive = StdioDrive::new(&folder)?;
//! assert!(drive.tray()?.blanks().contains(&Medium::Cd));
//! drive.burn(disc, &image, &mut &bytes[..], &mut |_| ControlFlow::Continue(()))?;
//! assert!(image.is_on(&mut drive.read_back(disc, &image)?, &mut |_| {})?);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code;
mod disc;
mod drive;
mod image;
mod medium;
mod note_file;
mod packing;
mod schedule;
#[cfg(feature = "sim")]
pub mod sim;
mod station;

pub use code::{Bearer, Code, CodeError};
pub use disc::{Attempt, DiscState, Event, Lease, Refused};
pub use drive::{Drive, DriveError, OpticalDrive, StdioDrive, Tray, Watch};
pub use image::{Image, NotADigest, NotSectors, Sha256Digest, first_difference};
pub use medium::{Medium, SECTOR_BYTES, UnknownMedium};
pub use note_file::NoteFile;
pub use packing::{Mismatch, NoSuchPlace, PackingCodes, Place, Scanned};
pub use schedule::{Waiting, next};
pub use station::{
    Doing, Memory, Note, Phase, Progress, Queue, QueueError, Report, Station, StationError, Step, Time, Work,
};
