//! A PostgreSQL server for tests.

use filmroom::app::block_on;
use filmroom::clock::SystemClock;
use filmroom::store::db::{Db, composed};
use std::sync::Arc;

/// An empty schema of this name on the server for tests, as a database address; `None`, said aloud, without a
/// server.
pub fn empty_schema(name: &str) -> Option<String> {
    let Some(server) = super::told("FILMROOM_TEST_POSTGRES") else {
        super::skipped(
            "no PostgreSQL; set FILMROOM_TEST_POSTGRES to an address on which schemas may be made",
        );
        return None;
    };
    block_on(async {
        let db = open(&server).await;
        let mut tx = db.begin().await.unwrap();
        for sql in [format!("DROP SCHEMA IF EXISTS {name} CASCADE"), format!("CREATE SCHEMA {name}")] {
            tx.execute(composed(sql), []).await.unwrap();
        }
        tx.commit().await.unwrap();
        db.close().await;
    })
    .unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    Some(format!("{server}{joint}options=-csearch_path%3D{name}"))
}

/// A database by its address, which may be SQLite's too.
pub async fn open(url: &str) -> Db {
    Db::open(&url.parse().unwrap(), Arc::new(SystemClock)).await.unwrap()
}
