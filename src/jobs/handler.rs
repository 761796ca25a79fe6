//! What a handler is.

use crate::model::{Effect, LeasedJob};
use crate::store::StoreError;
use crate::words::in_words;
use std::error::Error;
use std::pin::Pin;

/// The future of a handler at work.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send + 'a>>;

/// Does jobs of one kind.
pub trait Handler: Send + Sync {
    /// The kind, as jobs name it.
    fn kind(&self) -> &'static str;

    /// What doing one does to the world.
    fn effect(&self) -> Effect;

    /// Does one. Dropped half way when the lease is lost or the time to drain has passed.
    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a>;
}

/// Why a job was not done. Reasons are kept and shown to staff; they hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may work later.
    #[error("{reason}")]
    Retry {
        /// Why not now.
        reason: String,
        /// When to try again; nothing: the longer the more often it has failed.
        after_ms: Option<i64>,
    },
    /// It will not work without a person.
    #[error("{reason}")]
    Fail {
        /// Why.
        reason: String,
    },
    /// Its effect may have happened.
    #[error("{reason}")]
    Unresolved {
        /// Why nobody knows.
        reason: String,
    },
}

impl JobError {
    /// It may work later. An error is told with its causes.
    pub fn retry(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Retry { reason: in_words(&*reason.into()), after_ms: None }
    }

    /// It will not work without a person. An error is told with its causes.
    pub fn fail(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fail { reason: in_words(&*reason.into()) }
    }
}

/// What the database refuses now it may take later; after the last try a person looks at it.
impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::retry(error)
    }
}
