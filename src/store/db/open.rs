//! How each engine is opened.

use super::Pools;
use crate::store::StoreError;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

const BUSY: Duration = Duration::from_secs(10);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

pub(super) async fn sqlite(path: &Path) -> Result<Pools, StoreError> {
    make_private(path)?;
    let common = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY);
    // Memory is the service's scarcest promise, and the page cache serves what these do not hold. A
    // checkpoint of 32 MiB writes a page once that many transactions changed.
    let writing = common.clone().pragma("cache_size", "-8192").pragma("wal_autocheckpoint", "8192");
    let reading = common.pragma("cache_size", "-4096").pragma("query_only", "on");
    let forever = || PoolOptions::new().idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    let writer = forever().max_connections(1).connect_with(writing).await?;
    let readers = forever().max_connections(SQLITE_READERS).connect_with(reading).await?;
    Ok(Pools::Sqlite { writer, readers })
}

/// Makes the file readable by its owner only; SQLite gives its log files the same mode.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map(drop).map_err(StoreError::File)
}

pub(super) async fn postgres(url: &str) -> Result<Pools, StoreError> {
    let options = sqlx::postgres::PgConnectOptions::from_str(url).map_err(|_| StoreError::BadUrl)?;
    let pool = PoolOptions::new().max_connections(POSTGRES_CONNECTIONS).connect_with(options).await?;
    Ok(Pools::Postgres(pool))
}
