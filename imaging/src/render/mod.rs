//! A frame of an image as a picture that browsers show.
//!
//! [`draw`] reads a Part 10 file front to back, once, and no further than the frame that is asked for. Memory
//! is that of one frame, whatever the file's length: frames before it are passed over. Nothing that a header
//! claims is allocated before it was held against [`MOST_FRAME_BYTES`].
//!
//! | step | of the standard |
//! |---|---|
//! | native frames: 1, 8, 16 and 32 bits, signed and unsigned, by pixel and by plane, either byte order | PS3.5 §8.1, §8.2 |
//! | compressed frames: RLE, JPEG, JPEG 2000 and HTJ2K | PS3.5 §8.2, §A.4 |
//! | stored values to those of the modality: slope and intercept | PS3.3 §C.11.1 |
//! | to grey: the first window of the file, else from darkest to lightest | PS3.3 §C.11.2.1.2 |
//! | `MONOCHROME1`, `PALETTE COLOR`, `YBR_FULL`, `YBR_FULL_422` | PS3.3 §C.7.6.3.1.2 |
//!
//! Tables in place of a window or of slope and intercept are not applied. What cannot be drawn is refused by
//! a [`RenderError`]: these pictures are for looking, not for diagnosis, and a wrong one is worse than none.
//!
//! ```
//! use imaging::files::{MetaHeader, meta_header};
//! use imaging::render::{Format, View, draw};
//! use imaging::samples;
//!
//! let study = samples::ct(3, 7);
//! let instance = &study.instances[1];
//! let mut file = meta_header(&MetaHeader {
//!     sop_class_uid: instance.sop_class_uid,
//!     sop_instance_uid: &instance.sop_instance_uid,
//!     transfer_syntax_uid: instance.transfer_syntax_uid,
//!     source_ae_title: None,
//! });
//! file.extend(study.dataset(1)?);
//!
//! let view = View { longest_edge: 256, format: Format::Png, ..View::default() };
//! let picture = draw(file.as_slice(), &view)?;
//! assert_eq!((picture.width, picture.height, picture.frames), (256, 256, 1));
//! assert!(picture.bytes.starts_with(b"\x89PNG"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compressed;
mod elements;
mod encode;
mod fragments;
mod frame;
mod head;
mod paint;
#[cfg(test)]
mod tests;

pub(crate) use compressed::{decode, decoded_colours};
pub(crate) use elements::Elements;
pub(crate) use fragments::Fragments;
pub(crate) use head::{Colours, Image, data_set, survey};

use dicom::core::Tag;
use std::io::{self, BufReader, Read};

/// The most bytes a frame may have before it is drawn: 128 MiB, four times a mammogram of today.
pub const MOST_FRAME_BYTES: u64 = 128 << 20;
/// The longest edge a picture may have, in pixels.
pub const LONGEST_EDGE: u16 = 4096;

/// The file of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Exact.
    Png,
    /// Small, and near enough to look at.
    #[default]
    Jpeg,
}

impl Format {
    /// Its media type (RFC 2045).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// How a frame is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct View {
    /// Which frame, from 0.
    pub frame: u32,
    /// Lighter or darker than the file says, from -100 to 100: by as many hundredths of the window.
    pub brightness: i8,
    /// Harder or softer than the file says, from -100 to 100: 50 halves the window, -50 doubles it.
    pub contrast: i8,
    /// The longest edge of the picture in pixels, at most [`LONGEST_EDGE`]. It is never made larger than it is.
    pub longest_edge: u16,
    /// What file.
    pub format: Format,
}

impl Default for View {
    fn default() -> Self {
        Self { frame: 0, brightness: 0, contrast: 0, longest_edge: 1024, format: Format::default() }
    }
}

/// A frame, drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What file it is.
    pub format: Format,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// How many frames the image has.
    pub frames: u32,
}

/// A frame cannot be drawn here.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The bytes cannot be read, or end too early.
    #[error("the image cannot be read")]
    Read(#[from] io::Error),
    /// It is no Part 10 file, or its elements cannot be followed.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// It has no pixel data: a report, a waveform, a document.
    #[error("there is no image in the file")]
    NoImage,
    /// It has fewer frames.
    #[error("the image has {frames} frames, and frame {frame} (from 0) was asked for")]
    NoSuchFrame {
        /// Which was asked for.
        frame: u32,
        /// How many there are.
        frames: u32,
    },
    /// An element that says how the pixels are to be read says what is not drawn here.
    #[error("element {tag} has a value that is not drawn here")]
    Unsupported {
        /// Which.
        tag: Tag,
    },
    /// The pixels are compressed in a way that is not decoded here.
    #[error("the encoding {transfer_syntax_uid} is not decoded here")]
    Encoding {
        /// Which.
        transfer_syntax_uid: String,
    },
    /// The compressed frame does not decode to what the header says.
    #[error("the compressed frame does not decode to an image of the size its header gives")]
    Undecodable,
    /// The frame is larger than [`MOST_FRAME_BYTES`].
    #[error("a frame has {bytes} bytes, more than the {MOST_FRAME_BYTES} that are drawn here")]
    TooLarge {
        /// How large.
        bytes: u64,
    },
    /// The picture cannot be written.
    #[error("the picture cannot be written: {0}")]
    Encode(String),
}

/// Draws a frame of an image, which is a Part 10 file.
///
/// # Errors
/// [`RenderError`]
pub fn draw(file: impl Read, view: &View) -> Result<Picture, RenderError> {
    let (image, mut pixels) = head::read(BufReader::new(file))?;
    if view.frame >= image.frames {
        return Err(RenderError::NoSuchFrame { frame: view.frame, frames: image.frames });
    }
    let frame = frame::read(&image, &mut pixels, view.frame)?;
    let painted = paint::paint(&image, &frame, view);
    encode::encode(painted, view.format, image.frames)
}
