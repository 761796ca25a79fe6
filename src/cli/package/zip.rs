//! `filmroom package zip`.

use super::write::write_whole;
use super::{Arguments, Prepared, prepare, print_contents};
use crate::app::Library;
use crate::cli::print::{self, Out};
use crate::config::Config;
use crate::desk::package::{self, Making};
use crate::hex::hex;
use imaging::package::{Counts, Withheld};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Serialize)]
struct Report {
    path: PathBuf,
    bytes: u64,
    /// Names the archive as an HTTP `ETag` would.
    etag: String,
    signed_with: String,
    counts: Counts,
    withheld: Vec<Withheld>,
    /// What producing and writing took, without what came before.
    written_in_ms: u64,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Prepared { recipe, mut archived, key, now_ms } =
        prepare(Library::open(config).await?, &arguments).await?;
    let making = Making { now_ms, zone: TimeZone::UTC, institution: None, key: &key, others: Vec::new() };
    let made = package::zip(&recipe, &making)?;
    let bytes = made.layout.len();
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(bytes);
    let out = arguments.out.clone();
    let writing = tokio::task::spawn_blocking(move || -> anyhow::Result<Duration> {
        let begun = Instant::now();
        write_whole(&mut made.layout.range(0..bytes, &mut archived)?, &out, &bar)?;
        bar.finish_and_clear();
        Ok(begun.elapsed())
    });
    let took = writing.await??;
    print(
        &Report {
            path: arguments.out,
            bytes,
            etag: hex(&made.digest),
            signed_with: key.public().id(),
            counts: recipe.contents.counts(),
            withheld: recipe.contents.withheld().to_vec(),
            written_in_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
        arguments.json,
    )?;
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report, json: bool) -> std::io::Result<()> {
    let mut out = Out::stdout();
    if json {
        return out.json(report);
    }
    let place = format!("in {}", report.path.display());
    print_contents(&mut out, &report.withheld, &report.counts, (report.bytes, &place))
}
