//! A request on one screen: who asks and by what right, the images, the deliveries, the next thing to do.

mod parcel;
mod view;

pub(super) use view::RequestPage;

use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::desk::overview::overview;
use crate::desk::parcel_outlook::outlook;
use crate::model::{Reference, ReleaseRequest};
use crate::model::{StudyFilter, StudySummary};
use crate::store::{links, requests, studies, users};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::page as answer;
use axum::extract::{Path, State};
use axum::response::Response;
use std::collections::HashMap;
use view::Looked;

/// Studies shown of a search.
const FOUND: u32 = 20;

/// `GET /staff/requests/{reference}`
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Path(reference): Path<String>,
) -> Result<Response, PageError> {
    show(&means, &staff, &reference, Fields::default(), None).await
}

/// `POST /staff/requests/{reference}`: the same, with images that were looked for. What is looked for is a name
/// or a number of a patient's, which no address may have.
pub async fn find(
    State(means): State<Means>,
    staff: Staff,
    Path(reference): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    show(&means, &staff, &reference, fields, None).await
}

/// The page of a request, with what was typed and what was not done if something was not.
pub(super) async fn show(
    means: &Means,
    staff: &Staff,
    reference: &str,
    typed: Fields,
    problem: Option<String>,
) -> Result<Response, PageError> {
    staff.require(Action::SeeRequests)?;
    let request = find_request(means, reference).await?;
    let site = means.house.site_of(&request);
    let on = site.today(means.clock.now_ms());
    let overview = overview(&means.db, &request.id, on).await?;
    let may_search = staff.may(Action::SearchStudies) && request.state.is_undecided();
    let find = match typed.text("find") {
        _ if !may_search => String::new(),
        "" if overview.studies.is_empty() => request.patient.name,
        words => words.to_owned(),
    };
    let found = search(means, &find).await?;
    let chosen = |study: &StudySummary| overview.studies.iter().any(|compared| compared.study.id == study.id);
    let found = found.into_iter().filter(|study| !chosen(study)).collect();
    let colleagues = users::list(&means.db).await?;
    let links = links::of_request(&means.db, &request.id).await?;
    let mut outlooks = HashMap::new();
    for delivery in overview.deliveries() {
        let outlook = outlook(&means.db, &means.parcels, &site, delivery).await?;
        outlooks.extend(outlook.map(|outlook| (delivery.id.clone(), outlook)));
    }
    let looked = Looked { overview, today: on, find, found, colleagues, links, typed, outlooks };
    answer(&RequestPage::of(means, staff, looked, problem))
}

/// The request that goes by a reference.
pub(super) async fn find_request(means: &Means, reference: &str) -> Result<ReleaseRequest, PageError> {
    let reference: Reference = reference.parse().map_err(|_| PageError::NotFound)?;
    requests::by_reference(&means.db, &reference).await?.ok_or(PageError::NotFound)
}

/// Studies by Patient ID, accession number or name, whichever finds some.
async fn search(means: &Means, find: &str) -> Result<Vec<StudySummary>, PageError> {
    if find.is_empty() {
        return Ok(Vec::new());
    }
    let by = StudyFilter { limit: FOUND, ..StudyFilter::default() };
    let reversed = family_name_first(find);
    for filter in [
        StudyFilter { patient_id: Some(find.to_owned()), ..by.clone() },
        StudyFilter { accession_number: Some(find.to_owned()), ..by.clone() },
        StudyFilter { name: Some(find.to_owned()), ..by.clone() },
        StudyFilter { name: Some(reversed), ..by },
    ] {
        let found = studies::list(&means.db, &filter).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// "Jane Ann Roe" as images have it: "Roe Jane Ann".
fn family_name_first(name: &str) -> String {
    match name.trim().rsplit_once(' ') {
        Some((given, family)) => format!("{family} {given}"),
        None => name.trim().to_owned(),
    }
}
