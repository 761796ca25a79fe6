use super::desk::{by_mail, delivery, kept, request};
use super::{in_tx, on_both_engines};
use crate::model::audit::{AuditKey, DailyHead, Seal};
use crate::model::disclosure::Intervals;
use crate::model::{Actor, DisclosureState, KeptKey, NewDisclosure, NewEvent, Subject};
use crate::store::db::{Db, Dialect};
use crate::store::{StoreError, audit, deliveries, disclosures};
use imaging::chance::OsChance;
use jiff::civil::date;

async fn three_events(db: &Db) -> Vec<String> {
    for (number, action) in ["request.submitted", "request.approved", "disc.packed"].into_iter().enumerate() {
        let event = NewEvent::new(Actor::Anyone, action, Subject::new("request", "r1"));
        let at = 1_000 + i64::try_from(number).unwrap();
        in_tx!(db, |tx| audit::add(tx, &event, at, &OsChance)).unwrap();
    }
    audit::unsealed(db, 10).await.unwrap().into_iter().map(|event| event.id).collect()
}

fn seal(number: i64, event: &str) -> Seal {
    Seal { number, event: event.to_owned(), hash: format!("h{number}"), sealed_at: 2_000 + number }
}

/// Whether the engine refuses a statement because of what the table is.
async fn refused(db: &Db, sql: &'static str) -> bool {
    match in_tx!(db, |tx| tx.execute(sql, [])) {
        Err(StoreError::Engine { problem }) => problem.contains("rows are"),
        _ => false,
    }
}

on_both_engines! {
    async fn events_wait_for_their_seal_and_then_stand_in_the_chain(db) {
        let ids = three_events(&db).await;
        assert_eq!(audit::count_unsealed(&db).await.unwrap(), 3);
        let timeline = audit::timeline(&db, "r1").await.unwrap();
        assert_eq!(timeline.iter().map(|event| event.action.as_str()).collect::<Vec<_>>(),
            ["request.submitted", "request.approved", "disc.packed"]);
        in_tx!(db, |tx| audit::seal(tx, &[seal(1, &ids[0]), seal(2, &ids[1])])).unwrap();
        assert_eq!(audit::unsealed(&db, 10).await.unwrap().len(), 1);
        assert_eq!(audit::last_seal(&db).await.unwrap(), Some(seal(2, &ids[1])));
        assert_eq!(audit::last_seal_before(&db, 2_002).await.unwrap(), Some(seal(1, &ids[0])));
        let page = audit::chain(&db, 1, 10).await.unwrap();
        assert_eq!((&page[0].0, page[0].1.as_ref().map(|event| event.id.as_str())), (&seal(2, &ids[1]), Some(ids[1].as_str())));
        assert_eq!(audit::newest(&db, None, 1).await.unwrap()[0].id, ids[2]);
        assert_eq!(audit::newest(&db, Some(&ids[1]), 5).await.unwrap()[0].id, ids[0]);
    }

    async fn one_number_and_one_event_are_sealed_once(db) {
        let ids = three_events(&db).await;
        in_tx!(db, |tx| audit::seal(tx, &[seal(1, &ids[0])])).unwrap();
        for again in [seal(1, &ids[1]), seal(2, &ids[0])] {
            assert!(in_tx!(db, |tx| audit::seal(tx, std::slice::from_ref(&again))).is_err());
        }
        assert_eq!(audit::count_unsealed(&db).await.unwrap(), 2);
    }

    async fn an_event_taken_out_of_the_waiting_list_is_missed(db) {
        three_events(&db).await;
        assert_eq!(audit::count_lost(&db).await.unwrap(), 0);
        super::run(&db, "DELETE FROM audit_unsealed".to_owned()).await;
        assert_eq!(audit::count_lost(&db).await.unwrap(), 3);
    }

    async fn what_was_recorded_is_neither_changed_nor_replaced_nor_taken_out(db) {
        let ids = three_events(&db).await;
        in_tx!(db, |tx| audit::seal(tx, &[seal(1, &ids[0])])).unwrap();
        let key = AuditKey { id: "k1".into(), public_key: "00".into(), sealed_seed: vec![1], key: KeptKey { data_key: vec![3], master_key_id: "m".into() } };
        in_tx!(db, |tx| audit::add_key(tx, &key)).unwrap();
        let head = DailyHead { day: date(2026, 3, 15), number: 1, hash: "h1".into(), key: "k1".into(), signature: "s".into() };
        in_tx!(db, |tx| audit::add_head(tx, &head)).unwrap();
        for sql in [
            "UPDATE audit_events SET action = 'x'",
            "DELETE FROM audit_events",
            "UPDATE audit_seals SET hash = 'x'",
            "DELETE FROM audit_seals",
            "UPDATE audit_heads SET number = 2",
            "DELETE FROM audit_heads",
        ] {
            assert!(refused(&db, sql).await, "{sql}");
        }
        let more: &[&'static str] = match db.dialect() {
            Dialect::Sqlite => &[
                "REPLACE INTO audit_events SELECT id, at, actor, 'x', subject_kind, subject, request, step, detail FROM audit_events",
                "INSERT OR REPLACE INTO audit_seals SELECT number, event, 'x', sealed_at FROM audit_seals",
                "INSERT OR REPLACE INTO audit_heads SELECT day, 9, hash, audit_key, signature FROM audit_heads",
            ],
            Dialect::Postgres => &["TRUNCATE audit_heads", "TRUNCATE audit_seals", "TRUNCATE audit_events CASCADE", "TRUNCATE disclosures"],
        };
        for sql in more {
            assert!(refused(&db, sql).await, "{sql}");
        }
        assert_eq!(audit::timeline(&db, "r1").await.unwrap().len(), 3);
        assert_eq!(audit::heads(&db).await.unwrap(), [head]);
        let wrapped = KeptKey { data_key: vec![2], master_key_id: "n".into() };
        in_tx!(db, |tx| audit::rewrap_key(tx, "k1", &wrapped)).unwrap();
        assert_eq!(audit::keys(&db).await.unwrap(), [AuditKey { key: wrapped, ..key }]);
    }

    async fn a_session_has_one_disclosure_of_a_thing_and_it_ends_once(db) {
        let request = request(date(2026, 3, 15));
        kept(&db, &request).await;
        let delivery = delivery(&request.id, by_mail());
        in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
        let new = NewDisclosure {
            request: request.id.clone(),
            delivery: delivery.id.clone(),
            what: "package",
            what_id: "p1".into(),
            session: "s1".into(),
            recipient: "Jane Doe, jane@example.org".into(),
            whole_bytes: 100,
        };
        let id = in_tx!(db, |tx| disclosures::begin(tx, "x1", &new, 5)).unwrap();
        assert_eq!(in_tx!(db, |tx| disclosures::begin(tx, "x2", &new, 6)).unwrap(), id);
        let other = NewDisclosure { session: "s2".into(), ..new };
        assert_eq!(in_tx!(db, |tx| disclosures::begin(tx, "x2", &other, 6)).unwrap(), "x2");
        let mut left = Intervals::default();
        left.add(10..30);
        in_tx!(db, |tx| disclosures::note_left(tx, &id, &left)).unwrap();
        assert_eq!(disclosures::begun_before(&db, 6, 10).await.unwrap().len(), 1);
        in_tx!(db, |tx| disclosures::end(tx, &id, DisclosureState::Abandoned, 9)).unwrap();
        assert!(in_tx!(db, |tx| disclosures::end(tx, &id, DisclosureState::Completed, 10)).is_err());
        let ended = disclosures::get(&db, &id).await.unwrap().unwrap();
        assert_eq!((ended.state, ended.left.bytes(), ended.ended_at), (DisclosureState::Abandoned, 20, Some(9)));
        assert_eq!(disclosures::of_request(&db, &request.id).await.unwrap().len(), 2);
        assert!(in_tx!(db, |tx| tx.execute("DELETE FROM disclosures", [])).is_err());
    }
}
