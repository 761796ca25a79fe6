//! `/api/v1`: what programs call. `GET /api/openapi.json` describes it.
//!
//! A caller shows a user's token (`Authorization: Bearer frt_…`) and has that user's rights; what they may not
//! do is 403, whether the thing is there or not. Errors are problem documents (RFC 9457), made in one place:
//! [`problem`]. A request goes by its reference; ids of studies and deliveries are only good here.

mod audit;
mod call;
mod charges;
mod decisions;
mod deliveries;
mod discs;
pub mod image;
pub mod problem;
mod requests;
mod session;
mod shipments;
pub mod station;
mod studies;
pub mod views;

pub use call::{Call, bearer};

use crate::clock::Clock;
use crate::delivery::label::Parcels;
use crate::store::db::Db;
use axum::routing::get;
use axum::{Json, Router};
use imaging::chance::Chance;
use jiff::tz::TimeZone;
use std::sync::Arc;
use utoipa::OpenApi as _;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the API works with.
#[derive(Clone)]
pub struct Means {
    /// The rows.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub chance: Arc<dyn Chance>,
    /// Where the site's days begin and end.
    pub zone: TimeZone,
    /// The carrier and the sites.
    pub parcels: Parcels,
    /// The site requests are taken in at.
    pub site: Arc<str>,
}

/// The routes.
pub fn routes(means: Means) -> Router {
    let (routes, described) = described().split_for_parts();
    routes.route("/api/openapi.json", get(move || async move { Json(described) })).with_state(means)
}

fn described() -> OpenApiRouter<Means> {
    let mut api: OpenApi =
        OpenApiBuilder::new().info(Info::new("Filmroom", env!("CARGO_PKG_VERSION"))).build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    api.components.get_or_insert_default().add_security_scheme("token", bearer);
    api.merge(station::Described::openapi());
    OpenApiRouter::with_openapi(api)
        .routes(routes!(session::show))
        .routes(routes!(studies::list))
        .routes(routes!(studies::search))
        .routes(routes!(requests::list, requests::submit))
        .routes(routes!(requests::search))
        .routes(routes!(requests::show))
        .routes(routes!(requests::change_received))
        .routes(routes!(requests::retry))
        .routes(routes!(decisions::verify_identity))
        .routes(routes!(decisions::need_information))
        .routes(routes!(decisions::take_information))
        .routes(routes!(decisions::choose_study, decisions::drop_study))
        .routes(routes!(decisions::check_patient))
        .routes(routes!(decisions::approve))
        .routes(routes!(decisions::deny))
        .routes(routes!(decisions::find_no_records))
        .routes(routes!(decisions::close_as_duplicate))
        .routes(routes!(decisions::withdraw))
        .routes(routes!(decisions::reopen))
        .routes(routes!(decisions::extend))
        .routes(routes!(deliveries::choose))
        .routes(routes!(deliveries::switch))
        .routes(routes!(deliveries::cancel))
        .routes(routes!(deliveries::confirm_code_route))
        .routes(routes!(charges::overview))
        .routes(routes!(charges::show))
        .routes(routes!(charges::act))
        .routes(routes!(charges::close))
        .routes(routes!(charges::deposit))
        .routes(routes!(charges::export))
        .routes(routes!(charges::exported))
        .routes(routes!(shipments::list))
        .routes(routes!(shipments::show))
        .routes(routes!(shipments::act))
        .routes(routes!(shipments::label))
        .routes(routes!(discs::list))
        .routes(routes!(discs::pack))
        .routes(routes!(discs::act))
        .routes(routes!(audit::list))
        .routes(routes!(audit::disclosures))
}

#[cfg(test)]
mod tests;
