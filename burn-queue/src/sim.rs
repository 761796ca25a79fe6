//! A burning station for simulations: its process falls over, its drive fails, its line to the queue loses words, and
//! people meddle with its tray. What happens, and when, is the [`World`]'s to say.

use crate::code::Code;
use crate::drive::{Drive, DriveError, Tray, Watch};
use crate::image::Image;
use crate::medium::Medium;
use crate::station::{Memory, Note, Phase, Queue, QueueError, Report, Station, Step, Time, Work};
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// An attempt at a disc: its code, and which one it is.
pub type Burn = (Code, u32);

/// A disc one can hold.
pub struct BurnedDisc {
    /// What was burned.
    pub burn: Burn,
    /// What is on it.
    pub bytes: Vec<u8>,
}

/// The world a station stands in. As a [`Queue`] it is the queue itself: the line to it is the station's.
pub trait World: Queue + Clone {
    /// A number below `limit`, by chance.
    fn below(&self, limit: u64) -> u64;

    /// Whether something goes wrong that goes wrong once in so many times.
    fn fault(&self, one_in: u64, what: &'static str) -> bool;

    /// Something happened that is worth counting.
    fn note(&self, what: &'static str);

    /// The time, in milliseconds.
    fn now_ms(&self) -> u64;

    /// So many milliseconds pass.
    fn pass(&self, ms: u64);

    /// A drive is about to write.
    fn burns(&self, burn: Burn);

    /// A disc came out of the drive.
    fn give_out(&self, disc: BurnedDisc);

    /// What this attempt made is not wanted: it is thrown away.
    fn discard(&self, burn: Burn);
}

/// What a station consists of. All but its process outlives a crash.
#[derive(Clone)]
struct Parts<W> {
    world: W,
    note: Rc<RefCell<Option<Note>>>,
    tray: Rc<RefCell<Option<BurnedDisc>>>,
    alive: Rc<Cell<bool>>,
}

/// What a crash ends.
type Process<W> = Station<Parts<W>, Parts<W>, Parts<W>, Parts<W>>;

/// A station at its place.
pub struct Bench<W: World> {
    parts: Parts<W>,
    lease_ms: u64,
    process: Option<Process<W>>,
}

impl<W: World> Bench<W> {
    /// A station that was never used. `lease_ms` is how long its queue gives discs away for.
    pub fn new(world: W, lease_ms: u64) -> Self {
        let parts =
            Parts { world, note: Rc::default(), tray: Rc::default(), alive: Rc::new(Cell::new(true)) };
        Self { parts, lease_ms, process: None }
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
        let (parts, world) = (&self.parts, &self.parts.world);
        if !parts.alive.get() {
            if world.below(3) > 0 {
                world.pass(self.lease_ms / 2);
                return;
            }
            if parts.tray.borrow().is_some() && world.fault(6, "swapped") {
                // Somebody cleared the tray and put a blank in.
                parts.give_out();
            }
            if matches!(&*parts.note.borrow(), Some(Note { phase: Phase::Burning, .. })) {
                world.note("read back after a restart");
            }
            parts.alive.set(true);
            self.process = None;
        }
        let station = self
            .process
            .get_or_insert_with(|| Station::new(parts.clone(), parts.clone(), parts.clone(), parts.clone()));
        match station.step(&mut |_, _, _| {}) {
            Ok(Step::NeedsBlank { .. }) => parts.give_out(),
            Ok(Step::Lost { discard: true, work }) => {
                world.note("late report refused");
                world.discard((work.disc, work.attempt.number));
            }
            Ok(_) | Err(_) => {}
        }
        world.pass(if world.fault(10, "long pause") { self.lease_ms * 2 } else { 1_000 });
    }
}

impl<W: World> Parts<W> {
    /// Whether the process falls over here.
    fn falls(&self) -> bool {
        if self.alive.get() && self.world.fault(40, "crash") {
            self.alive.set(false);
        }
        !self.alive.get()
    }

    fn give_out(&self) {
        if let Some(disc) = self.tray.take() {
            self.world.give_out(disc);
        }
    }

    /// A question over a line that loses questions and answers.
    fn ask<T>(&self, asked: impl FnOnce(&W) -> Result<T, QueueError>) -> Result<T, QueueError> {
        let unreachable = || QueueError::Unreachable("nobody".into());
        if self.falls() || self.world.fault(15, "lost request") {
            return Err(unreachable());
        }
        self.world.pass(100);
        let answer = asked(&self.world);
        if self.world.fault(15, "lost answer") || self.falls() {
            return Err(unreachable());
        }
        answer
    }
}

impl<W: World> Queue for Parts<W> {
    fn lease(&self, blanks: &[Medium]) -> Result<Option<Work>, QueueError> {
        self.ask(|queue| queue.lease(blanks))
    }

    fn renew(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|queue| queue.renew(work))
    }

    fn release(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|queue| queue.release(work))
    }

    fn begin(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|queue| queue.begin(work))
    }

    fn image(&self, work: &Work, from: u64) -> Result<Box<dyn Read>, QueueError> {
        let image = self.ask(|queue| queue.image(work, from))?;
        let left = work.image.bytes().saturating_sub(from);
        let comes = if self.world.fault(5, "broken stream") { left / 2 } else { left };
        Ok(Box::new(image.take(comes)))
    }

    fn burned(&self, work: &Work) -> Result<(), QueueError> {
        self.ask(|queue| queue.burned(work))
    }

    fn ended(&self, work: &Work, report: &Report) -> Result<(), QueueError> {
        self.ask(|queue| queue.ended(work, report))
    }
}

impl<W: World> Drive for Parts<W> {
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
        let attempt = self.note.borrow().as_ref().map(|note| note.work.attempt.number);
        let (Some(attempt), false) = (attempt, self.falls()) else { return Err(DriveError::Stopped) };
        let burn = (disc, attempt);
        self.world.burns(burn);
        assert!(self.tray.borrow().is_none(), "written over a disc");
        let mut bytes = Vec::new();
        let came = source.take(image.bytes()).read_to_end(&mut bytes);
        let goes_on = watch(image.bytes() / 2).is_continue();
        let fails = !goes_on || !self.alive.get() || self.world.fault(12, "bad burn");
        if fails {
            bytes.truncate(bytes.len() / 3);
        } else if self.world.fault(12, "silent damage")
            && let Some(byte) = bytes.get_mut(5_000)
        {
            *byte ^= 4;
        }
        self.tray.replace(Some(BurnedDisc { burn, bytes }));
        came.map_err(DriveError::Source)?;
        if fails || self.falls() { Err(DriveError::Stopped) } else { Ok(()) }
    }

    fn read_back(&mut self, _: Code, _: &Image) -> Result<Box<dyn Read + '_>, DriveError> {
        if self.falls() || self.world.fault(20, "unreadable") {
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

impl<W: World> Memory for Parts<W> {
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

impl<W: World> Time for Parts<W> {
    fn now_ms(&self) -> u64 {
        self.world.now_ms()
    }

    fn wait(&self, ms: u64) {
        self.world.pass(ms);
    }
}
