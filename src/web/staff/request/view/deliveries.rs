//! The deliveries of a request: where each goes, how far it is, what it waits for.

use crate::desk::authorization::Action;
use crate::desk::overview::WaitsFor;
use crate::desk::progress::DeliveryProgress;
use crate::model::delivery::{CodeRoute, Delivery, DeliveryState, Destination, DiscForm, PostalAddress};
use crate::model::disc::{Disc, SetState};
use crate::model::{Progress, Shipment};
use crate::web::plumbing::show::{Sign, counted};
use crate::web::staff::Staff;
use crate::web::staff::request::parcel::ParcelView;
use crate::web::staff::worklist::way_name;

/// A delivery.
pub struct DeliveryView {
    pub id: String,
    pub way: &'static str,
    pub state: Sign,
    pub to: String,
    pub code: String,
    pub parts: Vec<Part>,
    pub parcel: Option<ParcelView>,
    pub next: Option<&'static str>,
    pub may_show_code: bool,
    pub may_confirm_route: bool,
    pub may_change: bool,
}

/// Something a delivery needs, and how far that is: its discs, what carries them.
pub struct Part {
    pub name: &'static str,
    pub words: String,
    /// The page it is on, for who may see that.
    pub path: Option<String>,
}

impl DeliveryView {
    pub fn of(one: DeliveryProgress, waits_for: WaitsFor, parcel: Option<ParcelView>, staff: &Staff) -> Self {
        let parts = parts(&one, staff);
        let delivery = one.delivery;
        let may_deliver = staff.may(Action::ChooseDelivery);
        let confirmed = delivery.code_route_confirmed_at.is_some();
        let is_open = !delivery.state.is_closed();
        let made = matches!(delivery.state, DeliveryState::UnderWay | DeliveryState::Done { .. });
        Self {
            way: way_name(delivery.way()),
            state: delivery_sign(&delivery.state),
            to: to(&delivery),
            code: code(&delivery, confirmed, is_open),
            parts,
            parcel,
            next: next(waits_for),
            may_show_code: may_deliver
                && made
                && delivery.destination.disc().is_some_and(|disc| disc.code().is_some()),
            may_confirm_route: may_deliver && is_open && delivery.is_code_route_open(),
            may_change: may_deliver && is_open,
            id: delivery.id,
        }
    }
}

fn delivery_sign(state: &DeliveryState) -> Sign {
    match state {
        DeliveryState::Chosen => Sign::new("", "Chosen"),
        DeliveryState::Quoted => Sign::new("", "Fee told"),
        DeliveryState::Ready => Sign::new("going", "Ready"),
        DeliveryState::UnderWay => Sign::new("going", "Under way"),
        DeliveryState::Done { .. } => Sign::new("good", "Done"),
        DeliveryState::Switched { .. } => Sign::new("ended", "Switched"),
        DeliveryState::Cancelled { .. } => Sign::new("ended", "Cancelled"),
    }
}

fn to(delivery: &Delivery) -> String {
    let recipient = &delivery.recipient;
    match &delivery.destination {
        Destination::Link { email: Some(email), .. } => format!("{recipient}, {email}"),
        Destination::Link { email: None, .. } => format!("{recipient}, on paper"),
        Destination::Desk { .. } => format!("{recipient}, in person"),
        Destination::Mail { address, .. } | Destination::FedEx { address, .. } => {
            format!("{recipient}, {}", on_one_line(address))
        }
    }
}

fn on_one_line(address: &PostalAddress) -> String {
    format!("{}, {}, {} {}", address.lines.join(", "), address.city, address.state, address.zip)
}

fn code(delivery: &Delivery, confirmed: bool, is_open: bool) -> String {
    let how = match &delivery.code_route {
        CodeRoute::InPerson => "Code in person".to_owned(),
        CodeRoute::Phone { number } => format!("Code by telephone, {number}"),
        CodeRoute::Letter { address } => format!("Code in a letter of its own, to {}", on_one_line(address)),
        CodeRoute::NoCode => return "Plain disc, not encrypted: no code".to_owned(),
    };
    let how = match delivery.destination.disc() {
        Some(DiscForm::Secure { .. }) => format!("DICOM Secure Media. {how}"),
        _ => how,
    };
    match (confirmed, is_open) {
        (true, _) => format!("{how}: confirmed"),
        (false, true) => format!("{how}: not confirmed yet"),
        (false, false) => how,
    }
}

fn parts(one: &DeliveryProgress, staff: &Staff) -> Vec<Part> {
    let part = |name, words, action, path: String| Part {
        name,
        words,
        path: Some(path).filter(|_| staff.may(action)),
    };
    let discs = one.discs.as_ref().map(|(set, discs)| {
        part("Discs", discs_words(set, discs), Action::BurnDiscs, "/staff/burn".to_owned())
    });
    let parcel = one.shipment.as_ref().map(|shipment| {
        part(name_of(shipment), travels(shipment), Action::ShipParcels, "/staff/parcels".to_owned())
    });
    [discs, parcel].into_iter().flatten().collect()
}

fn discs_words(set: &SetState, discs: &[Disc]) -> String {
    let count = counted(discs.len() as u64, "disc", "discs");
    match set {
        SetState::Packed => format!("{count}, packed"),
        SetState::Withdrawn { .. } => format!("{count}, not wanted any more"),
        SetState::Open => {
            let each: Vec<String> =
                discs.iter().map(|disc| format!("{} {}", disc.code, disc.state.as_str())).collect();
            format!("{count}: {}", each.join(", "))
        }
    }
}

fn name_of(shipment: &Shipment) -> &'static str {
    match shipment.progress {
        Progress::Carrier(..) => "Parcel",
        Progress::Mail(..) => "Letter",
        Progress::Desk(_) => "Counter",
    }
}

fn travels(shipment: &Shipment) -> String {
    let state = shipment.progress.state().replace('_', " ");
    match &shipment.progress {
        Progress::Carrier(_, parcel) => match parcel.label() {
            Some(label) => format!("{state}, tracking number {}", label.tracking_number),
            None => state,
        },
        Progress::Mail(..) | Progress::Desk(_) => state,
    }
}

/// What is to be done about a delivery, as far as it is not said beside it.
fn next(waits_for: WaitsFor) -> Option<&'static str> {
    match waits_for {
        WaitsFor::CodeRoute => Some("Confirm how the code gets there."),
        WaitsFor::Decision => Some("Begins when the request is approved."),
        WaitsFor::Package => Some("The images are being put together: it begins by itself."),
        WaitsFor::AccessCode => Some("Issue the access code: without one the link opens nothing."),
        WaitsFor::LinkRefused => Some("The mail was refused: send the link again, to another address."),
        WaitsFor::Payment => Some("Billing collects the fee or lets it off."),
        WaitsFor::Discs => Some("The burn desk burns and packs the discs."),
        WaitsFor::Deliveries => Some("On its way."),
        _ => None,
    }
}
