//! Shipments: how a delivery's discs travel, by the carrier, by mail, or over the counter.

use super::audit::Actor;
use super::delivery::PostalAddress;
use super::promise::{Promise, PromiseOutcome, Service};
use super::refused::Refused;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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

/// What the carrier saw of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// When.
    pub at: i64,
    /// What.
    #[serde(flatten)]
    pub seen: Seen,
}

/// What a scan says, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "snake_case")]
pub enum Seen {
    /// The label is known; the parcel was not seen.
    LabelCreated,
    /// It is on its way.
    Moving {
        /// The carrier's words.
        words: String,
    },
    /// Nobody took it.
    Attempted {
        /// Which day, where the door is.
        on: Date,
        /// The carrier's words.
        words: String,
        /// Whether that lies with the recipient.
        by_recipient: bool,
    },
    /// Something else is in its way.
    Stopped {
        /// The carrier's words.
        words: String,
        /// Whether that lies with the recipient: a wrong address.
        by_recipient: bool,
    },
    /// It arrived.
    Delivered {
        /// Which day, where the door is.
        on: Date,
        /// Who took it.
        received_by: Option<String>,
    },
    /// It came back to the desk.
    Returned,
}

impl Scan {
    /// What it means for the parcel, if anything.
    #[must_use]
    pub fn event(&self) -> Option<CarrierEvent> {
        match self.seen.clone() {
            Seen::LabelCreated => None,
            Seen::Moving { .. } => Some(CarrierEvent::Moved),
            Seen::Attempted { on, words, .. } => Some(CarrierEvent::Attempted { on, reason: words }),
            Seen::Stopped { words, .. } => Some(CarrierEvent::Stopped { reason: words }),
            Seen::Delivered { on, received_by } => {
                Some(CarrierEvent::Delivered { at: self.at, on, received_by })
            }
            Seen::Returned => Some(CarrierEvent::Returned { at: self.at }),
        }
    }

    /// Whether it names a reason that lies with the recipient.
    #[must_use]
    pub fn lies_with_recipient(&self) -> bool {
        matches!(
            self.seen,
            Seen::Attempted { by_recipient: true, .. } | Seen::Stopped { by_recipient: true, .. }
        )
    }
}

/// An attempt to buy a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// The row's id.
    pub id: String,
    /// The shipment.
    pub shipment: String,
    /// What the label has as our reference, unique to the attempt, so that the carrier can be asked about it.
    pub customer_reference: String,
}

/// An attempt to buy a label, as it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelAttempt {
    /// The row's id.
    pub id: String,
    /// What the label has as our reference.
    pub customer_reference: String,
    /// `asked`, `made`, `not_made` or `cancelled`.
    pub state: String,
    /// The label's tracking number, if one was made.
    pub tracking_number: Option<String>,
    /// What the carrier charges for it.
    pub carrier_cents: Option<i64>,
    /// Why there is none.
    pub reason: Option<String>,
    /// When the carrier was asked.
    pub asked_at: i64,
}

/// How far a letter is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MailState {
    /// Its discs are packed, or will be.
    ReadyToShip,
    /// Mailed.
    Mailed {
        /// When.
        at: i64,
    },
    /// Ten days passed and it did not come back.
    PresumedDelivered {
        /// Since which day.
        on: Date,
    },
    /// It came back.
    Returned {
        /// When.
        at: i64,
    },
    /// The patient says it never came. It is made again, free.
    NeverCame {
        /// When they said so.
        at: i64,
    },
    /// It was never mailed.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// What may happen to a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEvent {
    /// It is mailed.
    Mail {
        /// When.
        at: i64,
    },
    /// Ten days passed.
    Presume {
        /// Which day.
        on: Date,
    },
    /// It came back.
    Return {
        /// When.
        at: i64,
    },
    /// The patient says it never came.
    NeverCame {
        /// When.
        at: i64,
    },
    /// It is not wanted any more.
    Cancel {
        /// Why.
        reason: String,
    },
}

impl MailState {
    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::ReadyToShip => "ready_to_ship",
            Self::Mailed { .. } => "mailed",
            Self::PresumedDelivered { .. } => "presumed_delivered",
            Self::Returned { .. } => "returned",
            Self::NeverCame { .. } => "never_came",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The state after `event`. What was presumed may turn out not to be so.
    ///
    /// # Errors
    /// [`Refused`] if that cannot happen now.
    pub fn after(self, event: MailEvent) -> Result<Self, Refused> {
        let refused = |state, event| Err(Refused { what: "letter", state, event });
        match (self, event) {
            (Self::ReadyToShip, MailEvent::Mail { at }) => Ok(Self::Mailed { at }),
            (Self::ReadyToShip, MailEvent::Cancel { reason }) => Ok(Self::Cancelled { reason }),
            (Self::Mailed { .. }, MailEvent::Presume { on }) => Ok(Self::PresumedDelivered { on }),
            (Self::Mailed { .. } | Self::PresumedDelivered { .. }, MailEvent::Return { at }) => {
                Ok(Self::Returned { at })
            }
            (Self::Mailed { .. } | Self::PresumedDelivered { .. }, MailEvent::NeverCame { at }) => {
                Ok(Self::NeverCame { at })
            }
            (state, MailEvent::Mail { .. }) => refused(state.as_str(), "mailed"),
            (state, MailEvent::Presume { .. }) => refused(state.as_str(), "presumed delivered"),
            (state, MailEvent::Return { .. }) => refused(state.as_str(), "returned"),
            (state, MailEvent::NeverCame { .. }) => refused(state.as_str(), "made again"),
            (state, MailEvent::Cancel { .. }) => refused(state.as_str(), "cancelled"),
        }
    }
}

/// How far discs for the counter are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeskState {
    /// They wait, or will.
    ReadyToShip,
    /// They were handed over.
    HandedOver {
        /// How.
        #[serde(flatten)]
        handover: HandOver,
    },
    /// Nobody came for them, or they are not wanted.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// Discs that change hands at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// Who took them.
    pub to: String,
    /// Which document was seen, without its number: "driver's license".
    pub id_seen: String,
    /// The signature: the number of the signed slip.
    pub signature: String,
    /// Who handed them over.
    pub by: Actor,
    /// When.
    pub at: i64,
}

impl DeskState {
    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::ReadyToShip => "ready_to_ship",
            Self::HandedOver { .. } => "handed_over",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// They are handed over.
    ///
    /// # Errors
    /// [`Refused`] if they were, or are cancelled.
    pub fn hand_over(self, handover: HandOver) -> Result<Self, Refused> {
        self.leave("handed over", Self::HandedOver { handover })
    }

    /// They are not wanted any more.
    ///
    /// # Errors
    /// [`Refused`] if they were handed over, or are cancelled.
    pub fn cancel(self, reason: String) -> Result<Self, Refused> {
        self.leave("cancelled", Self::Cancelled { reason })
    }

    fn leave(self, event: &'static str, next: Self) -> Result<Self, Refused> {
        match self {
            Self::ReadyToShip => Ok(next),
            state => Err(Refused { what: "disc", state: state.as_str(), event }),
        }
    }
}

#[cfg(test)]
mod tests;
