//! Saving files of a disc: each is there whole and checked, or not at all.

use super::medium::Source;
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
        let path = self.folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut sink = BufWriter::new(File::create_new(&path)?);
        let saved = disc.copy(file, &mut sink).and_then(|()| Ok(sink.flush()?));
        if saved.is_err() {
            fs::remove_file(&path)?;
        }
        saved
    }

    /// Writes a file of a disc of DICOM files, if all of it can be had. No name is taken for a path that level 1 does
    /// not allow.
    pub(super) fn write(
        &self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<u64, SecureError>,
    ) -> Result<u64, SecureError> {
        if !iso9660::is_path(path) {
            return Err(SecureError::Sink(io::Error::other(format!(
                "the disc has a file whose name is none of ISO 9660 level 1: {path:?}"
            ))));
        }
        let to = self.folder.join(path);
        let created = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create_new(&to));
        let mut sink = BufWriter::new(created.map_err(SecureError::Sink)?);
        let written = fill(&mut sink);
        let written = written.and_then(|bytes| sink.flush().map(|()| bytes).map_err(SecureError::Sink));
        if written.is_err() {
            fs::remove_file(&to).map_err(SecureError::Sink)?;
        }
        written
    }
}
