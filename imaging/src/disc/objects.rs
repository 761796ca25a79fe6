//! The parts of a sealed disc as objects a layout can refer to, made when they are read.

use super::part::{self, HEAD_FILE_BYTES, PartName, SLACK_BYTES, Stream};
use super::sealed::SealedDisc;
use super::segment::Segments;
use crate::layout::{Layout, Objects};
use crate::seal::TAG_BYTES;
use std::io::{self, Read};
use std::sync::Arc;

/// The files of one stream, one after the other, are one object.
fn object_of(stream: Stream) -> u32 {
    match stream {
        Stream::Head => 0,
        Stream::Index => 1,
        Stream::Body => 2,
    }
}

impl SealedDisc {
    /// The files of the disc's parts, as extents of [`DiscObjects`]. The head, which may still be in the
    /// making, is the last one.
    pub(crate) fn part_files(&self) -> impl Iterator<Item = (String, Layout)> {
        let numbered = |stream, parts: u32| (0..parts).map(move |number| PartName { stream, number });
        numbered(Stream::Index, self.header.index_parts())
            .chain(numbered(Stream::Body, self.header.body_parts))
            .chain([PartName::HEAD])
            .map(|name| {
                let mut file = Layout::new();
                file.extent(object_of(name.stream), self.place(name), self.file_bytes(name));
                (name.path(), file)
            })
    }

    /// How long the file of a part is.
    fn file_bytes(&self, name: PartName) -> u64 {
        match name.stream {
            Stream::Head => HEAD_FILE_BYTES,
            _ => u64::from(self.plain_bytes(name)) + SLACK_BYTES,
        }
    }

    fn plain_bytes(&self, name: PartName) -> u32 {
        match name.stream {
            Stream::Head => 0,
            Stream::Index => self.header.index_part_bytes(name.number).unwrap_or(0),
            Stream::Body => self.header.segment_bytes,
        }
    }

    /// Where a part's file begins among those of its stream: all before it are of full length.
    fn place(&self, name: PartName) -> u64 {
        u64::from(name.number) * (u64::from(self.header.segment_bytes) + SLACK_BYTES)
    }
}

/// Makes the parts of a disc as they are read, in constant memory: two buffers of one part each. Reading
/// front to back makes each part once.
pub struct DiscObjects<O> {
    disc: Arc<SealedDisc>,
    objects: O,
    index: Segments,
    body: Segments,
    segment: Vec<u8>,
    /// The part that `file` is.
    held: Option<PartName>,
    file: Vec<u8>,
}

impl<O: Objects> DiscObjects<O> {
    /// The parts of `disc`, whose files' bytes lie in `objects`.
    pub fn new(disc: Arc<SealedDisc>, objects: O) -> Self {
        let index = Segments::of_index(&disc.header, &disc.data_key);
        let body = Segments::of_body(&disc.header, &disc.data_key);
        Self { disc, objects, index, body, segment: Vec::new(), held: None, file: Vec::new() }
    }

    /// Makes the part that holds byte `offset` of its stream's files; says how far into its file that is.
    fn hold(&mut self, object: u32, offset: u64) -> io::Result<u64> {
        let whole = u64::from(self.disc.header.segment_bytes) + SLACK_BYTES;
        let stream =
            [Stream::Head, Stream::Index, Stream::Body].into_iter().find(|s| object_of(*s) == object);
        let number = u32::try_from(offset / whole).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let name = PartName { stream: stream.ok_or(io::ErrorKind::NotFound)?, number };
        if self.held != Some(name) {
            self.held = None;
            self.make(name)?;
            self.held = Some(name);
        }
        Ok(offset - self.disc.place(name))
    }

    fn make(&mut self, name: PartName) -> io::Result<()> {
        let file_bytes = usize::try_from(self.disc.file_bytes(name)).map_err(io::Error::other)?;
        self.file.resize(file_bytes, 0);
        let head;
        let content = match name.stream {
            Stream::Head => {
                head = self.disc.head().map_err(io::Error::other)?;
                head.as_slice()
            }
            Stream::Index | Stream::Body => {
                self.seal(name)?;
                self.segment.as_slice()
            }
        };
        part::write(&self.disc.header.disc, name, content, &mut self.file).map_err(io::Error::other)
    }

    fn seal(&mut self, name: PartName) -> io::Result<()> {
        let plain_bytes = usize::try_from(self.disc.plain_bytes(name)).map_err(io::Error::other)?;
        self.segment.resize(plain_bytes + TAG_BYTES, 0);
        let start = u64::from(name.number) * u64::from(self.disc.header.segment_bytes);
        let range = start..start + plain_bytes as u64;
        let plain = &mut self.segment[..plain_bytes];
        let segments = match name.stream {
            Stream::Index => {
                crate::seal::ReadAt::read_at(self.disc.index.as_slice(), plain, start)?;
                &self.index
            }
            _ => {
                self.disc.body.range(range, &mut self.objects)?.read_exact(plain)?;
                &self.body
            }
        };
        segments.seal(name.number, &mut self.segment).map_err(io::Error::other)
    }
}

impl<O: Objects> Objects for DiscObjects<O> {
    fn read_at(&mut self, object: u32, mut offset: u64, mut buf: &mut [u8]) -> io::Result<()> {
        while !buf.is_empty() {
            let inside = usize::try_from(self.hold(object, offset)?).map_err(io::Error::other)?;
            let found = self.file.get(inside..).filter(|found| !found.is_empty());
            let found = found.ok_or(io::ErrorKind::UnexpectedEof)?;
            let (now, later) = buf.split_at_mut(found.len().min(buf.len()));
            now.copy_from_slice(&found[..now.len()]);
            offset += now.len() as u64;
            buf = later;
        }
        Ok(())
    }
}
