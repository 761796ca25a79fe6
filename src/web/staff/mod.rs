//! Pages of the staff: server-rendered, usable without a script, quick by keyboard. They speak English, the
//! language decisions bind in; papers for patients speak theirs.

mod burn;
mod deliveries;
mod links;
mod new_request;
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
use crate::clock::Clock;
use crate::delivery::disc::DiscError;
use crate::delivery::label::Parcels;
use crate::desk::DeskError;
use crate::desk::discs::DiscsError;
use crate::desk::people::Passwords;
use crate::desk::seal::CodeError;
use crate::model::FeeSchedule;
use crate::store::db::Db;
use crate::words::in_words;
use axum::Router;
use axum::extract::FromRef;
use axum::response::Redirect;
use axum::routing::{get, post};
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
pub fn routes(means: Means) -> Router {
    let request = "/staff/requests/{reference}";
    let step = |step: &str| format!("{request}/{step}");
    Router::new()
        .route("/staff", get(|| async { Redirect::to("/staff/requests") }))
        .route("/staff/sign-in", get(session::sign_in_page).post(session::sign_in))
        .route("/staff/sign-out", post(session::sign_out))
        .route("/staff/requests", get(worklist::page).post(worklist::search))
        .route("/staff/requests/new", get(new_request::page).post(new_request::submit))
        .route(request, get(request::page).post(request::find))
        .route(&step("identity"), post(steps::verify_identity))
        .route(&step("need-information"), post(steps::need_information))
        .route(&step("information-came"), post(steps::take_information))
        .route(&step("studies"), post(steps::choose_studies))
        .route(&step("studies/{study}/{what}"), post(steps::change_study))
        .route(&step("approve"), post(steps::approve))
        .route(&step("deny"), post(steps::deny))
        .route(&step("no-records"), post(steps::find_no_records))
        .route(&step("withdraw"), post(steps::withdraw))
        .route(&step("reopen"), post(steps::reopen))
        .route(&step("extend"), post(steps::extend))
        .route(&step("deliveries"), post(deliveries::choose))
        .route(&step("deliveries/{delivery}/code-route"), post(deliveries::confirm_code_route))
        .route(&step("deliveries/{delivery}/opening-code"), post(deliveries::show_opening_code))
        .route(&step("deliveries/{delivery}/cancel"), post(deliveries::cancel))
        .route(&step("letter"), get(papers::letter))
        .route(&step("links/{link}/code"), post(links::issue_code))
        .route(&step("links/{link}/revoke"), post(links::revoke))
        .route("/staff/parcels", get(parcels::page).post(parcels::find))
        .route("/staff/parcels/{parcel}/{deed}", post(parcels::act))
        .route("/staff/parcels/{parcel}/receipt", get(papers::receipt))
        .route("/staff/labels/{attempt}", get(parcels::label))
        .route("/staff/studies/{study}/thumbnail", get(thumbnail::picture))
        .route("/staff/burn", get(burn::page))
        .route("/staff/burn/pack", post(burn::pack))
        .route("/staff/burn/{code}/label", get(papers::disc_label))
        .route("/staff/burn/{code}/letter", get(papers::disc_letter))
        .route("/staff/burn/{code}/{step}", post(burn::step))
        .with_state(means)
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
            DiscsError::Disc(refused) => Self::Broken(refused.to_string()),
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
            refused => Self::Broken(refused.to_string()),
        }
    }
}
