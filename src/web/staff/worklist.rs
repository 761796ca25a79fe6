//! The worklist: one line per request, those that break first on top.

use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::desk::overview::{WaitsFor, waits_for_each};
use crate::model::delivery::Way;
use crate::store::requests::{self, Chip, RequestFilter, RequestLine};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::Posted;
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{Sign, day, days_off};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;

/// Lines of a page.
const LINES: u32 = 100;

/// What to show.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    skip: u32,
}

#[derive(Template)]
#[template(path = "staff/worklist.html")]
pub(super) struct Worklist {
    pub frame: Frame,
    pub title: &'static str,
    pub search: String,
    pub chips: Vec<ChipView>,
    pub lines: Vec<Line>,
    pub empty: &'static str,
    pub may_add: bool,
    pub more: Option<String>,
}

/// A part of the requests to choose.
pub(super) struct ChipView {
    pub name: &'static str,
    pub path: String,
    pub here: bool,
}

/// A request in a line.
pub(super) struct Line {
    pub path: String,
    pub reference: String,
    pub patient: String,
    pub requester: String,
    pub state: Sign,
    pub due: Sign,
    pub due_on: String,
    pub ways: Vec<&'static str>,
    pub waiting_for: &'static str,
}

/// `GET /staff/requests`
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let chip = Chip::parse(&asked.show).unwrap_or_default();
    show(&means, &staff, RequestFilter { chip, skip: asked.skip, ..RequestFilter::default() }).await
}

/// `POST /staff/requests`: those of a reference or a name, which no address may have.
pub async fn search(
    State(means): State<Means>,
    staff: Staff,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let search = fields.text("search").to_owned();
    show(&means, &staff, RequestFilter { search, ..RequestFilter::default() }).await
}

async fn show(means: &Means, staff: &Staff, filter: RequestFilter) -> Result<Response, PageError> {
    staff.require(Action::SeeRequests)?;
    let filter = RequestFilter { limit: LINES + 1, ..filter };
    let RequestFilter { chip, skip, .. } = filter;
    let mut found = requests::list(&means.db, &filter).await?;
    let has_more = found.len() > usize::try_from(LINES).unwrap_or(usize::MAX);
    if has_more {
        found.pop();
    }
    let ids: Vec<&str> = found.iter().map(|line| line.id.as_str()).collect();
    let waits_for = waits_for_each(&means.db, &ids).await?;
    let on = means.house.site.today(means.clock.now_ms());
    let next = skip.saturating_add(LINES);
    let is_search = !filter.search.is_empty();
    answer(&Worklist {
        frame: staff.frame("/staff/requests"),
        title: if is_search { "Requests found" } else { title(chip) },
        chips: Chip::ALL.into_iter().map(|each| ChipView::of(each, !is_search && each == chip)).collect(),
        lines: found.into_iter().zip(waits_for).map(|(line, next)| Line::of(line, next, on)).collect(),
        empty: if is_search {
            "No request has this reference or a name that begins so."
        } else {
            empty(chip)
        },
        may_add: staff.may(Action::SubmitRequest),
        more: (has_more && !is_search).then(|| format!("/staff/requests?show={}&skip={next}", chip.as_str())),
        search: filter.search,
    })
}

impl ChipView {
    fn of(chip: Chip, here: bool) -> Self {
        let path = format!("/staff/requests?show={}", chip.as_str());
        Self { name: title(chip), path, here }
    }
}

fn title(chip: Chip) -> &'static str {
    match chip {
        Chip::Open => "Open requests",
        Chip::ToDecide => "To decide",
        Chip::Waiting => "Waiting for the requester",
        Chip::Fulfilling => "On the way",
        Chip::Stopped => "Stopped",
        Chip::Closed => "Closed",
    }
}

fn empty(chip: Chip) -> &'static str {
    match chip {
        Chip::Open => "No request is open. New ones stand here as soon as they come in.",
        Chip::ToDecide => "Nothing waits for a decision.",
        Chip::Waiting => "No requester was asked for anything.",
        Chip::Fulfilling => "No delivery is on the way.",
        Chip::Stopped => "Nothing has stopped. Work that does, waits here for a person.",
        Chip::Closed => "No request has been closed yet.",
    }
}

impl Line {
    fn of(line: RequestLine, waits_for: WaitsFor, on: Date) -> Self {
        let days_left = (line.due_on - on).get_days();
        let is_closed = matches!(
            line.state.as_str(),
            "fulfilled" | "denied" | "no_records" | "duplicate_of" | "withdrawn"
        );
        let due = match days_left {
            _ if is_closed => Sign::new("ended", "closed"),
            ..0 => Sign::new("bad", format!("overdue by {}", -days_left)),
            0..=5 => Sign::new("warn", days_off(days_left)),
            _ => Sign::new("", days_off(days_left)),
        };
        Self {
            path: format!("/staff/requests/{}", line.reference),
            state: state_sign(&line.state),
            due,
            due_on: day(line.due_on),
            ways: line.ways.iter().filter_map(|way| Way::parse(way)).map(way_name).collect(),
            waiting_for: waits_for.words(),
            reference: line.reference,
            patient: line.patient,
            requester: line.requester,
        }
    }
}

/// A request's state as a sign.
pub(super) fn state_sign(state: &str) -> Sign {
    match state {
        "submitted" => Sign::new("", "Came in"),
        "reopened" => Sign::new("warn", "Taken up again"),
        "needs_information" => Sign::new("warn", "Something is missing"),
        "identity_verified" => Sign::new("going", "Identity verified"),
        "approved" => Sign::new("going", "Approved"),
        "fulfilling" => Sign::new("going", "On the way"),
        "fulfilled" => Sign::new("good", "Fulfilled"),
        "denied" => Sign::new("bad", "Denied"),
        "no_records" => Sign::new("ended", "Nothing found"),
        "duplicate_of" => Sign::new("ended", "Same as another"),
        _ => Sign::new("ended", "Taken back"),
    }
}

/// The way of a delivery, as everyone calls it.
pub(super) fn way_name(way: Way) -> &'static str {
    match way {
        Way::Link => "Link",
        Way::Mail => "Mail",
        Way::FedEx => "FedEx",
        Way::Desk => "Counter",
    }
}
