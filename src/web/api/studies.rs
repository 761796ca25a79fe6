//! What the library holds.

use super::Call;
use super::call::{Body, Query};
use super::problem::Problem;
use super::views::StudyView;
use crate::desk::authorization::Action;
use crate::model::StudyFilter;
use crate::store::studies;
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// The most studies a page has.
const MOST: u32 = 200;

/// Which studies, by what says nothing about a patient.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
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
#[utoipa::path(get, path = "/api/v1/studies", params(Filter), responses((status = 200, body = Vec<StudyView>)), security(("token" = [])))]
pub(super) async fn list(call: Call, Query(asked): Query<Filter>) -> Result<Json<Vec<StudyView>>, Problem> {
    let filter = StudyFilter {
        study_date_from: asked.from,
        study_date_to: asked.to,
        study_instance_uid: asked.study_instance_uid,
        limit: most(asked.limit),
        ..StudyFilter::default()
    };
    listed(&call, filter).await
}

/// What studies are found by. It says whose they are, so it is no address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StudySearch {
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
    /// At most so many, 50 unless said otherwise, 200 at most.
    limit: Option<u32>,
}

/// Studies that all of it is true of, newest study date first.
#[utoipa::path(post, path = "/api/v1/studies/search", request_body = StudySearch,
    responses((status = 200, body = Vec<StudyView>)), security(("token" = [])))]
pub(super) async fn search(
    call: Call,
    Body(asked): Body<StudySearch>,
) -> Result<Json<Vec<StudyView>>, Problem> {
    let filter = StudyFilter {
        patient_id: asked.patient_id,
        issuer: asked.issuer_of_patient_id,
        name: asked.name,
        accession_number: asked.accession_number,
        study_date_from: asked.from,
        study_date_to: asked.to,
        limit: most(asked.limit),
        ..StudyFilter::default()
    };
    listed(&call, filter).await
}

fn most(asked: Option<u32>) -> u32 {
    asked.unwrap_or(50).min(MOST)
}

async fn listed(call: &Call, filter: StudyFilter) -> Result<Json<Vec<StudyView>>, Problem> {
    call.permit(Action::SearchStudies)?;
    let found = studies::list(&call.means.db, &filter).await?;
    Ok(Json(found.into_iter().map(Into::into).collect()))
}
