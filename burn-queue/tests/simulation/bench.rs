//! What a simulated station finds around it: the queue, and the world it shares with another.

use crate::world::{LEASE_MS, World, bytes_of};
use burn_queue::sim::{self, Bench, Burn, BurnedDisc};
use burn_queue::{Event, Medium, Queue, QueueError, Refused, Report, Work};
use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

/// A station of this name.
pub fn bench(name: &'static str, world: &Rc<RefCell<World>>) -> Bench<Place> {
    Bench::new(Place { name, world: Rc::clone(world) }, u64::try_from(LEASE_MS).unwrap())
}

/// Where a station stands.
#[derive(Clone)]
pub struct Place {
    name: &'static str,
    world: Rc<RefCell<World>>,
}

impl Place {
    fn asked<T>(&self, asked: impl FnOnce(&mut World) -> Result<T, Refused>) -> Result<T, QueueError> {
        let mut world = self.world.borrow_mut();
        world.lapse();
        asked(&mut world).map_err(|refused| QueueError::Refused(refused.to_string()))
    }
}

impl Queue for Place {
    fn lease(&self, blanks: &[Medium]) -> Result<Option<Work>, QueueError> {
        self.asked(|world| {
            Ok(world.lease(self.name, blanks).map(|disc| {
                let row = world.row(disc);
                let attempt = row.state.attempt().unwrap().clone();
                let (place, medium, image) = (row.place, row.medium, world.image(disc));
                Work { disc, place, attempt, image, medium, lease_ms: u32::try_from(LEASE_MS).unwrap() }
            }))
        })
    }

    fn renew(&self, work: &Work) -> Result<(), QueueError> {
        self.asked(|world| {
            let until_ms = world.now_ms + LEASE_MS;
            world.happens(work.disc, Event::Renew { attempt: work.attempt.clone(), until_ms })
        })
    }

    fn release(&self, work: &Work) -> Result<(), QueueError> {
        self.asked(|world| world.happens(work.disc, Event::Release { attempt: work.attempt.clone() }))
    }

    fn begin(&self, work: &Work) -> Result<(), QueueError> {
        self.asked(|world| {
            let until_ms = world.now_ms + LEASE_MS;
            world.happens(work.disc, Event::Begin { attempt: work.attempt.clone(), until_ms })
        })
    }

    fn image(&self, work: &Work, from: u64) -> Result<Box<dyn Read>, QueueError> {
        let (set, place) = self.asked(|world| {
            let row = world.row(work.disc);
            Ok((row.set, row.place))
        })?;
        let bytes = bytes_of(set, place).split_off(usize::try_from(from).unwrap());
        Ok(Box::new(io::Cursor::new(bytes)))
    }

    fn burned(&self, work: &Work) -> Result<(), QueueError> {
        self.asked(|world| {
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
        self.asked(|world| world.happens(work.disc, event))
    }
}

impl sim::World for Place {
    fn below(&self, limit: u64) -> u64 {
        self.world.borrow_mut().below(limit)
    }

    fn fault(&self, one_in: u64, what: &'static str) -> bool {
        self.world.borrow_mut().fault(one_in, what)
    }

    fn note(&self, what: &'static str) {
        self.world.borrow_mut().note(what);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.world.borrow().now_ms).unwrap()
    }

    fn pass(&self, ms: u64) {
        self.world.borrow_mut().now_ms += i64::try_from(ms).unwrap();
    }

    fn burns(&self, burn: Burn) {
        let mut world = self.world.borrow_mut();
        assert!(world.intents.contains(&burn), "burned without an intent on record: {burn:?}");
        assert!(world.burns.insert(burn), "burned twice on one intent: {burn:?}");
    }

    fn give_out(&self, disc: BurnedDisc) {
        self.world.borrow_mut().pile.push(disc);
    }

    fn discard(&self, burn: Burn) {
        self.world.borrow_mut().pile.retain(|disc| disc.burn != burn);
    }
}
