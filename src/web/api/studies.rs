//! What the library holds.

use super::Call;
use super::call::Query;
use super::problem::Problem;
use super::views::StudyView;
use crate::desk::authorization::Action;
use crate::model::StudyFilter;
use crate::store::studies;
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

/// The most studies a page has.
const MOST: u32 = 200;

/// Which studies.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// Patient ID, exactly.
    patient_id: Option<String>,
    /// Issuer of Patient ID, exactly.
    issuer_of_patient_id: Option<String>,
    /// The beginning of any name the patient came under.
    name: Option<String>,
    /// Accession Number, exactly.
    accession_number: Option<String>,
    /// Not before this Study Date, `YYYYMMDD`.
    from: Option<String>,
    /// Not after this Study Date, `YYYYMMDD`.
    to: Option<String>,
    /// Study Instance UID, exactly.
    study_instance_uid: Option<String>,
    /// At most so many, 50 unless said otherwise, 200 at most.
    limit: Option<u32>,
}

/// Studies, newest study date first.
#[utoipa::path(get, path = "/api/v1/studies", params(Search), responses((status = 200, body = Vec<StudyView>)), security(("token" = [])))]
pub(super) async fn list(call: Call, Query(search): Query<Search>) -> Result<Json<Vec<StudyView>>, Problem> {
    call.permit(Action::SearchStudies)?;
    let filter = StudyFilter {
        patient_id: search.patient_id,
        issuer: search.issuer_of_patient_id,
        name: search.name,
        accession_number: search.accession_number,
        study_date_from: search.from,
        study_date_to: search.to,
        study_instance_uid: search.study_instance_uid,
        limit: search.limit.unwrap_or(50).min(MOST),
        before: None,
    };
    let found = studies::list(&call.means.db, &filter).await?;
    Ok(Json(found.into_iter().map(Into::into).collect()))
}
