//! How far a release request is.

use super::approval::{Approval, IdentityCheck};
use crate::model::refused::Refused;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a release request is. Its clock runs in every state that is not an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RequestState {
    /// Came in.
    Submitted,
    /// Had ended and is taken up again, from the beginning.
    Reopened {
        /// Why.
        reason: String,
    },
    /// Something is missing.
    NeedsInformation {
        /// What.
        reason: String,
        /// Who the requester is, if that was known before.
        identity: Option<IdentityCheck>,
    },
    /// The requester is who they say.
    IdentityVerified {
        /// How that is known.
        identity: IdentityCheck,
    },
    /// To be released.
    Approved {
        /// By what right, and who said so.
        approval: Approval,
    },
    /// Deliveries are under way.
    Fulfilling {
        /// By what right.
        approval: Approval,
    },
    /// Every delivery came to its end.
    Fulfilled {
        /// By what right.
        approval: Approval,
    },
    /// Refused.
    Denied {
        /// On which ground.
        ground: Ground,
        /// In words for the requester.
        words: String,
    },
    /// There is nothing to release.
    NoRecords {
        /// Where and how it was looked for.
        searched: String,
        /// Where the requester was told to ask: 45 CFR 164.524(d)(3).
        told_where: String,
    },
    /// The same as another.
    DuplicateOf {
        /// The other's id.
        request: String,
    },
    /// Taken back by the requester.
    Withdrawn {
        /// In their words.
        words: String,
    },
}

/// Why access may be denied: 45 CFR 164.524(a)(2) and (3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The requester may not ask for this patient's images, or did not show that they may.
    NotEntitled,
    /// The authorization is incomplete, expired or revoked: 164.508(b)(2).
    DefectiveAuthorization,
    /// Not part of the designated record set.
    NotInRecordSet,
    /// Likely to endanger the patient or another person. The patient may have this reviewed.
    Endangerment,
    /// Likely to harm a person the images tell about. The patient may have this reviewed.
    HarmToOthers,
    /// A representative's access is likely to harm. It may be reviewed.
    HarmByRepresentative,
}

impl Ground {
    /// The same in plain words, as a letter says it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotEntitled => "You have not shown that you may ask for these images.",
            Self::DefectiveAuthorization => "The authorization is incomplete, has expired or was revoked.",
            Self::NotInRecordSet => "What you ask for is not part of the records that a patient may see.",
            Self::Endangerment => {
                "A licensed health care professional judged that access is reasonably likely to endanger the life or \
                 physical safety of the patient or another person."
            }
            Self::HarmToOthers => {
                "A licensed health care professional judged that access is reasonably likely to cause substantial harm \
                 to another person the records tell about."
            }
            Self::HarmByRepresentative => {
                "A licensed health care professional judged that access by a representative is reasonably likely to \
                 cause substantial harm to the patient or another person."
            }
        }
    }

    /// Whether another licensed professional must review the denial if the requester asks: 164.524(a)(4).
    #[must_use]
    pub fn is_reviewable(self) -> bool {
        matches!(self, Self::Endangerment | Self::HarmToOthers | Self::HarmByRepresentative)
    }
}

impl RequestState {
    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Reopened { .. } => "reopened",
            Self::NeedsInformation { .. } => "needs_information",
            Self::IdentityVerified { .. } => "identity_verified",
            Self::Approved { .. } => "approved",
            Self::Fulfilling { .. } => "fulfilling",
            Self::Fulfilled { .. } => "fulfilled",
            Self::Denied { .. } => "denied",
            Self::NoRecords { .. } => "no_records",
            Self::DuplicateOf { .. } => "duplicate_of",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Whether nobody has decided on it yet.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        matches!(
            self,
            Self::Submitted
                | Self::Reopened { .. }
                | Self::NeedsInformation { .. }
                | Self::IdentityVerified { .. }
        )
    }

    /// Whether it came to an end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.is_undecided() && !matches!(self, Self::Approved { .. } | Self::Fulfilling { .. })
    }

    /// By what right it is, or was, released.
    #[must_use]
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Approved { approval } | Self::Fulfilling { approval } | Self::Fulfilled { approval } => {
                Some(approval)
            }
            _ => None,
        }
    }

    /// The requester was found to be who they say.
    ///
    /// # Errors
    /// [`Refused`] if that is known already, or the request was decided on.
    pub fn verify_identity(self, identity: IdentityCheck) -> Result<Self, Refused> {
        match self {
            Self::Submitted | Self::Reopened { .. } | Self::NeedsInformation { .. } => {
                Ok(Self::IdentityVerified { identity })
            }
            other => Err(other.refuses("verified")),
        }
    }

    /// Something is missing.
    ///
    /// # Errors
    /// [`Refused`] if the request was decided on.
    pub fn need_information(self, reason: String) -> Result<Self, Refused> {
        match self {
            Self::Submitted | Self::Reopened { .. } => Ok(Self::NeedsInformation { reason, identity: None }),
            Self::NeedsInformation { identity, .. } => Ok(Self::NeedsInformation { reason, identity }),
            Self::IdentityVerified { identity } => {
                Ok(Self::NeedsInformation { reason, identity: Some(identity) })
            }
            other => Err(other.refuses("asked about")),
        }
    }

    /// What was missing came.
    ///
    /// # Errors
    /// [`Refused`] if nothing was missing.
    pub fn take_information(self) -> Result<Self, Refused> {
        match self {
            Self::NeedsInformation { identity: Some(identity), .. } => {
                Ok(Self::IdentityVerified { identity })
            }
            Self::NeedsInformation { identity: None, .. } => Ok(Self::Submitted),
            other => Err(other.refuses("completed")),
        }
    }

    /// To be released. `approval` says by what right; [`Approval::of`] makes it.
    ///
    /// # Errors
    /// [`Refused`] if the requester's identity is not known, or the request was decided on.
    pub fn approve(self, approval: Approval) -> Result<Self, Refused> {
        match self {
            Self::IdentityVerified { .. } => Ok(Self::Approved { approval }),
            other => Err(other.refuses("approved")),
        }
    }

    /// The first delivery begins.
    ///
    /// # Errors
    /// [`Refused`] if it is not approved.
    pub fn begin_fulfilling(self) -> Result<Self, Refused> {
        match self {
            Self::Approved { approval } => Ok(Self::Fulfilling { approval }),
            other => Err(other.refuses("begun")),
        }
    }

    /// The last delivery came to its end.
    ///
    /// # Errors
    /// [`Refused`] if none has begun.
    pub fn fulfill(self) -> Result<Self, Refused> {
        match self {
            Self::Fulfilling { approval } => Ok(Self::Fulfilled { approval }),
            other => Err(other.refuses("fulfilled")),
        }
    }

    /// Something did not reach its recipient after all: its deliveries are under way again.
    ///
    /// # Errors
    /// [`Refused`] if it is not fulfilled.
    pub fn resume(self) -> Result<Self, Refused> {
        match self {
            Self::Fulfilled { approval } => Ok(Self::Fulfilling { approval }),
            other => Err(other.refuses("resumed")),
        }
    }

    /// Refused to the requester.
    ///
    /// # Errors
    /// [`Refused`] if it was decided on.
    pub fn deny(self, ground: Ground, words: String) -> Result<Self, Refused> {
        self.decide("denied", Self::Denied { ground, words })
    }

    /// There is nothing to release.
    ///
    /// # Errors
    /// [`Refused`] if it was decided on.
    pub fn find_no_records(self, searched: String, told_where: String) -> Result<Self, Refused> {
        self.decide("closed without records", Self::NoRecords { searched, told_where })
    }

    /// It is the same as another.
    ///
    /// # Errors
    /// [`Refused`] if it was decided on.
    pub fn close_as_duplicate(self, request: String) -> Result<Self, Refused> {
        self.decide("closed as a duplicate", Self::DuplicateOf { request })
    }

    /// The requester takes it back, which they may as long as it has not ended.
    ///
    /// # Errors
    /// [`Refused`] if it has.
    pub fn withdraw(self, words: String) -> Result<Self, Refused> {
        if self.is_closed() { Err(self.refuses("withdrawn")) } else { Ok(Self::Withdrawn { words }) }
    }

    /// It had ended and is taken up again.
    ///
    /// # Errors
    /// [`Refused`] if it has not ended.
    pub fn reopen(self, reason: String) -> Result<Self, Refused> {
        if self.is_closed() { Ok(Self::Reopened { reason }) } else { Err(self.refuses("reopened")) }
    }

    fn decide(self, event: &'static str, decided: Self) -> Result<Self, Refused> {
        if self.is_undecided() { Ok(decided) } else { Err(self.refuses(event)) }
    }

    pub(crate) fn refuses(&self, event: &'static str) -> Refused {
        Refused { what: "release request", state: self.as_str(), event }
    }
}

#[cfg(test)]
mod tests {
    use super::super::approval::tests::{approval, identity};
    use super::*;

    fn all() -> [RequestState; 12] {
        let (text, approval) = (String::new, approval);
        [
            RequestState::Submitted,
            RequestState::Reopened { reason: text() },
            RequestState::NeedsInformation { reason: text(), identity: None },
            RequestState::NeedsInformation { reason: text(), identity: Some(identity()) },
            RequestState::IdentityVerified { identity: identity() },
            RequestState::Approved { approval: approval() },
            RequestState::Fulfilling { approval: approval() },
            RequestState::Fulfilled { approval: approval() },
            RequestState::Denied { ground: Ground::NotEntitled, words: text() },
            RequestState::NoRecords { searched: text(), told_where: text() },
            RequestState::DuplicateOf { request: text() },
            RequestState::Withdrawn { words: text() },
        ]
    }

    type Event = (&'static str, fn(RequestState) -> Result<RequestState, Refused>);

    const EVENTS: [Event; 12] = [
        ("identity", |state| state.verify_identity(identity())),
        ("need", |state| state.need_information("a birth date".into())),
        ("came", RequestState::take_information),
        ("approve", |state| state.approve(approval())),
        ("begin", RequestState::begin_fulfilling),
        ("fulfill", RequestState::fulfill),
        ("deny", |state| state.deny(Ground::NotEntitled, "no".into())),
        ("none", |state| state.find_no_records("here".into(), "there".into())),
        ("twin", |state| state.close_as_duplicate("r2".into())),
        ("withdraw", |state| state.withdraw("never mind".into())),
        ("reopen", |state| state.reopen("found more".into())),
        ("resume", RequestState::resume),
    ];

    /// A row for each state in the order of [`all`], a column for each event; a dot refuses.
    const TABLE: [&str; 12] = [
        "identity_verified needs_information . . . . denied no_records duplicate_of withdrawn . .",
        "identity_verified needs_information . . . . denied no_records duplicate_of withdrawn . .",
        "identity_verified needs_information submitted . . . denied no_records duplicate_of withdrawn . .",
        "identity_verified needs_information identity_verified . . . denied no_records duplicate_of withdrawn . .",
        ". needs_information . approved . . denied no_records duplicate_of withdrawn . .",
        ". . . . fulfilling . . . . withdrawn . .",
        ". . . . . fulfilled . . . withdrawn . .",
        ". . . . . . . . . . reopened fulfilling",
        ". . . . . . . . . . reopened .",
        ". . . . . . . . . . reopened .",
        ". . . . . . . . . . reopened .",
        ". . . . . . . . . . reopened .",
    ];

    #[test]
    fn every_event_in_every_state_leads_where_the_table_says() {
        for (state, row) in all().into_iter().zip(TABLE) {
            let expected: Vec<&str> = row.split(' ').collect();
            assert_eq!(expected.len(), EVENTS.len());
            for ((name, event), expected) in EVENTS.iter().zip(expected) {
                let reached = event(state.clone());
                match (&reached, expected) {
                    (Err(refused), ".") => assert_eq!(refused.state, state.as_str()),
                    (Ok(reached), expected) => assert_eq!(reached.as_str(), expected, "{state:?} {name}"),
                    (Err(_), expected) => panic!("{state:?} refuses {name}, which should lead to {expected}"),
                }
            }
        }
    }

    #[test]
    fn what_was_known_of_the_requester_survives_a_question() {
        let known = RequestState::IdentityVerified { identity: identity() };
        let asked = known.clone().need_information("which knee".into()).unwrap();
        assert_eq!(asked.take_information().unwrap(), known);
    }

    #[test]
    fn a_state_comes_back_from_its_json_under_the_word_rows_use() {
        for state in all() {
            let json = serde_json::to_value(&state).unwrap();
            assert_eq!(json["state"], state.as_str());
            assert_eq!(serde_json::from_value::<RequestState>(json).unwrap(), state);
        }
    }

    #[test]
    fn a_refusal_says_what_cannot_be_done_and_why() {
        let refused = RequestState::Withdrawn { words: String::new() }.approve(approval()).unwrap_err();
        assert_eq!(refused.to_string(), "a release request that is withdrawn cannot be approved");
    }
}
