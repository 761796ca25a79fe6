//! What can go wrong below a repository, said without repeating what is in the rows.

/// A failure of the store. None of the messages holds a value from a row, so all may be logged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The text names no database this program can use.
    #[error("a database is named as `sqlite:PATH` or `postgres://USER@HOST/NAME`")]
    BadUrl,
    /// The database file could not be made or opened.
    #[error("the database file cannot be opened")]
    File(#[source] std::io::Error),
    /// A row with this key is there already.
    #[error("the database holds such a row already ({constraint})")]
    Conflict {
        /// The constraint that refused, or the engine's words for it.
        constraint: String,
    },
    /// The engine failed or refused; the text is the engine's, without its details.
    #[error("the database failed: {problem}")]
    Engine {
        /// What the engine said.
        problem: String,
    },
    /// A change that must meet exactly so many rows met others.
    #[error("{table}: {expected} rows should have changed, {found} did")]
    WrongCount {
        /// The table that was to change.
        table: &'static str,
        /// How many rows should have changed.
        expected: u64,
        /// How many did.
        found: u64,
    },
    /// A row that must be there is not.
    #[error("{table}: there is no such row")]
    Missing {
        /// The table that was asked.
        table: &'static str,
    },
    /// A row holds what this program never writes.
    #[error("a row of {table} cannot be understood: column {column}")]
    Inconsistent {
        /// The table the row is from.
        table: &'static str,
        /// The column that does not parse.
        column: String,
    },
    /// The job was given to someone else in the meantime: nothing was written.
    #[error("the lease on this job was lost")]
    LostLease,
    /// The schema is not one this program can work on.
    #[error(transparent)]
    Schema(#[from] super::migrations::SchemaError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => of_engine(refusal.as_ref()),
            other => Self::Engine { problem: other.to_string() },
        }
    }
}

/// PostgreSQL puts the offending values into `detail`, and for class 22 ("data exception") into the
/// message too; neither is kept.
fn of_engine(refusal: &dyn sqlx::error::DatabaseError) -> StoreError {
    let code = refusal.code().unwrap_or_default().into_owned();
    if refusal.is_unique_violation() {
        let constraint = refusal.constraint().unwrap_or_else(|| refusal.message()).to_owned();
        return StoreError::Conflict { constraint };
    }
    let problem =
        if code.starts_with("22") { format!("data exception {code}") } else { refusal.message().to_owned() };
    StoreError::Engine { problem }
}
