use super::{in_tx, on_both_engines};
use crate::model::{FindingKind, NewFinding, SubjectKind};
use crate::store::findings::{list, raise};
use imaging::chance::OsChance;
use serde_json::json;

fn finding(kind: FindingKind, subject: &str, detail: &str) -> NewFinding {
    NewFinding { kind, subject: subject.into(), detail: json!(detail) }
}

on_both_engines! {
    async fn a_finding_is_raised_once_and_keeps_its_first_detail(db) {
        let first = [finding(FindingKind::InstanceDamaged, "i1", "first"), finding(FindingKind::InstanceDiffers, "i1", "x")];
        in_tx!(db, |tx| raise(tx, &first, 1, &OsChance)).unwrap();
        let later = [finding(FindingKind::InstanceDamaged, "i1", "later"), finding(FindingKind::InstanceDamaged, "i2", "y")];
        in_tx!(db, |tx| raise(tx, &later, 2, &OsChance)).unwrap();
        let found = list(&db, ["i1", "i2"]).await.unwrap();
        assert_eq!(found.len(), 3);
        let damaged = found.iter().find(|found| found.subject == "i1" && found.kind == FindingKind::InstanceDamaged).unwrap();
        assert_eq!((damaged.detail.clone(), damaged.found_at), (json!("first"), 1));
        assert_eq!(damaged.kind.subject_kind(), SubjectKind::Instance);
        assert_eq!(list(&db, ["i2"]).await.unwrap().len(), 1);
        assert!(list(&db, []).await.unwrap().is_empty());
    }
}
