//! `filmroom package`: a package as a file, without a request. For staff at the machine and for tests.

mod disc;
mod file_set;
mod write;
mod zip;

use crate::app::{Library, Taking};
use crate::audit::events::{self, Actor, NewEvent, Subject};
use crate::cli::print::{self, Out, count};
use crate::config::Config;
use crate::desk::package::{Archived, Recipe, recipe};
use crate::model::{StudyFilter, StudySummary};
use crate::store::db::Tx;
use crate::store::studies;
use anyhow::{bail, ensure};
use imaging::package::{Counts, Withheld};
use imaging::sign::SigningKey;
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Write studies as one ZIP archive with DICOMDIR and a signed manifest.
    Zip(Arguments),
    /// Write studies as the image of one disc: sealed, which opens in a browser with its code, or of DICOM files,
    /// plain or secured.
    Disc(disc::DiscArguments),
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Study Instance UID; again for each further study.
    #[arg(long = "study", required = true, value_name = "UID")]
    studies: Vec<String>,
    /// The file to make. One that is there already is not overwritten.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Ingest id of a damaged instance that goes with it all the same; again for each.
    #[arg(long = "accept-damaged", value_name = "ID")]
    accepted: Vec<String>,
    /// Let the package hold studies of more than one patient.
    #[arg(long)]
    several_patients: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Zip(arguments) => zip::run(config, arguments).await,
        Command::Disc(arguments) => disc::run(config, arguments).await,
    }
}

/// Prints what went into a package and what stayed out; `place` is where it is now.
fn print_contents(
    out: &mut Out,
    withheld: &[Withheld],
    counts: &Counts,
    (bytes, place): (u64, &str),
) -> std::io::Result<()> {
    for withheld in withheld {
        out.line(format_args!("withheld, because it is damaged: {}", withheld.sop_instance_uid))?;
    }
    let Counts { patients, studies, series, instances, .. } = *counts;
    out.line(format_args!(
        "{}, {}, {}, {}: {} {place}",
        count(patients, "patient", "patients"),
        count(studies, "study", "studies"),
        count(series, "series", "series"),
        count(instances, "instance", "instances"),
        print::bytes(bytes),
    ))
}

/// What a package is made of and with.
struct Prepared {
    recipe: Recipe,
    archived: Archived,
    /// Signs its manifest.
    key: SigningKey,
    now_ms: i64,
}

/// Settles what is spooled here, then puts together what was asked for.
async fn prepare(library: Library, arguments: &Arguments) -> anyhow::Result<Prepared> {
    let quiet = Duration::from_secs(library.config.settle.quiet_seconds);
    let taking = Taking::begin(library, quiet, 2).await?;
    taking.settle_now(&mut |_| {}).await?;
    let prepared = gather(&taking.library, arguments).await;
    taking.end().await;
    prepared
}

async fn gather(library: &Library, arguments: &Arguments) -> anyhow::Result<Prepared> {
    let mut tx = library.db.begin().await?;
    let mut released: Vec<StudySummary> = Vec::new();
    for uid in &arguments.studies {
        let filter =
            StudyFilter { study_instance_uid: Some(uid.clone()), limit: 100, ..StudyFilter::default() };
        let found = studies::list(&mut tx, &filter).await?;
        ensure!(!found.is_empty(), "no study {uid} is kept here: see `filmroom studies`");
        released.extend(found);
    }
    let patients: HashSet<&str> = released.iter().map(|study| study.patient.id.as_str()).collect();
    if patients.len() > 1 && !arguments.several_patients {
        bail!(
            "these are studies of {} patients: if that is meant, say so with --several-patients",
            patients.len()
        );
    }
    let accepted: HashSet<String> = arguments.accepted.iter().cloned().collect();
    let recipe = recipe(&mut tx, &released, &accepted).await?;
    put_on_record(&mut tx, library, &released).await?;
    tx.commit().await?;
    let (blobs, keys) = (Arc::clone(&library.blobs), Arc::clone(&library.keys));
    Ok(Prepared {
        key: SigningKey::of(keys.current())?,
        archived: Archived::new(blobs, keys, recipe.archives.clone()),
        recipe,
        now_ms: library.clock.now_ms(),
    })
}

/// Says in the audit trail that these studies are taken out of the library, before a byte of them is.
async fn put_on_record(tx: &mut Tx, library: &Library, released: &[StudySummary]) -> anyhow::Result<()> {
    for study in released {
        let actor = Actor::Operator { name: "at the command line".to_owned() };
        let event = NewEvent::new(actor, "study.packaged", Subject::new("study", &study.id));
        events::record(tx, &event, library.clock.now_ms(), &*library.chance).await?;
    }
    Ok(())
}
