use super::samples::{NODE, image, images, index, index_study};
use super::{in_tx, on_both_engines};
use crate::model::{ArrivedInstance, FindingKind, StudyFilter, StudySummary};
use crate::store::db::Db;
use crate::store::{findings, studies};
use imaging::chance::OsChance;

async fn all(db: &Db) -> Vec<StudySummary> {
    studies::list(db, &StudyFilter { limit: 100, ..StudyFilter::default() }).await.unwrap()
}

async fn kinds_on(db: &Db, subject: &str) -> Vec<FindingKind> {
    findings::list(db, [subject]).await.unwrap().into_iter().map(|finding| finding.kind).collect()
}

fn with(mut arrived: ArrivedInstance, change: impl FnOnce(&mut ArrivedInstance)) -> ArrivedInstance {
    change(&mut arrived);
    arrived
}

on_both_engines! {
    async fn an_arrival_makes_a_patient_a_study_a_series_and_an_instance(db) {
        let arrived = image("17", "Doe^Jane", "1.2", 1);
        let study = index_study(&db, std::slice::from_ref(&arrived)).await;
        let listed = all(&db).await;
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].id.as_str(), listed[0].patient.name.as_str()), (study.as_str(), "Doe^Jane"));
        assert_eq!((listed[0].series_count, listed[0].instance_count), (1, 1));
        assert_eq!(listed[0].modalities, ["CT"]);
        assert_eq!((listed[0].first_arrival_at, listed[0].settled_at), (1_001, None));
        let row = studies::instance(&db, &arrived.id).await.unwrap().unwrap();
        assert_eq!((row.source, row.keys, row.size_bytes), (arrived.source, arrived.keys, 526_000));
        assert!(row.current && row.header_is_ours && !row.damaged);
    }

    async fn indexing_the_same_arrivals_again_changes_nothing(db) {
        let arrivals = images("17", "Doe^Jane", "1.2", 70);
        let touched = index(&db, &arrivals).await;
        assert_eq!((touched.len(), touched[0].node.as_str()), (1, NODE));
        let before = all(&db).await;
        assert!(index(&db, &arrivals).await.is_empty());
        let some_new: Vec<_> = arrivals.iter().cloned().chain([image("17", "Doe^Jane", "1.2", 71)]).collect();
        assert_eq!(index(&db, &some_new).await, touched);
        assert_eq!(index(&db, &[arrivals[0].clone(), arrivals[0].clone()]).await, []);
        let after = all(&db).await;
        assert_eq!((before[0].instance_count, after[0].instance_count, after.len()), (70, 71, 1));
    }

    async fn an_arrival_twice_in_one_batch_is_indexed_once(db) {
        let arrived = image("17", "Doe^Jane", "1.2", 1);
        index_study(&db, &[arrived.clone(), arrived]).await;
        assert_eq!(studies::totals(&db).await.unwrap().instances, 1);
    }

    async fn what_came_first_stays_and_what_was_empty_is_filled_in(db) {
        let bare = with(image("17", "", "1.2", 1), |arrived| {
            arrived.study.description.clear();
            arrived.study.date = "20260101".into();
            arrived.series.number = None;
            arrived.patient.birth_date.clear();
        });
        index(&db, &[bare]).await;
        index(&db, &[image("17", "Doe^Jane", "1.2", 2)]).await;
        index(&db, &[with(image("17", "Doe^Jane", "1.2", 3), |arrived| arrived.study.description = "Other".into())]).await;
        let study = all(&db).await.remove(0);
        assert_eq!((study.description.as_str(), study.study_date.as_str()), ("Chest", "20260101"));
        assert_eq!((study.patient.name.as_str(), study.patient.birth_date.as_str()), ("Doe^Jane", "19700102"));
        assert_eq!((study.first_arrival_at, study.last_arrival_at), (1_001, 1_003));
        assert_eq!(studies::instances_of(&db, &study.id).await.unwrap()[0].series_number, Some(1));
        assert!(kinds_on(&db, &study.patient.id).await.is_empty());
    }

    async fn one_study_under_two_patients_is_two_studies_both_flagged(db) {
        let one = index_study(&db, &images("17", "Doe^Jane", "1.2", 2)).await;
        let other = index_study(&db, &images("18", "Roe^Rita", "1.2", 2)).await;
        let third = index_study(&db, &images("17", "Doe^Jane", "1.3", 2)).await;
        assert_ne!(one, other);
        assert_eq!(kinds_on(&db, &one).await, [FindingKind::StudyUnderTwoPatients]);
        assert_eq!(kinds_on(&db, &other).await, [FindingKind::StudyUnderTwoPatients]);
        assert!(kinds_on(&db, &third).await.is_empty());
        assert!(studies::instances_of(&db, &other).await.unwrap().iter().all(|instance| instance.current));
    }

    async fn two_patients_of_one_study_in_one_batch_are_flagged_too(db) {
        let batch = [image("17", "Doe^Jane", "1.2", 1), image("18", "Roe^Rita", "1.2", 2)];
        let touched = index(&db, &batch).await;
        assert_eq!(touched.len(), 2);
        for study in touched {
            assert_eq!(kinds_on(&db, &study.study_id).await, [FindingKind::StudyUnderTwoPatients]);
        }
    }

    async fn one_patient_with_two_names_is_flagged_and_found_by_both(db) {
        index(&db, &[image("17", "Doe^Jane", "1.2", 1)]).await;
        index(&db, &[image("17", "DOE^JANE^", "1.3", 1)]).await;
        let patient = all(&db).await[0].patient.id.clone();
        assert!(kinds_on(&db, &patient).await.is_empty(), "the same name in other letters");
        index(&db, &[image("17", "Roe^Jane", "1.3", 2)]).await;
        assert_eq!(kinds_on(&db, &patient).await, [FindingKind::PatientTwoNames]);
        let finding = findings::list(&db, [patient.as_str()]).await.unwrap().remove(0);
        assert_eq!(finding.detail, serde_json::json!({ "kept": "Doe^Jane", "came": "Roe^Jane" }));
        for name in ["doe", "roe"] {
            let filter = StudyFilter { name: Some(name.into()), limit: 10, ..StudyFilter::default() };
            assert_eq!(studies::list(&db, &filter).await.unwrap().len(), 2, "{name}");
        }
    }

    async fn one_patient_with_two_birth_dates_is_flagged(db) {
        let other = with(image("17", "Doe^Jane", "1.2", 2), |arrived| arrived.patient.birth_date = "19710102".into());
        index(&db, &[image("17", "Doe^Jane", "1.2", 1), other]).await;
        let patient = all(&db).await[0].patient.id.clone();
        let found = findings::list(&db, [patient.as_str()]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, FindingKind::PatientTwoBirthDates);
        assert_eq!(found[0].detail, serde_json::json!({ "kept": "19700102", "came": "19710102" }));
    }

    async fn the_same_number_from_two_issuers_is_two_patients_and_no_number_is_nobody(db) {
        let elsewhere = with(image("17", "Doe^Jane", "1.3", 1), |arrived| arrived.patient.issuer = "ELSEWHERE".into());
        index(&db, &[image("17", "Doe^Jane", "1.2", 1), elsewhere]).await;
        index(&db, &[image("", "Doe^Jane", "1.4", 1), image("", "Doe^Jane", "1.5", 1), image("", "", "1.5", 2)]).await;
        let totals = studies::totals(&db).await.unwrap();
        assert_eq!((totals.patients, totals.studies, totals.instances, totals.spooled), (4, 4, 5, 5));
    }

    async fn the_first_arrival_of_a_sop_instance_is_current(db) {
        let first = image("17", "Doe^Jane", "1.2", 1);
        let in_batch = with(image("17", "Doe^Jane", "1.2", 1), |arrived| arrived.received_at = 1_002);
        let study = index_study(&db, &[first.clone(), in_batch]).await;
        index(&db, &[with(image("17", "Doe^Jane", "1.2", 1), |arrived| arrived.received_at = 1_003)]).await;
        let arrivals = studies::instances_of(&db, &study).await.unwrap();
        let current: Vec<_> = arrivals.iter().filter(|row| row.current).map(|row| &row.id).collect();
        assert_eq!((arrivals.len(), current), (3, vec![&first.id]));
        assert_eq!(all(&db).await[0].instance_count, 1);
    }

    async fn padding_and_control_characters_do_no_harm(db) {
        let padded = with(image("17\0", "Doe^Jane\0", "1.2\0", 1), |arrived| {
            arrived.sop_instance_uid.push('\0');
            arrived.notes.push("padded with \0".into());
        });
        index(&db, std::slice::from_ref(&padded)).await;
        index(&db, &[image("17", "Doe^Jane", "1.2", 2)]).await;
        assert_eq!(studies::totals(&db).await.unwrap().studies, 1);
        assert_eq!(studies::instance(&db, &padded.id).await.unwrap().unwrap().notes, padded.notes);
    }

    async fn five_thousand_instances_of_fifty_studies_go_in_by_the_thousand(db) {
        let study = |number: i64| images(&format!("P{number}"), "Doe^Jane", &format!("1.2.{number}"), 100);
        let arrivals: Vec<_> = (0..50).flat_map(study).collect();
        for batch in arrivals.chunks(1_000) {
            index(&db, batch).await;
        }
        let totals = studies::totals(&db).await.unwrap();
        assert_eq!((totals.patients, totals.studies, totals.series, totals.instances), (50, 50, 50, 5_000));
        let known = studies::known(&db, arrivals.iter().map(|arrived| arrived.id.as_str())).await.unwrap();
        assert_eq!(known.len(), 5_000);
        assert!(all(&db).await.iter().all(|study| study.instance_count == 100));
    }

    async fn two_nodes_that_index_at_once_agree(db) {
        let tasks: Vec<_> = (0..8_i64).map(|node| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..5_i64 {
                    let patient = if (node + round) % 2 == 0 { "17" } else { "18" };
                    let batch: Vec<_> = (1..=3).flat_map(|study| images(patient, "Doe^Jane", &format!("1.{study}"), 3)).collect();
                    in_tx!(db, |tx| studies::index_arrivals(tx, &batch, 5_000, &OsChance)).unwrap();
                }
            })
        }).collect();
        for task in tasks {
            task.await.unwrap();
        }
        let studies = all(&db).await;
        assert_eq!((studies.len(), studies::totals(&db).await.unwrap().instances), (6, 8 * 5 * 9));
        for study in studies {
            assert_eq!(study.instance_count, 3, "one current arrival of each SOP Instance");
            assert_eq!(kinds_on(&db, &study.id).await, [FindingKind::StudyUnderTwoPatients]);
        }
    }
}
