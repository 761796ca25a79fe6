//! A letter by U.S. mail: how far it is, and what may happen to it.

use crate::model::refused::Refused;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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
