//! Deliverables as layouts: what a file will be, without the file.
//!
//! A [`Layout`] is a list of segments: literal bytes, an extent of a stored object, zeros. All lengths
//! are known before a byte is read, and any range can be produced on demand in constant memory. A ZIP
//! archive and a disc image are layouts; one that lies in another is appended to it.
//!
//! ```
//! use imaging::layout::Layout;
//! use std::io::Read;
//!
//! # fn main() -> std::io::Result<()> {
//! let stored = [b"0123456789"];
//!
//! let mut file = Layout::new();
//! file.literal(b"<").extent(0, 3, 4).zeros(2);
//! let mut image = Layout::new();
//! image.literal(b"image:").append(&file);
//! assert_eq!(image.len(), 13);
//!
//! let mut middle = Vec::new();
//! image.range(4..12, stored)?.read_to_end(&mut middle)?;
//! assert_eq!(middle, b"e:<3456\0");
//! # Ok(())
//! # }
//! ```

use crate::seal::{ReadAt, SealedReader};
use sha2::{Digest, Sha256};
use std::borrow::Borrow;
use std::io::{self, Read};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// Where the bytes of extents come from: objects known by the numbers a layout gives them.
pub trait Objects {
    /// Reads exactly `buf.len()` bytes of an object, from `offset` on.
    ///
    /// A [`LayoutReader`] asks in ascending order wherever the layout has it so: what was read ahead
    /// is worth keeping.
    ///
    /// # Errors
    /// `NotFound` if there is no such object, `UnexpectedEof` past its end; else if its source fails.
    fn read_at(&mut self, object: u32, offset: u64, buf: &mut [u8]) -> io::Result<()>;
}

impl<O: Objects + ?Sized> Objects for &mut O {
    fn read_at(&mut self, object: u32, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        (**self).read_at(object, offset, buf)
    }
}

impl<O: Objects + ?Sized> Objects for Box<O> {
    fn read_at(&mut self, object: u32, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        (**self).read_at(object, offset, buf)
    }
}

/// Bytes in memory.
impl<T: AsRef<[u8]>, const N: usize> Objects for [T; N] {
    fn read_at(&mut self, object: u32, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        ReadAt::read_at((*numbered(self, object)?).as_ref(), buf, offset)
    }
}

/// The plain bytes of sealed objects, such as study archives.
impl<S: ReadAt> Objects for Vec<SealedReader<S>> {
    fn read_at(&mut self, object: u32, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        Ok(numbered(self, object)?.read_at(buf, offset)?)
    }
}

fn numbered<T>(objects: &mut [T], object: u32) -> io::Result<&mut T> {
    usize::try_from(object).ok().and_then(|at| objects.get_mut(at)).ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "the layout names an object that is not at hand")
    })
}

/// What a stretch of a file is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Bytes the layout holds itself, from this place among its literals on.
    Literal(usize),
    /// Bytes of a stored object.
    Extent {
        /// Which object: a number that the caller's [`Objects`] understand.
        object: u32,
        /// Where in it, in plain bytes.
        offset: u64,
    },
    /// Bytes that are zero.
    Zeros,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    /// Where it begins in the file.
    start: u64,
    segment: Segment,
}

/// A file as an ordered list of segments. Lengths are in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    segments: Vec<Placed>,
    literals: Vec<u8>,
    len: u64,
}

impl Layout {
    /// A file of no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the file is.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends these bytes.
    pub fn literal(&mut self, bytes: &[u8]) -> &mut Self {
        let place = self.literals.len();
        self.literals.extend_from_slice(bytes);
        match self.segments.last() {
            // Literals lie one after the other: what follows one makes it longer.
            Some(Placed { segment: Segment::Literal(_), .. }) => {
                self.len += bytes.len() as u64;
                self
            }
            _ => self.push(Segment::Literal(place), bytes.len() as u64),
        }
    }

    /// Appends `len` bytes of a stored object, from `offset` on.
    pub fn extent(&mut self, object: u32, offset: u64, len: u64) -> &mut Self {
        self.push(Segment::Extent { object, offset }, len)
    }

    /// Appends `len` zeros.
    pub fn zeros(&mut self, len: u64) -> &mut Self {
        self.push(Segment::Zeros, len)
    }

    /// Appends a whole file. Its objects keep their numbers.
    pub fn append(&mut self, file: &Self) -> &mut Self {
        for (segment, len) in file.segments() {
            match segment {
                Segment::Literal(_) => self.literal(file.literal_bytes(segment, len)),
                other => self.push(other, len),
            };
        }
        self
    }

    /// Its segments, with their lengths, in order. None is empty.
    pub fn segments(&self) -> impl Iterator<Item = (Segment, u64)> {
        let ends = self.segments.iter().skip(1).map(|next| next.start).chain([self.len]);
        self.segments.iter().zip(ends).map(|(placed, end)| (placed.segment, end - placed.start))
    }

    /// A range of the file, to be read from its start to its end.
    ///
    /// # Errors
    /// `UnexpectedEof` if it is not within the file.
    pub fn range<O: Objects>(&self, bytes: Range<u64>, objects: O) -> io::Result<LayoutReader<&Self, O>> {
        LayoutReader::new(self, bytes, objects)
    }

    /// SHA-256 of the recipe: two files of one digest are the same, byte for byte. `identity` names an
    /// object whose bytes never change, and no two objects alike.
    #[must_use]
    pub fn digest(&self, identity: impl Fn(u32) -> String) -> [u8; 32] {
        let mut sha256 = Sha256::new_with_prefix(b"layout\x01");
        for (segment, len) in self.segments() {
            sha256.update(len.to_le_bytes());
            match segment {
                Segment::Literal(_) => {
                    sha256.update([0]);
                    sha256.update(self.literal_bytes(segment, len));
                }
                Segment::Extent { object, offset } => {
                    let identity = identity(object);
                    sha256.update([1]);
                    sha256.update((identity.len() as u64).to_le_bytes());
                    sha256.update(identity);
                    sha256.update(offset.to_le_bytes());
                }
                Segment::Zeros => sha256.update([2]),
            }
        }
        sha256.finalize().into()
    }

    fn push(&mut self, segment: Segment, len: u64) -> &mut Self {
        if len > 0 {
            self.segments.push(Placed { start: self.len, segment });
            self.len += len;
        }
        self
    }

    /// The bytes of a literal of this layout; of any other segment none.
    fn literal_bytes(&self, segment: Segment, len: u64) -> &[u8] {
        match segment {
            Segment::Literal(place) => &self.literals[place..place + small(len)],
            Segment::Extent { .. } | Segment::Zeros => &[],
        }
    }
}

/// A range of a layout, front to back. Holds the layout by reference, or shared as an `Arc`.
pub struct LayoutReader<L, O> {
    layout: L,
    objects: O,
    left: Range<u64>,
    /// The segment that holds the next byte.
    current: usize,
}

impl<L: Borrow<Layout>, O: Objects> LayoutReader<L, O> {
    /// Reads a range of a layout, its extents from these objects.
    ///
    /// # Errors
    /// `UnexpectedEof` if the range is not within the file.
    pub fn new(layout: L, bytes: Range<u64>, objects: O) -> io::Result<Self> {
        let file: &Layout = layout.borrow();
        if bytes.start > bytes.end || bytes.end > file.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let current = file.segments.partition_point(|placed| placed.start <= bytes.start).saturating_sub(1);
        Ok(Self { layout, objects, left: bytes, current })
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left.end - self.left.start
    }

    /// Fills the start of `buf` from the current segment and passes on: how many bytes that were.
    fn take_into(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let file: &Layout = self.layout.borrow();
        let Placed { start, segment } = file.segments[self.current];
        let end = file.segments.get(self.current + 1).map_or(file.len, |next| next.start);
        let taken = buf.len().min(small(end.min(self.left.end) - self.left.start));
        let (buf, inside) = (&mut buf[..taken], self.left.start - start);
        match segment {
            Segment::Literal(place) => {
                let from = place + small(inside);
                buf.copy_from_slice(&file.literals[from..from + taken]);
            }
            Segment::Extent { object, offset } => self.objects.read_at(object, offset + inside, buf)?,
            Segment::Zeros => buf.fill(0),
        }
        self.left.start += taken as u64;
        if self.left.start == end {
            self.current += 1;
        }
        Ok(taken)
    }
}

impl<L: Borrow<Layout>, O: Objects> Read for LayoutReader<L, O> {
    /// Fills `buf` unless the range ends before.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() && !self.left.is_empty() {
            match self.take_into(&mut buf[filled..]) {
                Ok(taken) => filled += taken,
                // What came before the failure is given first; reading on meets it again.
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

/// A length bounded by a buffer, or by the literals, as an index.
fn small(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
