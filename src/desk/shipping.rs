//! Shipments at the desk: who may tender, mail and hand over. [`crate::delivery`] does it.

use super::authorization::{Action, NotPermitted};
use super::request::{DeliveryStep, RequestStep, advance, advance_delivery, cancel_delivery};
use super::{Acting, DeskError};
use crate::delivery::board::{self, Board, ShipmentLine, ShipmentStory};
use crate::delivery::label::{self, Found};
use crate::delivery::shipment::{self, Counter, Now, ShipmentError, said};
use crate::model::shipment::Label;
use crate::model::{DeliveryState, RequestState, Service, Shipment, Site};
use crate::store::db::{Db, Tx};
use crate::store::{StoreError, deliveries, requests, shipments};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// Why nothing was done with a shipment.
#[derive(Debug, thiserror::Error)]
pub enum ShippingError {
    /// Whoever asked may not.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// There is none.
    #[error("there is no such {what}")]
    NotFound {
        /// What: `shipment`, `label`.
        what: &'static str,
    },
    /// The shipment does not allow it.
    #[error(transparent)]
    Shipment(#[from] ShipmentError),
    /// Its delivery does not.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<StoreError> for ShippingError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { table: "shipments" } => Self::NotFound { what: "shipment" },
            other => Self::Shipment(other.into()),
        }
    }
}

/// What may be done with a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum ShipmentDeed {
    /// Give the parcel to the courier.
    Tender,
    /// Mail the letter.
    Mail,
    /// Hand the discs over at the counter.
    HandOver {
        /// Who takes them.
        to: String,
        /// Which document was seen, without its number.
        id_seen: String,
        /// The number of the signed slip.
        signature: String,
    },
    /// The letter came back.
    CameBack,
    /// The patient says the letter never came: it is made again, free.
    NeverCame,
    /// What came back is destroyed, and made again.
    MakeAgain,
    /// Ask the carrier again for a label it refused.
    AskAgain {
        /// What was put right.
        reason: String,
    },
    /// There is no label from an attempt that nobody knew about.
    NoLabel {
        /// Which attempt.
        attempt: String,
        /// How that is known.
        reason: String,
    },
    /// There is a label from an attempt that nobody knew about, and it was printed from the carrier's own pages.
    FoundLabel {
        /// Which attempt.
        attempt: String,
        /// What the carrier knows it by.
        tracking_number: String,
        /// How fast it goes.
        service: Service,
        /// The day it leaves.
        ship_on: Date,
        /// The day it arrives.
        arrives_on: Date,
        /// How that is known.
        reason: String,
    },
    /// The carrier is told that a label is not used. If the parcel is wanted, another is bought.
    GiveLabelBack {
        /// Why.
        reason: String,
    },
    /// What was packed for a delivery that is over was taken apart, and the discs destroyed.
    TakeApart,
    /// It is not wanted any more: its delivery is cancelled.
    Cancel {
        /// Why.
        reason: String,
    },
}

impl ShipmentDeed {
    /// What whoever does it must be allowed to.
    #[must_use]
    pub fn needs(&self) -> Action {
        match self {
            Self::AskAgain { .. } | Self::NoLabel { .. } | Self::FoundLabel { .. } => Action::ResolveDiscs,
            Self::MakeAgain | Self::TakeApart => Action::BurnDiscs,
            Self::Cancel { .. } => Action::ChooseDelivery,
            _ => Action::ShipParcels,
        }
    }
}

/// Does something with a shipment.
///
/// # Errors
/// [`ShippingError`] if whoever acts may not, there is no such shipment, or it does not allow it.
pub async fn act_on_shipment(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    deed: ShipmentDeed,
) -> Result<(), ShippingError> {
    acting.permit(deed.needs())?;
    let none = ShippingError::NotFound { what: "shipment" };
    let known = shipments::get(&mut *tx, id).await?.ok_or(none)?;
    // Nobody moves its request on meanwhile.
    requests::get_to_change(tx, &known.request).await?;
    let actor = acting.who.actor();
    let now = Now { actor: &actor, ms: acting.now_ms, chance: acting.chance };
    match deed {
        ShipmentDeed::Tender => shipment::tender(tx, now, id).await.map(drop)?,
        ShipmentDeed::Mail => shipment::mail(tx, now, id).await.map(drop)?,
        ShipmentDeed::HandOver { to, id_seen, signature } => {
            let counter = Counter { to: &to, id_seen: &id_seen, signature: &signature };
            shipment::hand_over(tx, now, id, counter).await.map(drop)?;
        }
        ShipmentDeed::CameBack => {
            take_up(tx, acting, &known).await?;
            shipment::returned(tx, now, id).await.map(drop)?;
        }
        ShipmentDeed::NeverCame => {
            take_up(tx, acting, &known).await?;
            shipment::never_came(tx, now, id).await.map(drop)?;
        }
        ShipmentDeed::MakeAgain => shipment::make_again(tx, now, id).await.map(drop)?,
        ShipmentDeed::AskAgain { reason } => label::ask_again(tx, now, id, &why(&reason)?).await?,
        ShipmentDeed::NoLabel { attempt, reason } => {
            label::resolve(tx, now, id, &attempt, Found::NotMade, &why(&reason)?).await?;
        }
        ShipmentDeed::FoundLabel { attempt, tracking_number, service, ship_on, arrives_on, reason } => {
            let label = Label { attempt, tracking_number, service, ship_on, arrives_on };
            let found = Found::Made(&label);
            label::resolve(tx, now, id, &label.attempt, found, &why(&reason)?).await?;
        }
        ShipmentDeed::GiveLabelBack { reason } => label::give_back(tx, now, id, &why(&reason)?).await?,
        ShipmentDeed::TakeApart => shipment::take_apart(tx, now, id).await?,
        ShipmentDeed::Cancel { reason } => {
            cancel_delivery(tx, acting, &known.delivery, &reason).await.map(drop)?;
        }
    }
    Ok(())
}

fn why(reason: &str) -> Result<String, ShipmentError> {
    said("the reason", reason)
}

/// A delivery that seemed done is under way again, and with it its request.
async fn take_up(tx: &mut Tx, acting: &Acting<'_>, shipment: &Shipment) -> Result<(), DeskError> {
    let delivery = deliveries::get_to_change(tx, &shipment.delivery).await?;
    if !matches!(delivery.state, DeliveryState::Done { .. }) {
        return Ok(());
    }
    advance_delivery(tx, acting, &delivery.id, DeliveryStep::Resume).await?;
    let request = requests::get_to_change(tx, &delivery.request).await?;
    if !matches!(request.state, RequestState::Fulfilling { .. }) {
        advance(tx, acting, &request.id, RequestStep::Resume).await?;
    }
    Ok(())
}

/// The board of a site.
///
/// # Errors
/// [`ShippingError`] if whoever acts may not, or the database fails.
pub async fn board(db: &Db, acting: &Acting<'_>, site: &Site) -> Result<Board, ShippingError> {
    acting.permit(Action::SeeRequests)?;
    Ok(board::board(db, site).await?)
}

/// The shipments of a request, the oldest first.
///
/// # Errors
/// [`ShippingError`] if whoever acts may not, or the database fails.
pub async fn of_request(
    db: &Db,
    acting: &Acting<'_>,
    request: &str,
) -> Result<Vec<ShipmentLine>, ShippingError> {
    acting.permit(Action::SeeRequests)?;
    Ok(board::of_request(db, request).await?)
}

/// A shipment with all that is known of it.
///
/// # Errors
/// [`ShippingError`] if whoever acts may not, or there is none.
pub async fn story(db: &Db, acting: &Acting<'_>, id: &str) -> Result<ShipmentStory, ShippingError> {
    acting.permit(Action::SeeRequests)?;
    board::story(db, id).await?.ok_or(ShippingError::NotFound { what: "shipment" })
}

/// A label to print: its media type and bytes.
///
/// # Errors
/// [`ShippingError`] if whoever acts may not, or there is none.
pub async fn label(db: &Db, acting: &Acting<'_>, attempt: &str) -> Result<(String, Vec<u8>), ShippingError> {
    acting.permit(Action::ShipParcels)?;
    shipments::document(db, attempt).await?.ok_or(ShippingError::NotFound { what: "label" })
}
