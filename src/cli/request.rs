//! `filmroom request`.

mod approve;
mod new;

use super::acting;
use super::print::{Out, count};
use crate::app::Library;
use crate::clock::day_in;
use crate::config::Config;
use crate::desk::overview::{Overview, clock_words, overview};
use crate::desk::request::Compared;
use crate::model::Reference;
use crate::model::request::{Agreement, CellField};
use crate::store::requests::{self, Chip, RequestFilter};
use crate::web::api::views::{RequestLineView, RequestView};
use crate::words::harmless;
use anyhow::Context;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Take a request in.
    New(Box<new::Arguments>),
    /// Verify the requester, choose the studies, compare their patients, and approve: all or nothing.
    Approve(approve::Arguments),
    /// Show a request with everything that belongs to it.
    Show {
        /// Its reference.
        reference: Reference,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List requests, the one due first comes first.
    List {
        /// Which: open, to_decide, waiting, fulfilling, stopped, closed.
        #[arg(long, default_value = "open", value_parser = part)]
        part: Chip,
        /// A reference, or the beginnings of words of the patient's or the requester's name, in every part.
        #[arg(long, default_value = "", hide_default_value = true)]
        search: String,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

fn part(word: &str) -> Result<Chip, String> {
    let words: Vec<&str> = Chip::ALL.iter().map(|chip| chip.as_str()).collect();
    Chip::parse(word).ok_or_else(|| format!("it is one of {}", words.join(", ")))
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let mut out = Out::stdout();
    match command {
        Command::New(arguments) => new::run(&library, &mut out, *arguments).await?,
        Command::Approve(arguments) => approve::run(&library, &mut out, arguments).await?,
        Command::Show { reference, json } => show(&library, &mut out, &reference, json).await?,
        Command::List { part, search, limit, json } => {
            let filter = RequestFilter { chip: part, search, limit, skip: 0 };
            list(&library, &mut out, &filter, json).await?;
        }
    }
    library.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(library: &Library, out: &mut Out, filter: &RequestFilter, json: bool) -> anyhow::Result<()> {
    let lines = requests::list(&library.db, filter).await?;
    let views = RequestLineView::of(&library.db, lines).await?;
    if json {
        return Ok(out.json(&views)?);
    }
    for line in &views {
        out.line(format_args!(
            "{}  {}  due {}  {}  {}  waits for {}",
            line.reference,
            line.state,
            line.due_on,
            harmless(&line.patient),
            line.ways.join(", "),
            line.waits_for.words(),
        ))?;
    }
    Ok(out.line(count(views.len() as u64, "request", "requests"))?)
}

/// The id of the request of a reference.
async fn find(library: &Library, reference: &Reference) -> anyhow::Result<String> {
    let found = requests::by_reference(&library.db, reference).await?;
    Ok(found.with_context(|| format!("there is no request {reference}"))?.id)
}

async fn show(library: &Library, out: &mut Out, reference: &Reference, json: bool) -> anyhow::Result<()> {
    let id = find(library, reference).await?;
    let today = day_in(&acting::site(library, None)?.zone, library.clock.now_ms());
    let whole = overview(&library.db, &id, today).await?;
    if json { Ok(out.json(&RequestView::from(whole))?) } else { Ok(print(out, &whole)?) }
}

/// A study with what the requester gave beside the patient its images came under.
fn print_comparison(out: &mut Out, compared: &Compared) -> std::io::Result<()> {
    let differs = if compared.check.differs() { "  the patient differs" } else { "" };
    let (date, words) = (&compared.study.study_date, harmless(&compared.study.description));
    out.line(format_args!("study      {date}  {words}{differs}"))?;
    for cell in &compared.check.cells {
        let field = match cell.field {
            CellField::Name => "name",
            CellField::BirthDate => "birth date",
            CellField::PatientId => "Patient ID",
        };
        let agreement = match cell.agreement {
            Agreement::Same => "same",
            Agreement::Different => "DIFFERENT",
            Agreement::NotGiven => "not given",
            Agreement::NotInImages => "NOT IN IMAGES",
        };
        let (given, found) = (harmless(&cell.given), harmless(&cell.found));
        out.line(format_args!("  {field}: requester gave {given:?}, images say {found:?}: {agreement}"))?;
    }
    for finding in &compared.check.findings {
        out.line(format_args!("  found: {}", finding.as_str()))?;
    }
    out.line(format_args!("  fingerprint {}", compared.check.fingerprint()))
}

fn print(out: &mut Out, whole: &Overview) -> std::io::Result<()> {
    let request = &whole.request;
    out.line(format_args!("{}  {}", request.reference, request.state.as_str()))?;
    out.line(format_args!("patient    {}", harmless(&request.patient.name)))?;
    out.line(format_args!("requester  {}", harmless(&request.requester.name)))?;
    out.line(format_args!("clock      {}", clock_words(request, whole.clock)))?;
    out.line(format_args!("waits for  {}", whole.waits_for.words()))?;
    whole.studies.iter().try_for_each(|compared| print_comparison(out, compared))?;
    for one in &whole.progress.deliveries {
        let (way, state) = (one.delivery.way().as_str(), one.delivery.state.as_str());
        let waits_for = whole.progress.delivery_waits_for(one, &request.state).words();
        out.line(format_args!("delivery   {way}  {state}  waits for {waits_for}"))?;
    }
    for stopped in &whole.progress.stopped {
        out.line(format_args!("stopped    {}: {}", stopped.what, harmless(&stopped.reason)))?;
    }
    for happening in &whole.timeline {
        let by = happening.by.as_deref().unwrap_or("–");
        out.line(format_args!("happened   {}  {by}", happening.event.action))?;
    }
    Ok(())
}
