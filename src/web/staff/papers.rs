//! Letters, printed at the desk.

use super::request::find_request;
use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::model::delivery::Way;
use crate::store::deliveries;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::page;
use crate::web::plumbing::paper::{Letter, LetterFor};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

/// Which letter.
#[derive(Debug, Deserialize)]
pub struct Asked {
    delivery: String,
    #[serde(default)]
    print: String,
}

/// `GET /staff/requests/{reference}/letter?delivery=…&print=large`
pub async fn letter(
    State(means): State<Means>,
    staff: Staff,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    staff.require(Action::SeeRequests)?;
    let request = find_request(&means, &reference).await?;
    let delivery = deliveries::get(&means.db, &asked.delivery).await?;
    let delivery = delivery.filter(|delivery| delivery.request == request.id).ok_or(PageError::NotFound)?;
    let address = delivery.destination.address().map(|address| {
        let last = format!("{}, {} {}", address.city, address.state, address.zip);
        address.lines.iter().cloned().chain([last]).collect()
    });
    let reference = request.reference.to_string();
    let back = format!("/staff/requests/{reference}");
    let letter = LetterFor {
        language: request.language.parse().unwrap_or_default(),
        large: asked.print == "large",
        back: &back,
        on: means.house.site.today(means.clock.now_ms()),
        name: &delivery.recipient,
        address: address.unwrap_or_default(),
        reference: &reference,
        page_address: (delivery.way() == Way::Link).then(|| format!("{}/r", means.house.url.as_str())),
        code_route: &delivery.code_route,
    };
    page(&Letter::of(means.house.site.clone(), letter)?)
}
