//! Compressed frames out of their fragments, one after the other (PS3.5 §A.4).

use super::elements::Elements;
use super::head::Image;
use super::{MOST_FRAME_BYTES, RenderError, compressed};
use crate::index::ITEM;
use dicom::core::Tag;
use dicom::dictionary_std::tags;
use std::io::Read;

const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// A basic offset table of a million frames.
const MOST_TABLE_BYTES: u32 = 4 << 20;

/// The frames of an image, whose pixel data is read from its offset table on. Where no table says where a frame
/// begins, a fragment begins one that begins as codestreams do; where the first does not, each fragment is a
/// frame.
pub(crate) struct Fragments<'e, R> {
    pixels: &'e mut Elements<R>,
    /// Where frames begin, counted from the first fragment's head.
    offsets: Vec<u64>,
    /// All fragments together are one frame.
    is_single: bool,
    each_is_one: bool,
    /// Length of the next fragment, whose head was read.
    next: Option<u32>,
    /// Where its head is, counted as offsets are.
    position: u64,
    /// Frames that went by.
    passed: usize,
}

impl<'e, R: Read> Fragments<'e, R> {
    pub(crate) fn begin(image: &Image, pixels: &'e mut Elements<R>) -> Result<Self, RenderError> {
        let table = item(pixels)?.ok_or(RenderError::Damaged("there is no fragment"))?;
        if table > MOST_TABLE_BYTES {
            return Err(RenderError::Damaged("the offset table is too long"));
        }
        let table = pixels.bytes(table.into())?;
        let mut offsets: Vec<u64> =
            table.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes).into()).collect();
        if offsets.is_empty() {
            offsets.clone_from(&image.offsets);
        }
        let next = item(pixels)?;
        let each_is_one = !begins(pixels)?;
        let is_single = image.frames == 1;
        Ok(Self { pixels, offsets, is_single, each_is_one, next, position: 0, passed: 0 })
    }

    /// The next frame.
    pub(crate) fn frame(&mut self) -> Result<Vec<u8>, RenderError> {
        let mut frame = Vec::new();
        self.each_fragment(|pixels, length| {
            let bytes = frame.len() as u64 + u64::from(length);
            if bytes > MOST_FRAME_BYTES {
                return Err(RenderError::TooLarge { bytes });
            }
            frame.extend(pixels.bytes(length.into())?);
            Ok(())
        })?;
        Ok(frame)
    }

    /// Passes over the next frame.
    pub(crate) fn pass_frame(&mut self) -> Result<(), RenderError> {
        self.each_fragment(|pixels, length| pixels.pass(length.into()))
    }

    /// Passes over what is left, and the delimiter.
    pub(crate) fn pass_all(mut self) -> Result<(), RenderError> {
        while self.next.is_some() {
            self.pass_frame()?;
        }
        Ok(())
    }

    fn each_fragment(
        &mut self,
        mut take: impl FnMut(&mut Elements<R>, u32) -> Result<(), RenderError>,
    ) -> Result<(), RenderError> {
        let mut is_first = true;
        while let Some(length) = self.next {
            if !is_first && self.next_begins_a_frame()? {
                break;
            }
            take(self.pixels, length)?;
            self.position += u64::from(length) + 8;
            self.next = item(self.pixels)?;
            is_first = false;
        }
        self.passed += 1;
        if is_first { Err(RenderError::Damaged("the frame has no fragment")) } else { Ok(()) }
    }

    fn next_begins_a_frame(&mut self) -> Result<bool, RenderError> {
        if self.is_single {
            return Ok(false);
        }
        match self.offsets.get(self.passed + 1) {
            Some(start) => Ok(self.position >= *start),
            None if self.offsets.is_empty() => Ok(self.each_is_one || begins(self.pixels)?),
            None => Ok(false),
        }
    }
}

/// Whether what is read next begins as codestreams do.
fn begins<R: Read>(pixels: &mut Elements<R>) -> Result<bool, RenderError> {
    Ok(pixels.peek()?.is_some_and(|first| compressed::starts(&first)))
}

/// The length of the next item; nothing at the end.
fn item<R: Read>(pixels: &mut Elements<R>) -> Result<Option<u32>, RenderError> {
    match pixels.head()? {
        Some(head) if head.tag == ITEM && head.length != u32::MAX => Ok(Some(head.length)),
        Some(head) if head.tag == SEQUENCE_END => Ok(None),
        None => Err(RenderError::Damaged("the fragments do not end")),
        Some(_) => Err(RenderError::Unsupported { tag: tags::PIXEL_DATA }),
    }
}
