//! Audit events: who did what to what, and when. Nothing in one is ever changed.

use super::KeptKey;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A user, signed in or by a token.
    User {
        /// Their id.
        id: String,
    },
    /// Somebody at the command line of the machine.
    Operator {
        /// The name they gave.
        name: String,
    },
    /// Whoever a link was given to.
    Recipient {
        /// The link grant's id.
        grant: String,
    },
    /// Anyone, on a page that asks for no sign-in.
    Anyone,
    /// The program itself.
    Program {
        /// Which part: a job's kind.
        part: String,
    },
}

impl Actor {
    /// The program's part of this name.
    #[must_use]
    pub fn program(part: &str) -> Self {
        Self::Program { part: part.to_owned() }
    }
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is: `request`, `delivery`, `disc`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl Subject {
    /// A subject.
    #[must_use]
    pub fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.to_owned(), id: id.to_owned() }
    }
}

/// An event to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Who did it.
    pub actor: Actor,
    /// What was done: subject and past participle, `request.approved`.
    pub action: &'static str,
    /// To what.
    pub subject: Subject,
    /// The release request it belongs to, in whose timeline it then stands.
    pub request: Option<String>,
    /// What else is to be known: ids, states and reasons, never a name, a birth date or a code.
    pub detail: Json,
}

impl NewEvent {
    /// An event about `subject`; a request's own events stand in its timeline.
    #[must_use]
    pub fn new(actor: Actor, action: &'static str, subject: Subject) -> Self {
        let request = (subject.kind == "request").then(|| subject.id.clone());
        Self { actor, action, subject, request, detail: Json::Null }
    }

    /// In the timeline of this request.
    #[must_use]
    pub fn of_request(self, request: &str) -> Self {
        Self { request: Some(request.to_owned()), ..self }
    }

    /// With this besides.
    #[must_use]
    pub fn with(self, detail: Json) -> Self {
        Self { detail, ..self }
    }
}

/// An event as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The row's id.
    pub id: String,
    /// When.
    pub at: i64,
    /// Who did it, as JSON: see [`Actor`].
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: Subject,
    /// The release request it belongs to.
    pub request: Option<String>,
    /// The how-manieth event of that request it is; without a request, of its subject.
    pub step: i64,
    /// What else is to be known, as JSON text.
    pub detail: String,
}

impl AuditEvent {
    /// Who did it; nothing if what was recorded cannot be read.
    #[must_use]
    pub fn who(&self) -> Option<Actor> {
        serde_json::from_str(&self.actor).ok()
    }
}

/// An event's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its number, from 1 without gaps.
    pub number: i64,
    /// The event's id.
    pub event: String,
    /// SHA-256 over the hash before and the event, in hex.
    pub hash: String,
    /// When it was sealed.
    pub sealed_at: i64,
}

/// The end of the chain on a day, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyHead {
    /// The day, in UTC.
    pub day: jiff::civil::Date,
    /// The number of the last seal of that day.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
    /// The key it is signed with.
    pub key: String,
    /// Ed25519 over [`DailyHead::signed`], in hex.
    pub signature: String,
}

impl DailyHead {
    /// What the signature is over.
    #[must_use]
    pub fn signed(day: jiff::civil::Date, number: i64, hash: &str) -> String {
        format!("filmroom audit head\n{day}\n{number}\n{hash}\n")
    }
}

/// A key daily heads are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditKey {
    /// The row's id.
    pub id: String,
    /// Ed25519, in hex.
    pub public_key: String,
    /// Its private half, sealed by a data key used for nothing else.
    pub sealed_seed: Vec<u8>,
    /// That data key.
    pub key: KeptKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_that_cannot_be_read_is_nobody_and_not_the_public_page() {
        let by = |actor: &str| AuditEvent {
            id: "e1".into(),
            at: 1,
            actor: actor.into(),
            action: "request.approved".into(),
            subject: Subject::new("request", "r1"),
            request: None,
            step: 1,
            detail: "null".into(),
        };
        assert_eq!(by(r#"{"kind":"anyone"}"#).who(), Some(Actor::Anyone));
        assert_eq!(by(r#"{"kind":"portal"}"#).who(), None);
    }
}
