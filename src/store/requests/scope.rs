//! The studies a request asks for.

use super::json;
use crate::model::request::{CheckRecord, Scope, Standing, StudyInScope};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, expect_one_row, read_all};

/// Puts a study into a request's scope, or changes how it stands there.
///
/// # Errors
/// If there is no such request or study, or the database fails.
pub async fn choose(
    tx: &mut Tx,
    request: &str,
    study: &str,
    standing: &Standing,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO request_studies (request, study, standing, chosen_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (request, study) DO UPDATE SET standing = excluded.standing";
    let params = [Value::from(request), study.into(), json(standing), now_ms.into()];
    tx.execute(sql, params).await.map(drop)
}

/// Takes a study out of a request's scope.
///
/// # Errors
/// If it is not in it, or the database fails.
pub async fn drop_study(tx: &mut Tx, request: &str, study: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM request_studies WHERE request = $1 AND study = $2";
    expect_one_row("request_studies", tx.execute(sql, [Value::from(request), study.into()]).await?)
}

/// Records that somebody looked at the comparison of a study's patient.
///
/// # Errors
/// If the study is not in the request's scope, or the database fails.
pub async fn note_check(
    tx: &mut Tx,
    request: &str,
    study: &str,
    record: &CheckRecord,
) -> Result<(), StoreError> {
    let sql = "UPDATE request_studies SET check_fingerprint = $3, check_acknowledged = $4, checked_by = $5, \
               checked_at = $6 WHERE request = $1 AND study = $2";
    let CheckRecord { fingerprint, acknowledged, by, at } = record;
    let params = [
        request.into(),
        study.into(),
        fingerprint.into(),
        acknowledged.as_ref().into(),
        by.into(),
        (*at).into(),
    ];
    expect_one_row("request_studies", tx.execute(sql, params).await?)
}

/// The studies of a request, in the order they were chosen.
///
/// # Errors
/// If the database fails.
pub async fn scope(mut reader: impl Read, request: &str) -> Result<Scope, StoreError> {
    let sql = "SELECT study, standing, check_fingerprint, check_acknowledged, checked_by, checked_at \
               FROM request_studies WHERE request = $1 ORDER BY chosen_at, study";
    let rows = reader.rows(sql.into_sql_str(), vec![request.into()]).await?;
    read_all(rows, "request_studies", read).map(Scope)
}

/// The requests that have a study in their scope, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_study(mut reader: impl Read, study: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT request FROM request_studies WHERE study = $1 ORDER BY request";
    let rows = reader.rows(sql.into_sql_str(), vec![study.into()]).await?;
    read_all(rows, "request_studies", |row| row.text(0))
}

fn read(row: &Row) -> Result<StudyInScope, StoreError> {
    let checked = match row.opt_text("check_fingerprint")? {
        None => None,
        Some(fingerprint) => Some(CheckRecord {
            fingerprint,
            acknowledged: row.opt_text("check_acknowledged")?,
            by: row.text("checked_by")?,
            at: row.i64("checked_at")?,
        }),
    };
    Ok(StudyInScope { study: row.text("study")?, standing: row.json("standing")?, checked })
}
