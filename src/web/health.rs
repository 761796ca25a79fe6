//! `/healthz`: the process lives. `/readyz`: it can do its work, and if not, what is in the way.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

const NO_STORE: [(HeaderName, &str); 2] = [(CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];

/// One thing the service needs, and whether it has it.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What is needed.
    pub name: &'static str,
    /// `None` if it is there, else what is in the way, in words for an operator.
    pub problem: Option<String>,
}

/// Looks at everything the service needs.
pub type Probe = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Vec<Check>> + Send>> + Send + Sync>;

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    checks: Vec<Check>,
}

/// The probes' routes.
pub fn routes(probe: Probe) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(probe)
}

async fn alive() -> Response {
    (NO_STORE, "alive\n").into_response()
}

async fn ready(State(probe): State<Probe>) -> Response {
    let checks = probe().await;
    let ready = checks.iter().all(|check| check.problem.is_none());
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, NO_STORE, Json(Readiness { ready, checks })).into_response()
}
