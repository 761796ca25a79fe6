//! Parcels: what has to leave, what left, and what is in its way.

use super::{Means, Staff};
use crate::delivery::board::{ShipmentLine, board};
use crate::delivery::shipment::{self, Counter, Now, ShipmentError};
use crate::desk::authorization::Action;
use crate::model::{Promise, PromiseOutcome};
use crate::store::shipments;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{Sign, day, sentence};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/parcels.html")]
pub(super) struct Parcels {
    pub frame: Frame,
    pub problem: Option<String>,
    pub groups: Vec<Group>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Can {
    /// The courier takes it.
    Tender,
    /// It goes into the mail.
    Mail,
    /// It changes hands at the counter.
    HandOver,
    /// It came back, or never came.
    EndMail,
    /// Nothing: it goes by itself.
    Watch,
}

/// `GET /staff/parcels`
pub async fn page(State(means): State<Means>, staff: Staff) -> Result<Response, PageError> {
    show(&means, &staff, None).await
}

async fn show(means: &Means, staff: &Staff, problem: Option<String>) -> Result<Response, PageError> {
    staff.require(Action::ShipParcels)?;
    let board = board(&means.db, &means.house.site).await?;
    let group = |id, title, empty, lines: Vec<ShipmentLine>| Group {
        id,
        title,
        empty,
        lines: lines.into_iter().map(Line::of).collect(),
    };
    answer(&Parcels {
        frame: staff.frame("/staff/parcels"),
        problem,
        groups: vec![
            group("stopped", "Something is in their way", "No parcel is held up.", board.stopped),
            group("unknown", "Labels nobody knows about", "Every label is known.", board.label_unknown),
            group("tender", "Labelled: to the courier", "No labelled parcel waits.", board.to_tender),
            group("send", "To send, or to hand over", "Nothing waits to leave.", board.to_send),
            group("under-way", "Under way", "Nothing is under way.", board.under_way),
        ],
    })
}

impl Line {
    fn of(line: ShipmentLine) -> Self {
        let can = match (line.way, line.state) {
            ("carrier", "labelled") => Can::Tender,
            ("mail", "ready_to_ship") => Can::Mail,
            ("desk", "ready_to_ship") => Can::HandOver,
            ("mail", "mailed") => Can::EndMail,
            _ => Can::Watch,
        };
        Self {
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
            can,
            id: line.id,
            reference: line.reference,
        }
    }
}

/// Why a parcel is promised for its day, a sentence each.
fn reasons(promise: &Promise) -> Vec<String> {
    promise.reasons.iter().map(|reason| sentence(&reason.to_string())).collect()
}

fn state_sign(state: &str, outcome: Option<PromiseOutcome>) -> Sign {
    let (class, words) = match state {
        "ready_to_ship" => ("", "Ready"),
        "label_unknown" => ("bad", "Label unknown"),
        "labelled" => ("going", "Labelled"),
        "tendered" => ("going", "With the courier"),
        "in_transit" => ("going", "In transit"),
        "mailed" => ("going", "Mailed"),
        "exception" => ("bad", "Held up"),
        _ => ("ended", "Over"),
    };
    match outcome {
        Some(PromiseOutcome::Desk | PromiseOutcome::Carrier) => Sign::new("warn", format!("{words}, late")),
        _ => Sign::new(class, words),
    }
}

/// What is done with a parcel.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The courier took it.
    Tender,
    /// It was mailed.
    Mail,
    /// It changed hands.
    HandOver,
    /// It came back.
    Returned,
    /// The recipient says it never came.
    NeverCame,
}

/// `POST /staff/parcels/{parcel}/{step}`
pub async fn step(
    State(means): State<Means>,
    staff: Staff,
    Path((parcel, step)): Path<(String, Step)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::ShipParcels)?;
    let now = Now { actor: staff.actor(), ms: means.clock.now_ms(), chance: &*means.house.chance };
    let mut tx = means.db.begin().await?;
    let done = match step {
        Step::Tender => shipment::tender(&mut tx, now, &parcel).await,
        Step::Mail => shipment::mail(&mut tx, now, &parcel).await,
        Step::HandOver => shipment::hand_over(&mut tx, now, &parcel, counter(&fields)).await,
        Step::Returned => shipment::returned(&mut tx, now, &parcel).await,
        Step::NeverCame => shipment::never_came(&mut tx, now, &parcel).await,
    };
    match done {
        Ok(_) => {
            tx.commit().await?;
            Ok(Redirect::to("/staff/parcels").into_response())
        }
        Err(ShipmentError::Store(error)) => Err(error.into()),
        Err(refused) => {
            drop(tx);
            let page = show(&means, &staff, Some(sentence(&refused.to_string()))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn counter(fields: &Fields) -> Counter<'_> {
    Counter { to: fields.text("to"), id_seen: fields.text("id_seen"), signature: fields.text("signature") }
}

/// `GET /staff/labels/{attempt}`: the carrier's label, to be printed.
pub async fn label(
    State(means): State<Means>,
    staff: Staff,
    Path(attempt): Path<String>,
) -> Result<Response, PageError> {
    staff.require(Action::ShipParcels)?;
    let (kind, bytes) = shipments::document(&means.db, &attempt).await?.ok_or(PageError::NotFound)?;
    let kind = HeaderValue::try_from(kind).map_err(|error| PageError::Broken(error.to_string()))?;
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}
