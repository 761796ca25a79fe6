//! Where the burning station stands: its queue is the service, and what it gives out lies on the desk.

use crate::house::{House, Service};
use burn_queue::sim::{Burn, BurnedDisc, World};
use burn_queue::{Code, Medium, Queue, QueueError, Report, Work};
use filmroom::delivery::disc::{self, By, DiscError, Said};
use filmroom::model::Actor;
use filmroom::store::db::{Tx, Value};
use filmroom::store::discs;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Read;
use std::rc::Rc;

pub const LEASE_MS: u32 = 60_000;
const NAME: &str = "desk-1";

/// The desk with the station on it.
#[derive(Clone)]
pub struct Place {
    house: Rc<House>,
    actor: Rc<Actor>,
    pile: Rc<RefCell<Vec<BurnedDisc>>>,
    burns: Rc<RefCell<BTreeSet<Burn>>>,
}

impl Place {
    pub fn at(house: &Rc<House>) -> Self {
        let actor = Rc::new(Actor::Operator { name: "station".into() });
        Self { house: house.clone(), actor, pile: Rc::default(), burns: Rc::default() }
    }

    /// Whether a drive ever wrote at this attempt.
    pub fn was_burned(&self, burn: Burn) -> bool {
        self.burns.borrow().contains(&burn)
    }

    /// What lies on the desk of an attempt.
    pub fn made(&self, burn: Burn) -> Option<Vec<u8>> {
        self.pile.borrow().iter().find(|disc| disc.burn == burn).map(|disc| disc.bytes.clone())
    }

    fn by(&self) -> By<'_> {
        By { actor: &self.actor, chance: &*self.house.chance }
    }

    /// Asks in a transaction.
    fn asked<T>(&self, ask: impl AsyncFn(&mut Tx) -> Result<T, DiscError>) -> Result<T, QueueError> {
        let answer = self.house.serve(async |service: &Service| {
            let mut tx = service.db.begin().await?;
            let answer = ask(&mut tx).await?;
            tx.commit().await?;
            Ok(answer)
        });
        match answer {
            None => Err(QueueError::Unreachable("it is not there".into())),
            Some(Err(DiscError::Store(error))) => panic!("the database failed a station: {error}"),
            Some(Err(refused)) => Err(QueueError::Refused(refused.to_string())),
            Some(Ok(answer)) => Ok(answer),
        }
    }

    fn told(&self, work: &Work, said: &Said) -> Result<(), QueueError> {
        let (disc, attempt) = (work.disc, &work.attempt);
        self.asked(async |tx| {
            disc::report(tx, disc, attempt.clone(), said.clone(), LEASE_MS, self.by()).await
        })
    }
}

impl Queue for Place {
    fn lease(&self, blanks: &[Medium]) -> Result<Option<Work>, QueueError> {
        self.asked(async |tx| disc::lease(tx, NAME, blanks, LEASE_MS, self.by()).await)
    }

    fn renew(&self, work: &Work) -> Result<(), QueueError> {
        self.told(work, &Said::StillAtIt)
    }

    fn release(&self, work: &Work) -> Result<(), QueueError> {
        self.told(work, &Said::GivenBack)
    }

    fn begin(&self, work: &Work) -> Result<(), QueueError> {
        self.told(work, &Said::Beginning)
    }

    fn image(&self, work: &Work, from: u64) -> Result<Box<dyn Read>, QueueError> {
        let opened = self.house.serve(async |service: &Service| {
            let (disc, set) = discs::by_code(&service.db, work.disc).await.unwrap().unwrap();
            let image = (service.images)(disc, set).await.unwrap();
            image.range(from..work.image.bytes()).unwrap()
        });
        match opened {
            Some(bytes) => Ok(bytes),
            None => Err(QueueError::Unreachable("it is not there".into())),
        }
    }

    fn burned(&self, work: &Work) -> Result<(), QueueError> {
        self.told(work, &Said::Burned)
    }

    fn ended(&self, work: &Work, report: &Report) -> Result<(), QueueError> {
        self.told(work, &Said::Ended(report.clone()))
    }
}

impl World for Place {
    fn below(&self, limit: u64) -> u64 {
        self.house.luck.below(limit)
    }

    fn fault(&self, one_in: u64, what: &'static str) -> bool {
        self.house.luck.fault(one_in, what)
    }

    fn note(&self, what: &'static str) {
        self.house.luck.note(what);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.house.now_ms()).unwrap()
    }

    fn pass(&self, ms: u64) {
        self.house.clock.advance(i64::try_from(ms).unwrap());
    }

    fn burns(&self, burn: Burn) {
        assert!(self.house.runtime.block_on(self.is_on_record(burn)), "burned without an intent: {burn:?}");
        assert!(self.burns.borrow_mut().insert(burn), "burned twice on one intent: {burn:?}");
    }

    fn give_out(&self, disc: BurnedDisc) {
        self.pile.borrow_mut().push(disc);
    }

    fn discard(&self, burn: Burn) {
        self.pile.borrow_mut().retain(|disc| disc.burn != burn);
    }
}

impl Place {
    async fn is_on_record(&self, (code, number): (Code, u32)) -> bool {
        let begun = "SELECT a.disc FROM burn_attempts a JOIN discs d ON d.id = a.disc \
                     WHERE d.code = $1 AND a.number = $2 AND a.begun_at IS NOT NULL AND a.ended_at IS NULL";
        let attempt = [Value::from(code.to_string()), number.into()];
        self.house.db.fetch_optional(begun, attempt).await.unwrap().is_some()
    }
}
