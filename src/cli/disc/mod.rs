//! `filmroom disc`: discs checked and opened, sealed and secured ones with their code and without a browser.

mod lost;
mod medium;
mod plain;
mod save;
mod sealed;
mod secure;

use anyhow::{Context, bail};
use imaging::disc::Kind;
use imaging::opening_code::OpeningCode;
use imaging::pdi::Profile;
use medium::Source;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check a disc: every part and every file of a sealed one; of a plain one, what every importer relies on; of a
    /// secured one, both.
    Verify(Arguments),
    /// Save the files of a disc. Those of a sealed or secured one are not encrypted any more.
    Open {
        #[command(flatten)]
        arguments: Arguments,
        /// The folder to make.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// An image, a drive, or the folder that a disc was copied to.
    #[arg(value_name = "IMAGE-OR-FOLDER")]
    disc: PathBuf,
    /// The file that holds the opening code; a plain disc needs none.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    // Everything here blocks, and there is nothing else to do.
    tokio::task::spawn_blocking(move || match command {
        Command::Verify(arguments) => verify(&arguments),
        Command::Open { arguments, out } => open(&arguments, &out),
    })
    .await?
}

fn verify(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (kind, source) = recognise(&arguments.disc)?;
    match kind {
        Kind::Sealed => sealed::verify(source, arguments),
        Kind::Plain => plain::verify(&source, arguments.json, Profile::names),
        Kind::Secure => secure::verify(source, arguments),
    }
}

fn open(arguments: &Arguments, out: &Path) -> anyhow::Result<ExitCode> {
    let (kind, source) = recognise(&arguments.disc)?;
    match kind {
        Kind::Sealed => sealed::open(source, arguments, out),
        Kind::Plain => plain::open(&source, out, arguments.json),
        Kind::Secure => secure::open(source, arguments, out),
    }
}

/// What kind of disc it is, by what is on it.
fn recognise(disc: &Path) -> anyhow::Result<(Kind, Source)> {
    let source =
        Source::open(disc).with_context(|| format!("{} cannot be read as a disc", disc.display()))?;
    match Kind::of(&source) {
        Some(kind) => Ok((kind, source)),
        None => bail!(
            "{} is no disc that is known here: there is neither what a sealed disc has (DATA/H0000000.JS) nor a \
             DICOMDIR",
            disc.display()
        ),
    }
}

impl Arguments {
    /// The opening code that was named, for a disc that is so.
    fn code(&self, how: &str) -> anyhow::Result<OpeningCode> {
        let file = self.passphrase_file.as_deref();
        read_code(file.with_context(|| {
            format!("this disc is {how}: name the file with its opening code by --passphrase-file")
        })?)
    }
}

/// The opening code in a file.
///
/// # Errors
/// If the file cannot be read, or holds none.
pub(super) fn read_code(path: &Path) -> anyhow::Result<OpeningCode> {
    let typed = std::fs::read_to_string(path).map(Zeroizing::new);
    let typed = typed.with_context(|| format!("the opening code in {} cannot be read", path.display()))?;
    OpeningCode::parse(&typed).with_context(|| format!("the opening code in {}", path.display()))
}
