//! One line per request: what was asked for by its route, never by its path, which may hold a token.

use super::House;
use crate::hex::hex;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is called in the log, and on an error page.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Names a request, and writes its line when it is answered.
pub async fn each(State(house): State<House>, mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 6];
    house.chance.fill(&mut bytes);
    let id = hex(&bytes);
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = Instant::now();
    let mut response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis());
    let route = route.as_deref().unwrap_or("none");
    if status >= 500 {
        tracing::error!(request = id, %method, route, status, ms, "answered");
    } else {
        tracing::info!(request = id, %method, route, status, ms, "answered");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
