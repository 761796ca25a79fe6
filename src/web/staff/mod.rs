//! Pages of the staff: server-rendered, usable without a script, quick by keyboard. They speak English, the
//! language decisions bind in; papers for patients speak theirs.

mod burn;
mod deliveries;
mod links;
mod new_request;
mod notices;
mod papers;
mod parcels;
mod request;
mod session;
mod steps;
mod thumbnail;
mod worklist;

pub use session::Staff;
pub use thumbnail::{Picture, Pictures};

use super::plumbing::House;
use super::plumbing::errors::PageError;
use super::plumbing::routes::Routes;
use crate::clock::Clock;
use crate::delivery::disc::DiscError;
use crate::delivery::label::Parcels;
use crate::desk::DeskError;
use crate::desk::discs::DiscsError;
use crate::desk::people::Passwords;
use crate::desk::seal::CodeError;
use crate::desk::shipping::ShipmentDeed;
use crate::model::FeeSchedule;
use crate::store::db::Db;
use crate::words::in_words;
use axum::Router;
use axum::extract::FromRef;
use axum::http::StatusCode;
use imaging::seal::MasterKeys;
use std::sync::Arc;

/// What the pages work with.
#[derive(Clone)]
pub struct Means {
    /// Where the pages are.
    pub house: House,
    /// The rows.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The master keys.
    pub keys: Arc<MasterKeys>,
    /// Looks at passwords, a few at a time.
    pub passwords: Arc<Passwords>,
    /// Small pictures of studies.
    pub pictures: Pictures,
    /// The carrier and the sites.
    pub parcels: Parcels,
    /// What a delivery by FedEx costs.
    pub fee: FeeSchedule,
}

impl FromRef<Means> for House {
    fn from_ref(means: &Means) -> Self {
        means.house.clone()
    }
}

/// The routes, a page or a step each.
#[must_use]
pub fn table() -> Routes<Means> {
    let request = "/staff/requests/{reference}";
    let step = |step: &str| format!("{request}/{step}");
    Routes::default()
        .get("/staff", session::start)
        .get("/staff/sign-in", session::sign_in_page)
        .post("/staff/sign-in", session::sign_in)
        .post("/staff/sign-out", session::sign_out)
        .get("/staff/requests", worklist::page)
        .post("/staff/requests", worklist::search)
        .get("/staff/requests/new", new_request::page)
        .post("/staff/requests/new", new_request::submit)
        .get(request, request::page)
        .post(request, request::find)
        .post(&step("identity"), steps::verify_identity)
        .post(&step("need-information"), steps::need_information)
        .post(&step("information-came"), steps::take_information)
        .post(&step("studies"), steps::choose_studies)
        .steps::<steps::StudyStep, _, _>(&step("studies/{study}/{step}"), steps::change_study)
        .post(&step("approve"), steps::approve)
        .post(&step("deny"), steps::deny)
        .post(&step("no-records"), steps::find_no_records)
        .post(&step("withdraw"), steps::withdraw)
        .post(&step("reopen"), steps::reopen)
        .post(&step("extend"), steps::extend)
        .post(&step("received"), steps::change_received)
        .post(&step("duplicate"), steps::close_as_duplicate)
        .post(&step("stopped/{job}/retry"), steps::retry)
        .post(&step("stopped/{job}/set-aside"), steps::set_aside)
        .get(&step("notices/{notice}"), notices::page)
        .post(&step("deliveries"), deliveries::choose)
        .post(&step("deliveries/{delivery}/code-route"), deliveries::confirm_code_route)
        .post(&step("deliveries/{delivery}/opening-code"), deliveries::show_opening_code)
        .post(&step("deliveries/{delivery}/cancel"), deliveries::cancel)
        .get(&step("letter"), papers::letter)
        .post(&step("links/{link}/code"), links::issue_code)
        .post(&step("links/{link}/extend"), links::extend)
        .post(&step("links/{link}/send"), links::send_again)
        .post(&step("links/{link}/revoke"), links::revoke)
        .get("/staff/parcels", parcels::page)
        .post("/staff/parcels", parcels::find)
        .deeds::<ShipmentDeed, _, _>("/staff/parcels/{parcel}/{deed}", parcels::act)
        .get("/staff/parcels/{parcel}/receipt", papers::receipt)
        .get("/staff/labels/{attempt}", parcels::label)
        .get("/staff/studies/{study}/thumbnail", thumbnail::picture)
        .get("/staff/burn", burn::page)
        .post("/staff/burn/pack", burn::pack)
        .get("/staff/burn/{code}/label", papers::disc_label)
        .get("/staff/burn/{code}/letter", papers::disc_letter)
        .steps::<burn::Step, _, _>("/staff/burn/{code}/{step}", burn::step)
}

/// What serves them.
pub fn routes(means: Means) -> Router {
    table().with_state(means)
}

impl From<CodeError> for PageError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Desk(error) => error.into(),
            CodeError::Store(error) => error.into(),
            CodeError::Unseal(_) => Self::Broken(in_words(&error)),
        }
    }
}

impl From<DiscsError> for PageError {
    fn from(error: DiscsError) -> Self {
        match error {
            DiscsError::NotPermitted(_) => Self::NotPermitted,
            DiscsError::Disc(DiscError::NoSuchDisc(_) | DiscError::NotVerified(_)) => Self::NotFound,
            DiscsError::Disc(DiscError::Store(error)) => error.into(),
            DiscsError::Desk(error) => error.into(),
            // What cannot be done is not offered: it has changed since the page was made.
            DiscsError::Disc(_) => Self::Changed,
        }
    }
}

impl From<DeskError> for PageError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotPermitted(_) => Self::NotPermitted,
            DeskError::NotFound { .. } => Self::NotFound,
            DeskError::Stale => Self::Changed,
            DeskError::Store(error) => Self::from(error),
            DeskError::Invalid { .. } => Self::Unreadable(StatusCode::UNPROCESSABLE_ENTITY),
            // What cannot be done is not offered: it has changed since the page was made.
            DeskError::Refused(_)
            | DeskError::Approval(_)
            | DeskError::Extension(_)
            | DeskError::Address(_) => Self::Changed,
        }
    }
}
