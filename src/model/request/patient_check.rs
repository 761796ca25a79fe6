//! The wrong-patient check: what the requester gave, beside the patient the images came under.

use super::GivenPatient;
use crate::hex::hex;
use crate::model::finding::FindingKind;
use crate::model::name;
use crate::model::study::Patient;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CellField {
    /// The name.
    Name,
    /// The birth date.
    BirthDate,
    /// The Patient ID.
    PatientId,
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// They say the same.
    Same,
    /// They do not.
    Different,
    /// The requester did not say. No difference.
    NotGiven,
    /// The images do not say. As good as a difference: somebody has to look.
    NotInImages,
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cell {
    /// What is compared.
    pub field: CellField,
    /// What the requester gave.
    pub given: String,
    /// What the images came under.
    pub found: String,
    /// How they compare.
    pub agreement: Agreement,
}

/// The comparison for one study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientCheck {
    /// The study's row.
    pub study: String,
    /// Cell by cell.
    pub cells: Vec<Cell>,
    /// What is odd about the patient or the study besides.
    pub findings: Vec<FindingKind>,
}

/// That somebody looked at a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRecord {
    /// What they looked at: [`PatientCheck::fingerprint`].
    pub fingerprint: String,
    /// Why a difference does not matter, if there was one and it does not.
    pub acknowledged: Option<String>,
    /// The user who looked.
    pub by: String,
    /// When.
    pub at: i64,
}

impl PatientCheck {
    /// Whether somebody must say why this is the right patient all the same.
    #[must_use]
    pub fn differs(&self) -> bool {
        let agrees = |cell: &Cell| matches!(cell.agreement, Agreement::Same | Agreement::NotGiven);
        !self.findings.is_empty() || !self.cells.iter().all(agrees)
    }

    /// Whether it is this comparison that was looked at, and not one that has changed since.
    #[must_use]
    pub fn was_seen(&self, record: &CheckRecord) -> bool {
        record.fingerprint == self.fingerprint()
    }

    /// Names exactly this comparison, both sides of it, without telling what is in it: SHA-256 in hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut findings: Vec<&str> = self.findings.iter().map(|kind| kind.as_str()).collect();
        findings.sort_unstable();
        let whole = serde_json::json!([self.study, self.cells, findings]);
        hex(&Sha256::digest(whole.to_string().as_bytes()))
    }
}

/// Compares what the requester gave with the patient one study came under.
#[must_use]
pub fn check_patient(
    given: &GivenPatient,
    study: &str,
    patient: &Patient,
    findings: Vec<FindingKind>,
) -> PatientCheck {
    let birth_date = given.birth_date.strftime("%Y%m%d").to_string();
    let patient_id = given.patient_id.clone().unwrap_or_default();
    let cells = vec![
        cell(CellField::Name, &given.name, &patient.name, is_same_name(&given.name, &patient.name)),
        cell(CellField::BirthDate, &birth_date, &patient.birth_date, birth_date == patient.birth_date),
        cell(CellField::PatientId, &patient_id, &patient.patient_id, patient_id == patient.patient_id),
    ];
    PatientCheck { study: study.to_owned(), cells, findings }
}

fn cell(field: CellField, given: &str, found: &str, same: bool) -> Cell {
    let agreement = match (given.trim(), found.trim()) {
        ("", _) => Agreement::NotGiven,
        (_, "") => Agreement::NotInImages,
        _ if same => Agreement::Same,
        _ => Agreement::Different,
    };
    Cell { field, given: given.to_owned(), found: found.to_owned(), agreement }
}

/// Whether a name as people write it is the one in a `PN`: its family and given name must be said, and
/// nothing said that is not in it, in whatever order; a middle name, prefix or suffix may be left out.
fn is_same_name(given: &str, found: &str) -> bool {
    let said = name::folded(given);
    let said: Vec<&str> = said.split(' ').collect();
    found.split('=').any(|group| {
        let whole = name::folded(group);
        let needed: String = group.split('^').take(2).map(|part| format!("{part} ")).collect();
        let needed = name::folded(&needed);
        !whole.is_empty()
            && said.iter().all(|word| whole.split(' ').any(|other| other == *word))
            && needed.split(' ').all(|word| said.contains(&word))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::date;

    pub(crate) fn given() -> GivenPatient {
        GivenPatient { name: "Jane Doe".into(), birth_date: date(1970, 1, 2), patient_id: None }
    }

    fn patient(name: &str, birth_date: &str) -> Patient {
        Patient {
            id: "p1".into(),
            issuer: "HOSPITAL".into(),
            patient_id: "4711".into(),
            name: name.into(),
            birth_date: birth_date.into(),
            sex: "F".into(),
        }
    }

    pub(crate) fn check(study: &str, name: &str, birth_date: &str) -> PatientCheck {
        check_patient(&given(), study, &patient(name, birth_date), Vec::new())
    }

    #[test]
    fn a_name_is_the_same_in_any_order_and_without_a_middle_name() {
        for (given, found, same) in [
            ("Jane Doe", "DOE^JANE", true),
            ("doe, jane", "Doe^Jane^Marie", true),
            ("Jane Marie Doe", "DOE^JANE^MARIE", true),
            ("Jane Marie Doe", "DOE^JANE", false),
            ("Jane Doe", "DOE^JOHN", false),
            ("Jane", "DOE^JANE", false),
            ("Doe", "DOE", true),
            ("山田 太郎", "Yamada^Tarou=山田^太郎", true),
            ("Jane Doe", "", false),
        ] {
            assert_eq!(is_same_name(given, found), same, "{given} {found}");
        }
    }

    #[test]
    fn each_cell_says_how_it_compares() {
        let compared = |patient_id: Option<&str>, name, birth_date| {
            let given = GivenPatient { patient_id: patient_id.map(str::to_owned), ..given() };
            let check = check_patient(&given, "s1", &patient(name, birth_date), Vec::new());
            (check.cells.iter().map(|cell| cell.agreement).collect::<Vec<_>>(), check.differs())
        };
        use Agreement::{Different, NotGiven, NotInImages, Same};
        assert_eq!(compared(None, "DOE^JANE", "19700102"), (vec![Same, Same, NotGiven], false));
        assert_eq!(compared(Some("4711"), "DOE^JANE", "19700102"), (vec![Same, Same, Same], false));
        assert_eq!(compared(Some("4712"), "DOE^JANE", "19700102"), (vec![Same, Same, Different], true));
        assert_eq!(compared(None, "DOE^JANE", "19700201"), (vec![Same, Different, NotGiven], true));
        assert_eq!(compared(None, "DOE^JANE", ""), (vec![Same, NotInImages, NotGiven], true));
    }

    #[test]
    fn a_finding_about_the_patient_has_to_be_looked_at_too() {
        let odd = vec![FindingKind::StudyUnderTwoPatients];
        assert!(check_patient(&given(), "s1", &patient("DOE^JANE", "19700102"), odd).differs());
    }

    #[test]
    fn a_fingerprint_changes_with_either_side_and_holds_nothing_of_it() {
        let one = check("s1", "DOE^JANE", "19700102").fingerprint();
        assert_eq!(one, check("s1", "DOE^JANE", "19700102").fingerprint());
        assert_ne!(one, check("s2", "DOE^JANE", "19700102").fingerprint());
        assert_ne!(one, check("s1", "DOE^JANET", "19700102").fingerprint());
        assert_eq!(one.len(), 64);
    }
}
