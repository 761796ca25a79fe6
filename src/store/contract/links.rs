//! A package and a grant to try links with.

use super::desk::{delivery, kept, request};
use super::in_tx;
use super::samples::{begin_archive, images, index_study};
use crate::ids::new_id;
use crate::model::link::{NewLinkGrant, Rights};
use crate::model::package::{NewPackage, PackageCounts};
use crate::model::{Destination, KeptKey};
use crate::store::StoreError;
use crate::store::db::Db;
use crate::store::{archives, deliveries, packages};
use imaging::chance::OsChance;
use jiff::civil::date;

/// All a grant may allow.
pub(crate) const EVERYTHING: Rights = Rights { view: true, download: true, share: true };

/// A package of a request that is kept, in one archive.
pub(crate) async fn new_package(db: &Db, request: &str, contents: &str) -> NewPackage {
    let study = index_study(db, &images("17", "Doe^Jane", "1.2", 1)).await;
    let archive = begin_archive(db, &study).await;
    in_tx!(db, |tx| archives::keep(tx, &archive.id, Default::default(), 9)).unwrap();
    let id = new_id(5, &OsChance);
    NewPackage {
        blob_key: id.clone(),
        id,
        request: request.into(),
        contents_digest: contents.into(),
        etag: format!("etag of {contents}"),
        zip_bytes: 1_000,
        counts: PackageCounts { studies: 1, series: 1, instances: 1, withheld: 0 },
        key: KeptKey { data_key: vec![7; 60], master_key_id: "00aa".into() },
        archives: vec![archive.id],
    }
}

/// A grant to a package of a request with a delivery by link, until `until`.
pub(crate) async fn new_grant(db: &Db, until: i64) -> NewLinkGrant {
    let request = request(date(2026, 3, 15));
    kept(db, &request).await;
    let delivery = delivery(&request.id, Destination::link(Some("jane@example.org".into())));
    in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
    let package = new_package(db, &request.id, "c1").await;
    in_tx!(db, |tx| packages::keep(tx, &package, 10)).unwrap();
    NewLinkGrant {
        request: request.id,
        delivery: delivery.id,
        shared_from: None,
        package: package.id,
        recipient: "Jane Doe".into(),
        language: "es".into(),
        rights: EVERYTHING,
        until,
    }
}

super::on_both_engines! {
    async fn versions_of_a_package_follow_each_other_and_links_open_the_last(db) {
        let grant = new_grant(&db, 900).await;
        let (request, first) = (grant.request.as_str(), grant.package.as_str());
        in_tx!(db, |tx| crate::store::links::prepare(tx, "g1", &grant, 11)).unwrap();
        let late = new_package(&db, request, "c2").await;
        assert_eq!(in_tx!(db, |tx| packages::keep(tx, &late, 20)).unwrap(), 2);
        assert_eq!(in_tx!(db, |tx| crate::store::links::hand_out(tx, request, &late.id)).unwrap(), 1);
        let current = packages::current_of(&db, request).await.unwrap().unwrap();
        assert_eq!((&current.id, current.version, current.contents_digest.as_str()), (&late.id, 2, "c2"));
        assert!(!packages::get(&db, first).await.unwrap().unwrap().current);
        assert_eq!(crate::store::links::get(&db, "g1").await.unwrap().unwrap().package, late.id);
        assert_eq!(packages::archives_of(&db, first).await.unwrap().len(), 1, "still pinned");
        let study = &packages::archives_of(&db, &late.id).await.unwrap()[0].study;
        assert_eq!(packages::requests_with(&db, study).await.unwrap(), [request]);
        assert_eq!(packages::by_blob_key(&db, &late.id).await.unwrap(), Some(current));
        let every = packages::after(&db, "", 10).await.unwrap();
        assert_eq!(every.len(), 2);
        assert_eq!(packages::after(&db, &every[0].id, 10).await.unwrap(), every[1..]);
    }

    async fn an_archive_that_a_package_needs_cannot_be_deleted(db) {
        let grant = new_grant(&db, 900).await;
        let archive = packages::archives_of(&db, &grant.package).await.unwrap()[0].id.clone();
        let mut tx = db.begin().await.unwrap();
        let deleted = tx.execute("DELETE FROM archives WHERE id = $1", [(&archive).into()]).await;
        assert!(matches!(deleted, Err(StoreError::Engine { .. })));
    }
}
