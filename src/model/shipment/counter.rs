//! Discs handed over at the counter.

use crate::model::audit::Actor;
use crate::model::refused::Refused;
use serde::{Deserialize, Serialize};

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
