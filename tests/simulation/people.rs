//! The people of the desk. They look what there is to do and do it; they press again when they got no answer, and
//! now and then too early.

mod at_the_desk;
mod at_the_table;

use crate::house::{House, Service};
use crate::station::Place;
use filmroom::desk::{Acting, Means, SignedIn, Who};
use filmroom::store::db::Tx;
use filmroom::store::users;
use std::rc::Rc;

pub struct People {
    house: Rc<House>,
    station: Place,
    study: String,
    one: Who,
    another: Who,
}

impl People {
    pub fn hire(house: &Rc<House>, station: &Place, study: &str) -> Self {
        let mut all = house.runtime.block_on(users::list(&house.db)).unwrap();
        let mut who = |login: &str| {
            let at = all.iter().position(|user| user.login == login).unwrap();
            Who::Staff(SignedIn { user: all.swap_remove(at), by: Means::CommandLine })
        };
        let (one, another) = (who("one"), who("another"));
        Self { house: house.clone(), station: station.clone(), study: study.to_owned(), one, another }
    }

    /// One of them does something, if there is anything to do.
    pub fn turn(&self) {
        match self.house.luck.below(5) {
            0 | 1 => self.release(),
            2 => self.settle_fees(),
            3 => self.handle_discs(),
            _ => self.ship(),
        }
    }

    fn acting<'a>(&'a self, who: &'a Who) -> Acting<'a> {
        let now_ms = self.house.now_ms();
        Acting { who, now_ms, today: self.house.site.today(now_ms), chance: &*self.house.chance }
    }

    /// What is seen without changing anything.
    fn look<T>(&self, look: impl Future<Output = T>) -> T {
        self.house.runtime.block_on(look)
    }

    /// Tells the service something, which it must not refuse.
    fn tell(&self, deed: impl AsyncFn(&mut Tx, &Acting<'_>) -> anyhow::Result<()>) {
        if let Some(Err(refused)) = self.ask(&self.one, &deed) {
            panic!("what there was to do was refused: {refused:#}");
        }
    }

    /// The same, by somebody who presses again if there is no answer. It may have been done by then.
    fn press(&self, who: &Who, deed: impl AsyncFn(&mut Tx, &Acting<'_>) -> anyhow::Result<()>) {
        match self.ask(who, &deed) {
            Some(Err(refused)) => panic!("what there was to do was refused: {refused:#}"),
            Some(Ok(())) => {}
            None => {
                self.house.luck.note("pressed again");
                self.ask(who, &deed);
            }
        }
    }

    /// What the service says, if anything is heard of it.
    fn ask(
        &self,
        who: &Who,
        deed: &impl AsyncFn(&mut Tx, &Acting<'_>) -> anyhow::Result<()>,
    ) -> Option<anyhow::Result<()>> {
        if self.house.luck.fault(20, "a person's question lost") {
            return None;
        }
        self.house.clock.advance(1_000);
        let answer = self.house.serve(async |service: &Service| {
            let mut tx = service.db.begin().await?;
            deed(&mut tx, &self.acting(who)).await?;
            Ok(tx.commit().await?)
        });
        answer.filter(|_| !self.house.luck.fault(15, "a person's answer lost"))
    }
}
