//! What every repository promises, tried on both engines.
//!
//! SQLite always; PostgreSQL where `FILMROOM_TEST_POSTGRES` names a server on which schemas may be made.
//! With `FILMROOM_TEST_REQUIRE_POSTGRES=1` a missing server is a failure instead of a loud line.

mod archives;
mod arrivals;
mod audit;
mod db;
pub(crate) mod desk;
pub(crate) mod discs;
mod findings;
mod jobs;
pub(crate) mod links;
mod listing;
pub(crate) mod samples;
mod settling;

use super::db::{Db, composed};
use super::migrations::migrate;
use crate::clock::SystemClock;
use crate::ids::new_id;
use imaging::chance::OsChance;
use std::io::Write;
use std::sync::{Arc, Once};

/// Writes each test twice: `on_sqlite` and `on_postgres`, with a fresh database in `$db`.
macro_rules! on_both_engines {
    ($(async fn $name:ident($db:ident) $body:block)*) => {
        $(async fn $name($db: crate::store::db::Db) $body)*

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::store::contract::on_sqlite(super::$name).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::store::contract::on_postgres(super::$name).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;

static SKIPPED: Once = Once::new();

/// Every test begins as a cluster does: two nodes start at once and both bring the schema up to date.
async fn migrated(url: &str) -> Db {
    let db = Db::open(&url.parse().unwrap(), Arc::new(SystemClock)).await.unwrap();
    let (one, other) = tokio::join!(migrate(&db, &SystemClock), migrate(&db, &SystemClock));
    assert_eq!(one.unwrap().to, other.unwrap().to);
    db
}

pub(crate) async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("filmroom.db").display());
    let db = migrated(&url).await;
    test(db.clone()).await;
    db.close().await;
}

pub(crate) async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let Some(server) = environment("FILMROOM_TEST_POSTGRES") else {
        assert!(
            environment("FILMROOM_TEST_REQUIRE_POSTGRES").is_none(),
            "FILMROOM_TEST_POSTGRES is required"
        );
        SKIPPED.call_once(|| {
            writeln!(std::io::stderr(), "SKIPPED: PostgreSQL leg (set FILMROOM_TEST_POSTGRES)").unwrap();
        });
        return;
    };
    let schema = format!("test_{}", new_id(0, &OsChance).replace('-', ""));
    let admin = Db::open(&server.parse().unwrap(), Arc::new(SystemClock)).await.unwrap();
    run(&admin, format!("CREATE SCHEMA {schema}")).await;
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-csearch_path%3D{schema}");
    let db = migrated(&url).await;
    test(db.clone()).await;
    db.close().await;
    run(&admin, format!("DROP SCHEMA {schema} CASCADE")).await;
    admin.close().await;
}

#[expect(clippy::disallowed_methods, reason = "a test is configured by its environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn run(db: &Db, sql: String) {
    let mut tx = db.begin().await.unwrap();
    tx.execute(composed(sql), []).await.unwrap();
    tx.commit().await.unwrap();
}

/// Runs the calls in a transaction of their own: `in_tx!(db, |tx| f(tx, …))`.
macro_rules! in_tx {
    ($db:expr, |$tx:ident| $call:expr) => {{
        let mut transaction = $db.begin().await.unwrap();
        let $tx = &mut transaction;
        let result = $call.await;
        if result.is_ok() {
            transaction.commit().await.unwrap();
        }
        result
    }};
}
pub(crate) use in_tx;
