use super::samples::{NODE, begin_archive, images, index_study};
use super::{in_tx, on_both_engines};
use crate::model::NewMessage;
use crate::model::{ArchiveSizes, ArchiveState, DiscSeal, KeptKey, SealedBytes};
use crate::store::archives::{abandon, get, keep, kept_after, kept_of, unfinished};
use crate::store::keys::{Holder, rewrap, wrapped_by};
use crate::store::{StoreError, disc_seals, links, messages};

const SIZES: ArchiveSizes = ArchiveSizes { blob_bytes: 1_016, plain_bytes: 1_000, source_bytes: 3_000 };

on_both_engines! {
    async fn an_archive_is_unfinished_until_it_is_kept(db) {
        let study = index_study(&db, &images("17", "Doe^Jane", "1.2", 1)).await;
        let archive = begin_archive(&db, &study).await;
        let found = unfinished(&db, NODE).await.unwrap();
        assert_eq!((found.len(), &found[0].blob_key, &found[0].key), (1, &archive.blob_key, &archive.key));
        assert!(unfinished(&db, "node-b").await.unwrap().is_empty());
        in_tx!(db, |tx| keep(tx, &archive.id, SIZES, 9_100)).unwrap();
        assert!(unfinished(&db, NODE).await.unwrap().is_empty());
        let kept = get(&db, &archive.id).await.unwrap().unwrap();
        assert_eq!(kept.state, ArchiveState::Kept { sizes: SIZES, kept_at: 9_100 });
        assert_eq!(kept_of(&db, &study).await.unwrap(), [kept]);
        assert!(in_tx!(db, |tx| keep(tx, &archive.id, SIZES, 9_200)).is_err(), "kept already");
        assert!(in_tx!(db, |tx| abandon(tx, &archive.id)).is_err(), "kept already");
    }

    async fn an_abandoned_archive_is_forgotten(db) {
        let study = index_study(&db, &images("17", "Doe^Jane", "1.2", 1)).await;
        let archive = begin_archive(&db, &study).await;
        in_tx!(db, |tx| abandon(tx, &archive.id)).unwrap();
        assert!(get(&db, &archive.id).await.unwrap().is_none());
        assert!(matches!(in_tx!(db, |tx| keep(tx, &archive.id, SIZES, 1)), Err(StoreError::WrongCount { found: 0, .. })));
    }

    async fn kept_archives_are_paged_through(db) {
        let study = index_study(&db, &images("17", "Doe^Jane", "1.2", 1)).await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            let id = begin_archive(&db, &study).await.id;
            in_tx!(db, |tx| keep(tx, &id, SIZES, 9_100)).unwrap();
            ids.push(id);
        }
        begin_archive(&db, &study).await;
        ids.sort();
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = kept_after(&db, &after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after.clone_from(&last.id);
            seen.extend(page.into_iter().map(|archive| archive.id));
        }
        assert_eq!(seen, ids);
    }

    async fn a_key_is_rewrapped_once(db) {
        let study = index_study(&db, &images("17", "Doe^Jane", "1.2", 1)).await;
        let archive = begin_archive(&db, &study).await;
        let key = |byte, id: &str| KeptKey { data_key: vec![byte; 60], master_key_id: id.into() };
        let wrapped = wrapped_by(&db, Holder::Archive, "00aa", 10).await.unwrap();
        assert_eq!(wrapped, [(archive.id.clone(), key(7, "00aa"))]);
        in_tx!(db, |tx| rewrap(tx, Holder::Archive, &archive.id, "00aa", &key(9, "00bb"))).unwrap();
        assert!(in_tx!(db, |tx| rewrap(tx, Holder::Archive, &archive.id, "00aa", &key(8, "00cc"))).is_err());
        let row = get(&db, &archive.id).await.unwrap().unwrap();
        assert_eq!(row.key, key(9, "00bb"));
        assert!(wrapped_by(&db, Holder::Archive, "00aa", 10).await.unwrap().is_empty());
    }

    async fn every_kind_of_row_with_a_key_is_found_and_rewrapped(db) {
        let grant = super::links::new_grant(&db, 900).await;
        let key = |id: &str| KeptKey { data_key: vec![7; 60], master_key_id: id.into() };
        in_tx!(db, |tx| links::prepare(tx, "g1", &grant, 11)).unwrap();
        let proof = links::Proof { hmac: "ab".into(), key: key("00aa") };
        in_tx!(db, |tx| links::set_proof(tx, "g1", &proof)).unwrap();
        let mail = SealedBytes { sealed: vec![1], key: key("00aa") };
        let message = NewMessage {
            id: "m1".into(), request: grant.request.clone(), link_grant: None, kind: "link_ready",
            recipient: "jane@example.org".into(), mail,
        };
        in_tx!(db, |tx| messages::put(tx, &message, 12)).unwrap();
        let seal = DiscSeal {
            id: "s1".into(), request: grant.request, delivery: grant.delivery, package: grant.package,
            blob_key: "discs/s1".into(), key: key("00aa"), files_key: Some("discs/s1-0".into()), made_at: 13,
        };
        let code = SealedBytes { sealed: vec![1], key: key("00aa") };
        in_tx!(db, |tx| disc_seals::keep(tx, &seal, Some(&code))).unwrap();
        for name in ["discs/s1", "discs/s1-0"] {
            assert_eq!(disc_seals::by_blob_key(&db, name).await.unwrap(), Some(seal.clone()));
        }
        assert_eq!(disc_seals::after(&db, "", 10).await.unwrap(), std::slice::from_ref(&seal));
        assert_eq!(disc_seals::after(&db, &seal.id, 10).await.unwrap(), []);
        for holder in Holder::ALL {
            let wrapped = wrapped_by(&db, holder, "00aa", 10).await.unwrap();
            assert_eq!(wrapped.len(), 1, "{holder:?}");
            in_tx!(db, |tx| rewrap(tx, holder, &wrapped[0].0, "00aa", &key("00bb"))).unwrap();
            assert!(wrapped_by(&db, holder, "00aa", 10).await.unwrap().is_empty());
        }
    }
}
