use super::samples::{NODE, begin_archive, image, images, index, index_study, member};
use super::{in_tx, on_both_engines};
use crate::model::{FindingKind, Place, SettledInstance, StudyFilter};
use crate::store::db::Db;
use crate::store::{StoreError, findings, studies};
use imaging::chance::OsChance;

async fn settled_at(db: &Db) -> Option<i64> {
    studies::list(db, &StudyFilter { limit: 1, ..StudyFilter::default() }).await.unwrap()[0].settled_at
}

on_both_engines! {
    async fn settling_moves_instances_from_the_spool_into_an_archive(db) {
        let arrivals = images("17", "Doe^Jane", "1.2", 300);
        let study = index_study(&db, &arrivals).await;
        let archive = begin_archive(&db, &study).await.id;
        assert_eq!(studies::spooled_of(&db, &study, NODE).await.unwrap().len(), 300);
        assert!(!in_tx!(db, |tx| studies::note_settled(tx, &study, 9_000)).unwrap());
        let members: Vec<SettledInstance> = (0..).zip(&arrivals).map(|(at, row)| member(&row.id, at * 100)).collect();
        in_tx!(db, |tx| studies::settled(tx, &archive, NODE, &members)).unwrap();
        assert!(in_tx!(db, |tx| studies::note_settled(tx, &study, 9_000)).unwrap());
        assert!(studies::spooled_of(&db, &study, NODE).await.unwrap().is_empty());
        assert!(studies::generations_in_use(&db, NODE).await.unwrap().is_empty());
        let row = studies::instance(&db, &arrivals[7].id).await.unwrap().unwrap();
        assert_eq!(row.place, Place::Archive { archive, member: members[7].clone() });
        assert_eq!(settled_at(&db).await, Some(9_000));
        index(&db, &[image("17", "Doe^Jane", "1.2", 301)]).await;
        assert_eq!(settled_at(&db).await, None, "a late instance opens the study again");
    }

    async fn settling_what_is_not_in_the_spool_changes_nothing(db) {
        let arrivals = images("17", "Doe^Jane", "1.2", 2);
        let study = index_study(&db, &arrivals).await;
        let archive = begin_archive(&db, &study).await.id;
        let members = [member(&arrivals[0].id, 0), member("nobody", 100)];
        let refused = in_tx!(db, |tx| studies::settled(tx, &archive, NODE, &members));
        assert!(matches!(refused, Err(StoreError::WrongCount { expected: 2, found: 1, .. })));
        let refused = in_tx!(db, |tx| studies::settled(tx, &archive, "node-b", &members[..1]));
        assert!(matches!(refused, Err(StoreError::WrongCount { expected: 1, found: 0, .. })));
        assert_eq!(studies::spooled_of(&db, &study, NODE).await.unwrap().len(), 2);
        in_tx!(db, |tx| studies::settled(tx, &archive, NODE, &members[..1])).unwrap();
        assert!(in_tx!(db, |tx| studies::settled(tx, &archive, NODE, &members[..1])).is_err(), "settled already");
    }

    async fn segments_are_in_use_while_an_unsettled_instance_has_bytes_there(db) {
        let mut arrivals = images("17", "Doe^Jane", "1.2", 3);
        (arrivals[1].spool_first, arrivals[1].spool_last) = (5, 8);
        arrivals[2].node = "node-b".into();
        index(&db, &arrivals).await;
        let used = studies::generations_in_use(&db, NODE).await.unwrap();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), [3, 5, 6, 7, 8]);
        assert_eq!(studies::generations_in_use(&db, "node-b").await.unwrap().into_iter().collect::<Vec<_>>(), [3]);
    }

    async fn a_dropped_duplicate_is_gone_and_not_taken_in_again(db) {
        let (first, again) = (image("17", "Doe^Jane", "1.2", 1), image("17", "Doe^Jane", "1.2", 1));
        let study = index_study(&db, &[first.clone(), again.clone()]).await;
        in_tx!(db, |tx| studies::drop_duplicate(tx, &again.id, &first.id, 9_000)).unwrap();
        assert!(studies::instance(&db, &again.id).await.unwrap().is_none());
        assert!(index(&db, &[first.clone(), again.clone()]).await.is_empty());
        assert_eq!(studies::instances_of(&db, &study).await.unwrap().len(), 1);
        assert_eq!(in_tx!(db, |tx| studies::forget_dropped(tx, 9_000)).unwrap(), 0);
        assert_eq!(in_tx!(db, |tx| studies::forget_dropped(tx, 9_001)).unwrap(), 1);
        assert_eq!(studies::known(&db, [again.id.as_str()]).await.unwrap().len(), 0);
    }

    async fn the_last_arrival_of_a_sop_instance_cannot_be_dropped(db) {
        let (first, again, other) =
            (image("17", "Doe^Jane", "1.2", 1), image("17", "Doe^Jane", "1.2", 1), image("17", "Doe^Jane", "1.2", 2));
        index(&db, &[first.clone(), again.clone(), other.clone()]).await;
        for (id, same_as) in [(&first.id, &again.id), (&first.id, &first.id), (&again.id, &again.id), (&again.id, &other.id)] {
            assert!(in_tx!(db, |tx| studies::drop_duplicate(tx, id, same_as, 9_000)).is_err());
        }
        assert_eq!(studies::totals(&db).await.unwrap().instances, 3);
    }

    async fn what_is_kept_of_two_arrivals_is_the_current_one_whichever_was_indexed_first(db) {
        let (first, again) = (image("17", "Doe^Jane", "1.2", 1), image("17", "Doe^Jane", "1.2", 1));
        let study = index_study(&db, &[first.clone(), again.clone()]).await;
        let archive = begin_archive(&db, &study).await.id;
        in_tx!(db, |tx| studies::settled(tx, &archive, NODE, &[member(&again.id, 0)])).unwrap();
        in_tx!(db, |tx| studies::drop_duplicate(tx, &first.id, &again.id, 9_000)).unwrap();
        let rows = studies::instances_of(&db, &study).await.unwrap();
        assert_eq!(rows.iter().map(|row| (row.id.clone(), row.current)).collect::<Vec<_>>(), [(again.id, true)]);
    }

    async fn a_damaged_instance_keeps_why(db) {
        let arrived = image("17", "Doe^Jane", "1.2", 1);
        index(&db, std::slice::from_ref(&arrived)).await;
        for note in ["ends in the middle of an item", "ends in the middle of an item", "wrong length"] {
            in_tx!(db, |tx| studies::mark_damaged(tx, &arrived.id, note, 9_000, &OsChance)).unwrap();
        }
        let row = studies::instance(&db, &arrived.id).await.unwrap().unwrap();
        assert!(row.damaged);
        let found = findings::list(&db, [arrived.id.as_str()]).await.unwrap();
        assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [FindingKind::InstanceDamaged]);
        assert_eq!(row.notes, ["ends in the middle of an item", "wrong length"]);
        assert!(matches!(in_tx!(db, |tx| studies::mark_damaged(tx, "nobody", "x", 9_000, &OsChance)), Err(StoreError::Missing { .. })));
    }

    async fn a_study_is_read_by_series_and_image_number(db) {
        let mut arrivals = images("17", "Doe^Jane", "1.2", 3);
        arrivals[0].instance_number = None;
        arrivals[2].series.series_instance_uid = "1.2.0".into();
        arrivals[2].series.number = None;
        let study = index_study(&db, &arrivals).await;
        let order: Vec<String> = studies::instances_of(&db, &study).await.unwrap().into_iter().map(|row| row.id).collect();
        assert_eq!(order, [arrivals[1].id.clone(), arrivals[0].id.clone(), arrivals[2].id.clone()]);
    }
}
