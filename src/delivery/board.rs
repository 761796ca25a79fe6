//! What the desk sees of its shipments: what has to be done, and how each one goes.

use super::label::{BUY_LABEL, GIVE_BACK_LABEL, RECONCILE_LABEL};
use crate::model::shipment::{CarrierState, LabelAttempt, Scan};
use crate::model::{Progress, Promise, PromiseOutcome, Shipment, Site};
use crate::store::db::Db;
use crate::store::{StoreError, jobs, shipments};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// How many shipments in one state a page shows; the rest is on the next.
pub const PAGE: u32 = 100;

/// The shipments of a site that somebody has to do something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShipmentBoard)]
pub struct Board {
    /// Complete: parcels to label, letters to mail, discs to hand over.
    pub to_send: Vec<ShipmentLine>,
    /// Nobody knows whether the carrier made a label.
    pub label_unknown: Vec<ShipmentLine>,
    /// Labelled: the courier is to take them.
    pub to_tender: Vec<ShipmentLine>,
    /// Something is in their way: the carrier refuses a label, a parcel is held up, something came back.
    pub stopped: Vec<ShipmentLine>,
    /// Packed, though their deliveries were given up: they must not leave, and their discs are destroyed.
    pub to_take_apart: Vec<ShipmentLine>,
    /// On their way.
    pub under_way: Vec<ShipmentLine>,
}

/// A shipment in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShipmentLine {
    /// Its id, for the buttons beside it.
    pub id: String,
    /// The request's id, for the link to it.
    pub request: String,
    /// The request's public reference.
    pub reference: String,
    /// `carrier`, `mail` or `desk`.
    pub way: &'static str,
    /// How far it is.
    pub state: &'static str,
    /// Its tracking number, if it has one.
    pub tracking_number: Option<String>,
    /// The attempt that bought its label, by which the label is fetched to print; none where a person printed it from
    /// the carrier's pages.
    pub label: Option<String>,
    /// The attempt at a label that nobody knows about.
    pub attempt: Option<String>,
    /// What is in its way, in the carrier's words.
    pub problem: Option<String>,
    /// What was promised.
    pub promise: Option<Promise>,
    /// Whether that was kept.
    pub outcome: Option<PromiseOutcome>,
}

/// A shipment with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShipmentStory {
    /// The shipment.
    #[serde(flatten)]
    pub line: ShipmentLine,
    /// What the carrier saw, the oldest first.
    pub scans: Vec<Scan>,
    /// The labels asked for, the oldest first.
    pub attempts: Vec<LabelAttempt>,
}

impl From<&Shipment> for ShipmentLine {
    fn from(shipment: &Shipment) -> Self {
        let parcel = match &shipment.progress {
            Progress::Carrier(_, state) => Some(state),
            Progress::Mail(..) | Progress::Desk(_) => None,
        };
        let label = parcel.and_then(CarrierState::label);
        let attempt = match parcel {
            Some(CarrierState::LabelUnknown { attempt, .. }) => Some(attempt.clone()),
            _ => None,
        };
        Self {
            id: shipment.id.clone(),
            request: shipment.request.clone(),
            reference: shipment.reference.clone(),
            way: shipment.progress.way(),
            state: shipment.progress.state(),
            tracking_number: label.map(|label| label.tracking_number.clone()),
            label: label.map(|label| label.attempt.clone()),
            attempt,
            problem: match parcel {
                Some(CarrierState::Exception { reason, .. }) => Some(reason.clone()),
                _ => None,
            },
            promise: parcel.and_then(CarrierState::promise).cloned(),
            outcome: shipment.promise_outcome,
        }
    }
}

/// The board of a site, each list with the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn board(db: &Db, site: &Site) -> Result<Board, StoreError> {
    let why = jobs::why_stopped(db, &[BUY_LABEL, RECONCILE_LABEL, GIVE_BACK_LABEL]).await?;
    let list = async |state| lines(db, shipments::in_state(db, &site.id, state, "", PAGE).await?, &why).await;
    let to_take_apart = lines(db, shipments::unwanted(db, &site.id, PAGE).await?, &why).await?;
    let is_wanted = |line: &ShipmentLine| to_take_apart.iter().all(|other| other.id != line.id);
    let (mut under_way, mut stopped) = (list("tendered").await?, list("exception").await?);
    under_way.extend(list("in_transit").await?);
    under_way.extend(list("mailed").await?);
    let ready = list("ready_to_ship").await?.into_iter().filter(is_wanted);
    let (refused, to_send) = ready.partition(|line| line.problem.is_some());
    stopped.extend::<Vec<_>>(refused);
    stopped.extend(lines(db, shipments::came_back(db, &site.id, PAGE).await?, &why).await?);
    let to_tender = list("labelled").await?.into_iter().filter(is_wanted).collect();
    let label_unknown = list("label_unknown").await?;
    Ok(Board { to_send, label_unknown, to_tender, stopped, to_take_apart, under_way })
}

/// Shipments, why their jobs wait for a person, and which labels are here to be printed.
async fn lines(
    db: &Db,
    shipments: Vec<Shipment>,
    why: &HashMap<String, String>,
) -> Result<Vec<ShipmentLine>, StoreError> {
    let lines: Vec<ShipmentLine> = shipments.iter().map(ShipmentLine::from).collect();
    let labels: Vec<&str> = lines.iter().filter_map(|line| line.label.as_deref()).collect();
    let here = shipments::with_document(db, &labels).await?;
    let line = |line: ShipmentLine| {
        let about_attempt = line.attempt.as_ref().and_then(|attempt| why.get(attempt));
        let problem = line.problem.or_else(|| about_attempt.or_else(|| why.get(&line.id)).cloned());
        let label = line.label.filter(|label| here.contains(label));
        ShipmentLine { problem, label, ..line }
    };
    Ok(lines.into_iter().map(line).collect())
}

/// The shipments of a request, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(db: &Db, request: &str) -> Result<Vec<ShipmentLine>, StoreError> {
    lines(db, shipments::of_request(db, request).await?, &HashMap::new()).await
}

/// A shipment with all that is known of it; nothing if there is none.
///
/// # Errors
/// If the database fails.
pub async fn story(db: &Db, id: &str) -> Result<Option<ShipmentStory>, StoreError> {
    let found = shipments::get(db, id).await?.into_iter().collect();
    let Some(line) = lines(db, found, &HashMap::new()).await?.pop() else { return Ok(None) };
    Ok(Some(ShipmentStory {
        line,
        scans: shipments::scans(db, id).await?,
        attempts: shipments::attempts(db, id).await?,
    }))
}
