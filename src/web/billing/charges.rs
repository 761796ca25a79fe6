//! Charges in one state, with what they sum to.

use super::today::Line;
use super::{STATES, state_name};
use crate::desk::billing;
use crate::money::billing::PAGE;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::staff::{Means, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// Which charges.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "billing/charges.html")]
pub(super) struct Charges {
    pub frame: Frame,
    pub title: &'static str,
    pub chips: Vec<(&'static str, &'static str, bool)>,
    pub lines: Vec<Line>,
    pub more: Option<String>,
}

/// `GET /billing/charges?state=open`
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let site = &means.house.site;
    let state = STATES.iter().map(|(word, _)| *word).find(|word| *word == asked.state).unwrap_or("open");
    let found = billing::in_state(&means.db, &staff.acting(&means), site, state, &asked.after).await?;
    let is_full = found.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let last = found.last().filter(|_| is_full);
    answer(&Charges {
        frame: staff.frame("/billing"),
        title: state_name(state),
        chips: STATES.iter().map(|(word, name)| (*word, *name, *word == state)).collect(),
        more: last.map(|charge| format!("/billing/charges?state={state}&after={}", charge.id)),
        lines: found.into_iter().map(|charge| Line::of(charge, &site.zone)).collect(),
    })
}
