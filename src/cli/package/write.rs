//! A file that is there whole or not at all.

use anyhow::{Context, ensure};
use indicatif::ProgressBar;
use rustix::fs::Advice;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// Bytes produced and written at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Pieces that are made while one is written.
const PIECES_AHEAD: usize = 2;
/// Bytes after which the kernel is told to write, so that little is left for the sync at the end.
const FLUSH_BYTES: u64 = 8 << 20;

/// Writes all of `source` to a new file. A pipe or a device is written to as it is.
///
/// # Errors
/// If there is such a file already, or either side fails; no file is left behind then.
pub(super) fn write_whole(source: &mut dyn Read, out: &Path, bar: &ProgressBar) -> anyhow::Result<()> {
    if fs::metadata(out).is_ok_and(|meta| !meta.is_file()) {
        let mut sink = OpenOptions::new().write(true).open(out)?;
        return Ok(copy(source, &mut sink, bar)?);
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
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut early = EarlyToDisk { file, begun: 0, written: 0 };
    copy(source, &mut early, bar)?;
    Ok(early.file.sync_all()?)
}

/// A file whose bytes are on their way to the disk soon after they were written.
struct EarlyToDisk {
    file: File,
    /// Bytes from the beginning that were sent off.
    begun: u64,
    written: u64,
}

impl Write for EarlyToDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        if let Some(waiting) = NonZeroU64::new(self.written - self.begun)
            && waiting.get() >= FLUSH_BYTES
        {
            // It does no harm if the kernel does not listen: all is synced at the end.
            rustix::fs::fadvise(&self.file, self.begun, Some(waiting), Advice::DontNeed).unwrap_or_default();
            self.begun = self.written;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Copies all of `source`, of which the next pieces are made while one is written.
fn copy(source: &mut dyn Read, sink: &mut (dyn Write + Send), bar: &ProgressBar) -> io::Result<()> {
    let (full, to_write) = mpsc::channel::<(Vec<u8>, usize)>();
    let (empty, to_fill) = mpsc::channel();
    for _ in 0..=PIECES_AHEAD {
        drop(empty.send(vec![0; PIECE_BYTES]));
    }
    thread::scope(|scope| {
        let writing = scope.spawn(move || -> io::Result<()> {
            for (piece, bytes) in to_write {
                sink.write_all(&piece[..bytes])?;
                // Nobody fills it any more once everything was read.
                drop(empty.send(piece));
            }
            Ok(())
        });
        let read = fill(source, &to_fill, &full, bar);
        drop(full);
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(read)
    })
}

/// Reads to the end, or until nobody gives pieces back to be filled.
fn fill(
    source: &mut dyn Read,
    to_fill: &Receiver<Vec<u8>>,
    full: &Sender<(Vec<u8>, usize)>,
    bar: &ProgressBar,
) -> io::Result<()> {
    for mut piece in to_fill {
        let read = source.read(&mut piece)?;
        if read == 0 || full.send((piece, read)).is_err() {
            break;
        }
        bar.inc(read as u64);
    }
    Ok(())
}
