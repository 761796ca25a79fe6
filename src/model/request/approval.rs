//! By what right images are released, and which.

use super::patient_check::{CheckRecord, PatientCheck};
use super::{Capacity, RequestState};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the requester's identity was verified: 45 CFR 164.514(h).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentityCheck {
    /// What was seen.
    pub seen: IdentitySeen,
    /// The user who saw it.
    pub by: String,
    /// When.
    pub at: i64,
}

/// What showed who someone is. Numbers of documents are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum IdentitySeen {
    /// A government's photo identification, in person.
    PhotoId,
    /// A copy of one, with the request.
    CopyOfPhotoId,
    /// The signature on the request, compared with one on file.
    Signature,
    /// Questions only they can answer, called back on a number on file.
    CallBack,
    /// Signed in at the hospital's portal.
    Portal,
    /// Something else.
    Other {
        /// What.
        words: String,
    },
}

/// By what right images leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// A patient, or who represents them, has access: 45 CFR 164.524.
    PatientAccess {
        /// What shows that a representative is one; nothing where the patient asks.
        representation: Option<String>,
    },
    /// The patient directs the images to someone else, in writing and signed: 164.524(c)(3)(ii).
    ThirdPartyDirective {
        /// Who.
        recipient: String,
        /// The day of the signature.
        signed_on: Date,
    },
    /// A signed authorization: 164.508(c).
    Authorization {
        /// Who may receive.
        recipient: String,
        /// What for; "at the request of the individual" will do.
        purpose: String,
        /// When it ends.
        expires: Expiry,
        /// The day of the signature.
        signed_on: Date,
    },
}

/// When an authorization ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Expiry {
    /// After this day.
    On {
        /// The last day it is good for.
        day: Date,
    },
    /// With an event.
    Event {
        /// Which.
        words: String,
    },
}

/// That a request was approved, and by what right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// How the requester's identity is known.
    pub identity: IdentityCheck,
    /// By what right.
    pub basis: Basis,
    /// The user who approved.
    pub by: String,
    /// When.
    pub at: i64,
}

/// What becomes of a study a request was found to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// To be released.
    Released,
    /// Held back from this release.
    Withheld {
        /// Why.
        reason: String,
    },
}

/// A study a request was found to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyInScope {
    /// The study's row.
    pub study: String,
    /// Whether it is released.
    pub standing: Standing,
    /// The last comparison of its patient with what the requester gave; nothing before the first.
    pub checked: Option<CheckRecord>,
}

/// Which studies a request is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope(pub Vec<StudyInScope>);

impl Scope {
    /// The rows of the studies to be released.
    pub fn released(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|study| study.standing == Standing::Released).map(|study| study.study.as_str())
    }
}

/// Why a request is not approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefused {
    /// The request is not where it can be approved.
    #[error(transparent)]
    State(#[from] crate::model::refused::Refused),
    /// No study is to be released.
    #[error("no study is chosen: choose the images to release first")]
    NothingChosen,
    /// A study's patient was not compared, or not since one side changed.
    #[error("the patient of {studies} chosen studies was not compared with what the requester gave")]
    NotChecked {
        /// How many studies.
        studies: usize,
    },
    /// A difference was seen and nobody said why it does not matter.
    #[error(
        "the patient of {studies} chosen studies differs from what the requester gave: give a reason, or leave them out"
    )]
    Different {
        /// How many studies.
        studies: usize,
    },
    /// The right does not fit who asks.
    #[error("this basis does not fit the requester: {why}")]
    BasisDoesNotFit {
        /// Why.
        why: &'static str,
    },
    /// The document is not good today.
    #[error("the signed document is not valid today: {why}")]
    NotValidToday {
        /// Why.
        why: &'static str,
    },
}

impl Approval {
    /// The approval of a request by `by`, if everything it stands on is there. `now` holds, for each
    /// study in `scope`, the comparison as it comes out now.
    ///
    /// # Errors
    /// [`ApprovalRefused`], the first thing that is missing.
    pub fn of(
        request: &super::ReleaseRequest,
        scope: &Scope,
        now: &[PatientCheck],
        basis: Basis,
        (by, at, today): (&str, i64, Date),
    ) -> Result<Self, ApprovalRefused> {
        let RequestState::IdentityVerified { identity } = &request.state else {
            return Err(request.state.refuses("approved").into());
        };
        basis.fits(&request.requester.capacity)?;
        basis.is_valid_on(today)?;
        scope.is_checked(now)?;
        Ok(Self { identity: identity.clone(), basis, by: by.to_owned(), at })
    }
}

impl Scope {
    fn is_checked(&self, now: &[PatientCheck]) -> Result<(), ApprovalRefused> {
        let released: Vec<&StudyInScope> =
            self.0.iter().filter(|study| study.standing == Standing::Released).collect();
        if released.is_empty() {
            return Err(ApprovalRefused::NothingChosen);
        }
        let check_of = |study: &StudyInScope| now.iter().find(|check| check.study == study.study);
        let is_fresh = |study: &&&StudyInScope| {
            let record = study.checked.as_ref();
            check_of(study).zip(record).is_some_and(|(check, record)| check.was_seen(record))
        };
        let studies = released.len() - released.iter().filter(is_fresh).count();
        if studies > 0 {
            return Err(ApprovalRefused::NotChecked { studies });
        }
        let is_open = |study: &&&StudyInScope| {
            let explained = study.checked.as_ref().is_some_and(|record| record.acknowledged.is_some());
            !explained && check_of(study).is_some_and(PatientCheck::differs)
        };
        match released.iter().filter(is_open).count() {
            0 => Ok(()),
            studies => Err(ApprovalRefused::Different { studies }),
        }
    }
}

impl Basis {
    /// The word lists and statistics use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::PatientAccess { .. } => "patient_access",
            Self::ThirdPartyDirective { .. } => "third_party_directive",
            Self::Authorization { .. } => "authorization",
        }
    }

    fn fits(&self, capacity: &Capacity) -> Result<(), ApprovalRefused> {
        let why = match (self, capacity) {
            (Self::PatientAccess { .. }, Capacity::ThirdParty { .. }) => {
                "a third party has no right of access of its own; it needs the patient's directive or authorization"
            }
            (Self::PatientAccess { representation: None }, Capacity::Representative { .. }) => {
                "say which document shows that the representative is one"
            }
            (Self::PatientAccess { representation: Some(_) }, Capacity::Patient) => {
                "the patient represents themselves"
            }
            _ => return Ok(()),
        };
        Err(ApprovalRefused::BasisDoesNotFit { why })
    }

    fn is_valid_on(&self, today: Date) -> Result<(), ApprovalRefused> {
        let why = match self {
            Self::ThirdPartyDirective { signed_on, .. } | Self::Authorization { signed_on, .. }
                if *signed_on > today =>
            {
                "its signature is dated in the future"
            }
            Self::Authorization { expires: Expiry::On { day }, .. } if *day < today => "it has expired",
            _ => return Ok(()),
        };
        Err(ApprovalRefused::NotValidToday { why })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::request::patient_check::tests::{check, given};
    use crate::model::request::{Received, ReceivedBy, ReleaseRequest, Requester};
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 20);

    pub(crate) fn identity() -> IdentityCheck {
        IdentityCheck { seen: IdentitySeen::PhotoId, by: "u1".into(), at: 5 }
    }

    pub(crate) fn approval() -> Approval {
        Approval {
            identity: identity(),
            basis: Basis::PatientAccess { representation: None },
            by: "u1".into(),
            at: 6,
        }
    }

    fn request(capacity: Capacity) -> ReleaseRequest {
        ReleaseRequest {
            id: "r1".into(),
            reference: "FR-0000-0001".parse().unwrap(),
            site: "main".into(),
            received: Received { on: date(2026, 3, 15), by: ReceivedBy::Counter },
            requester: Requester { name: "Jane Doe".into(), capacity, email: None, phone: None },
            patient: given(),
            wish: "my knee".into(),
            language: "en".into(),
            state: RequestState::IdentityVerified { identity: identity() },
            mammography: false,
            extension: None,
            submitted_at: 1,
            changed_at: 1,
        }
    }

    fn chosen(check: &PatientCheck, acknowledged: Option<&str>) -> StudyInScope {
        let acknowledged = acknowledged.map(str::to_owned);
        let checked = CheckRecord { fingerprint: check.fingerprint(), acknowledged, by: "u1".into(), at: 2 };
        StudyInScope { study: check.study.clone(), standing: Standing::Released, checked: Some(checked) }
    }

    fn of(
        request: &ReleaseRequest,
        scope: Vec<StudyInScope>,
        now: &[PatientCheck],
        basis: Basis,
    ) -> Result<Approval, ApprovalRefused> {
        Approval::of(request, &Scope(scope), now, basis, ("u2", 9, TODAY))
    }

    const ACCESS: Basis = Basis::PatientAccess { representation: None };

    #[test]
    fn approval_needs_a_chosen_study_whose_patient_was_compared_and_agrees() {
        let request = request(Capacity::Patient);
        let (same, other) = (check("s1", "DOE^JANE", "19700102"), check("s2", "DOE^JOHN", "19700102"));
        assert_eq!(of(&request, vec![], &[], ACCESS), Err(ApprovalRefused::NothingChosen));
        let unchecked = StudyInScope { checked: None, ..chosen(&same, None) };
        let now = [same.clone(), other.clone()];
        assert_eq!(
            of(&request, vec![unchecked], &now, ACCESS),
            Err(ApprovalRefused::NotChecked { studies: 1 })
        );
        let differs = vec![chosen(&same, None), chosen(&other, None)];
        assert_eq!(of(&request, differs, &now, ACCESS), Err(ApprovalRefused::Different { studies: 1 }));
        let explained = vec![chosen(&same, None), chosen(&other, Some("his twin's name on the film"))];
        assert_eq!(of(&request, explained, &now, ACCESS).unwrap().by, "u2");
    }

    #[test]
    fn a_comparison_counts_no_more_once_the_patient_row_has_changed() {
        let before = check("s1", "DOE^JANE", "19700102");
        let after = check("s1", "DOE^JANET", "19700102");
        let scope = vec![chosen(&before, Some("it is she"))];
        let refused = of(&request(Capacity::Patient), scope, &[after], ACCESS);
        assert_eq!(refused, Err(ApprovalRefused::NotChecked { studies: 1 }));
    }

    #[test]
    fn a_withheld_study_is_not_released_and_needs_no_comparison() {
        let same = check("s1", "DOE^JANE", "19700102");
        let withheld = StudyInScope {
            study: "s2".into(),
            standing: Standing::Withheld { reason: "not asked for".into() },
            checked: None,
        };
        let scope = Scope(vec![chosen(&same, None), withheld]);
        assert_eq!(scope.released().collect::<Vec<_>>(), ["s1"]);
        assert!(of(&request(Capacity::Patient), scope.0, &[same], ACCESS).is_ok());
    }

    #[test]
    fn the_basis_fits_who_asks_and_is_valid_today() {
        let same = check("s1", "DOE^JANE", "19700102");
        let proof = Basis::PatientAccess { representation: Some("letters testamentary".into()) };
        let attorney = || Capacity::ThirdParty { organisation: "Law office".into() };
        let executor = || Capacity::Representative { relation: "executor".into() };
        let until = |day| Basis::Authorization {
            recipient: "Law office".into(),
            purpose: "a claim".into(),
            expires: Expiry::On { day },
            signed_on: date(2026, 3, 1),
        };
        let unsigned =
            Basis::ThirdPartyDirective { recipient: "Dr. Roe".into(), signed_on: date(2026, 3, 21) };
        for (capacity, basis, allowed) in [
            (Capacity::Patient, ACCESS, true),
            (Capacity::Patient, proof.clone(), false),
            (executor(), ACCESS, false),
            (executor(), proof.clone(), true),
            (attorney(), proof, false),
            (attorney(), until(TODAY), true),
            (attorney(), until(date(2026, 3, 19)), false),
            (Capacity::Patient, unsigned, false),
        ] {
            let outcome = of(
                &request(capacity.clone()),
                vec![chosen(&same, None)],
                std::slice::from_ref(&same),
                basis.clone(),
            );
            assert_eq!(outcome.is_ok(), allowed, "{capacity:?} {basis:?} {outcome:?}");
        }
    }
}
