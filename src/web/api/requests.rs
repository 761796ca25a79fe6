//! Release requests: listed, submitted, shown.

use super::Call;
use super::call::{Body, Query};
use super::problem::Problem;
use super::views::{RequestLineView, RequestView};
use crate::desk::DeskError;
use crate::desk::authorization::Action;
use crate::desk::overview::overview;
use crate::desk::request::{self as desk, NewRequest};
use crate::desk::stopped;
use crate::model::request::{GivenPatient, Received, ReceivedBy, Requester};
use crate::store::db::Tx;
use crate::store::requests::{self, Chip, RequestFilter};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// The most requests a page has.
const MOST: u32 = 200;

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// `open` (unless said otherwise), `to_decide`, `waiting`, `fulfilling`, `stopped` or `closed`.
    part: Option<String>,
    /// At most so many, 50 unless said otherwise, 200 at most.
    limit: Option<u32>,
    /// Skip so many.
    skip: Option<u32>,
}

/// Requests, the one due first comes first.
#[utoipa::path(get, path = "/api/v1/requests", params(Part), responses((status = 200, body = Vec<RequestLineView>)), security(("token" = [])))]
pub(super) async fn list(
    call: Call,
    Query(asked): Query<Part>,
) -> Result<Json<Vec<RequestLineView>>, Problem> {
    call.permit(Action::SeeRequests)?;
    let unknown = DeskError::Invalid { field: "part", why: "there is no such part" };
    let chip = asked.part.as_deref().map_or(Some(Chip::Open), Chip::parse).ok_or(unknown)?;
    let (limit, skip) = (most(asked.limit), asked.skip.unwrap_or(0));
    listed(&call, RequestFilter { chip, search: String::new(), limit, skip }).await
}

/// What requests are found by. It has names in it, so it is no address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestSearch {
    /// A reference, or the beginnings of words of the patient's or the requester's name.
    search: String,
    /// At most so many, 50 unless said otherwise, 200 at most.
    limit: Option<u32>,
    /// Skip so many.
    skip: Option<u32>,
}

/// Requests of a reference or a name, open or closed, the one due first comes first.
#[utoipa::path(post, path = "/api/v1/requests/search", request_body = RequestSearch,
    responses((status = 200, body = Vec<RequestLineView>)), security(("token" = [])))]
pub(super) async fn search(
    call: Call,
    Body(asked): Body<RequestSearch>,
) -> Result<Json<Vec<RequestLineView>>, Problem> {
    let (limit, skip) = (most(asked.limit), asked.skip.unwrap_or(0));
    listed(&call, RequestFilter { chip: Chip::Open, search: asked.search, limit, skip }).await
}

fn most(asked: Option<u32>) -> u32 {
    asked.unwrap_or(50).min(MOST)
}

async fn listed(call: &Call, filter: RequestFilter) -> Result<Json<Vec<RequestLineView>>, Problem> {
    call.permit(Action::SeeRequests)?;
    let found = requests::list(&call.means.db, &filter).await?;
    Ok(Json(RequestLineView::of(&call.means.db, found).await?))
}

/// A request as it is submitted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Submission {
    /// The site that works on it; the first one if left out.
    site: Option<String>,
    /// The day it reached the hospital: postmark or fax stamp. Today if left out.
    received_on: Option<Date>,
    /// How it came.
    received_by: ReceivedBy,
    /// Who asks.
    requester: Requester,
    /// Whose images.
    patient: GivenPatient,
    /// Which images and what for.
    wish: String,
    /// The language to answer in; English if left out.
    language: Option<String>,
}

/// Submits a request.
#[utoipa::path(post, path = "/api/v1/requests", request_body = Submission,
    responses((status = 201, body = RequestView), (status = 422, body = Problem)), security(("token" = [])))]
pub(super) async fn submit(call: Call, Body(given): Body<Submission>) -> Result<Response, Problem> {
    call.permit(Action::SubmitRequest)?;
    let site = given.site.unwrap_or_else(|| call.means.site.to_string());
    if !call.means.parcels.sites.contains_key(&site) {
        return Err(DeskError::Invalid { field: "site", why: "there is no such site" }.into());
    }
    let acting = call.acting_at(&site);
    let new = NewRequest {
        id: None,
        site,
        received: Received { on: given.received_on.unwrap_or(acting.today), by: given.received_by },
        requester: given.requester,
        patient: given.patient,
        wish: given.wish,
        language: given.language.unwrap_or_else(|| "en".to_owned()),
    };
    let mut tx = call.begin().await?;
    let request = desk::submit(&mut tx, &acting, new).await?;
    let location = [(LOCATION, format!("/api/v1/requests/{}", request.reference))];
    let view = committed(&call, tx, &request.id).await?;
    Ok((StatusCode::CREATED, location, view).into_response())
}

/// A request with everything that belongs to it.
#[utoipa::path(get, path = "/api/v1/requests/{reference}", params(("reference" = String, Path)),
    responses((status = 200, body = RequestView), (status = 404, body = Problem)), security(("token" = [])))]
pub(super) async fn show(call: Call, Path(reference): Path<String>) -> Result<Json<RequestView>, Problem> {
    let request = call.request(&reference).await?;
    Ok(Json(overview(&call.means.db, &request.id, call.acting_at(&request.site).today).await?.into()))
}

/// A corrected day of receipt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceivedChange {
    received: Received,
    reason: String,
}

/// Corrects the day a request reached the hospital.
#[utoipa::path(put, path = "/api/v1/requests/{reference}/received", params(("reference" = String, Path)),
    request_body = ReceivedChange, responses((status = 200, body = RequestView)), security(("token" = [])))]
pub(super) async fn change_received(
    call: Call,
    Path(reference): Path<String>,
    Body(change): Body<ReceivedChange>,
) -> Result<Json<RequestView>, Problem> {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::change_received(
        &mut tx,
        &call.acting_at(&request.site),
        &request.id,
        change.received,
        &change.reason,
    )
    .await?;
    committed(&call, tx, &request.id).await
}

/// Has work on a request that stopped tried again.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/stopped/{job}/retry",
    params(("reference" = String, Path), ("job" = String, Path)),
    responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn retry(
    call: Call,
    Path((reference, job)): Path<(String, String)>,
) -> Result<Json<RequestView>, Problem> {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    stopped::try_again(&mut tx, &call.acting(), &request.id, &job).await?;
    committed(&call, tx, &request.id).await
}

/// Commits, and shows the request as it is now.
pub(super) async fn committed(call: &Call, tx: Tx, id: &str) -> Result<Json<RequestView>, Problem> {
    tx.commit().await?;
    let request =
        requests::get(&call.means.db, id).await?.ok_or_else(|| Problem::not_found("release request"))?;
    Ok(Json(overview(&call.means.db, id, call.acting_at(&request.site).today).await?.into()))
}
