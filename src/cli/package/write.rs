//! A file that is there whole or not at all.

use anyhow::{Context, ensure};
use indicatif::ProgressBar;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Bytes produced and written at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Writes all of `source` to a new file. A pipe or a device is written to as it is.
///
/// # Errors
/// If there is such a file already, or either side fails; no file is left behind then.
pub(super) fn write_whole(source: &mut dyn Read, out: &Path, bar: &ProgressBar) -> anyhow::Result<()> {
    if fs::metadata(out).is_ok_and(|meta| !meta.is_file()) {
        let mut sink = OpenOptions::new().write(true).open(out)?;
        return copy(source, &mut sink, bar);
    }
    ensure!(!out.exists(), "{} exists already and is not overwritten", out.display());
    let mut unfinished = out.as_os_str().to_owned();
    unfinished.push(format!(".unfinished-{}", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    let written = write_to(source, &unfinished, bar).and_then(|()| {
        fs::rename(&unfinished, out)?;
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
        Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
    });
    if written.is_err() {
        drop(fs::remove_file(&unfinished));
    }
    written.with_context(|| format!("{} cannot be written", out.display()))
}

fn write_to(source: &mut dyn Read, path: &Path, bar: &ProgressBar) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    copy(source, &mut file, bar)?;
    Ok(file.sync_all()?)
}

fn copy(source: &mut dyn Read, sink: &mut dyn Write, bar: &ProgressBar) -> anyhow::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match source.read(&mut piece)? {
            0 => return Ok(()),
            read => {
                sink.write_all(&piece[..read])?;
                bar.inc(read as u64);
            }
        }
    }
}
