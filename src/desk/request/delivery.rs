//! Choosing and changing deliveries.

use super::{CheckedDelivery, text};
use crate::desk::authorization::Action;
use crate::desk::{Acting, DeskError};
use crate::ids::new_id;
use crate::model::delivery::{CodeRoute, DiscForm};
use crate::model::job::advance_request;
use crate::model::{Delivery, DeliveryState, Destination, NewEvent, Refused, ReleaseRequest, Subject};
use crate::store::db::Tx;
use crate::store::{deliveries, jobs, requests, shipments};
use serde_json::{Value as Json, json};

/// The most days a link is good for.
const MOST_DAYS: u32 = 366;

/// What a delivery is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Who receives it.
    pub recipient: String,
    /// Where to, and so which way.
    pub destination: Destination,
    /// How the code that opens it gets there.
    pub code_route: CodeRoute,
    /// Why an address that the carrier doubts is right all the same.
    pub address_reason: Option<String>,
}

impl NewDelivery {
    /// Whether an open delivery does what this one would.
    fn is_for(&self, known: &Delivery) -> bool {
        !known.state.is_closed()
            && (&self.recipient, &self.destination, &self.code_route)
                == (&known.recipient, &known.destination, &known.code_route)
    }

    /// The same, as it is kept.
    pub(super) fn tidied(self) -> Result<Self, DeskError> {
        let destination = destination(self.destination)?;
        Ok(Self {
            recipient: text::line("recipient", &self.recipient)?,
            code_route: code_route(self.code_route, &destination)?,
            destination,
            address_reason: self.address_reason,
        })
    }
}

/// Chooses a delivery for a request that has not ended. What was chosen before and is still open is that one: a form
/// sent twice makes no second disc and no second fee.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or the request has ended.
pub async fn choose_delivery(
    tx: &mut Tx,
    acting: &Acting<'_>,
    request: &str,
    checked: CheckedDelivery,
) -> Result<Delivery, DeskError> {
    acting.permit(Action::ChooseDelivery)?;
    open_request(tx, request).await?;
    let chosen = deliveries::of_request(&mut *tx, request).await?;
    match chosen.into_iter().find(|known| checked.new.is_for(known)) {
        Some(known) => Ok(known),
        None => add(tx, acting, request, checked).await,
    }
}

/// Takes another delivery instead of one that is open. The new one begins from the start.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or either has ended, or what was to be delivered is on its way.
pub async fn switch_delivery(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    checked: CheckedDelivery,
) -> Result<Delivery, DeskError> {
    acting.permit(Action::ChooseDelivery)?;
    let before = deliveries::get_to_change(tx, id).await?;
    open_request(tx, &before.request).await?;
    still_here(tx, &before, "switched").await?;
    let chosen = add(tx, acting, &before.request, checked).await?;
    let detail = json!({ "to": chosen.id });
    change(tx, acting, &before, ("delivery.switched", detail), |state| state.switch(chosen.id.clone()))
        .await?;
    Ok(chosen)
}

/// Cancels a delivery that is open.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it has ended, or is on its way: it arrives, or comes back and can be
/// cancelled then.
pub async fn cancel_delivery(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    reason: &str,
) -> Result<Delivery, DeskError> {
    acting.permit(Action::ChooseDelivery)?;
    let reason = text::prose("reason", reason)?;
    let before = deliveries::get_to_change(tx, id).await?;
    still_here(tx, &before, "cancelled").await?;
    let event = ("delivery.cancelled", json!({ "reason": reason }));
    let after = change(tx, acting, &before, event, |state| state.cancel(reason.clone())).await?;
    jobs::put(tx, &[advance_request(&before.request)], acting.chance).await?;
    Ok(after)
}

/// Confirms that the code that opens a delivery can get to its recipient by the route there is.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, there is no code, or it was confirmed before.
pub async fn confirm_code_route(tx: &mut Tx, acting: &Acting<'_>, id: &str) -> Result<(), DeskError> {
    acting.permit_user(Action::ChooseDelivery)?;
    let delivery = deliveries::get_to_change(tx, id).await?;
    if !delivery.has_code() {
        return Err(DeskError::Invalid {
            field: "code_route",
            why: "a plain disc has no code to get anywhere",
        });
    }
    deliveries::confirm_code_route(tx, id, acting.now_ms).await?;
    note(tx, acting, &delivery, "delivery.code_route_confirmed", json!(null)).await?;
    Ok(jobs::put(tx, &[advance_request(&delivery.request)], acting.chance).await?)
}

/// Cancels every delivery of a request that is open.
pub(super) async fn cancel_open(
    tx: &mut Tx,
    acting: &Acting<'_>,
    request: &str,
    reason: &str,
) -> Result<(), DeskError> {
    let all = deliveries::of_request(&mut *tx, request).await?;
    for delivery in all.iter().filter(|delivery| !delivery.state.is_closed()) {
        still_here(tx, delivery, "cancelled").await?;
        let event = ("delivery.cancelled", json!({ "reason": reason }));
        change(tx, acting, delivery, event, |state| state.cancel(reason.to_owned())).await?;
    }
    Ok(())
}

/// What left cannot be called back. Its row is held, so that it does not leave meanwhile.
async fn still_here(tx: &mut Tx, delivery: &Delivery, event: &'static str) -> Result<(), DeskError> {
    let Some(latest) = shipments::of_delivery(&mut *tx, &delivery.id).await?.pop() else { return Ok(()) };
    let latest = shipments::get_to_change(tx, &latest.id).await?;
    if latest.progress.is_gone() {
        return Err(Refused { what: "delivery", state: "on its way", event }.into());
    }
    Ok(())
}

/// Moves a delivery on: writes what its state says, records it.
pub(super) async fn change(
    tx: &mut Tx,
    acting: &Acting<'_>,
    before: &Delivery,
    (action, detail): (&'static str, Json),
    change: impl FnOnce(DeliveryState) -> Result<DeliveryState, Refused>,
) -> Result<Delivery, DeskError> {
    let state = change(before.state.clone())?;
    deliveries::change_state(tx, &before.id, &before.state, &state, acting.now_ms).await?;
    note(tx, acting, before, action, detail).await?;
    Ok(Delivery { state, changed_at: acting.now_ms, ..before.clone() })
}

async fn open_request(tx: &mut Tx, id: &str) -> Result<ReleaseRequest, DeskError> {
    let request = requests::get_to_change(tx, id).await?;
    if request.state.is_closed() {
        return Err(request.state.refuses("given a delivery").into());
    }
    Ok(request)
}

async fn add(
    tx: &mut Tx,
    acting: &Acting<'_>,
    request: &str,
    CheckedDelivery { new, overruled }: CheckedDelivery,
) -> Result<Delivery, DeskError> {
    let delivery = Delivery {
        id: new_id(acting.now_ms, acting.chance),
        request: request.to_owned(),
        recipient: new.recipient,
        destination: new.destination,
        code_route: new.code_route,
        code_route_confirmed_at: None,
        state: DeliveryState::Chosen,
        created_at: acting.now_ms,
        changed_at: acting.now_ms,
    };
    deliveries::add(tx, &delivery).await?;
    let detail =
        json!({ "way": delivery.way(), "disc": delivery.destination.disc(), "overruled": overruled });
    note(tx, acting, &delivery, "delivery.chosen", detail).await?;
    jobs::put(tx, &[advance_request(request)], acting.chance).await?;
    Ok(delivery)
}

fn destination(given: Destination) -> Result<Destination, DeskError> {
    let invalid = |field, why| DeskError::Invalid { field, why };
    Ok(match given {
        Destination::Link { email, rights, good_for_days } => {
            if !rights.view && !rights.download {
                return Err(invalid("rights", "a link lets its recipient look, or save, or both"));
            }
            if good_for_days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
                return Err(invalid("good_for_days", "a link is good for a day to a year"));
            }
            let email = email.map(|email| text::email("email", &email)).transpose()?;
            Destination::Link { email, rights, good_for_days }
        }
        Destination::Mail { address, disc } => {
            Destination::Mail { address: text::address(&address)?, disc: disc_form(disc)? }
        }
        Destination::FedEx { address, phone, disc } => Destination::FedEx {
            address: text::address(&address)?,
            phone: text::phone("phone", &phone)?,
            disc: disc_form(disc)?,
        },
        Destination::Desk { disc } => Destination::Desk { disc: disc_form(disc)? },
    })
}

fn disc_form(disc: DiscForm) -> Result<DiscForm, DeskError> {
    match disc {
        DiscForm::Plain { warning } => Ok(DiscForm::Plain { warning: text::line("warning", &warning)? }),
        with_code => Ok(with_code),
    }
}

fn code_route(route: CodeRoute, destination: &Destination) -> Result<CodeRoute, DeskError> {
    let has_code = destination.disc().is_none_or(|disc| disc.code().is_some());
    let invalid = |why| DeskError::Invalid { field: "code_route", why };
    Ok(match route {
        CodeRoute::NoCode if has_code => return Err(invalid("choose how the code gets there")),
        CodeRoute::NoCode => CodeRoute::NoCode,
        _ if !has_code => return Err(invalid("a plain disc has no code that could get anywhere")),
        CodeRoute::InPerson => CodeRoute::InPerson,
        CodeRoute::Phone { number } => CodeRoute::Phone { number: text::phone("code_phone", &number)? },
        CodeRoute::Letter { address } => {
            let unusable = |error| match error {
                DeskError::Invalid { why, .. } => DeskError::Invalid { field: "code_address", why },
                other => other,
            };
            CodeRoute::Letter { address: text::address(&address).map_err(unusable)? }
        }
    })
}

async fn note(
    tx: &mut Tx,
    acting: &Acting<'_>,
    delivery: &Delivery,
    action: &'static str,
    detail: Json,
) -> Result<(), DeskError> {
    let event = NewEvent::new(acting.who.actor(), action, Subject::new("delivery", &delivery.id))
        .of_request(&delivery.request)
        .with(detail);
    Ok(crate::audit::events::record(tx, &event, acting.now_ms, acting.chance).await?)
}
