//! A disc of Secure DICOM files, gone through with its code.

use super::lost::{self, LostFile};
use super::medium::Source;
use super::save::Saving;
use super::{Arguments, plain};
use crate::cli::print::Out;
use imaging::dicomdir;
use imaging::disc::Listing;
use imaging::pdi::Profile;
use imaging::secure_media::{SecureError, Unlocked, Unlocker};
use serde::Serialize;
use std::io;
use std::path::Path;
use std::process::ExitCode;

#[derive(Default, Serialize)]
struct Report {
    files: usize,
    bytes: u64,
    /// Files that cannot be had, and why.
    lost: Vec<LostFile>,
}

/// Reads every file to its end; if all are whole, makes the checks of a plain disc on them.
pub(super) fn verify(source: Source, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let disc = unlocked(source, arguments)?;
    let report = go_through(&disc, |path| disc.write(path, &mut io::sink()))?;
    if report.lost.is_empty() {
        return plain::verify(&disc, arguments.json, Profile::secure_names);
    }
    tell(&report, arguments.json, "as they were secured")
}

pub(super) fn open(source: Source, arguments: &Arguments, out: &Path) -> anyhow::Result<ExitCode> {
    let disc = unlocked(source, arguments)?;
    let saving = Saving::begin(out)?;
    let report = go_through(&disc, |path| saving.write(path, |sink| disc.write(path, sink)))?;
    tell(&report, arguments.json, &format!("saved in {}", out.display()))
}

fn unlocked(source: Source, arguments: &Arguments) -> anyhow::Result<Unlocked<Source>> {
    Ok(Unlocked::new(source, Unlocker::new(&arguments.code("encrypted as DICOM Secure Media")?)))
}

/// Does this to every file, the directory first: a code that does not open that is not this disc's.
fn go_through(
    disc: &Unlocked<Source>,
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
            Err(error) => report.lost.push(LostFile { path, why: error.to_string() }),
        }
    }
    Ok(report)
}

fn tell(report: &Report, json: bool, well: &str) -> anyhow::Result<ExitCode> {
    let mut out = Out::stdout();
    if json {
        out.json(report)?;
    } else {
        lost::tell(&mut out, &report.lost, report.files, report.bytes, well)?;
    }
    Ok(if report.lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
