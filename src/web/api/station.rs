//! `/api/v1/station`: what a burning station asks and reports.
//!
//! | call | does |
//! |---|---|
//! | `POST lease` | gives out the next disc for one of the blanks at hand: 200, or 204 if none waits |
//! | `POST discs/{code}/renew` | the station is still at it |
//! | `POST discs/{code}/release` | it gives the disc back, its drive untouched |
//! | `POST discs/{code}/begin` | the intent: 204 means the drive may be touched |
//! | `GET discs/{code}/image` | the image, by `Range` if it broke off |
//! | `POST discs/{code}/burned` | the drive has written everything |
//! | `POST discs/{code}/ended` | it was read back, or failed |
//!
//! 409 means no, now and later: the disc is no longer this attempt's. Anything else may be asked again.

pub mod described;

use super::call::Call;
use super::image::{Bytes, ImageError};
use super::problem::Problem;
use super::{Means, image};
use crate::delivery::disc::Said;
use crate::desk::authorization::Action;
use crate::desk::discs as desk;
use crate::model::disc::{Disc, DiscSet};
use crate::web::plumbing::routes::Routes;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use burn_queue::{Attempt, Code, Medium, Report};
use described::{StationAttempt, StationReport, StationWork};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// The future of an image that is made ready.
pub type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Bytes>, ImageError>> + Send>>;
/// Makes the image of a disc ready to be read, by its set's seal.
pub type DiscImages = Arc<dyn Fn(Disc, DiscSet) -> Opening + Send + Sync>;

/// What the routes stand on.
#[derive(Clone)]
pub struct Stations {
    /// What every call works with.
    pub means: Means,
    /// The bytes of images.
    pub images: DiscImages,
    /// How long a station has a disc without being heard of, in milliseconds.
    pub lease_ms: u32,
}

/// The routes, below `/api/v1/station`.
#[must_use]
pub fn table() -> Routes<Stations> {
    Routes::default()
        .post("/api/v1/station/lease", lease)
        .post("/api/v1/station/discs/{code}/renew", renew)
        .post("/api/v1/station/discs/{code}/release", release)
        .post("/api/v1/station/discs/{code}/begin", begin)
        .get("/api/v1/station/discs/{code}/image", image)
        .post("/api/v1/station/discs/{code}/burned", burned)
        .post("/api/v1/station/discs/{code}/ended", ended)
}

/// What serves them.
pub fn routes(stations: Stations) -> Router {
    table().with_state(stations)
}

/// The calls, for `/api/openapi.json`.
#[derive(OpenApi)]
#[openapi(paths(lease, renew, release, begin, image, burned, ended))]
pub(super) struct Described;

/// `POST lease`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaseRequest {
    /// The station's name: 1 to 40 letters, digits and hyphens.
    pub station: String,
    /// The blanks it has at hand: `cd`, `dvd`, `dvd-dl`, `bd`.
    #[schema(value_type = Vec<String>)]
    pub blanks: Vec<Medium>,
}

/// `POST ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndedRequest {
    /// Whose attempt.
    #[schema(value_type = StationAttempt)]
    pub attempt: Attempt,
    /// How it ended.
    #[schema(value_type = StationReport)]
    pub report: Report,
}

/// A call by somebody who may burn.
struct Station {
    stations: Stations,
    call: Call,
}

impl FromRequestParts<Stations> for Station {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, stations: &Stations) -> Result<Self, Problem> {
        let call = Call::from_request_parts(parts, &stations.means).await?;
        call.permit(Action::BurnDiscs)?;
        Ok(Self { stations: stations.clone(), call })
    }
}

impl Station {
    /// Takes what a station says in one transaction and answers that it was taken.
    async fn said(&self, code: Code, attempt: Attempt, said: Said) -> Result<StatusCode, Problem> {
        let mut tx = self.call.begin().await?;
        desk::report(&mut tx, &self.call.acting(), (code, attempt), said, self.stations.lease_ms).await?;
        tx.commit().await?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// Gives out the next disc for one of the blanks at hand.
#[utoipa::path(post, path = "/api/v1/station/lease", request_body = LeaseRequest,
    responses((status = 200, body = StationWork), (status = 204, description = "No disc waits.")),
    security(("token" = [])))]
async fn lease(
    station: Station,
    asked: Result<Json<LeaseRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(asked) = asked?;
    if !is_station_name(&asked.station) {
        return Err(Problem::unreadable(
            "a station's name is 1 to 40 letters, digits and hyphens".to_owned(),
        ));
    }
    let mut tx = station.call.begin().await?;
    let lease_ms = station.stations.lease_ms;
    let at = (asked.station.as_str(), asked.blanks.as_slice());
    let work = desk::lease(&mut tx, &station.call.acting(), at, lease_ms).await?;
    tx.commit().await?;
    Ok(match work {
        Some(work) => Json(work).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Names end up in rows and on pages.
fn is_station_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The disc of an address.
struct DiscAt(Code);

impl FromRequestParts<Stations> for DiscAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, stations: &Stations) -> Result<Self, Problem> {
        let none = || Problem::not_found("disc");
        let path = Path::<String>::from_request_parts(parts, stations).await.map_err(|_| none())?;
        Ok(Self(path.0.parse().map_err(|_| none())?))
    }
}

type Changed = Result<StatusCode, Problem>;
type Whose = Result<Json<Attempt>, JsonRejection>;

/// The station is still at it.
#[utoipa::path(post, path = "/api/v1/station/discs/{code}/renew", params(("code" = String, Path)),
    request_body = StationAttempt, responses((status = 204)), security(("token" = [])))]
async fn renew(station: Station, DiscAt(code): DiscAt, attempt: Whose) -> Changed {
    station.said(code, attempt?.0, Said::StillAtIt).await
}

/// The station gives the disc back, its drive untouched.
#[utoipa::path(post, path = "/api/v1/station/discs/{code}/release", params(("code" = String, Path)),
    request_body = StationAttempt, responses((status = 204)), security(("token" = [])))]
async fn release(station: Station, DiscAt(code): DiscAt, attempt: Whose) -> Changed {
    station.said(code, attempt?.0, Said::GivenBack).await
}

/// The station is about to touch its drive, and may once this is answered.
#[utoipa::path(post, path = "/api/v1/station/discs/{code}/begin", params(("code" = String, Path)),
    request_body = StationAttempt, responses((status = 204)), security(("token" = [])))]
async fn begin(station: Station, DiscAt(code): DiscAt, attempt: Whose) -> Changed {
    station.said(code, attempt?.0, Said::Beginning).await
}

/// The drive has written everything.
#[utoipa::path(post, path = "/api/v1/station/discs/{code}/burned", params(("code" = String, Path)),
    request_body = StationAttempt, responses((status = 204)), security(("token" = [])))]
async fn burned(station: Station, DiscAt(code): DiscAt, attempt: Whose) -> Changed {
    station.said(code, attempt?.0, Said::Burned).await
}

/// The disc was read back, or its burn failed.
#[utoipa::path(post, path = "/api/v1/station/discs/{code}/ended", params(("code" = String, Path)),
    request_body = EndedRequest, responses((status = 204)), security(("token" = [])))]
async fn ended(
    station: Station,
    DiscAt(code): DiscAt,
    asked: Result<Json<EndedRequest>, JsonRejection>,
) -> Changed {
    let Json(EndedRequest { attempt, report }) = asked?;
    station.said(code, attempt, Said::Ended(report)).await
}

/// The image, or the part of it that is asked for by `Range`. It goes out once its burn is on record, and only to whoever
/// burns it.
#[utoipa::path(get, path = "/api/v1/station/discs/{code}/image", params(("code" = String, Path),
    ("number" = u32, Query, description = "The attempt's number."),
    ("station" = String, Query, description = "The station.")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 206, body = Vec<u8>, content_type = "application/octet-stream")), security(("token" = [])))]
async fn image(
    station: Station,
    DiscAt(code): DiscAt,
    attempt: Result<Query<Attempt>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(attempt) = attempt?;
    let db = &station.stations.means.db;
    let (disc, set) = desk::at_the_drive(db, &station.call.acting(), code, &attempt).await?;
    let (length, tag) = (disc.image.bytes(), disc.image.sha256());
    let bytes = (station.stations.images)(disc, set).await?;
    Ok(image::respond(bytes, length, &tag.to_string(), &headers))
}

#[cfg(test)]
mod tests;
