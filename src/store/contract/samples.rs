//! Arrivals to try repositories with.

use super::in_tx;
use crate::ids::new_id;
use crate::model::{
    ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, KeptKey, MemberMethod, NewArchive,
    SettledInstance, Source,
};
use crate::store::archives;
use crate::store::db::Db;
use crate::store::studies::{TouchedStudy, index_arrivals};
use imaging::chance::OsChance;

pub(crate) const NODE: &str = "node-a";

/// The `number`th CT image of a study of a patient.
pub(crate) fn image(patient_id: &str, name: &str, study: &str, number: i64) -> ArrivedInstance {
    ArrivedInstance {
        id: new_id(1_000 + number, &OsChance),
        node: NODE.to_owned(),
        received_at: 1_000 + number,
        source: Source::Dimse { calling_ae: "CT1".into(), called_ae: "FILMROOM".into() },
        patient: ArrivedPatient {
            issuer: "HOSPITAL".into(),
            id: patient_id.into(),
            name: name.into(),
            birth_date: "19700102".into(),
            sex: "F".into(),
        },
        study: ArrivedStudy {
            study_instance_uid: study.into(),
            date: "20260315".into(),
            time: "101500".into(),
            accession_number: format!("A{study}"),
            study_id: "1".into(),
            description: "Chest".into(),
            referring_physician: "Ref^Erring".into(),
        },
        series: ArrivedSeries {
            series_instance_uid: format!("{study}.1"),
            modality: "CT".into(),
            number: Some(1),
            description: "axial".into(),
        },
        sop_instance_uid: format!("{study}.1.{number}"),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
        instance_number: Some(number),
        size_bytes: 526_000,
        header_bytes: 380,
        header_is_ours: true,
        keys: r#"{"rows":512}"#.into(),
        notes: Vec::new(),
        spool_first: 3,
        spool_last: 3,
        extents: format!("[[3,{number}]]"),
    }
}

/// The images 1 to `count` of one study.
pub(crate) fn images(patient_id: &str, name: &str, study: &str, count: i64) -> Vec<ArrivedInstance> {
    (1..=count).map(|number| image(patient_id, name, study, number)).collect()
}

/// Indexes arrivals in a transaction of their own.
pub(crate) async fn index(db: &Db, arrivals: &[ArrivedInstance]) -> Vec<TouchedStudy> {
    in_tx!(db, |tx| index_arrivals(tx, arrivals, 5_000, &OsChance)).unwrap()
}

/// Indexes arrivals of one study; the study's row.
pub(crate) async fn index_study(db: &Db, arrivals: &[ArrivedInstance]) -> String {
    let touched = index(db, arrivals).await;
    assert_eq!(touched.len(), 1);
    touched[0].study_id.clone()
}

/// An archive of a study that is about to be written.
pub(crate) async fn begin_archive(db: &Db, study: &str) -> NewArchive {
    let id = new_id(9_000, &OsChance);
    let archive = NewArchive {
        blob_key: format!("studies/{id}"),
        id,
        study: study.to_owned(),
        node: NODE.to_owned(),
        key: KeptKey { data_key: vec![7; 60], master_key_id: "00aa".to_owned() },
    };
    in_tx!(db, |tx| archives::begin(tx, &archive, 9_000)).unwrap();
    archive
}

/// An instance as a member of an archive.
pub(crate) fn member(id: &str, offset: u64) -> SettledInstance {
    SettledInstance {
        id: id.to_owned(),
        member_offset: offset,
        member_bytes: 100,
        member_method: MemberMethod::Deflate,
        crc32: 0xffff_fffe,
        sha256: "ab".repeat(32),
        dataset_sha256: "cd".repeat(32),
    }
}
