//! How far a request is, as a page or the API shows it.

use super::DeskError;
use super::progress::{self, Progress};
use super::request::{Compared, compare_patients};
use crate::model::charge::Charge;
use crate::model::link::LinkGrant;
use crate::model::request::{ClockReading, Pace, ReleaseRequest, RequestState, Standing};
use crate::model::shipment::Shipment;
use crate::model::{Actor, AuditEvent, Delivery};
use crate::store::db::Read;
use crate::store::{audit, charges, links, requests, shipments, users};
use jiff::civil::Date;

/// A request with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The request.
    pub request: ReleaseRequest,
    /// Its studies, each beside what the requester gave.
    pub studies: Vec<Compared>,
    /// How far its deliveries are.
    pub progress: Progress,
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

impl Overview {
    /// Its deliveries, the oldest first.
    pub fn deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.progress.deliveries.iter().map(|one| &one.delivery)
    }
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
/// Of several, what stands higher is to be done first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
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
    /// The desk, to see to work that stopped.
    Stopped,
    /// The desk, to issue the access code of a link.
    AccessCode,
    /// Billing, to collect or let off the fee.
    Payment,
    /// The images, to be put together: that goes by itself.
    Package,
    /// The burn desk, to burn and pack.
    Discs,
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
                "the desk: the mail with the link was refused; send it again to another address"
            }
            Self::Stopped => "the desk: see to what stopped",
            Self::AccessCode => "the desk: issue the access code",
            Self::Payment => "billing: collect the fee, or let it off",
            Self::Package => "the images being put together",
            Self::Discs => "the burn desk: burn and pack",
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
    let progress = progress::of_requests(&mut reader, &[id]).await?.pop().unwrap_or_default();
    let links = links::of_request(&mut reader, id).await?;
    let shipments = shipments::of_request(&mut reader, id).await?;
    let charges = charges::of_request(&mut reader, id).await?;
    let timeline = timeline(&mut reader, id).await?;
    let waits_for = waits_for(&request, &studies, &progress);
    let clock = request.deadlines().clock(today);
    Ok(Overview { request, studies, progress, links, shipments, charges, clock, waits_for, timeline })
}

async fn timeline(mut reader: impl Read, id: &str) -> Result<Vec<Happening>, DeskError> {
    let events = audit::timeline(&mut reader, id).await?;
    let names = users::list(&mut reader).await?;
    let name_of = |event: &AuditEvent| match event.who() {
        Some(Actor::User { id }) => names.iter().find(|user| user.id == id).map(|user| user.name.clone()),
        _ => None,
    };
    Ok(events.into_iter().map(|event| Happening { by: name_of(&event), event }).collect())
}

/// What each of these requests waits for, in their order.
///
/// # Errors
/// If there is one of them no more, or the database fails.
pub async fn waits_for_each(mut reader: impl Read, ids: &[&str]) -> Result<Vec<WaitsFor>, DeskError> {
    let requests = requests::of_ids(&mut reader, ids).await?;
    let progress = progress::of_requests(&mut reader, ids).await?;
    let mut all = Vec::with_capacity(ids.len());
    for (id, progress) in ids.iter().zip(&progress) {
        let request = requests.iter().find(|request| request.id == *id);
        let request = request.ok_or(DeskError::NotFound { what: "release request" })?;
        // Only of these it matters which studies were chosen, and there are few.
        let studies = match request.state {
            RequestState::IdentityVerified { .. } => {
                let scope = requests::scope(&mut reader, id).await?;
                compare_patients(&mut reader, request, &scope).await?
            }
            _ => Vec::new(),
        };
        all.push(waits_for(request, &studies, progress));
    }
    Ok(all)
}

/// What the next thing to be done is.
fn waits_for(request: &ReleaseRequest, studies: &[Compared], progress: &Progress) -> WaitsFor {
    match &request.state {
        RequestState::NeedsInformation { .. } => WaitsFor::Information,
        RequestState::Submitted | RequestState::Reopened { .. } => WaitsFor::Identity,
        RequestState::IdentityVerified { .. } => undecided(studies),
        RequestState::Approved { .. } | RequestState::Fulfilling { .. } => progress.waits_for(),
        _ => WaitsFor::Nothing,
    }
}

fn undecided(studies: &[Compared]) -> WaitsFor {
    let mut released = studies.iter().filter(|compared| compared.chosen.standing == Standing::Released);
    let was_seen = |compared: &Compared| {
        compared.chosen.checked.as_ref().is_some_and(|record| compared.check.was_seen(record))
    };
    if released.clone().next().is_none() {
        WaitsFor::Studies
    } else if released.all(was_seen) {
        WaitsFor::Decision
    } else {
        WaitsFor::PatientCheck
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
