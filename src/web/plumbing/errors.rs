//! What goes wrong, as pages. A handler says what it was; here it gets its status, its words in the reader's
//! language, and its line in the log.

use super::House;
use super::frame::Frame;
use super::language::Reader;
use super::log::RequestId;
use crate::store::StoreError;
use crate::words;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use std::any::Any;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// There is none at this address, or none for this reader.
    #[error("there is no such page")]
    NotFound,
    /// Somebody must sign in first, and then comes back.
    #[error("nobody is signed in")]
    SignIn {
        /// Where they wanted to go.
        back: String,
    },
    /// Their role does not let them.
    #[error("this role may not do that")]
    NotPermitted,
    /// The form is from before they signed in, or not from us.
    #[error("the form does not belong to this session")]
    StaleForm,
    /// What was sent is no form, or too long.
    #[error("what was sent cannot be read")]
    Unreadable(StatusCode),
    /// Someone else was faster: what was to change is no longer as it was shown.
    #[error("it has changed meanwhile")]
    Changed,
    /// The database.
    #[error("the database")]
    Store(#[source] StoreError),
    /// A template.
    #[error("a page could not be written")]
    Template(#[from] askama::Error),
    /// A part of the service failed.
    #[error("{0}")]
    Broken(String),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::WrongCount { .. } => Self::Changed,
            StoreError::Missing { .. } => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::SignIn { back } => {
                let back: String = back.bytes().map(escaped).collect();
                return Redirect::to(&format!("/staff/sign-in?back={back}")).into_response();
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotPermitted | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::Unreadable(status) => *status,
            Self::Changed => StatusCode::CONFLICT,
            Self::Store(_) | Self::Template(_) | Self::Broken(_) => {
                tracing::error!(error = words::in_words(&self), "a page failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut response = status.into_response();
        if matches!(self, Self::StaleForm) {
            response.extensions_mut().insert(Words("stale-form"));
        }
        response
    }
}

/// A byte of a query's value (RFC 3986 2.1).
fn escaped(byte: u8) -> String {
    match byte {
        b'/' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

/// Which words explain an error, where its status does not say enough.
#[derive(Debug, Clone, Copy)]
struct Words(&'static str);

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: String,
    explanation: String,
    reference: Option<String>,
    start: &'static str,
}

/// There is no page at this address.
pub async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// There is one, but not for this method.
pub async fn method_not_allowed() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

/// A handler that panicked has failed like any other.
pub fn of_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Gives an error that has no page of its own one that says what happened and what to do.
pub async fn explain(State(house): State<House>, reader: Reader, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // Programs are told by the API itself, in a form of their own.
    let is_a_page = kind.starts_with("text/html") || kind.contains("json") || path.starts_with("/api/");
    if !(status.is_client_error() || status.is_server_error()) || is_a_page {
        return response;
    }
    let words = response.extensions().get::<Words>().map_or_else(|| words_for(status), |words| words.0);
    let t = reader.0;
    let page = ErrorPage {
        title: t.say(&format!("error-{words}-title")),
        explanation: t.say(&format!("error-{words}")),
        reference: id.filter(|_| status.is_server_error()),
        start: start_of(&path),
        // Nothing of an address that leads nowhere is said back.
        frame: Frame::public(t, house.site, ""),
    };
    let mut headers = response.headers().clone();
    headers.remove(CONTENT_TYPE);
    headers.remove(axum::http::header::CONTENT_LENGTH);
    match page.render() {
        Ok(html) => (status, headers, Html(html)).into_response(),
        Err(_) => (status, headers).into_response(),
    }
}

/// Where whoever came by this path begins.
fn start_of(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("staff") => "/staff",
        Some("billing") => "/billing",
        _ => "/r",
    }
}

fn words_for(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => "not-found",
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => "not-permitted",
        StatusCode::CONFLICT => "changed",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::TOO_MANY_REQUESTS => "too-often",
        StatusCode::SERVICE_UNAVAILABLE => "busy",
        status if status.is_server_error() => "broken",
        _ => "unreadable",
    }
}
