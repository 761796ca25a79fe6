//! Parcels: what has to leave, what left, and what is in its way.

use super::{Means, Staff};
use crate::delivery::board::ShipmentLine;
use crate::delivery::shipment::ShipmentError;
use crate::desk::DeskError;
use crate::desk::authorization::Action;
use crate::desk::shipping::{self, ShipmentDeed, ShippingError, act_on_shipment};
use crate::model::{Promise, PromiseOutcome, Reference, Service};
use crate::store::requests;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{Sign, day, sentence};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Map, Value as Json};

#[derive(Template)]
#[template(path = "staff/parcels.html")]
pub(super) struct Parcels {
    pub frame: Frame,
    pub problem: Option<String>,
    pub find: String,
    pub groups: Vec<Group>,
    pub may_cancel: bool,
    pub may_burn: bool,
    pub services: [Service; 3],
}

/// Parcels that wait for the same.
pub(super) struct Group {
    pub id: &'static str,
    pub title: &'static str,
    pub empty: &'static str,
    pub lines: Vec<Line>,
}

/// A parcel.
pub(super) struct Line {
    pub id: String,
    pub reference: String,
    pub way: &'static str,
    pub state: Sign,
    pub due: String,
    pub why: Vec<String>,
    pub tracking_number: String,
    pub label: Option<String>,
    pub problem: Option<String>,
    pub can: Can,
}

/// What the desk does with it next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Can {
    /// The courier takes it.
    Tender,
    /// It goes into the mail.
    Mail,
    /// It changes hands at the counter.
    HandOver,
    /// It came back, or never came.
    EndMail,
    /// The carrier is asked again for a label, or the delivery cancelled.
    AskAgain,
    /// Somebody says how this attempt at a label went.
    Resolve(String),
    /// It came back: it is made again, or the delivery cancelled.
    MakeAgain,
    /// It must not leave: its label goes back to the carrier.
    GiveLabelBack,
    /// It must not leave: it is taken apart.
    TakeApart,
    /// Nothing here, but what is said.
    Watch(&'static str),
}

/// `GET /staff/parcels`
pub async fn page(State(means): State<Means>, staff: Staff) -> Result<Response, PageError> {
    show(&means, &staff, "", None).await
}

/// `POST /staff/parcels`: with those of a request, by its reference.
pub async fn find(
    State(means): State<Means>,
    staff: Staff,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    show(&means, &staff, fields.text("find"), None).await
}

async fn show(
    means: &Means,
    staff: &Staff,
    find: &str,
    problem: Option<String>,
) -> Result<Response, PageError> {
    staff.require(Action::ShipParcels)?;
    let acting = staff.acting(means);
    let board = shipping::board(&means.db, &acting, &means.house.site).await?;
    let unwanted: Vec<String> = board.to_take_apart.iter().map(|line| line.id.clone()).collect();
    let group = |id, title, empty, lines: Vec<ShipmentLine>| Group {
        id,
        title,
        empty,
        lines: lines.into_iter().map(|line| Line::of(line, &unwanted)).collect(),
    };
    let mut groups = vec![
        group(
            "apart",
            "Not wanted any more: do not send",
            "Nothing is to be taken apart.",
            board.to_take_apart,
        ),
        group("stopped", "Something is in their way", "No parcel is held up.", board.stopped),
        group("unknown", "Labels nobody knows about", "Every label is known.", board.label_unknown),
        group("tender", "Labelled: to the courier", "No labelled parcel waits.", board.to_tender),
        group("send", "To send, or to hand over", "Nothing waits to leave.", board.to_send),
        group("under-way", "Under way", "Nothing is under way.", board.under_way),
    ];
    if !find.is_empty() {
        let lines = found(means, staff, find).await?;
        groups.insert(0, group("found", "Of the request you asked for", "There is none.", lines));
    }
    answer(&Parcels {
        frame: staff.frame("/staff/parcels"),
        problem,
        find: find.to_owned(),
        groups,
        may_cancel: staff.may(Action::ChooseDelivery),
        may_burn: staff.may(Action::BurnDiscs),
        services: Service::ALL,
    })
}

/// The shipments of the request that goes by a reference.
async fn found(means: &Means, staff: &Staff, reference: &str) -> Result<Vec<ShipmentLine>, PageError> {
    let Ok(reference) = reference.parse::<Reference>() else { return Ok(Vec::new()) };
    match requests::by_reference(&means.db, &reference).await? {
        Some(request) => Ok(shipping::of_request(&means.db, &staff.acting(means), &request.id).await?),
        None => Ok(Vec::new()),
    }
}

impl Line {
    fn of(line: ShipmentLine, unwanted: &[String]) -> Self {
        Self {
            can: Can::of(&line, unwanted.contains(&line.id)),
            way: match line.way {
                "carrier" => "FedEx",
                "mail" => "Mail",
                _ => "Counter",
            },
            state: state_sign(line.state, line.outcome),
            why: line.promise.iter().flat_map(reasons).collect(),
            due: line.promise.map(|promise| day(promise.due_on)).unwrap_or_default(),
            tracking_number: line.tracking_number.unwrap_or_default(),
            label: line.label,
            problem: line.problem,
            id: line.id,
            reference: line.reference,
        }
    }
}

/// Why a parcel is promised for its day, a sentence each.
fn reasons(promise: &Promise) -> Vec<String> {
    promise.reasons.iter().map(|reason| sentence(&reason.to_string())).collect()
}

impl Can {
    fn of(line: &ShipmentLine, unwanted: bool) -> Self {
        match (line.way, line.state) {
            (_, "labelled") if unwanted => Self::GiveLabelBack,
            _ if unwanted => Self::TakeApart,
            ("carrier", "awaiting_payment") => Self::Watch("Its fee is to be paid first."),
            ("carrier", "labelled") => Self::Tender,
            ("carrier", "ready_to_ship") if line.problem.is_some() => Self::AskAgain,
            ("carrier", "ready_to_ship") => Self::Watch("Its label is bought once its discs are packed."),
            ("carrier", "exception") => {
                Self::Watch("Call the carrier with the tracking number. If it comes back, it is shown here.")
            }
            ("carrier", "tendered" | "in_transit") => Self::Watch("It is followed by itself."),
            ("mail", "ready_to_ship") => Self::Mail,
            ("desk", "ready_to_ship") => Self::HandOver,
            ("mail", "mailed" | "presumed_delivered") => Self::EndMail,
            (_, "returned") => Self::MakeAgain,
            _ => line.attempt.clone().map_or(Self::Watch(""), Self::Resolve),
        }
    }
}

fn state_sign(state: &'static str, outcome: Option<PromiseOutcome>) -> Sign {
    let (class, words) = match state {
        "requested" => ("", "Not ready yet"),
        "awaiting_payment" => ("warn", "To be paid"),
        "ready_to_ship" => ("", "Ready"),
        "label_unknown" => ("bad", "Label unknown"),
        "labelled" => ("going", "Labelled"),
        "tendered" => ("going", "With the courier"),
        "in_transit" => ("going", "In transit"),
        "mailed" => ("going", "Mailed"),
        "exception" => ("bad", "Held up"),
        "returned" => ("bad", "Came back"),
        "presumed_delivered" => ("good", "Presumed delivered"),
        "never_came" => ("ended", "Never came"),
        "delivered" => ("good", "Delivered"),
        "handed_over" => ("good", "Handed over"),
        "cancelled" => ("ended", "Cancelled"),
        other => ("", other),
    };
    match outcome {
        Some(PromiseOutcome::Desk | PromiseOutcome::Carrier) => Sign::new("warn", format!("{words}, late")),
        _ => Sign::new(class, words),
    }
}

/// `POST /staff/parcels/{parcel}/{deed}`
pub async fn act(
    State(means): State<Means>,
    staff: Staff,
    Path((parcel, deed)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::ShipParcels)?;
    let refused = match deed_of(&deed, &fields) {
        Some(deed) => {
            let mut tx = means.db.begin().await?;
            match act_on_shipment(&mut tx, &staff.acting(&means), &parcel, deed).await {
                Ok(()) => {
                    tx.commit().await?;
                    return Ok(Redirect::to("/staff/parcels").into_response());
                }
                Err(error) => refusal(error)?,
            }
        }
        None => "Fill in every field.".to_owned(),
    };
    let page = show(&means, &staff, "", Some(refused)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What a form says is to be done: its fields are those of the deed.
fn deed_of(deed: &str, fields: &Fields) -> Option<ShipmentDeed> {
    let said = fields.said().map(|(name, value)| (name.to_owned(), Json::from(value)));
    let mut said: Map<String, Json> = said.collect();
    said.insert("deed".to_owned(), Json::from(deed.replace('-', "_")));
    serde_json::from_value(Json::Object(said)).ok()
}

/// What is said on the page; or the page there is instead.
fn refusal(error: ShippingError) -> Result<String, PageError> {
    match error {
        ShippingError::Shipment(ShipmentError::Store(_) | ShipmentError::Disclosure(_)) => Err(error.into()),
        ShippingError::Shipment(_)
        | ShippingError::Desk(DeskError::Refused(_) | DeskError::Invalid { .. }) => {
            Ok(sentence(&error.to_string()))
        }
        other => Err(other.into()),
    }
}

impl From<ShippingError> for PageError {
    fn from(error: ShippingError) -> Self {
        match error {
            ShippingError::NotPermitted(_) => Self::NotPermitted,
            ShippingError::NotFound { .. } => Self::NotFound,
            ShippingError::Desk(error) => error.into(),
            ShippingError::Shipment(ShipmentError::Store(error)) => error.into(),
            ShippingError::Shipment(error) => Self::Broken(error.to_string()),
        }
    }
}

/// `GET /staff/labels/{attempt}`: the carrier's label, to be printed.
pub async fn label(
    State(means): State<Means>,
    staff: Staff,
    Path(attempt): Path<String>,
) -> Result<Response, PageError> {
    let (kind, bytes) = shipping::label(&means.db, &staff.acting(&means), &attempt).await?;
    let kind = HeaderValue::try_from(kind).map_err(|error| PageError::Broken(error.to_string()))?;
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}
