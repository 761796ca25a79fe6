//! What was done, and what left.

use super::Call;
use super::call::Query;
use super::problem::Problem;
use super::views::{DisclosureView, HappeningView};
use crate::desk::authorization::Action;
use crate::desk::overview::Happening;
use crate::store::{audit, disclosures as rows};
use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use utoipa::IntoParams;

/// The most events a page has.
const MOST: u32 = 500;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Those before this event's id.
    before: Option<String>,
    /// At most so many, 100 unless said otherwise, 500 at most.
    limit: Option<u32>,
}

/// What was done, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(Page), responses((status = 200, body = Vec<HappeningView>)), security(("token" = [])))]
pub(super) async fn list(call: Call, Query(page): Query<Page>) -> Result<Json<Vec<HappeningView>>, Problem> {
    call.permit(Action::SeeAudit)?;
    let limit = page.limit.unwrap_or(100).min(MOST);
    let events = audit::newest(&call.means.db, page.before.as_deref(), limit).await?;
    Ok(Json(events.into_iter().map(|event| Happening { event, by: None }.into()).collect()))
}

/// The accounting of a request's disclosures, the oldest first.
#[utoipa::path(get, path = "/api/v1/requests/{reference}/disclosures", params(("reference" = String, Path)),
    responses((status = 200, body = Vec<DisclosureView>)), security(("token" = [])))]
pub(super) async fn disclosures(
    call: Call,
    Path(reference): Path<String>,
) -> Result<Json<Vec<DisclosureView>>, Problem> {
    call.permit(Action::SeeAudit)?;
    let request = call.request(&reference).await?;
    let found = rows::of_request(&call.means.db, &request.id).await?;
    Ok(Json(found.into_iter().map(Into::into).collect()))
}
