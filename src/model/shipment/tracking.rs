//! What is known from asking the carrier: attempts to buy a label, and scans of a parcel.

use super::CarrierEvent;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the carrier saw of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scan {
    /// When.
    pub at: i64,
    /// What.
    #[serde(flatten)]
    pub seen: Seen,
}

/// What a scan says, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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
