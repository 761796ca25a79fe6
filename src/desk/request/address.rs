//! Whether a parcel can get to where a delivery goes: asked before it is chosen, so that nobody pays for what
//! cannot be done.

use super::delivery::NewDelivery;
use super::text;
use crate::delivery::label::Parcels;
use crate::delivery::prospect::Prospect;
use crate::desk::authorization::Action;
use crate::desk::{Acting, DeskError};
use crate::model::Site;
use serde_json::{Value as Json, json};

/// Why a parcel is not sent to an address. None of the texts holds the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// The carrier does not go there.
    #[error("FedEx does not deliver there: {0}. Correct the address, or choose another way")]
    GoesNot(String),
    /// Something looks wrong, and nobody says why it is right.
    #[error("FedEx doubts that address: {0}. Correct it, or say why it is right all the same")]
    Doubtful(String),
    /// The carrier does not answer.
    #[error(
        "FedEx does not answer now, so nobody knows whether it goes there: try again, or choose another way"
    )]
    Silent,
}

/// A delivery that can be done as far as the carrier knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedDelivery {
    pub(super) new: NewDelivery,
    /// What the carrier doubted, and why it is right all the same.
    pub(super) overruled: Json,
}

/// Looks at what a delivery is made of; of a parcel, the carrier is asked about its address. This takes no
/// transaction: the carrier may take its time.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, something in it is not usable, or the carrier does not go there.
pub async fn check_delivery(
    parcels: &Parcels,
    acting: &Acting<'_>,
    site: &Site,
    new: NewDelivery,
) -> Result<CheckedDelivery, DeskError> {
    acting.permit(Action::ChooseDelivery)?;
    let new = new.tidied()?;
    let Some(to) = new.destination.by_carrier(&new.recipient) else {
        return Ok(CheckedDelivery { new, overruled: Json::Null });
    };
    let prospect = parcels.prospect(site, &to).await.map_err(|error| {
        tracing::warn!(%error, "the carrier was asked about an address in vain");
        AddressRefused::Silent
    })?;
    let overruled = match (prospect, &new.address_reason) {
        (Prospect::GoesNot { problem }, _) => return Err(AddressRefused::GoesNot(problem).into()),
        (Prospect::Goes { doubt: Some(doubt), .. }, None) => {
            return Err(AddressRefused::Doubtful(doubt).into());
        }
        (Prospect::Goes { doubt: Some(doubt), .. }, Some(reason)) => {
            json!({ "doubt": doubt, "reason": text::prose("address_reason", reason)? })
        }
        (Prospect::Goes { doubt: None, .. }, _) => Json::Null,
    };
    Ok(CheckedDelivery { new, overruled })
}
