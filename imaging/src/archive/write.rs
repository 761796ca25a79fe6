//! Writing an archive.

use super::deflate::{Deflater, WHOLE_BYTES};
use super::digests::Digests;
use super::{Member, Method};
use crate::chance::Chance;
use crate::seal::{DataKey, SealWriter};
use std::io::{self, Read, Write};

/// Bytes read at a time from a file too long to be held.
const PIECE_BYTES: usize = 1 << 20;

/// Why an instance could not be added, or an archive not be finished.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The instance could not be read. The archive goes on: others may be added, and what was already
    /// written of this one lies in it unused.
    #[error("the instance could not be read: {0}")]
    Source(#[source] io::Error),
    /// The instance ends before its data set begins. The archive goes on.
    #[error("the instance has {source_bytes} bytes, fewer than its header of {header_bytes}")]
    OnlyHeader {
        /// Bytes there were.
        source_bytes: u64,
        /// Bytes there should have been before the data set.
        header_bytes: u64,
    },
    /// The archive could not be written. It is lost.
    #[error("the archive could not be written: {0}")]
    Sink(#[source] io::Error),
}

/// An archive that was written to its end.
#[derive(Debug)]
pub struct Finished<W> {
    /// What it was written to.
    pub sink: W,
    /// Bytes of all members: the next offset there would have been.
    pub plain_bytes: u64,
    /// Bytes the sink was given.
    pub sealed_bytes: u64,
}

/// Writes one archive, in memory that does not depend on how long instances are (some 33 MiB at most).
pub struct ArchiveWriter<W: Write> {
    sealed: Counted<SealWriter<W>>,
    deflater: Deflater,
    /// One byte longer than the longest file deflated in one go: a file that fills it goes on.
    source: Vec<u8>,
}

impl<W: Write> ArchiveWriter<W> {
    /// Starts an archive in `sink`. `key` must be fresh: it seals this archive and nothing else.
    ///
    /// # Errors
    /// [`WriteError::Sink`] if nothing can be written.
    pub fn new(sink: W, key: &DataKey, chance: &dyn Chance) -> Result<Self, WriteError> {
        let sealed = SealWriter::new(sink, key, chance).map_err(WriteError::Sink)?;
        Ok(Self {
            sealed: Counted { sink: sealed, bytes: 0 },
            deflater: Deflater::new(),
            source: vec![0; WHOLE_BYTES + 1],
        })
    }

    /// Adds one instance, read from `source` to its end; its data set begins after `header_bytes`.
    ///
    /// Every byte is read once and in order, so a caller who wants to look at them too wraps `source`.
    ///
    /// # Errors
    /// [`WriteError`] says whether the archive can go on.
    pub fn add(&mut self, source: &mut dyn Read, header_bytes: u64) -> Result<Member, WriteError> {
        let offset = self.sealed.bytes;
        let mut digests = Digests::with_dataset_after(header_bytes);
        let read = fill(source, &mut self.source)?;
        let method = if read <= WHOLE_BYTES {
            digests.update(&self.source[..read]);
            self.add_whole(read)
        } else {
            self.add_streamed(source, &mut digests)
        }?;
        member(offset, self.sealed.bytes - offset, method, digests, header_bytes)
    }

    /// Adds what `fill` writes, as it is: a layout can then name any stretch of it. Its data set begins after
    /// `header_bytes`. If `fill` fails the archive goes on, and what was written lies in it unused.
    ///
    /// # Errors
    /// Those of `fill`, which meets every failure of the sink; [`WriteError::OnlyHeader`].
    pub fn add_stored<E: From<WriteError>>(
        &mut self,
        header_bytes: u64,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<Member, E> {
        let offset = self.sealed.bytes;
        let mut digests = Digests::with_dataset_after(header_bytes);
        fill(&mut Digesting { sealed: &mut self.sealed, digests: &mut digests })?;
        Ok(member(offset, self.sealed.bytes - offset, Method::Stored, digests, header_bytes)?)
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// [`WriteError::Sink`] if it could not be written to its end.
    pub fn finish(self) -> Result<Finished<W>, WriteError> {
        let plain_bytes = self.sealed.bytes;
        let (sink, sealed_bytes) = self.sealed.sink.finish().map_err(WriteError::Sink)?;
        Ok(Finished { sink, plain_bytes, sealed_bytes })
    }

    /// Adds the file of which all `source_bytes` are at hand.
    fn add_whole(&mut self, source_bytes: usize) -> Result<Method, WriteError> {
        let file = &self.source[..source_bytes];
        let (method, stored) = match self.deflater.deflate_whole(file) {
            Some(deflated) => (Method::Deflate, deflated),
            None => (Method::Stored, file),
        };
        self.sealed.write_all(stored).map_err(WriteError::Sink)?;
        Ok(method)
    }

    /// Adds a file whose beginning fills the buffer, piece by piece.
    fn add_streamed(&mut self, source: &mut dyn Read, digests: &mut Digests) -> Result<Method, WriteError> {
        let method = if self.deflater.helps(&self.source) { Method::Deflate } else { Method::Stored };
        self.deflater.start_stream();
        let mut read = self.source.len();
        while read > 0 {
            let piece = &self.source[..read];
            digests.update(piece);
            match method {
                Method::Deflate => self.deflater.stream(piece, &mut self.sealed),
                Method::Stored => self.sealed.write_all(piece),
            }
            .map_err(WriteError::Sink)?;
            read = fill(source, &mut self.source[..PIECE_BYTES])?;
        }
        if method == Method::Deflate {
            self.deflater.end_stream(&mut self.sealed).map_err(WriteError::Sink)?;
        }
        Ok(method)
    }
}

fn member(
    offset: u64,
    stored_bytes: u64,
    method: Method,
    digests: Digests,
    header_bytes: u64,
) -> Result<Member, WriteError> {
    let digested = digests.finish();
    let source_bytes = digested.bytes;
    Ok(Member {
        offset,
        stored_bytes,
        method,
        source_bytes,
        crc32: digested.crc32,
        sha256: digested.sha256,
        dataset_sha256: digested
            .dataset_sha256
            .ok_or(WriteError::OnlyHeader { source_bytes, header_bytes })?,
    })
}

/// Digests what passes to an archive.
struct Digesting<'a, W: Write> {
    sealed: &'a mut Counted<SealWriter<W>>,
    digests: &'a mut Digests,
}

impl<W: Write> Write for Digesting<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.sealed.write(bytes)?;
        self.digests.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sealed.flush()
    }
}

/// Reads until `buf` is full or the source ends: how many bytes that were.
fn fill(source: &mut dyn Read, buf: &mut [u8]) -> Result<usize, WriteError> {
    let mut filled = 0;
    while filled < buf.len() {
        match source.read(&mut buf[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(WriteError::Source(error)),
        }
    }
    Ok(filled)
}

/// A sink that knows how many bytes it was given.
struct Counted<W> {
    sink: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.sink.write(bytes)?;
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
