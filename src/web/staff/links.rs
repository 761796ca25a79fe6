//! Links of a request: a new access code, printed on a slip and shown once; and taking a link back.

use super::request::find_request;
use super::steps::{Taken, date, not_done, take};
use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::desk::{DeskError, link};
use crate::means;
use crate::model::link::{LinkGrant, LinkState};
use crate::notify::messages::Office;
use crate::store::db::Read;
use crate::store::links;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::Posted;
use crate::web::plumbing::frame::page;
use crate::web::plumbing::paper::{Opens, Slip};
use crate::web::plumbing::show::{Sign, moment};
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::tz::TimeZone;

/// A link as the page of its request shows it.
pub(super) struct LinkView {
    pub id: String,
    pub recipient: String,
    pub state: Sign,
    pub words: String,
    pub may_issue_code: bool,
    pub may_send: bool,
    pub is_open: bool,
}

impl LinkView {
    pub(super) fn of(grant: LinkGrant, now_ms: i64, zone: &TimeZone) -> Self {
        let state = grant.state.at(now_ms);
        let (sign, words) = match &state {
            LinkState::Prepared { until } => {
                (Sign::new("", "Not sent yet"), format!("until {}", moment(*until, zone)))
            }
            LinkState::Active { until } => {
                (Sign::new("good", "Open"), format!("until {}", moment(*until, zone)))
            }
            LinkState::Expired { at } => {
                (Sign::new("ended", "Expired"), format!("since {}", moment(*at, zone)))
            }
            LinkState::Revoked { at, .. } => (Sign::new("ended", "Taken back"), moment(*at, zone)),
            LinkState::Locked { .. } => {
                (Sign::new("bad", "Locked"), "too many wrong tries: a new code opens it again".to_owned())
            }
        };
        let is_open = !matches!(state, LinkState::Revoked { .. });
        let may_issue_code = state.clone().unlock().is_ok();
        // One that was passed on is sent again by who did.
        let may_send = grant.shared_from.is_none() && state.activate().is_ok();
        let code = if grant.has_code { "" } else { ", no access code yet" };
        Self {
            id: grant.id,
            recipient: grant.recipient,
            state: sign,
            words: format!("{words}{code}"),
            may_issue_code,
            may_send,
            is_open,
        }
    }
}

/// `POST /staff/requests/{reference}/links/{link}/code`: a new code, on a slip. The one before opens nothing
/// any more.
pub async fn issue_code(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, link)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::ManageLinks)?;
    let request = find_request(&means, &reference).await?;
    let grant = of_request(&means.db, &request.id, &link).await?;
    let mut tx = means.db.begin().await?;
    let born = request.patient.birth_date;
    let code = match link::issue_code(&mut tx, &with_keys(&means), staff.who(), &grant.id, born).await {
        Ok(code) => code,
        Err(refused) => {
            drop(tx);
            return not_done(&means, &staff, &reference, fields, refused).await;
        }
    };
    tx.commit().await?;
    let language = grant.language.parse().unwrap_or_default();
    let opens = match grant.state {
        LinkState::Prepared { until } | LinkState::Active { until } | LinkState::Locked { until } => until,
        LinkState::Expired { at } | LinkState::Revoked { at, .. } => at,
    };
    let site = means.house.site_of(&request);
    let until = site.today(opens);
    let address = format!("{}/r", means.house.url.as_str());
    let back = format!("/staff/requests/{reference}");
    let opens = Opens::link(address, until, language)?;
    page(&Slip::of(site, (language, false, &back), &reference, &code.reveal(), opens))
}

/// `POST /staff/requests/{reference}/links/{link}/extend`: it is good until the end of a day.
pub async fn extend(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, link)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    take(Action::ManageLinks, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let grant = of_request(&mut *taken.tx, &taken.request.id, &link).await?;
        let day = date(taken.fields, "until")?;
        let until = taken.means.house.site_of(taken.request).start_of(day.tomorrow().unwrap_or(day));
        link::extend(taken.tx, &with_keys(taken.means), taken.staff.who(), &grant.id, until).await
    })
    .await
}

/// `POST /staff/requests/{reference}/links/{link}/send`: another link by mail; the one before opens nothing
/// any more.
pub async fn send_again(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, link)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    take(Action::ManageLinks, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let grant = of_request(&mut *taken.tx, &taken.request.id, &link).await?;
        let (house, site) = (&taken.means.house, taken.means.house.site_of(taken.request));
        let office = Office { site: &site, pages: house.url.as_str() };
        let corrected = taken.fields.given("email");
        let (means, who) = (with_keys(taken.means), taken.staff.who());
        link::send_again(taken.tx, &means, who, &grant.id, (office, corrected.as_deref())).await
    })
    .await
}

/// `POST /staff/requests/{reference}/links/{link}/revoke`: not one more byte leaves by it.
pub async fn revoke(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, link)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    take(Action::ManageLinks, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let grant = of_request(&mut *taken.tx, &taken.request.id, &link).await?;
        link::revoke(taken.tx, &with_keys(taken.means), taken.staff.who(), &grant.id).await
    })
    .await
}

async fn of_request(reader: impl Read, request: &str, link: &str) -> Result<LinkGrant, DeskError> {
    let grant = links::get(reader, link).await?;
    grant.filter(|grant| grant.request == request).ok_or(DeskError::NotFound { what: "link" })
}

fn with_keys(means: &Means) -> means::Means<'_> {
    means::Means { keys: &means.keys, chance: &*means.house.chance, now_ms: means.clock.now_ms() }
}
