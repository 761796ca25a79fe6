//! Pages of the billing staff: today on one page, and each charge with its transfers.

mod charge;
mod charges;
mod day;
mod paper;
mod today;

use super::plumbing::errors::PageError;
use super::plumbing::form::Fields;
use super::plumbing::routes::Routes;
use super::plumbing::show::Sign;
use super::staff::Means;
use crate::desk::billing::BillingError;
use crate::model::PaidBy;
use crate::model::charge::ChargeState;
use crate::money::MoneyError;
use axum::Router;

/// The routes, a page or a step each.
#[must_use]
pub fn table() -> Routes<Means> {
    Routes::default()
        .get("/billing", today::page)
        .get("/billing/charges", charges::page)
        .get("/billing/charges/{charge}", charge::page)
        .get("/billing/charges/{charge}/paper", paper::page)
        .steps::<charge::Step, _, _>("/billing/charges/{charge}/{step}", charge::step)
        .post("/billing/close", day::close)
        .post("/billing/deposits", day::deposit)
        .post("/billing/exports", day::export)
        .get("/billing/exports/{batch}", day::file)
}

/// What serves them.
pub fn routes(means: Means) -> Router {
    table().with_state(means)
}

/// What the page says about something that was not done; what the page cannot say is an error.
fn problem(error: BillingError) -> Result<String, PageError> {
    match error {
        BillingError::NotPermitted(_) => Err(PageError::NotPermitted),
        BillingError::NotFound { .. } => Err(PageError::NotFound),
        BillingError::Money(MoneyError::Store(error)) => Err(error.into()),
        BillingError::Money(refused) => Ok(super::plumbing::show::sentence(&refused.to_string())),
    }
}

/// What was only to be looked at and cannot be.
impl From<BillingError> for PageError {
    fn from(error: BillingError) -> Self {
        problem(error).map_or_else(|error| error, Self::Broken)
    }
}

/// What was paid with, as a form says it.
fn paid_by(fields: &Fields) -> Result<PaidBy, BillingError> {
    let unfit = MoneyError::Unfit { what: "what it was paid with", most: 5 };
    PaidBy::parse(fields.text("paid_by")).ok_or(BillingError::Money(unfit))
}

/// A charge's state as a sign.
pub(super) fn state_sign(state: &ChargeState) -> Sign {
    match state {
        ChargeState::Quoted => Sign::new("", "Told"),
        ChargeState::Open => Sign::new("warn", "To collect"),
        ChargeState::Paid { .. } => Sign::new("good", "Paid"),
        ChargeState::Waived { .. } => Sign::new("ended", "Waived"),
        ChargeState::Void { .. } => Sign::new("ended", "Void"),
        ChargeState::Refunding { .. } => Sign::new("warn", "To refund"),
        ChargeState::Refunded { .. } => Sign::new("ended", "Refunded"),
        ChargeState::Disputed { .. } => Sign::new("bad", "Disputed"),
        ChargeState::WrittenOff { .. } => Sign::new("bad", "Written off"),
    }
}

/// The states by the words rows use, with what a list of each is called.
const STATES: [(&str, &str); 9] = [
    ("open", "To collect"),
    ("paid", "Paid"),
    ("refunding", "To refund"),
    ("refunded", "Refunded"),
    ("waived", "Waived"),
    ("void", "Void"),
    ("quoted", "Told"),
    ("disputed", "Disputed"),
    ("written_off", "Written off"),
];

/// What a list of charges in a state is called.
fn state_name(state: &str) -> &'static str {
    STATES.iter().find(|(word, _)| *word == state).map_or("Charges", |(_, name)| name)
}
