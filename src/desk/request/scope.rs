//! Which studies a request is about, and whether they are of the right patient.

use super::{note, text};
use crate::desk::authorization::Action;
use crate::desk::{Acting, DeskError};
use crate::model::request::{
    CheckRecord, PatientCheck, ReleaseRequest, Scope, Standing, StudyInScope, check_patient as compare,
    deadlines,
};
use crate::model::{FindingKind, StudySummary};
use crate::store::db::{Read, Tx};
use crate::store::{findings, requests, studies};
use serde_json::json;

/// A study of a request beside what the requester gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// How the study stands in the request, and who looked at its patient.
    pub chosen: StudyInScope,
    /// The study.
    pub study: StudySummary,
    /// The comparison as it comes out now.
    pub check: PatientCheck,
}

/// Puts a study into a request's scope, to be released or withheld.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, there is no such study, or the request was decided on.
pub async fn choose_study(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    study: &str,
    standing: Standing,
) -> Result<(), DeskError> {
    acting.permit_user(Action::ChooseStudies)?;
    let standing = match standing {
        Standing::Withheld { reason } => Standing::Withheld { reason: text::prose("reason", &reason)? },
        Standing::Released => Standing::Released,
    };
    let request = undecided(tx, id).await?;
    let found = studies::by_ids(&mut *tx, &[study.to_owned()]).await?;
    if found.is_empty() {
        return Err(DeskError::NotFound { what: "study" });
    }
    requests::choose(tx, id, study, &standing, acting.now_ms).await?;
    note_mammography(tx, acting, &request).await?;
    let detail = json!({ "study": study, "standing": standing });
    note(tx, acting, id, "request.study_chosen", detail).await
}

/// Takes a study out of a request's scope.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, it is not in it, or the request was decided on.
pub async fn drop_study(tx: &mut Tx, acting: &Acting<'_>, id: &str, study: &str) -> Result<(), DeskError> {
    acting.permit_user(Action::ChooseStudies)?;
    let request = undecided(tx, id).await?;
    if !requests::scope(&mut *tx, id).await?.0.iter().any(|chosen| chosen.study == study) {
        return Err(DeskError::NotFound { what: "study in this request" });
    }
    requests::drop_study(tx, id, study).await?;
    note_mammography(tx, acting, &request).await?;
    note(tx, acting, id, "request.study_dropped", json!({ "study": study })).await
}

async fn undecided(tx: &mut Tx, id: &str) -> Result<ReleaseRequest, DeskError> {
    let request = requests::get_to_change(tx, id).await?;
    if request.state.is_undecided() {
        Ok(request)
    } else {
        Err(request.state.refuses("given other studies").into())
    }
}

/// A request with mammograms in its scope has the shorter time.
async fn note_mammography(
    tx: &mut Tx,
    acting: &Acting<'_>,
    request: &ReleaseRequest,
) -> Result<(), DeskError> {
    let scope = requests::scope(&mut *tx, &request.id).await?;
    let ids: Vec<String> = scope.released().map(str::to_owned).collect();
    let chosen = studies::by_ids(&mut *tx, &ids).await?;
    let mammography = chosen.iter().any(|study| study.modalities.iter().any(|modality| modality == "MG"));
    if mammography != request.mammography {
        let extension = request.extension.as_ref();
        requests::change_clock(tx, &request.id, &request.received, mammography, extension).await?;
        let due_on = deadlines(request.received.on, mammography, extension).due_on;
        let detail = json!({ "mammography": mammography, "due_on": due_on });
        note(tx, acting, &request.id, "request.due_date_changed", detail).await?;
    }
    Ok(())
}

/// Compares, for each study of a request, its patient with what the requester gave.
///
/// # Errors
/// If the database fails.
pub async fn compare_patients(
    mut reader: impl Read,
    request: &ReleaseRequest,
    scope: &Scope,
) -> Result<Vec<Compared>, DeskError> {
    let ids: Vec<String> = scope.0.iter().map(|chosen| chosen.study.clone()).collect();
    let found = studies::by_ids(&mut reader, &ids).await?;
    let subjects = found.iter().flat_map(|study| [study.id.as_str(), study.patient.id.as_str()]);
    let odd = findings::list(&mut reader, subjects).await?;
    let compared = scope.0.iter().filter_map(|chosen| {
        let study = found.iter().find(|study| study.id == chosen.study)?.clone();
        let about = [study.id.as_str(), study.patient.id.as_str()];
        let kinds: Vec<FindingKind> = odd
            .iter()
            .filter(|finding| about.contains(&finding.subject.as_str()))
            .map(|finding| finding.kind)
            .collect();
        let check = compare(&request.patient, &study.id, &study.patient, kinds);
        Some(Compared { chosen: chosen.clone(), study, check })
    });
    Ok(compared.collect())
}

/// A user looked at the comparison of one study's patient; where it differs, `acknowledged` says why this is
/// the right patient all the same. `fingerprint` names what they looked at.
///
/// # Errors
/// [`DeskError::Stale`] if the comparison is another by now; [`DeskError::Invalid`] if it differs and no reason
/// is given; or if whoever acts may not, or the request was decided on.
pub async fn check_patient(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    study: &str,
    fingerprint: &str,
    acknowledged: Option<&str>,
) -> Result<(), DeskError> {
    let by = acting.permit_user(Action::ChooseStudies)?.id.clone();
    let request = undecided(tx, id).await?;
    let scope = requests::scope(&mut *tx, id).await?;
    let compared = compare_patients(&mut *tx, &request, &scope).await?;
    let compared = compared.into_iter().find(|compared| compared.study.id == study);
    let check = compared.ok_or(DeskError::NotFound { what: "study in this request" })?.check;
    if check.fingerprint() != fingerprint {
        return Err(DeskError::Stale);
    }
    let acknowledged = text::optional_line("acknowledged", acknowledged)?;
    if check.differs() && acknowledged.is_none() {
        return Err(DeskError::Invalid {
            field: "acknowledged",
            why: "the patients differ: say why this is the right one, or leave the study out",
        });
    }
    let detail = json!({ "study": study, "differs": check.differs(), "acknowledged": acknowledged });
    let record = CheckRecord { fingerprint: fingerprint.to_owned(), acknowledged, by, at: acting.now_ms };
    requests::note_check(tx, id, study, &record).await?;
    note(tx, acting, id, "request.patient_checked", detail).await
}
