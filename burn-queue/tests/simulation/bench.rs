//! A station with its drive and its memory, and the wire between it and the queue.

use crate::world::{LEASE_MS, Physical, World, bytes_of};
use burn_queue::{
    Code, Drive, DriveError, Event, Image, Medium, Memory, Note, Phase, Queue, QueueError, Refused, Report,
    Station, Step, Time, Tray, Watch, Work,
};
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// What a station consists of. All but its process outlives a crash.
#[derive(Clone)]
struct Parts {
    name: &'static str,
    world: Rc<RefCell<World>>,
    note: Rc<RefCell<Option<Note>>>,
    tray: Rc<RefCell<Option<Physical>>>,
    alive: Rc<Cell<bool>>,
}

pub struct Bench {
    parts: Parts,
    process: Option<Station<Parts, Parts, Parts, Parts>>,
}

impl Bench {
    pub fn new(name: &'static str, world: &Rc<RefCell<World>>) -> Self {
        let parts = Parts {
            name,
            world: Rc::clone(world),
            note: Rc::default(),
            tray: Rc::default(),
            alive: Rc::new(Cell::new(true)),
        };
        Self { parts, process: None }
    }

    /// A step of the station; then somebody opens a tray that did not open by itself.
    pub fn round(&mut self) {
        self.step();
        let over = matches!(&*self.parts.note.borrow(), None | Some(Note { phase: Phase::Ended(_), .. }));
        if over {
            self.parts.give_out();
        }
    }

    /// A step of the station, which starts again if it had fallen over; and time passes.
    fn step(&mut self) {
        let parts = &self.parts;
        if !parts.alive.get() {
            let mut world = parts.world.borrow_mut();
            if world.below(3) > 0 {
                world.now_ms += LEASE_MS / 2;
                return;
            }
            if parts.tray.borrow().is_some() && world.fault(6, "swapped") {
                // Somebody cleared the tray and put a blank in.
                world.pile.extend(parts.tray.take());
            }
            if matches!(&*parts.note.borrow(), Some(Note { phase: Phase::Burning, .. })) {
                world.note("read back after a restart");
            }
            drop(world);
            parts.alive.set(true);
            self.process = None;
        }
        let parts = &self.parts;
        let station = self
            .process
            .get_or_insert_with(|| Station::new(parts.clone(), parts.clone(), parts.clone(), parts.clone()));
        match station.step(&mut |_, _, _| {}) {
            Ok(Step::NeedsBlank { found }) => {
                assert_eq!(found, Tray::Written);
                parts.give_out();
            }
            Ok(Step::Lost { discard: true, work }) => {
                let mut world = parts.world.borrow_mut();
                world.note("late report refused");
                world.pile.retain(|disc| disc.attempt != (work.disc, work.attempt.number));
            }
            Ok(_) | Err(_) => {}
        }
        let mut world = parts.world.borrow_mut();
        world.now_ms += if world.fault(10, "long pause") { LEASE_MS * 2 } else { 1_000 };
    }
}

impl Parts {
    fn crash(&self) {
        self.alive.set(false);
    }

    /// Whether the process falls over here.
    fn falls(&self) -> bool {
        if self.alive.get() && self.world.borrow_mut().fault(40, "crash") {
            self.crash();
        }
        !self.alive.get()
    }

    fn give_out(&self) {
        let disc = self.tray.take();
        self.world.borrow_mut().pile.extend(disc);
    }

    /// A question over a wire that loses questions and answers, to a service that falls over.
    fn ask<T>(&self, asked: impl FnOnce(&mut World) -> Result<T, Refused>) -> Result<T, QueueError> {
        let unreachable = || QueueError::Unreachable("nobody".into());
        if self.falls() || self.world.borrow_mut().fault(15, "lost request") {
            return Err(unreachable());
        }
        let answer = {
            let mut world = self.world.borrow_mut();
            world.now_ms += 100;
            world.lapse();
            asked(&mut world)
        };
        if self.world.borrow_mut().fault(15, "lost answer") || self.falls() {
            return Err(unreachable());
        }
        answer.map_err(|refused| QueueError::Refused(refused.to_string()))
    }
}

impl Queue for Parts {
    fn lease(&self, blanks: &[Medium]) -> Result<Option<Work>, QueueError> {
        self.ask(|world| {
            Ok(world.lease(self.name, blanks).map(|disc| {
                let row = world.row(disc);
                let attempt = row.state.attempt().unwrap().clone();
                let (place, medium, image) = (row.place, row.medium, world.image(disc));
                Work { disc, place, attempt, image, medium, lease_ms: u32::try_from(LEASE_MS).unwrap() }
            }))
        })
    }

    fn renew(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|world| {
            let until_ms = world.now_ms + LEASE_MS;
            world.happens(work.disc, Event::Renew { attempt: work.attempt.clone(), until_ms })
        })
    }

    fn release(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|world| world.happens(work.disc, Event::Release { attempt: work.attempt.clone() }))
    }

    fn begin(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|world| {
            let until_ms = world.now_ms + LEASE_MS;
            world.happens(work.disc, Event::Begin { attempt: work.attempt.clone(), until_ms })
        })
    }

    fn image(&self, work: &Work, from: u64) -> Result<Box<dyn Read>, QueueError> {
        let (set, place) = self.ask(|world| {
            let row = world.row(work.disc);
            Ok((row.set, row.place))
        })?;
        let mut bytes = bytes_of(set, place).split_off(usize::try_from(from).unwrap());
        if self.world.borrow_mut().fault(5, "broken stream") {
            bytes.truncate(bytes.len() / 2);
        }
        Ok(Box::new(io::Cursor::new(bytes)))
    }

    fn burned(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|world| {
            let until_ms = world.now_ms + LEASE_MS;
            world.happens(work.disc, Event::Burned { attempt: work.attempt.clone(), until_ms })
        })
    }

    fn ended(&self, work: &Work, report: &Report) -> Result<(), QueueError> {
        let attempt = work.attempt.clone();
        let event = match report.clone() {
            Report::Verified => Event::Verified { attempt },
            Report::Failed { reason } => Event::Failed { attempt, reason },
        };
        self.ask(|world| world.happens(work.disc, event))
    }
}

impl Drive for Parts {
    fn tray(&mut self) -> Result<Tray, DriveError> {
        Ok(match &*self.tray.borrow() {
            None => Tray::Blank(vec![Medium::Cd, Medium::Dvd]),
            Some(_) => Tray::Written,
        })
    }

    fn burn(
        &mut self,
        disc: Code,
        image: &Image,
        source: &mut dyn Read,
        watch: &mut Watch<'_>,
    ) -> Result<(), DriveError> {
        if self.falls() {
            return Err(DriveError::Stopped);
        }
        let note = self.note.borrow().clone().expect("a station knows what it burns");
        let attempt = (disc, note.work.attempt.number);
        {
            let mut world = self.world.borrow_mut();
            assert!(world.intents.contains(&attempt), "burned without an intent on record: {attempt:?}");
            assert!(world.burns.insert(attempt), "burned twice on one intent: {attempt:?}");
            assert!(self.tray.borrow().is_none(), "written over a disc");
        }
        let mut bytes = Vec::new();
        let came = source.take(image.bytes()).read_to_end(&mut bytes);
        assert!(watch(image.bytes() / 2).is_continue());
        let mut world = self.world.borrow_mut();
        let fails = !self.alive.get() || world.fault(12, "bad burn");
        if fails {
            bytes.truncate(bytes.len() / 3);
        } else if world.fault(12, "silent damage") && bytes.len() > 5_000 {
            bytes[5_000] ^= 4;
        }
        drop(world);
        self.tray.replace(Some(Physical { attempt, bytes }));
        came.map_err(DriveError::Source)?;
        if fails || self.falls() { Err(DriveError::Stopped) } else { Ok(()) }
    }

    fn read_back(&mut self, _: Code, _: &Image) -> Result<Box<dyn Read + '_>, DriveError> {
        if self.falls() || self.world.borrow_mut().fault(20, "unreadable") {
            return Err(DriveError::Drive(io::ErrorKind::InvalidData.into()));
        }
        let tray = self.tray.borrow();
        let disc = tray.as_ref().ok_or(DriveError::Drive(io::ErrorKind::NotFound.into()))?;
        Ok(Box::new(io::Cursor::new(disc.bytes.clone())))
    }

    fn eject(&mut self) -> Result<(), DriveError> {
        if self.falls() {
            return Err(DriveError::Stopped);
        }
        self.give_out();
        Ok(())
    }
}

impl Memory for Parts {
    fn load(&self) -> io::Result<Option<Note>> {
        Ok(self.note.borrow().clone())
    }

    fn save(&self, note: &Note) -> io::Result<()> {
        if self.falls() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.note.replace(Some(note.clone()));
        if self.falls() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }

    fn clear(&self) -> io::Result<()> {
        if self.falls() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.note.take();
        Ok(())
    }
}

impl Time for Parts {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.world.borrow().now_ms).unwrap()
    }

    fn wait(&self, ms: u64) {
        self.world.borrow_mut().now_ms += i64::try_from(ms).unwrap();
    }
}
