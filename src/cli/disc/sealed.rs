//! A sealed disc, gone through with its code.

use super::Arguments;
use super::lost::{self, LostFile};
use super::medium::Source;
use super::save::Saving;
use crate::cli::print::{self, Out};
use anyhow::Context;
use imaging::disc::{BadPart, FileEntry, FileError, INDEX_HTM, LockedDisc, Medium, OpenDisc};
use serde::Serialize;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    page: Page,
    /// Which disc of its set it is, from 1.
    number: u32,
    /// How many discs its set has.
    of: u32,
    parts: u32,
    files: usize,
    bytes: u64,
    bad_parts: Vec<BadPartReport>,
    /// Files that cannot be had, and why.
    lost: Vec<LostFile>,
}

/// The page that opens the disc in a browser. The seal does not cover it: it is compared with the one this program
/// writes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Page {
    /// It is this program's.
    Ours,
    /// It is another version's, or somebody changed it.
    Another,
    /// There is none.
    #[default]
    Missing,
}

impl Page {
    fn of(disc: &impl Medium) -> Self {
        match disc.file("INDEX.HTM", INDEX_HTM.len() as u64 + 1) {
            Ok(page) if page == INDEX_HTM => Self::Ours,
            Ok(page) if !page.is_empty() => Self::Another,
            _ => Self::Missing,
        }
    }

    /// What is wrong with it.
    const fn fault(self) -> Option<&'static str> {
        match self {
            Self::Ours => None,
            Self::Another => {
                Some("INDEX.HTM is another page than this program's: another version's, or changed")
            }
            Self::Missing => Some("INDEX.HTM is missing: no browser opens the disc"),
        }
    }
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct BadPartReport {
    /// From 1, as people are told.
    part: u32,
    file: String,
    fault: String,
}

pub(super) fn verify(source: Source, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let report = go_through(source, arguments, |disc, file| disc.copy(file, &mut io::sink()))?;
    tell(&report, arguments.json, "as they were sealed")
}

pub(super) fn open(source: Source, arguments: &Arguments, out: &Path) -> anyhow::Result<ExitCode> {
    let saving = Saving::begin(out)?;
    let report = go_through(source, arguments, |disc, file| saving.save(disc, file))?;
    tell(&report, arguments.json, &format!("saved in {}", out.display()))
}

/// Does this to every file of a disc, and notes what cannot be had.
fn go_through(
    source: Source,
    arguments: &Arguments,
    mut each: impl FnMut(&mut OpenDisc<Source>, &FileEntry) -> Result<(), FileError>,
) -> anyhow::Result<Report> {
    let code = arguments.code("sealed")?;
    let page = Page::of(&source);
    let mut disc = LockedDisc::read(source)?.open(&code)?;
    let files = disc.index().files.clone();
    let (number, of) = (disc.index().number, disc.index().of);
    let mut report =
        Report { page, number, of, parts: disc.parts(), files: files.len(), ..Report::default() };
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(disc.index().body_bytes);
    for file in &files {
        bar.inc(file.bytes);
        match each(&mut disc, file) {
            Ok(()) => report.bytes += file.source_bytes,
            Err(FileError::Sink(error)) => return Err(error).context(file.path.clone()),
            Err(error) => {
                let bad = disc.bad_parts(file);
                report.bad_parts.extend(bad.iter().map(bad_part));
                report.bad_parts.dedup();
                report.lost.push(LostFile { path: file.path.clone(), why: error.to_string() });
            }
        }
    }
    bar.finish_and_clear();
    Ok(report)
}

fn bad_part(bad: &BadPart) -> BadPartReport {
    BadPartReport { part: bad.name.number + 1, file: bad.name.path(), fault: bad.fault.to_string() }
}

fn tell(report: &Report, json: bool, well: &str) -> anyhow::Result<ExitCode> {
    let mut out = Out::stdout();
    if json {
        out.json(report)?;
    } else {
        if report.of > 1 {
            out.line(format_args!("disc {} of {}", report.number, report.of))?;
        }
        if let Some(fault) = report.page.fault() {
            out.line(fault)?;
        }
        for bad in &report.bad_parts {
            out.line(format_args!("part {} of {} ({}) is {}", bad.part, report.parts, bad.file, bad.fault))?;
        }
        lost::tell(&mut out, &report.lost, report.files, report.bytes, well)?;
    }
    Ok(if report.lost.is_empty() && report.page != Page::Missing {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}
