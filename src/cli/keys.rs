//! `filmroom keys`.

use super::acting::Operator;
use super::print::Out;
use crate::app::{self, custody};
use crate::config::Config;
use imaging::sign::SigningKey;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Name the master keys and say what is wrong with where they are.
    Show,
    /// Copy the master keys to a new file, to be locked away.
    Export {
        /// The file to make.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        #[command(flatten)]
        operator: Operator,
    },
    /// Put an exported file in the place of a lost one.
    Recover {
        /// The exported file.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Make a new master key and rewrap every data key with it. Export again afterwards.
    Rotate {
        #[command(flatten)]
        operator: Operator,
    },
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    let path = app::key_file(&config);
    let mut out = Out::stdout();
    match command {
        Command::Show => {
            let keys = custody::read(&path)?;
            out.line(format_args!("current {} in {}", keys.current().id, path.display()))?;
            for key in keys.retired() {
                out.line(format_args!("retired {}", key.id))?;
            }
            let signing = SigningKey::of(keys.current())?.public();
            out.line(format_args!("manifests are signed with {}; its public key:", signing.id()))?;
            out.line(signing.pem().trim_end())?;
            for concern in app::custody_concerns(&config) {
                out.line(format_args!("warning: {concern}"))?;
            }
        }
        Command::Export { to, operator } => {
            app::export_master_keys(config, &operator.who().actor(), &to).await?;
            out.line(format_args!(
                "exported to {}: lock it away, apart from the data and its backups",
                to.display()
            ))?;
        }
        Command::Recover { from } => {
            std::fs::create_dir_all(&config.data.0)?;
            custody::write_new(&path, &custody::read(&from)?)?;
            out.line(format_args!("recovered to {}", path.display()))?;
        }
        Command::Rotate { operator } => {
            let rewrapped = app::rotate_master_key(config, &operator.who().actor()).await?;
            out.line(format_args!("a new master key wraps {rewrapped} archives; export it now"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
