//! The people who work with the program, and how they are let in.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a user's work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes in requests, checks identity and right, approves.
    Release,
    /// Works the disc queue.
    Burn,
    /// Charges, collects, waives, refunds, reconciles.
    Billing,
    /// Sets up the program and its users.
    Administrator,
    /// Looks at what was done.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Release, Self::Burn, Self::Billing, Self::Administrator, Self::Auditor];

    /// The word rows and commands use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Burn => "burn",
            Self::Billing => "billing",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// The role of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The row's id.
    pub id: String,
    /// What they sign in with: lower case, no spaces.
    pub login: String,
    /// Their name, as colleagues see it.
    pub name: String,
    /// What their work is; at least one.
    pub roles: BTreeSet<Role>,
    /// Whether they may sign in.
    pub active: bool,
    /// When they were added.
    pub created_at: i64,
}

/// A user's token for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The row's id.
    pub id: String,
    /// Whose rights it has.
    pub user: String,
    /// What it is for.
    pub purpose: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends; nothing: when it is revoked.
    pub expires_at: Option<i64>,
}

/// A user's time signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The row's id: what the log and audit know it by. The token is kept only hashed.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// When they signed in.
    pub created_at: i64,
    /// When it was used last.
    pub seen_at: i64,
    /// When it ends, however much it is used.
    pub expires_at: i64,
}

/// How often someone failed to sign in, and since when they have to wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// Failures in a row.
    pub count: u32,
    /// Nobody is let in before.
    pub blocked_until: i64,
}

/// Failures that cost no wait.
const FREE_FAILURES: u32 = 5;
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 15 * 60_000;

impl Failures {
    /// Whether an attempt is to be refused unheard.
    #[must_use]
    pub fn blocks(&self, now_ms: i64) -> bool {
        now_ms < self.blocked_until
    }

    /// One more failure: after five a wait of half a minute, doubled each time up to a quarter of an hour.
    #[must_use]
    pub fn and_one_more(self, now_ms: i64) -> Self {
        let count = self.count.saturating_add(1);
        let wait_ms = match count.checked_sub(FREE_FAILURES) {
            None | Some(0) => 0,
            Some(beyond) => (FIRST_WAIT_MS << (beyond - 1).min(5)).min(LONGEST_WAIT_MS),
        };
        Self { count, blocked_until: now_ms.saturating_add(wait_ms) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_come_back_from_their_words() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }

    #[test]
    fn each_failure_after_the_fifth_costs_a_longer_wait() {
        let mut failures = Failures::default();
        let mut waits = Vec::new();
        for _ in 0..13 {
            failures = failures.and_one_more(1_000);
            waits.push((failures.blocked_until - 1_000) / 1_000);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert!(failures.blocks(1_000) && !failures.blocks(901_000));
    }
}
