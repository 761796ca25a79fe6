//! Shipments: how a delivery's discs travel, by the carrier, by mail, or over the counter.

mod counter;
mod letter;
mod parcel;
mod tracking;

pub use counter::{DeskState, HandOver};
pub use letter::{MailEvent, MailState};
pub use parcel::{CarrierEvent, CarrierState, Label, Sent};
pub use tracking::{LabelAttempt, NewAttempt, Scan, Seen};

use super::delivery::PostalAddress;
use super::promise::PromiseOutcome;
use serde::{Deserialize, Serialize};
use std::slice;

/// Who a parcel or letter is for, as its label has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Their name.
    pub name: String,
    /// Where they are.
    pub address: PostalAddress,
    /// Their telephone number. The carrier wants one; without it the site's stands on the label.
    pub phone: Option<String>,
}

/// A shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The row's id.
    pub id: String,
    /// The release request.
    pub request: String,
    /// Its public reference.
    pub reference: String,
    /// The delivery whose discs travel.
    pub delivery: String,
    /// Where they leave from.
    pub site: String,
    /// How they travel, and how far they are.
    pub progress: Progress,
    /// Whether what was promised was kept; nothing while that is open, or where nothing was promised.
    pub promise_outcome: Option<PromiseOutcome>,
    /// When it was made.
    pub created_at: i64,
}

/// How discs travel, and how far they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// By FedEx.
    Carrier(Recipient, CarrierState),
    /// By U.S. mail.
    Mail(Recipient, MailState),
    /// Over the counter.
    Desk(DeskState),
}

impl Progress {
    /// The word rows use for how they travel.
    #[must_use]
    pub fn way(&self) -> &'static str {
        match self {
            Self::Carrier(..) => "carrier",
            Self::Mail(..) => "mail",
            Self::Desk(_) => "desk",
        }
    }

    /// The word rows use for how far they are.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self {
            Self::Carrier(_, state) => state.as_str(),
            Self::Mail(_, state) => state.as_str(),
            Self::Desk(state) => state.as_str(),
        }
    }

    /// Who they are for.
    #[must_use]
    pub fn recipient(&self) -> Option<&Recipient> {
        match self {
            Self::Carrier(recipient, _) | Self::Mail(recipient, _) => Some(recipient),
            Self::Desk(_) => None,
        }
    }

    /// What has just happened, as the audit has it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Carrier(_, state) => match state {
                CarrierState::Requested => "shipment.requested",
                CarrierState::AwaitingPayment => "shipment.held_for_payment",
                CarrierState::ReadyToShip { .. } => "shipment.ready",
                CarrierState::LabelUnknown { .. } => "shipment.label_asked",
                CarrierState::Labelled { .. } => "shipment.labelled",
                CarrierState::Tendered { .. } => "shipment.tendered",
                CarrierState::InTransit { .. } => "shipment.moved",
                CarrierState::Delivered { .. } => "shipment.delivered",
                CarrierState::Exception { .. } => "shipment.stopped",
                CarrierState::Returned { .. } => "shipment.returned",
                CarrierState::Cancelled { .. } => "shipment.cancelled",
            },
            Self::Mail(_, state) => match state {
                MailState::ReadyToShip => "shipment.requested",
                MailState::Mailed { .. } => "shipment.mailed",
                MailState::PresumedDelivered { .. } => "shipment.presumed_delivered",
                MailState::Returned { .. } => "shipment.returned",
                MailState::NeverCame { .. } => "shipment.never_came",
                MailState::Cancelled { .. } => "shipment.cancelled",
            },
            Self::Desk(state) => match state {
                DeskState::ReadyToShip => "shipment.requested",
                DeskState::HandedOver { .. } => "shipment.handed_over",
                DeskState::Cancelled { .. } => "shipment.cancelled",
            },
        }
    }

    /// Who they are for and where, on one line; at the counter whoever took them.
    #[must_use]
    pub fn addressee(&self) -> String {
        match self {
            Self::Carrier(Recipient { name, address, .. }, _)
            | Self::Mail(Recipient { name, address, .. }, _) => {
                let place = format!("{}, {} {}", address.city, address.state, address.zip);
                [slice::from_ref(name), &address.lines, slice::from_ref(&place)].concat().join(", ")
            }
            Self::Desk(DeskState::HandedOver { handover, .. }) => handover.to.clone(),
            Self::Desk(_) => String::new(),
        }
    }

    /// Whether they left the desk.
    #[must_use]
    pub fn has_left(&self) -> bool {
        match self {
            Self::Carrier(_, state) => state.sent().is_some(),
            Self::Mail(_, state) => !matches!(state, MailState::ReadyToShip | MailState::Cancelled { .. }),
            Self::Desk(state) => matches!(state, DeskState::HandedOver { .. }),
        }
    }

    /// Whether they arrived, as far as can be known.
    #[must_use]
    pub fn has_arrived(&self) -> bool {
        matches!(
            self,
            Self::Carrier(_, CarrierState::Delivered { .. })
                | Self::Mail(_, MailState::PresumedDelivered { .. })
                | Self::Desk(DeskState::HandedOver { .. })
        )
    }

    /// Whether they came back.
    #[must_use]
    pub fn came_back(&self) -> bool {
        matches!(
            self,
            Self::Carrier(_, CarrierState::Returned { .. }) | Self::Mail(_, MailState::Returned { .. })
        )
    }

    /// Whether they are out of the house: they left, and did not come back.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.has_left() && !self.came_back()
    }

    /// Whether nothing more will come of it by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Carrier(_, state) => matches!(
                state,
                CarrierState::Delivered { .. }
                    | CarrierState::Returned { .. }
                    | CarrierState::Cancelled { .. }
            ),
            Self::Mail(_, state) => !matches!(state, MailState::ReadyToShip | MailState::Mailed { .. }),
            Self::Desk(state) => !matches!(state, DeskState::ReadyToShip),
        }
    }
}

#[cfg(test)]
mod tests;
