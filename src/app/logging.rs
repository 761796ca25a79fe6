//! Log lines: structured, to standard error, without personal data.

use crate::config::{Log, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// The level in the configuration is not one.
#[derive(Debug, thiserror::Error)]
#[error("log.level is not a level or a list of directives")]
pub struct BadLevel(#[from] tracing_subscriber::filter::ParseError);

/// Begins to log as configured. A second call changes nothing.
///
/// # Errors
/// [`BadLevel`].
pub fn begin(log: &Log) -> Result<(), BadLevel> {
    let filter = EnvFilter::builder().parse(&log.level)?;
    // Colours are for eyes: in a file or a journal they are litter between the words one searches for.
    let watched = std::io::stderr().is_terminal();
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(watched).with_writer(std::io::stderr);
    let begun = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if begun.is_err() {
        tracing::debug!("logging had begun already");
    }
    Ok(())
}
