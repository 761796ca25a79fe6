//! A small picture of a study, for whoever chooses among several.

use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::web::plumbing::errors::PageError;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A picture as browsers show it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its media type: `image/jpeg`, `image/png`.
    pub kind: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Draws a study, by the id of its row; nothing if nothing in it can be drawn.
pub type Pictures = Arc<dyn Fn(String) -> BoxFuture<'static, Option<Picture>> + Send + Sync>;

/// `GET /staff/studies/{study}/thumbnail`
pub async fn picture(
    State(means): State<Means>,
    staff: Staff,
    Path(study): Path<String>,
) -> Result<Response, PageError> {
    staff.require(Action::SearchStudies)?;
    let picture = (means.pictures)(study).await.ok_or(PageError::NotFound)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(picture.kind)),
        // For the time somebody works on the request, on their machine only.
        (CACHE_CONTROL, HeaderValue::from_static("private, max-age=600")),
    ];
    Ok((headers, Bytes::from(picture.bytes)).into_response())
}
