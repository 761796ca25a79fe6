//! Wrong tries: what slows a guesser down and still lets a slip of the finger pass.

/// So many wrong pairs of birth date and code lock a link until staff issue a new code.
pub const MOST_WRONG_TRIES: u32 = 15;

/// Two slips are free.
const FREE: u32 = 2;
const MINUTE_MS: i64 = 60_000;
/// How long to wait after each further one; the last holds for all that follow.
const WAITS_MS: [i64; 3] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];

/// The tries at a grant since its code was issued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tries {
    /// Well-formed pairs that were wrong.
    pub wrong: u32,
    /// Before then no try is looked at, in ms since 1970.
    pub next_at: i64,
}

impl Tries {
    /// Whether a try is looked at now.
    #[must_use]
    pub fn may_try(self, now_ms: i64) -> bool {
        self.next_at <= now_ms
    }

    /// After one more wrong pair.
    #[must_use]
    pub fn after_wrong(self, now_ms: i64) -> Self {
        let wrong = self.wrong.saturating_add(1);
        let waits = usize::try_from(wrong.saturating_sub(FREE)).unwrap_or(usize::MAX);
        let wait_ms = match waits {
            0 => 0,
            waits => WAITS_MS[waits.min(WAITS_MS.len()) - 1],
        };
        Self { wrong, next_at: now_ms.saturating_add(wait_ms) }
    }

    /// Whether there were too many.
    #[must_use]
    pub fn are_too_many(self) -> bool {
        self.wrong >= MOST_WRONG_TRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_cost_nothing_then_1_5_and_15_minutes_and_the_15th_locks() {
        let (mut tries, mut waits, mut now_ms) = (Tries::default(), Vec::new(), 0);
        while !tries.are_too_many() {
            assert!(tries.may_try(now_ms));
            tries = tries.after_wrong(now_ms);
            waits.push((tries.next_at - now_ms) / MINUTE_MS);
            now_ms = tries.next_at;
        }
        assert_eq!(waits, [0, 0, 1, 5, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15]);
        assert!(!tries.may_try(now_ms - 1));
    }
}
