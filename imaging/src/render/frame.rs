//! The samples of one frame, without those before it.

use super::elements::Elements;
use super::fragments::Fragments;
use super::head::{Colours, Image};
use super::{RenderError, compressed};
use crate::index::Encoding;
use std::io::Read;

/// One frame, not compressed.
pub(super) struct Frame {
    bytes: Vec<u8>,
    /// Bits before the first sample: frames of single bits follow each other without padding.
    first_bit: u64,
    encoding: Encoding,
    in_words: bool,
    bits_allocated: u16,
    bits_stored: u16,
    lowest_bit: u16,
    signed: bool,
    /// Samples between a pixel and the next, and between a colour and the next.
    steps: (u64, u64),
    pub colours: Colours,
}

impl Frame {
    /// A sample of the `pixel`th pixel, row by row; 0 where the frame ends too early.
    pub(super) fn sample(&self, pixel: u64, sample: u64) -> i64 {
        let index = pixel * self.steps.0 + sample * self.steps.1;
        self.cell(index).map_or(0, |cell| self.value(cell))
    }

    /// Brightness and two colours of a pixel of `YBR_FULL_422`, where two pixels are Y Y B R.
    pub(super) fn ybr422(&self, pixel: u64) -> [i64; 3] {
        let pair = pixel / 2 * 4;
        [pair + pixel % 2, pair + 2, pair + 3]
            .map(|index| self.cell(index).map_or(0, |cell| self.value(cell)))
    }

    fn cell(&self, index: u64) -> Option<u32> {
        if self.bits_allocated == 1 {
            let bit = self.first_bit + index;
            let byte = self.bytes.get(usize::try_from(bit / 8).ok()?)?;
            return Some(u32::from(byte >> (bit % 8) & 1));
        }
        let at = self.first_bit / 8 + index * u64::from(self.bits_allocated / 8);
        let at = if self.in_words { at ^ 1 } else { at };
        let bytes = self.bytes.get(usize::try_from(at).ok()?..)?;
        match self.bits_allocated {
            8 => bytes.first().copied().map(u32::from),
            16 => bytes.first_chunk().map(|bytes| u32::from(self.encoding.u16(*bytes))),
            _ => bytes.first_chunk().map(|bytes| self.encoding.u32(*bytes)),
        }
    }

    /// The value in a cell, without what else may stand there, such as overlays of old.
    fn value(&self, cell: u32) -> i64 {
        let above = 32 - self.bits_stored;
        let top = (cell >> self.lowest_bit) << above;
        if self.signed { i64::from(top.cast_signed() >> above) } else { i64::from(top >> above) }
    }
}

/// Reads a frame, of which there is one with this number.
pub(super) fn read<R: Read>(
    image: &Image,
    pixels: &mut Elements<R>,
    number: u32,
) -> Result<Frame, RenderError> {
    let plane = u64::from(image.rows) * u64::from(image.columns);
    let by_pixel = (u64::from(image.samples), 1);
    let frame = |bytes, first_bit, colours, steps| Frame {
        bytes,
        first_bit,
        encoding: image.encoding,
        in_words: image.in_words,
        bits_allocated: image.bits_allocated,
        bits_stored: image.bits_stored,
        lowest_bit: image.lowest_bit,
        signed: image.signed,
        steps,
        colours,
    };
    let Some(length) = image.native_bytes else {
        let mut frames = Fragments::begin(image, pixels)?;
        for _ in 0..number {
            frames.pass_frame()?;
        }
        let codestream = frames.frame()?;
        let (bytes, colours) = compressed::decode(image, codestream)?;
        // Decoders write samples of a pixel together, and the low byte first, as the data set around them.
        return Ok(frame(bytes, 0, colours, by_pixel));
    };
    let start = u64::from(number) * image.frame_bits();
    let end = start + image.frame_bits();
    if end.div_ceil(8) > length {
        return Err(RenderError::Damaged("the pixel data is shorter than its header says"));
    }
    // Whole words, where bytes are swapped in them.
    let unit = if image.in_words { 16 } else { 8 };
    let first_byte = start / unit * (unit / 8);
    let bytes_end = (end.div_ceil(unit) * (unit / 8)).min(length);
    pixels.pass(first_byte)?;
    let bytes = pixels.bytes(bytes_end - first_byte)?;
    Ok(frame(
        bytes,
        start - first_byte * 8,
        image.colours,
        if image.by_plane { (1, plane) } else { by_pixel },
    ))
}
