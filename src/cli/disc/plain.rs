//! A plain disc: checked as importers rely on it, and copied.

use super::lost;
use super::medium::Source;
use super::save::Saving;
use crate::cli::print::{Out, count};
use imaging::disc::Listing;
use imaging::pdi::{self, Checked, Fault, Profile};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

#[derive(Serialize)]
struct Report {
    instances: usize,
    /// The application profiles of PS3.11 it meets, by the medium it is on.
    profile: Option<&'static str>,
    faults: Vec<FaultReport>,
}

#[derive(Serialize)]
struct FaultReport {
    /// Which of IHE's fourteen checks failed.
    check: u8,
    place: String,
    what: &'static str,
}

/// Makes the checks, and says what profile the disc meets by its name for such discs.
pub(super) fn verify(
    disc: &impl Listing,
    json: bool,
    name: fn(Profile) -> &'static str,
) -> anyhow::Result<ExitCode> {
    let Checked { instances, profile, faults } = pdi::check(disc)?;
    let profile = profile.map(name);
    let faults = faults.into_iter();
    let faults: Vec<FaultReport> = faults
        .map(|Fault { check, place, what }| FaultReport { check: check.number(), place, what })
        .collect();
    let well = faults.is_empty();
    let mut out = Out::stdout();
    if json {
        out.json(&Report { instances, profile, faults })?;
    } else {
        for FaultReport { check, place, what } in &faults {
            out.line(format_args!("check {check}: {place}: {what}"))?;
        }
        out.line(format_args!(
            "{} in the DICOMDIR, {}; application profile: {}",
            count(instances as u64, "instance", "instances"),
            match faults.len() as u64 {
                0 => "nothing amiss".to_owned(),
                number => count(number, "fault", "faults"),
            },
            profile.unwrap_or("none"),
        ))?;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

pub(super) fn open(disc: &Source, out: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let saving = Saving::begin(out)?;
    let copy = |path: &str| saving.write(path, |sink| Ok(disc.copy(path, sink)?));
    lost::go_through(disc, copy)?.tell(json, &format!("saved in {}", out.display()))
}
