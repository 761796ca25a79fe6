//! Where films are imported from: the paths given to `filmroom import`.
//!
//! A path may be a file, a folder, a ZIP archive or a DICOMDIR. [`visit`] finds every candidate behind
//! it and streams it to a [`Visitor`]; what a candidate is, the visitor finds out. Every file met is
//! accounted for exactly once: found, refused with a reason, or ignored with one. Nothing is written,
//! no link in a folder or archive is followed, and memory stays the same however large a file or an
//! archive is (of a folder the names are held; of an archive, sixteen bytes an entry).

mod fileset;
mod folder;
mod index;
mod name;
mod refusal;
mod sniff;
#[cfg(test)]
mod tests;
mod zip;

pub use index::Damage;
pub use name::Name;
pub use refusal::SourceRefusal;

use folder::{Folder, Place};
use sniff::{Kind, Peeked};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// How much is taken on.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most bytes one file may have, on disk or inflated. 8 GiB.
    pub max_file_bytes: u64,
    /// The most folders inside each other. 1,000.
    pub max_depth: usize,
    /// The most entries of one ZIP archive. 1,000,000.
    pub max_zip_entries: u64,
    /// The most bytes all entries of one ZIP archive may inflate to. 1 TiB.
    pub max_zip_inflated_bytes: u64,
    /// How many times its compressed size an entry may inflate to, and all entries together the size
    /// of the archive. 200: images deflate by 2 to 20, and zeros, of which bombs are made, by 1,030.
    pub max_ratio: u64,
    /// What inflates to no more than this is no bomb whatever its ratio. 64 MiB.
    pub ratio_free_bytes: u64,
    /// The most bytes of a DICOMDIR. 64 MiB, some 200,000 records.
    pub max_index_bytes: u64,
    /// The most references of a DICOMDIR. 1,000,000.
    pub max_references: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: 8 << 30,
            max_depth: 1000,
            max_zip_entries: 1_000_000,
            max_zip_inflated_bytes: 1 << 40,
            max_ratio: 200,
            ratio_free_bytes: 64 << 20,
            max_index_bytes: 64 << 20,
            max_references: 1_000_000,
        }
    }
}

/// A file that may be DICOM.
pub struct Candidate<'a> {
    /// What it is called.
    pub name: Name,
    /// How long it says it is; the stream may turn out shorter.
    pub size: Option<u64>,
    /// Whether it was reached through a DICOMDIR given as path.
    pub from_file_set: bool,
    /// Its bytes. They are whole and sound only once a read has returned `Ok(0)`: a checksum that does not
    /// match, an archive cut short and a limit overrun are errors of the stream, and the visitor refuses
    /// the file then. It need not be read to the end, or at all.
    pub input: &'a mut dyn Read,
}

/// Why a file is left out though nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// A folder's entry in an archive.
    Folder,
    /// Something an operating system keeps beside the files, such as `.DS_Store`; also a whole folder of
    /// that, such as `__MACOSX`.
    Litter,
    /// A DICOMDIR: read as an index, or in an archive not needed.
    Index,
    /// An archive whose entries were taken out of it, and are accounted for one by one.
    Archive,
}

impl std::fmt::Display for Ignored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Folder => "a folder",
            Self::Litter => "left behind by an operating system",
            Self::Index => "a DICOMDIR, an index of other files",
            Self::Archive => "an archive, its entries taken one by one",
        })
    }
}

/// Who is told what was met.
pub trait Visitor {
    /// So many more calls of the three below will come, with so many bytes, for a progress bar. Called again
    /// whenever more comes to light. The files are exact; the bytes are what there seems to be to read.
    fn expect(&mut self, files: u64, bytes: u64);

    /// A candidate.
    fn found(&mut self, candidate: Candidate<'_>);

    /// Something that is not handed over, and why.
    fn refused(&mut self, name: &Name, refusal: SourceRefusal);

    /// Something that is left out, and why.
    fn ignored(&mut self, name: &Name, why: Ignored);
}

/// Finds what is behind the paths, in their order, and tells the visitor of each file once: a file
/// reached by two paths, or by a DICOMDIR and a folder, is told of where it is met first.
///
/// A path given may be a symbolic link. A DICOMDIR given stands for the files it refers to; one met in a
/// folder only serves to report what is missing from its set.
pub fn visit(paths: &[PathBuf], limits: &Limits, visitor: &mut dyn Visitor) {
    let mut visit = Visit { limits, visitor, met: HashSet::new(), walked: HashSet::new() };
    for path in paths {
        visit.path(path);
    }
}

/// How a file came to be met, which decides what a DICOMDIR does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Its path was given.
    Given,
    /// It is in a folder being walked.
    Walked,
    /// A DICOMDIR refers to it.
    Listed,
}

struct Visit<'a> {
    limits: &'a Limits,
    visitor: &'a mut dyn Visitor,
    /// Files met by their own path or through a DICOMDIR.
    met: HashSet<PathBuf>,
    /// Folders walked, whose files need no list.
    walked: HashSet<PathBuf>,
}

impl Visit<'_> {
    fn path(&mut self, path: &Path) {
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(cause) => return self.refuse_unexpected(&Name::file(path), cause.into()),
        };
        if self.has_met(&real) || self.is_covered(&real) {
            return;
        }
        if real.is_dir() {
            folder::walk(self, path, real);
        } else {
            self.given_file(path, real);
        }
    }

    fn given_file(&mut self, path: &Path, real: PathBuf) {
        let name = Name::file(path);
        let (Some(above), Some(file)) = (real.parent(), real.file_name()) else { return };
        // The files of a set are beside the DICOMDIR itself, not beside a link to it.
        let shown = match path.parent() {
            Some(parent) if path.file_name() == Some(file) && !path.is_symlink() => parent,
            _ => above,
        };
        match Folder::open(above) {
            Ok(folder) => {
                let place = Place { folder: &folder, shown: shown.to_owned(), real: above.to_owned() };
                let bytes = folder.look(file).map_or(0, |found| found.bytes);
                self.met.insert(real.clone());
                self.visitor.expect(1, bytes);
                self.meet(&place, file, name, Role::Given);
            }
            Err(cause) => self.refuse_unexpected(&name, cause.into()),
        }
    }

    /// Meets an expected file: opens it, sorts it and accounts for it.
    fn meet(&mut self, place: &Place<'_>, file_name: &OsStr, name: Name, role: Role) {
        let (file, bytes) = match place.folder.open_file(file_name) {
            Ok(opened) => opened,
            Err(refusal) => return self.visitor.refused(&name, refusal),
        };
        let mut stream = Peeked::at(file);
        let limit = self.limits.max_file_bytes;
        match sniff::sort(file_name.as_bytes(), stream.prefix()) {
            Kind::Litter => self.visitor.ignored(&name, Ignored::Litter),
            Kind::Zip => zip::meet(self, &name, &stream.into_inner(), bytes),
            Kind::Packed(format) => self.visitor.refused(&name, SourceRefusal::Packed { format }),
            Kind::Index => fileset::meet(self, place, &name, stream, role),
            Kind::Candidate if bytes > limit => {
                self.visitor.refused(&name, SourceRefusal::TooLarge { limit });
            }
            Kind::Candidate => {
                let mut input = Metered::new(&mut stream, limit, SourceRefusal::TooLarge { limit });
                let from_file_set = role == Role::Listed;
                self.visitor.found(Candidate { name, size: Some(bytes), from_file_set, input: &mut input });
            }
        }
    }

    fn refuse_unexpected(&mut self, name: &Name, refusal: SourceRefusal) {
        self.visitor.expect(1, 0);
        self.visitor.refused(name, refusal);
    }

    /// Whether this very file or folder was met already.
    fn has_met(&self, real: &Path) -> bool {
        self.met.contains(real) || self.walked.contains(real)
    }

    /// Whether it was met in the walk of a folder above it.
    fn is_covered(&self, real: &Path) -> bool {
        real.ancestors().skip(1).filter(|above| self.walked.contains(*above)).any(|above| {
            let way = real.strip_prefix(above).unwrap_or(real);
            way.components().count() <= self.limits.max_depth
                && !way.iter().any(|name| sniff::is_litter_folder(name.as_bytes()))
        })
    }
}

/// A stream that fails once it gives more than its allowance.
struct Metered<R> {
    inner: R,
    allowance: u64,
    used: u64,
    refusal: Option<SourceRefusal>,
}

impl<R: Read> Metered<R> {
    fn new(inner: R, allowance: u64, refusal: SourceRefusal) -> Self {
        Self { inner, allowance, used: 0, refusal: Some(refusal) }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.used <= self.allowance {
            let count = self.inner.read(buf)?;
            self.used = self.used.saturating_add(count as u64);
            if self.used <= self.allowance {
                return Ok(count);
            }
        }
        Err(self.refusal.take().map_or_else(|| io::ErrorKind::InvalidData.into(), io::Error::from))
    }
}
