//! Letters, printed at the desk.

use super::request::find_request;
use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::desk::discs::to_print;
use crate::model::disc::{Disc, DiscSet};
use crate::model::shipment::Progress;
use crate::model::{Delivery, ReleaseRequest};
use crate::notify::catalogs::{Argument, Texts};
use crate::store::{deliveries, discs, requests, shipments};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::page;
use crate::web::plumbing::paper::{Holds, LabelPage, Letter, LetterFor, Packing, Receipt};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use burn_queue::{Code, DiscState};
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
    let reference = request.reference.to_string();
    let back = format!("/staff/requests/{reference}");
    let letter = LetterFor {
        language: request.language.parse().unwrap_or_default(),
        large: asked.print == "large",
        back: &back,
        on: means.house.site_of(&request).today(means.clock.now_ms()),
        name: &delivery.recipient,
        address: address(&delivery),
        reference: &reference,
        holds: match delivery.destination.disc() {
            Some(form) => Holds::Disc(form),
            None => Holds::Page(format!("{}/r", means.house.url.as_str())),
        },
        code_route: &delivery.code_route,
        packing: None,
    };
    page(&Letter::of(means.house.site_of(&request), letter)?)
}

/// `GET /staff/burn/{code}/label`
pub async fn disc_label(
    State(means): State<Means>,
    staff: Staff,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let (disc, set, delivery, request) = disc(&means, &staff, &code).await?;
    let language = request.language.parse().unwrap_or_default();
    let t = Texts::of(language);
    let counts = [("studies", &set.counts.studies as &dyn Argument), ("images", &set.counts.instances)];
    let form = delivery.destination.disc().ok_or(PageError::NotFound)?;
    let (code, place, content) =
        (disc.code.to_string(), disc.place.to_string(), t.with_all("label-count", counts));
    let around = (means.house.site_of(&request), language, "/staff/burn");
    page(&LabelPage::of(around, &code, &place, form, content)?)
}

/// `GET /staff/burn/{code}/letter`: the letter and the face of the envelope, for all discs of the set.
pub async fn disc_letter(
    State(means): State<Means>,
    staff: Staff,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let (_, set, delivery, request) = disc(&means, &staff, &code).await?;
    let codes = codes_of(&means, &set).await?;
    let reference = request.reference.to_string();
    let letter = LetterFor {
        language: request.language.parse().unwrap_or_default(),
        large: false,
        back: "/staff/burn",
        on: means.house.site_of(&request).today(means.clock.now_ms()),
        name: &delivery.recipient,
        address: address(&delivery),
        reference: &reference,
        holds: Holds::Disc(delivery.destination.disc().ok_or(PageError::NotFound)?),
        code_route: &delivery.code_route,
        packing: Some(Packing {
            paper: set.paper_code().to_string(),
            envelope: set.envelope_code().to_string(),
            discs: codes,
        }),
    };
    page(&Letter::of(means.house.site_of(&request), letter)?)
}

/// `GET /staff/parcels/{parcel}/receipt`: what is signed when discs are handed over. Its number is the letter's code.
pub async fn receipt(
    State(means): State<Means>,
    staff: Staff,
    Path(parcel): Path<String>,
) -> Result<Response, PageError> {
    staff.require(Action::ShipParcels)?;
    let shipment = shipments::get(&means.db, &parcel).await?;
    let shipment =
        shipment.filter(|found| matches!(found.progress, Progress::Desk(_))).ok_or(PageError::NotFound)?;
    let set = discs::set_of_delivery(&means.db, &shipment.delivery).await?.ok_or(PageError::NotFound)?;
    let request = requests::get(&means.db, &shipment.request).await?.ok_or(PageError::NotFound)?;
    let delivery = deliveries::get(&means.db, &shipment.delivery).await?.ok_or(PageError::NotFound)?;
    let form = delivery.destination.disc().ok_or(PageError::NotFound)?;
    let around = (request.language.parse().unwrap_or_default(), "/staff/parcels");
    let codes = codes_of(&means, &set).await?;
    let number = set.paper_code().to_string();
    page(&Receipt::of(means.house.site_of(&request), around, number, shipment.reference, (&codes, form)))
}

/// The codes of the discs of a set that are sent.
async fn codes_of(means: &Means, set: &DiscSet) -> Result<Vec<String>, PageError> {
    let all = discs::of_set(&means.db, &set.id).await?;
    let good = all.iter().filter(|disc| !matches!(disc.state, DiscState::Spoiled { .. }));
    Ok(good.map(|disc| disc.code.to_string()).collect())
}

/// A disc with its set, its delivery and its request.
async fn disc(
    means: &Means,
    staff: &Staff,
    code: &str,
) -> Result<(Disc, DiscSet, Delivery, ReleaseRequest), PageError> {
    let code: Code = code.parse().map_err(|_| PageError::NotFound)?;
    let (disc, set) = to_print(&means.db, &staff.acting(means), code).await?;
    let delivery = deliveries::get(&means.db, &set.delivery).await?.ok_or(PageError::NotFound)?;
    let request = requests::get(&means.db, &set.request).await?.ok_or(PageError::NotFound)?;
    Ok((disc, set, delivery, request))
}

/// Where a delivery goes, line by line.
fn address(delivery: &Delivery) -> Vec<String> {
    delivery.destination.address().map_or_else(Vec::new, |address| {
        let last = format!("{}, {} {}", address.city, address.state, address.zip);
        address.lines.iter().cloned().chain([last]).collect()
    })
}
