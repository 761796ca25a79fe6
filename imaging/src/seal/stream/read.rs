//! Unsealing: any range, in constant memory.

use super::{
    HEADER_BYTES, Header, MAGIC, SEALED_SEGMENT_BYTES, SEGMENT_BYTES, nonce, plain_len_and_segments,
};
use crate::seal::aead::{Aead, Fast};
use crate::seal::{Broken, DataKey, ReadAt};
use memmap2::MmapMut;
use std::io::{self, BufRead, Read};
use std::ops::Range;

/// Segments fetched at once when reading on: about 1 MiB, where the cost of a read no longer shows.
const READ_AHEAD_SEGMENTS: u64 = 16;

/// Why sealed bytes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// It does not start as a sealed object does: another kind of file, or a later version.
    #[error("this is not a sealed object of a version this program knows")]
    Unknown,
    /// It does not open with this key. Trying again does not help.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The source failed, or the read goes past the end (`UnexpectedEof`).
    #[error("the sealed object could not be read: {0}")]
    Io(#[from] io::Error),
}

impl From<UnsealError> for io::Error {
    fn from(error: UnsealError) -> Self {
        match error {
            UnsealError::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// Reads any range of a sealed object in constant memory (at most 16 segments, about 1 MiB).
///
/// No byte is given out before the segment it lies in was found to be genuine.
pub struct SealedReader<S> {
    source: S,
    cipher: Fast,
    header: Header,
    sealed_len: u64,
    plain_len: u64,
    segments: u64,
    /// The segments `held`, opened, each still followed by its tag. Mapped, so that its memory goes back to the
    /// system with the reader: many come and go on many threads.
    window: MmapMut,
    held: Range<u64>,
}

impl<S: ReadAt> SealedReader<S> {
    /// Opens an object and its last segment: from here on key, header and length are known to be right.
    ///
    /// # Errors
    /// [`UnsealError::Unknown`] or [`UnsealError::Broken`] if it is no object, or not that of `key`;
    /// [`UnsealError::Io`] if the source fails.
    pub fn open(source: S, key: &DataKey) -> Result<Self, UnsealError> {
        let sealed_len = source.len()?;
        if sealed_len < HEADER_BYTES as u64 {
            return Err(Broken.into());
        }
        let mut header = [0; HEADER_BYTES];
        source.read_at(&mut header, 0)?;
        if header[..MAGIC.len()] != MAGIC || header[HEADER_BYTES - 1] != 0 {
            return Err(UnsealError::Unknown);
        }
        let (plain_len, segments) = plain_len_and_segments(sealed_len).ok_or(Broken)?;
        let cipher = Fast::new(key);
        let window = MmapMut::map_anon(small(READ_AHEAD_SEGMENTS) * SEALED_SEGMENT_BYTES)?;
        let held = 0..0;
        let mut reader = Self { source, cipher, header, sealed_len, plain_len, segments, window, held };
        reader.load(segments - 1..segments)?;
        Ok(reader)
    }

    /// How many bytes are sealed in it.
    #[must_use]
    pub fn plain_len(&self) -> u64 {
        self.plain_len
    }

    /// Reads exactly `buf.len()` plain bytes at `plain_offset`.
    ///
    /// # Errors
    /// [`UnsealError::Broken`] if what lies there was changed, [`UnsealError::Io`] past the end or if
    /// the source fails. What is in `buf` then is unspecified.
    pub fn read_at(&mut self, buf: &mut [u8], plain_offset: u64) -> Result<(), UnsealError> {
        let mut range = self.range(plain_offset..plain_offset.saturating_add(buf.len() as u64))?;
        let mut filled = 0;
        while filled < buf.len() {
            filled += range.take_into(&mut buf[filled..])?;
        }
        Ok(())
    }

    /// A range of the plain bytes, to be read from its start to its end.
    ///
    /// # Errors
    /// [`UnsealError::Io`] (`UnexpectedEof`) if it is not within the object.
    pub fn range(&mut self, plain: Range<u64>) -> Result<SealedRange<'_, S>, UnsealError> {
        if plain.start > plain.end || plain.end > self.plain_len {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(SealedRange { reader: self, left: plain })
    }

    /// Plain bytes from `wanted.start` on: as many of the wanted ones as lie in the same segment.
    fn plain(&mut self, wanted: &Range<u64>) -> Result<&[u8], UnsealError> {
        if wanted.is_empty() {
            return Ok(&[]);
        }
        let segment = wanted.start / SEGMENT_BYTES as u64;
        if !self.held.contains(&segment) {
            // Whoever reads on from where the window ends will want more than asked for now.
            let reading_on = segment == self.held.end;
            let asked_for = wanted.end.div_ceil(SEGMENT_BYTES as u64) - segment;
            let fetched = if reading_on { READ_AHEAD_SEGMENTS } else { asked_for.min(READ_AHEAD_SEGMENTS) };
            self.load(segment..(segment + fetched).min(self.segments))?;
        }
        let segment_start = segment * SEGMENT_BYTES as u64;
        let in_segment = small(wanted.start - segment_start);
        let in_window = small(segment - self.held.start) * SEALED_SEGMENT_BYTES + in_segment;
        let found = small((wanted.end - wanted.start).min((SEGMENT_BYTES - in_segment) as u64));
        Ok(&self.window[in_window..in_window + found])
    }

    /// Fetches these segments, and holds those before the first that is not genuine: reading ahead must
    /// not spoil what was asked for.
    fn load(&mut self, segments: Range<u64>) -> Result<(), UnsealError> {
        self.held = segments.start..segments.start;
        let place = |segment: u64| HEADER_BYTES as u64 + segment * SEALED_SEGMENT_BYTES as u64;
        let (start, end) = (place(segments.start), place(segments.end).min(self.sealed_len));
        let window = &mut self.window[..small(end - start)];
        self.source.read_at(window, start)?;
        for sealed in window.chunks_mut(SEALED_SEGMENT_BYTES) {
            let last = self.held.end + 1 == self.segments;
            let number = u32::try_from(self.held.end).map_err(|_| Broken)?;
            let opened = self.cipher.open(&nonce(&self.header, number, last), &self.header, sealed);
            match opened {
                Ok(_) => self.held.end += 1,
                Err(broken) if self.held.is_empty() => return Err(broken.into()),
                Err(_) => break,
            }
        }
        Ok(())
    }
}

/// A number bounded by a segment or a window, as an index.
fn small(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A range of a sealed object's plain bytes, front to back. See [`SealedReader::range`].
pub struct SealedRange<'a, S> {
    reader: &'a mut SealedReader<S>,
    left: Range<u64>,
}

impl<S: ReadAt> SealedRange<'_, S> {
    /// The plain bytes that come next, without taking them; empty only at the end of the range.
    ///
    /// # Errors
    /// As [`SealedReader::read_at`].
    pub fn peek(&mut self) -> Result<&[u8], UnsealError> {
        self.reader.plain(&self.left)
    }

    /// Takes what comes next, as much as `buf` and the segment hold; 0 only at the end of the range or
    /// of `buf`.
    ///
    /// # Errors
    /// As [`SealedReader::read_at`].
    pub fn take_into(&mut self, buf: &mut [u8]) -> Result<usize, UnsealError> {
        let next = self.peek()?;
        let taken = next.len().min(buf.len());
        buf[..taken].copy_from_slice(&next[..taken]);
        self.consume(taken);
        Ok(taken)
    }

    /// How many plain bytes are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left.end - self.left.start
    }
}

impl<S: ReadAt> BufRead for SealedRange<'_, S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.peek()?)
    }

    fn consume(&mut self, taken: usize) {
        self.left.start = self.left.end.min(self.left.start + taken as u64);
    }
}

impl<S: ReadAt> Read for SealedRange<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.take_into(buf)?)
    }
}
