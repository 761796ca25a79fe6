//! Folders: each is reached from the one the walk began in, a name at a time and never through a
//! symbolic link, so that nothing exchanged under way can lead the walk elsewhere or round in a loop.

use super::{Ignored, Name, Role, SourceRefusal, Visit, sniff};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, openat, statat};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// To go through a folder: a file named in one that may not be listed can still be imported.
const THROUGH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const TO_LIST: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// Opens a folder that a person named, through whatever links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, THROUGH, Mode::empty())?))
    }

    /// Opens a folder beneath this one; `""` is this one again.
    pub(super) fn beneath(&self, way: &Path) -> io::Result<Self> {
        let mut folder = openat(&self.0, ".", THROUGH, Mode::empty())?;
        for name in way {
            folder = openat(&folder, name, THROUGH | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok(Self(folder))
    }

    /// The names in it, in the order of their bytes.
    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::new(openat(&self.0, ".", TO_LIST, Mode::empty())?)? {
            let name = entry?.file_name().to_bytes().to_owned();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        names.sort();
        Ok(names)
    }

    /// What a name in it stands for: a link, not what the link leads to.
    pub(super) fn look(&self, name: &OsStr) -> io::Result<Found> {
        Ok(statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| Found::of(&stat))?)
    }

    /// Opens a file in it for reading, and says how long it is.
    pub(super) fn open_file(&self, name: &OsStr) -> Result<(File, u64), SourceRefusal> {
        // Not to wait for the other end of a pipe that was put where a file had been.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        self.look(name)?.must_be_file()?;
        let file = File::from(openat(&self.0, name, flags, Mode::empty()).map_err(io::Error::from)?);
        let found = Found::of(&rustix::fs::fstat(&file).map_err(io::Error::from)?);
        found.must_be_file()?;
        Ok((file, found.bytes))
    }
}

/// What there is under a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    kind: FileType,
    pub(super) bytes: u64,
}

impl Found {
    fn of(stat: &Stat) -> Self {
        let kind = FileType::from_raw_mode(stat.st_mode);
        let bytes = if kind == FileType::RegularFile { stat.st_size.try_into().unwrap_or(0) } else { 0 };
        Self { kind, bytes }
    }

    /// Refuses all but an ordinary file.
    pub(super) fn must_be_file(self) -> Result<(), SourceRefusal> {
        let kind = match self.kind {
            FileType::RegularFile => return Ok(()),
            FileType::Symlink => return Err(SourceRefusal::Link),
            FileType::Directory => "folder",
            FileType::Fifo => "pipe",
            FileType::Socket => "socket",
            FileType::BlockDevice | FileType::CharacterDevice => "device",
            FileType::Unknown => "thing of unknown kind",
        };
        Err(SourceRefusal::Special { kind })
    }
}

/// An open folder and how to name what is in it.
pub(super) struct Place<'a> {
    pub(super) folder: &'a Folder,
    /// The path shown to people.
    pub(super) shown: PathBuf,
    /// The path without links, by which a file met again is known.
    pub(super) real: PathBuf,
}

impl Place<'_> {
    pub(super) fn name(&self, file: &OsStr) -> Name {
        Name::file(&self.shown.join(file))
    }
}

/// Walks a folder and all beneath it: of each folder first the files, then the folders, both in the
/// order of their names. What is kept meanwhile is a list of the folders still to be walked.
pub(super) fn walk(visit: &mut Visit<'_>, shown: &Path, real: PathBuf) {
    let top = match Folder::open(&real) {
        Ok(folder) => folder,
        Err(cause) => return visit.refuse_unexpected(&Name::file(shown), cause.into()),
    };
    let mut to_walk = vec![PathBuf::new()];
    while let Some(way) = to_walk.pop() {
        let shown = under(shown, &way);
        let outcome = top.beneath(&way).and_then(|folder| {
            walk_one(visit, &Place { folder: &folder, shown: shown.clone(), real: under(&real, &way) })
        });
        match outcome {
            Err(cause) => visit.refuse_unexpected(&Name::file(&shown), cause.into()),
            Ok(folders) if way.components().count() < visit.limits.max_depth => {
                to_walk.extend(folders.into_iter().rev().map(|name| way.join(name)));
            }
            Ok(folders) => {
                let limit = visit.limits.max_depth;
                for name in folders {
                    visit.refuse_unexpected(&Name::file(&shown.join(name)), SourceRefusal::TooDeep { limit });
                }
            }
        }
    }
    visit.walked.insert(real);
}

/// Like `join`, but joining nothing does not end the path in a slash.
fn under(path: &Path, way: &Path) -> PathBuf {
    if way.as_os_str().is_empty() { path.to_owned() } else { path.join(way) }
}

/// Meets the files of one folder and gives back the names of the folders in it.
fn walk_one(visit: &mut Visit<'_>, place: &Place<'_>) -> io::Result<Vec<OsString>> {
    let mut folders = Vec::new();
    let mut others = Vec::new();
    let mut bytes = 0_u64;
    for name in place.folder.names()? {
        let found = place.folder.look(&name);
        let is_folder = found.as_ref().is_ok_and(|found| found.kind == FileType::Directory);
        let is_litter = is_folder && sniff::is_litter_folder(name.as_bytes());
        if visit.has_met(&place.real.join(&name)) {
            continue;
        }
        if is_folder && !is_litter {
            folders.push(name);
        } else {
            bytes = bytes.saturating_add(found.map_or(0, |found| found.bytes));
            others.push((name, is_litter));
        }
    }
    visit.visitor.expect(others.len() as u64, bytes);
    for (name, is_litter) in others {
        if is_litter {
            visit.visitor.ignored(&place.name(&name), Ignored::Litter);
        } else {
            visit.meet(place, &name, place.name(&name), Role::Walked);
        }
    }
    Ok(folders)
}
