use super::on_both_engines;
use super::samples::{image, index};
use crate::model::StudyFilter;
use crate::store::db::Db;
use crate::store::studies;

/// Studies 1.0 … of one image each: name, date.
async fn library(db: &Db, studies: &[(&str, &str)]) {
    let one = |(at, (name, date)): (usize, &(&str, &str))| {
        let mut arrived = image(&format!("P{at}"), name, &format!("1.{at}"), 1);
        arrived.study.date = (*date).to_owned();
        arrived.study.accession_number = if at % 2 == 0 { format!("A{at}") } else { String::new() };
        arrived
    };
    index(db, &studies.iter().enumerate().map(one).collect::<Vec<_>>()).await;
}

async fn found(db: &Db, filter: StudyFilter) -> Vec<String> {
    let filter = StudyFilter { limit: if filter.limit == 0 { 50 } else { filter.limit }, ..filter };
    studies::list(db, &filter).await.unwrap().into_iter().map(|study| study.study_instance_uid).collect()
}

fn named(name: &str) -> StudyFilter {
    StudyFilter { name: Some(name.to_owned()), ..StudyFilter::default() }
}

on_both_engines! {
    async fn the_newest_study_date_comes_first_and_pages_follow_each_other(db) {
        library(&db, &[("A", "20260103"), ("B", ""), ("C", "20260105"), ("D", "20260103"), ("E", "20251231")]).await;
        let all = found(&db, StudyFilter::default()).await;
        assert_eq!((all[0].as_str(), all[3].as_str(), all[4].as_str()), ("1.2", "1.4", "1.1"));
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let page = studies::list(&db, &StudyFilter { limit: 2, before, ..StudyFilter::default() }).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.cursor());
            paged.extend(page.into_iter().map(|study| study.study_instance_uid));
        }
        assert_eq!(paged, all);
    }

    async fn a_name_is_found_by_the_beginning_of_any_of_its_groups_in_any_script(db) {
        library(&db, &[
            ("Yamada^Tarou=山田^太郎=やまだ^たろう", "20260101"),
            ("محمد^علي", "20260102"),
            ("ИВАНОВ^Иван", "20260103"),
            ("Müller^Jürgen", "20260104"),
            ("Doe^John", "20260105"),
            ("DOE^JANE", "20260106"),
            ("Do", "20260107"),
        ]).await;
        for (typed, expected) in [
            ("yam", &["1.0"][..]), ("山田", &["1.0"]), ("やま", &["1.0"]), ("محم", &["1.1"]), ("иван", &["1.2"]),
            ("ИВАНОВ иван", &["1.2"]), ("MÜLL", &["1.3"]), ("doe", &["1.5", "1.4"]), ("Doe, John", &["1.4"]),
            ("do", &["1.6", "1.5", "1.4"]), ("tarou", &[]), ("do%", &[]),
        ] {
            assert_eq!(found(&db, named(typed)).await, expected, "{typed}");
        }
    }

    async fn a_name_thousands_have_is_found_newest_first_too(db) {
        let arrivals: Vec<_> = (0..2_100).map(|at| {
            let name = if at % 100 == 0 { "Roe^Rita" } else { "Doe^Jane" };
            let mut arrived = image(&format!("P{at}"), name, &format!("1.{at}"), 1);
            arrived.study.date = format!("20{:06}", at);
            arrived
        }).collect();
        index(&db, &arrivals).await;
        let common = |limit| StudyFilter { limit, ..named("doe") };
        assert_eq!(found(&db, common(2)).await, ["1.2099", "1.2098"]);
        assert_eq!(found(&db, common(5_000)).await.len(), 2_079);
        assert_eq!(found(&db, StudyFilter { patient_id: Some("P7".into()), ..common(9) }).await, ["1.7"]);
        assert_eq!(found(&db, named("roe")).await.len(), 21);
        assert_eq!(found(&db, named(" ^")).await, found(&db, StudyFilter::default()).await, "no name at all");
    }

    async fn studies_are_found_by_number_accession_date_and_uid(db) {
        library(&db, &[("A", "20260101"), ("B", "20260102"), ("C", "20260103"), ("D", "20260104")]).await;
        let of = |change: fn(&mut StudyFilter)| { let mut filter = StudyFilter::default(); change(&mut filter); filter };
        for (filter, expected) in [
            (of(|f| f.patient_id = Some("P1".into())), &["1.1"][..]),
            (of(|f| { f.patient_id = Some("P1".into()); f.issuer = Some("HOSPITAL".into()); }), &["1.1"]),
            (of(|f| { f.patient_id = Some("P1".into()); f.issuer = Some("ELSEWHERE".into()); }), &[]),
            (of(|f| f.issuer = Some("HOSPITAL".into())), &["1.3", "1.2", "1.1", "1.0"]),
            (of(|f| f.accession_number = Some("A2".into())), &["1.2"]),
            (of(|f| f.accession_number = Some(String::new())), &[]),
            (of(|f| f.study_instance_uid = Some("1.0".into())), &["1.0"]),
            (of(|f| { f.study_date_from = Some("20260102".into()); f.study_date_to = Some("20260103".into()); }), &["1.2", "1.1"]),
            (of(|f| { f.name = Some("b".into()); f.study_date_from = Some("20260103".into()); }), &[]),
            (of(|f| { f.name = Some("c".into()); f.patient_id = Some("P2".into()); }), &["1.2"]),
            (of(|f| { f.name = Some("c".into()); f.accession_number = Some("A2".into()); f.limit = 1; }), &["1.2"]),
        ] {
            assert_eq!(found(&db, filter.clone()).await, expected, "{filter:?}");
        }
    }

    async fn a_study_shows_its_modalities_series_and_instances(db) {
        let mut arrivals: Vec<_> = (1..=6).map(|number| image("17", "Doe^Jane", "1.2", number)).collect();
        for (at, modality) in [(3, "SR"), (4, "CT"), (5, "")] {
            arrivals[at].series.series_instance_uid = format!("1.2.{at}");
            arrivals[at].series.modality = modality.to_owned();
        }
        index(&db, &arrivals).await;
        let study = studies::list(&db, &StudyFilter { limit: 1, ..StudyFilter::default() }).await.unwrap().remove(0);
        assert_eq!((study.series_count, study.instance_count), (4, 6));
        assert_eq!(study.modalities, ["CT", "SR"]);
    }
}
