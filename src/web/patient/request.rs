//! How far a request is, and what of it is on its way.

use super::Means;
use super::inside::Inside;
use super::words::day_of;
use crate::desk::parcel_outlook::{ParcelOutlook, outlook};
use crate::model::Site;
use crate::model::delivery::{Delivery, DeliveryState, Way};
use crate::model::request::RequestState;
use crate::model::shipment::Progress;
use crate::notify::catalogs::Texts;
use crate::store::{deliveries, shipments};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::fee::{ComesWords, lines, standing};
use crate::web::plumbing::frame::{Frame, page as shown};
use crate::web::plumbing::show::{Sign, dollars};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "patient/request.html")]
struct RequestPage {
    frame: Frame,
    own: bool,
    reference: String,
    state: Sign,
    received: String,
    /// The law's date, while the request is open.
    due: Option<String>,
    ways: Vec<OnItsWay>,
}

/// A delivery, and how far it is.
pub(super) struct OnItsWay {
    pub way: Way,
    pub name: String,
    pub recipient: String,
    pub state: Sign,
    /// What came of it, a line each.
    pub notes: Vec<String>,
    pub tracking_number: Option<String>,
    /// When a parcel comes, and why then.
    pub comes: ComesWords,
    /// What it costs.
    pub fee: Option<Fee>,
}

/// What a delivery costs.
pub(super) struct Fee {
    pub amount: String,
    pub basis: Vec<(String, String)>,
    pub standing: Vec<String>,
}

/// `GET /r/request`
pub async fn page(State(means): State<Means>, inside: Inside) -> Result<Response, PageError> {
    inside.require_own()?;
    let (t, request) = (inside.texts(), inside.request(&means).await?);
    let (class, words) = state_of(&request.state);
    let open = !matches!(class, "good" | "ended");
    shown(&RequestPage {
        frame: inside.frame(),
        own: true,
        reference: request.reference.to_string(),
        state: Sign::new(class, t.say(words)),
        received: t.date(request.received.on),
        due: open.then(|| t.date(request.deadlines().due_on)),
        ways: on_its_way(&means, &inside).await?,
    })
}

fn state_of(state: &RequestState) -> (&'static str, &'static str) {
    match state {
        RequestState::Submitted | RequestState::Reopened { .. } => ("going", "request-submitted"),
        RequestState::NeedsInformation { .. } => ("warn", "request-needs-information"),
        RequestState::IdentityVerified { .. } => ("going", "request-identity-verified"),
        RequestState::Approved { .. } => ("going", "request-approved"),
        RequestState::Fulfilling { .. } => ("going", "request-fulfilling"),
        RequestState::Fulfilled { .. } => ("good", "request-fulfilled"),
        RequestState::Denied { .. } => ("ended", "request-denied"),
        RequestState::NoRecords { .. } => ("ended", "request-no-records"),
        RequestState::DuplicateOf { .. } => ("ended", "request-duplicate"),
        RequestState::Withdrawn { .. } => ("ended", "request-withdrawn"),
    }
}

/// The deliveries of the request, the oldest first, without those that were dropped.
pub(super) async fn on_its_way(means: &Means, inside: &Inside) -> Result<Vec<OnItsWay>, PageError> {
    let (db, t) = (&means.sender.db, inside.texts());
    let mut ways = Vec::new();
    for delivery in deliveries::of_request(db, &inside.session.grant.request).await? {
        if matches!(delivery.state, DeliveryState::Switched { .. } | DeliveryState::Cancelled { .. }) {
            continue;
        }
        let shipment = shipments::of_delivery(db, &delivery.id).await?.pop();
        let mut way = way_of(t, inside.site(), &delivery);
        let has_arrived = shipment.as_ref().is_some_and(|shipment| shipment.progress.has_arrived());
        if let Some(shipment) = shipment {
            travel(t, inside.site(), &shipment.progress, &mut way);
        }
        let site = inside.site();
        if let Some(ParcelOutlook { charge, comes }) = outlook(db, &means.parcels, site, &delivery).await? {
            way.comes = if has_arrived { ComesWords::default() } else { ComesWords::of(t, &comes) };
            way.fee = charge.map(|charge| Fee {
                amount: dollars(charge.amount.get()),
                basis: lines(&charge.basis),
                standing: standing(t, site, &charge.state),
            });
        }
        ways.push(way);
    }
    Ok(ways)
}

fn way_of(t: Texts, site: &Site, delivery: &Delivery) -> OnItsWay {
    let name = match delivery.way() {
        Way::Link => "way-link",
        Way::Mail => "way-mail",
        Way::FedEx => "way-fedex",
        Way::Desk => "way-desk",
    };
    let (class, words) = match &delivery.state {
        DeliveryState::Chosen | DeliveryState::Quoted | DeliveryState::Ready => ("", "way-preparing"),
        DeliveryState::UnderWay => ("going", "way-under-way"),
        _ => ("good", "way-done"),
    };
    let done = match delivery.state {
        DeliveryState::Done { at } => Some(t.with("way-done-on", "date", day_of(t, site, at))),
        _ => None,
    };
    OnItsWay {
        way: delivery.way(),
        name: t.say(name),
        recipient: delivery.recipient.clone(),
        state: Sign::new(class, t.say(words)),
        notes: done.into_iter().collect(),
        tracking_number: None,
        comes: ComesWords::default(),
        fee: None,
    }
}

/// What the parcel or letter adds to it.
fn travel(t: Texts, site: &Site, progress: &Progress, way: &mut OnItsWay) {
    if progress.has_left() && !progress.has_arrived() {
        way.state = Sign::new("going", t.say("way-sent"));
    }
    let Progress::Carrier(_, state) = progress else { return };
    if let Some(sent) = state.sent() {
        way.notes.push(t.with("way-sent-on", "date", day_of(t, site, sent.tendered_at)));
        way.tracking_number = Some(sent.label.tracking_number.clone());
    }
}
