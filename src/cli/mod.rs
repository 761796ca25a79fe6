//! The command line: what was typed becomes a call; what comes back becomes lines and an exit code.
//!
//! The only module that prints. Exit codes: 0 all is well, 1 it could not be done, 2 the command line
//! is wrong, 3 some of it was refused (import) or something is amiss (check, ledger).

mod acting;
mod audit;
mod check;
mod demo;
mod disc;
mod import;
mod keys;
mod ledger;
mod package;
mod print;
mod request;
mod secret;
mod station;
mod studies;
mod user;

use crate::app::{self, logging};
use crate::config::Config;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

use print::Out;

/// A hospital's film-library desk: studies in, release requests fulfilled.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    /// The configuration file [default: /etc/filmroom/filmroom.toml if it exists].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory everything that is written goes to [default: ./filmroom-data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and DIMSE, and do the work that waits, until stopped.
    Serve,
    /// Bring the database to this program's schema.
    Migrate,
    /// Take in files, folders, ZIP archives and DICOMDIR file-sets.
    Import(import::Arguments),
    /// List what is kept.
    Studies(studies::Arguments),
    /// Re-hash everything and compare index and store both ways.
    Check(check::Arguments),
    /// Write studies as a package that can be handed out.
    #[command(subcommand)]
    Package(package::Command),
    /// Show, export, recover or rotate the master keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Check or open a sealed disc.
    #[command(subcommand)]
    Disc(disc::Command),
    /// Hold what patients owe and paid against the ledger.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Burn at the desk what the service has queued.
    Station(station::Arguments),
    /// Take in, approve, show and list release requests.
    #[command(subcommand)]
    Request(request::Command),
    /// Add users, set their passwords, end their access, list them.
    #[command(subcommand)]
    User(user::Command),
    /// Make, list and revoke tokens for programs.
    #[command(subcommand)]
    Token(user::TokenCommand),
    /// Walk or export the chain of audit events.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Carry generated sample studies through the whole of it.
    Demo(demo::Arguments),
}

/// Runs what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let demo = matches!(cli.command, Command::Demo(_)).then(|| PathBuf::from(demo::DATA));
    let outcome = Config::load(cli.config.as_deref(), cli.data.or(demo).as_deref())
        .map_err(anyhow::Error::from)
        .and_then(|config| {
            logging::begin(&config.log)?;
            app::block_on(dispatch(cli.command, config))?
        });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            print::error(&error);
            ExitCode::from(1)
        }
    }
}

async fn dispatch(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => {
            app::serve(config).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Migrate => {
            app::Library::open(config).await?.close().await;
            Out::stdout().line("the database has this program's schema")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(arguments) => import::run(config, arguments).await,
        Command::Studies(arguments) => studies::run(config, arguments).await,
        Command::Check(arguments) => check::run(config, arguments).await,
        Command::Package(command) => package::run(config, command).await,
        Command::Keys(command) => keys::run(config, command).await,
        Command::Disc(command) => disc::run(command).await,
        Command::Ledger(command) => ledger::run(config, command).await,
        Command::Station(arguments) => station::run(config, arguments).await,
        Command::Request(command) => request::run(config, command).await,
        Command::User(command) => user::run(config, command).await,
        Command::Token(command) => user::run_token(config, command).await,
        Command::Audit(command) => audit::run(config, command).await,
        Command::Demo(arguments) => demo::run(config, arguments).await,
    }
}
