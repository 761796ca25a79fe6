//! `filmroom check`.

use super::print::{self, Out, count};
use crate::app::Library;
use crate::app::node::nodes_now;
use crate::config::Config;
use crate::intake::check::{Check, Report};
use crate::store::studies;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print one JSON object instead of lines.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let spools = library.look_at_spools()?.into_iter();
    let folder = library.config.data.spool();
    let check = Check {
        db: library.db.clone(),
        blobs: Arc::clone(&library.blobs),
        keys: Arc::clone(&library.keys),
        spools: spools.map(|node| (node.id, (node.spool, node.found))).collect(),
        nodes_now: Some(Box::new(move || nodes_now(&folder))),
    };
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(studies::kept_bytes(&library.db).await?);
    let report = check.run(&|bytes| bar.inc(bytes)).await?;
    bar.finish_and_clear();
    library.close().await;
    let mut out = Out::stdout();
    if arguments.json {
        out.json(&report)?;
    } else {
        print(&mut out, &report)?;
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn print(out: &mut Out, report: &Report) -> std::io::Result<()> {
    for problem in &report.problems {
        out.line(format_args!("{}: {}", problem.about, problem.what))?;
    }
    out.line(format_args!(
        "{} in {} and {} in the spool, {}: {}",
        count(report.archived_instances, "instance", "instances"),
        count(report.archives, "archive", "archives"),
        report.spooled_instances,
        print::bytes(report.bytes),
        match report.problems.len() {
            0 => "all well".to_owned(),
            problems => count(problems as u64, "problem", "problems"),
        }
    ))?;
    if report.awaiting_index > 0 {
        let instances = count(report.awaiting_index, "instance", "instances");
        out.line(format_args!("{instances} in the spool will be indexed at the next start"))?;
    }
    if report.unfinished_archives > 0 {
        let archives = count(report.unfinished_archives, "archive", "archives");
        out.line(format_args!("{archives} being written, or to be cleared at the next start"))?;
    }
    Ok(())
}
