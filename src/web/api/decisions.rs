//! What is decided about a request. Each answers with the request as it is then.

use super::Call;
use super::call::Body;
use super::problem::Problem;
use super::requests::committed;
use super::views::RequestView;
use crate::desk::DeskError;
use crate::desk::request as desk;
use crate::model::Reference;
use crate::model::request::{Basis, Ground, IdentitySeen, Standing};
use axum::Json;
use axum::extract::Path;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// What a step answers: the request as it is after it.
type Decided = Result<Json<RequestView>, Problem>;

/// A body that gives a reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    reason: String,
}

/// How the requester was found to be who they say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    /// What was seen.
    seen: IdentitySeen,
}

/// The requester is who they say.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/identity", params(("reference" = String, Path)),
    request_body = Identity, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn verify_identity(
    call: Call,
    Path(reference): Path<String>,
    Body(given): Body<Identity>,
) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::verify_identity(&mut tx, &call.acting_at(&request.site), &request.id, given.seen).await?;
    committed(&call, tx, &request.id).await
}

/// Asks the requester for something.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/information-needed", params(("reference" = String, Path)),
    request_body = Reason, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn need_information(
    call: Call,
    Path(reference): Path<String>,
    Body(given): Body<Reason>,
) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::need_information(&mut tx, &call.acting_at(&request.site), &request.id, &given.reason).await?;
    committed(&call, tx, &request.id).await
}

/// What the requester was asked for came.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/information-came", params(("reference" = String, Path)),
    responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn take_information(call: Call, Path(reference): Path<String>) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::take_information(&mut tx, &call.acting_at(&request.site), &request.id).await?;
    committed(&call, tx, &request.id).await
}

/// Puts a study into the scope, to be released or withheld.
#[utoipa::path(put, path = "/api/v1/requests/{reference}/studies/{study}", params(("reference" = String, Path), ("study" = String, Path)),
    request_body = Standing, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn choose_study(
    call: Call,
    Path((reference, study)): Path<(String, String)>,
    Body(given): Body<Standing>,
) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::choose_study(&mut tx, &call.acting_at(&request.site), &request.id, &study, given).await?;
    committed(&call, tx, &request.id).await
}

/// Takes a study out of the scope.
#[utoipa::path(delete, path = "/api/v1/requests/{reference}/studies/{study}", params(("reference" = String, Path), ("study" = String, Path)),
    responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn drop_study(call: Call, Path((reference, study)): Path<(String, String)>) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::drop_study(&mut tx, &call.acting_at(&request.site), &request.id, &study).await?;
    committed(&call, tx, &request.id).await
}

/// That somebody looked at a comparison.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PatientChecked {
    /// Which comparison.
    fingerprint: String,
    /// Why a difference does not matter.
    acknowledged: Option<String>,
}

/// Confirms that a study is the patient's.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/studies/{study}/patient-check", params(("reference" = String, Path), ("study" = String, Path)),
    request_body = PatientChecked, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn check_patient(
    call: Call,
    Path((reference, study)): Path<(String, String)>,
    Body(given): Body<PatientChecked>,
) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::check_patient(
        &mut tx,
        &call.acting(),
        &request.id,
        &study,
        &given.fingerprint,
        given.acknowledged.as_deref(),
    )
    .await?;
    committed(&call, tx, &request.id).await
}

/// Approves the request.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/approve", params(("reference" = String, Path)),
    request_body = Basis, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn approve(call: Call, Path(reference): Path<String>, Body(given): Body<Basis>) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::approve(&mut tx, &call.acting_at(&request.site), &request.id, given).await?;
    committed(&call, tx, &request.id).await
}

/// A denial.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Denial {
    /// On which ground.
    ground: Ground,
    /// In words for the requester.
    words: String,
}

/// Denies the request.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/deny", params(("reference" = String, Path)),
    request_body = Denial, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn deny(call: Call, Path(reference): Path<String>, Body(given): Body<Denial>) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::deny(&mut tx, &call.acting_at(&request.site), &request.id, given.ground, &given.words).await?;
    committed(&call, tx, &request.id).await
}

/// That there is nothing to release.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoRecords {
    /// Where and how it was looked for.
    searched: String,
    /// Where the requester was told to ask.
    told_where: String,
}

/// Closes the request: there is nothing to release.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/no-records", params(("reference" = String, Path)),
    request_body = NoRecords, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn find_no_records(
    call: Call,
    Path(reference): Path<String>,
    Body(given): Body<NoRecords>,
) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::find_no_records(
        &mut tx,
        &call.acting_at(&request.site),
        &request.id,
        &given.searched,
        &given.told_where,
    )
    .await?;
    committed(&call, tx, &request.id).await
}

/// That it is the same as another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Duplicate {
    /// The other's reference.
    of: String,
}

/// Closes the request: it is the same as another.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/duplicate", params(("reference" = String, Path)),
    request_body = Duplicate, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn close_as_duplicate(
    call: Call,
    Path(reference): Path<String>,
    Body(given): Body<Duplicate>,
) -> Decided {
    let request = call.request(&reference).await?;
    let none = DeskError::NotFound { what: "other release request" };
    let other: Reference = given.of.parse().map_err(|_| none)?;
    let mut tx = call.begin().await?;
    desk::close_as_duplicate(&mut tx, &call.acting_at(&request.site), &request.id, &other).await?;
    committed(&call, tx, &request.id).await
}

/// What the requester said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Their words.
    words: String,
}

/// The requester takes it back.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/withdraw", params(("reference" = String, Path)),
    request_body = Words, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn withdraw(call: Call, Path(reference): Path<String>, Body(given): Body<Words>) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::withdraw(&mut tx, &call.acting_at(&request.site), &request.id, &given.words).await?;
    committed(&call, tx, &request.id).await
}

/// Takes a request up again that had ended.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/reopen", params(("reference" = String, Path)),
    request_body = Reason, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn reopen(call: Call, Path(reference): Path<String>, Body(given): Body<Reason>) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::reopen(&mut tx, &call.acting_at(&request.site), &request.id, &given.reason).await?;
    committed(&call, tx, &request.id).await
}

/// An extension, told the requester in writing today.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Extended {
    /// Until when.
    until: Date,
    /// Why.
    reason: String,
}

/// Extends the date, once.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/extend", params(("reference" = String, Path)),
    request_body = Extended, responses((status = 200, body = RequestView), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn extend(
    call: Call,
    Path(reference): Path<String>,
    Body(given): Body<Extended>,
) -> Decided {
    let request = call.request(&reference).await?;
    let mut tx = call.begin().await?;
    desk::extend(&mut tx, &call.acting_at(&request.site), &request.id, given.until, &given.reason).await?;
    committed(&call, tx, &request.id).await
}
