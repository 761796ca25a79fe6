//! The images of a request, each beside what the requester gave; and those that were found.

use super::colleague;
use crate::desk::pictures::has_picture;
use crate::desk::request::Compared;
use crate::model::finding::FindingKind;
use crate::model::request::{Agreement, Cell, CellField, Standing};
use crate::model::{StudySummary, User};
use crate::web::plumbing::show::{Sign, counted, dicom_day, moment, name};
use jiff::tz::TimeZone;

/// A study of the request.
pub struct StudyView {
    pub id: String,
    pub title: String,
    pub facts: String,
    pub has_picture: bool,
    pub withheld: Option<String>,
    pub cells: Vec<CellView>,
    pub findings: Vec<&'static str>,
    pub checked: Sign,
    pub is_to_check: bool,
    pub differs: bool,
    pub fingerprint: String,
}

/// A line of the comparison.
pub struct CellView {
    pub name: &'static str,
    pub given: String,
    pub kept: String,
    pub differs: bool,
    pub sign: Sign,
}

/// A study that was found.
pub struct FoundView {
    pub id: String,
    pub title: String,
    pub patient: String,
    pub facts: String,
    pub has_picture: bool,
}

impl StudyView {
    pub fn of(compared: Compared, colleagues: &[User], zone: &TimeZone) -> Self {
        let Compared { chosen, study, check } = compared;
        let current = chosen.checked.filter(|record| check.was_seen(record));
        let withheld = match chosen.standing {
            Standing::Released => None,
            Standing::Withheld { reason } => Some(reason),
        };
        let checked = match &current {
            None => Sign::new("warn", "Not compared yet"),
            Some(record) => {
                let by = format!("{}, {}", colleague(&record.by, colleagues), moment(record.at, zone));
                match &record.acknowledged {
                    None => Sign::new("good", format!("Compared by {by}")),
                    Some(why) => Sign::new("good", format!("Compared by {by}: {why}")),
                }
            }
        };
        let differs = check.differs();
        Self {
            title: title(&study),
            facts: facts(&study),
            has_picture: has_picture(&study),
            is_to_check: current.is_none() && withheld.is_none(),
            withheld,
            fingerprint: check.fingerprint(),
            cells: check.cells.into_iter().map(CellView::of).collect(),
            findings: check.findings.into_iter().map(finding).collect(),
            checked,
            differs,
            id: study.id,
        }
    }
}

impl CellView {
    fn of(cell: Cell) -> Self {
        let Cell { field, given, found, agreement } = cell;
        let (name, given, kept) = match field {
            CellField::Name => ("Name", given, name(&found)),
            CellField::BirthDate => ("Born", dicom_day(&given), dicom_day(&found)),
            CellField::PatientId => ("Patient ID", given, found),
        };
        let (differs, sign) = match agreement {
            Agreement::Same => (false, Sign::new("good", "same")),
            Agreement::Different => (true, Sign::new("bad", "differs")),
            Agreement::NotGiven => (false, Sign::new("", "not given")),
            Agreement::NotInImages => (true, Sign::new("warn", "not in the images")),
        };
        Self { name, given, kept, differs, sign }
    }
}

fn finding(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::StudyUnderTwoPatients => "This study came under two patients",
        FindingKind::PatientTwoNames => "This patient came under two names",
        FindingKind::PatientTwoBirthDates => "This patient came with two birth dates",
        FindingKind::InstanceDamaged => "An image is damaged",
        FindingKind::InstanceDiffers => "An image came twice, with different content",
        FindingKind::InstanceUnreadable => "An image cannot be read back",
    }
}

impl FoundView {
    pub fn of(study: StudySummary) -> Self {
        let patient = &study.patient;
        Self {
            title: title(&study),
            patient: format!(
                "{} · born {} · ID {}",
                name(&patient.name),
                dicom_day(&patient.birth_date),
                patient.patient_id
            ),
            facts: facts(&study),
            has_picture: has_picture(&study),
            id: study.id,
        }
    }
}

fn title(study: &StudySummary) -> String {
    let kinds = study.modalities.join(", ");
    match (study.description.trim(), kinds.is_empty()) {
        ("", true) => "Study without a description".to_owned(),
        ("", false) => kinds,
        (words, true) => words.to_owned(),
        (words, false) => format!("{words} ({kinds})"),
    }
}

fn facts(study: &StudySummary) -> String {
    let images = counted(study.instance_count, "image", "images");
    let series = counted(study.series_count, "series", "series");
    let accession = match study.accession_number.as_str() {
        "" => String::new(),
        number => format!(" · accession {number}"),
    };
    format!("{} · {images} in {series}{accession}", dicom_day(&study.study_date))
}
