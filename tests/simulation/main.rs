//! Whole requests by FedEx from a seed, in which the service dies at any transaction and around every call of the
//! carrier, the carrier's answers and the station's get lost, drives fail and people press twice.
//!
//! While things go wrong: no two live labels for a parcel, no burn without its intent and none twice on one, no fee
//! opened, taken or earned twice, nothing leaves that is not packed, disclosed, and known to be opened. When things stop
//! going wrong: the request is fulfilled, with what stopped it put right by a person, and the books are in order.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
mod house;
mod line;
mod luck;
mod people;
mod rules;
mod station;
mod template;

use burn_queue::sim::Bench;
use house::{House, Service};
use people::People;
use station::{LEASE_MS, Place};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use template::Template;

/// Run if nobody says how many.
const SEEDS: u64 = 50;
/// Among so many each fault happens.
const ENOUGH: u64 = 500;
/// Faults end after so many turns, if the request did not end before.
const FAULTS_FOR: u32 = 300;
/// By then everything has come to its end.
const ENDS_WITHIN: u32 = 900;
const DAY_MS: i64 = 86_400_000;

#[test]
fn wherever_the_service_dies_a_request_by_fedex_ends_and_nothing_is_done_twice() {
    let template = Template::make();
    let number = |name| common::told(name).map(|value| value.parse::<u64>().unwrap());
    let (first, end) = match number("FILMROOM_TEST_SEED") {
        Some(seed) => (seed, seed + 1),
        None => (0, number("FILMROOM_TEST_SEEDS").unwrap_or(SEEDS)),
    };
    let (next, seen) = (AtomicU64::new(first), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::SeqCst)
                    && seed < end
                {
                    let said = Said { seed, next: &next };
                    for (what, times) in run(&template, seed) {
                        *seen.lock().unwrap().entry(what).or_insert(0) += times;
                    }
                    drop(said);
                }
            });
        }
    });
    let seen = seen.into_inner().unwrap();
    common::say(&format!("simulation: seeds {first} to {}: {seen:?}", end - 1));
    // A simulation in which nothing happens proves nothing.
    for what in FAULTS {
        assert!(end - first < ENOUGH || seen.contains_key(what), "no {what}: {seen:?}");
    }
}

const FAULTS: [&str; 28] = [
    "died before a transaction",
    "died before a commit",
    "died after a commit",
    "died before asking the carrier",
    "died before the carrier's answer",
    "carrier unreachable",
    "carrier's answer lost",
    "carrier says no",
    "put right by a person",
    "tried again by a person",
    "address refused",
    "a person's question lost",
    "a person's answer lost",
    "pressed again",
    "tendered too early",
    "wrong envelope",
    "sent elsewhere",
    "a refund decided",
    "crash",
    "lost request",
    "lost answer",
    "bad burn",
    "silent damage",
    "unreadable",
    "swapped",
    "written off",
    "late report refused",
    "read back after a restart",
];

/// Says which seed it was, and lets nobody begin another, if it failed.
struct Said<'n> {
    seed: u64,
    next: &'n AtomicU64,
}

impl Drop for Said<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.next.store(u64::MAX / 2, Ordering::SeqCst);
            common::say(&format!("simulation: run it again with FILMROOM_TEST_SEED={}", self.seed));
        }
    }
}

/// One request, and what went wrong with it.
fn run(template: &Template, seed: u64) -> BTreeMap<&'static str, u32> {
    let house = Rc::new(House::build(template, seed));
    let place = Place::at(&house);
    let people = People::hire(&house, &place, &template.study);
    let mut bench = Bench::new(place, u64::from(LEASE_MS));
    for turn in 0..ENDS_WITHIN {
        if turn == FAULTS_FOR {
            house.luck.calm_down();
        }
        match house.luck.below(10) {
            0..=3 => house.work(),
            4 | 5 => bench.round(),
            6 => house.seal(),
            _ => people.turn(),
        }
        if house.luck.was_stirred() {
            house.assert_safe();
        }
        if people.are_done() {
            break;
        }
    }
    house.luck.calm_down();
    let seen = people.seen();
    assert!(people.are_done(), "it does not end: {seen:#?}");
    house.settle_what_is_left(&people);
    house.runtime.block_on(house.assert_in_order());
    house.luck.seen()
}

impl House {
    /// Does the next job, or waits for it.
    fn work(&self) {
        let done = self.serve(async |service: &Service| service.worker.do_next().await.unwrap());
        if done == Some(false) {
            self.clock.advance(10_000);
        }
    }

    fn seal(&self) {
        self.serve(async |service: &Service| {
            let mut signed_on = service.signed_on.take();
            service.sealer.work(&mut signed_on).await.unwrap();
            service.signed_on.replace(signed_on);
        });
    }

    /// Days later every promise was judged, and what is owed was given back.
    fn settle_what_is_left(&self, people: &People) {
        self.clock.advance(7 * DAY_MS);
        for _ in 0..100 {
            self.work();
            people.turn();
        }
        assert!(people.are_done(), "something is left: {:#?}", people.seen());
        self.assert_safe();
    }
}
