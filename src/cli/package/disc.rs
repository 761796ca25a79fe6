//! `filmroom package disc`.

use super::file_set::{self, Protection};
use super::write::write_whole;
use super::{Arguments, Prepared, prepare, print_contents};
use crate::app::Library;
use crate::cli::disc::read_code;
use crate::cli::print::{self, Out};
use crate::config::Config;
use crate::desk::package::{self, Archived, DiscPackage, Making};
use burn_queue::Medium;
use imaging::chance::Chance;
use imaging::disc::{DiscObjects, Lock};
use imaging::opening_code::{Form, OpeningCode};
use imaging::package::{Counts, Withheld};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
struct Report {
    media: Medium,
    /// Of all discs together.
    bytes: u64,
    /// On all discs together.
    counts: Counts,
    /// One, or those of a set in their order.
    discs: Vec<Disc>,
    /// The opening code, if it was made here.
    passphrase: Option<String>,
    signed_with: String,
    withheld: Vec<Withheld>,
    /// What sealing and writing took, without what came before.
    written_in_ms: u64,
}

#[derive(Serialize)]
struct Disc {
    path: PathBuf,
    bytes: u64,
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
    let one = package::disc(&recipe, &making, lock, &*chance)?;
    let (media, discs) = match medium_for(one.image.len(), media) {
        Ok(media) => (media, vec![one]),
        Err(TooLarge { asked, .. }) => {
            let media = asked.unwrap_or(Medium::Bd);
            (media, package::disc_set(&recipe, &making, &code, media.capacity_bytes(), &*chance)?)
        }
    };
    let out = arguments.out.clone();
    let writing = tokio::task::spawn_blocking(move || write_all(discs, archived, &out));
    let (discs, took) = writing.await??;
    print(
        &Report {
            media,
            bytes: discs.iter().map(|disc| disc.bytes).sum(),
            counts: recipe.contents.counts(),
            discs,
            passphrase: (!given).then(|| code.reveal().to_owned()),
            signed_with: key.public().id(),
            withheld: recipe.contents.withheld().to_vec(),
            written_in_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
        arguments.json,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the images: one under its name, a set under names with numbers. All of them are written, or none is left.
fn write_all(
    discs: Vec<DiscPackage>,
    archived: Archived,
    out: &Path,
) -> anyhow::Result<(Vec<Disc>, Duration)> {
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(discs.iter().map(|disc| disc.image.len()).sum());
    let (begun, of) = (Instant::now(), discs.len());
    let mut written: Vec<Disc> = Vec::with_capacity(of);
    for (number, DiscPackage { contents, disc, image, .. }) in (1..).zip(discs) {
        let path = if of == 1 { out.to_owned() } else { numbered(out, number) };
        let bytes = image.len();
        let mut parts = DiscObjects::new(disc, archived.again());
        let done = image.range(0..bytes, &mut parts).map_err(anyhow::Error::from);
        if let Err(error) = done.and_then(|mut image| write_whole(&mut image, &path, &bar)) {
            written.iter().try_for_each(|disc| std::fs::remove_file(&disc.path))?;
            return Err(error.context(path.display().to_string()));
        }
        written.push(Disc { path, bytes, counts: contents.counts() });
    }
    bar.finish_and_clear();
    Ok((written, begun.elapsed()))
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

/// The disc is too large for what was asked for, or for any medium.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words())]
pub(super) struct TooLarge {
    bytes: u64,
    asked: Option<Medium>,
}

impl TooLarge {
    fn words(&self) -> String {
        let bytes = print::bytes(self.bytes);
        match self.asked.zip(Medium::smallest_for(self.bytes)) {
            Some((medium, smallest)) => format!(
                "the disc would have {bytes}, and a {medium} takes {}: the smallest medium that fits is {smallest}",
                print::bytes(medium.capacity_bytes())
            ),
            None => format!("the disc would have {bytes}, more than any medium takes: package fewer studies"),
        }
    }
}

/// The medium that was asked for, or the smallest that takes the image.
pub(super) fn medium_for(bytes: u64, asked: Option<Medium>) -> Result<Medium, TooLarge> {
    let medium = asked.or(Medium::smallest_for(bytes));
    medium.filter(|medium| bytes <= medium.capacity_bytes()).ok_or(TooLarge { bytes, asked })
}

fn print(report: &Report, json: bool) -> std::io::Result<()> {
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
    if let Some(passphrase) = &report.passphrase {
        out.line(format_args!("opening code, kept nowhere else: {passphrase}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_is_proposed_for_the_smallest_medium_that_takes_it() {
        assert_eq!(medium_for(700_000_000, None).unwrap(), Medium::Cd);
        assert_eq!(medium_for(700_000_000, Some(Medium::Bd)).unwrap(), Medium::Bd);
        let refusal = medium_for(2_000_000_000, Some(Medium::Cd)).unwrap_err().to_string();
        assert!(refusal.ends_with("the smallest medium that fits is dvd"), "{refusal}");
        assert!(medium_for(u64::MAX, None).is_err());
    }

    #[test]
    fn the_discs_of_a_set_are_numbered_before_the_ending() {
        assert_eq!(numbered(Path::new("a.b/disc.iso"), 2), Path::new("a.b/disc-2.iso"));
        assert_eq!(numbered(Path::new("disc"), 10), Path::new("disc-10"));
    }
}
