//! Errors as problem documents: RFC 9457. The only place that chooses a status.

use super::image::ImageError;
use crate::delivery::disc::DiscError;
use crate::delivery::shipment::ShipmentError;
use crate::desk::DeskError;
use crate::desk::authorization::NotPermitted;
use crate::desk::billing::BillingError;
use crate::desk::discs::DiscsError;
use crate::desk::shipping::ShippingError;
use crate::money::MoneyError;
use crate::store::StoreError;
use crate::words::in_words;
use axum::Json;
use axum::extract::Request;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem: `not-permitted`, `invalid`. Programs go by this.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The same in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is in the way this time.
    pub detail: String,
    /// The field that is not usable, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: String) -> Self {
        Self { kind, title, status: status.as_u16(), detail, field: None }
    }

    /// Nobody showed a good token.
    #[must_use]
    pub fn unknown_caller() -> Self {
        let detail = "send a user's token: Authorization: Bearer frt_…".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "unknown-caller", "Who calls is not known", detail)
    }

    fn failed(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %in_words(error), "a call could not be answered");
        let detail = "the service could not do this now: try again later".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "The service failed", detail)
    }

    fn of_status(status: StatusCode) -> Self {
        let (kind, title, detail) = match status {
            StatusCode::NOT_FOUND => ("not-found", "There is none", "there is nothing at this address"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("not-so", "It is not called so", "use a method that the header Allow names")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "What was sent is too long", "send less at once"),
            StatusCode::SERVICE_UNAVAILABLE => ("busy", "It took too long", "try again later"),
            status if status.is_client_error() => {
                ("unreadable", "What was sent cannot be read", "see /api/openapi.json for what is understood")
            }
            _ => ("failed", "The service failed", "the service could not do this now: try again later"),
        };
        Self::new(status, kind, title, detail.to_owned())
    }

    pub(super) fn unreadable(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", "What was sent cannot be read", detail)
    }

    /// There is none.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        let detail = format!("there is no such {what}");
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is none", detail)
    }

    fn unusable(detail: String) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "invalid", "Something in it is not usable", detail)
    }

    pub(super) fn refused(detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, "refused", "It is not where this can be done", detail)
    }
}

/// Gives an error below `/api/` that nobody explained a problem document: an unknown address, another method, a body that
/// is too long.
pub async fn explain(request: Request, next: Next) -> Response {
    let is_ours = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !is_ours || !(status.is_client_error() || status.is_server_error()) || kind.contains("json") {
        return response;
    }
    let told = Problem::of_status(status).into_response();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(told.headers().clone());
    Response::from_parts(parts, told.into_body())
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotPermitted(error) => error.into(),
            DeskError::NotFound { what } => Self::not_found(what),
            DeskError::Invalid { field, .. } => {
                Self { field: Some(field), ..Self::unusable(error.to_string()) }
            }
            DeskError::Address(_) => Self { field: Some("destination"), ..Self::unusable(error.to_string()) },
            DeskError::Stale => {
                let title = "It has changed in the meantime";
                Self::new(StatusCode::CONFLICT, "changed", title, error.to_string())
            }
            DeskError::Refused(_) | DeskError::Approval(_) | DeskError::Extension(_) => {
                Self::refused(error.to_string())
            }
            DeskError::Store(error) => error.into(),
        }
    }
}

impl From<DiscError> for Problem {
    fn from(error: DiscError) -> Self {
        match error {
            DiscError::NoSuchDisc(_) => Self::not_found("disc"),
            DiscError::Store(error) => error.into(),
            refused => Self::refused(refused.to_string()),
        }
    }
}

impl From<DiscsError> for Problem {
    fn from(error: DiscsError) -> Self {
        match error {
            DiscsError::NotPermitted(error) => error.into(),
            DiscsError::Disc(error) => error.into(),
            DiscsError::Desk(error) => error.into(),
        }
    }
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        Self::failed(&error)
    }
}

impl From<NotPermitted> for Problem {
    fn from(error: NotPermitted) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-permitted", "This is not yours to do", error.to_string())
    }
}

impl From<BillingError> for Problem {
    fn from(error: BillingError) -> Self {
        match error {
            BillingError::NotPermitted(error) => error.into(),
            BillingError::NotFound { what } => Self::not_found(what),
            BillingError::Money(MoneyError::Store(error)) => error.into(),
            BillingError::Money(error @ (MoneyError::Unfit { .. } | MoneyError::CardNumber)) => {
                Self::unusable(error.to_string())
            }
            BillingError::Money(error) => Self::refused(error.to_string()),
        }
    }
}

impl From<ShippingError> for Problem {
    fn from(error: ShippingError) -> Self {
        match error {
            ShippingError::NotPermitted(error) => error.into(),
            ShippingError::NotFound { what } => Self::not_found(what),
            ShippingError::Desk(error) => error.into(),
            ShippingError::Shipment(ShipmentError::Store(error)) => error.into(),
            ShippingError::Shipment(ShipmentError::Disc(error)) => error.into(),
            ShippingError::Shipment(error @ ShipmentError::Unsaid(_)) => Self::unusable(error.to_string()),
            ShippingError::Shipment(error) => Self::refused(error.to_string()),
        }
    }
}

/// What the store says may be logged, and is of no use to a caller.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::failed(&error)
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::unreadable(rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::unreadable(rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
