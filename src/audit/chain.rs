//! The chain: each event's hash is over the one before.

use crate::hex::hex;
use crate::model::audit::{AuditEvent, Seal};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The hash before the first event.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An event as it is hashed and exported: its members in this order, which is that of their names.
#[derive(Serialize)]
struct Canonical<'e> {
    action: &'e str,
    actor: &'e str,
    at: i64,
    detail: &'e str,
    id: &'e str,
    request: Option<&'e str>,
    step: i64,
    subject: &'e str,
    subject_kind: &'e str,
}

impl<'e> Canonical<'e> {
    fn of(event: &'e AuditEvent) -> Self {
        Self {
            action: &event.action,
            actor: &event.actor,
            at: event.at,
            detail: &event.detail,
            id: &event.id,
            request: event.request.as_deref(),
            step: event.step,
            subject: &event.subject.id,
            subject_kind: &event.subject.kind,
        }
    }
}

/// An event's hash: SHA-256, in hex, over the hash before it, a line feed, and the event as compact JSON.
/// `actor` and `detail` are texts in it, so that no reader of the chain has to agree on how to write JSON
/// within JSON.
#[must_use]
pub fn hash_of(before: &str, event: &AuditEvent) -> String {
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    hash.update(b"\n");
    hash.update(json(&Canonical::of(event)).as_bytes());
    hex(&hash.finalize())
}

/// Chains events to the end there is.
pub(super) fn chained(last: Option<&Seal>, events: &[AuditEvent], sealed_at: i64) -> Vec<Seal> {
    let next = last.map_or(1, |seal| seal.number + 1);
    let mut hash = last.map_or(GENESIS, |seal| seal.hash.as_str()).to_owned();
    let mut seals = Vec::with_capacity(events.len());
    for (number, event) in (next..).zip(events) {
        hash = hash_of(&hash, event);
        seals.push(Seal { number, event: event.id.clone(), hash: hash.clone(), sealed_at });
    }
    seals
}

/// A line of the export: the event as it was hashed, with its place in the chain.
#[must_use]
pub fn export_line(seal: &Seal, event: &AuditEvent) -> String {
    #[derive(Serialize)]
    struct Line<'e> {
        number: i64,
        hash: &'e str,
        sealed_at: i64,
        event: Canonical<'e>,
    }
    let (number, hash, sealed_at) = (seal.number, seal.hash.as_str(), seal.sealed_at);
    json(&Line { number, hash, sealed_at, event: Canonical::of(event) })
}

fn json(value: &impl Serialize) -> String {
    // Texts and numbers always serialise.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audit::Subject;

    #[test]
    fn the_hash_is_the_one_written_down_so_that_others_can_compute_it() {
        let event = AuditEvent {
            id: "e1".into(),
            at: 5,
            actor: r#"{"kind":"anyone"}"#.into(),
            action: "request.submitted".into(),
            subject: Subject::new("request", "r1"),
            request: Some("r1".into()),
            step: 1,
            detail: "null".into(),
        };
        let text = format!(
            "{GENESIS}\n{}",
            r#"{"action":"request.submitted","actor":"{\"kind\":\"anyone\"}","at":5,"detail":"null","id":"e1","request":"r1","step":1,"subject":"r1","subject_kind":"request"}"#
        );
        assert_eq!(hash_of(GENESIS, &event), hex(&Sha256::digest(text.as_bytes())));
        assert_ne!(hash_of(GENESIS, &AuditEvent { at: 6, ..event.clone() }), hash_of(GENESIS, &event));
        assert_ne!(hash_of("other", &event), hash_of(GENESIS, &event));
    }
}
