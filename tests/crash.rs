//! Killed again and again while it takes in and settles, the service loses nothing it acknowledged.
//!
//! A kill leaves the page cache, so this says nothing about the disk: `durable` shows that an
//! acknowledgement waits for it, and the library's simulated disk what a power cut may do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::made::{self, Made};
use common::{Site, kept};
use imaging::chance::SeededChance;
use imaging::dimse::scu::Scu;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CLIENTS: u64 = 4;
const CRASHES: u64 = 5;
/// After so many it goes on with an empty library: each crash is followed by a check of everything.
const CRASHES_OF_ONE_LIBRARY: u64 = 25;

/// Where the service is at the moment, and whether to go on sending.
#[derive(Default)]
struct Stage {
    at: Mutex<Option<SocketAddr>>,
    over: AtomicBool,
}

/// A sender such as a modality: it sends study after study, and each instance until it is acknowledged.
struct Client<'a> {
    stage: &'a Stage,
    chance: SeededChance,
    number: u64,
    scu: Option<Scu>,
    /// SHA-256 of each acknowledged data set, by SOP Instance UID.
    acknowledged: BTreeMap<String, String>,
    cut_off: u64,
}

fn below(chance: &SeededChance, limit: u64) -> u64 {
    chance.next_u64() % limit
}

impl Client<'_> {
    fn run(mut self) -> Self {
        for study in 0.. {
            let study = format!("1.2.826.0.1.3680043.2.{}.{study}", self.number);
            for number in 0..=below(&self.chance, 25) {
                let bytes = match below(&self.chance, 20) {
                    0 => 1 << 20 | below(&self.chance, 1 << 20),
                    1..=3 => below(&self.chance, 200_000),
                    _ => 500 + below(&self.chance, 20_000),
                };
                let number = usize::try_from(number).unwrap();
                let made =
                    made::instance(&study, number, usize::try_from(bytes).unwrap(), self.chance.next_u64());
                if !self.send(&made) {
                    return self;
                }
                std::thread::sleep(Duration::from_millis(below(&self.chance, 30)));
            }
        }
        self
    }

    /// Sends until it is acknowledged. False when it is over.
    fn send(&mut self, made: &Made) -> bool {
        while !self.stage.over.load(Ordering::SeqCst) {
            let at = *self.stage.at.lock().unwrap();
            if self.scu.is_none() {
                self.scu = at.and_then(|at| made::associate(at).ok());
            }
            match self.scu.as_mut().map(|scu| made::store(scu, made)) {
                Some(Ok(status)) => {
                    assert_eq!(status, 0, "nothing is wrong with what is sent");
                    self.acknowledged.insert(made.uid.clone(), kept::sha256(&made.data_set));
                    return true;
                }
                Some(Err(_)) => {
                    self.cut_off += 1;
                    self.scu = None;
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        false
    }
}

/// Kills the service `crashes` times at random moments. After each, nothing may be amiss.
fn crash_again_and_again(site: &Site, stage: &Stage, crashes: u64, chance: &SeededChance) {
    for crash in 0..crashes {
        let service = site.serve();
        *stage.at.lock().unwrap() = Some(service.dimse);
        std::thread::sleep(Duration::from_millis(200 + below(chance, 2500)));
        *stage.at.lock().unwrap() = None;
        service.kill();
        let ran = site.run(&["check", "--json"]);
        assert_eq!(ran.code, Some(0), "after crash {crash}: {}{}", ran.out, ran.err);
    }
}

fn crash(crashes: u64, seed: u64) {
    let (site, stage) = (Site::new(), Stage::default());
    let chance = SeededChance::new(seed);
    let clients: Vec<Client<'_>> = std::thread::scope(|scope| {
        let client = |number| Client {
            stage: &stage,
            chance: SeededChance::new(seed << 8 | number),
            number,
            scu: None,
            acknowledged: BTreeMap::new(),
            cut_off: 0,
        };
        let clients: Vec<_> = (1..=CLIENTS).map(|number| scope.spawn(move || client(number).run())).collect();
        // However it goes, the clients must end: a failure is told after that.
        let crashing = scope.spawn(|| crash_again_and_again(&site, &stage, crashes, &chance)).join();
        stage.over.store(true, Ordering::SeqCst);
        let clients = clients.into_iter().map(|client| client.join().unwrap()).collect();
        if let Err(failure) = crashing {
            std::panic::resume_unwind(failure);
        }
        clients
    });

    let service = site.serve();
    kept::settled(&site);
    service.stop();
    let report = site.assert_sound();
    let kept: BTreeSet<(String, String)> = kept::read_back(&site)
        .into_iter()
        .filter(|kept| kept.row.current)
        .map(|kept| (kept.row.sop_instance_uid, kept.data_set_sha256))
        .collect();
    let acknowledged: BTreeSet<(String, String)> =
        clients.iter().flat_map(|client| client.acknowledged.clone()).collect();
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "seed {seed}: {} acknowledged and lost: {lost:?}", lost.len());
    let cut_off: u64 = clients.iter().map(|client| client.cut_off).sum();
    assert!(cut_off > 0 && acknowledged.len() as u64 > 10 * crashes, "the kills came while it worked");
    common::say(&format!(
        "crash: seed {seed}: {crashes} kills, {} instances acknowledged, none lost; {cut_off} sends cut off, \
         {} kept in {} archives",
        acknowledged.len(),
        report["archived_instances"],
        report["archives"]
    ));
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let number = |name: &str| common::told(name).map(|value| value.parse().unwrap());
    let seed = number("FILMROOM_TEST_SEED").unwrap_or(1);
    let mut left = number("FILMROOM_TEST_CRASHES").unwrap_or(CRASHES);
    for library in 0.. {
        let crashes = left.min(CRASHES_OF_ONE_LIBRARY);
        crash(crashes, seed + library);
        left -= crashes;
        if left == 0 {
            return;
        }
    }
}
