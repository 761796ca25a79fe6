//! A parcel by the carrier: its label, how far it is, and what may happen to it.

use crate::model::promise::{Promise, Service};
use crate::model::refused::Refused;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A label that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The attempt that bought it.
    pub attempt: String,
    /// By which the carrier knows the parcel.
    pub tracking_number: String,
    /// How fast it goes.
    pub service: Service,
    /// The day it is to leave on.
    pub ship_on: Date,
    /// The day it is to arrive on, as the carrier said before it was bought.
    pub arrives_on: Date,
}

/// A parcel that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What was promised.
    pub promise: Promise,
    /// Its label.
    pub label: Label,
    /// When it was handed to the courier.
    pub tendered_at: i64,
    /// The day the carrier first stood at the door.
    pub first_attempt_on: Option<Date>,
}

/// How far a parcel is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CarrierState {
    /// Asked for.
    Requested,
    /// The order could be filled; the fee is due.
    AwaitingPayment,
    /// The order is complete. No label yet.
    ReadyToShip {
        /// What is promised.
        promise: Promise,
    },
    /// The carrier was asked for a label, and nobody knows whether it made one.
    LabelUnknown {
        /// What is promised.
        promise: Promise,
        /// Which attempt.
        attempt: String,
    },
    /// It has a label.
    Labelled {
        /// What is promised.
        promise: Promise,
        /// The label.
        label: Label,
    },
    /// The courier has it.
    Tendered {
        /// The parcel.
        sent: Sent,
    },
    /// The carrier saw it.
    InTransit {
        /// The parcel.
        sent: Sent,
    },
    /// It arrived.
    Delivered {
        /// The parcel.
        sent: Sent,
        /// When.
        at: i64,
        /// Who took it, as the carrier has it.
        received_by: Option<String>,
    },
    /// Something is in its way.
    Exception {
        /// The parcel.
        sent: Sent,
        /// What, in the carrier's words.
        reason: String,
    },
    /// It came back.
    Returned {
        /// The parcel.
        sent: Sent,
        /// When.
        at: i64,
    },
    /// It never left.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// What may happen to a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarrierEvent {
    /// The fee became due.
    AwaitPayment,
    /// The order is complete.
    Complete(Promise),
    /// The carrier is about to be asked for a label.
    AskLabel {
        /// Which attempt.
        attempt: String,
    },
    /// It made one.
    LabelMade(Label),
    /// It did not.
    LabelNotMade {
        /// Which attempt.
        attempt: String,
    },
    /// The label was given back.
    LabelCancelled,
    /// The courier took the parcel.
    Tender {
        /// When.
        at: i64,
    },
    /// The carrier saw it on its way.
    Moved,
    /// The carrier stood at the door in vain.
    Attempted {
        /// Which day, where the door is.
        on: Date,
        /// Why in vain.
        reason: String,
    },
    /// Something else is in its way.
    Stopped {
        /// What.
        reason: String,
    },
    /// It arrived.
    Delivered {
        /// When.
        at: i64,
        /// Which day, where the door is.
        on: Date,
        /// Who took it.
        received_by: Option<String>,
    },
    /// It came back.
    Returned {
        /// When.
        at: i64,
    },
    /// It is not wanted any more.
    Cancel {
        /// Why.
        reason: String,
    },
}

impl CarrierEvent {
    /// What happens, as in "cannot be …".
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AwaitPayment => "held for payment",
            Self::Complete(_) => "made ready",
            Self::AskLabel { .. } => "given a label",
            Self::LabelMade(_) => "labelled",
            Self::LabelNotMade { .. } => "left without a label",
            Self::LabelCancelled => "relabelled",
            Self::Tender { .. } => "tendered",
            Self::Moved | Self::Attempted { .. } | Self::Stopped { .. } => "tracked",
            Self::Delivered { .. } => "delivered",
            Self::Returned { .. } => "returned",
            Self::Cancel { .. } => "cancelled",
        }
    }
}

impl CarrierState {
    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::AwaitingPayment => "awaiting_payment",
            Self::ReadyToShip { .. } => "ready_to_ship",
            Self::LabelUnknown { .. } => "label_unknown",
            Self::Labelled { .. } => "labelled",
            Self::Tendered { .. } => "tendered",
            Self::InTransit { .. } => "in_transit",
            Self::Delivered { .. } => "delivered",
            Self::Exception { .. } => "exception",
            Self::Returned { .. } => "returned",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The parcel, once it left.
    #[must_use]
    pub fn sent(&self) -> Option<&Sent> {
        match self {
            Self::Tendered { sent }
            | Self::InTransit { sent }
            | Self::Delivered { sent, .. }
            | Self::Exception { sent, .. }
            | Self::Returned { sent, .. } => Some(sent),
            _ => None,
        }
    }

    /// What is promised, once the order is complete.
    #[must_use]
    pub fn promise(&self) -> Option<&Promise> {
        match self {
            Self::ReadyToShip { promise }
            | Self::LabelUnknown { promise, .. }
            | Self::Labelled { promise, .. } => Some(promise),
            other => other.sent().map(|sent| &sent.promise),
        }
    }

    /// The label, once there is one.
    #[must_use]
    pub fn label(&self) -> Option<&Label> {
        match self {
            Self::Labelled { label, .. } => Some(label),
            other => other.sent().map(|sent| &sent.label),
        }
    }

    /// The state after `event`.
    ///
    /// # Errors
    /// [`Refused`] if that cannot happen now.
    pub fn after(self, event: CarrierEvent) -> Result<Self, Refused> {
        use CarrierEvent as Event;
        let refused = Refused { what: "parcel", state: self.as_str(), event: event.as_str() };
        Ok(match (self, event) {
            (Self::Requested, Event::AwaitPayment) => Self::AwaitingPayment,
            (Self::Requested | Self::AwaitingPayment, Event::Complete(promise)) => {
                Self::ReadyToShip { promise }
            }
            (Self::ReadyToShip { promise }, Event::AskLabel { attempt }) => {
                Self::LabelUnknown { promise, attempt }
            }
            (Self::LabelUnknown { promise, attempt }, Event::LabelMade(label))
                if attempt == label.attempt =>
            {
                Self::Labelled { promise, label }
            }
            (Self::LabelUnknown { promise, attempt: asked }, Event::LabelNotMade { attempt })
                if asked == attempt =>
            {
                Self::ReadyToShip { promise }
            }
            (Self::Labelled { promise, .. }, Event::LabelCancelled) => Self::ReadyToShip { promise },
            (Self::Labelled { promise, label }, Event::Tender { at }) => {
                Self::Tendered { sent: Sent { promise, label, tendered_at: at, first_attempt_on: None } }
            }
            (
                Self::Requested | Self::AwaitingPayment | Self::ReadyToShip { .. },
                Event::Cancel { reason },
            ) => Self::Cancelled { reason },
            (Self::Tendered { sent } | Self::InTransit { sent } | Self::Exception { sent, .. }, event) => {
                return sent.after(event).ok_or(refused);
            }
            _ => return Err(refused),
        })
    }
}

impl Sent {
    /// Where a parcel under way is after `event`.
    fn after(mut self, event: CarrierEvent) -> Option<CarrierState> {
        match event {
            CarrierEvent::Moved => Some(CarrierState::InTransit { sent: self }),
            CarrierEvent::Stopped { reason } => Some(CarrierState::Exception { sent: self, reason }),
            CarrierEvent::Attempted { on, reason } => {
                self.first_attempt_on.get_or_insert(on);
                Some(CarrierState::Exception { sent: self, reason })
            }
            CarrierEvent::Delivered { at, on, received_by } => {
                self.first_attempt_on.get_or_insert(on);
                Some(CarrierState::Delivered { sent: self, at, received_by })
            }
            CarrierEvent::Returned { at } => Some(CarrierState::Returned { sent: self, at }),
            _ => None,
        }
    }
}
