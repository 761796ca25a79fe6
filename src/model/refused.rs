//! The answer of a state machine that does not do what it was asked.

/// A transition that is not allowed from where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {what} that is {state} cannot be {event}")]
pub struct Refused {
    /// What it is, such as `release request`.
    pub what: &'static str,
    /// Where it is, as rows write it.
    pub state: &'static str,
    /// What was asked for, as a past participle: `approved`.
    pub event: &'static str,
}
