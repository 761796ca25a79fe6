//! Walking the chain again.

use super::chain::{GENESIS, hash_of};
use super::heads::{is_signed, read_files};
use crate::model::audit::{AuditEvent, DailyHead, Seal};
use crate::store::StoreError;
use crate::store::audit;
use crate::store::db::Db;
use std::path::{Path, PathBuf};

const PAGE: u32 = 1_000;

/// What was found to be in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// Events in the chain.
    pub events: u64,
    /// Events that wait for their seal.
    pub unsealed: u64,
    /// Signed daily heads, each of which fits.
    pub heads: u64,
}

/// The first thing that does not fit, or why it could not be looked for.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// A number is missing.
    #[error("event number {missing} is missing from the chain: it was taken out")]
    Gap {
        /// The number.
        missing: i64,
    },
    /// A seal without its event.
    #[error("event number {number} ({event}) is not there any more")]
    EventGone {
        /// Its number.
        number: i64,
        /// Its id.
        event: String,
    },
    /// An event that is not what was sealed.
    #[error("event number {number} ({event}) is not what was sealed: it, or one before it, was changed")]
    EventChanged {
        /// Its number.
        number: i64,
        /// Its id.
        event: String,
    },
    /// Events nobody knows of.
    #[error("{events} events stand outside the chain and do not wait for it: they were taken out of it")]
    Outside {
        /// How many.
        events: u64,
    },
    /// A head whose signature is not its key's.
    #[error("the head of {day} is not signed by its key")]
    BadSignature {
        /// Its day.
        day: jiff::civil::Date,
    },
    /// A head that does not lie on the chain.
    #[error(
        "the head of {day} says the chain was at number {number} with another hash: the chain was made anew since"
    )]
    HeadOffChain {
        /// Its day.
        day: jiff::civil::Date,
        /// The number it signed.
        number: i64,
    },
    /// Files of heads cannot be read.
    #[error("the heads in {folder} cannot be read")]
    Unreadable {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Walks the whole chain, compares it with every signed head, and with those kept as files in `outside`.
///
/// # Errors
/// [`Misfit`]: the first event or head that does not fit.
pub async fn verify(db: &Db, outside: Option<&Path>) -> Result<Verified, Misfit> {
    let mut heads = audit::heads(db).await?;
    if let Some(folder) = outside {
        let files = read_files(folder);
        heads.extend(files.map_err(|source| Misfit::Unreadable { folder: folder.to_owned(), source })?);
    }
    check_signatures(db, &heads).await?;
    let events = walk(db, &heads).await?;
    match audit::count_lost(db).await? {
        0 => {}
        events => return Err(Misfit::Outside { events }),
    }
    let unsealed = audit::count_unsealed(db).await?;
    Ok(Verified { events, unsealed, heads: heads.len() as u64 })
}

async fn check_signatures(db: &Db, heads: &[DailyHead]) -> Result<(), Misfit> {
    let keys = audit::keys(db).await?;
    let signed =
        |head: &&DailyHead| keys.iter().any(|key| key.id == head.key && is_signed(head, &key.public_key));
    match heads.iter().find(|head| !signed(head)) {
        Some(head) => Err(Misfit::BadSignature { day: head.day }),
        None => Ok(()),
    }
}

async fn walk(db: &Db, heads: &[DailyHead]) -> Result<u64, Misfit> {
    let (mut number, mut hash) = (0, GENESIS.to_owned());
    loop {
        let page = audit::chain(db, number, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for (seal, event) in page {
            hash = step(&hash, number + 1, &seal, event.as_ref())?;
            number = seal.number;
            check_heads(heads.iter().filter(|head| head.number == number), &hash)?;
        }
    }
    // What a head signed must be there still.
    check_heads(heads.iter().filter(|head| head.number > number), "")?;
    Ok(u64::try_from(number).unwrap_or_default())
}

fn step(before: &str, expected: i64, seal: &Seal, event: Option<&AuditEvent>) -> Result<String, Misfit> {
    if seal.number != expected {
        return Err(Misfit::Gap { missing: expected });
    }
    let (number, id) = (seal.number, seal.event.clone());
    let event = event.ok_or_else(|| Misfit::EventGone { number, event: id.clone() })?;
    let hash = hash_of(before, event);
    if hash == seal.hash { Ok(hash) } else { Err(Misfit::EventChanged { number, event: id }) }
}

fn check_heads<'h>(mut heads: impl Iterator<Item = &'h DailyHead>, hash: &str) -> Result<(), Misfit> {
    match heads.find(|head| head.hash != hash) {
        Some(head) => Err(Misfit::HeadOffChain { day: head.day, number: head.number }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sealer;
    use super::*;
    use crate::audit::events::{Actor, NewEvent, Subject, record};
    use crate::clock::{Clock, DAY_MS, ManualClock};
    use crate::store::contract::{in_tx, on_both_engines};
    use crate::store::db::{Dialect, composed};
    use imaging::chance::{OsChance, SeededChance};
    use imaging::seal::{MasterKey, MasterKeys};
    use std::sync::Arc;

    struct Desk {
        db: Db,
        clock: Arc<ManualClock>,
        folder: tempfile::TempDir,
    }

    impl Desk {
        fn at(db: Db) -> Self {
            let clock = Arc::new(ManualClock::new(20_000 * DAY_MS + 5));
            let db = db.with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
            Self { db, clock, folder: tempfile::tempdir().unwrap() }
        }

        fn sealer(&self) -> Sealer {
            let master = MasterKey::fresh(&SeededChance::new(3));
            Sealer {
                db: self.db.clone(),
                keys: Arc::new(MasterKeys::new(master, Vec::new())),
                chance: Arc::new(OsChance),
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
                folder: self.folder.path().to_owned(),
            }
        }

        async fn record(&self, events: usize) {
            let mut tx = self.db.begin().await.unwrap();
            for number in 0..events {
                let subject = Subject::new("request", &format!("r{number}"));
                let event = NewEvent::new(Actor::Anyone, "request.submitted", subject);
                record(&mut tx, &event, self.clock.now_ms(), &OsChance).await.unwrap();
            }
            tx.commit().await.unwrap();
        }

        /// Two days of events, sealed, the first day signed.
        async fn two_days(&self) {
            let mut signed_on = None;
            for _ in 0..2 {
                self.record(700).await;
                self.sealer().work(&mut signed_on).await.unwrap();
                self.clock.advance(DAY_MS);
            }
        }

        async fn verify(&self) -> Result<Verified, Misfit> {
            verify(&self.db, Some(self.folder.path())).await
        }

        /// What somebody does who may do anything to the database.
        async fn tamper(&self, sql: &str) {
            let triggers: &[&str] = match self.db.dialect() {
                Dialect::Sqlite => &[
                    "DROP TRIGGER audit_events_stay",
                    "DROP TRIGGER audit_events_remain",
                    "DROP TRIGGER audit_seals_stay",
                    "DROP TRIGGER audit_seals_remain",
                    "DROP TRIGGER audit_heads_remain",
                    "PRAGMA defer_foreign_keys = on",
                ],
                Dialect::Postgres => &[
                    "ALTER TABLE audit_events DISABLE TRIGGER ALL",
                    "ALTER TABLE audit_seals DISABLE TRIGGER ALL",
                    "ALTER TABLE audit_heads DISABLE TRIGGER ALL",
                ],
            };
            let mut tx = self.db.begin().await.unwrap();
            for sql in triggers.iter().copied().chain([sql]) {
                tx.execute(composed(sql.to_owned()), []).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
    }

    on_both_engines! {
        async fn what_was_recorded_and_sealed_verifies_with_its_heads_and_their_files(db) {
            let desk = Desk::at(db);
            desk.two_days().await;
            desk.record(3).await;
            let verified = desk.verify().await.unwrap();
            // The head of the first day counts twice: from its row and from its file.
            assert_eq!(verified, Verified { events: 1_400, unsealed: 3, heads: 2 });
            desk.sealer().work(&mut None).await.unwrap();
            assert_eq!(desk.verify().await.unwrap(), Verified { events: 1_403, unsealed: 0, heads: 4 });
        }

        async fn sealers_on_several_nodes_make_one_chain(db) {
            let desk = Desk::at(db);
            desk.record(1_200).await;
            let works = (0..4).map(|_| {
                let sealer = desk.sealer();
                tokio::spawn(async move { sealer.work(&mut None).await })
            });
            for work in works.collect::<Vec<_>>() {
                work.await.unwrap().unwrap();
            }
            assert_eq!(desk.verify().await.unwrap().events, 1_200);
        }

        async fn the_first_event_that_was_changed_is_named(db) {
            let desk = Desk::at(db);
            desk.two_days().await;
            desk.tamper("UPDATE audit_events SET action = 'request.denied' WHERE id = (SELECT event FROM audit_seals WHERE number = 42)").await;
            assert!(matches!(desk.verify().await, Err(Misfit::EventChanged { number: 42, .. })));
        }

        async fn the_first_number_that_was_taken_out_is_named(db) {
            let desk = Desk::at(db);
            desk.two_days().await;
            desk.tamper("DELETE FROM audit_seals WHERE number = 42").await;
            assert!(matches!(desk.verify().await, Err(Misfit::Gap { missing: 42 })));
        }

        async fn an_end_that_was_cut_off_is_missed_by_the_head_or_by_the_events(db) {
            let desk = Desk::at(db);
            desk.two_days().await;
            desk.tamper("DELETE FROM audit_seals WHERE number > 1390").await;
            assert!(matches!(desk.verify().await, Err(Misfit::Outside { events: 10 })));
            desk.tamper_again("DELETE FROM audit_seals WHERE number > 690").await;
            assert!(matches!(desk.verify().await, Err(Misfit::HeadOffChain { number: 700, .. })));
        }

        async fn a_chain_made_anew_does_not_fit_the_file_that_was_kept_outside(db) {
            let desk = Desk::at(db);
            desk.two_days().await;
            desk.tamper("UPDATE audit_events SET action = 'request.denied' WHERE id = (SELECT event FROM audit_seals WHERE number = 42)").await;
            desk.tamper_again("INSERT INTO audit_unsealed (event) SELECT event FROM audit_seals").await;
            desk.tamper_again("DELETE FROM audit_seals").await;
            desk.tamper_again("DELETE FROM audit_heads").await;
            desk.sealer().work(&mut None).await.unwrap();
            assert_eq!(verify(&desk.db, None).await.unwrap().events, 1_400, "alone it looks well");
            assert!(matches!(desk.verify().await, Err(Misfit::HeadOffChain { number: 700, .. })));
        }

        async fn a_head_that_was_changed_is_not_signed(db) {
            let desk = Desk::at(db);
            desk.two_days().await;
            let head = std::fs::read_dir(desk.folder.path()).unwrap().next().unwrap().unwrap().path();
            let text = std::fs::read_to_string(&head).unwrap();
            std::fs::write(&head, text.replace("\"number\": 700", "\"number\": 699")).unwrap();
            assert!(matches!(desk.verify().await, Err(Misfit::BadSignature { .. })));
        }
    }

    impl Desk {
        /// Once the triggers are gone.
        async fn tamper_again(&self, sql: &'static str) {
            in_tx!(self.db, |tx| tx.execute(sql, [])).unwrap();
        }
    }
}
