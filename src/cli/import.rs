//! `filmroom import`.

use super::print::{self, Out, count};
use crate::app::{Library, Taking};
use crate::config::Config;
use crate::intake::import::{Follower, Importer, Outcome};
use crate::intake::sources::{self, Limits, Name};
use crate::model::StudyFilter;
use crate::store::{findings, studies};
use crate::words::harmless;
use imaging::spool::ChunkBuffer;
use indicatif::ProgressBar;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files, folders, ZIP archives, DICOMDIR files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print one JSON object that accounts for every file.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    kept: u64,
    refused: u64,
    ignored: u64,
    files: Vec<FileReport>,
    findings: Vec<FindingReport>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    name: Name,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
struct FindingReport {
    kind: &'static str,
    subject: String,
    detail: serde_json::Value,
}

/// Follows an import for a person and for the report.
struct Following {
    report: Report,
    studies: BTreeSet<String>,
    bar: ProgressBar,
    files_ahead: u64,
    json: bool,
}

impl Follower for Following {
    fn expect(&mut self, files: u64, _bytes: u64) {
        self.files_ahead += files;
        self.bar.set_length(self.files_ahead);
    }

    fn done(&mut self, name: &Name, outcome: Outcome) {
        self.bar.inc(1);
        match &outcome {
            Outcome::Kept { study_instance_uid, .. } => {
                self.report.kept += 1;
                self.studies.insert(study_instance_uid.clone());
            }
            Outcome::Refused { reason, .. } => {
                self.report.refused += 1;
                if !self.json {
                    self.bar.suspend(|| self.tell(name, reason));
                }
            }
            Outcome::Ignored { .. } => self.report.ignored += 1,
        }
        if self.json {
            self.report.files.push(FileReport { name: name.clone(), outcome });
        }
    }
}

impl Following {
    fn tell(&self, name: &Name, reason: &str) {
        if let Err(error) = Out::stdout().line(format_args!("refused {name}: {}", harmless(reason))) {
            tracing::debug!(%error, "nobody reads the refusals");
        }
    }
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let quiet = Duration::from_secs(library.config.settle.quiet_seconds);
    let taking = Taking::begin(library, quiet, 2).await?;
    let following = Following {
        report: Report::default(),
        studies: BTreeSet::new(),
        bar: print::progress_bar("{wide_bar} {pos}/{len} files {eta}"),
        files_ahead: 0,
        json: arguments.json,
    };
    let (taking, mut following) = take_in(taking, arguments.paths, following).await?;
    following.bar.finish_and_clear();
    settle(&taking).await?;
    following.report.findings = found(&taking, &following.studies).await?;
    taking.end().await;
    print(&following)?;
    Ok(if following.report.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

async fn take_in(
    taking: Taking,
    paths: Vec<PathBuf>,
    mut following: Following,
) -> anyhow::Result<(Taking, Following)> {
    let limits = limits(&taking.library.config);
    let reading = tokio::task::spawn_blocking(move || -> anyhow::Result<(Taking, Following)> {
        let mut importer = Importer {
            node: &taking.node,
            spool: &taking.spool,
            indexer: &taking.indexer,
            clock: &taking.library.clock,
            chance: &taking.library.chance,
            limits: &limits,
            buffer: ChunkBuffer::new()?,
            follower: &mut following,
        };
        sources::visit(&paths, &limits, &mut importer);
        Ok((taking, following))
    });
    reading.await?
}

fn limits(config: &Config) -> Limits {
    Limits {
        max_file_bytes: config.limits.max_instance_mib << 20,
        max_zip_entries: config.import.max_zip_entries,
        max_zip_inflated_bytes: config.import.max_zip_inflated_mib << 20,
        ..Limits::default()
    }
}

async fn settle(taking: &Taking) -> anyhow::Result<()> {
    let bar = print::progress_bar("settling {wide_bar} {pos}/{len} instances");
    let mut most = 0;
    taking
        .settle_now(&mut |left| {
            most = most.max(left);
            bar.set_length(most);
            bar.set_position(most - left);
        })
        .await?;
    bar.finish_and_clear();
    Ok(())
}

/// What a person should look at in the studies that were touched.
async fn found(taking: &Taking, uids: &BTreeSet<String>) -> anyhow::Result<Vec<FindingReport>> {
    let db = &taking.library.db;
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for uid in uids {
        let filter =
            StudyFilter { study_instance_uid: Some(uid.clone()), limit: 100, ..StudyFilter::default() };
        for study in studies::list(db, &filter).await? {
            let mut subjects = vec![study.id.clone(), study.patient.id.clone()];
            subjects
                .extend(studies::instances_of(db, &study.id).await?.into_iter().map(|instance| instance.id));
            for finding in findings::list(db, subjects.iter().map(String::as_str)).await? {
                if seen.insert(finding.id) {
                    let kind = finding.kind.as_str();
                    found.push(FindingReport { kind, subject: finding.subject, detail: finding.detail });
                }
            }
        }
    }
    Ok(found)
}

fn print(following: &Following) -> std::io::Result<()> {
    let report = &following.report;
    let mut out = Out::stdout();
    if following.json {
        return out.json(report);
    }
    for finding in &report.findings {
        out.line(format_args!("look at {} ({})", finding.subject, finding.kind))?;
    }
    out.line(format_args!(
        "{} kept in {}, {} refused, {} passed over",
        count(report.kept, "file", "files"),
        count(following.studies.len() as u64, "study", "studies"),
        report.refused,
        report.ignored
    ))
}
