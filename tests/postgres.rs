//! The whole of it with its rows in PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Site, kept, send};
use filmroom::app::block_on;
use filmroom::clock::SystemClock;
use filmroom::store::db::Db;
use imaging::samples;
use std::sync::Arc;

/// An empty schema on the server for tests, as a database address; `None`, said aloud, without a server.
fn empty_schema() -> Option<String> {
    let Some(server) = common::told("FILMROOM_TEST_POSTGRES") else {
        common::skipped(
            "no PostgreSQL; set FILMROOM_TEST_POSTGRES to an address on which schemas may be made",
        );
        return None;
    };
    block_on(async {
        let db = Db::open(&server.parse().unwrap(), Arc::new(SystemClock)).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.execute("DROP SCHEMA IF EXISTS filmroom_outside CASCADE", []).await.unwrap();
        tx.execute("CREATE SCHEMA filmroom_outside", []).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await;
    })
    .unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    Some(format!("{server}{joint}options=-csearch_path%3Dfilmroom_outside"))
}

#[test]
fn what_is_sent_is_kept_settled_and_sound_with_rows_in_postgresql() {
    let Some(url) = empty_schema() else { return };
    let site = Site::new().with("DATABASE__URL", &url);
    let service = site.serve();
    let study = samples::ct(5, 11);
    send::send(service.dimse, &study);
    service.kill();
    let service = site.serve();
    send::send(service.dimse, &samples::xray(11));
    kept::settled(&site);
    service.stop();
    let report = site.assert_sound();
    assert_eq!(report["archived_instances"], 6, "{report}");
    let listed = site.json(&["studies", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    assert!(!site.data().join("filmroom.db").exists(), "no other database is made");
}
