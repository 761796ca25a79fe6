//! What the desk sees of its shipments: what has to be done, and how each one goes.

use crate::model::shipment::{CarrierState, LabelAttempt, Scan};
use crate::model::{Progress, Promise, PromiseOutcome, Shipment, Site};
use crate::store::db::Db;
use crate::store::{StoreError, shipments};
use serde::Serialize;

/// How many shipments in one state a page shows; the rest is on the next.
pub const PAGE: u32 = 100;

/// The shipments of a site that somebody has to do something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Complete: parcels to label, letters to mail, discs to hand over.
    pub to_send: Vec<ShipmentLine>,
    /// Nobody knows whether the carrier made a label.
    pub label_unknown: Vec<ShipmentLine>,
    /// Labelled: the courier is to take them.
    pub to_tender: Vec<ShipmentLine>,
    /// Something is in their way.
    pub stopped: Vec<ShipmentLine>,
    /// On their way.
    pub under_way: Vec<ShipmentLine>,
}

/// A shipment in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The attempt that bought its label, by which the label is fetched to print.
    pub label: Option<String>,
    /// What is in its way, in the carrier's words.
    pub problem: Option<String>,
    /// What was promised.
    pub promise: Option<Promise>,
    /// Whether that was kept.
    pub outcome: Option<PromiseOutcome>,
}

/// A shipment with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
        Self {
            id: shipment.id.clone(),
            request: shipment.request.clone(),
            reference: shipment.reference.clone(),
            way: shipment.progress.way(),
            state: shipment.progress.state(),
            tracking_number: label.map(|label| label.tracking_number.clone()),
            label: label.map(|label| label.attempt.clone()),
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
    let mut under_way = list(db, site, "tendered", "").await?;
    under_way.extend(list(db, site, "in_transit", "").await?);
    under_way.extend(list(db, site, "mailed", "").await?);
    Ok(Board {
        to_send: list(db, site, "ready_to_ship", "").await?,
        label_unknown: list(db, site, "label_unknown", "").await?,
        to_tender: list(db, site, "labelled", "").await?,
        stopped: list(db, site, "exception", "").await?,
        under_way,
    })
}

/// A page of a site's shipments in a state, after the one with the id `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn list(db: &Db, site: &Site, state: &str, after: &str) -> Result<Vec<ShipmentLine>, StoreError> {
    let shipments = shipments::in_state(db, &site.id, state, after, PAGE).await?;
    Ok(shipments.iter().map(ShipmentLine::from).collect())
}

/// A shipment with all that is known of it; nothing if there is none.
///
/// # Errors
/// If the database fails.
pub async fn story(db: &Db, id: &str) -> Result<Option<ShipmentStory>, StoreError> {
    let Some(shipment) = shipments::get(db, id).await? else { return Ok(None) };
    Ok(Some(ShipmentStory {
        line: ShipmentLine::from(&shipment),
        scans: shipments::scans(db, id).await?,
        attempts: shipments::attempts(db, id).await?,
    }))
}
