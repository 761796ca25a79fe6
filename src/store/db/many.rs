//! One statement with many tuples, because a statement for every row is what makes ingest slow.

use super::{Dialect, Row, Tx, Value};
use crate::store::StoreError;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// A statement of the form `head VALUES (…), (…), … tail`.
#[derive(Debug, Clone, Copy)]
pub struct Many {
    /// What comes before `VALUES`.
    pub head: &'static str,
    /// How many values a tuple has.
    pub width: usize,
    /// What follows the tuples.
    pub tail: &'static str,
}

impl Many {
    fn sql(&self, dialect: Dialect, tuples: usize) -> SqlStr {
        let mut sql = String::with_capacity(64 + self.head.len() + self.tail.len() + tuples * self.width * 4);
        sql.push_str(self.head);
        sql.push_str(" VALUES ");
        for tuple in 0..tuples {
            sql.push_str(if tuple == 0 { "(" } else { ",(" });
            for column in 0..self.width {
                if column > 0 {
                    sql.push(',');
                }
                dialect.push_placeholder(&mut sql, tuple * self.width + column + 1);
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(self.tail);
        AssertSqlSafe(sql).into_sql_str()
    }

    /// Cuts the values into statements. Lengths are powers of two below the useful most, so that few
    /// different statements are ever prepared.
    fn statements<'v>(&self, dialect: Dialect, values: Vec<Value<'v>>) -> Vec<(SqlStr, Vec<Value<'v>>)> {
        let most = dialect.most_tuples(self.width);
        let mut left = values.len() / self.width.max(1);
        let mut values = values.into_iter();
        let mut statements = Vec::new();
        while left > 0 {
            let room = left.min(most);
            let tuples = if room == most { most } else { 1 << room.ilog2() };
            statements.push((self.sql(dialect, tuples), values.by_ref().take(tuples * self.width).collect()));
            left -= tuples;
        }
        statements
    }
}

impl Tx {
    /// Runs `many` over `values`, tuple after tuple, and counts the rows it changed.
    ///
    /// # Errors
    /// If the database refuses or fails.
    pub async fn execute_many(&mut self, many: &Many, values: Vec<Value<'_>>) -> Result<u64, StoreError> {
        let mut changed = 0;
        for (sql, params) in many.statements(self.dialect(), values) {
            changed += self.execute(sql, params).await?;
        }
        Ok(changed)
    }

    /// Like [`Self::execute_many`] for a tail that ends in `RETURNING`.
    ///
    /// # Errors
    /// If the database refuses or fails.
    pub async fn fetch_many(&mut self, many: &Many, values: Vec<Value<'_>>) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for (sql, params) in many.statements(self.dialect(), values) {
            rows.append(&mut self.fetch_all(sql, params).await?);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: Many = Many { head: "INSERT INTO t", width: 2, tail: "END" };

    #[test]
    fn a_statement_has_a_placeholder_for_every_value() {
        assert_eq!(PAIRS.sql(Dialect::Sqlite, 2).as_str(), "INSERT INTO t VALUES (?,?),(?,?) END");
        assert_eq!(PAIRS.sql(Dialect::Postgres, 2).as_str(), "INSERT INTO t VALUES ($1,$2),($3,$4) END");
    }

    #[test]
    fn every_value_is_sent_once_and_in_order_however_many_there_are() {
        for tuples in [0, 1, 2, 63, 64, 65, 1_000] {
            let values: Vec<Value<'_>> = (0..tuples * 2).map(Value::I64).collect();
            let statements = PAIRS.statements(Dialect::Sqlite, values.clone());
            let sent: Vec<Value<'_>> = statements.into_iter().flat_map(|(_, params)| params).collect();
            assert_eq!(sent, values);
        }
    }

    #[test]
    fn wide_tuples_stay_below_the_limits_of_the_engines() {
        assert!(Dialect::Sqlite.most_tuples(1_000) * 1_000 <= 32_766);
        assert!(Dialect::Postgres.most_tuples(1_000) * 1_000 <= 65_535);
    }
}
