//! The schema, step by step.
//!
//! A step that was released is never edited; its text is remembered by a checksum. Each runs in a
//! transaction of its own that nobody shares, so several nodes may start at once.

use super::StoreError;
use super::db::{Db, Dialect, Gate, Tx, Value};
use crate::clock::Clock;

/// The schema is not one this program can work on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A newer program was here.
    #[error(
        "the database is of schema version {found}, this program knows up to {known}: use the newer program"
    )]
    Newer {
        /// The version of the database.
        found: i64,
        /// The last version this program knows.
        known: i64,
    },
    /// Steps are missing.
    #[error("the database is of schema version {found}, this program needs {known}: run `filmroom migrate`")]
    Older {
        /// The version of the database.
        found: i64,
        /// The version this program needs.
        known: i64,
    },
    /// The text of a step is not the one that was applied.
    #[error("schema step {version} is not the one this database was made with")]
    Changed {
        /// The step's number.
        version: i64,
    },
}

struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! step {
    ($version:literal, $name:literal) => {
        Step {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("postgres/", $name, ".sql")),
        }
    };
}

const STEPS: &[Step] = &[
    step!(1, "0001_library"),
    step!(2, "0002_jobs"),
    step!(3, "0003_desk"),
    step!(4, "0004_audit"),
    step!(5, "0005_links"),
    step!(6, "0006_discs"),
    step!(7, "0007_shipments"),
    step!(8, "0008_money"),
    step!(9, "0009_disc_seals"),
    step!(10, "0010_destroyed_and_viewed"),
    step!(11, "0011_words_of_names"),
    step!(12, "0012_discs_of_files"),
];

impl Step {
    fn script(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// The version the schema was brought from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// Before; 0 for an empty database.
    pub from: i64,
    /// After.
    pub to: i64,
}

/// Brings the schema up to date.
///
/// # Errors
/// If a newer program was here, a step was changed, or the database fails.
pub async fn migrate(db: &Db, clock: &dyn Clock) -> Result<Migrated, StoreError> {
    apply_steps(db, clock, STEPS).await
}

/// Requires the schema to be the one this program needs.
///
/// # Errors
/// If it is not, or the database fails.
pub async fn check(db: &Db) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let (found, known) = (applied_version(&mut tx, STEPS).await?, last(STEPS));
    if found < known {
        return Err(SchemaError::Older { found, known }.into());
    }
    Ok(())
}

async fn apply_steps(db: &Db, clock: &dyn Clock, steps: &'static [Step]) -> Result<Migrated, StoreError> {
    let mut from = None;
    loop {
        let mut tx = db.begin().await?;
        tx.pass_alone(Gate::Migrate).await?;
        let found = applied_version(&mut tx, steps).await?;
        let from = *from.get_or_insert(found);
        let Some(step) = steps.iter().find(|step| step.version > found) else {
            return Ok(Migrated { from, to: found });
        };
        apply(&mut tx, step, clock.now_ms()).await?;
        tx.commit().await?;
    }
}

async fn apply(tx: &mut Tx, step: &Step, now_ms: i64) -> Result<(), StoreError> {
    let script = step.script(tx.dialect());
    tx.run_script(script).await?;
    tx.execute(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        [step.version.into(), step.name.into(), checksum(script).into(), now_ms.into()],
    )
    .await
    .map(drop)
}

/// The version the database is of, once every step applied so far is found to be one of ours.
async fn applied_version(tx: &mut Tx, steps: &[Step]) -> Result<i64, StoreError> {
    let table = "CREATE TABLE IF NOT EXISTS schema_migrations (\
                 version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
                 checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
    tx.execute(table, []).await?;
    let all = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    let mut version = 0;
    for row in tx.fetch_all(all, Vec::<Value<'_>>::new()).await? {
        version = row.i64("version")?;
        let Some(step) = steps.iter().find(|step| step.version == version) else {
            return Err(SchemaError::Newer { found: version, known: last(steps) }.into());
        };
        if row.text("checksum")? != checksum(step.script(tx.dialect())) {
            return Err(SchemaError::Changed { version }.into());
        }
    }
    Ok(version)
}

fn last(steps: &[Step]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

/// FNV-1a, 64 bits: guards against a slip of the hand, not against an adversary, who could as well
/// change the tables.
fn checksum(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::store::contract::on_both_engines;

    static CHANGED: &[Step] =
        &[Step { version: 1, name: "changed", sqlite: "SELECT 1", postgres: "SELECT 1" }];
    static FIRST_ONLY: &[Step] = &[step!(1, "0001_library")];

    #[test]
    fn steps_are_numbered_as_they_are_named_and_in_order() {
        assert!(STEPS.is_sorted_by(|one, next| one.version < next.version));
        for step in STEPS {
            assert!(step.name.starts_with(&format!("{:04}_", step.version)));
        }
    }

    /// What stands before the part that each engine has in its own words.
    fn shared(script: &str) -> &str {
        script.split_once("\n-- This engine's own: ").map_or(script, |(shared, _)| shared)
    }

    #[test]
    fn both_engines_have_the_same_tables_columns_and_indexes() {
        for step in STEPS {
            let portable = shared(step.postgres).replace(" COLLATE \"C\"", "").replace(" BYTEA", " BLOB");
            assert_eq!(shared(step.sqlite).replace(" WITHOUT ROWID", ""), portable, "{}", step.name);
        }
    }

    on_both_engines! {
        async fn migrating_again_changes_nothing(db) {
            let again = migrate(&db, &ManualClock::new(1)).await.unwrap();
            assert_eq!(again, Migrated { from: last(STEPS), to: last(STEPS) });
            check(&db).await.unwrap();
        }

        async fn a_schema_from_a_newer_program_is_refused(db) {
            let refused = apply_steps(&db, &ManualClock::new(1), FIRST_ONLY).await;
            assert!(matches!(refused, Err(StoreError::Schema(SchemaError::Newer { found: 2, known: 1 }))));
        }

        async fn a_step_whose_text_was_changed_is_refused(db) {
            let refused = apply_steps(&db, &ManualClock::new(1), CHANGED).await;
            assert!(matches!(refused, Err(StoreError::Schema(SchemaError::Changed { version: 1 }))));
        }

        async fn the_names_of_requests_taken_in_before_are_cut_into_words(db) {
            let mut tx = db.begin().await.unwrap();
            let mut before = vec![
                "DELETE FROM schema_migrations WHERE version >= 11".to_owned(),
                "DROP INDEX disc_seals_by_files".to_owned(),
                "ALTER TABLE disc_seals DROP COLUMN files_key".to_owned(),
                "DROP TABLE request_words".to_owned(),
            ];
            for person in ["patient", "requester"] {
                before.push(format!("ALTER TABLE requests ADD COLUMN {person}_folded TEXT NOT NULL DEFAULT ''"));
                before.push(format!("CREATE INDEX requests_by_{person} ON requests ({person}_folded, id)"));
            }
            before.push("INSERT INTO requests (id, reference, site, received_on, received_by, requester, patient, wish, \
                         language, state, facts, mammography, due_on, submitted_at, changed_at, patient_folded, \
                         requester_folded) VALUES ('r1', 'R', '', '', '', '', '', '', '', '', '', 0, '', 0, 0, \
                         'doe jane', 'dr. roe jane')".to_owned());
            for sql in before {
                tx.execute(crate::store::db::composed(sql), []).await.unwrap();
            }
            tx.commit().await.unwrap();
            migrate(&db, &ManualClock::new(1)).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            let words = tx.fetch_all("SELECT word FROM request_words ORDER BY word", Vec::<Value<'_>>::new()).await.unwrap();
            let words: Vec<String> = words.iter().map(|row| row.text("word").unwrap()).collect();
            assert_eq!(words, ["doe", "dr.", "jane", "roe"]);
        }

        async fn a_missing_step_is_said_to_be_missing(db) {
            let mut tx = db.begin().await.unwrap();
            tx.execute("DELETE FROM schema_migrations WHERE version > 1", []).await.unwrap();
            tx.commit().await.unwrap();
            let known = last(STEPS);
            assert!(matches!(check(&db).await, Err(StoreError::Schema(error)) if error == SchemaError::Older { found: 1, known }));
        }
    }
}
