//! Deliveries: chosen, switched, cancelled. Each answers with the request as it is then.

use super::Call;
use super::call::Body;
use super::problem::Problem;
use super::requests::committed;
use super::views::RequestView;
use crate::desk::authorization::Action;
use crate::desk::request::{self as desk, CheckedDelivery, NewDelivery};
use crate::model::delivery::{CodeRoute, Destination};
use crate::model::{Delivery, ReleaseRequest};
use crate::store::{deliveries, requests};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// A delivery as it is chosen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    /// Who receives it.
    recipient: String,
    /// Where to, and so which way.
    destination: Destination,
    /// How the code that opens it gets there: by a number or address on file before the request came.
    code_route: CodeRoute,
    /// Why an address that FedEx doubts is right all the same.
    address_reason: Option<String>,
}

impl From<Choice> for NewDelivery {
    fn from(choice: Choice) -> Self {
        let Choice { recipient, destination, code_route, address_reason } = choice;
        Self { recipient, destination, code_route, address_reason }
    }
}

/// Chooses a delivery.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/deliveries", params(("reference" = String, Path)),
    request_body = Choice, responses((status = 201, body = RequestView)), security(("token" = [])))]
pub(super) async fn choose(
    call: Call,
    Path(reference): Path<String>,
    Body(choice): Body<Choice>,
) -> Result<(StatusCode, Json<RequestView>), Problem> {
    let request = call.request(&reference).await?;
    let checked = checked(&call, &request, choice).await?;
    let mut tx = call.begin().await?;
    desk::choose_delivery(&mut tx, &call.acting(), &request.id, checked).await?;
    Ok((StatusCode::CREATED, committed(&call, tx, &request.id).await?))
}

/// Takes another delivery instead of one that is open.
#[utoipa::path(post, path = "/api/v1/deliveries/{delivery}/switch", params(("delivery" = String, Path)),
    request_body = Choice, responses((status = 200, body = RequestView)), security(("token" = [])))]
pub(super) async fn switch(
    call: Call,
    Path(delivery): Path<String>,
    Body(choice): Body<Choice>,
) -> Result<Json<RequestView>, Problem> {
    let delivery = find(&call, &delivery).await?;
    let request = requests::get(&call.means.db, &delivery.request).await?;
    let request = request.ok_or_else(|| Problem::not_found("release request"))?;
    let checked = checked(&call, &request, choice).await?;
    let mut tx = call.begin().await?;
    desk::switch_delivery(&mut tx, &call.acting(), &delivery.id, checked).await?;
    committed(&call, tx, &delivery.request).await
}

/// Why a delivery is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancellation {
    reason: String,
}

/// Cancels a delivery that is open.
#[utoipa::path(post, path = "/api/v1/deliveries/{delivery}/cancel", params(("delivery" = String, Path)),
    request_body = Cancellation, responses((status = 200, body = RequestView)), security(("token" = [])))]
pub(super) async fn cancel(
    call: Call,
    Path(delivery): Path<String>,
    Body(given): Body<Cancellation>,
) -> Result<Json<RequestView>, Problem> {
    let delivery = find(&call, &delivery).await?;
    let mut tx = call.begin().await?;
    desk::cancel_delivery(&mut tx, &call.acting(), &delivery.id, &given.reason).await?;
    committed(&call, tx, &delivery.request).await
}

/// Confirms how the code that opens a delivery gets to its recipient.
#[utoipa::path(post, path = "/api/v1/deliveries/{delivery}/code-route", params(("delivery" = String, Path)),
    responses((status = 200, body = RequestView)), security(("token" = [])))]
pub(super) async fn confirm_code_route(
    call: Call,
    Path(delivery): Path<String>,
) -> Result<Json<RequestView>, Problem> {
    let delivery = find(&call, &delivery).await?;
    let mut tx = call.begin().await?;
    desk::confirm_code_route(&mut tx, &call.acting(), &delivery.id).await?;
    committed(&call, tx, &delivery.request).await
}

/// A delivery of a request, once the carrier was asked about its address.
async fn checked(call: &Call, request: &ReleaseRequest, choice: Choice) -> Result<CheckedDelivery, Problem> {
    let parcels = &call.means.parcels;
    let site = parcels.sites.get(&request.site).ok_or_else(|| Problem::not_found("site"))?;
    Ok(desk::check_delivery(parcels, &call.acting(), site, choice.into()).await?)
}

async fn find(call: &Call, id: &str) -> Result<Delivery, Problem> {
    call.permit(Action::SeeRequests)?;
    deliveries::get(&call.means.db, id).await?.ok_or_else(|| Problem::not_found("delivery"))
}
