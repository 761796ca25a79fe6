//! DICOM file-sets: what a DICOMDIR refers to, looked for in its own folder and nowhere else.

use super::folder::{Folder, Place};
use super::index::{self, Reference};
use super::sniff::{Peeked, plain};
use super::{Ignored, Name, Role, SourceRefusal, Visit};
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Reads a DICOMDIR, and imports or checks what it refers to, as its role asks.
pub(super) fn meet(visit: &mut Visit<'_>, place: &Place<'_>, name: &Name, index: Peeked<File>, role: Role) {
    let references = match read_index(visit, index) {
        Ok(references) => references,
        Err(refusal) => return visit.visitor.refused(name, refusal),
    };
    visit.visitor.ignored(name, Ignored::Index);
    match role {
        Role::Given => import(visit, place, name, &references),
        Role::Walked => check(visit, place, name, &references),
        // What another DICOMDIR refers to is a file of its set; a set does not contain a set.
        Role::Listed => {}
    }
}

fn read_index(visit: &Visit<'_>, index: Peeked<File>) -> Result<Vec<Reference>, SourceRefusal> {
    let limit = visit.limits.max_index_bytes;
    let mut bytes = Vec::new();
    index.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(SourceRefusal::IndexTooLarge { limit });
    }
    index::references(&bytes, visit.limits.max_references)
        .map_err(|cause| SourceRefusal::IndexDamaged { cause })
}

/// Meets every file of the set once, in the order of the DICOMDIR.
fn import(visit: &mut Visit<'_>, place: &Place<'_>, name: &Name, references: &[Reference]) {
    let mut outcomes = Vec::new();
    let mut bytes = 0_u64;
    for (reference, outcome) in locate_all(place.folder, references) {
        if let Ok(located) = &outcome {
            let real = place.real.join(&located.way);
            if visit.is_covered(&real) || !visit.met.insert(real) {
                continue;
            }
            bytes = bytes.saturating_add(located.bytes);
        }
        outcomes.push((reference, outcome));
    }
    visit.visitor.expect(outcomes.len() as u64, bytes);
    for (reference, outcome) in outcomes {
        match outcome {
            Ok(located) => meet_listed(visit, place, &located.way),
            Err(refusal) => visit.visitor.refused(&name.inside(reference.as_bytes()), refusal),
        }
    }
}

fn meet_listed(visit: &mut Visit<'_>, place: &Place<'_>, way: &Path) {
    let shown = place.shown.join(way);
    let (Some(above), Some(file)) = (way.parent(), way.file_name()) else { return };
    match place.folder.beneath(above) {
        Ok(folder) => {
            let inner =
                Place { folder: &folder, shown: place.shown.join(above), real: place.real.join(above) };
            visit.meet(&inner, file, Name::file(&shown), Role::Listed);
        }
        Err(cause) => visit.visitor.refused(&Name::file(&shown), cause.into()),
    }
}

/// Reports what the set lacks. What it has is met by the walk of its folder.
fn check(visit: &mut Visit<'_>, place: &Place<'_>, name: &Name, references: &[Reference]) {
    for (reference, outcome) in locate_all(place.folder, references) {
        if let Err(refusal @ (SourceRefusal::ReferenceMissing | SourceRefusal::ReferenceOutside)) = outcome {
            visit.refuse_unexpected(&name.inside(reference.as_bytes()), refusal);
        }
    }
}

/// Each distinct reference and where its file is.
fn locate_all<'a>(
    folder: &'a Folder,
    references: &'a [Reference],
) -> impl Iterator<Item = (&'a Reference, Result<Located, SourceRefusal>)> {
    let mut set = FileSet { folder, listings: HashMap::new() };
    let mut seen = HashSet::new();
    references
        .iter()
        .filter(move |reference| seen.insert(*reference))
        .map(move |reference| (reference, set.locate(reference)))
}

/// A file of the set.
struct Located {
    /// The way to it from the set's folder, as it is written on disk.
    way: PathBuf,
    bytes: u64,
}

/// The folder of a file-set, with the names in it as discs mean them.
struct FileSet<'a> {
    folder: &'a Folder,
    listings: HashMap<PathBuf, Listing>,
}

/// The names in a folder by their plain form: `im1` for `IM1`, `Im1.` and `IM1.;1`.
type Listing = HashMap<Vec<u8>, Vec<OsString>>;

impl FileSet<'_> {
    fn locate(&mut self, reference: &Reference) -> Result<Located, SourceRefusal> {
        if !reference.components().all(is_plain_component) {
            return Err(SourceRefusal::ReferenceOutside);
        }
        let mut way = PathBuf::new();
        for component in reference.components() {
            let name =
                find(self.listing(&way)?, component).ok_or(SourceRefusal::ReferenceMissing)?.to_owned();
            way.push(name);
        }
        let above = self.folder.beneath(way.parent().unwrap_or(Path::new("")))?;
        let bytes = above.look(way.file_name().unwrap_or_default())?.bytes;
        Ok(Located { way, bytes })
    }

    fn listing(&mut self, way: &Path) -> Result<&Listing, SourceRefusal> {
        if !self.listings.contains_key(way) {
            let listing = self.list(way)?;
            self.listings.insert(way.to_owned(), listing);
        }
        self.listings.get(way).ok_or(SourceRefusal::ReferenceMissing)
    }

    fn list(&self, way: &Path) -> Result<Listing, SourceRefusal> {
        let names = match self.folder.beneath(way).and_then(|folder| folder.names()) {
            Ok(names) => names,
            Err(cause) if cause.kind() == io::ErrorKind::NotADirectory => return Err(self.not_a_folder(way)?),
            Err(cause) => return Err(cause.into()),
        };
        let mut listing = Listing::new();
        for name in names {
            listing.entry(plain(name.as_bytes())).or_default().push(name);
        }
        Ok(listing)
    }

    /// A link in the midst of the way is refused as what it is; a file there does not have what is sought.
    fn not_a_folder(&self, way: &Path) -> Result<SourceRefusal, SourceRefusal> {
        let above = self.folder.beneath(way.parent().unwrap_or(Path::new("")))?;
        above.look(way.file_name().unwrap_or_default())?.must_be_file()?;
        Ok(SourceRefusal::ReferenceMissing)
    }
}

/// A name of its own: no way up, no way elsewhere.
fn is_plain_component(component: &[u8]) -> bool {
    let is_drive = component.len() == 2 && component.ends_with(b":");
    !is_drive
        && component != b"."
        && component != b".."
        && !component.iter().any(|byte| matches!(byte, b'/' | 0))
}

/// The name on disk that a reference means: the very same before one that only a disc would take for it.
fn find<'a>(listing: &'a Listing, component: &[u8]) -> Option<&'a OsStr> {
    let names = listing.get(&plain(component))?;
    let same = names.iter().find(|name| name.as_bytes() == component);
    same.or(names.first()).map(OsString::as_os_str)
}
