//! A disc of Secure DICOM files, gone through with its code.

use super::lost;
use super::medium::Source;
use super::save::Saving;
use super::{Arguments, plain};
use imaging::pdi::Profile;
use imaging::secure_media::{Unlocked, Unlocker};
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Reads every file to its end; if all are whole, makes the checks of a plain disc on them.
pub(super) fn verify(source: Source, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let disc = unlocked(source, arguments)?;
    let report = lost::go_through(&disc, |path| disc.write(path, &mut io::sink()))?;
    if report.is_whole() {
        return plain::verify(&disc, arguments.json, Profile::secure_names);
    }
    report.tell(arguments.json, "as they were secured")
}

pub(super) fn open(source: Source, arguments: &Arguments, out: &Path) -> anyhow::Result<ExitCode> {
    let disc = unlocked(source, arguments)?;
    let saving = Saving::begin(out)?;
    let report = lost::go_through(&disc, |path| saving.write(path, |sink| disc.write(path, sink)))?;
    report.tell(arguments.json, &format!("saved in {}", out.display()))
}

fn unlocked(source: Source, arguments: &Arguments) -> anyhow::Result<Unlocked<Source>> {
    Ok(Unlocked::new(source, Unlocker::new(&arguments.code("encrypted as DICOM Secure Media")?)))
}
