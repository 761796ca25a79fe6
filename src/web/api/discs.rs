//! Discs: what is to be done with them by hand, and doing it. What stations say goes to [`super::station`].

use super::Call;
use super::call::Body;
use super::problem::Problem;
use crate::delivery::disc::Board;
use crate::desk::discs::{self as desk, DiscDeed};
use axum::Json;
use axum::extract::Path;
use burn_queue::Scanned;
use serde::Deserialize;
use utoipa::ToSchema;

/// The discs that wait, are at stations, or are to be labelled, packed, decided about or destroyed.
#[utoipa::path(get, path = "/api/v1/discs", responses((status = 200, body = Board)), security(("token" = [])))]
pub(super) async fn list(call: Call) -> Result<Json<Board>, Problem> {
    Ok(Json(desk::board(&call.means.db, &call.acting()).await?))
}

/// Does something with the disc of this code; the discs then.
#[utoipa::path(post, path = "/api/v1/discs/{disc}/deeds", params(("disc" = String, Path)), request_body = DiscDeed,
    responses((status = 200, body = Board), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn act(
    call: Call,
    Path(disc): Path<String>,
    Body(deed): Body<DiscDeed>,
) -> Result<Json<Board>, Problem> {
    let code = disc.parse().map_err(|_| Problem::not_found("disc"))?;
    let mut tx = call.begin().await?;
    desk::act_on_disc(&mut tx, &call.acting(), code, deed).await?;
    tx.commit().await?;
    list(call).await
}

/// The three codes that go together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScannedCodes {
    /// On the disc.
    disc: String,
    /// On its letter.
    paper: String,
    /// On its envelope.
    envelope: String,
}

/// Packs a disc by what was scanned; the discs then. 409 if the three do not belong together.
#[utoipa::path(post, path = "/api/v1/discs/pack", request_body = ScannedCodes,
    responses((status = 200, body = Board), (status = 409, body = Problem)), security(("token" = [])))]
pub(super) async fn pack(call: Call, Body(codes): Body<ScannedCodes>) -> Result<Json<Board>, Problem> {
    let scanned = Scanned { disc: &codes.disc, paper: &codes.paper, envelope: &codes.envelope };
    let mut tx = call.begin().await?;
    desk::pack(&mut tx, &call.acting(), &scanned).await?;
    tx.commit().await?;
    list(call).await
}
