//! Where the two engines differ, each difference under a name.

/// The engine a statement is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// A condition: `column` is among the texts of parameter `number`, made with [`super::list`].
    /// The statement stays the same however many there are, so it is prepared once.
    #[must_use]
    pub fn in_list(self, column: &str, number: usize) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each(${number}))"),
            Self::Postgres => {
                format!("{column} IN (SELECT json_array_elements_text(CAST(${number} AS json)))")
            }
        }
    }

    /// Ends a query whose rows the transaction is going to change. SQLite has one writer anyway.
    #[must_use]
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Like [`Self::for_update`], leaving out rows another transaction is about to change.
    #[must_use]
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// The most tuples one statement carries, for tuples of `width` values. Beyond this a longer
    /// statement saves no more time; the engines' own limits (32,766 and 65,535 values) are respected.
    pub(super) fn most_tuples(self, width: usize) -> usize {
        let (useful, values) = match self {
            Self::Sqlite => (64, 32_766),
            Self::Postgres => (256, 65_535),
        };
        useful.min(values / width.max(1)).max(1)
    }

    /// Writes the placeholder of the parameter `number` of a statement with many. SQLite looks
    /// numbered parameters up one by one, which makes long statements quadratic; bare ones it counts.
    pub(super) fn push_placeholder(self, sql: &mut String, number: usize) {
        match self {
            Self::Sqlite => sql.push('?'),
            Self::Postgres => {
                sql.push('$');
                sql.push_str(&number.to_string());
            }
        }
    }
}
