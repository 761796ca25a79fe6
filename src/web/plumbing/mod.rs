//! What every page stands on: headers, limits, cookies, languages, forms, errors as pages.
//!
//! [`dressed`] puts it around routes, from the inside out:
//!
//! | layer | what it does |
//! |---|---|
//! | `origin` | refuses a form that another site sent |
//! | limits | a body of at most 256 KiB, an answer within 30 s, a panic becomes an error |
//! | [`errors`] | an error without a page gets one, in the reader's language |
//! | `headers` | what a browser is held to |
//! | `log` | one line per request, by route and never by path, with an id that the error page shows |

pub mod assets;
pub mod client;
pub mod cookies;
pub mod errors;
pub mod fee;
pub mod form;
pub mod frame;
mod headers;
pub mod language;
mod log;
mod origin;
pub mod paper;
pub mod routes;
pub mod show;

use crate::config::{Network, PublicUrl};
use crate::model::{ReleaseRequest, Site};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use imaging::chance::Chance;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// A form is never larger.
const MAX_BODY_BYTES: usize = 256 << 10;
/// A page that is not there by then will not be. The time a body takes to send does not count.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Where the pages are and who looks after them.
#[derive(Clone)]
pub struct House {
    /// The address people reach the pages by.
    pub url: PublicUrl,
    /// Proxies whose word on who called is taken.
    pub trusted_proxies: Arc<[Network]>,
    /// The desk whose pages these are, where no request says another.
    pub site: Arc<Site>,
    /// Every site, by its word.
    pub sites: Arc<BTreeMap<String, Arc<Site>>>,
    /// For the ids of requests.
    pub chance: Arc<dyn Chance>,
}

impl House {
    /// The site that works on a request: its name, its telephone and its days are what the requester is told.
    #[must_use]
    pub fn site_of(&self, request: &ReleaseRequest) -> Arc<Site> {
        Arc::clone(self.sites.get(&request.site).unwrap_or(&self.site))
    }
}

/// Puts the plumbing around pages.
pub fn dressed(pages: Router, house: House) -> Router {
    pages
        .merge(assets::routes())
        .fallback(errors::not_found)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(origin::layer(&house.url))
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(errors::of_panic))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
        .layer(from_fn_with_state(house.clone(), errors::explain))
        .layer(from_fn_with_state(house.clone(), headers::put))
        .layer(from_fn_with_state(house.clone(), log::each))
        .layer(from_fn_with_state(house.clone(), client::find))
        .layer(from_fn_with_state(house, language::choose))
}

#[cfg(test)]
mod tests;
