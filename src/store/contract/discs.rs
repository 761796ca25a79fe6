use super::desk::{by_mail, delivery, kept, request};
use super::{in_tx, on_both_engines};
use crate::ids::new_id;
use crate::model::Delivery;
use crate::model::disc::{Disc, DiscCounts, DiscSet, SetState};
use crate::store::db::Db;
use crate::store::discs::{
    add, add_set, attempts, by_code, change, change_set, in_states, is_code_taken, is_number_taken, lapsed,
    next_lease_end, note_begun, note_ended, note_leased, note_station, of_set, queued, set_of_delivery,
    stations,
};
use crate::store::{StoreError, deliveries};
use burn_queue::{Attempt, Bearer, Code, DiscState, Image, Lease, Medium, Place};
use imaging::chance::OsChance;
use jiff::civil::date;

/// A request with a delivery by mail.
pub(crate) async fn mailed(db: &Db) -> Delivery {
    let request = request(date(2026, 3, 2));
    kept(db, &request).await;
    let delivery = delivery(&request.id, by_mail());
    in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
    delivery
}

fn set(delivery: &Delivery, number: u32, of: u32) -> DiscSet {
    DiscSet {
        id: new_id(3_000 + i64::from(number), &OsChance),
        request: delivery.request.clone(),
        delivery: delivery.id.clone(),
        number,
        state: SetState::Open,
        seal: "seal-1".into(),
        discs: of,
        counts: DiscCounts { studies: 1, series: 2, instances: 300 },
        due_at: 9_000,
        created_at: 3_000,
    }
}

fn disc(set: &DiscSet, place: u32, code: u32, state: DiscState) -> Disc {
    Disc {
        id: new_id(3_000, &OsChance),
        disc_set: set.id.clone(),
        place: Place::new(place, set.discs).unwrap(),
        code: Code::new(Bearer::Disc, code),
        image: Image::of(&[7; 4096][..]).unwrap(),
        medium: Medium::DvdDl,
        state,
        created_at: 3_000,
        changed_at: 3_000,
    }
}

fn states() -> Vec<DiscState> {
    let attempt = || Attempt { number: 3, station: "desk-1".into() };
    let lease = || Lease { attempt: attempt(), until_ms: 60_000 };
    let reason = || "dropped".to_owned();
    vec![
        DiscState::Planned,
        DiscState::Queued { attempts: 3 },
        DiscState::Leased(lease()),
        DiscState::Burning(lease()),
        DiscState::Burned(lease()),
        DiscState::Verified(attempt()),
        DiscState::Labelled(attempt()),
        DiscState::Packed(attempt()),
        DiscState::Unresolved { attempt: attempt(), reason: reason() },
        DiscState::Spoiled { attempt: Some(attempt()), reason: reason() },
        DiscState::Spoiled { attempt: None, reason: reason() },
    ]
}

on_both_engines! {
    async fn a_disc_comes_back_as_it_was_kept_in_every_state(db) {
        let set = set(&mailed(&db).await, 1, 11);
        in_tx!(db, |tx| add_set(tx, &set)).unwrap();
        for (number, state) in (1..).zip(states()) {
            let disc = disc(&set, number, number, state);
            in_tx!(db, |tx| add(tx, &disc)).unwrap();
            assert_eq!(by_code(&db, disc.code).await.unwrap(), Some((disc, set.clone())));
        }
        assert_eq!(of_set(&db, &set.id).await.unwrap().len(), 11);
        assert_eq!(in_states(&db, &["spoiled", "packed"], 10).await.unwrap().len(), 3);
        assert!(is_code_taken(&db, Code::new(Bearer::Disc, 5)).await.unwrap());
        assert!(!is_code_taken(&db, Code::new(Bearer::Disc, 12)).await.unwrap());
    }

    async fn a_place_in_a_set_has_one_disc_that_is_not_spoiled(db) {
        let set = set(&mailed(&db).await, 1, 1);
        let spoiled = disc(&set, 1, 1, DiscState::Spoiled { attempt: None, reason: "dropped".into() });
        let good = disc(&set, 1, 2, DiscState::Queued { attempts: 0 });
        let second = disc(&set, 1, 3, DiscState::Planned);
        in_tx!(db, |tx| add_set(tx, &set)).unwrap();
        in_tx!(db, |tx| add(tx, &spoiled)).unwrap();
        in_tx!(db, |tx| add(tx, &good)).unwrap();
        let refused = in_tx!(db, |tx| add(tx, &second));
        assert!(matches!(refused, Err(StoreError::Conflict { .. })));
        assert_eq!(queued(&db, 10).await.unwrap(), [(good, set)]);
    }

    async fn a_delivery_has_one_open_set_and_may_have_had_others(db) {
        let delivery = mailed(&db).await;
        let (first, second) = (set(&delivery, 1, 1), set(&delivery, 2, 1));
        in_tx!(db, |tx| add_set(tx, &first)).unwrap();
        let refused = in_tx!(db, |tx| add_set(tx, &second));
        assert!(matches!(refused, Err(StoreError::Conflict { .. })));
        let withdrawn = SetState::Withdrawn { reason: "switched to a link".into() };
        in_tx!(db, |tx| change_set(tx, &first, &withdrawn)).unwrap();
        assert_eq!(set_of_delivery(&db, &delivery.id).await.unwrap().unwrap().state, withdrawn);
        in_tx!(db, |tx| add_set(tx, &second)).unwrap();
        assert_eq!(set_of_delivery(&db, &delivery.id).await.unwrap(), Some(second));
        assert!(is_number_taken(&db, 2).await.unwrap());
        assert!(!is_number_taken(&db, 3).await.unwrap());
        assert!(in_tx!(db, |tx| change_set(tx, &first, &SetState::Packed)).is_err(), "it was withdrawn since");
    }

    async fn a_disc_is_moved_on_only_from_where_it_was_read(db) {
        let set = set(&mailed(&db).await, 1, 1);
        let disc = disc(&set, 1, 1, DiscState::Queued { attempts: 0 });
        let attempt = Attempt { number: 1, station: "desk-1".into() };
        let leased = DiscState::Leased(Lease { attempt: attempt.clone(), until_ms: 5_000 });
        in_tx!(db, |tx| add_set(tx, &set)).unwrap();
        in_tx!(db, |tx| add(tx, &disc)).unwrap();
        in_tx!(db, |tx| change(tx, &disc, &leased, 4_000)).unwrap();
        let stale = in_tx!(db, |tx| change(tx, &disc, &leased, 4_000));
        assert!(matches!(stale, Err(StoreError::WrongCount { .. })));
        assert_eq!(next_lease_end(&db).await.unwrap(), Some(5_000));
        assert!(lapsed(&db, 4_999).await.unwrap().is_empty());
        let found = lapsed(&db, 5_000).await.unwrap();
        assert_eq!((found[0].0.state.clone(), found[0].0.changed_at), (leased, 4_000));
    }

    async fn the_attempts_at_a_disc_are_remembered(db) {
        let set = set(&mailed(&db).await, 1, 1);
        let disc = disc(&set, 1, 1, DiscState::Planned);
        let attempt = Attempt { number: 1, station: "desk-1".into() };
        in_tx!(db, |tx| add_set(tx, &set)).unwrap();
        in_tx!(db, |tx| add(tx, &disc)).unwrap();
        in_tx!(db, |tx| note_leased(tx, &disc.id, &attempt, 10)).unwrap();
        assert!(in_tx!(db, |tx| note_leased(tx, &disc.id, &attempt, 11)).is_err(), "an attempt is leased once");
        in_tx!(db, |tx| note_begun(tx, &disc.id, 1, 20)).unwrap();
        in_tx!(db, |tx| note_ended(tx, &disc.id, 1, &DiscState::Verified(attempt.clone()), 30)).unwrap();
        let found = attempts(&db, &disc.id).await.unwrap();
        assert_eq!((found[0].leased_at, found[0].begun_at, found[0].ended_at), (10, Some(20), Some(30)));
        assert_eq!(found[0].outcome.as_deref(), Some("verified"));
    }

    async fn stations_are_remembered_as_they_were_last_heard_of(db) {
        in_tx!(db, |tx| note_station(tx, "desk-2", "cd", 10)).unwrap();
        in_tx!(db, |tx| note_station(tx, "desk-1", "cd", 10)).unwrap();
        in_tx!(db, |tx| note_station(tx, "desk-2", "dvd", 20)).unwrap();
        let found = stations(&db).await.unwrap();
        let found: Vec<_> = found.iter().map(|seen| (&*seen.name, &*seen.tray, seen.seen_at)).collect();
        assert_eq!(found, [("desk-1", "cd", 10), ("desk-2", "dvd", 20)]);
    }
}
