use super::{
    BoardDisc, By, DiscError, LapseLeases, Said, board, destroy, label, lapse, lease, pack, plan, queue,
    report as said, resolve, spoil, withdraw,
};
use crate::audit::events::Actor;
use crate::clock::{Clock, ManualClock};
use crate::jobs::Handler;
use crate::model::disc::{DiscCounts, DiscSet, NewDisc, NewDiscSet, SetState};
use crate::model::{Delivery, Effect};
use crate::store::contract::discs::mailed;
use crate::store::contract::{in_tx, on_both_engines};
use crate::store::db::Db;
use crate::store::jobs::{Wanted, claim};
use crate::store::{audit, discs};
use burn_queue::{Code, DiscState, Image, Medium, Mismatch, Report, Scanned, Work};
use imaging::chance::OsChance;
use std::sync::Arc;

const LEASE_MS: u32 = 60_000;

fn by(actor: &Actor) -> By<'_> {
    By { actor, chance: &OsChance }
}

fn operator() -> Actor {
    Actor::Operator { name: "test".into() }
}

fn at(db: Db) -> (Db, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(1_000_000));
    (db.with_clock(Arc::clone(&clock) as Arc<dyn Clock>), clock)
}

fn wanted(delivery: &Delivery, of: u8) -> NewDiscSet {
    let disc = |number: u8| NewDisc { image: Image::of(&[number; 4096][..]).unwrap(), medium: Medium::Cd };
    NewDiscSet {
        request: delivery.request.clone(),
        delivery: delivery.id.clone(),
        seal: "none".into(),
        counts: DiscCounts { studies: 1, series: 2, instances: 3 },
        due_at: 5_000_000,
        discs: (0..of).map(disc).collect(),
    }
}

/// A set of so many discs that are to be burned.
async fn queued(db: &Db, of: u8) -> DiscSet {
    let delivery = mailed(db).await;
    let set = in_tx!(db, |tx| plan(tx, wanted(&delivery, of), by(&operator()))).unwrap();
    in_tx!(db, |tx| queue(tx, &delivery.id, by(&operator()))).unwrap();
    set
}

async fn leased(db: &Db, station: &str) -> Option<Work> {
    let blanks = [Medium::Cd];
    in_tx!(db, |tx| lease(tx, station, &blanks, LEASE_MS, by(&operator()))).unwrap()
}

async fn begun(db: &Db, station: &str) -> Work {
    let work = leased(db, station).await.unwrap();
    in_tx!(db, |tx| said(tx, work.disc, work.attempt.clone(), Said::Beginning, LEASE_MS, by(&operator())))
        .unwrap();
    work
}

async fn report(db: &Db, work: &Work, how: Report) -> Result<(), DiscError> {
    in_tx!(db, |tx| said(tx, work.disc, work.attempt.clone(), Said::Ended(how), LEASE_MS, by(&operator())))
}

async fn verified(db: &Db, station: &str) -> Work {
    let work = begun(db, station).await;
    in_tx!(db, |tx| said(tx, work.disc, work.attempt.clone(), Said::Burned, LEASE_MS, by(&operator())))
        .unwrap();
    report(db, &work, Report::Verified).await.unwrap();
    work
}

async fn labelled(db: &Db) -> Work {
    let work = verified(db, "desk-1").await;
    in_tx!(db, |tx| label(tx, work.disc, by(&operator()))).unwrap();
    work
}

async fn state(db: &Db, code: Code) -> DiscState {
    discs::by_code(db, code).await.unwrap().unwrap().0.state
}

/// Packs a disc with the papers of a set; the places still missing.
async fn packed(db: &Db, disc: Code, set: &DiscSet) -> Result<usize, DiscError> {
    let [disc, paper, envelope] = [disc, set.paper_code(), set.envelope_code()].map(|code| code.to_string());
    let scanned = Scanned { disc: &disc, paper: &paper, envelope: &envelope };
    in_tx!(db, |tx| pack(tx, &scanned, by(&operator()))).map(|packed| packed.missing.len())
}

async fn waits(db: &Db, kind: &'static str) -> bool {
    let sql = "SELECT count(*) FROM jobs WHERE kind = $1 AND state = 'ready'";
    db.fetch_one(sql, [kind.into()]).await.unwrap().i64(0).unwrap() > 0
}

on_both_engines! {
    async fn a_set_is_burned_labelled_and_packed_and_its_request_moves_on(db) {
        let set = queued(&db, 2).await;
        let first = labelled(&db).await;
        assert_eq!(packed(&db, first.disc, &set).await.unwrap(), 1);
        assert!(!waits(&db, "advance_request").await);
        let second = labelled(&db).await;
        assert_eq!((first.place.to_string(), second.place.to_string()), ("disc 1 of 2".into(), "disc 2 of 2".into()));
        assert_eq!(packed(&db, second.disc, &set).await.unwrap(), 0);
        assert!(waits(&db, "advance_request").await);
        assert!(leased(&db, "desk-1").await.is_none());
        let now = discs::set_of_delivery(&db, &set.delivery).await.unwrap().unwrap();
        assert_eq!(now.state, SetState::Packed);
        let told: Vec<_> = audit::timeline(&db, &set.request).await.unwrap();
        let of_first: Vec<_> = told.iter().filter(|event| event.subject.id == told[0].subject.id).collect();
        let of_first: Vec<_> = of_first.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(of_first, [
            "disc.planned", "disc.queued", "disc.leased", "disc.burning_begun", "disc.burned", "disc.verified",
            "disc.labelled", "disc.packed",
        ]);
    }

    async fn discs_are_planned_once_however_often_that_is_asked(db) {
        let delivery = mailed(&db).await;
        let first = in_tx!(db, |tx| plan(tx, wanted(&delivery, 2), by(&operator()))).unwrap();
        let again = in_tx!(db, |tx| plan(tx, wanted(&delivery, 2), by(&operator()))).unwrap();
        assert_eq!(first, again);
        assert_eq!(discs::of_set(&db, &first.id).await.unwrap().len(), 2);
        assert!(leased(&db, "desk-1").await.is_none(), "planned is not queued");
        let other = mailed(&db).await;
        let none = in_tx!(db, |tx| plan(tx, wanted(&other, 0), by(&operator())));
        assert!(matches!(none, Err(DiscError::NoDiscs)));
    }

    async fn a_station_gets_no_disc_it_has_no_blank_for(db) {
        queued(&db, 1).await;
        let none = in_tx!(db, |tx| lease(tx, "desk-1", &[Medium::Dvd], LEASE_MS, by(&operator())));
        assert!(none.unwrap().is_none());
        assert!(leased(&db, "desk-1").await.is_some());
    }

    async fn many_stations_never_get_the_same_disc(db) {
        queued(&db, 6).await;
        let mut asking = tokio::task::JoinSet::new();
        for station in 0..8 {
            let db = db.clone();
            asking.spawn(async move { leased(&db, &format!("desk-{station}")).await });
        }
        let mut got: Vec<Code> = asking.join_all().await.into_iter().flatten().map(|work| work.disc).collect();
        got.sort();
        got.dedup();
        assert_eq!(got.len(), 6);
    }

    async fn a_failed_disc_is_written_off_and_another_is_burned_in_its_place(db) {
        let set = queued(&db, 1).await;
        let spoiled = begun(&db, "desk-1").await;
        let failed = || Report::Failed { reason: "sector 7 differs".into() };
        report(&db, &spoiled, failed()).await.unwrap();
        report(&db, &spoiled, failed()).await.unwrap();
        assert!(matches!(packed(&db, spoiled.disc, &set).await, Err(DiscError::Refused(_))));
        let next = labelled(&db).await;
        assert_ne!(next.disc, spoiled.disc);
        assert_eq!((next.place, next.image), (spoiled.place, spoiled.image));
        assert_eq!(discs::of_set(&db, &set.id).await.unwrap().len(), 2);
        assert_eq!(packed(&db, next.disc, &set).await.unwrap(), 0);
    }

    async fn a_disc_a_person_drops_is_replaced_too(db) {
        let set = queued(&db, 1).await;
        let work = labelled(&db).await;
        in_tx!(db, |tx| spoil(tx, work.disc, "dropped", by(&operator()))).unwrap();
        assert!(packed(&db, work.disc, &set).await.is_err());
        assert_ne!(leased(&db, "desk-1").await.unwrap().disc, work.disc);
    }

    async fn a_lease_that_ends_before_the_drive_is_touched_gives_the_disc_back(db) {
        let (db, clock) = at(db);
        queued(&db, 1).await;
        let first = leased(&db, "desk-1").await.unwrap();
        clock.advance(30_000);
        in_tx!(db, |tx| said(tx, first.disc, first.attempt.clone(), Said::StillAtIt, LEASE_MS, by(&operator()))).unwrap();
        clock.advance(59_999);
        assert!(leased(&db, "desk-2").await.is_none());
        clock.advance(1);
        let second = leased(&db, "desk-2").await.unwrap();
        assert_eq!((second.disc, second.attempt.number), (first.disc, 2));
        let late = in_tx!(db, |tx| said(tx, first.disc, first.attempt.clone(), Said::Beginning, LEASE_MS, by(&operator())));
        assert!(matches!(late, Err(DiscError::Refused(_))), "its drive must stay untouched");
        in_tx!(db, |tx| said(tx, second.disc, second.attempt, Said::GivenBack, LEASE_MS, by(&operator()))).unwrap();
        assert_eq!(leased(&db, "desk-3").await.unwrap().attempt.number, 3);
    }

    async fn a_station_that_did_not_get_the_answer_gets_the_disc_when_it_asks_again(db) {
        queued(&db, 2).await;
        let lost = leased(&db, "desk-1").await.unwrap();
        let again = leased(&db, "desk-1").await.unwrap();
        assert_eq!((again.disc, again.attempt.number), (lost.disc, 2));
        let other = leased(&db, "desk-2").await.unwrap();
        assert_ne!(other.disc, again.disc);
        assert!(leased(&db, "desk-3").await.is_none());
    }

    async fn a_burn_nobody_hears_of_again_is_unresolved_until_its_station_has_read_it_back(db) {
        let (db, clock) = at(db);
        queued(&db, 1).await;
        let work = begun(&db, "desk-1").await;
        clock.advance(60_000);
        assert_eq!(in_tx!(db, |tx| lapse(tx, by(&operator()))).unwrap(), 1);
        assert_eq!(state(&db, work.disc).await.as_str(), "unresolved");
        assert!(leased(&db, "desk-2").await.is_none(), "it may have been burned");
        report(&db, &work, Report::Verified).await.unwrap();
        assert_eq!(state(&db, work.disc).await.as_str(), "verified");
        let found = discs::by_code(&db, work.disc).await.unwrap().unwrap().0;
        let attempts = discs::attempts(&db, &found.id).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].outcome.as_deref()), (1, Some("verified")));
    }

    async fn a_person_says_that_an_unresolved_disc_was_never_burned(db) {
        let (db, clock) = at(db);
        queued(&db, 1).await;
        let first = begun(&db, "desk-1").await;
        let early = in_tx!(db, |tx| resolve(tx, first.disc, "the blank is clean", by(&operator())));
        assert!(matches!(early, Err(DiscError::Refused(_))), "its station is at it");
        clock.advance(60_000);
        in_tx!(db, |tx| lapse(tx, by(&operator()))).unwrap();
        in_tx!(db, |tx| resolve(tx, first.disc, "the blank is clean", by(&operator()))).unwrap();
        let second = verified(&db, "desk-2").await;
        assert_eq!((second.disc, second.attempt.number), (first.disc, 2));
        let late = report(&db, &first, Report::Verified).await;
        assert!(matches!(late, Err(DiscError::Refused(_))), "what it burned is to be thrown away");
    }

    async fn leases_end_at_their_time_without_anybody_asking(db) {
        let (db, clock) = at(db);
        queued(&db, 2).await;
        let burning = begun(&db, "desk-1").await;
        clock.advance(10_000);
        let waiting = leased(&db, "desk-2").await.unwrap();
        let watch = LapseLeases { db: db.clone(), chance: Arc::new(OsChance) };
        for (advance, first, second) in [(50_000, "unresolved", "leased"), (10_000, "unresolved", "queued")] {
            clock.advance(advance);
            let kinds = [(watch.kind(), Effect::Repeatable)];
            let job = claim(&db, &Wanted { kinds: &kinds, nodes: &[], worker: "w", lease_ms: 1_000 }).await;
            watch.run(&job.unwrap().unwrap()).await.unwrap();
            assert_eq!(state(&db, burning.disc).await.as_str(), first);
            assert_eq!(state(&db, waiting.disc).await.as_str(), second);
        }
        assert!(!waits(&db, watch.kind()).await, "there is nothing to watch");
    }

    async fn what_does_not_belong_together_is_not_packed(db) {
        let (one, other) = (queued(&db, 1).await, queued(&db, 1).await);
        let work = labelled(&db).await;
        let (own, stranger) = if discs::by_code(&db, work.disc).await.unwrap().unwrap().1.id == one.id {
            (one, other)
        } else {
            (other, one)
        };
        let refused = packed(&db, work.disc, &stranger).await;
        assert!(matches!(refused, Err(DiscError::Mismatch(Mismatch::Other { .. }))));
        assert_eq!(state(&db, work.disc).await.as_str(), "labelled");
        packed(&db, work.disc, &own).await.unwrap();
        assert!(matches!(packed(&db, work.disc, &own).await, Err(DiscError::Refused(_))), "it is packed already");
    }

    async fn discs_that_are_not_wanted_any_more_are_neither_burned_nor_packed(db) {
        let set = queued(&db, 3).await;
        let done = labelled(&db).await;
        let burning = begun(&db, "desk-1").await;
        in_tx!(db, |tx| withdraw(tx, &set.delivery, "switched to a link", by(&operator()))).unwrap();
        assert!(leased(&db, "desk-2").await.is_none());
        assert!(matches!(packed(&db, done.disc, &set).await, Err(DiscError::NotWanted(_))));
        report(&db, &burning, Report::Verified).await.unwrap();
        let refused = in_tx!(db, |tx| label(tx, burning.disc, by(&operator())));
        assert!(matches!(refused, Err(DiscError::NotWanted(_))));
        in_tx!(db, |tx| spoil(tx, burning.disc, "destroyed", by(&operator()))).unwrap();
        let left = discs::of_set(&db, &set.id).await.unwrap();
        assert_eq!(left.len(), 3, "nothing takes their place");
        assert!(left.iter().all(|disc| disc.state.as_str() == "spoiled"));
        assert!(matches!(in_tx!(db, |tx| queue(tx, &set.delivery, by(&operator()))), Err(DiscError::NoSuchSet)));
    }

    async fn the_board_shows_what_is_to_be_done_in_the_order_it_is_due(db) {
        let (db, clock) = at(db);
        queued(&db, 5).await;
        begun(&db, "desk-1").await;
        clock.advance(60_000);
        let (to_pack, to_label) = (labelled(&db).await, verified(&db, "desk-1").await);
        let at_station = leased(&db, "desk-2").await.unwrap();
        let seen = board(&db).await.unwrap();
        let codes = |discs: &[BoardDisc]| discs.iter().map(|disc| disc.code).collect::<Vec<_>>();
        assert_eq!(codes(&seen.to_pack), [to_pack.disc]);
        assert_eq!(codes(&seen.to_label), [to_label.disc]);
        assert_eq!(codes(&seen.at_stations), [at_station.disc]);
        assert_eq!((seen.queued.len(), seen.unresolved.len(), seen.stations.len()), (1, 1, 2));
        assert!(seen.unresolved[0].reason.as_ref().unwrap().contains("while burning"));
        assert!(seen.unresolved[0].wanted);
    }

    async fn a_spoiled_disc_stands_on_the_board_until_somebody_destroys_it(db) {
        queued(&db, 1).await;
        let work = begun(&db, "desk-1").await;
        report(&db, &work, Report::Failed { reason: "it skipped".into() }).await.unwrap();
        let left = board(&db).await.unwrap().to_destroy;
        assert_eq!((left.len(), left[0].code, left[0].reason.as_deref()), (1, work.disc, Some("it skipped")));
        in_tx!(db, |tx| destroy(tx, work.disc, by(&operator()))).unwrap();
        assert!(board(&db).await.unwrap().to_destroy.is_empty());
        let again = in_tx!(db, |tx| destroy(tx, work.disc, by(&operator())));
        assert!(matches!(again, Err(DiscError::NothingToDestroy(_))), "once");
        let next = board(&db).await.unwrap().queued[0].code;
        in_tx!(db, |tx| spoil(tx, next, "changed my mind", by(&operator()))).unwrap();
        assert!(board(&db).await.unwrap().to_destroy.is_empty(), "nothing was ever burned of it");
    }
}
