//! Forms are taken from our own pages only: browsers say where a request comes from (`Sec-Fetch-Site`,
//! `Origin`). The token in the forms of someone signed in ([`super::form`]) is the second lock.

use crate::config::PublicUrl;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::{CsrfLayer, ProtectionError};

type Refusal = fn(ProtectionError) -> Response;

/// The layer that refuses what another site sent.
pub fn layer(url: &PublicUrl) -> CsrfLayer<Refusal> {
    let layer = CsrfLayer::new();
    // A configured address was checked when it was read; one that were refused here would trust nobody more.
    let layer = layer.clone().add_trusted_origin(url.as_str()).unwrap_or(layer);
    layer.with_rejection_response(|_| StatusCode::FORBIDDEN.into_response())
}
