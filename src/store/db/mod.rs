//! Two engines behind one small module.
//!
//! A repository writes one SQL text, with `$1` for parameters, and runs it through [`Read`] (on a
//! [`Db`] or within a [`Tx`]) or [`Tx::execute`]. Where the engines differ, [`Dialect`] has a name for
//! it. SQLite has one writing connection and several reading ones; every write transaction is `BEGIN
//! IMMEDIATE`, so that none fails half way for want of the lock.

mod dialect;
mod fate;
mod many;
mod open;
mod row;
mod tx;
mod url;
mod value;

pub use dialect::Dialect;
pub use fate::{Fate, Moment};
pub use many::Many;
pub use row::{Column, Row, read_all};
pub use sqlx::{AssertSqlSafe as Composed, SqlSafeStr, SqlStr};
pub use tx::{Gate, Tx, expect_one_row};
pub use url::DatabaseUrl;
pub use value::{Value, list};

use crate::clock::Clock;
use crate::store::StoreError;
use sqlx::{PgPool, SqlitePool};
use std::sync::Arc;

/// A database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    /// This machine's clock.
    machine: Arc<dyn Clock>,
    /// What leases are measured by instead of the database's clock.
    clock: Option<Arc<dyn Clock>>,
    fate: Option<Arc<dyn Fate>>,
}

#[derive(Clone)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl Db {
    /// Connects. The schema is not touched: see [`crate::store::migrations`]. `machine` is this machine's clock.
    ///
    /// # Errors
    /// If there is no such database or it does not let us in.
    pub async fn open(url: &DatabaseUrl, machine: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let pools = match url {
            DatabaseUrl::Sqlite(path) => open::sqlite(path).await?,
            DatabaseUrl::Postgres(url) => open::postgres(url).await?,
        };
        Ok(Self { pools, machine, clock: None, fate: None })
    }

    /// The same database, with leases measured by `clock`: for tests and simulation.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// The same database, used by a process that dies where `fate` says: for simulation.
    #[must_use]
    pub fn with_fate(self, fate: Arc<dyn Fate>) -> Self {
        Self { fate: Some(fate), ..self }
    }

    /// The engine.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that may write. Dropped without [`Tx::commit`] it has done nothing.
    ///
    /// # Errors
    /// If the database fails or nobody lets go of the lock in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        fate::outlive(self.fate.as_ref(), Moment::Beginning).await;
        let tx = match &self.pools {
            Pools::Sqlite { writer, .. } => {
                Tx::of_sqlite(writer.begin_with("BEGIN IMMEDIATE").await?, self.time())
            }
            Pools::Postgres(pool) => Tx::of_postgres(pool.begin().await?, self.clock.clone()),
        };
        Ok(tx.with_fate(self.fate.clone()))
    }

    /// Every row of a query.
    ///
    /// # Errors
    /// If the database refuses or fails.
    pub async fn fetch_all<'v>(
        &self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<Vec<Row>, StoreError> {
        let (sql, params) = (sql.into_sql_str(), params.into());
        match &self.pools {
            Pools::Sqlite { readers, .. } => tx::sqlite_rows(readers, sql, params).await,
            Pools::Postgres(pool) => tx::postgres_rows(pool, sql, params).await,
        }
    }

    /// The only row of a query.
    ///
    /// # Errors
    /// If there is none or more than one, or the database fails.
    pub async fn fetch_one<'v>(
        &self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<Row, StoreError> {
        tx::only(self.fetch_all(sql, params).await?)?.ok_or(StoreError::Missing { table: "a query" })
    }

    /// The only row of a query, or nothing.
    ///
    /// # Errors
    /// If there is more than one, or the database fails.
    pub async fn fetch_optional<'v>(
        &self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<Option<Row>, StoreError> {
        tx::only(self.fetch_all(sql, params).await?)
    }

    /// Closes every connection, SQLite's write-ahead log folded in.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// An SQLite file is read on the machine it lies on: that machine's clock is the database's.
    fn time(&self) -> Arc<dyn Clock> {
        self.clock.as_ref().unwrap_or(&self.machine).clone()
    }
}

/// What can be asked: a [`Db`] for what is committed, a [`Tx`] for what the transaction sees.
pub trait Read: Send {
    /// The engine.
    fn dialect(&self) -> Dialect;

    /// Every row of a query.
    ///
    /// # Errors
    /// If the database refuses or fails.
    fn rows(
        &mut self,
        sql: SqlStr,
        params: Vec<Value<'_>>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// The only row of a query, or nothing.
    ///
    /// # Errors
    /// If there is more than one, or the database fails.
    fn row(
        &mut self,
        sql: SqlStr,
        params: Vec<Value<'_>>,
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send {
        async { tx::only(self.rows(sql, params).await?) }
    }
}

impl Read for &Db {
    fn dialect(&self) -> Dialect {
        Db::dialect(self)
    }

    async fn rows(&mut self, sql: SqlStr, params: Vec<Value<'_>>) -> Result<Vec<Row>, StoreError> {
        self.fetch_all(sql, params).await
    }
}

impl Read for &mut Tx {
    fn dialect(&self) -> Dialect {
        Tx::dialect(self)
    }

    async fn rows(&mut self, sql: SqlStr, params: Vec<Value<'_>>) -> Result<Vec<Row>, StoreError> {
        self.fetch_all(sql, params).await
    }
}

/// So that a function that was given a reader can ask it more than once.
impl<R: Read> Read for &mut R {
    fn dialect(&self) -> Dialect {
        R::dialect(self)
    }

    async fn rows(&mut self, sql: SqlStr, params: Vec<Value<'_>>) -> Result<Vec<Row>, StoreError> {
        R::rows(self, sql, params).await
    }
}

/// SQL put together from parts, none of which is a value: values are always parameters.
#[must_use]
pub fn composed(sql: String) -> SqlStr {
    Composed(sql).into_sql_str()
}
