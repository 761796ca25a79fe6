//! `filmroom ledger`.

use super::print::{Out, count};
use crate::app::Library;
use crate::config::Config;
use crate::model::money::decimal;
use crate::money::verify::{Report, verify};
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Hold every charge against its transfers, and print what each account holds.
    Verify {
        /// Print one JSON object instead of lines.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    let Command::Verify { json } = command;
    let library = Library::open(config).await?;
    let report = verify(&library.db).await?;
    library.close().await;
    let mut out = Out::stdout();
    if json {
        out.json(&report)?;
    } else {
        print(&mut out, &report)?;
    }
    Ok(if report.problem.is_none() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn print(out: &mut Out, report: &Report) -> std::io::Result<()> {
    for (account, cents) in &report.balances {
        out.line(format_args!("{}  {:<20} {:>12}", account.number(), account.as_str(), decimal(*cents)))?;
    }
    if let Some(problem) = &report.problem {
        out.line(format_args!("{}: {}", problem.about, problem.what))?;
    }
    out.line(format_args!(
        "{} and {}: {}",
        count(report.transfers, "transfer", "transfers"),
        count(report.charges, "charge", "charges"),
        if report.problem.is_none() { "all well" } else { "this is the first problem" }
    ))
}
