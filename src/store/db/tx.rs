//! A transaction, and how values and rows pass to and from each driver.

use super::fate::{Fate, Moment, outlive};
use super::{Dialect, Row, Value};
use crate::clock::Clock;
use crate::store::StoreError;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Executor, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction, Type};
use std::sync::Arc;

/// A transaction that may write. Dropped without [`Tx::commit`] it has done nothing.
pub struct Tx {
    engine: Engine,
    fate: Option<Arc<dyn Fate>>,
}

enum Engine {
    Sqlite(Transaction<'static, Sqlite>, Arc<dyn Clock>),
    Postgres(Transaction<'static, Postgres>, Option<Arc<dyn Clock>>),
}

impl Tx {
    pub(super) fn of_sqlite(tx: Transaction<'static, Sqlite>, clock: Arc<dyn Clock>) -> Self {
        Self { engine: Engine::Sqlite(tx, clock), fate: None }
    }

    pub(super) fn of_postgres(tx: Transaction<'static, Postgres>, clock: Option<Arc<dyn Clock>>) -> Self {
        Self { engine: Engine::Postgres(tx, clock), fate: None }
    }

    pub(super) fn with_fate(self, fate: Option<Arc<dyn Fate>>) -> Self {
        Self { fate, ..self }
    }

    /// The engine.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Sqlite(..) => Dialect::Sqlite,
            Engine::Postgres(..) => Dialect::Postgres,
        }
    }

    /// Makes everything done so far durable and seen by others.
    ///
    /// # Errors
    /// If the database fails; then nothing was done.
    pub async fn commit(self) -> Result<(), StoreError> {
        outlive(self.fate.as_ref(), Moment::Committing).await;
        match self.engine {
            Engine::Sqlite(tx, _) => tx.commit().await?,
            Engine::Postgres(tx, _) => tx.commit().await?,
        }
        outlive(self.fate.as_ref(), Moment::Committed).await;
        Ok(())
    }

    /// Runs a statement and counts the rows it changed.
    ///
    /// # Errors
    /// If the database refuses or fails.
    pub async fn execute<'v>(
        &mut self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<u64, StoreError> {
        let (sql, params) = (sql.into_sql_str(), params.into());
        match &mut self.engine {
            Engine::Sqlite(tx, _) => {
                let query = sqlx::query_with(sql, sqlite_arguments(params)?);
                Ok(query.execute(&mut **tx).await?.rows_affected())
            }
            Engine::Postgres(tx, _) => {
                let query = sqlx::query_with(sql, postgres_arguments(params)?);
                Ok(query.execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    /// Every row of a query, or of a statement that ends in `RETURNING`.
    ///
    /// # Errors
    /// If the database refuses or fails.
    pub async fn fetch_all<'v>(
        &mut self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<Vec<Row>, StoreError> {
        let (sql, params) = (sql.into_sql_str(), params.into());
        match &mut self.engine {
            Engine::Sqlite(tx, _) => sqlite_rows(&mut **tx, sql, params).await,
            Engine::Postgres(tx, _) => postgres_rows(&mut **tx, sql, params).await,
        }
    }

    /// The only row of a query.
    ///
    /// # Errors
    /// If there is none or more than one, or the database fails.
    pub async fn fetch_one<'v>(
        &mut self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<Row, StoreError> {
        only(self.fetch_all(sql, params).await?)?.ok_or(StoreError::Missing { table: "a query" })
    }

    /// The only row of a query, or nothing.
    ///
    /// # Errors
    /// If there is more than one, or the database fails.
    pub async fn fetch_optional<'v>(
        &mut self,
        sql: impl SqlSafeStr,
        params: impl Into<Vec<Value<'v>>>,
    ) -> Result<Option<Row>, StoreError> {
        only(self.fetch_all(sql, params).await?)
    }

    /// Runs several statements without parameters, as a migration has them.
    pub(in crate::store) async fn run_script(&mut self, script: &'static str) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(tx, _) => sqlx::raw_sql(script).execute(&mut **tx).await.map(drop)?,
            Engine::Postgres(tx, _) => sqlx::raw_sql(script).execute(&mut **tx).await.map(drop)?,
        }
        Ok(())
    }

    /// The time by the database's clock, in milliseconds: leases of several nodes are measured by it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn now_ms(&mut self) -> Result<i64, StoreError> {
        match &mut self.engine {
            Engine::Sqlite(_, clock) | Engine::Postgres(_, Some(clock)) => Ok(clock.now_ms()),
            Engine::Postgres(_, None) => {
                let now = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)";
                self.fetch_one(now, []).await?.i64(0)
            }
        }
    }

    /// Lets one transaction at a time past, until it ends, for each `gate`. SQLite has one writer anyway.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn pass_alone(&mut self, gate: Gate) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            self.fetch_all("SELECT pg_advisory_xact_lock($1)", [Value::I64(gate.number())]).await?;
        }
        Ok(())
    }
}

/// What only one transaction at a time may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Change the schema.
    Migrate,
    /// See whether a study that is new here is known under another patient.
    NewStudies,
    /// Add to the audit chain.
    SealAudit,
    /// Post to the ledger: what a closed day's count left out must not come to be in it afterwards.
    Books,
}

impl Gate {
    /// The number PostgreSQL knows it by, which no other program that shares the server should use.
    fn number(self) -> i64 {
        match self {
            Self::Migrate => 0x0066_696c_6d00,
            Self::NewStudies => 0x0066_696c_6d01,
            Self::SealAudit => 0x0066_696c_6d02,
            Self::Books => 0x0066_696c_6d08,
        }
    }
}

/// Requires that a statement changed exactly one row of `table`.
///
/// # Errors
/// [`StoreError::WrongCount`] if it changed none or several.
pub fn expect_one_row(table: &'static str, changed: u64) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::WrongCount { table, expected: 1, found: changed }) }
}

pub(super) fn only(mut rows: Vec<Row>) -> Result<Option<Row>, StoreError> {
    let row = rows.pop();
    if rows.is_empty() {
        return Ok(row);
    }
    let found = u64::try_from(rows.len()).unwrap_or(u64::MAX).saturating_add(1);
    Err(StoreError::WrongCount { table: "a query", expected: 1, found })
}

pub(super) async fn sqlite_rows<'e>(
    executor: impl Executor<'e, Database = Sqlite>,
    sql: SqlStr,
    params: Vec<Value<'_>>,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_with(sql, sqlite_arguments(params)?).fetch_all(executor).await?;
    Ok(rows.into_iter().map(Row::of_sqlite).collect())
}

pub(super) async fn postgres_rows<'e>(
    executor: impl Executor<'e, Database = Postgres>,
    sql: SqlStr,
    params: Vec<Value<'_>>,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_with(sql, postgres_arguments(params)?).fetch_all(executor).await?;
    Ok(rows.into_iter().map(Row::of_postgres).collect())
}

fn sqlite_arguments(params: Vec<Value<'_>>) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(params.len(), 0);
    for value in params {
        match value {
            Value::Null => arguments.add(None::<i64>),
            Value::I64(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes.into_owned()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(params: Vec<Value<'_>>) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    arguments.reserve(params.len(), 0);
    for value in params {
        match value {
            Value::Null => arguments.add(Untyped),
            Value::I64(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text.as_ref()),
            Value::Bytes(bytes) => arguments.add(bytes.as_ref()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A NULL whose type the server finds out: a typed one would fit some columns only.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}
