//! Sessions that links open.

use crate::store::StoreError;
use crate::store::db::{Read, SqlSafeStr, Tx, expect_one_row};

/// A session to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The row's id.
    pub id: String,
    /// The grant that opens it.
    pub link_grant: String,
    /// SHA-256 of the cookie's token, in hex.
    pub token_hash: String,
    /// When it ends unless it is used, in ms since 1970.
    pub until: i64,
    /// When it ends however much it is used.
    pub at_most_until: i64,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The row's id.
    pub id: String,
    /// The grant that opened it.
    pub link_grant: String,
    /// When it ends unless it is used.
    pub until: i64,
    /// When it ends however much it is used.
    pub at_most_until: i64,
}

/// Begins a session.
///
/// # Errors
/// If the database fails.
pub async fn begin_session(tx: &mut Tx, session: &NewSession, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO link_sessions (id, link_grant, token_hash, begun_at, until, at_most_until) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let NewSession { id, link_grant, token_hash, until, at_most_until } = session;
    let times = [now_ms, *until, *at_most_until];
    let mut params = vec![id.into(), link_grant.into(), token_hash.into()];
    params.extend(times.map(Into::into));
    tx.execute(sql, params).await.map(drop)
}

/// The session of a cookie's token, by the token's hash, if it has not ended.
///
/// # Errors
/// If the database fails.
pub async fn session(
    mut reader: impl Read,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<SessionRow>, StoreError> {
    let sql = "SELECT id, link_grant, until, at_most_until FROM link_sessions \
               WHERE token_hash = $1 AND until > $2 AND at_most_until > $2";
    let row = reader.row(sql.into_sql_str(), vec![token_hash.into(), now_ms.into()]).await?;
    row.map(|row| {
        let row = row.of("link_sessions");
        Ok(SessionRow {
            id: row.text("id")?,
            link_grant: row.text("link_grant")?,
            until: row.i64("until")?,
            at_most_until: row.i64("at_most_until")?,
        })
    })
    .transpose()
}

/// Has a session last until then.
///
/// # Errors
/// If it has been ended, or the database fails.
pub async fn prolong(tx: &mut Tx, id: &str, until: i64) -> Result<(), StoreError> {
    let sql = "UPDATE link_sessions SET until = $2 WHERE id = $1";
    expect_one_row("link_sessions", tx.execute(sql, [id.into(), until.into()]).await?)
}

/// Ends a session; fine if it has ended.
///
/// # Errors
/// If the database fails.
pub async fn end_session(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM link_sessions WHERE id = $1", [id.into()]).await.map(drop)
}

/// Ends all sessions of a grant.
///
/// # Errors
/// If the database fails.
pub async fn end_sessions_of(tx: &mut Tx, link_grant: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM link_sessions WHERE link_grant = $1", [link_grant.into()]).await.map(drop)
}

/// Forgets sessions that had ended before `before_ms`; how many.
///
/// # Errors
/// If the database fails.
pub async fn forget_sessions(tx: &mut Tx, before_ms: i64) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM link_sessions WHERE at_most_until < $1", [before_ms.into()]).await
}
