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

use super::call::Call;
use super::image::{Bytes, ImageError};
use super::problem::Problem;
use super::{Means, image};
use crate::delivery::disc::{self, By, DiscError};
use crate::desk::authorization::Action;
use crate::model::Actor;
use crate::model::disc::{Disc, DiscSet};
use crate::store::db::Tx;
use crate::store::discs;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use burn_queue::{Attempt, Code, DiscState, Medium, Report};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;

/// The future of an image that is made ready.
pub type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Bytes>, ImageError>> + Send>>;
/// Makes the image of a disc ready to be read, by its set's recipe.
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
pub fn routes(stations: Stations) -> Router {
    Router::new()
        .route("/api/v1/station/lease", post(lease))
        .route("/api/v1/station/discs/{code}/renew", post(renew))
        .route("/api/v1/station/discs/{code}/release", post(release))
        .route("/api/v1/station/discs/{code}/begin", post(begin))
        .route("/api/v1/station/discs/{code}/image", get(image))
        .route("/api/v1/station/discs/{code}/burned", post(burned))
        .route("/api/v1/station/discs/{code}/ended", post(ended))
        .with_state(stations)
}

/// `POST lease`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// The station's name: 1 to 40 letters, digits and hyphens.
    pub station: String,
    /// The blanks it has at hand.
    pub blanks: Vec<Medium>,
}

/// `POST ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedRequest {
    /// Whose attempt.
    pub attempt: Attempt,
    /// How it ended.
    pub report: Report,
}

/// A call by somebody who may burn.
struct Station {
    stations: Stations,
    call: Call,
    actor: Actor,
}

impl FromRequestParts<Stations> for Station {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, stations: &Stations) -> Result<Self, Problem> {
        let call = Call::from_request_parts(parts, &stations.means).await?;
        call.permit(Action::BurnDiscs)?;
        let actor = call.acting().who.actor();
        Ok(Self { stations: stations.clone(), call, actor })
    }
}

impl Station {
    fn by(&self) -> By<'_> {
        By { actor: &self.actor, chance: &*self.stations.means.chance }
    }
}

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
    let work = disc::lease(&mut tx, &asked.station, &asked.blanks, lease_ms, station.by()).await?;
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
fn disc_at(code: &str) -> Result<Code, Problem> {
    code.parse().map_err(|_| Problem::not_found("disc"))
}

/// Runs one change of one disc in one transaction and answers that it was made.
macro_rules! changed {
    ($station:ident, |$tx:ident| $change:expr) => {{
        let mut transaction = $station.call.begin().await?;
        let $tx: &mut Tx = &mut transaction;
        $change.await?;
        transaction.commit().await?;
        Ok(StatusCode::NO_CONTENT)
    }};
}

type Changed = Result<StatusCode, Problem>;
type Whose = Result<Json<Attempt>, JsonRejection>;

async fn renew(station: Station, Path(code): Path<String>, attempt: Whose) -> Changed {
    let (code, Json(attempt)) = (disc_at(&code)?, attempt?);
    changed!(station, |tx| disc::renew(tx, code, attempt, station.stations.lease_ms, station.by()))
}

async fn release(station: Station, Path(code): Path<String>, attempt: Whose) -> Changed {
    let (code, Json(attempt)) = (disc_at(&code)?, attempt?);
    changed!(station, |tx| disc::release(tx, code, attempt, station.by()))
}

async fn begin(station: Station, Path(code): Path<String>, attempt: Whose) -> Changed {
    let (code, Json(attempt)) = (disc_at(&code)?, attempt?);
    changed!(station, |tx| disc::begin(tx, code, attempt, station.stations.lease_ms, station.by()))
}

async fn burned(station: Station, Path(code): Path<String>, attempt: Whose) -> Changed {
    let (code, Json(attempt)) = (disc_at(&code)?, attempt?);
    changed!(station, |tx| disc::burned(tx, code, attempt, station.stations.lease_ms, station.by()))
}

async fn ended(
    station: Station,
    Path(code): Path<String>,
    asked: Result<Json<EndedRequest>, JsonRejection>,
) -> Changed {
    let (code, Json(EndedRequest { attempt, report })) = (disc_at(&code)?, asked?);
    changed!(station, |tx| disc::ended(tx, code, attempt, report, station.by()))
}

/// The image goes out once its burn is on record, and only to whoever burns it.
async fn image(
    station: Station,
    Path(code): Path<String>,
    attempt: Result<Query<Attempt>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (code, Query(attempt)) = (disc_at(&code)?, attempt?);
    let found = discs::by_code(&station.stations.means.db, code).await?;
    let (disc, set) = found.ok_or(DiscError::NoSuchDisc(code))?;
    let at_the_drive =
        matches!(disc.state, DiscState::Burning(_) | DiscState::Burned(_) | DiscState::Unresolved { .. });
    if !at_the_drive || disc.state.attempt() != Some(&attempt) {
        return Err(Problem::refused("this attempt is not burning this disc".to_owned()));
    }
    let (length, tag) = (disc.image.bytes(), disc.image.sha256());
    let bytes = (station.stations.images)(disc, set).await?;
    Ok(image::respond(bytes, length, &tag.to_string(), &headers))
}

#[cfg(test)]
mod tests;
