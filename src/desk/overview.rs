//! How far a request is, as a page or the API shows it.

use super::DeskError;
use super::request::{Compared, compare_patients};
use crate::model::charge::Charge;
use crate::model::link::LinkGrant;
use crate::model::request::{ClockReading, Pace, ReleaseRequest, RequestState, Standing};
use crate::model::shipment::Shipment;
use crate::model::{Actor, AuditEvent, Delivery, MessageState};
use crate::store::db::Read;
use crate::store::{audit, charges, deliveries, links, messages, requests, shipments, users};
use jiff::civil::Date;

/// A request with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The request.
    pub request: ReleaseRequest,
    /// Its studies, each beside what the requester gave.
    pub studies: Vec<Compared>,
    /// Its deliveries, the oldest first.
    pub deliveries: Vec<Delivery>,
    /// Its links, the oldest first.
    pub links: Vec<LinkGrant>,
    /// Its shipments, the oldest first.
    pub shipments: Vec<Shipment>,
    /// Its charges, the oldest first.
    pub charges: Vec<Charge>,
    /// What its clock says today.
    pub clock: ClockReading,
    /// Whom it waits for, and for what.
    pub waits_for: WaitsFor,
    /// What happened, the oldest first.
    pub timeline: Vec<Happening>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The event.
    pub event: AuditEvent,
    /// Who did it, by the name colleagues know; nothing where it was no user.
    pub by: Option<String>,
}

/// Whom a request waits for, and for what: the next thing to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// The desk, to verify who asks.
    Identity,
    /// The desk, to find the studies.
    Studies,
    /// The desk, to compare their patients.
    PatientCheck,
    /// The desk, to decide.
    Decision,
    /// The requester, to answer.
    Information,
    /// The requester or the desk, to choose a delivery.
    DeliveryChoice,
    /// The desk, to confirm how a code gets to its recipient.
    CodeRoute,
    /// The desk, to send a link another way: the mail with it was refused.
    LinkRefused,
    /// The deliveries that are under way.
    Deliveries,
    /// Nobody.
    Nothing,
}

impl WaitsFor {
    /// Whom and for what, in English.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Identity => "the desk: verify who asks",
            Self::Studies => "the desk: choose the studies",
            Self::PatientCheck => "the desk: compare the patients",
            Self::Decision => "the desk: decide",
            Self::Information => "the requester: answer the question",
            Self::DeliveryChoice => "the desk: choose a delivery",
            Self::CodeRoute => "the desk: confirm how the code gets to the recipient",
            Self::LinkRefused => {
                "the desk: the mail with the link was refused; cancel that delivery, choose another"
            }
            Self::Deliveries => "the deliveries under way",
            Self::Nothing => "nobody",
        }
    }
}

/// A request with everything that belongs to it.
///
/// # Errors
/// [`DeskError::NotFound`] if there is none, or if the database fails.
pub async fn overview(mut reader: impl Read, id: &str, today: Date) -> Result<Overview, DeskError> {
    let request = requests::get(&mut reader, id).await?;
    let request = request.ok_or(DeskError::NotFound { what: "release request" })?;
    let scope = requests::scope(&mut reader, id).await?;
    let studies = compare_patients(&mut reader, &request, &scope).await?;
    let deliveries = deliveries::of_request(&mut reader, id).await?;
    let links = links::of_request(&mut reader, id).await?;
    let shipments = shipments::of_request(&mut reader, id).await?;
    let charges = charges::of_request(&mut reader, id).await?;
    let timeline = timeline(&mut reader, id).await?;
    let waits_for = match waits_for(&request, &studies, &deliveries) {
        WaitsFor::Deliveries | WaitsFor::CodeRoute
            if is_link_refused(&mut reader, &deliveries, &links).await? =>
        {
            WaitsFor::LinkRefused
        }
        other => other,
    };
    let clock = request.deadlines().clock(today);
    Ok(Overview { request, studies, deliveries, links, shipments, charges, clock, waits_for, timeline })
}

/// Whether the mail server refused the last mail with the link of a delivery that is open.
async fn is_link_refused(
    mut reader: impl Read,
    deliveries: &[Delivery],
    links: &[LinkGrant],
) -> Result<bool, DeskError> {
    let is_open = |id: &str| deliveries.iter().any(|own| own.id == id && !own.state.is_closed());
    for grant in links.iter().filter(|grant| grant.shared_from.is_none() && is_open(&grant.delivery)) {
        let mail = messages::latest_of_grant(&mut reader, &grant.id).await?;
        if mail.is_some_and(|mail| matches!(mail.state, MessageState::Refused { .. })) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn timeline(mut reader: impl Read, id: &str) -> Result<Vec<Happening>, DeskError> {
    let events = audit::timeline(&mut reader, id).await?;
    let names = users::list(&mut reader).await?;
    let name_of = |event: &AuditEvent| match serde_json::from_str(&event.actor) {
        Ok(Actor::User { id }) => names.iter().find(|user| user.id == id).map(|user| user.name.clone()),
        _ => None,
    };
    Ok(events.into_iter().map(|event| Happening { by: name_of(&event), event }).collect())
}

/// What the next thing to be done is.
#[must_use]
pub fn waits_for(request: &ReleaseRequest, studies: &[Compared], deliveries: &[Delivery]) -> WaitsFor {
    match &request.state {
        RequestState::NeedsInformation { .. } => WaitsFor::Information,
        RequestState::Submitted | RequestState::Reopened { .. } => WaitsFor::Identity,
        RequestState::IdentityVerified { .. } => undecided(studies),
        RequestState::Approved { .. } | RequestState::Fulfilling { .. } => open(deliveries),
        _ => WaitsFor::Nothing,
    }
}

fn undecided(studies: &[Compared]) -> WaitsFor {
    let mut released = studies.iter().filter(|compared| compared.chosen.standing == Standing::Released);
    let was_seen = |compared: &Compared| {
        let record = compared.chosen.checked.as_ref();
        record.is_some_and(|record| record.fingerprint == compared.check.fingerprint())
    };
    if released.clone().next().is_none() {
        WaitsFor::Studies
    } else if released.all(was_seen) {
        WaitsFor::Decision
    } else {
        WaitsFor::PatientCheck
    }
}

fn open(deliveries: &[Delivery]) -> WaitsFor {
    if deliveries.iter().all(|delivery| delivery.state.is_dropped()) {
        return WaitsFor::DeliveryChoice;
    }
    let mut open = deliveries.iter().filter(|delivery| !delivery.state.is_closed());
    if open.any(|delivery| delivery.code_route_confirmed_at.is_none()) {
        WaitsFor::CodeRoute
    } else {
        WaitsFor::Deliveries
    }
}

/// What a request's clock says, in English.
#[must_use]
pub fn clock_words(request: &ReleaseRequest, clock: ClockReading) -> String {
    let due = request.deadlines().due_on;
    if request.state.is_closed() {
        return "closed".to_owned();
    }
    let days = |count: i32| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
    match clock.pace {
        Pace::Overdue => format!("{} over the date of the law, {due}", days(-clock.days_left)),
        Pace::DueSoon if clock.days_left == 0 => format!("due today, {due}"),
        Pace::DueSoon => format!("due in {}, by {due}", days(clock.days_left)),
        Pace::PastTarget => format!("past our two weeks; {} left, until {due}", days(clock.days_left)),
        Pace::OnTime => format!("on time; {} left, until {due}", days(clock.days_left)),
    }
}
