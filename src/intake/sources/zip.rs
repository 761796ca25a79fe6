//! ZIP archives: surveyed once, then each entry streamed from where it lies; nothing is written to disk.

use super::sniff::{self, Kind, Peeked};
use super::{Candidate, Ignored, Limits, Metered, Name, SourceRefusal, Visit};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use zip::CompressionMethod;
use zip::ZipReadOptions;
use zip::read::{Config, OwnedZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

/// The fixed part of what precedes an entry's data.
const LOCAL_HEADER_BYTES: u64 = 30;

/// Accounts for an archive and for each of its entries.
pub(super) fn meet(visit: &mut Visit<'_>, name: &Name, file: &File, archive_bytes: u64) {
    let opened = ZipIterable::try_new(Window::over(file), Config::default()).map_err(damaged);
    let surveyed = opened.and_then(|mut archive| {
        let survey = survey(&mut archive, visit.limits, archive_bytes)?;
        Ok((archive, survey))
    });
    let (mut archive, survey) = match surveyed {
        Ok(surveyed) => surveyed,
        Err(refusal) => return visit.visitor.refused(name, refusal),
    };
    visit.visitor.ignored(name, Ignored::Archive);
    // The archive's own bytes were announced when it was met.
    visit.visitor.expect(survey.entries, survey.inflated_bytes.saturating_sub(archive_bytes));
    let mut reading = Reading { archive_name: name, inflated: 0 };
    let mut window = Window::over(file);
    match archive.files() {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => reading.entry(visit, &entry.into(), &mut window),
                    Err(cause) => visit.refuse_unexpected(name, damaged(cause)),
                }
            }
        }
        Err(cause) => visit.refuse_unexpected(name, damaged(cause)),
    }
}

fn damaged(cause: ZipError) -> SourceRefusal {
    SourceRefusal::ArchiveDamaged { cause: cause.to_string() }
}

/// What an archive says of itself. Its entries cannot inflate to more than they claim.
struct Survey {
    entries: u64,
    inflated_bytes: u64,
}

/// Reads the whole directory of an archive and refuses one that is damaged, too large or a bomb.
fn survey(
    archive: &mut ZipIterable<Window<'_>>,
    limits: &Limits,
    archive_bytes: u64,
) -> Result<Survey, SourceRefusal> {
    let entries = archive.len() as u64;
    if entries > limits.max_zip_entries {
        return Err(SourceRefusal::TooManyEntries { entries, limit: limits.max_zip_entries });
    }
    let mut inflated_bytes = 0_u64;
    let mut extents = Vec::new();
    for entry in archive.files().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let end =
            entry.header_start().saturating_add(LOCAL_HEADER_BYTES).saturating_add(entry.compressed_size());
        extents.push((entry.header_start(), end));
        // A bomb among the entries is refused by itself and does not spoil the others.
        if refusal_by_size(entry.size(), entry.compressed_size(), limits).is_none() {
            inflated_bytes = inflated_bytes.saturating_add(entry.size());
        }
    }
    extents.sort_unstable();
    if extents.windows(2).any(|pair| matches!(pair, [before, after] if after.0 < before.1)) {
        return Err(SourceRefusal::Overlapping);
    }
    if inflated_bytes > allowance(archive_bytes, limits) {
        return Err(SourceRefusal::Bomb { ratio: limits.max_ratio });
    }
    if inflated_bytes > limits.max_zip_inflated_bytes {
        return Err(SourceRefusal::InflatesBeyond { limit: limits.max_zip_inflated_bytes });
    }
    Ok(Survey { entries, inflated_bytes })
}

/// What so many compressed bytes may inflate to.
fn allowance(compressed_bytes: u64, limits: &Limits) -> u64 {
    compressed_bytes.saturating_mul(limits.max_ratio).max(limits.ratio_free_bytes)
}

fn refusal_by_size(bytes: u64, compressed_bytes: u64, limits: &Limits) -> Option<SourceRefusal> {
    if bytes > limits.max_file_bytes {
        Some(SourceRefusal::TooLarge { limit: limits.max_file_bytes })
    } else if bytes > allowance(compressed_bytes, limits) {
        Some(SourceRefusal::Bomb { ratio: limits.max_ratio })
    } else {
        None
    }
}

/// An archive whose entries are being read.
struct Reading<'a> {
    archive_name: &'a Name,
    /// What its entries have inflated to so far.
    inflated: u64,
}

impl Reading<'_> {
    fn entry(&mut self, visit: &mut Visit<'_>, entry: &OwnedZipFileEntry, window: &mut Window<'_>) {
        let name = self.name_of(entry);
        if entry.is_dir() && entry.size() == 0 {
            return visit.visitor.ignored(&name, Ignored::Folder);
        }
        if folders_of(entry).any(sniff::is_litter_folder) {
            return visit.visitor.ignored(&name, Ignored::Litter);
        }
        if let Some(refusal) = refusal(entry, visit.limits) {
            return visit.visitor.refused(&name, refusal);
        }
        match entry.as_ref().with_reader(window, ZipReadOptions::new()) {
            Ok(data) => self.stream(visit, entry, name, Inflating(data)),
            Err(cause) => {
                visit.visitor.refused(&name, SourceRefusal::EntryDamaged { cause: cause.to_string() });
            }
        }
    }

    fn stream(&mut self, visit: &mut Visit<'_>, entry: &OwnedZipFileEntry, name: Name, data: impl Read) {
        let mut stream = Peeked::at(data);
        let refusal = match sniff::sort(file_name_of(entry), stream.prefix()) {
            Kind::Litter => return visit.visitor.ignored(&name, Ignored::Litter),
            Kind::Index => return visit.visitor.ignored(&name, Ignored::Index),
            Kind::Zip => SourceRefusal::Packed { format: "a ZIP archive inside an archive" },
            Kind::Packed(format) => SourceRefusal::Packed { format },
            Kind::Candidate => {
                let mut input = self.metered(&mut stream, entry, visit.limits);
                let size = Some(entry.size());
                visit.visitor.found(Candidate { name, size, from_file_set: false, input: &mut input });
                self.inflated = self.inflated.saturating_add(input.used);
                return;
            }
        };
        visit.visitor.refused(&name, refusal);
    }

    /// Counts what really comes out, whatever the archive claims.
    fn metered<R: Read>(&self, stream: R, entry: &OwnedZipFileEntry, limits: &Limits) -> Metered<R> {
        let of_entry = allowance(entry.compressed_size(), limits).min(limits.max_file_bytes);
        let of_archive = limits.max_zip_inflated_bytes.saturating_sub(self.inflated);
        if of_archive < of_entry {
            let limit = limits.max_zip_inflated_bytes;
            Metered::new(stream, of_archive, SourceRefusal::InflatesBeyond { limit })
        } else {
            Metered::new(stream, of_entry, SourceRefusal::Bomb { ratio: limits.max_ratio })
        }
    }

    fn name_of(&self, entry: &OwnedZipFileEntry) -> Name {
        match entry.name() {
            Ok(text) => self.archive_name.inside_read_as(entry.name_raw(), &text),
            Err(_) => self.archive_name.inside(entry.name_raw()),
        }
    }
}

/// Why an entry is refused before a byte of it is read.
fn refusal(entry: &OwnedZipFileEntry, limits: &Limits) -> Option<SourceRefusal> {
    let file_type = entry.unix_mode().unwrap_or(0) & 0o170_000;
    let method = entry.compression();
    if leads_out(entry.name_raw()) {
        Some(SourceRefusal::NameLeadsOut)
    } else if file_type == 0o120_000 {
        Some(SourceRefusal::LinkInArchive)
    } else if matches!(file_type, 0o010_000 | 0o020_000 | 0o060_000 | 0o140_000) {
        Some(SourceRefusal::Special { kind: "pipe, socket or device" })
    } else if entry.encrypted() {
        Some(SourceRefusal::Encrypted)
    } else if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
        Some(SourceRefusal::Method { method: method.to_string() })
    } else {
        refusal_by_size(entry.size(), entry.compressed_size(), limits)
    }
}

/// Whether unpacking under this name could end elsewhere. The name is never used as a path here, but
/// whoever made it meant harm or made a mistake, and what is under it is better not taken in unseen.
fn leads_out(name: &[u8]) -> bool {
    let has_drive = matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic());
    let is_absolute = matches!(name, [b'/' | b'\\', ..]);
    has_drive || is_absolute || components(name).any(|component| component == b"..")
}

fn components(name: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    name.split(|byte| matches!(byte, b'/' | b'\\'))
}

fn folders_of(entry: &OwnedZipFileEntry) -> impl Iterator<Item = &[u8]> {
    components(entry.name_raw()).rev().skip(1)
}

fn file_name_of(entry: &OwnedZipFileEntry) -> &[u8] {
    components(entry.name_raw()).next_back().unwrap_or_default()
}

/// The bytes of an entry; what goes wrong is said in this module's words.
struct Inflating<R>(R);

impl<R: Read> Read for Inflating<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf).map_err(|cause| {
            io::Error::new(cause.kind(), SourceRefusal::EntryDamaged { cause: cause.to_string() })
        })
    }
}

/// A file read from a place of its own: two windows over one file do not disturb each other, and
/// moving about within what was read last costs nothing.
struct Window<'a> {
    file: &'a File,
    at: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl<'a> Window<'a> {
    const BYTES: usize = 64 << 10;

    fn over(file: &'a File) -> Self {
        Self { file, at: 0, buffer: Vec::new(), buffer_at: 0 }
    }

    fn buffered(&self) -> &[u8] {
        let skipped = self.at.checked_sub(self.buffer_at).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.buffer.get(skipped..)).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.resize(Self::BYTES, 0);
        let outcome = self.file.read_at(&mut self.buffer, self.at);
        self.buffer.truncate(*outcome.as_ref().unwrap_or(&0));
        self.buffer_at = self.at;
        outcome.map(drop)
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.buffered().is_empty() {
            self.fill()?;
        }
        let count = self.buffered().read(buf)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
