//! What burns: a folder that plays a drive, or a real one.

mod optical;
mod stdio;

pub use optical::OpticalDrive;
pub use stdio::StdioDrive;

use crate::code::Code;
use crate::image::{Image, PIECE_BYTES, read_full};
use crate::medium::Medium;
use std::fmt;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;

/// What lies in a drive's tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tray {
    /// Nothing.
    Empty,
    /// A blank disc of one of these media. None: one of a size that is not used.
    Blank(Vec<Medium>),
    /// A disc that was written already.
    Written,
}

impl Tray {
    /// The media that can be burned now.
    #[must_use]
    pub fn blanks(&self) -> &[Medium] {
        match self {
            Self::Blank(media) => media,
            Self::Empty | Self::Written => &[],
        }
    }
}

/// "empty", "a blank dvd", "a disc that was written".
impl fmt::Display for Tray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Blank(media) => match media.as_slice() {
                [] => f.write_str("a blank of a size that is not used"),
                [medium] => write!(f, "a blank {medium}"),
                _ => f.write_str("blanks of several kinds"),
            },
            Self::Written => f.write_str("a disc that was written"),
        }
    }
}

/// Told how many bytes are done; says whether to go on.
pub type Watch<'w> = dyn FnMut(u64) -> ControlFlow<()> + 'w;

/// A drive that writes discs and reads them back.
pub trait Drive {
    /// Looks at what lies in the tray.
    ///
    /// # Errors
    /// [`DriveError`] if the drive does not say.
    fn tray(&mut self) -> Result<Tray, DriveError>;

    /// Writes the image, which comes from `source`, on the blank disc in the tray; the disc is to be known as
    /// `disc`. However it ends, the blank is used up.
    ///
    /// # Errors
    /// [`DriveError`] if it was not written to its end.
    fn burn(
        &mut self,
        disc: Code,
        image: &Image,
        source: &mut dyn Read,
        watch: &mut Watch<'_>,
    ) -> Result<(), DriveError>;

    /// Reads what was written on the disc in the tray, from its first sector on.
    ///
    /// # Errors
    /// [`DriveError`] if there is no such disc to be read.
    fn read_back(&mut self, disc: Code, image: &Image) -> Result<Box<dyn Read + '_>, DriveError>;

    /// Gives the disc out.
    ///
    /// # Errors
    /// [`DriveError`] if the tray does not open.
    fn eject(&mut self) -> Result<(), DriveError>;
}

impl<D: Drive + ?Sized> Drive for Box<D> {
    fn tray(&mut self) -> Result<Tray, DriveError> {
        (**self).tray()
    }

    fn burn(
        &mut self,
        disc: Code,
        image: &Image,
        source: &mut dyn Read,
        watch: &mut Watch<'_>,
    ) -> Result<(), DriveError> {
        (**self).burn(disc, image, source, watch)
    }

    fn read_back(&mut self, disc: Code, image: &Image) -> Result<Box<dyn Read + '_>, DriveError> {
        (**self).read_back(disc, image)
    }

    fn eject(&mut self) -> Result<(), DriveError> {
        (**self).eject()
    }
}

/// A drive did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The image did not come.
    #[error("the image could not be read to its end")]
    Source(#[source] io::Error),
    /// The drive or its disc does not take or give bytes.
    #[error("the drive failed")]
    Drive(#[source] io::Error),
    /// The program that works the drive cannot be run.
    #[error("{program} cannot be run: is it installed?")]
    NoProgram {
        /// Which program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program that works the drive gave up.
    #[error("{program} gave up: {last_words}")]
    Program {
        /// Which program.
        program: String,
        /// The last line it wrote.
        last_words: String,
    },
    /// What lies in the tray is described in words we do not know.
    #[error("the drive does not say what lies in its tray")]
    Unclear,
    /// Somebody stopped it.
    #[error("burning was stopped")]
    Stopped,
}

/// Copies the whole image, piece by piece.
fn copy(
    image: &Image,
    source: &mut dyn Read,
    target: &mut dyn Write,
    watch: &mut Watch<'_>,
) -> Result<(), DriveError> {
    let mut piece = vec![0; PIECE_BYTES];
    let (mut source, mut done) = (source.take(image.bytes()), 0);
    while done < image.bytes() {
        let read = read_full(&mut source, &mut piece).map_err(DriveError::Source)?;
        if read == 0 {
            return Err(DriveError::Source(io::ErrorKind::UnexpectedEof.into()));
        }
        target.write_all(&piece[..read]).map_err(DriveError::Drive)?;
        done += read as u64;
        if watch(done).is_break() {
            return Err(DriveError::Stopped);
        }
    }
    Ok(())
}
