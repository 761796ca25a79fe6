//! Takes a file, finds out what it is from its first bytes, and walks the rest as it is read.

use super::evidence;
use super::identity::{self, Gaps};
use super::meta::{
    MAGIC, MEDIA_DIRECTORY, Meta, MetaHeader, MetaRead, PREAMBLE_BYTES, is_part_10, meta_header,
};
use super::refusal::{Lookalike, Refusal};
use crate::index::{
    DEFLATED, Header, Identity, Limits, Note, Notes, PixelData, WalkError, Walked, Walker, is_deflated,
};
use dicom::encoding::TransferSyntaxIndex;
use dicom::transfer_syntax::TransferSyntaxRegistry;
use std::io::{ErrorKind, Read};

/// How much of a file is looked at, and held in memory, to find out what it is. If UIDs have to be
/// assigned, it is that much of the data set, and what stands in front of it.
pub const PROBE_BYTES: usize = 1 << 20;
const STEP_BYTES: usize = 16 * 1024;

/// What a file is, known before any of it is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// The data set's UIDs, and in place of those it has not the ones [`FileReader`] gives it.
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
///
/// # Identity
///
/// What came over the network has to say itself which instance it is; a file need not say all of it:
///
/// - **SOP Class UID**: the data set's, else the header's ([`Note::ClassFromMeta`]), else the file is
///   refused.
/// - **SOP Instance UID**: the data set's. If the data set has neither SOP Class nor SOP Instance
///   UID, both are the header's ([`Note::IdentityFromMeta`]). If it has a SOP Class UID alone and the
///   header names no instance either, there is no identity that could have been lost, and one is
///   assigned; with a Study or Series Instance UID, or an instance in the header, half an identity is
///   left, which is damage, and the file is refused.
/// - **Study and Series Instance UID**: the data set's. If it has neither element, both are assigned
///   ([`Note::IdentityAssigned`]): the instance is in a study of its own. One without the other, or
///   an empty element, is refused.
///
/// An assigned UID is `2.25.` and, in decimal, the first 128 bits of the SHA-256 of a label (`study`,
/// `series`, `instance`) and the first [`PROBE_BYTES`] of the data set as it is stored, or all of a
/// shorter one. The same file therefore has the same identity whenever and however it is read, and
/// so has the file that was kept of it, with a header of ours that names the assigned instance. The
/// data set itself is never changed. Should an element that was taken to be missing come after all,
/// out of order, the file is refused ([`Refusal::TooFarIn`]).
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
    /// What of the identity did not come from the data set.
    gaps: Gaps,
}

impl<R> std::fmt::Debug for FileReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileReader({:?}, {:?})", self.info, self.walker)
    }
}

impl<R: Read> FileReader<R> {
    /// Reads as little as shows what the file is, within the bounds of [`PROBE_BYTES`].
    ///
    /// # Errors
    /// Why it is not taken: it is no DICOM file, a DICOMDIR, has no usable identity, or is damaged
    /// already here.
    pub fn open(input: R, limits: Limits) -> Result<Self, Refusal> {
        let mut probe = Probe { input, bytes: Vec::new(), ended: false };
        let start = probe.start()?;
        let mut probed = probe.walk(&start, limits)?;
        let identity = probe.identity(&start, &mut probed.walker)?;
        Ok(probed.into_reader(probe, start, identity))
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
        if Gaps::of(self.walker.header()) != self.gaps {
            return Err(Refusal::TooFarIn { limit: PROBE_BYTES });
        }
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
    /// The encoding was told by evidence before any pixel data were seen.
    pixels_unseen: bool,
}

impl<R: Read> Probe<R> {
    /// Reads one step further.
    fn more(&mut self) -> Result<(), Refusal> {
        let had = self.bytes.len();
        if had >= PROBE_BYTES {
            return Err(Refusal::TooFarIn { limit: PROBE_BYTES });
        }
        self.fill(had + STEP_BYTES)
    }

    /// Reads on until there are so many bytes, or the file ends.
    fn fill(&mut self, bytes: usize) -> Result<(), Refusal> {
        let mut filled = self.bytes.len();
        self.bytes.resize(bytes.max(filled), 0);
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
        let as_part_10 = is_part_10(&self.bytes);
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
            let pixels_unseen = by_evidence && !pixels_seen;
            return Ok(Probed { walker, transfer_syntax_uid: syntax.to_owned(), pixels_unseen });
        }
    }

    /// Which instance it is.
    fn identity(&mut self, start: &Start, walker: &mut Walker) -> Result<Identity, Refusal> {
        let gaps = Gaps::of(walker.header());
        if gaps.any() {
            let fed = self.bytes.len();
            self.fill(start.data_at + PROBE_BYTES)?;
            walker.feed(&self.bytes[fed..])?;
        }
        if Gaps::of(walker.header()) != gaps {
            return Err(Refusal::TooFarIn { limit: PROBE_BYTES });
        }
        let data = &self.bytes[start.data_at..];
        let identity = identity::of(walker.header(), &start.meta, &data[..data.len().min(PROBE_BYTES)]);
        // If the file is cut, that is why its identity is not there.
        if identity.is_err() && self.ended {
            walker.end()?;
        }
        Ok(identity?)
    }
}

impl Probed {
    fn into_reader<R>(self, probe: Probe<R>, start: Start, identity: Identity) -> FileReader<R> {
        let gaps = Gaps::of(self.walker.header());
        let notes = self.noted(&start, &identity, gaps);
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
        FileReader {
            input: probe.input,
            info,
            ready,
            given: 0,
            walker: self.walker,
            notes,
            pixels_unseen: self.pixels_unseen,
            gaps,
        }
    }

    /// Compares the header with what the data set shows.
    fn noted(&self, start: &Start, identity: &Identity, gaps: Gaps) -> Notes {
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
        if gaps.sop_common {
            notes.add(Note::IdentityFromMeta);
        } else if self.walker.header().text(dicom::dictionary_std::tags::SOP_CLASS_UID).is_none() {
            notes.add(Note::ClassFromMeta);
        }
        if gaps.study_and_series {
            notes.add(Note::IdentityAssigned);
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
