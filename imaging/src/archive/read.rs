//! Reading an archive.

use super::deflate::advanced;
use super::digests::Digests;
use super::{Member, Method};
use crate::seal::{DataKey, ReadAt, SealedRange, SealedReader, UnsealError};
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead, Read};
use std::ops::Range;

/// Bytes inflated at a time where they are only looked at. zlib copies its window of 32 KiB after each
/// time, so few and long ones are quicker.
const SCRATCH_BYTES: usize = 256 * 1024;

/// Why a member could not be read, or is not what the index says it is.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The archive does not open, or could not be read.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// The member does not lie within this archive: index and archive do not belong together.
    #[error("the member does not lie within its archive")]
    Outside,
    /// More was asked for than the instance has.
    #[error("bytes {start}..{end} were asked for of an instance of {source_bytes}")]
    OutOfRange {
        /// First byte asked for.
        start: u64,
        /// Byte after the last one asked for.
        end: u64,
        /// Bytes the instance has.
        source_bytes: u64,
    },
    /// What is kept is not one complete deflate stream.
    #[error("the member is not a complete deflate stream")]
    Inflate,
    /// The member has more bytes than the index says, or fewer.
    #[error("the member is not as long as its index says")]
    Length,
    /// The bytes have another CRC-32 than the index says.
    #[error("the member has another CRC-32 than its index says")]
    Crc32,
    /// The bytes have another SHA-256 than the index says.
    #[error("the member has another SHA-256 than its index says")]
    Sha256,
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unseal(error) => error.into(),
            ReadError::OutOfRange { .. } => Self::new(io::ErrorKind::UnexpectedEof, error),
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// Reads members of one archive, in constant memory (about 1.4 MiB).
pub struct ArchiveReader<S> {
    sealed: SealedReader<S>,
    inflate: Decompress,
    scratch: Vec<u8>,
}

impl<S: ReadAt> ArchiveReader<S> {
    /// Opens an archive.
    ///
    /// # Errors
    /// As [`SealedReader::open`].
    pub fn open(source: S, key: &DataKey) -> Result<Self, UnsealError> {
        let sealed = SealedReader::open(source, key)?;
        Ok(Self { sealed, inflate: Decompress::new(false), scratch: vec![0; SCRATCH_BYTES] })
    }

    /// The file a member was made from.
    ///
    /// # Errors
    /// [`ReadError`], and while reading the same inside an [`io::Error`].
    pub fn member(&mut self, member: &Member) -> Result<MemberReader<'_, S>, ReadError> {
        self.range(member, 0..member.source_bytes)
    }

    /// A range of the file a member was made from. Of a deflated one, what comes before it is inflated
    /// and passed over, here.
    ///
    /// # Errors
    /// As [`ArchiveReader::member`]; [`ReadError::OutOfRange`] if the file has no such range.
    pub fn range(&mut self, member: &Member, bytes: Range<u64>) -> Result<MemberReader<'_, S>, ReadError> {
        MemberReader::open(&mut self.sealed, &mut self.inflate, &mut self.scratch, member, bytes)
    }

    /// A member's bytes as they are kept: what a ZIP archive takes over.
    ///
    /// # Errors
    /// [`ReadError::Outside`] if they do not lie in this archive.
    pub fn raw(&mut self, member: &Member) -> Result<SealedRange<'_, S>, ReadError> {
        let kept = kept(member, self.sealed.plain_len())?;
        Ok(self.sealed.range(kept)?)
    }

    /// Reads a member to its end and holds it against the index: length, CRC-32 and SHA-256.
    ///
    /// Another library inflates here than deflated most members, so a fault in one is not hidden by
    /// the same fault in the other.
    ///
    /// # Errors
    /// [`ReadError`] says what does not agree.
    pub fn verify(&mut self, member: &Member) -> Result<(), ReadError> {
        let Self { sealed, inflate, scratch } = self;
        let file = MemberReader::open(sealed, inflate, scratch, member, 0..member.source_bytes)?;
        let digested = file.digest(scratch)?.finish();
        if digested.crc32 != member.crc32 {
            return Err(ReadError::Crc32);
        }
        if digested.sha256 != member.sha256 {
            return Err(ReadError::Sha256);
        }
        Ok(())
    }
}

/// Where in the archive a member's bytes are kept.
fn kept(member: &Member, archive_bytes: u64) -> Result<Range<u64>, ReadError> {
    let end = member.offset.checked_add(member.stored_bytes).filter(|end| *end <= archive_bytes);
    Ok(member.offset..end.ok_or(ReadError::Outside)?)
}

/// The bytes of an instance, or a range of them, as they came. See [`ArchiveReader::member`].
pub struct MemberReader<'a, S> {
    bytes: Bytes<'a, S>,
    /// Bytes still to be given.
    left: u64,
}

enum Bytes<'a, S> {
    Stored(SealedRange<'a, S>),
    Deflated(Inflating<'a, S>),
}

impl<'a, S: ReadAt> MemberReader<'a, S> {
    fn open(
        sealed: &'a mut SealedReader<S>,
        inflate: &'a mut Decompress,
        scratch: &mut [u8],
        member: &Member,
        Range { start, end }: Range<u64>,
    ) -> Result<Self, ReadError> {
        let source_bytes = member.source_bytes;
        if start > end || end > source_bytes {
            return Err(ReadError::OutOfRange { start, end, source_bytes });
        }
        let kept = kept(member, sealed.plain_len())?;
        let bytes = match member.method {
            Method::Stored if member.stored_bytes != source_bytes => return Err(ReadError::Length),
            Method::Stored => Bytes::Stored(sealed.range(kept.start + start..kept.start + end)?),
            Method::Deflate => {
                let mut before = Self {
                    bytes: Bytes::Deflated(Inflating::start(sealed.range(kept)?, inflate)),
                    left: start,
                };
                while before.take_into(scratch)? > 0 {}
                before.bytes
            }
        };
        Ok(Self { bytes, left: end - start })
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Takes what comes next, at most `buf.len()` bytes; 0 only at the end or for an empty `buf`.
    ///
    /// # Errors
    /// [`ReadError::Inflate`], [`ReadError::Length`] if the member ends early, or [`ReadError::Unseal`].
    pub fn take_into(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        let wanted = buf.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let buf = &mut buf[..wanted];
        let taken = match &mut self.bytes {
            _ if wanted == 0 => 0,
            Bytes::Stored(stored) => stored.take_into(buf)?,
            Bytes::Deflated(inflating) => match inflating.take_into(buf)? {
                0 => return Err(ReadError::Length),
                taken => taken,
            },
        };
        self.left -= taken as u64;
        Ok(taken)
    }

    /// Digests all that is left, and makes sure that nothing comes after it.
    fn digest(mut self, scratch: &mut [u8]) -> Result<Digests, ReadError> {
        let mut digests = Digests::of_file();
        loop {
            match self.take_into(scratch)? {
                0 => break,
                taken => digests.update(&scratch[..taken]),
            }
        }
        let at_end = match &mut self.bytes {
            Bytes::Stored(stored) => stored.left() == 0,
            Bytes::Deflated(inflating) => inflating.take_into(scratch)? == 0 && inflating.stored.left() == 0,
        };
        if at_end { Ok(digests) } else { Err(ReadError::Length) }
    }
}

impl<S: ReadAt> Read for MemberReader<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.take_into(buf)?)
    }
}

/// A deflate stream that is being inflated.
struct Inflating<'a, S> {
    stored: SealedRange<'a, S>,
    state: &'a mut Decompress,
    ended: bool,
}

impl<'a, S: ReadAt> Inflating<'a, S> {
    fn start(stored: SealedRange<'a, S>, state: &'a mut Decompress) -> Self {
        state.reset(false);
        Self { stored, state, ended: false }
    }

    /// Inflates into `buf`, which must not be empty; 0 only when the stream came to its end.
    fn take_into(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        let mut came_out = 0;
        while came_out == 0 && !self.ended {
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self
                .state
                .decompress(self.stored.peek()?, buf, FlushDecompress::None)
                .map_err(|_| ReadError::Inflate)?;
            let went_in = advanced(before_in, self.state.total_in());
            came_out = advanced(before_out, self.state.total_out());
            self.stored.consume(went_in);
            self.ended = status == Status::StreamEnd;
            if went_in == 0 && came_out == 0 && !self.ended {
                return Err(ReadError::Inflate);
            }
        }
        Ok(came_out)
    }
}
