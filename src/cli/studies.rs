//! `filmroom studies`.

use super::print::{Out, count};
use crate::app::Library;
use crate::config::Config;
use crate::model::{InstanceRow, Place, StudyFilter, StudySummary};
use crate::store::{findings, studies};
use crate::words::harmless;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Patient ID, exactly.
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// Issuer of the Patient ID, exactly.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// The beginning of the patient's name, in any script it was sent in.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Accession Number, exactly.
    #[arg(long, value_name = "NUMBER")]
    accession: Option<String>,
    /// Study Instance UID.
    #[arg(long, value_name = "UID")]
    study: Option<String>,
    /// Not before this study date.
    #[arg(long, value_name = "YYYYMMDD", value_parser = date)]
    from: Option<String>,
    /// Not after this study date.
    #[arg(long, value_name = "YYYYMMDD", value_parser = date)]
    to: Option<String>,
    /// At most so many studies, newest first.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: u32,
    /// With every instance.
    #[arg(long)]
    instances: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn date(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(|character| *character != '-').collect();
    if digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(digits)
    } else {
        Err("a date is eight digits, as in 20260315".into())
    }
}

#[derive(Serialize)]
struct StudyView {
    patient_name: String,
    patient_id: String,
    issuer_of_patient_id: String,
    patient_birth_date: String,
    patient_sex: String,
    study_instance_uid: String,
    study_date: String,
    accession_number: String,
    description: String,
    modalities: Vec<String>,
    series: u64,
    instances: u64,
    settled: bool,
    findings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<Vec<InstanceView>>,
}

#[derive(Serialize)]
struct InstanceView {
    ingest_id: String,
    series_instance_uid: String,
    modality: String,
    sop_class_uid: String,
    sop_instance_uid: String,
    transfer_syntax_uid: String,
    size_bytes: u64,
    current: bool,
    damaged: bool,
    header_is_ours: bool,
    sha256: Option<String>,
    notes: Vec<String>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let filter = StudyFilter {
        patient_id: arguments.patient,
        issuer: arguments.issuer,
        name: arguments.name,
        accession_number: arguments.accession,
        study_instance_uid: arguments.study,
        study_date_from: arguments.from,
        study_date_to: arguments.to,
        limit: arguments.limit,
        before: None,
    };
    let mut views = Vec::new();
    for study in studies::list(&library.db, &filter).await? {
        views.push(view(&library, study, arguments.instances).await?);
    }
    library.close().await;
    let mut out = Out::stdout();
    if arguments.json {
        out.json(&views)?;
    } else {
        views.iter().try_for_each(|view| print(&mut out, view))?;
        out.line(count(views.len() as u64, "study", "studies"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn view(library: &Library, study: StudySummary, with_instances: bool) -> anyhow::Result<StudyView> {
    let subjects = [study.id.as_str(), study.patient.id.as_str()];
    let found = findings::list(&library.db, subjects).await?;
    let kept = match with_instances {
        true => {
            Some(studies::instances_of(&library.db, &study.id).await?.into_iter().map(instance).collect())
        }
        false => None,
    };
    Ok(StudyView {
        patient_name: study.patient.name,
        patient_id: study.patient.patient_id,
        issuer_of_patient_id: study.patient.issuer,
        patient_birth_date: study.patient.birth_date,
        patient_sex: study.patient.sex,
        study_instance_uid: study.study_instance_uid,
        study_date: study.study_date,
        accession_number: study.accession_number,
        description: study.description,
        modalities: study.modalities,
        series: study.series_count,
        instances: study.instance_count,
        settled: study.settled_at.is_some(),
        findings: found.into_iter().map(|finding| finding.kind.as_str().to_owned()).collect(),
        kept,
    })
}

fn instance(row: InstanceRow) -> InstanceView {
    InstanceView {
        ingest_id: row.id,
        series_instance_uid: row.series_instance_uid,
        modality: row.modality,
        sop_class_uid: row.sop_class_uid,
        sop_instance_uid: row.sop_instance_uid,
        transfer_syntax_uid: row.transfer_syntax_uid,
        size_bytes: row.size_bytes,
        current: row.current,
        damaged: row.damaged,
        header_is_ours: row.header_is_ours,
        sha256: match row.place {
            Place::Archive { member, .. } => Some(member.sha256),
            Place::Spool(_) => None,
        },
        notes: row.notes,
    }
}

fn print(out: &mut Out, study: &StudyView) -> std::io::Result<()> {
    out.line(format_args!(
        "{}  {}  {}  {}  {}  {} in {}{}",
        or_dash(&study.study_date),
        or_dash(&study.patient_id),
        or_dash(&study.patient_name),
        or_dash(&study.accession_number),
        or_dash(&format!("{} {}", study.modalities.join("/"), study.description)),
        count(study.instances, "instance", "instances"),
        count(study.series, "series", "series"),
        if study.settled { "" } else { ", in the spool" },
    ))?;
    if !study.findings.is_empty() {
        out.line(format_args!("    look at: {}", study.findings.join(", ")))?;
    }
    for instance in study.kept.iter().flatten() {
        out.line(format_args!(
            "    {}  {}  {}{}{}",
            harmless(&instance.sop_instance_uid),
            harmless(&instance.transfer_syntax_uid),
            super::print::bytes(instance.size_bytes),
            if instance.current { "" } else { "  another version" },
            if instance.damaged { "  damaged" } else { "" },
        ))?;
    }
    Ok(())
}

fn or_dash(text: &str) -> String {
    let text = harmless(text.trim());
    if text.is_empty() { "–".into() } else { text }
}
