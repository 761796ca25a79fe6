//! Stations and a queue that fall over, drives that fail, people who err: from a seed, again and again.
//!
//! While things go wrong: every burn has its intent on record and no intent is burned twice; a place in a set
//! has one disc that is not spoiled; what is packed is right and packed once. When things stop going wrong:
//! everything ends packed, with what nobody could know decided by a person.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bench;
mod world;

use bench::bench;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use world::{SEEDS, World};

#[test]
fn whatever_falls_over_every_place_in_a_set_is_packed_once_and_right() {
    let mut seen = BTreeMap::new();
    for seed in 0..SEEDS {
        let world = Rc::new(RefCell::new(World::new(seed)));
        let mut benches = [bench("desk-1", &world), bench("desk-2", &world)];
        while world.borrow().rounds < 150 {
            benches.iter_mut().for_each(|bench| bench.round());
            world.borrow_mut().people();
            world.borrow().check();
        }
        world.borrow_mut().calm = true;
        for _ in 0..200 {
            benches.iter_mut().for_each(|bench| bench.round());
            world.borrow_mut().people();
            world.borrow().check();
        }
        let world = world.borrow();
        assert!(world.all_packed(), "seed {seed}: {:#?}", world.discs);
        for (what, times) in &world.seen {
            *seen.entry(*what).or_insert(0_u32) += times;
        }
    }
    // A simulation in which nothing happens proves nothing.
    for what in [
        "crash",
        "lost request",
        "lost answer",
        "bad burn",
        "silent damage",
        "unreadable",
        "swapped",
        "unresolved",
        "never burned",
        "written off",
        "late report refused",
        "resolved by the station",
        "read back after a restart",
    ] {
        assert!(seen.get(what).is_some_and(|times| *times > 10), "too little of {what}: {seen:?}");
    }
}
