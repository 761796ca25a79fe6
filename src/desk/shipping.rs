//! Shipments at the desk: who may tender, mail and hand over. [`crate::delivery`] does it.

use super::Acting;
use super::authorization::{Action, NotPermitted};
use crate::delivery::board::{self, Board, ShipmentStory};
use crate::delivery::label::{self, Found};
use crate::delivery::shipment::{self, Counter, Now, ShipmentError};
use crate::model::Site;
use crate::store::db::{Db, Tx};
use crate::store::{StoreError, shipments};
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
    /// The patient says the letter never came.
    NeverCame,
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
    /// It is not wanted any more.
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
            Self::AskAgain { .. } | Self::NoLabel { .. } => Action::ResolveDiscs,
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
    if shipments::get(&mut *tx, id).await?.is_none() {
        return Err(ShippingError::NotFound { what: "shipment" });
    }
    let actor = acting.who.actor();
    let now = Now { actor: &actor, ms: acting.now_ms, chance: acting.chance };
    match deed {
        ShipmentDeed::Tender => shipment::tender(tx, now, id).await.map(drop),
        ShipmentDeed::Mail => shipment::mail(tx, now, id).await.map(drop),
        ShipmentDeed::HandOver { to, id_seen, signature } => {
            let counter = Counter { to: &to, id_seen: &id_seen, signature: &signature };
            shipment::hand_over(tx, now, id, counter).await.map(drop)
        }
        ShipmentDeed::CameBack => shipment::returned(tx, now, id).await.map(drop),
        ShipmentDeed::NeverCame => shipment::never_came(tx, now, id).await.map(drop),
        ShipmentDeed::AskAgain { reason } => label::ask_again(tx, now, id, &reason).await,
        ShipmentDeed::NoLabel { attempt, reason } => {
            label::resolve(tx, now, id, &attempt, Found::NotMade, &reason).await
        }
        ShipmentDeed::Cancel { reason } => shipment::cancel(tx, now, id, &reason).await.map(drop),
    }?;
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
