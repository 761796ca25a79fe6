//! What goes wrong, and when: all of it from a seed.

use filmroom::store::db::{Fate, Moment};
use imaging::chance::SeededChance;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// The service dies once in so many moments at which it may.
const DIES_ONE_IN: u64 = 60;

pub struct Luck {
    chance: SeededChance,
    calm: AtomicBool,
    stirred: AtomicBool,
    died: Notify,
    seen: Mutex<BTreeMap<&'static str, u32>>,
}

impl Luck {
    pub fn of(seed: u64) -> Self {
        let chance = SeededChance::new(seed);
        let (calm, stirred) = (AtomicBool::new(false), AtomicBool::new(true));
        Self { chance, calm, stirred, died: Notify::new(), seen: Mutex::default() }
    }

    /// Something may have changed.
    pub fn stir(&self) {
        self.stirred.store(true, Ordering::SeqCst);
    }

    /// Whether something may have changed since this was asked last.
    pub fn was_stirred(&self) -> bool {
        self.stirred.swap(false, Ordering::SeqCst)
    }

    /// From now on nothing goes wrong.
    pub fn calm_down(&self) {
        self.calm.store(true, Ordering::SeqCst);
    }

    pub fn below(&self, limit: u64) -> u64 {
        self.chance.next_u64() % limit
    }

    /// Whether something goes wrong that goes wrong once in so many times.
    pub fn fault(&self, one_in: u64, what: &'static str) -> bool {
        let happens = !self.calm.load(Ordering::SeqCst) && self.below(one_in) == 0;
        if happens {
            self.note(what);
        }
        happens
    }

    pub fn note(&self, what: &'static str) {
        *self.seen.lock().unwrap().entry(what).or_default() += 1;
    }

    pub fn seen(&self) -> BTreeMap<&'static str, u32> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns if the service lives on, and otherwise never.
    pub async fn outlive(&self, what: &'static str) {
        if self.kills(what) {
            std::future::pending().await
        }
    }

    /// Returns when the service dies.
    pub async fn death(&self) {
        self.died.notified().await;
    }

    fn kills(&self, what: &'static str) -> bool {
        let dies = self.fault(DIES_ONE_IN, what);
        if dies {
            self.died.notify_one();
        }
        dies
    }
}

impl Fate for Luck {
    fn dies(&self, at: Moment) -> bool {
        if at == Moment::Committing {
            self.stir();
        }
        self.kills(match at {
            Moment::Beginning => "died before a transaction",
            Moment::Committing => "died before a commit",
            Moment::Committed => "died after a commit",
        })
    }
}
