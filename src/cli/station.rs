//! `filmroom station`: burns what the service has queued, at the desk.
//!
//! It may be killed at any moment. What it was doing is in its data directory; started again it reads that disc
//! back and reports it before it burns another.

mod queue;
#[cfg(test)]
mod tests;

use super::print::{self, Out};
use super::secret;
use crate::config::Config;
use crate::desk::people::Secret;
use crate::words::{harmless, in_words};
use anyhow::{Context, bail};
use burn_queue::{
    Doing, Drive, NoteFile, OpticalDrive, Report, Station, StationError, StdioDrive, Step, Time, Work,
};
use indicatif::ProgressBar;
use queue::HttpQueue;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often an idle station asks.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How long it waits after something failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A drive named so is a folder.
const FOLDER: &str = "stdio:";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The service. On another machine only by https.
    #[arg(long, value_name = "URL")]
    server: String,
    /// The drive: a device such as /dev/sr0; or stdio:FOLDER, where each disc becomes a file.
    #[arg(long, value_name = "DEV")]
    drive: String,
    /// A file with the token of a user who may burn.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The station's name [default: this machine's].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Certificates the service's is signed by, PEM [default: those this machine trusts].
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Burn what waits now, then end.
    #[arg(long)]
    once: bool,
    /// Says nothing of what goes well.
    #[arg(skip)]
    quiet: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Drives block, and so does everything that waits for one.
    tokio::task::spawn_blocking(move || work(&config, &arguments)).await?
}

/// Burns what waits now into a folder that plays the drive: for the demonstration.
pub(super) async fn burn_once(
    config: Config,
    server: &str,
    folder: &Path,
    token: &Secret,
) -> anyhow::Result<()> {
    let token_file = config.data.0.join("station.token");
    secret::write(&token_file, token)?;
    let arguments = Arguments {
        server: server.to_owned(),
        drive: format!("{FOLDER}{}", folder.display()),
        token_file,
        name: Some("demo".into()),
        ca_file: None,
        once: true,
        quiet: true,
    };
    run(config, arguments).await.map(drop)
}

fn work(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let token = std::fs::read_to_string(&arguments.token_file)
        .with_context(|| format!("the token file {} cannot be read", arguments.token_file.display()))?;
    let name = arguments.name.clone().unwrap_or_else(machine_name);
    let queue = HttpQueue::new(&arguments.server, &token, &name, arguments.ca_file.as_deref())?;
    let folder = config.data.0.join("station");
    let note = NoteFile::open(&folder).with_context(|| {
        format!("{} cannot be used: each station on a machine needs its own --data", folder.display())
    })?;
    let station = Station::new(queue, drive(&arguments.drive)?, note, SinceStart(Instant::now()));
    let quiet = arguments.quiet;
    Bench { station, out: Out::stdout(), quiet, bar: Bar::default(), last_said: String::new() }
        .attend(arguments.once)
}

/// Host names may have characters that station names may not.
fn machine_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(fits).take(40).collect()
}

fn drive(device: &str) -> anyhow::Result<Box<dyn Drive>> {
    Ok(match device.strip_prefix(FOLDER) {
        Some(folder) => Box::new(
            StdioDrive::new(folder).with_context(|| format!("the folder {folder} cannot play a drive"))?,
        ),
        None => Box::new(OpticalDrive::new(device)),
    })
}

struct SinceStart(Instant);

impl Time for SinceStart {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wait(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }
}

/// A station and the person beside it.
struct Bench {
    station: Station<HttpQueue, Box<dyn Drive>, NoteFile, SinceStart>,
    out: Out,
    quiet: bool,
    bar: Bar,
    last_said: String,
}

impl Bench {
    fn attend(mut self, once: bool) -> anyhow::Result<ExitCode> {
        loop {
            let Self { station, bar, .. } = &mut self;
            let stepped = station.step(&mut |work, doing, done| bar.show(work, doing, done));
            self.bar.hide();
            let pause = match stepped {
                Ok(Step::Idle) if once => return Ok(ExitCode::SUCCESS),
                Ok(Step::NeedsBlank { found }) if once => bail!("the tray has no blank: it is {found}"),
                Err(error @ StationError::Memory(_)) => return Err(error.into()),
                Err(error) if once => return Err(error.into()),
                Ok(step) => self.tell(&step)?,
                Err(error) => self.say_once(&in_words(&error)).map(|()| Some(AFTER_FAILURE))?,
            };
            pause.map(std::thread::sleep).unwrap_or_default();
        }
    }

    /// Says what a step came to, and how long to wait before the next.
    fn tell(&mut self, step: &Step) -> anyhow::Result<Option<Duration>> {
        match step {
            Step::Idle => {
                self.say_once("no disc waits")?;
                return Ok(Some(ASK_EVERY));
            }
            Step::NeedsBlank { found } => {
                self.say_once(&format!("put a blank disc into the tray: it is {found}"))?;
                return Ok(Some(ASK_EVERY));
            }
            Step::Ended { work, report: Report::Verified } => {
                self.say(&format!("{} ({}) is burned and verified: print its label", work.disc, work.place))?;
            }
            Step::Ended { work, report: Report::Failed { reason } } => {
                let reason = harmless(reason);
                self.say(&format!("{} is spoiled, throw it away; another follows: {reason}", work.disc))?;
            }
            Step::Lost { work, discard: true } => {
                self.say(&format!("{} is not wanted from here any more: throw it away", work.disc))?;
            }
            Step::Lost { work, discard: false } => {
                self.say(&format!("{} was given to another station", work.disc))?;
            }
        }
        Ok(None)
    }

    fn say(&mut self, words: &str) -> anyhow::Result<()> {
        words.clone_into(&mut self.last_said);
        if self.quiet { Ok(()) } else { Ok(self.out.line(words)?) }
    }

    /// Does not repeat itself while nothing changes.
    fn say_once(&mut self, words: &str) -> anyhow::Result<()> {
        if self.last_said == words { Ok(()) } else { self.say(words) }
    }
}

/// How far the drive is, to be looked at.
#[derive(Default)]
struct Bar(Option<(Doing, ProgressBar)>);

impl Bar {
    fn show(&mut self, work: &Work, doing: Doing, done: u64) {
        if self.0.as_ref().is_none_or(|(shown, _)| *shown != doing) {
            self.hide();
            let word = match doing {
                Doing::Burning => "burning",
                Doing::ReadingBack => "reading back",
            };
            let bar = print::progress_bar("{msg} {bar:40} {bytes}/{total_bytes} {eta}");
            bar.set_message(format!("{word} {}", work.disc));
            bar.set_length(work.image.bytes());
            self.0 = Some((doing, bar));
        }
        if let Some((_, bar)) = &self.0 {
            bar.set_position(done);
        }
    }

    fn hide(&mut self) {
        if let Some((_, bar)) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}
