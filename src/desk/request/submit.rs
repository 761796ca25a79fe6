//! Taking requests in.

use super::{note, text};
use crate::desk::authorization::Action;
use crate::desk::{Acting, DeskError, Who};
use crate::ids::new_id;
use crate::model::request::{Capacity, GivenPatient, Received, ReceivedBy, ReleaseRequest, Requester};
use crate::model::{Reference, RequestState};
use crate::store::db::Tx;
use crate::store::requests;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::json;

/// What a request is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Its id, if that was chosen before: what is sent twice is taken in once. Else a fresh one.
    pub id: Option<String>,
    /// The site that works on it.
    pub site: String,
    /// The day it reached the hospital, and how.
    pub received: Received,
    /// Who asks.
    pub requester: Requester,
    /// Whose images.
    pub patient: GivenPatient,
    /// Which images and what for.
    pub wish: String,
    /// The language to answer in, RFC 5646.
    pub language: String,
}

/// Takes a request in.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or something in it is not usable.
pub async fn submit(tx: &mut Tx, acting: &Acting<'_>, new: NewRequest) -> Result<ReleaseRequest, DeskError> {
    acting.permit(Action::SubmitRequest)?;
    let received = received(acting, new.received)?;
    let request = ReleaseRequest {
        id: new.id.unwrap_or_else(|| new_id(acting.now_ms, acting.chance)),
        reference: Reference::fresh(acting.chance),
        site: text::line("site", &new.site)?,
        received,
        requester: requester(new.requester)?,
        patient: patient(acting.today, new.patient)?,
        wish: text::prose("wish", &new.wish)?,
        language: text::line("language", &new.language)?,
        state: RequestState::Submitted,
        mammography: false,
        extension: None,
        submitted_at: acting.now_ms,
        changed_at: acting.now_ms,
    };
    requests::add(tx, &request).await?;
    let received = &request.received;
    note(tx, acting, &request.id, "request.submitted", json!({ "received": received })).await?;
    Ok(request)
}

/// Corrects the day a request reached the hospital.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, the day is not usable, or the request has ended.
pub async fn change_received(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    changed: Received,
    reason: &str,
) -> Result<(), DeskError> {
    acting.permit(Action::DecideRequest)?;
    let reason = text::prose("reason", reason)?;
    let changed = received(acting, changed)?;
    let request = requests::get_to_change(tx, id).await?;
    if request.state.is_closed() {
        return Err(request.state.refuses("given another date").into());
    }
    let extension = request.extension.as_ref();
    requests::change_clock(tx, id, &changed, request.mammography, extension).await?;
    let detail = json!({ "before": request.received, "received": changed, "reason": reason });
    note(tx, acting, id, "request.received_changed", detail).await
}

/// No request is taken in later than that: an earlier year is a slip.
const LONGEST_AGO_DAYS: i64 = 2 * 365;

fn received(acting: &Acting<'_>, received: Received) -> Result<Received, DeskError> {
    let refuse = |why| Err(DeskError::Invalid { field: "received_on", why });
    if received.on > acting.today {
        return refuse("it lies in the future");
    }
    if received.on < acting.today.saturating_sub(LONGEST_AGO_DAYS.days()) {
        return refuse("it lies more than two years back: look at the year");
    }
    if *acting.who == Who::Anyone && (received.on != acting.today || received.by != ReceivedBy::Online) {
        return refuse("a request made on a page is received as it is made");
    }
    Ok(received)
}

fn requester(given: Requester) -> Result<Requester, DeskError> {
    let capacity = match given.capacity {
        Capacity::Patient => Capacity::Patient,
        Capacity::Representative { relation } => {
            Capacity::Representative { relation: text::line("relation", &relation)? }
        }
        Capacity::ThirdParty { organisation } => {
            Capacity::ThirdParty { organisation: text::line("organisation", &organisation)? }
        }
    };
    Ok(Requester {
        name: text::line("requester_name", &given.name)?,
        capacity,
        email: given.email.map(|email| text::email("email", &email)).transpose()?,
        phone: given.phone.map(|phone| text::phone("phone", &phone)).transpose()?,
    })
}

const EARLIEST_BIRTH: Date = date(1850, 1, 1);

fn patient(today: Date, given: GivenPatient) -> Result<GivenPatient, DeskError> {
    if given.birth_date > today || given.birth_date < EARLIEST_BIRTH {
        return Err(DeskError::Invalid { field: "birth_date", why: "nobody was born on that day" });
    }
    Ok(GivenPatient {
        name: text::line("patient_name", &given.name)?,
        patient_id: text::optional_line("patient_id", given.patient_id.as_deref())?,
        ..given
    })
}
