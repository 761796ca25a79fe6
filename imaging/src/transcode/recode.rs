//! Elements from any encoding into Explicit VR Little Endian, as they come.

use super::TranscodeError;
use super::vr::{OW, SQ, UN, of_implicit, unit_bytes};
use crate::index::{Encoding, Head, ITEM, Tag, Vr};
use crate::render::{Elements, RenderError};
use std::io::{Read, Write};

const UNDEFINED: u32 = u32::MAX;
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// Bytes of a value at a time: a multiple of every unit whose bytes change places.
const PIECE_BYTES: u64 = 64 * 1024;
/// Open sequences and items together.
const DEEPEST: usize = 256;

/// Reads elements and writes them again.
pub(super) struct Recoder<'w, R> {
    pub elements: Elements<R>,
    pub sink: &'w mut dyn Write,
    /// Whether pixels are signed numbers.
    pub signed: bool,
    /// Whether compressed pixels are passed on as they are.
    pub keeps_fragments: bool,
}

/// A sequence or an item whose end was not reached. It was written with undefined length.
#[derive(Clone, Copy)]
struct Level {
    is_item: bool,
    encoding: Encoding,
    /// Where it ends, if its head said so.
    end: Option<u64>,
    /// It lies in a value that nobody knows: it stays in the encoding it has.
    is_unknown: bool,
}

impl Level {
    /// Whether all in it is written as it stands.
    fn stays(self) -> bool {
        self.is_unknown || self.encoding == Encoding::ExplicitLittle
    }
}

impl<R: Read> Recoder<'_, R> {
    /// Writes bytes as they are.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), TranscodeError> {
        self.sink.write_all(bytes).map_err(TranscodeError::Sink)
    }

    /// Writes the head of an element.
    pub(super) fn head(&mut self, tag: Tag, vr: Vr, length: u32) -> Result<(), TranscodeError> {
        self.put(&tag.0.to_le_bytes())?;
        self.put(&tag.1.to_le_bytes())?;
        self.put(&vr.0)?;
        match u16::try_from(length) {
            Ok(length) if !vr.has_long_length() => self.put(&length.to_le_bytes()),
            _ => {
                self.put(&[0; 2])?;
                self.put(&length.to_le_bytes())
            }
        }
    }

    /// Writes a head without representation: of an item or a delimiter, or in an unknown value.
    fn bare_head(&mut self, tag: Tag, length: u32) -> Result<(), TranscodeError> {
        self.put(&tag.0.to_le_bytes())?;
        self.put(&tag.1.to_le_bytes())?;
        self.put(&length.to_le_bytes())
    }

    /// An element of the data set, whose head was read.
    pub(super) fn element(&mut self, head: &Head) -> Result<(), TranscodeError> {
        let encoding = self.elements.encoding;
        let top = Level { is_item: true, encoding, end: None, is_unknown: false };
        let mut open: Vec<Level> = self.enter(head, top)?.into_iter().collect();
        while let Some(level) = open.last().copied() {
            if level.end.is_some_and(|end| self.elements.position >= end) {
                self.close(open.pop())?;
                continue;
            }
            if open.len() > DEEPEST {
                return Err(RenderError::Damaged("sequences nest too deep").into());
            }
            let head = self.elements.head_in(level.encoding)?;
            let head = head.ok_or(RenderError::Damaged("a sequence does not end"))?;
            match (level.is_item, head.tag) {
                (true, ITEM_END) | (false, SEQUENCE_END) => self.close(open.pop())?,
                // A sequence's end that ends its item too.
                (true, SEQUENCE_END) => {
                    self.close(open.pop())?;
                    self.close(open.pop())?;
                }
                (false, ITEM_END) => {}
                (false, ITEM) => open.extend(self.item(&head, level)?),
                (false, _) => return Err(RenderError::Damaged("a sequence holds what is no item").into()),
                (true, _) => open.extend(self.enter(&head, level)?),
            }
        }
        Ok(())
    }

    fn close(&mut self, level: Option<Level>) -> Result<(), TranscodeError> {
        level.map_or(Ok(()), |level| self.bare_head(if level.is_item { ITEM_END } else { SEQUENCE_END }, 0))
    }

    /// Writes an element, or the head of a sequence, which is then open.
    fn enter(&mut self, head: &Head, level: Level) -> Result<Option<Level>, TranscodeError> {
        let is_open = head.length == UNDEFINED;
        if level.is_unknown {
            self.bare_head(head.tag, head.length)?;
            return if is_open { Ok(Some(unknown())) } else { self.copy(head.length, 1).map(|()| None) };
        }
        let vr = match head.vr {
            Some(_) if head.odd_vr => UN,
            Some(vr) => vr,
            None if head.odd_vr => UN,
            None => of_implicit(head.tag, self.signed),
        };
        if is_open && head.holds_fragments() {
            return self.fragments(head).map(|()| None);
        }
        if vr == SQ && head.length > 0 && (is_open || !level.stays()) {
            let end = (!is_open).then(|| self.elements.position + u64::from(head.length));
            self.head(head.tag, SQ, UNDEFINED)?;
            return Ok(Some(Level { is_item: false, encoding: level.encoding, end, is_unknown: false }));
        }
        if is_open {
            self.head(head.tag, UN, UNDEFINED)?;
            return Ok(Some(unknown()));
        }
        // What does not fit behind its own representation is unknown (PS3.5 §6.2.2).
        let fits = vr.has_long_length() || u16::try_from(head.length).is_ok();
        self.head(head.tag, if fits { vr } else { UN }, head.length)?;
        self.copy(head.length, if level.encoding == Encoding::ExplicitBig { unit_bytes(vr) } else { 1 })?;
        Ok(None)
    }

    /// Writes an item whole, or its head alone, and then it is open.
    fn item(&mut self, head: &Head, sequence: Level) -> Result<Option<Level>, TranscodeError> {
        let is_open = head.length == UNDEFINED;
        let mut item = Level { is_item: true, end: None, ..sequence };
        if !item.is_unknown
            && head.length > 0
            && let Some(first) = self.elements.peek()?
        {
            item.encoding = item.encoding.shown_by(&first, false);
        }
        if !is_open && (item.stays() || head.length == 0) {
            self.bare_head(ITEM, head.length)?;
            return self.copy(head.length, 1).map(|()| None);
        }
        self.bare_head(ITEM, UNDEFINED)?;
        item.end = (!is_open).then(|| self.elements.position + u64::from(head.length));
        Ok(Some(item))
    }

    /// Pixels that are not compressed, in cells of so many bits.
    pub(super) fn pixels(&mut self, head: &Head, bits_allocated: u16) -> Result<(), TranscodeError> {
        let vr = head.vr.filter(|_| !head.odd_vr).unwrap_or(OW);
        let is_big = self.elements.encoding == Encoding::ExplicitBig && vr == OW;
        let unit = if is_big { usize::from(bits_allocated / 8).max(2) } else { 1 };
        let odd = head.length % 2;
        self.head(head.tag, vr, head.length.saturating_add(odd))?;
        self.copy(head.length, unit)?;
        if odd == 1 { self.put(&[0]) } else { Ok(()) }
    }

    /// Compressed pixels as they are.
    pub(super) fn fragments(&mut self, head: &Head) -> Result<(), TranscodeError> {
        if !self.keeps_fragments {
            return Err(TranscodeError::Nested);
        }
        self.head(head.tag, head.vr.unwrap_or(OW), UNDEFINED)?;
        loop {
            let item = self.elements.head()?.ok_or(RenderError::Damaged("the fragments do not end"))?;
            self.bare_head(item.tag, item.length)?;
            match item.tag {
                SEQUENCE_END => return Ok(()),
                ITEM if item.length != UNDEFINED => self.copy(item.length, 1)?,
                _ => return Err(RenderError::Unsupported { tag: head.tag }.into()),
            }
        }
    }

    /// Passes a value on; the bytes of each unit change places.
    fn copy(&mut self, length: u32, unit: usize) -> Result<(), TranscodeError> {
        let mut left = u64::from(length);
        while left > 0 {
            let mut piece = self.elements.bytes(left.min(PIECE_BYTES))?;
            left -= piece.len() as u64;
            if unit > 1 {
                piece.chunks_exact_mut(unit).for_each(<[u8]>::reverse);
            }
            self.put(&piece)?;
        }
        Ok(())
    }
}

/// The inside of a value that nobody knows is in Implicit VR Little Endian (PS3.5 §6.2.2).
fn unknown() -> Level {
    Level { is_item: false, encoding: Encoding::ImplicitLittle, end: None, is_unknown: true }
}
