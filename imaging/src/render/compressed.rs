//! Frames that are compressed: RLE, JPEG and JPEG 2000, by the decoders of `dicom-pixeldata`.
//!
//! Decoders believe what a codestream says of its size. So it is looked at first, and must be the size the
//! header gives. A decoder that panics all the same has refused the frame.

use super::RenderError;
use super::head::{Colours, Image};
use dicom::core::value::C;
use dicom::encoding::TransferSyntaxIndex;
use dicom::encoding::adapters::{PixelDataObject, RawPixelData};
use dicom::transfer_syntax::TransferSyntaxRegistry;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

const RLE: &str = "1.2.840.10008.1.2.5";
/// Samples in a picture of JPEG Baseline to JPEG Lossless begin so (ITU-T T.81 table B.1).
const JPEG_START: [u8; 2] = [0xFF, 0xD8];
/// Adobe's marker, saying that no colours were transformed (ITU-T T.872 §6.5.3).
const ADOBE_RGB: &[u8] = b"\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00";
/// SOC and SIZ of JPEG 2000 and HTJ2K (ITU-T T.800 §A.4.1, §A.5.1).
const JPEG_2000_START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
/// The kind of the first box of a JP2 file (ITU-T T.800 §I.5.1).
const JP2_START: &[u8] = b"jP  ";

/// What colours a decoded frame has.
///
/// # Errors
/// [`RenderError::Encoding`] if none can be decoded.
pub(crate) fn decoded_colours(image: &Image) -> Result<Colours, RenderError> {
    match image.colours {
        // RLE keeps colours as they are; the others come out as RGB.
        Colours::Ybr | Colours::Ybr422 if image.transfer_syntax_uid != RLE => Ok(Colours::Rgb),
        Colours::Ybr422 => Err(not_decoded(image)),
        other => Ok(other),
    }
}

fn not_decoded(image: &Image) -> RenderError {
    RenderError::Encoding { transfer_syntax_uid: image.transfer_syntax_uid.clone() }
}

/// Decodes a frame; its samples, those of a pixel together, and what colours they are.
///
/// # Errors
/// [`RenderError`] if it cannot be decoded, or not to what the header says.
pub(crate) fn decode(image: &Image, codestream: Vec<u8>) -> Result<(Vec<u8>, Colours), RenderError> {
    let uid = image.transfer_syntax_uid.as_str();
    let reader = TransferSyntaxRegistry.get(uid).and_then(|syntax| syntax.pixel_data_reader());
    let reader = reader.ok_or_else(|| not_decoded(image))?;
    if !matches!(image.bits_allocated, 8 | 16) {
        return Err(not_decoded(image));
    }
    let colours = decoded_colours(image)?;
    let size = (image.rows, image.columns);
    if uid != RLE && size_of(&codestream).is_none_or(|found| found != size) {
        return Err(RenderError::Undecodable);
    }
    // The decoder takes three components that nobody named for brightness and colours; the header says otherwise.
    let codestream = match image.colours {
        Colours::Rgb if codestream.starts_with(&JPEG_START) && !names_its_colours(&codestream) => {
            [&JPEG_START, ADOBE_RGB, codestream.get(JPEG_START.len()..).unwrap_or_default()].concat()
        }
        _ => codestream,
    };
    let one = OneFrame { image, codestream };
    let mut samples = Vec::new();
    let decoded = catch_unwind(AssertUnwindSafe(|| reader.decode_frame(&one, 0, &mut samples)));
    match decoded {
        Ok(Ok(())) if samples.len() as u64 == image.decoded_bytes() => Ok((samples, colours)),
        _ => Err(RenderError::Undecodable),
    }
}

/// Whether bytes are the beginning of a codestream.
pub(super) fn starts(first: &[u8]) -> bool {
    first.starts_with(&JPEG_START) || first.starts_with(&JPEG_2000_START) || first.ends_with(JP2_START)
}

/// Rows and columns that a codestream says it has.
fn size_of(codestream: &[u8]) -> Option<(u16, u16)> {
    match codestream {
        bytes if bytes.starts_with(&JPEG_2000_START) => jpeg_2000_size(bytes),
        bytes if bytes.get(4..8) == Some(JP2_START) => jpeg_2000_size(in_jp2(bytes)?),
        bytes => jpeg_size(bytes),
    }
}

/// The codestream of a JP2 file (ITU-T T.800 §I.4), which some writers keep around it.
fn in_jp2(mut boxes: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, rest) = boxes.split_first_chunk::<4>()?;
        let (kind, contents) = rest.split_first_chunk::<4>()?;
        if kind == b"jp2c" {
            return Some(contents);
        }
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        boxes = boxes.get(length.max(8)..)?;
    }
}

fn jpeg_2000_size(codestream: &[u8]) -> Option<(u16, u16)> {
    let number = |at: usize| codestream.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
    // Markers, length and capabilities stand before width, height and where the picture begins in them.
    let (width, height) = (number(8)?.checked_sub(number(16)?)?, number(12)?.checked_sub(number(20)?)?);
    Some((height.try_into().ok()?, width.try_into().ok()?))
}

/// What the segment that begins a frame says (ITU-T T.81 §B.2.2).
fn jpeg_size(codestream: &[u8]) -> Option<(u16, u16)> {
    let begins_frame = |marker| matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF);
    let frame = jpeg_segments(codestream).find(|(marker, _)| begins_frame(*marker))?.1;
    let number = |at: usize| frame.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
    Some((number(3)?, number(5)?))
}

/// Whether a JPEG says what its components are, as JFIF or as Adobe's marker (ITU-T T.872 §6.5).
fn names_its_colours(codestream: &[u8]) -> bool {
    jpeg_segments(codestream).any(|(marker, _)| matches!(marker, 0xE0 | 0xEE))
}

/// The segments before the first scan: their markers, and what begins with their lengths.
fn jpeg_segments(codestream: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    const SCAN: u8 = 0xDA;
    let mut left = codestream.strip_prefix(&JPEG_START).unwrap_or_default();
    std::iter::from_fn(move || {
        let mut marked = left.strip_prefix(&[0xFF])?;
        while let Some(filled) = marked.strip_prefix(&[0xFF]) {
            marked = filled;
        }
        let (marker, segment) = marked.split_first()?;
        let length = segment.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))?;
        left = segment.get(usize::from(length).max(2)..).unwrap_or_default();
        (*marker != SCAN).then_some((*marker, segment))
    })
}

/// An image of one frame, as the decoders look at it.
struct OneFrame<'i> {
    image: &'i Image,
    codestream: Vec<u8>,
}

impl PixelDataObject for OneFrame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        &self.image.transfer_syntax_uid
    }

    fn rows(&self) -> Option<u16> {
        Some(self.image.rows)
    }

    fn cols(&self) -> Option<u16> {
        Some(self.image.columns)
    }

    fn samples_per_pixel(&self) -> Option<u16> {
        Some(self.image.samples)
    }

    fn bits_allocated(&self) -> Option<u16> {
        Some(self.image.bits_allocated)
    }

    fn bits_stored(&self) -> Option<u16> {
        Some(self.image.bits_stored)
    }

    fn photometric_interpretation(&self) -> Option<&str> {
        Some(match self.image.colours {
            Colours::Grey { .. } => "MONOCHROME2",
            Colours::Palette => "PALETTE COLOR",
            Colours::Rgb => "RGB",
            Colours::Ybr | Colours::Ybr422 => "YBR_FULL",
        })
    }

    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }

    fn number_of_fragments(&self) -> Option<u32> {
        Some(1)
    }

    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(&self.codestream))
    }

    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        Some(Cow::Borrowed(&[0]))
    }

    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        Some(RawPixelData {
            fragments: C::from_vec(vec![self.codestream.clone()]),
            offset_table: C::from_vec(vec![0]),
        })
    }
}
