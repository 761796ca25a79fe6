//! `filmroom package disc`.

use super::file_set::{self, Protection};
use super::write::write_whole;
use super::{Arguments, Prepared, prepare, print_contents};
use crate::app::Library;
use crate::cli::disc::read_code;
use crate::cli::print::{self, Out};
use crate::config::Config;
use crate::desk::package::{self, DiscPackage, Making};
use anyhow::ensure;
use burn_queue::Medium;
use imaging::chance::Chance;
use imaging::disc::{DiscObjects, Lock};
use imaging::layout::{Layout, Objects};
use imaging::opening_code::{Form, OpeningCode};
use imaging::package::{Counts, Withheld};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiscArguments {
    #[command(flatten)]
    pub(super) package: Arguments,
    /// What it is for: cd, dvd, dvd-dl or bd; as many as it takes [default: one of the smallest that takes all].
    #[arg(long, value_name = "MEDIUM")]
    pub(super) media: Option<Medium>,
    /// The file that holds its opening code [default: a new one, which is printed once].
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Make the opening code of digits instead of words.
    #[arg(long, conflicts_with = "passphrase_file")]
    digits: bool,
    /// Make a disc that is not encrypted: DICOM files that every reader takes, and anyone can see.
    #[arg(long, conflicts_with_all = ["passphrase_file", "digits", "secure"])]
    plain: bool,
    /// Make a disc of Secure DICOM files: encrypted, for programs that read DICOM Secure Media.
    #[arg(long)]
    secure: bool,
}

impl DiscArguments {
    /// The opening code, and whether it was given.
    pub(super) fn code(&self, chance: &dyn Chance) -> anyhow::Result<(OpeningCode, bool)> {
        if let Some(file) = &self.passphrase_file {
            return Ok((read_code(file)?, true));
        }
        let form = if self.digits { Form::Digits } else { Form::Words };
        Ok((OpeningCode::generate(form, chance), false))
    }
}

#[derive(Serialize)]
pub(super) struct Report {
    pub(super) media: Medium,
    /// Of all discs together.
    pub(super) bytes: u64,
    /// On all discs together.
    pub(super) counts: Counts,
    /// One, or those of a set in their order.
    pub(super) discs: Vec<Disc>,
    /// The opening code, if there is one and it was made here.
    pub(super) passphrase: Option<String>,
    /// The key that signed a sealed disc's manifest.
    pub(super) signed_with: Option<String>,
    /// The application profiles of PS3.11 that discs of DICOM files meet, by the medium they are written to.
    pub(super) profile: Option<&'static str>,
    pub(super) withheld: Vec<Withheld>,
    /// What writing took, without what came before.
    pub(super) written_in_ms: u64,
}

#[derive(Serialize)]
pub(super) struct Disc {
    path: PathBuf,
    pub(super) bytes: u64,
    counts: Counts,
}

pub(super) async fn run(config: Config, arguments: DiscArguments) -> anyhow::Result<ExitCode> {
    if arguments.plain || arguments.secure {
        let protection = if arguments.plain { Protection::None } else { Protection::SecureMedia };
        return file_set::run(config, arguments, protection).await;
    }
    let library = Library::open(config).await?;
    let chance = Arc::clone(&library.chance);
    let (code, given) = arguments.code(&*chance)?;
    let DiscArguments { package: arguments, media, .. } = arguments;
    // Its key takes a while, and needs nothing that follows.
    let lock = Lock::begin(vec![code.clone()], &*chance)?;
    let Prepared { recipe, archived, key, now_ms } = prepare(library, &arguments).await?;
    let making = Making { now_ms, zone: TimeZone::UTC, institution: None, key: &key, others: Vec::new() };
    let most = largest(media).capacity_bytes();
    let discs = package::sealed_discs(&recipe, &making, (&code, lock), most, &*chance)?;
    let media = medium_for(discs.iter().map(|disc| &disc.image), media);
    let out = arguments.out.clone();
    let writing = tokio::task::spawn_blocking(move || {
        let discs = discs.into_iter().map(|DiscPackage { contents, disc, image, .. }| {
            (contents.counts(), image, DiscObjects::new(disc, archived.again()))
        });
        write_all(discs.collect(), &out)
    });
    let Written { discs, written_in_ms } = writing.await??;
    print(
        &Report {
            media,
            bytes: discs.iter().map(|disc| disc.bytes).sum(),
            counts: recipe.contents.counts(),
            discs,
            passphrase: (!given).then(|| code.reveal().to_owned()),
            signed_with: Some(key.public().id()),
            profile: None,
            withheld: recipe.contents.withheld().to_vec(),
            written_in_ms,
        },
        arguments.json,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Images that were written.
pub(super) struct Written {
    pub(super) discs: Vec<Disc>,
    pub(super) written_in_ms: u64,
}

/// Writes images out of their objects: one under its name, a set under names with numbers. All of them are written, or
/// none is left.
pub(super) fn write_all<O: Objects>(discs: Vec<(Counts, Layout, O)>, out: &Path) -> anyhow::Result<Written> {
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(discs.iter().map(|(_, image, _)| image.len()).sum());
    let begun = Instant::now();
    let paths: Vec<PathBuf> = match discs.len() {
        1 => vec![out.to_owned()],
        of => (1..).take(of).map(|number| numbered(out, number)).collect(),
    };
    if discs.len() > 1 {
        ensure!(
            !out.exists() || out.is_file(),
            "it takes {} discs: name a file for their images",
            discs.len()
        );
        let taken = paths.iter().find(|path| path.exists());
        ensure!(
            taken.is_none(),
            "{} exists already and is not overwritten",
            taken.map_or(out, PathBuf::as_path).display()
        );
    }
    let mut written: Vec<Disc> = Vec::with_capacity(discs.len());
    for (path, (counts, image, objects)) in paths.into_iter().zip(discs) {
        let bytes = image.len();
        let done = image.range(0..bytes, objects).map_err(anyhow::Error::from);
        if let Err(error) = done.and_then(|mut image| write_whole(&mut image, &path, &bar)) {
            written.iter().for_each(|disc| print::unwrite(&disc.path));
            return Err(error.context(path.display().to_string()));
        }
        written.push(Disc { path, bytes, counts });
    }
    bar.finish_and_clear();
    let written_in_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Written { discs: written, written_in_ms })
}

/// `disc.iso` as `disc-2.iso`.
fn numbered(out: &Path, number: u32) -> PathBuf {
    let mut name = out.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = out.extension() {
        name.push(".");
        name.push(ending);
    }
    out.with_file_name(name)
}

/// The largest medium that may be used.
pub(super) fn largest(asked: Option<Medium>) -> Medium {
    asked.unwrap_or(Medium::Bd)
}

/// The medium that was asked for, or the smallest that takes each of the images.
pub(super) fn medium_for<'i>(images: impl Iterator<Item = &'i Layout>, asked: Option<Medium>) -> Medium {
    let longest = images.map(Layout::len).max().unwrap_or_default();
    asked.or(Medium::smallest_for(longest)).unwrap_or(Medium::Bd)
}

pub(super) fn print(report: &Report, json: bool) -> std::io::Result<()> {
    let mut out = Out::stdout();
    if json {
        return out.json(report);
    }
    let of = report.discs.len();
    for (number, Disc { path, bytes, counts }) in (1..).zip(&report.discs) {
        let place = format!("for a {} in {}", report.media, path.display());
        let withheld = if number == 1 { report.withheld.as_slice() } else { &[] };
        if of > 1 {
            out.line(format_args!("disc {number} of {of}:"))?;
        }
        print_contents(&mut out, withheld, counts, (*bytes, &place))?;
    }
    if let Some(profile) = report.profile {
        out.line(format_args!("application profile: {profile}"))?;
    }
    if let Some(passphrase) = &report.passphrase {
        out.line(format_args!("opening code, kept nowhere else: {passphrase}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: u64) -> Layout {
        let mut layout = Layout::new();
        layout.extent(0, 0, bytes);
        layout
    }

    #[test]
    fn a_disc_is_proposed_for_the_smallest_medium_that_takes_it() {
        assert_eq!(medium_for([of(700_000_000)].iter(), None), Medium::Cd);
        assert_eq!(medium_for([of(700_000_000), of(800_000_000)].iter(), None), Medium::Dvd);
        assert_eq!(medium_for([of(700_000_000)].iter(), Some(Medium::Bd)), Medium::Bd);
    }

    #[test]
    fn the_discs_of_a_set_are_numbered_before_the_ending() {
        assert_eq!(numbered(Path::new("a.b/disc.iso"), 2), Path::new("a.b/disc-2.iso"));
        assert_eq!(numbered(Path::new("disc"), 10), Path::new("disc-10"));
    }
}
