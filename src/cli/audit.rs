//! `filmroom audit`.

use super::print::{Out, count};
use crate::app::Library;
use crate::audit::{Misfit, Verified, export_line, verify};
use crate::config::Config;
use crate::store::audit;
use crate::words::in_words;
use std::path::PathBuf;
use std::process::ExitCode;

/// Seals read at a time.
const PAGE: u32 = 1_000;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Walk the whole chain again and compare it with every signed daily head; say the first that does not
    /// fit.
    Verify {
        /// A folder of daily heads that were kept elsewhere, to compare with too.
        #[arg(long, value_name = "DIR")]
        heads: Option<PathBuf>,
        /// Print one JSON object instead of a line.
        #[arg(long)]
        json: bool,
    },
    /// Print the sealed events, a JSON object a line, in the order of the chain.
    Export {
        /// Only events after this number.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: i64,
    },
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let mut out = Out::stdout();
    let code = match command {
        Command::Verify { heads, json } => say(&mut out, verify(&library.db, heads.as_deref()).await, json)?,
        Command::Export { after } => {
            export(&library, &mut out, after).await?;
            ExitCode::SUCCESS
        }
    };
    library.close().await;
    Ok(code)
}

fn say(out: &mut Out, outcome: Result<Verified, Misfit>, json: bool) -> anyhow::Result<ExitCode> {
    let misfit = match outcome {
        Err(error @ (Misfit::Store(_) | Misfit::Unreadable { .. })) => return Err(error.into()),
        Err(misfit) => Some(in_words(&misfit)),
        Ok(verified) if json => {
            out.json(&verified)?;
            None
        }
        Ok(verified) => {
            let (events, heads) = (count(verified.events, "event", "events"), verified.heads);
            let waiting = count(verified.unsealed, "event waits", "events wait");
            out.line(format_args!("{events} in the chain, {heads} signed heads: all fit; {waiting}"))?;
            None
        }
    };
    let Some(misfit) = misfit else { return Ok(ExitCode::SUCCESS) };
    if json {
        out.json(&serde_json::json!({ "misfit": misfit }))?;
    } else {
        out.line(misfit)?;
    }
    Ok(ExitCode::from(3))
}

async fn export(library: &Library, out: &mut Out, mut after: i64) -> anyhow::Result<()> {
    loop {
        let page = audit::chain(&library.db, after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = last.number;
        for (seal, event) in &page {
            if let Some(event) = event {
                out.line(export_line(seal, event))?;
            }
        }
    }
}
