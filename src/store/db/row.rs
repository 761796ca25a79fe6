//! What comes out of a query.

use crate::store::StoreError;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Row as _};

/// A row, read column by column. What does not parse is [`StoreError::Inconsistent`].
pub struct Row {
    cells: Cells,
    table: &'static str,
}

enum Cells {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column's name or its place.
pub trait Column: Copy + std::fmt::Display + ColumnIndex<SqliteRow> + ColumnIndex<PgRow> {}
impl Column for &str {}
impl Column for usize {}

/// Reads an `Option`: SQLite's driver would give a NULL as 0 or an empty text.
macro_rules! read {
    ($row:expr, $column:expr, $kind:ty) => {
        match &$row.cells {
            Cells::Sqlite(row) => row.try_get::<Option<$kind>, _>($column),
            Cells::Postgres(row) => row.try_get::<Option<$kind>, _>($column),
        }
        .map_err(|_| $row.inconsistent($column))
    };
}

impl Row {
    pub(super) fn of_sqlite(row: SqliteRow) -> Self {
        Self { cells: Cells::Sqlite(row), table: "a query" }
    }

    pub(super) fn of_postgres(row: PgRow) -> Self {
        Self { cells: Cells::Postgres(row), table: "a query" }
    }

    /// Names the table the row is from, for the error.
    #[must_use]
    pub fn of(mut self, table: &'static str) -> Self {
        self.table = table;
        self
    }

    /// The error that says `column` of this row cannot be understood.
    pub fn inconsistent(&self, column: impl std::fmt::Display) -> StoreError {
        StoreError::Inconsistent { table: self.table, column: column.to_string() }
    }

    /// A number.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn i64(&self, column: impl Column) -> Result<i64, StoreError> {
        read!(self, column, i64)?.ok_or_else(|| self.inconsistent(column))
    }

    /// A number, or nothing.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn opt_i64(&self, column: impl Column) -> Result<Option<i64>, StoreError> {
        read!(self, column, i64)
    }

    /// A size, an offset or a generation.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn u64(&self, column: impl Column) -> Result<u64, StoreError> {
        u64::try_from(self.i64(column)?).map_err(|_| self.inconsistent(column))
    }

    /// A number below 2^32.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn u32(&self, column: impl Column) -> Result<u32, StoreError> {
        u32::try_from(self.i64(column)?).map_err(|_| self.inconsistent(column))
    }

    /// A flag: 0 or 1.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn flag(&self, column: impl Column) -> Result<bool, StoreError> {
        match self.i64(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.inconsistent(column)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn text(&self, column: impl Column) -> Result<String, StoreError> {
        read!(self, column, String)?.ok_or_else(|| self.inconsistent(column))
    }

    /// A text, or nothing.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn opt_text(&self, column: impl Column) -> Result<Option<String>, StoreError> {
        read!(self, column, String)
    }

    /// What a text denotes, such as a date.
    ///
    /// # Errors
    /// If the column holds no text, or the text denotes nothing of the kind.
    pub fn parsed<T: std::str::FromStr>(&self, column: impl Column) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.inconsistent(column))
    }

    /// Bytes.
    ///
    /// # Errors
    /// If the column holds anything else.
    pub fn bytes(&self, column: impl Column) -> Result<Vec<u8>, StoreError> {
        read!(self, column, Vec<u8>)?.ok_or_else(|| self.inconsistent(column))
    }

    /// What is kept as JSON text.
    ///
    /// # Errors
    /// If the column holds no text, or the text is not such JSON.
    pub fn json<T: DeserializeOwned>(&self, column: impl Column) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.inconsistent(column))
    }
}

/// Reads every row of a query over `table`.
///
/// # Errors
/// If one of them cannot be understood.
pub fn read_all<T>(
    rows: Vec<Row>,
    table: &'static str,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(|row| read(&row.of(table))).collect()
}
