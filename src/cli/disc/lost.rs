//! What of a disc cannot be had, and how that is told.

use crate::cli::print::{self, Out, count};
use crate::words::in_words;
use imaging::dicomdir;
use imaging::disc::Listing;
use imaging::secure_media::SecureError;
use serde::Serialize;
use std::io;
use std::process::ExitCode;

/// A file that cannot be had.
#[derive(Debug, Serialize)]
pub(super) struct LostFile {
    pub(super) path: String,
    pub(super) why: String,
}

/// Tells in words which of so many files cannot be had, and that the rest, of so many bytes, are `well`.
pub(super) fn tell(out: &mut Out, lost: &[LostFile], files: usize, bytes: u64, well: &str) -> io::Result<()> {
    for LostFile { path, why } in lost {
        out.line(format_args!("{path}: {why}"))?;
    }
    let good = count((files - lost.len()) as u64, "file", "files");
    let bytes = print::bytes(bytes);
    out.line(match lost.len() as u64 {
        0 => format!("{good}, {bytes}: {well}"),
        lost => format!("{good}, {bytes}: {well}; {} cannot be had", count(lost, "file", "files")),
    })
}

/// What became of the files of a disc of DICOM files.
#[derive(Default, Serialize)]
pub(super) struct Report {
    files: usize,
    bytes: u64,
    /// Files that cannot be had, and why.
    lost: Vec<LostFile>,
}

impl Report {
    pub(super) fn is_whole(&self) -> bool {
        self.lost.is_empty()
    }

    /// Tells it, and gives the code to exit with: 3 if files are lost.
    pub(super) fn tell(&self, json: bool, well: &str) -> anyhow::Result<ExitCode> {
        let mut out = Out::stdout();
        match json {
            true => out.json(self)?,
            false => tell(&mut out, &self.lost, self.files, self.bytes, well)?,
        }
        Ok(if self.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }
}

/// Does this to every file of a disc of DICOM files, the directory first: a code that does not open that is not this disc's.
pub(super) fn go_through(
    disc: &impl Listing,
    mut each: impl FnMut(&str) -> Result<u64, SecureError>,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut paths = disc.paths()?;
    paths.sort_by_key(|path| path != dicomdir::NAME);
    for path in paths {
        report.files += 1;
        match each(&path) {
            Ok(bytes) => report.bytes += bytes,
            Err(error @ SecureError::Sink(_)) => return Err(error.into()),
            Err(error @ SecureError::Code) if path == dicomdir::NAME => return Err(error.into()),
            Err(error) => report.lost.push(LostFile { path, why: in_words(&error) }),
        }
    }
    Ok(report)
}
