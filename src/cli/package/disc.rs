//! `filmroom package disc`.

use super::file_set::{self, Protection};
use super::write::write_whole;
use super::{Arguments, Prepared, prepare, print_contents};
use crate::app::Library;
use crate::cli::disc::read_code;
use crate::cli::print::{self, Out};
use crate::config::Config;
use crate::desk::package::{self, Making};
use anyhow::{bail, ensure};
use burn_queue::Medium;
use imaging::chance::Chance;
use imaging::disc::{DiscObjects, Lock};
use imaging::opening_code::{Form, OpeningCode};
use imaging::package::{Counts, Withheld};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiscArguments {
    #[command(flatten)]
    pub(super) package: Arguments,
    /// What it must fit on: cd, dvd, dvd-dl or bd [default: the smallest that does].
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
    path: PathBuf,
    bytes: u64,
    media: Medium,
    /// The opening code, if it was made here.
    passphrase: Option<String>,
    signed_with: String,
    counts: Counts,
    withheld: Vec<Withheld>,
    /// What sealing and writing took, without what came before.
    written_in_ms: u64,
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
    let made = package::disc(&recipe, making, lock, &*chance)?;
    let bytes = made.image.len();
    let media = medium_for(bytes, media)?;
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(bytes);
    let out = arguments.out.clone();
    let writing = tokio::task::spawn_blocking(move || -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut parts = DiscObjects::new(made.disc, archived);
        write_whole(&mut made.image.range(0..bytes, &mut parts)?, &out, &bar)?;
        bar.finish_and_clear();
        Ok(begun.elapsed())
    });
    let took = writing.await??;
    print(
        &Report {
            path: arguments.out,
            bytes,
            media,
            passphrase: (!given).then(|| code.reveal().to_owned()),
            signed_with: key.public().id(),
            counts: recipe.contents.counts(),
            withheld: recipe.contents.withheld().to_vec(),
            written_in_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
        arguments.json,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The medium that was asked for, or the smallest that takes the image.
pub(super) fn medium_for(bytes: u64, asked: Option<Medium>) -> anyhow::Result<Medium> {
    let Some(smallest) = Medium::smallest_for(bytes) else {
        bail!(
            "the disc would have {}, more than any medium takes: package fewer studies",
            print::bytes(bytes)
        );
    };
    let medium = asked.unwrap_or(smallest);
    ensure!(
        bytes <= medium.capacity_bytes(),
        "the disc would have {}, and a {medium} takes {}: the smallest medium that fits is {smallest}",
        print::bytes(bytes),
        print::bytes(medium.capacity_bytes())
    );
    Ok(medium)
}

fn print(report: &Report, json: bool) -> std::io::Result<()> {
    let mut out = Out::stdout();
    if json {
        return out.json(report);
    }
    let place = format!("for a {} in {}", report.media, report.path.display());
    print_contents(&mut out, &report.withheld, &report.counts, (report.bytes, &place))?;
    if let Some(passphrase) = &report.passphrase {
        out.line(format_args!("opening code, kept nowhere else: {passphrase}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_the_medium_that_would_do() {
        assert_eq!(medium_for(700_000_000, None).unwrap(), Medium::Cd);
        assert_eq!(medium_for(700_000_000, Some(Medium::Bd)).unwrap(), Medium::Bd);
        let refusal = medium_for(2_000_000_000, Some(Medium::Cd)).unwrap_err().to_string();
        assert!(refusal.ends_with("the smallest medium that fits is dvd"), "{refusal}");
        assert!(medium_for(u64::MAX, None).is_err());
    }
}
