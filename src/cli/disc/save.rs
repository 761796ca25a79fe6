//! Saving files of a disc: each is there whole and checked, or not at all.

use super::medium::Source;
use crate::cli::print;
use anyhow::{Context, ensure};
use imaging::disc::{FileEntry, FileError, OpenDisc};
use imaging::iso9660;
use imaging::secure_media::SecureError;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A folder that files are saved to.
pub(super) struct Saving {
    folder: PathBuf,
}

impl Saving {
    /// Makes the folder; one that is there already must be empty.
    pub(super) fn begin(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let empty = fs::read_dir(folder)?.next().is_none();
        ensure!(empty, "{} is not empty: name a folder that is, or that is not there yet", folder.display());
        Ok(Self { folder: folder.to_owned() })
    }

    /// Saves one file. Its path is safe: the index was checked when the disc was opened.
    pub(super) fn save(&self, disc: &mut OpenDisc<Source>, file: &FileEntry) -> Result<(), FileError> {
        self.fill(&file.path, |sink| disc.copy(file, sink))
    }

    /// Writes a file of a disc of DICOM files, if all of it can be had. No name is taken for a path that level 1 does
    /// not allow.
    pub(super) fn write(
        &self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<u64, SecureError>,
    ) -> Result<u64, SecureError> {
        if !iso9660::is_path(path) {
            return Err(SecureError::Read(io::Error::other("its name is none of ISO 9660 level 1")));
        }
        self.fill(path, |sink| fill(sink).map_err(Filling)).map_err(|Filling(error)| error)
    }

    /// A file under this path, if all of it can be had.
    fn fill<T, E: From<io::Error>>(
        &self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        let path = self.folder.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut sink = BufWriter::new(File::create_new(&path)?);
        let filled = fill(&mut sink).and_then(|filled| {
            sink.flush()?;
            Ok(filled)
        });
        if filled.is_err() {
            print::unwrite(&path);
        }
        filled
    }
}

/// What goes wrong while a file of a disc of DICOM files is filled.
struct Filling(SecureError);

impl From<io::Error> for Filling {
    fn from(error: io::Error) -> Self {
        Self(SecureError::Sink(error))
    }
}
