//! What of a disc cannot be had, and how that is told.

use crate::cli::print::{self, Out, count};
use serde::Serialize;
use std::io;

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
