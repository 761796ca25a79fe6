//! The burn desk: one thing at a time, large. What went wrong comes first, then what is in someone's hands,
//! then what is next.

use super::{Means, Staff};
use crate::delivery::disc::{Board, BoardDisc, DiscError};
use crate::desk::DeskError;
use crate::desk::authorization::Action;
use crate::desk::discs::{self as desk, DiscDeed, DiscsError};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{moment, sentence};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use burn_queue::{Code, Mismatch, Scanned};
use jiff::tz::TimeZone;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "burn/station.html")]
pub(super) struct StationPage {
    pub frame: Frame,
    pub now: Now,
    pub trouble: Option<Trouble>,
    pub packed: Option<String>,
    pub scans: [Scan; 3],
    pub queued: Vec<DiscView>,
    pub unresolved: Vec<DiscView>,
    pub to_destroy: Vec<DiscView>,
    pub stations: Vec<(String, String)>,
    pub may_burn: bool,
    pub may_resolve: bool,
}

/// The one thing to do.
pub(super) enum Now {
    /// Into its envelope.
    Pack(DiscView),
    /// Its label goes on.
    Label(DiscView),
    /// A station is at it.
    Wait(DiscView),
    /// Waits for a blank.
    Insert(DiscView),
    /// Nothing to do.
    Idle,
}

/// A disc on the desk.
#[derive(Clone)]
pub(super) struct DiscView {
    pub code: String,
    pub place: String,
    pub medium: String,
    pub due: String,
    pub station: String,
    pub reason: String,
    pub wanted: bool,
}

/// What went wrong, over the whole screen.
pub(super) struct Trouble {
    pub title: &'static str,
    pub words: String,
    pub scanned: Option<(String, String)>,
}

/// A box to scan into.
#[derive(Clone)]
pub(super) struct Scan {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
}

/// Which disc was packed just now.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    packed: String,
}

/// `GET /staff/burn`
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let packed = asked.packed.parse::<Code>().ok().map(|code| code.to_string());
    let board = desk::board(&means.db, &staff.acting(&means)).await?;
    answer(&StationPage { packed, ..StationPage::of(&staff, board, &means.house.site.zone) })
}

impl StationPage {
    pub(super) fn of(staff: &Staff, board: Board, zone: &TimeZone) -> Self {
        let views = |discs: &[BoardDisc]| discs.iter().map(|disc| DiscView::of(disc, zone)).collect();
        let first = |discs: &[BoardDisc]| discs.first().map(|disc| DiscView::of(disc, zone));
        let now = first(&board.to_pack)
            .map(Now::Pack)
            .or_else(|| first(&board.to_label).map(Now::Label))
            .or_else(|| first(&board.at_stations).map(Now::Wait))
            .or_else(|| first(&board.queued).map(Now::Insert))
            .unwrap_or(Now::Idle);
        Self {
            frame: staff.frame("/staff/burn"),
            now,
            trouble: None,
            packed: None,
            scans: scans(&Fields::default()),
            queued: views(&board.queued),
            unresolved: views(&board.unresolved),
            to_destroy: views(&board.to_destroy),
            stations: board
                .stations
                .into_iter()
                .map(|seen| (seen.name, moment(seen.seen_at, zone)))
                .collect(),
            may_burn: staff.may(Action::BurnDiscs),
            may_resolve: staff.may(Action::ResolveDiscs),
        }
    }
}

impl DiscView {
    fn of(disc: &BoardDisc, zone: &TimeZone) -> Self {
        Self {
            code: disc.code.to_string(),
            place: disc.place.to_string(),
            medium: disc.medium.to_string().to_uppercase(),
            due: moment(disc.due_at, zone),
            station: disc.station.clone().unwrap_or_default(),
            reason: disc.reason.clone().unwrap_or_default(),
            wanted: disc.wanted,
        }
    }
}

fn scans(fields: &Fields) -> [Scan; 3] {
    let scan = |name, label| Scan { name, label, value: fields.text(name).to_owned() };
    [scan("disc", "Disc"), scan("paper", "Letter"), scan("envelope", "Envelope")]
}

/// `POST /staff/burn/pack`: the three that go together were scanned.
pub async fn pack(
    State(means): State<Means>,
    staff: Staff,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let scanned =
        Scanned { disc: fields.text("disc"), paper: fields.text("paper"), envelope: fields.text("envelope") };
    let mut tx = means.db.begin().await?;
    match desk::pack(&mut tx, &staff.acting(&means), &scanned).await {
        Ok(packed) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/staff/burn?packed={}", packed.disc)).into_response())
        }
        Err(error) => {
            drop(tx);
            stopped(&means, &staff, error, &fields).await
        }
    }
}

/// What is done with one disc.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Its label is on it.
    Labelled,
    /// It is written off.
    Spoil,
    /// It was never burned, and waits again.
    NeverBurned,
    /// It was spoiled, and is destroyed.
    Destroyed,
}

/// `POST /staff/burn/{code}/{step}`
pub async fn step(
    State(means): State<Means>,
    staff: Staff,
    Path((code, step)): Path<(String, Step)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let code: Code = code.parse().map_err(|_| PageError::NotFound)?;
    let reason = fields.text("reason").to_owned();
    let deed = match step {
        Step::Labelled => DiscDeed::Label,
        Step::Spoil => DiscDeed::WriteOff { reason },
        Step::NeverBurned => DiscDeed::NeverBurned { reason },
        Step::Destroyed => DiscDeed::Destroy,
    };
    let mut tx = means.db.begin().await?;
    match desk::act_on_disc(&mut tx, &staff.acting(&means), code, deed).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to("/staff/burn").into_response())
        }
        Err(error) => {
            drop(tx);
            stopped(&means, &staff, error, &Fields::default()).await
        }
    }
}

/// The desk stops: what was scanned, what was expected, and nothing was done.
async fn stopped(
    means: &Means,
    staff: &Staff,
    error: DiscsError,
    fields: &Fields,
) -> Result<Response, PageError> {
    let trouble = match error {
        DiscsError::Desk(DeskError::Invalid { why, .. }) => {
            Trouble { title: "Say why", words: sentence(why), scanned: None }
        }
        DiscsError::NotPermitted(_) | DiscsError::Desk(_) | DiscsError::Disc(DiscError::Store(_)) => {
            return Err(error.into());
        }
        DiscsError::Disc(DiscError::Mismatch(Mismatch::Other { bearer, scanned, expected })) => Trouble {
            title: "These do not belong together",
            words: format!("The {bearer} is another one. Nothing was packed."),
            scanned: Some((scanned.to_string(), expected.to_string())),
        },
        DiscsError::Disc(DiscError::Mismatch(mismatch)) => {
            Trouble { title: "Scan it once more", words: sentence(&mismatch.to_string()), scanned: None }
        }
        DiscsError::Disc(other) => {
            Trouble { title: "Stop", words: sentence(&other.to_string()), scanned: None }
        }
    };
    let board = desk::board(&means.db, &staff.acting(means)).await?;
    let page = StationPage {
        trouble: Some(trouble),
        scans: scans(fields),
        ..StationPage::of(staff, board, &means.house.site.zone)
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer(&page)?).into_response())
}
