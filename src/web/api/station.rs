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

use super::image::{Bytes, ImageError};
use crate::audit::events::Actor;
use crate::delivery::disc::{self, By, DiscError};
use crate::model::disc::{Disc, DiscSet};
use crate::store::db::{Db, Tx};
use crate::store::{StoreError, discs};
use crate::words::in_words;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use burn_queue::{Attempt, Code, DiscState, Medium, Report};
use imaging::chance::Chance;
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;

/// A future that is sent between threads.
type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// Says who is calling, if they may work a station; else the answer that says why not.
pub type Permit = Arc<dyn Fn(&HeaderMap) -> Later<Result<Actor, Response>> + Send + Sync>;
/// Makes the image of a disc ready to be read, by its set's recipe.
pub type DiscImages = Arc<dyn Fn(Disc, DiscSet) -> Later<Result<Arc<dyn Bytes>, ImageError>> + Send + Sync>;

/// What the routes stand on.
#[derive(Clone)]
pub struct Stations {
    /// Where discs are.
    pub db: Db,
    /// Randomness for ids and codes.
    pub chance: Arc<dyn Chance>,
    /// Who may.
    pub permit: Permit,
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

async fn lease(
    State(stations): State<Stations>,
    headers: HeaderMap,
    Json(asked): Json<LeaseRequest>,
) -> Result<Response, Refusal> {
    let actor = stations.actor(&headers).await?;
    if !is_station_name(&asked.station) {
        return Err(Refusal::BadName);
    }
    let mut tx = stations.db.begin().await?;
    let by = stations.by(&actor);
    let work = disc::lease(&mut tx, &asked.station, &asked.blanks, stations.lease_ms, by).await?;
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

/// Runs one change in one transaction and answers that it was made.
macro_rules! changed {
    ($stations:ident, $headers:ident, |$tx:ident, $by:ident| $change:expr) => {{
        let actor = $stations.actor(&$headers).await?;
        let mut transaction = $stations.db.begin().await?;
        let ($tx, $by): (&mut Tx, By<'_>) = (&mut transaction, $stations.by(&actor));
        $change.await?;
        transaction.commit().await?;
        Ok(StatusCode::NO_CONTENT)
    }};
}

type Changed = Result<StatusCode, Refusal>;

async fn renew(
    State(stations): State<Stations>,
    Path(code): Path<Code>,
    headers: HeaderMap,
    Json(attempt): Json<Attempt>,
) -> Changed {
    changed!(stations, headers, |tx, by| disc::renew(tx, code, attempt, stations.lease_ms, by))
}

async fn release(
    State(stations): State<Stations>,
    Path(code): Path<Code>,
    headers: HeaderMap,
    Json(attempt): Json<Attempt>,
) -> Changed {
    changed!(stations, headers, |tx, by| disc::release(tx, code, attempt, by))
}

async fn begin(
    State(stations): State<Stations>,
    Path(code): Path<Code>,
    headers: HeaderMap,
    Json(attempt): Json<Attempt>,
) -> Changed {
    changed!(stations, headers, |tx, by| disc::begin(tx, code, attempt, stations.lease_ms, by))
}

async fn burned(
    State(stations): State<Stations>,
    Path(code): Path<Code>,
    headers: HeaderMap,
    Json(attempt): Json<Attempt>,
) -> Changed {
    changed!(stations, headers, |tx, by| disc::burned(tx, code, attempt, stations.lease_ms, by))
}

async fn ended(
    State(stations): State<Stations>,
    Path(code): Path<Code>,
    headers: HeaderMap,
    Json(asked): Json<EndedRequest>,
) -> Changed {
    changed!(stations, headers, |tx, by| disc::ended(tx, code, asked.attempt, asked.report, by))
}

/// The image goes out once its burn is on record, and only to whoever burns it.
async fn image(
    State(stations): State<Stations>,
    Path(code): Path<Code>,
    Query(attempt): Query<Attempt>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    stations.actor(&headers).await?;
    let found = discs::by_code(&stations.db, code).await?;
    let (disc, set) = found.ok_or(DiscError::NoSuchDisc(code))?;
    let at_the_drive =
        matches!(disc.state, DiscState::Burning(_) | DiscState::Burned(_) | DiscState::Unresolved { .. });
    if !at_the_drive || disc.state.attempt() != Some(&attempt) {
        return Err(Refusal::NotBurning);
    }
    let (length, tag) = (disc.image.bytes(), disc.image.sha256());
    let bytes = (stations.images)(disc, set).await.map_err(Refusal::Image)?;
    Ok(super::image::respond(bytes, length, &tag.to_string(), &headers))
}

impl Stations {
    async fn actor(&self, headers: &HeaderMap) -> Result<Actor, Refusal> {
        (self.permit)(headers).await.map_err(|answer| Refusal::NotPermitted(Box::new(answer)))
    }

    fn by<'a>(&'a self, actor: &'a Actor) -> By<'a> {
        By { actor, chance: &*self.chance }
    }
}

/// Why a station does not get what it asks for.
#[derive(Debug)]
enum Refusal {
    NotPermitted(Box<Response>),
    BadName,
    NotBurning,
    Disc(DiscError),
    Image(ImageError),
}

impl From<DiscError> for Refusal {
    fn from(error: DiscError) -> Self {
        Self::Disc(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Disc(DiscError::Store(error))
    }
}

/// Problems are told as RFC 9457 has it.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::NotPermitted(answer) => return *answer,
            Self::BadName => {
                let detail = "a station's name is 1 to 40 letters, digits and hyphens";
                (StatusCode::UNPROCESSABLE_ENTITY, detail.to_owned())
            }
            Self::NotBurning => (StatusCode::CONFLICT, "this attempt is not burning this disc".to_owned()),
            Self::Disc(DiscError::Store(error)) => return later(&error),
            Self::Disc(error @ DiscError::NoSuchDisc(_)) => (StatusCode::NOT_FOUND, error.to_string()),
            Self::Disc(error) => (StatusCode::CONFLICT, error.to_string()),
            Self::Image(error) => return later(&error),
        };
        problem(status, &detail)
    }
}

/// What fails now may work later. What it was is for the log.
fn later(error: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(error = in_words(error), "a station was not answered");
    problem(StatusCode::SERVICE_UNAVAILABLE, "the service cannot answer now: ask again")
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let body = serde_json::json!({ "title": title, "status": status.as_u16(), "detail": detail });
    let headers = [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
