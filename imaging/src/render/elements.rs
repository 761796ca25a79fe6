//! The elements of a data set, one after another, from a reader (PS3.5 §7). Values are read only where they
//! are wanted; sequences are passed over with a stack of our own.

use super::RenderError;
use crate::index::{Encoding, Head, ITEM, Vr};
use dicom::core::Tag;
use std::io::{self, Chain, Cursor, Read};

const HEAD_BYTES: usize = 8;
const UNDEFINED: u32 = u32::MAX;
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// Open sequences and items together.
const DEEPEST: usize = 256;

pub(crate) struct Elements<R> {
    input: R,
    /// At most eight bytes that were looked at.
    ahead: Vec<u8>,
    pub encoding: Encoding,
    /// Bytes that were read, without those only looked at.
    pub position: u64,
}

impl<R: Read> Elements<R> {
    pub(crate) fn new(input: R, encoding: Encoding) -> Self {
        Self { input, ahead: Vec::new(), encoding, position: 0 }
    }

    /// What was not read yet.
    pub(crate) fn into_input(self) -> Chain<Cursor<Vec<u8>>, R> {
        Cursor::new(self.ahead).chain(self.input)
    }

    /// The next eight bytes, which stay where they are; nothing if there are fewer.
    pub(crate) fn peek(&mut self) -> Result<Option<[u8; HEAD_BYTES]>, RenderError> {
        let missing = HEAD_BYTES.saturating_sub(self.ahead.len()) as u64;
        self.input.by_ref().take(missing).read_to_end(&mut self.ahead)?;
        Ok(self.ahead.first_chunk().copied())
    }

    /// The next element's head; nothing where the bytes end, or only zeros follow that fill up a block.
    pub(crate) fn head(&mut self) -> Result<Option<Head>, RenderError> {
        Ok(self.head_in(self.encoding)?.filter(|head| head.tag != Tag(0, 0)))
    }

    /// The next head, encoded so.
    pub(crate) fn head_in(&mut self, encoding: Encoding) -> Result<Option<Head>, RenderError> {
        let short = match self.peek()? {
            Some(short) => short,
            None if self.ahead.iter().all(|byte| *byte == 0) => return Ok(None),
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        };
        self.forget(HEAD_BYTES as u64);
        if let Some(head) = Head::read(encoding, &short) {
            return Ok(Some(head));
        }
        let mut bytes = [0; 12];
        let (first, rest) = bytes.split_at_mut(HEAD_BYTES);
        first.copy_from_slice(&short);
        self.input.read_exact(rest)?;
        self.position += rest.len() as u64;
        Head::read(encoding, &bytes).map(Some).ok_or(RenderError::Damaged("an element cannot be read"))
    }

    /// A value of at most so many bytes; what is longer is passed over and empty.
    pub(crate) fn value(&mut self, head: &Head, most: u32) -> Result<Vec<u8>, RenderError> {
        if head.length == UNDEFINED || head.length > most {
            return self.skip(head).map(|()| Vec::new());
        }
        self.bytes(head.length.into())
    }

    /// The next bytes. What a length claims is not allocated before it comes.
    pub(crate) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, RenderError> {
        let mut bytes = Vec::new();
        let read = self.rest().take(length).read_to_end(&mut bytes)?;
        self.forget(read as u64);
        if read as u64 == length {
            Ok(bytes)
        } else {
            Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
        }
    }

    /// Passes over an element's value.
    pub(crate) fn skip(&mut self, head: &Head) -> Result<(), RenderError> {
        if head.length == UNDEFINED { self.skip_sequence(head) } else { self.pass(head.length.into()) }
    }

    /// Passes over bytes.
    pub(crate) fn pass(&mut self, bytes: u64) -> Result<(), RenderError> {
        let passed = io::copy(&mut self.rest().take(bytes), &mut io::sink())?;
        self.forget(passed);
        if passed == bytes { Ok(()) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
    }

    /// What was looked at, and what follows it.
    fn rest(&mut self) -> Chain<Cursor<Vec<u8>>, &mut R> {
        Cursor::new(self.ahead.clone()).chain(&mut self.input)
    }

    /// So many bytes of [`Self::rest`] were taken.
    fn forget(&mut self, taken: u64) {
        self.position += taken;
        let taken = usize::try_from(taken).unwrap_or(usize::MAX).min(self.ahead.len());
        self.ahead.drain(..taken);
    }

    fn skip_sequence(&mut self, head: &Head) -> Result<(), RenderError> {
        let mut open = vec![inside(head, self.encoding)];
        while let Some(encoding) = open.last().copied() {
            let head = self.head_in(encoding)?.ok_or(RenderError::Damaged("a sequence does not end"))?;
            match head.tag {
                ITEM_END | SEQUENCE_END => drop(open.pop()),
                _ if head.length != UNDEFINED => self.pass(head.length.into())?,
                _ if open.len() == DEEPEST => return Err(RenderError::Damaged("sequences nest too deep")),
                ITEM => open.push(encoding),
                _ => open.push(inside(&head, encoding)),
            }
        }
        Ok(())
    }
}

/// What is unknown was copied from an implicit encoding as it stood (PS3.5 §6.2.2).
fn inside(head: &Head, encoding: Encoding) -> Encoding {
    match head.vr {
        Some(Vr([b'U', b'N'])) => Encoding::ImplicitLittle,
        _ => encoding,
    }
}
