//! Takes a file, finds out what it is from its first bytes, and walks the rest as it is read.

use super::evidence;
use super::meta::{MAGIC, MEDIA_DIRECTORY, Meta, MetaHeader, MetaRead, PREAMBLE_BYTES, meta_header};
use super::refusal::{Lookalike, Refusal};
use crate::index::{
    DEFLATED, Header, Identity, Limits, Note, Notes, PixelData, WalkError, Walked, Walker, is_deflated,
};
use dicom::encoding::TransferSyntaxIndex;
use dicom::transfer_syntax::TransferSyntaxRegistry;
use std::io::{ErrorKind, Read};

/// How much of a file is looked at, and held in memory, to find out what it is.
pub const PROBE_BYTES: usize = 1 << 20;
const STEP_BYTES: usize = 16 * 1024;

/// What a file is, known before any of it is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// The data set's UIDs.
    pub identity: Identity,
    /// The transfer syntax its header gives, as it will be kept.
    pub transfer_syntax_uid: String,
    /// Bytes in front of the data set, as it will be kept.
    pub header_bytes: u32,
    /// Whether those bytes are ours in place of what the file came with.
    pub header_is_ours: bool,
}

/// Reads a file someone handed in: yields the Part 10 bytes to keep, and walks them on the way.
/// It serves as well to walk a kept file again: [`FileReader::finish`] reads what is left.
pub struct FileReader<R> {
    input: R,
    info: FileInfo,
    /// Bytes read ahead that were not handed on yet.
    ready: Vec<u8>,
    given: usize,
    walker: Walker,
    notes: Notes,
    /// The encoding was told by evidence before any pixel data were seen.
    pixels_unseen: bool,
}

impl<R> std::fmt::Debug for FileReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileReader({:?}, {:?})", self.info, self.walker)
    }
}

impl<R: Read> FileReader<R> {
    /// Reads as little as shows what the file is, at most [`PROBE_BYTES`].
    ///
    /// # Errors
    /// Why it is not taken: it is no DICOM file, a DICOMDIR, has no usable identity, or is damaged
    /// already here.
    pub fn open(input: R, limits: Limits) -> Result<Self, Refusal> {
        let mut probe = Probe { input, bytes: Vec::new(), ended: false };
        let start = probe.start()?;
        let probed = probe.walk(&start, limits)?;
        probed.into_reader(probe, start)
    }

    /// What the file is.
    #[must_use]
    pub fn info(&self) -> &FileInfo {
        &self.info
    }

    /// What was read of the data set so far.
    #[must_use]
    pub fn header(&self) -> &Header {
        self.walker.header()
    }

    /// What was odd about the file so far; all of it comes with [`FileReader::finish`].
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.notes.clone();
        self.walker.notes().iter().for_each(|note| notes.add(*note));
        notes.into_vec()
    }

    /// Fills `buf`, which must not be empty, with the next bytes to keep. `Ok(0)` comes only after
    /// the last byte of a file that was walked to its end and is whole.
    ///
    /// # Errors
    /// Why the file is not to be kept after all; what was handed on before is then to be dropped.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize, Refusal> {
        if self.given < self.ready.len() {
            return Ok(self.hand_on(buf));
        }
        let count = read_some(&mut self.input, buf)?;
        if count > 0 {
            self.walker.feed(&buf[..count])?;
            return Ok(count);
        }
        self.walker.end()?;
        let compressed = matches!(self.walker.pixel_data(), PixelData::Encapsulated { .. });
        if self.pixels_unseen && compressed { Err(Refusal::UnknownEncoding) } else { Ok(0) }
    }

    fn hand_on(&mut self, buf: &mut [u8]) -> usize {
        let left = &self.ready[self.given..];
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        self.given += count;
        if self.given == self.ready.len() {
            self.ready = Vec::new();
            self.given = 0;
        }
        count
    }

    /// Reads what is left, and gives what the whole walk found, with every note on file and data set.
    ///
    /// # Errors
    /// As [`FileReader::read`].
    pub fn finish(mut self) -> Result<Walked, Refusal> {
        let mut scratch = vec![0; STEP_BYTES];
        while self.read(&mut scratch)? > 0 {}
        let walked = self.walker.finish()?;
        let mut notes = self.notes;
        walked.notes.iter().for_each(|note| notes.add(*note));
        Ok(Walked { notes: notes.into_vec(), ..walked })
    }
}

fn read_some(input: &mut impl Read, buf: &mut [u8]) -> Result<usize, Refusal> {
    loop {
        match input.read(buf) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return Ok(other?),
        }
    }
}

/// The beginning of a file.
struct Probe<R> {
    input: R,
    bytes: Vec<u8>,
    ended: bool,
}

/// Where things stand in the file, and what its header says.
struct Start {
    meta: Meta,
    data_at: usize,
    /// There are a preamble and `DICM` in front.
    as_part_10: bool,
    notes: Notes,
}

/// What the first bytes of the data set showed.
struct Probed {
    walker: Walker,
    transfer_syntax_uid: String,
    by_evidence: bool,
}

impl<R: Read> Probe<R> {
    /// Reads one step further.
    fn more(&mut self) -> Result<(), Refusal> {
        let had = self.bytes.len();
        if had >= PROBE_BYTES {
            return Err(Refusal::TooFarIn { limit: PROBE_BYTES });
        }
        self.bytes.resize(had + STEP_BYTES, 0);
        let mut filled = had;
        while filled < self.bytes.len() && !self.ended {
            let count = read_some(&mut self.input, &mut self.bytes[filled..])?;
            self.ended = count == 0;
            filled += count;
        }
        self.bytes.truncate(filled);
        Ok(())
    }

    fn start(&mut self) -> Result<Start, Refusal> {
        self.more()?;
        if self.bytes.is_empty() {
            return Err(Refusal::Empty);
        }
        let as_part_10 = self.bytes.get(PREAMBLE_BYTES..).is_some_and(|rest| rest.starts_with(MAGIC));
        let meta_at = match (as_part_10, self.bytes.starts_with(MAGIC)) {
            (true, _) => PREAMBLE_BYTES + MAGIC.len(),
            (false, true) => MAGIC.len(),
            (false, false) => 0,
        };
        let meta = self.meta(meta_at)?;
        let start = Start { data_at: meta_at + meta.bytes, notes: meta.faults.clone(), meta, as_part_10 };
        self.refuse_what_is_no_instance(&start, meta_at)?;
        Ok(self.noted(start))
    }

    fn meta(&mut self, at: usize) -> Result<Meta, Refusal> {
        loop {
            match Meta::read(&self.bytes[at..], self.ended) {
                MetaRead::Whole(meta) => return Ok(meta),
                MetaRead::NeedsMore if self.ended && at == 0 => {
                    return Err(Lookalike::of(&self.bytes).refusal());
                }
                MetaRead::NeedsMore if self.ended => return Err(Refusal::MetaTruncated),
                MetaRead::NeedsMore => self.more()?,
            }
        }
    }

    fn refuse_what_is_no_instance(&self, start: &Start, meta_at: usize) -> Result<(), Refusal> {
        let data = &self.bytes[start.data_at..];
        let bare = meta_at == 0 && start.meta.bytes == 0;
        if bare && evidence::first_guess(data).is_none() {
            return Err(Lookalike::of(&self.bytes).refusal());
        }
        if start.meta.sop_class_uid.as_deref() == Some(MEDIA_DIRECTORY)
            || evidence::begins_like_directory(data)
        {
            return Err(Refusal::MediaDirectory);
        }
        Ok(())
    }

    fn noted(&self, mut start: Start) -> Start {
        if !start.as_part_10 {
            start.notes.add(Note::NoPreamble);
        }
        if start.as_part_10 && Lookalike::of(&self.bytes) == Lookalike::Executable {
            start.notes.add(Note::ExecutablePreamble);
        }
        start
    }

    /// Walks the data set as far as it takes to know its identity, and its encoding where the
    /// header does not give it or gives a wrong one.
    fn walk(&mut self, start: &Start, limits: Limits) -> Result<Probed, Refusal> {
        let mut fed = start.data_at;
        if fed == self.bytes.len() && !self.ended {
            self.more()?;
        }
        let data = &self.bytes[fed..];
        if data.is_empty() {
            return Err(WalkError::Empty.into());
        }
        let declared = start.meta.transfer_syntax_uid.as_deref();
        let first = declared.or_else(|| evidence::first_guess(data)).ok_or(Refusal::UnknownEncoding)?;
        let mut walker = Walker::with_limits(first, limits);
        loop {
            walker.feed(&self.bytes[fed..])?;
            fed = self.bytes.len();
            let differs = walker.notes().contains(&Note::EncodingDiffers) && !is_deflated(first);
            let by_evidence = differs || (declared.is_none() && first != DEFLATED);
            let shown = evidence::syntax(walker.header().encoding(), walker.pixel_data());
            let full = self.ended || self.bytes.len() >= PROBE_BYTES;
            let pixels_seen = *walker.pixel_data() != PixelData::Absent;
            let known = !by_evidence || (pixels_seen && shown.is_some());
            if !(full || (known && walker.header_complete())) {
                self.more()?;
                continue;
            }
            if !self.ended && !walker.header_complete() {
                return Err(Refusal::TooFarIn { limit: PROBE_BYTES });
            }
            let syntax = if by_evidence { shown.ok_or(Refusal::UnknownEncoding)? } else { first };
            return Ok(Probed { walker, transfer_syntax_uid: syntax.to_owned(), by_evidence });
        }
    }
}

impl Probed {
    fn into_reader<R>(self, probe: Probe<R>, start: Start) -> Result<FileReader<R>, Refusal> {
        let identity = match self.walker.header().identity_with_class(start.meta.sop_class_uid.as_deref()) {
            Ok(identity) => identity,
            // If the file is cut, that is why its identity is not there.
            Err(error) => {
                if probe.ended {
                    self.walker.finish()?;
                }
                return Err(error.into());
            }
        };
        let notes = self.noted(&start, &identity);
        let header_is_ours =
            start.needs_new_header() || notes.as_slice().contains(&Note::TransferSyntaxCorrected);
        let (ready, header_bytes, notes) = if header_is_ours {
            let mut ready = meta_header(&MetaHeader {
                sop_class_uid: &identity.sop_class_uid,
                sop_instance_uid: &identity.sop_instance_uid,
                transfer_syntax_uid: &self.transfer_syntax_uid,
                source_ae_title: None,
            });
            let header_bytes = ready.len();
            ready.extend_from_slice(&probe.bytes[start.data_at..]);
            let mut notes = notes;
            notes.add(Note::HeaderRebuilt);
            (ready, header_bytes, notes)
        } else {
            (probe.bytes, start.data_at, notes)
        };
        let info = FileInfo {
            identity,
            transfer_syntax_uid: self.transfer_syntax_uid,
            header_bytes: u32::try_from(header_bytes).unwrap_or(u32::MAX),
            header_is_ours,
        };
        let pixels_unseen = self.by_evidence && *self.walker.pixel_data() == PixelData::Absent;
        Ok(FileReader {
            input: probe.input,
            info,
            ready,
            given: 0,
            walker: self.walker,
            notes,
            pixels_unseen,
        })
    }

    /// Compares the header with what the data set shows.
    fn noted(&self, start: &Start, identity: &Identity) -> Notes {
        let meta = &start.meta;
        let mut notes = start.notes.clone();
        if meta.transfer_syntax_uid.as_ref().is_some_and(|declared| *declared != self.transfer_syntax_uid) {
            notes.add(Note::TransferSyntaxCorrected);
        }
        if TransferSyntaxRegistry.get(&self.transfer_syntax_uid).is_none() {
            notes.add(Note::UnknownTransferSyntax);
        }
        if meta.sop_instance_uid.as_ref().is_some_and(|uid| *uid != identity.sop_instance_uid) {
            notes.add(Note::MetaInstanceDiffers);
        }
        if meta.sop_class_uid.as_ref().is_some_and(|uid| *uid != identity.sop_class_uid) {
            notes.add(Note::MetaClassDiffers);
        }
        if self.walker.header().text(dicom::dictionary_std::tags::SOP_CLASS_UID).is_none() {
            notes.add(Note::ClassFromMeta);
        }
        notes
    }
}

impl Start {
    /// Whether what stands in front of the data set would mislead other readers.
    fn needs_new_header(&self) -> bool {
        let misleading = [
            Note::NoMetaHeader,
            Note::MetaEncoding,
            Note::MetaLengthMissing,
            Note::MetaLengthWrong,
            Note::NoTransferSyntax,
        ];
        !self.as_part_10
            || misleading.iter().any(|note| self.notes.as_slice().contains(note))
            || self.meta.sop_class_uid.is_none()
            || self.meta.sop_instance_uid.is_none()
    }
}
