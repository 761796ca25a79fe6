//! Why the desk does not do something.

use super::authorization::NotPermitted;
use super::request::AddressRefused;
use crate::model::Refused;
use crate::model::request::{ApprovalRefused, ExtensionRefused};
use crate::store::StoreError;

/// Why the desk does not do something. Nothing was changed. No message holds a name, a number or a code.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Whoever asked may not.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// It is not where that can be done.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Something is missing for an approval.
    #[error(transparent)]
    Approval(#[from] ApprovalRefused),
    /// It cannot be extended so.
    #[error(transparent)]
    Extension(#[from] ExtensionRefused),
    /// No parcel goes to that address.
    #[error(transparent)]
    Address(#[from] AddressRefused),
    /// There is none.
    #[error("there is no such {what}")]
    NotFound {
        /// What: `release request`, `study`.
        what: &'static str,
    },
    /// What was given is not usable.
    #[error("{field}: {why}")]
    Invalid {
        /// Which field, as forms and the API name it.
        field: &'static str,
        /// What it should be.
        why: &'static str,
    },
    /// Somebody else was faster, or what was looked at has changed since.
    #[error("this has changed since you looked at it: look again, then decide")]
    Stale,
    /// The database.
    #[error("the database")]
    Store(#[source] StoreError),
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { table: "requests" } => Self::NotFound { what: "release request" },
            StoreError::Missing { table: "deliveries" } => Self::NotFound { what: "delivery" },
            StoreError::Missing { table: "link_grants" } => Self::NotFound { what: "link" },
            StoreError::WrongCount { .. } => Self::Stale,
            other => Self::Store(other),
        }
    }
}
