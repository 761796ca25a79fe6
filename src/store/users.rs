//! The repository of users, their sessions and tokens, and of failures to sign in.

use crate::model::user::{ApiToken, Failures, Role, Session, User};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Tx, Value, composed, expect_one_row, read_all};

const USER: &str = "SELECT u.id, u.login, u.name, u.roles, u.active, u.created_at FROM users u";

/// Adds a user who has no password yet.
///
/// # Errors
/// [`StoreError::Conflict`] if the login is taken, or if the database fails.
pub async fn add(tx: &mut Tx, user: &User) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO users (id, login, name, roles, active, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let User { id, login, name, roles, active, created_at } = user;
    let roles = json(roles);
    let params = [id.into(), login.into(), name.into(), roles, (*active).into(), (*created_at).into()];
    tx.execute(sql, params).await.map(drop)
}

/// A user.
///
/// # Errors
/// If the database fails.
pub async fn get(mut reader: impl Read, id: &str) -> Result<Option<User>, StoreError> {
    let row = reader.row(composed(format!("{USER} WHERE u.id = $1")), vec![id.into()]).await?;
    row.map(|row| read(&row.of("users"))).transpose()
}

/// Every user, by login.
///
/// # Errors
/// If the database fails.
pub async fn list(mut reader: impl Read) -> Result<Vec<User>, StoreError> {
    let rows = reader.rows(composed(format!("{USER} ORDER BY u.login")), Vec::new()).await?;
    read_all(rows, "users", read)
}

/// The user with this login and the hash of their password, if they have one.
///
/// # Errors
/// If the database fails.
pub async fn by_login(
    mut reader: impl Read,
    login: &str,
) -> Result<Option<(User, Option<String>)>, StoreError> {
    let sql = "SELECT u.id, u.login, u.name, u.roles, u.active, u.created_at, u.password_hash FROM users u \
               WHERE u.login = $1";
    let row = reader.row(sql.into_sql_str(), vec![login.into()]).await?;
    row.map(|row| {
        let row = row.of("users");
        Ok((read(&row)?, row.opt_text("password_hash")?))
    })
    .transpose()
}

/// Sets a user's password. Their sessions end.
///
/// # Errors
/// If there is no such user, or the database fails.
pub async fn set_password(tx: &mut Tx, user: &str, hash: &str) -> Result<(), StoreError> {
    let sql = "UPDATE users SET password_hash = $2 WHERE id = $1";
    expect_one_row("users", tx.execute(sql, [Value::from(user), hash.into()]).await?)?;
    end_sessions_of(tx, user).await
}

/// Replaces a user's name, roles and whether they may sign in. If not, their sessions end and their tokens are
/// revoked.
///
/// # Errors
/// If there is no such user, or the database fails.
pub async fn change(tx: &mut Tx, user: &User, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE users SET name = $2, roles = $3, active = $4 WHERE id = $1";
    let params = [Value::from(&user.id), Value::from(&user.name), json(&user.roles), user.active.into()];
    expect_one_row("users", tx.execute(sql, params).await?)?;
    if user.active {
        return Ok(());
    }
    let sql = "UPDATE api_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
    tx.execute(sql, [Value::from(&user.id), now_ms.into()]).await?;
    end_sessions_of(tx, &user.id).await
}

async fn end_sessions_of(tx: &mut Tx, user: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sessions WHERE user_id = $1", [user.into()]).await.map(drop)
}

/// Begins a session.
///
/// # Errors
/// If the database fails.
pub async fn begin_session(tx: &mut Tx, session: &Session, token_hash: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let Session { id, user, created_at, seen_at, expires_at } = session;
    let times = [*created_at, *seen_at, *expires_at].map(Value::from);
    let mut params = vec![id.into(), token_hash.into(), user.into()];
    params.extend(times);
    tx.execute(sql, params).await.map(drop)
}

/// The session with this token and its user, if the user may sign in. Whether it has ended by now is the
/// caller's to see.
///
/// # Errors
/// If the database fails.
pub async fn session(mut reader: impl Read, token_hash: &str) -> Result<Option<(Session, User)>, StoreError> {
    let sql = "SELECT s.id AS session, s.created_at AS begun_at, s.seen_at, s.expires_at, \
               u.id, u.login, u.name, u.roles, u.active, u.created_at \
               FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND u.active = 1";
    let row = reader.row(sql.into_sql_str(), vec![token_hash.into()]).await?;
    row.map(|row| {
        let row = row.of("sessions");
        let user = read(&row)?;
        let session = Session {
            id: row.text("session")?,
            user: user.id.clone(),
            created_at: row.i64("begun_at")?,
            seen_at: row.i64("seen_at")?,
            expires_at: row.i64("expires_at")?,
        };
        Ok((session, user))
    })
    .transpose()
}

/// Notes that a session was used.
///
/// # Errors
/// If the database fails.
pub async fn touch_session(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE sessions SET seen_at = $2 WHERE id = $1", [Value::from(id), now_ms.into()])
        .await
        .map(drop)
}

/// Ends a session.
///
/// # Errors
/// If the database fails.
pub async fn end_session(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sessions WHERE id = $1", [id.into()]).await.map(drop)
}

/// Keeps a token.
///
/// # Errors
/// If the database fails.
pub async fn add_token(tx: &mut Tx, token: &ApiToken, token_hash: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO api_tokens (id, token_hash, user_id, purpose, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let ApiToken { id, user, purpose, created_at, expires_at } = token;
    let params = [
        id.into(),
        token_hash.into(),
        user.into(),
        purpose.into(),
        (*created_at).into(),
        (*expires_at).into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The user a token belongs to and the token's id, if both are good at `now_ms`.
///
/// # Errors
/// If the database fails.
pub async fn by_token(
    mut reader: impl Read,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<(String, User)>, StoreError> {
    let sql = "SELECT t.id AS token, u.id, u.login, u.name, u.roles, u.active, u.created_at \
               FROM api_tokens t JOIN users u ON u.id = t.user_id \
               WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND u.active = 1 \
               AND (t.expires_at IS NULL OR t.expires_at > $2)";
    let row = reader.row(sql.into_sql_str(), vec![token_hash.into(), now_ms.into()]).await?;
    row.map(|row| {
        let row = row.of("api_tokens");
        Ok((row.text("token")?, read(&row)?))
    })
    .transpose()
}

/// The tokens that are not revoked, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn tokens(mut reader: impl Read) -> Result<Vec<ApiToken>, StoreError> {
    let sql = "SELECT id, user_id, purpose, created_at, expires_at FROM api_tokens \
               WHERE revoked_at IS NULL ORDER BY created_at, id";
    let rows = reader.rows(sql.into_sql_str(), Vec::new()).await?;
    read_all(rows, "api_tokens", |row| {
        Ok(ApiToken {
            id: row.text("id")?,
            user: row.text("user_id")?,
            purpose: row.text("purpose")?,
            created_at: row.i64("created_at")?,
            expires_at: row.opt_i64("expires_at")?,
        })
    })
}

/// Revokes a token.
///
/// # Errors
/// If there is no such token, it was revoked before, or the database fails.
pub async fn revoke_token(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    expect_one_row("api_tokens", tx.execute(sql, [Value::from(id), now_ms.into()]).await?)
}

/// How often `subject` failed to sign in. Nobody else counts for it before this transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn failures(tx: &mut Tx, subject: &str, now_ms: i64) -> Result<Failures, StoreError> {
    let sql = "INSERT INTO sign_in_failures (subject, failures, blocked_until, failed_at) \
               VALUES ($1, 0, 0, $2) ON CONFLICT (subject) DO UPDATE SET failed_at = excluded.failed_at \
               RETURNING failures, blocked_until";
    let row = tx.fetch_one(sql, [Value::from(subject), now_ms.into()]).await?.of("sign_in_failures");
    Ok(Failures { count: row.u32("failures")?, blocked_until: row.i64("blocked_until")? })
}

/// Remembers how often `subject` failed, after [`failures`] said how often it had.
///
/// # Errors
/// If there is no row of it, or the database fails.
pub async fn remember_failures(tx: &mut Tx, subject: &str, failures: Failures) -> Result<(), StoreError> {
    let sql = "UPDATE sign_in_failures SET failures = $2, blocked_until = $3 WHERE subject = $1";
    let Failures { count, blocked_until } = failures;
    let params = [Value::from(subject), count.into(), blocked_until.into()];
    expect_one_row("sign_in_failures", tx.execute(sql, params).await?)
}

/// Forgets the failures of `subject`, who signed in.
///
/// # Errors
/// If the database fails.
pub async fn forget_failures(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sign_in_failures WHERE subject = $1", [subject.into()]).await.map(drop)
}

/// Forgets sessions that ended, and failures before, `before_ms`.
///
/// # Errors
/// If the database fails.
pub async fn forget_old(tx: &mut Tx, before_ms: i64) -> Result<u64, StoreError> {
    let sessions = tx.execute("DELETE FROM sessions WHERE expires_at < $1", [before_ms.into()]).await?;
    let failures =
        tx.execute("DELETE FROM sign_in_failures WHERE failed_at < $1", [before_ms.into()]).await?;
    Ok(sessions + failures)
}

fn json(roles: &std::collections::BTreeSet<Role>) -> Value<'static> {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    serde_json::json!(words).to_string().into()
}

fn read(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.text("id")?,
        login: row.text("login")?,
        name: row.text("name")?,
        roles: row.json("roles")?,
        active: row.flag("active")?,
        created_at: row.i64("created_at")?,
    })
}
