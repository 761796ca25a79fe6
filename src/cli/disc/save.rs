//! Saving files of a disc: each is there whole and checked, or not at all.

use super::medium::Source;
use anyhow::{Context, ensure};
use imaging::disc::{FileEntry, FileError, Listing, OpenDisc};
use imaging::iso9660;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
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

    /// Copies a file of a plain disc. No name is taken for a path that level 1 does not allow.
    pub(super) fn copy(&self, disc: &Source, path: &str) -> anyhow::Result<u64> {
        ensure!(
            iso9660::is_path(path),
            "the disc has a file whose name is none of ISO 9660 level 1: {path:?}"
        );
        let to = self.folder.join(path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut sink = BufWriter::new(File::create_new(&to)?);
        let copied = disc.copy(path, &mut sink).and_then(|bytes| sink.flush().map(|()| bytes));
        if copied.is_err() {
            fs::remove_file(&to)?;
        }
        copied.with_context(|| format!("{path} cannot be copied"))
    }
}
