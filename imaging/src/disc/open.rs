//! Opening a disc with its code: the list, then any file of it.

use super::head::{Head, Header, WrongCode, code_key};
use super::index::{BadIndex, FileEntry, Index};
use super::part::{self, HEAD_FILE_BYTES, PartFault, PartName, SLACK_BYTES, Stream};
use super::sealed::parts_of;
use super::segment::Segments;
use crate::archive::Method;
use crate::opening_code::OpeningCode;
use crate::seal::{DataKey, TAG_BYTES};
use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// Where the parts of a disc are read from: an image, a drive, a folder.
pub trait Medium {
    /// The file of this path (`DATA/B0000000.JS`), at most its first `limit` bytes.
    ///
    /// # Errors
    /// If there is none, or it cannot be read: to the reader that is the same.
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>>;
}

/// A disc whose files can be told.
pub trait Listing: Medium {
    /// The paths of all files, with `/` between components.
    ///
    /// # Errors
    /// If they cannot be read.
    fn paths(&self) -> io::Result<Vec<String>>;

    /// Reads a file from its beginning.
    ///
    /// # Errors
    /// `NotFound` if there is none; else if it cannot be opened.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>>;

    /// Copies a file, in constant memory, and says how many bytes it had.
    ///
    /// # Errors
    /// [`CopyError`] says which side failed.
    fn copy(&self, path: &str, sink: &mut dyn Write) -> Result<u64, CopyError> {
        let (mut source, mut copied) = (self.open(path).map_err(CopyError::Read)?, 0);
        let mut piece = vec![0; COPY_BYTES];
        loop {
            let count = source.read(&mut piece).map_err(CopyError::Read)?;
            if count == 0 {
                return Ok(copied);
            }
            sink.write_all(&piece[..count]).map_err(CopyError::Sink)?;
            copied += count as u64;
        }
    }
}

const COPY_BYTES: usize = 1 << 16;

/// A file could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It is not there, or cannot be read to its end.
    #[error("the file cannot be read to its end")]
    Read(#[source] io::Error),
    /// What it is written to failed.
    #[error("it could not be written")]
    Sink(#[source] io::Error),
}

/// A part that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPart {
    /// Which part.
    pub name: PartName,
    /// How many parts its stream has.
    pub of: u32,
    /// What is wrong with it.
    pub fault: PartFault,
}

impl std::error::Error for BadPart {}

impl std::fmt::Display for BadPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self { name, of, fault }, number) = (self, self.name.number + 1);
        match name.stream {
            Stream::Head => write!(f, "the head ({name}.JS) is {fault}"),
            Stream::Index => write!(f, "part {number} of {of} of the index ({name}.JS) is {fault}"),
            Stream::Body => write!(f, "part {number} of {of} ({name}.JS) is {fault}"),
        }
    }
}

/// Why a disc does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A part that is needed to open it is not as it should be.
    #[error("the disc does not open: {0}")]
    Part(#[from] BadPart),
    /// The disc is whole as far as can be seen, and the code is not its own.
    #[error(transparent)]
    WrongCode(#[from] WrongCode),
    /// The index was unsealed, and is none that this program knows.
    #[error(transparent)]
    Index(#[from] BadIndex),
}

/// Why a file of a disc cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A part that it lies in is not as it should be.
    #[error(transparent)]
    Part(#[from] BadPart),
    /// It was unsealed, and is not what the index says it is.
    #[error("it is not what the index says it is")]
    Content,
    /// What it is written to failed.
    #[error("it could not be written: {0}")]
    Sink(#[from] io::Error),
}

/// A disc whose head was read: everything before a code is asked for.
pub struct LockedDisc<M> {
    medium: M,
    head: Head,
}

impl<M: Medium> LockedDisc<M> {
    /// Reads the head of a disc.
    ///
    /// # Errors
    /// [`BadPart`] if it is missing or damaged: then no code opens it.
    pub fn read(medium: M) -> Result<Self, BadPart> {
        let bad = |fault| BadPart { name: PartName::HEAD, of: 1, fault };
        let file =
            medium.file(&PartName::HEAD.path(), HEAD_FILE_BYTES).map_err(|_| bad(PartFault::Missing))?;
        let carried = part::read(&file, None, PartName::HEAD).map_err(bad)?;
        let head = Head::from_bytes(&carried.content).ok_or(bad(PartFault::Damaged))?;
        if carried.disc != head.header.disc {
            return Err(bad(PartFault::Damaged));
        }
        Ok(Self { medium, head })
    }

    /// Opens it. Takes about a quarter of a second.
    ///
    /// # Errors
    /// [`OpenError`] tells a wrong code from a disc that is not whole.
    pub fn open(self, code: &OpeningCode) -> Result<OpenDisc<M>, OpenError> {
        let code_key = code_key(code, &self.head.header.salt, self.head.header.iterations);
        self.open_with(&code_key)
    }

    pub(crate) fn open_with(self, code_key: &DataKey) -> Result<OpenDisc<M>, OpenError> {
        let Self { medium, head } = self;
        let header = head.header.clone();
        let data_key = head.unlock(code_key)?;
        let segments = Segments::of_index(&header, &data_key);
        let mut bytes = Vec::new();
        for number in 0..header.index_parts() {
            bytes.append(&mut segment(&medium, &header, &segments, Stream::Index, number)?);
        }
        if Sha256::digest(&bytes).as_slice() != header.recipe_digest {
            return Err(BadIndex::Form.into());
        }
        let index = Index::from_bytes(&bytes)?;
        if parts_of(index.body_bytes, header.segment_bytes) != Some(header.body_parts) {
            return Err(BadIndex::Places.into());
        }
        let body = Segments::of_body(&header, &data_key);
        Ok(OpenDisc { medium, header, body, index, held: None })
    }
}

/// A disc that was opened. Reads files in constant memory: one part at a time.
pub struct OpenDisc<M> {
    medium: M,
    header: Header,
    body: Segments,
    index: Index,
    held: Option<(u32, Result<Vec<u8>, BadPart>)>,
}

impl<M: Medium> OpenDisc<M> {
    /// What is on it.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// How many parts its body has.
    #[must_use]
    pub fn parts(&self) -> u32 {
        self.header.body_parts
    }

    /// Writes a file to `sink`, checking every part it lies in, its length and its SHA-256. What is wrong
    /// may be found out only at the end: then what was written is to be thrown away.
    ///
    /// # Errors
    /// [`FileError`] says what is wrong.
    pub fn copy(&mut self, file: &FileEntry, sink: &mut dyn Write) -> Result<(), FileError> {
        let mut checked = Checked { sink, digest: Sha256::new(), left: file.source_bytes };
        let mut unpack = Unpack::new(file.method);
        let (mut at, end) = (file.offset, file.offset.saturating_add(file.bytes));
        while at < end {
            let plain = self.plain(at, end)?;
            at += plain.len() as u64;
            unpack.push(plain, &mut checked)?;
        }
        if unpack.is_complete() && checked.left == 0 && checked.digest.finalize().as_slice() == file.sha256 {
            Ok(())
        } else {
            Err(FileError::Content)
        }
    }

    /// The parts that a file lies in and that are not as they should be.
    pub fn bad_parts(&mut self, file: &FileEntry) -> Vec<BadPart> {
        let segment_bytes = u64::from(self.header.segment_bytes);
        let last = file.offset.saturating_add(file.bytes.saturating_sub(1)) / segment_bytes;
        let parts = (file.offset / segment_bytes..=last).filter_map(|number| u32::try_from(number).ok());
        parts.filter_map(|number| self.part(number).err()).collect()
    }

    /// Plain bytes of the body from `at` on: as many before `end` as lie in one part.
    fn plain(&mut self, at: u64, end: u64) -> Result<&[u8], FileError> {
        let segment_bytes = u64::from(self.header.segment_bytes);
        let number = u32::try_from(at / segment_bytes).map_err(|_| FileError::Content)?;
        let part = self.part(number)?;
        let inside = usize::try_from(at % segment_bytes).map_err(|_| FileError::Content)?;
        let found = part.get(inside..).ok_or(FileError::Content)?;
        let wanted = usize::try_from(end - at).unwrap_or(usize::MAX).min(found.len());
        Ok(&found[..wanted])
    }

    fn part(&mut self, number: u32) -> Result<&[u8], BadPart> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != number) {
            let read = segment(&self.medium, &self.header, &self.body, Stream::Body, number);
            self.held = Some((number, read));
        }
        match &self.held {
            Some((_, Ok(plain))) => Ok(plain),
            Some((_, Err(bad))) => Err(*bad),
            None => Ok(&[]),
        }
    }
}

/// Reads and unseals one segment.
fn segment(
    medium: &impl Medium,
    header: &Header,
    segments: &Segments,
    stream: Stream,
    number: u32,
) -> Result<Vec<u8>, BadPart> {
    let name = PartName { stream, number };
    let (plain_bytes, of) = match stream {
        Stream::Index => (header.index_part_bytes(number).unwrap_or(0), header.index_parts()),
        _ => (header.segment_bytes, header.body_parts),
    };
    let bad = |fault| BadPart { name, of, fault };
    let file_bytes = u64::from(plain_bytes) + SLACK_BYTES;
    let file = medium.file(&name.path(), file_bytes).map_err(|_| bad(PartFault::Missing))?;
    let mut sealed = part::read(&file, Some(header.disc), name).map_err(bad)?.content;
    if sealed.len() as u64 != u64::from(plain_bytes) + TAG_BYTES as u64 {
        return Err(bad(PartFault::Damaged));
    }
    segments.open(number, &mut sealed).map_err(|_| bad(PartFault::Damaged))?;
    Ok(sealed)
}

/// A sink that counts and digests, and takes no more than there should be.
struct Checked<'a> {
    sink: &'a mut dyn Write,
    digest: Sha256,
    left: u64,
}

impl Checked<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(FileError::Content)?;
        self.digest.update(bytes);
        Ok(self.sink.write_all(bytes)?)
    }
}

/// Turns a file's bytes as placed into the file.
enum Unpack {
    Stored,
    Inflate { state: Box<Decompress>, scratch: Vec<u8>, ended: bool },
}

impl Unpack {
    fn new(method: Method) -> Self {
        match method {
            Method::Stored => Self::Stored,
            Method::Deflate => Self::Inflate {
                state: Box::new(Decompress::new(false)),
                scratch: vec![0; 256 * 1024],
                ended: false,
            },
        }
    }

    fn push(&mut self, mut bytes: &[u8], to: &mut Checked<'_>) -> Result<(), FileError> {
        let Self::Inflate { state, scratch, ended } = self else { return to.put(bytes) };
        loop {
            let (before_in, before_out) = (state.total_in(), state.total_out());
            let status =
                state.decompress(bytes, scratch, FlushDecompress::None).map_err(|_| FileError::Content)?;
            let taken = usize::try_from(state.total_in() - before_in).map_err(|_| FileError::Content)?;
            let came = usize::try_from(state.total_out() - before_out).map_err(|_| FileError::Content)?;
            to.put(&scratch[..came])?;
            bytes = &bytes[taken..];
            *ended = status == Status::StreamEnd;
            match (*ended, bytes.is_empty()) {
                // Nothing may follow the end of the stream.
                (true, empty) => return if empty { Ok(()) } else { Err(FileError::Content) },
                (false, true) if came < scratch.len() => return Ok(()),
                _ if taken == 0 && came == 0 => return Err(FileError::Content),
                _ => {}
            }
        }
    }

    fn is_complete(&self) -> bool {
        match self {
            Self::Stored => true,
            Self::Inflate { ended, .. } => *ended,
        }
    }
}
