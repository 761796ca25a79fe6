//! Link grants: what one recipient may do with a package, how they prove to be that recipient, and how far
//! the grant is.

mod code;
mod tries;
mod visit;

pub use code::{AccessCode, LinkToken, NotACode};
pub use tries::{MOST_WRONG_TRIES, Tries};
pub use visit::{Deed, Visit, Visitor};

use super::refused::Refused;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a recipient may do. Each is granted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rights {
    /// Look at the images on our pages.
    pub view: bool,
    /// Save them.
    pub download: bool,
    /// Pass them on to somebody else.
    pub share: bool,
}

/// Everything.
impl Default for Rights {
    fn default() -> Self {
        Self { view: true, download: true, share: true }
    }
}

/// A grant to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLinkGrant {
    /// The request it fulfils.
    pub request: String,
    /// The delivery it is part of.
    pub delivery: String,
    /// The grant whose holder passes it on; nothing: it is ours.
    pub shared_from: Option<String>,
    /// The package it opens.
    pub package: String,
    /// Who receives it, name and address, as 45 CFR 164.528(b)(2) asks.
    pub recipient: String,
    /// The language they are spoken to in (BCP 47).
    pub language: String,
    /// What they may do.
    pub rights: Rights,
    /// When it ends, in ms since 1970.
    pub until: i64,
}

/// A grant as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkGrant {
    /// The row's id.
    pub id: String,
    /// The request it fulfils.
    pub request: String,
    /// The delivery it is part of.
    pub delivery: String,
    /// The grant whose holder passed it on; nothing: it is ours.
    pub shared_from: Option<String>,
    /// The package it opens.
    pub package: String,
    /// Who receives it.
    pub recipient: String,
    /// The language they are spoken to in.
    pub language: String,
    /// What they may do.
    pub rights: Rights,
    /// Whether an access code was issued.
    pub has_code: bool,
    /// The tries since then.
    pub tries: Tries,
    /// How far it is.
    pub state: LinkState,
    /// When it was made.
    pub created_at: i64,
}

/// How far a grant is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// No link was given out yet.
    Prepared {
        /// When it will end.
        until: i64,
    },
    /// The link works.
    Active {
        /// When it ends.
        until: i64,
    },
    /// Its time is over. It can be extended.
    Expired {
        /// Since when.
        at: i64,
    },
    /// It was taken back, for good.
    Revoked {
        /// By whom: an audit event's actor.
        by: String,
        /// When.
        at: i64,
    },
    /// There were too many wrong tries: staff issue a new code.
    Locked {
        /// When it ends.
        until: i64,
    },
}

impl LinkState {
    /// The word for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Prepared { .. } => "prepared",
            Self::Active { .. } => "active",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::Locked { .. } => "locked",
        }
    }

    /// What it is at this time: what is active ends by itself.
    #[must_use]
    pub fn at(self, now_ms: i64) -> Self {
        match self {
            Self::Active { until } if until <= now_ms => Self::Expired { at: until },
            other => other,
        }
    }

    /// A link was given out, the first or another one.
    ///
    /// # Errors
    /// [`Refused`] unless it is prepared or active.
    pub fn activate(self) -> Result<Self, Refused> {
        match self {
            Self::Prepared { until } | Self::Active { until } => Ok(Self::Active { until }),
            other => Err(other.refuses("activated")),
        }
    }

    /// There were too many wrong tries.
    ///
    /// # Errors
    /// [`Refused`] if it is not active.
    pub fn lock(self) -> Result<Self, Refused> {
        match self {
            Self::Active { until } => Ok(Self::Locked { until }),
            other => Err(other.refuses("locked")),
        }
    }

    /// A new code was issued.
    ///
    /// # Errors
    /// [`Refused`] if it has ended.
    pub fn unlock(self) -> Result<Self, Refused> {
        match self {
            Self::Locked { until } => Ok(Self::Active { until }),
            Self::Prepared { .. } | Self::Active { .. } => Ok(self),
            other => Err(other.refuses("given a code")),
        }
    }

    /// It ends later, or sooner.
    ///
    /// # Errors
    /// [`Refused`] if it was revoked.
    pub fn extend(self, until: i64) -> Result<Self, Refused> {
        match self {
            Self::Prepared { .. } => Ok(Self::Prepared { until }),
            Self::Active { .. } | Self::Expired { .. } => Ok(Self::Active { until }),
            Self::Locked { .. } => Ok(Self::Locked { until }),
            Self::Revoked { .. } => Err(self.refuses("extended")),
        }
    }

    /// It is taken back.
    ///
    /// # Errors
    /// [`Refused`] if it was before.
    pub fn revoke(self, by: String, at: i64) -> Result<Self, Refused> {
        match self {
            Self::Revoked { .. } => Err(self.refuses("revoked")),
            _ => Ok(Self::Revoked { by, at }),
        }
    }

    fn refuses(&self, event: &'static str) -> Refused {
        Refused { what: "link", state: self.as_str(), event }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Event = fn(LinkState) -> Result<LinkState, Refused>;

    const EVENTS: [Event; 5] = [
        LinkState::activate,
        LinkState::lock,
        LinkState::unlock,
        |state| state.extend(99),
        |state| state.revoke("staff".into(), 5),
    ];

    #[test]
    fn every_event_in_every_state_leads_where_the_table_says() {
        let until = 50;
        for (state, row) in [
            (LinkState::Prepared { until }, "active . prepared prepared revoked"),
            (LinkState::Active { until }, "active locked active active revoked"),
            (LinkState::Expired { at: until }, ". . . active revoked"),
            (LinkState::Revoked { by: "patient".into(), at: 4 }, ". . . . ."),
            (LinkState::Locked { until }, ". . active locked revoked"),
        ] {
            for (event, expected) in EVENTS.iter().zip(row.split(' ')) {
                let reached = event(state.clone());
                assert_eq!(reached.as_ref().map_or(".", LinkState::as_str), expected, "{state:?}");
            }
        }
    }

    #[test]
    fn what_is_active_ends_by_itself_and_what_was_revoked_stays_so() {
        assert_eq!(LinkState::Active { until: 50 }.at(49), LinkState::Active { until: 50 });
        assert_eq!(LinkState::Active { until: 50 }.at(50), LinkState::Expired { at: 50 });
        let revoked = LinkState::Revoked { by: "staff".into(), at: 4 };
        assert_eq!(revoked.clone().at(50), revoked);
    }
}
