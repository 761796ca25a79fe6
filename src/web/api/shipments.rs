//! Shipments.

use super::Call;
use super::call::Body;
use super::problem::Problem;
use crate::delivery::board::{self, Board, ShipmentStory};
use crate::desk::authorization::Action;
use crate::desk::shipping::{self as desk, ShipmentDeed};
use axum::Json;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The shipments of a site that somebody has to do something about.
#[utoipa::path(get, path = "/api/v1/sites/{site}/shipments", params(("site" = String, Path)),
    responses((status = 200, body = Board)), security(("token" = [])))]
pub(super) async fn list(call: Call, Path(site): Path<String>) -> Result<Json<Board>, Problem> {
    call.permit(Action::SeeRequests)?;
    let site = call.means.parcels.sites.get(&site).ok_or_else(|| Problem::not_found("site"))?;
    Ok(Json(desk::board(&call.means.db, &call.acting(), site).await?))
}

/// A shipment with all that is known of it.
#[utoipa::path(get, path = "/api/v1/shipments/{shipment}", params(("shipment" = String, Path)),
    responses((status = 200, body = ShipmentStory)), security(("token" = [])))]
pub(super) async fn show(call: Call, Path(shipment): Path<String>) -> Result<Json<ShipmentStory>, Problem> {
    Ok(Json(desk::story(&call.means.db, &call.acting(), &shipment).await?))
}

/// Does something with a shipment; all that is known of it then.
#[utoipa::path(post, path = "/api/v1/shipments/{shipment}/deeds", params(("shipment" = String, Path)),
    request_body = ShipmentDeed, responses((status = 200, body = ShipmentStory)), security(("token" = [])))]
pub(super) async fn act(
    call: Call,
    Path(shipment): Path<String>,
    Body(deed): Body<ShipmentDeed>,
) -> Result<Json<ShipmentStory>, Problem> {
    let mut tx = call.begin().await?;
    desk::act_on_shipment(&mut tx, &call.acting(), &shipment, deed).await?;
    tx.commit().await?;
    let story = board::story(&call.means.db, &shipment).await?;
    Ok(Json(story.ok_or_else(|| Problem::not_found("shipment"))?))
}

/// A label, to print.
#[utoipa::path(get, path = "/api/v1/labels/{attempt}", params(("attempt" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")), security(("token" = [])))]
pub(super) async fn label(
    call: Call,
    Path(attempt): Path<String>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let (media_type, document) = desk::label(&call.means.db, &call.acting(), &attempt).await?;
    Ok(([(CONTENT_TYPE, media_type)], document))
}
