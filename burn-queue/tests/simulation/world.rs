//! The queue with its discs, the physical discs, the people, and chance.

use burn_queue::sim::{Burn, BurnedDisc};
use burn_queue::{
    Attempt, Bearer, Code, DiscState, Event, Image, Medium, PackingCodes, Place, Refused, Scanned, Waiting,
    next,
};
use std::collections::{BTreeMap, BTreeSet};

pub const SEEDS: u64 = 1_000;
pub const LEASE_MS: i64 = 60_000;
const SETS: u32 = 3;

/// A disc as the queue keeps it.
#[derive(Debug)]
pub struct Row {
    pub id: String,
    pub code: Code,
    pub set: u32,
    pub place: Place,
    pub medium: Medium,
    pub state: DiscState,
}

pub struct World {
    chance: u64,
    pub now_ms: i64,
    pub rounds: u32,
    /// Nothing goes wrong any more.
    pub calm: bool,
    pub discs: Vec<Row>,
    /// Attempts whose intent is on record.
    pub intents: BTreeSet<Burn>,
    /// Attempts at which a drive wrote.
    pub burns: BTreeSet<Burn>,
    /// What stations gave out.
    pub pile: Vec<BurnedDisc>,
    pub seen: BTreeMap<&'static str, u32>,
    packed: BTreeMap<(u32, Place), u32>,
}

/// What is to be on a disc: a few sectors that no other disc has.
pub fn bytes_of(set: u32, place: Place) -> Vec<u8> {
    let first = u8::try_from(16 * set + place.number()).unwrap();
    (0..3_u8).flat_map(|sector| [first ^ (sector << 6); 2048]).collect()
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: seed,
            now_ms: 0,
            rounds: 0,
            calm: false,
            discs: Vec::new(),
            intents: BTreeSet::new(),
            burns: BTreeSet::new(),
            pile: Vec::new(),
            seen: BTreeMap::new(),
            packed: BTreeMap::new(),
        };
        for set in 0..SETS {
            for number in 1..=set + 1 {
                world.plan(set, Place::new(number, set + 1).unwrap());
            }
        }
        world
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Whether a fault happens that happens once in so many times.
    pub fn fault(&mut self, one_in: u64, what: &'static str) -> bool {
        let happens = !self.calm && self.below(one_in) == 0;
        if happens {
            self.note(what);
        }
        happens
    }

    pub fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn plan(&mut self, set: u32, place: Place) {
        let number = self.discs.len();
        let code = Code::new(Bearer::Disc, u32::try_from(number).unwrap());
        let medium = if set == 1 { Medium::Dvd } else { Medium::Cd };
        let state = DiscState::Planned.after(Event::Queue).unwrap();
        self.discs.push(Row { id: format!("{number:04}"), code, set, place, medium, state });
    }

    pub fn row(&self, code: Code) -> &Row {
        self.discs.iter().find(|row| row.code == code).unwrap()
    }

    pub fn image(&self, code: Code) -> Image {
        let row = self.row(code);
        Image::of(&bytes_of(row.set, row.place)[..]).unwrap()
    }

    /// One transaction of the queue: the event and what follows from it, or neither.
    pub fn happens(&mut self, code: Code, event: Event) -> Result<(), Refused> {
        let at = self.discs.iter().position(|row| row.code == code).unwrap();
        let before = self.discs[at].state.clone();
        let after = before.after(event)?;
        if let DiscState::Burning(lease) = &after {
            self.intents.insert((code, lease.attempt.number));
        }
        if before.as_str() == "unresolved" && matches!(after, DiscState::Burned(_) | DiscState::Verified(_)) {
            self.note("resolved by the station");
        }
        let (set, place) = (self.discs[at].set, self.discs[at].place);
        if after.as_str() != before.as_str() {
            match after {
                DiscState::Unresolved { .. } => self.note("unresolved"),
                DiscState::Spoiled { .. } => self.plan(set, place),
                DiscState::Packed(_) => *self.packed.entry((set, place)).or_default() += 1,
                _ => {}
            }
        }
        self.discs[at].state = after;
        Ok(())
    }

    pub fn lease(&mut self, station: &str, blanks: &[Medium]) -> Option<Code> {
        self.lapse();
        self.take_back(station);
        let queued = self.discs.iter().filter(|row| row.state.as_str() == "queued");
        let waiting = queued.map(|row| Waiting { id: &row.id, due_ms: row.set.into(), medium: row.medium });
        let id = next(waiting, blanks)?.id.to_owned();
        let code = self.discs.iter().find(|row| row.id == id)?.code;
        let until_ms = self.now_ms + LEASE_MS;
        self.happens(code, Event::Lease { station: station.to_owned(), until_ms }).unwrap();
        Some(code)
    }

    /// What the station was given and knows nothing of waits again.
    fn take_back(&mut self, station: &str) {
        let leased = self.discs.iter().filter(|row| row.state.as_str() == "leased");
        let of_it = leased.filter_map(|row| Some((row.code, row.state.attempt()?.clone())));
        let lost: Vec<_> = of_it.filter(|(_, attempt)| attempt.station == station).collect();
        for (code, attempt) in lost {
            self.happens(code, Event::Release { attempt }).unwrap();
        }
    }

    pub fn lapse(&mut self) {
        let codes: Vec<Code> = self.discs.iter().map(|row| row.code).collect();
        for code in codes {
            // Most leases are good still.
            drop(self.happens(code, Event::Lapse { now_ms: self.now_ms }));
        }
    }

    /// What people at the desk do between two looks at their stations.
    pub fn people(&mut self) {
        self.rounds += 1;
        let rows: Vec<(Code, DiscState)> =
            self.discs.iter().map(|row| (row.code, row.state.clone())).collect();
        for (code, state) in rows {
            let unsure = self.below(3) == 0;
            match state {
                DiscState::Verified(attempt) if unsure => self.label(code, &attempt),
                DiscState::Labelled(_) if unsure => self.pack(code),
                DiscState::Unresolved { attempt, .. } => self.decide(code, &attempt),
                DiscState::Packed(_) | DiscState::Burning(_) | DiscState::Spoiled { .. } => {}
                _ if self.fault(300, "written off") => {
                    self.happens(code, Event::WriteOff { reason: "dropped".into() }).unwrap();
                }
                _ => {}
            }
        }
        self.lapse();
    }

    /// Puts the label on the disc that came out of the drive, which must be there and be right.
    fn label(&mut self, code: Code, attempt: &Attempt) {
        let (set, place) = (self.row(code).set, self.row(code).place);
        let made = self.pile.iter().find(|disc| disc.burn == (code, attempt.number));
        let made = made.unwrap_or_else(|| panic!("{code} was verified and is nowhere"));
        assert!(made.bytes == bytes_of(set, place), "{code} was verified and is not what it should be");
        self.happens(code, Event::Label).unwrap();
    }

    /// Now and then into the wrong envelope, which the codes do not let happen.
    fn pack(&mut self, code: Code) {
        let set = self.row(code).set;
        let codes = PackingCodes {
            disc: code,
            paper: Code::new(Bearer::Paper, set),
            envelope: Code::new(Bearer::Envelope, set),
        };
        let taken = if self.fault(4, "wrong envelope") { set + 1 } else { set };
        let envelope = Code::new(Bearer::Envelope, taken).to_string();
        let (disc, paper) = (code.to_string(), codes.paper.to_string());
        let scanned = Scanned { disc: &disc, paper: &paper, envelope: &envelope };
        assert_eq!(scanned.check(&codes).is_ok(), taken == set);
        if taken == set {
            self.happens(code, Event::Pack).unwrap();
        }
    }

    /// A person decides what nobody knows; sometimes wrongly.
    fn decide(&mut self, code: Code, attempt: &Attempt) {
        let was_burned = self.burns.contains(&(code, attempt.number));
        let errs = self.below(10) == 0;
        match self.below(6) {
            0 if was_burned == errs => {
                self.note("never burned");
                self.happens(code, Event::NeverBurned).unwrap();
            }
            1 => self.happens(code, Event::WriteOff { reason: "nobody knows".into() }).unwrap(),
            _ => {}
        }
    }

    pub fn check(&self) {
        for (place, times) in &self.packed {
            assert_eq!(*times, 1, "packed twice: {place:?}");
        }
        let mut living = BTreeMap::new();
        for row in self.discs.iter().filter(|row| row.state.as_str() != "spoiled") {
            *living.entry((row.set, row.place)).or_insert(0) += 1;
        }
        assert!(living.len() == 6 && living.values().all(|discs| *discs == 1), "{living:?}");
    }

    pub fn all_packed(&self) -> bool {
        let living = self.discs.iter().filter(|row| row.state.as_str() != "spoiled");
        living.into_iter().all(|row| row.state.as_str() == "packed") && self.packed.len() == 6
    }
}
