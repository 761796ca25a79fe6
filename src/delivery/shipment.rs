//! Shipments from the day they are wanted to the day they arrive.
//!
//! Each function is a step that can refuse, in the caller's transaction. Whatever a request may wait for puts the
//! job that moves it on.

use super::carrier::Carrier;
use super::disc::{self, DiscError};
use super::label::{BUY_LABEL, GIVE_BACK_LABEL};
use super::promise::judge;
use super::tracking::{JUDGE_PROMISE, TRACK_SHIPMENT};
use crate::audit::disclosures::{self, DisclosureError};
use crate::audit::events;
use crate::clock::DAY_MS;
use crate::ids::new_id;
use crate::model::calendar::Calendar;
use crate::model::disc::{DiscSet, SetState};
use crate::model::job::{NewJob, Twin, advance_request, prepare_discs};
use crate::model::shipment::{CarrierEvent, CarrierState, DeskState, HandOver, MailEvent, MailState, Scan};
use crate::model::{
    Actor, NewDisclosure, NewEvent, Progress, Promise, PromiseOutcome, Recipient, Refused, Shipment, Site,
    Subject,
};
use crate::store::db::Tx;
use crate::store::{StoreError, deliveries, discs, jobs, shipments};
use burn_queue::DiscState;
use imaging::chance::Chance;
use jiff::civil::Date;
use serde_json::json;

/// After so long a letter that did not come back is presumed delivered: ten days.
pub const PRESUMED_AFTER_MS: i64 = 10 * DAY_MS;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ShipmentError {
    /// The shipment does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It travels another way.
    #[error("a shipment by {way} cannot be {event}")]
    OtherWay {
        /// How it travels.
        way: &'static str,
        /// What was to happen.
        event: &'static str,
    },
    /// The recipient could not open it.
    #[error("confirm first how the opening code reaches the recipient: no disc leaves before")]
    CodeRouteOpen,
    /// There is nothing to send.
    #[error("its discs are not in their envelope yet")]
    NotPacked,
    /// It must not leave any more.
    #[error("its delivery is over: do not send it; give its label back if it has one, and take it apart")]
    Over,
    /// It is wanted.
    #[error("its delivery is under way: cancel that first")]
    StillWanted,
    /// The carrier is being told that its label is not used.
    #[error("its label is being given back: look again in a moment")]
    LabelGoesBack,
    /// A text that must be there is empty.
    #[error("{0} must be said")]
    Unsaid(&'static str),
    /// The discs do not allow it.
    #[error(transparent)]
    Disc(#[from] DiscError),
    /// The disclosure cannot be put on record.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who does something, and when.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// The time.
    pub ms: i64,
    /// For ids.
    pub chance: &'a dyn Chance,
}

impl<'a> Now<'a> {
    fn by(self) -> disc::By<'a> {
        disc::By { actor: self.actor, chance: self.chance }
    }
}

/// What a shipment is for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The release request.
    pub request: &'a str,
    /// Its public reference.
    pub reference: &'a str,
    /// The delivery.
    pub delivery: &'a str,
    /// Where it leaves.
    pub site: &'a str,
}

/// How it is to travel.
#[derive(Debug, Clone)]
pub enum By {
    /// By FedEx.
    Carrier(Recipient),
    /// By U.S. mail.
    Mail(Recipient),
    /// Over the counter.
    Desk,
}

/// Makes the shipment of a delivery. If one is under way it is that one; after one that came back or never came,
/// another.
///
/// # Errors
/// If the database fails.
pub async fn create(
    tx: &mut Tx,
    now: Now<'_>,
    wanted: Wanted<'_>,
    by: By,
) -> Result<Shipment, ShipmentError> {
    let known = shipments::of_delivery(&mut *tx, wanted.delivery).await?;
    if let Some(shipment) = known.into_iter().find(|shipment| !shipment.progress.is_over()) {
        return Ok(shipment);
    }
    let shipment = Shipment {
        id: new_id(now.ms, now.chance),
        request: wanted.request.to_owned(),
        reference: wanted.reference.to_owned(),
        delivery: wanted.delivery.to_owned(),
        site: wanted.site.to_owned(),
        progress: match by {
            By::Carrier(recipient) => Progress::Carrier(recipient, CarrierState::Requested),
            By::Mail(recipient) => Progress::Mail(recipient, MailState::ReadyToShip),
            By::Desk => Progress::Desk(DeskState::ReadyToShip),
        },
        promise_outcome: None,
        created_at: now.ms,
    };
    shipments::insert(tx, &shipment).await?;
    note(tx, now, &shipment, shipment.progress.action()).await?;
    Ok(shipment)
}

/// The fee became due.
///
/// # Errors
/// If it is past that or travels another way, or the database fails.
pub async fn await_payment(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    move_parcel(tx, now, shipment, CarrierEvent::AwaitPayment).await
}

/// The order is complete: from now on the promise counts.
///
/// # Errors
/// If it is past that or travels another way, or the database fails.
pub async fn ready(
    tx: &mut Tx,
    now: Now<'_>,
    site: &Site,
    id: &str,
    promise: Promise,
) -> Result<Shipment, ShipmentError> {
    let due_ends = site.start_of(promise.due_on.tomorrow().unwrap_or(promise.due_on));
    let shipment = shipments::get_to_change(tx, id).await?;
    let shipment = move_parcel(tx, now, shipment, CarrierEvent::Complete(promise)).await?;
    let judge = NewJob::new(JUDGE_PROMISE, &id).once(id, Twin::Postpone).after_ms((due_ends - now.ms).max(0));
    jobs::put(tx, &[judge], now.chance).await?;
    Ok(shipment)
}

/// Wants a label. It is bought by a job, at most one at a time. After one that the carrier refused nothing happens
/// until a person put that right ([`super::label::ask_again`]).
///
/// # Errors
/// If it is not ready to ship, or the database fails.
pub async fn request_label(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<(), ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    match shipment.progress {
        Progress::Carrier(_, CarrierState::ReadyToShip { .. }) => {
            if jobs::is_stopped(tx, BUY_LABEL, id).await? {
                return Ok(());
            }
            let job = NewJob::new(BUY_LABEL, &id).once(id, Twin::Hasten);
            Ok(jobs::put(tx, &[job], now.chance).await?)
        }
        Progress::Carrier(_, state) => {
            Err(Refused { what: "parcel", state: state.as_str(), event: "given a label" }.into())
        }
        other => Err(ShipmentError::OtherWay { way: other.way(), event: "given a label" }),
    }
}

/// The courier takes the parcel.
///
/// # Errors
/// [`ShipmentError::CodeRouteOpen`], [`ShipmentError::NotPacked`]; if it has no label or travels another way; or the database fails.
pub async fn tender(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let (shipment, set) = about_to_leave(tx, id).await?;
    if jobs::is_waiting(tx, GIVE_BACK_LABEL, id).await? {
        return Err(ShipmentError::LabelGoesBack);
    }
    leave(tx, now, shipment, &set).await
}

/// The carrier says that it has the parcel: whether it should have left or not, that it did is put on record.
///
/// # Errors
/// If it has no label or nothing was packed for it, or the database fails.
pub(super) async fn collected(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    let set = packed(tx, &shipment).await?;
    leave(tx, now, shipment, &set).await
}

async fn leave(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: Shipment,
    set: &DiscSet,
) -> Result<Shipment, ShipmentError> {
    let shipment = move_parcel(tx, now, shipment, CarrierEvent::Tender { at: now.ms }).await?;
    disclose(tx, now, &shipment, set).await?;
    let id = shipment.id.as_str();
    let job = NewJob::new(TRACK_SHIPMENT, &(id, 0)).once(id, Twin::Hasten);
    jobs::put(tx, &[job], now.chance).await?;
    Ok(shipment)
}

/// The letter is mailed.
///
/// # Errors
/// [`ShipmentError::CodeRouteOpen`], [`ShipmentError::NotPacked`]; if it was mailed or travels another way; or the database fails.
pub async fn mail(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let (shipment, set) = about_to_leave(tx, id).await?;
    let shipment = move_letter(tx, now, shipment, MailEvent::Mail { at: now.ms }, "mailed").await?;
    disclose(tx, now, &shipment, &set).await?;
    jobs::put(tx, &[NewJob::new(PRESUME_DELIVERED, &id).once(id, Twin::Hasten)], now.chance).await?;
    Ok(shipment)
}

/// The kind of the job that presumes a letter delivered, when it is time.
pub const PRESUME_DELIVERED: &str = "presume_delivered";

/// Ten days passed since a letter was mailed. One that came back meanwhile stays so.
///
/// # Errors
/// If it was never mailed or travels another way, or the database fails.
pub async fn presume_delivered(
    tx: &mut Tx,
    now: Now<'_>,
    id: &str,
    on: Date,
) -> Result<Shipment, ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    if shipment.progress.is_over() {
        return Ok(shipment);
    }
    move_letter(tx, now, shipment, MailEvent::Presume { on }, "presumed delivered").await
}

/// A letter came back. (Of a parcel the carrier says so.)
///
/// # Errors
/// If it was never mailed or travels another way, or the database fails.
pub async fn returned(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    move_letter(tx, now, shipment, MailEvent::Return { at: now.ms }, "returned").await
}

/// The patient says a letter never came. It is made again, free; the letter that takes its place.
///
/// # Errors
/// [`ShipmentError::Over`]; if it was never mailed or travels another way; or the database fails.
pub async fn never_came(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    let lost = move_letter(tx, now, shipment, MailEvent::NeverCame { at: now.ms }, "made again").await?;
    disc::give_up(tx, &lost.delivery, "its letter never came").await?;
    again(tx, now, &lost).await
}

/// What came back is destroyed, and made again; the shipment that takes its place.
///
/// # Errors
/// [`ShipmentError::Over`]; if it did not come back; or the database fails.
pub async fn make_again(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<Shipment, ShipmentError> {
    let back = shipments::get_to_change(tx, id).await?;
    if !back.progress.came_back() {
        let (what, state) = ("shipment", back.progress.state());
        return Err(Refused { what, state, event: "made again" }.into());
    }
    disc::take_apart(tx, &back.delivery, "it came back", now.by()).await?;
    again(tx, now, &back).await
}

/// Another shipment to the same place. Its discs are made anew, and so is the code they open with: its way to the
/// recipient is to be confirmed again.
async fn again(tx: &mut Tx, now: Now<'_>, before: &Shipment) -> Result<Shipment, ShipmentError> {
    let delivery = deliveries::get_to_change(tx, &before.delivery).await?;
    if delivery.state.is_closed() {
        return Err(ShipmentError::Over);
    }
    let by = match &before.progress {
        Progress::Carrier(to, _) => By::Carrier(to.clone()),
        Progress::Mail(to, _) => By::Mail(to.clone()),
        Progress::Desk(_) => By::Desk,
    };
    let Shipment { request, reference, delivery, site, .. } = before;
    let shipment = create(tx, now, Wanted { request, reference, delivery, site }, by).await?;
    deliveries::open_code_route(tx, delivery).await?;
    jobs::put(tx, &[prepare_discs(delivery), advance_request(request)], now.chance).await?;
    Ok(shipment)
}

/// A person has taken apart what was packed for a delivery that is over, and destroyed the discs.
///
/// # Errors
/// [`ShipmentError::StillWanted`]; if it has a label, left, or nothing is packed; or the database fails.
pub async fn take_apart(tx: &mut Tx, now: Now<'_>, id: &str) -> Result<(), ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    let delivery = deliveries::get(&mut *tx, &shipment.delivery).await?;
    if delivery.is_none_or(|delivery| !delivery.state.is_dropped()) {
        return Err(ShipmentError::StillWanted);
    }
    let why = "its delivery is over";
    if !shipment.progress.came_back() {
        cancel(tx, now, id, why).await?;
    }
    Ok(disc::take_apart(tx, &shipment.delivery, why, now.by()).await?)
}

/// What is written down when discs change hands at the counter.
#[derive(Debug, Clone, Copy)]
pub struct Counter<'a> {
    /// Who took them.
    pub to: &'a str,
    /// Which document was seen.
    pub id_seen: &'a str,
    /// The number of the signed slip.
    pub signature: &'a str,
}

/// Discs change hands at the counter.
///
/// # Errors
/// [`ShipmentError::CodeRouteOpen`], [`ShipmentError::NotPacked`]; if something is not said; if they were handed over or travel another way; or
/// the database fails.
pub async fn hand_over(
    tx: &mut Tx,
    now: Now<'_>,
    id: &str,
    counter: Counter<'_>,
) -> Result<Shipment, ShipmentError> {
    let handover = HandOver {
        to: said("who takes them", counter.to)?,
        id_seen: said("which document was seen", counter.id_seen)?,
        signature: said("the number of the signed slip", counter.signature)?,
        by: now.actor.clone(),
        at: now.ms,
    };
    let (shipment, set) = about_to_leave(tx, id).await?;
    let handed_over = |progress: Progress| match progress {
        Progress::Desk(state) => Ok(Progress::Desk(state.hand_over(handover)?)),
        other => Err(ShipmentError::OtherWay { way: other.way(), event: "handed over" }),
    };
    let shipment = change(tx, now, shipment, handed_over).await?;
    disclose(tx, now, &shipment, &set).await?;
    Ok(shipment)
}

/// A text that must be there.
///
/// # Errors
/// [`ShipmentError::Unsaid`] if it is empty.
pub fn said(what: &'static str, text: &str) -> Result<String, ShipmentError> {
    match text.trim() {
        "" => Err(ShipmentError::Unsaid(what)),
        text => Ok(text.to_owned()),
    }
}

/// It is not wanted any more. A label is given back before ([`super::label::give_back`]).
///
/// # Errors
/// If it left or has a label, or the database fails.
pub async fn cancel(tx: &mut Tx, now: Now<'_>, id: &str, reason: &str) -> Result<Shipment, ShipmentError> {
    let shipment = shipments::get_to_change(tx, id).await?;
    let reason = reason.to_owned();
    // A label that was refused is nobody's business any more.
    jobs::resolve(tx, BUY_LABEL, id, &reason).await?;
    change(tx, now, shipment, |progress| {
        Ok(match progress {
            Progress::Carrier(to, state) => {
                Progress::Carrier(to, state.after(CarrierEvent::Cancel { reason })?)
            }
            Progress::Mail(to, state) => Progress::Mail(to, state.after(MailEvent::Cancel { reason })?),
            Progress::Desk(state) => Progress::Desk(state.cancel(reason)?),
        })
    })
    .await
}

/// Takes in what the carrier saw; says whether any of it was new. Scans come again with every question, and may
/// come late.
///
/// # Errors
/// If it did not leave, or the database fails.
pub async fn track(
    tx: &mut Tx,
    now: Now<'_>,
    site: &Site,
    carrier: &dyn Carrier,
    id: &str,
    scans: &[Scan],
) -> Result<(Shipment, bool), ShipmentError> {
    let mut shipment = shipments::get_to_change(tx, id).await?;
    let mut news = false;
    for scan in scans {
        let is_new = shipments::put_scan(tx, id, scan).await?;
        news |= is_new;
        if let Some(event) = scan.event().filter(|_| is_new && !shipment.progress.is_over()) {
            shipment = move_parcel(tx, now, shipment, event).await?;
        }
    }
    if news {
        shipment = judge_promise(tx, now, site, carrier.calendar(), shipment).await?;
    }
    Ok((shipment, news))
}

/// Says whether the promise was kept, once that can be said.
///
/// # Errors
/// If the database fails.
pub async fn judge_promise(
    tx: &mut Tx,
    now: Now<'_>,
    site: &Site,
    carrier: &Calendar,
    mut shipment: Shipment,
) -> Result<Shipment, ShipmentError> {
    let Progress::Carrier(_, state) = &shipment.progress else { return Ok(shipment) };
    let cancelled = matches!(state, CarrierState::Cancelled { .. });
    let Some(promise) = state.promise().filter(|_| shipment.promise_outcome.is_none() && !cancelled) else {
        return Ok(shipment);
    };
    let scans = shipments::scans(&mut *tx, &shipment.id).await?;
    let by_recipient = scans.iter().any(Scan::lies_with_recipient);
    let outcome = judge(site, carrier, promise, state.sent(), by_recipient, site.today(now.ms));
    if outcome.is_some() {
        shipment.promise_outcome = outcome;
        let action = match outcome {
            Some(PromiseOutcome::Kept) => "shipment.promise_kept",
            _ => "shipment.promise_missed",
        };
        save(tx, now, &shipment, shipment.progress.state(), action).await?;
    }
    Ok(shipment)
}

/// A shipment whose delivery is wanted, whose discs are packed and whose recipient will be able to open them.
async fn about_to_leave(tx: &mut Tx, id: &str) -> Result<(Shipment, DiscSet), ShipmentError> {
    let known = shipments::get(&mut *tx, id).await?.ok_or(StoreError::Missing { table: "shipments" })?;
    // Held first, as whoever cancels it does: one of the two comes too late.
    let delivery = deliveries::get_to_change(tx, &known.delivery).await?;
    let shipment = shipments::get_to_change(tx, id).await?;
    if delivery.state.is_closed() {
        return Err(ShipmentError::Over);
    }
    if delivery.is_code_route_open() {
        return Err(ShipmentError::CodeRouteOpen);
    }
    let set = packed(tx, &shipment).await?;
    Ok((shipment, set))
}

async fn packed(tx: &mut Tx, shipment: &Shipment) -> Result<DiscSet, ShipmentError> {
    let set = discs::set_of_delivery(&mut *tx, &shipment.delivery).await?;
    set.filter(|set| set.state == SetState::Packed).ok_or(ShipmentError::NotPacked)
}

/// Puts on record that discs left, in the transaction in which they do.
async fn disclose(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: &Shipment,
    set: &DiscSet,
) -> Result<(), ShipmentError> {
    let packed = discs::of_set(&mut *tx, &set.id).await?;
    let packed = packed.iter().filter(|disc| matches!(disc.state, DiscState::Packed(_)));
    let new = NewDisclosure {
        request: shipment.request.clone(),
        delivery: shipment.delivery.clone(),
        what: "disc_set",
        what_id: set.id.clone(),
        session: shipment.id.clone(),
        recipient: shipment.progress.addressee(),
        whole_bytes: packed.map(|disc| disc.image.bytes()).sum(),
    };
    let id = disclosures::begin(tx, now.actor.clone(), &new, now.ms, now.chance).await?;
    Ok(disclosures::hand_over(tx, &id, now.ms, now.chance).await?)
}

/// Moves a parcel on.
///
/// # Errors
/// If its state does not allow it, it travels another way, or the database fails.
pub(super) async fn move_parcel(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: Shipment,
    event: CarrierEvent,
) -> Result<Shipment, ShipmentError> {
    change(tx, now, shipment, |progress| match progress {
        Progress::Carrier(to, state) => Ok(Progress::Carrier(to, state.after(event)?)),
        other => Err(ShipmentError::OtherWay { way: other.way(), event: event.as_str() }),
    })
    .await
}

async fn move_letter(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: Shipment,
    event: MailEvent,
    words: &'static str,
) -> Result<Shipment, ShipmentError> {
    change(tx, now, shipment, |progress| match progress {
        Progress::Mail(to, state) => Ok(Progress::Mail(to, state.after(event)?)),
        other => Err(ShipmentError::OtherWay { way: other.way(), event: words }),
    })
    .await
}

async fn change(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: Shipment,
    step: impl FnOnce(Progress) -> Result<Progress, ShipmentError>,
) -> Result<Shipment, ShipmentError> {
    let from = shipment.progress.state();
    let shipment = Shipment { progress: step(shipment.progress)?, ..shipment };
    save(tx, now, &shipment, from, shipment.progress.action()).await?;
    Ok(shipment)
}

/// Writes a change with all that follows from it.
async fn save(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: &Shipment,
    from: &str,
    action: &'static str,
) -> Result<(), StoreError> {
    shipments::change(tx, shipment, from, now.ms).await?;
    note(tx, now, shipment, action).await?;
    jobs::put(tx, &[advance_request(&shipment.request)], now.chance).await
}

pub(super) async fn note(
    tx: &mut Tx,
    now: Now<'_>,
    shipment: &Shipment,
    action: &'static str,
) -> Result<(), StoreError> {
    let detail = json!({ "delivery": shipment.delivery, "promise": shipment.promise_outcome });
    let event = NewEvent::new(now.actor.clone(), action, Subject::new("shipment", &shipment.id));
    let event = event.of_request(&shipment.request).with(detail);
    events::record(tx, &event, now.ms, now.chance).await
}
