//! Letting people in: users, their passwords, sessions and tokens.
//!
//! Whoever fails to sign in is not told whether the login exists: an unknown one costs the same time and
//! the same waits. Tokens are 256 random bits, kept only hashed.

mod password;
mod secret;

pub use password::{PasswordError, Passwords};
pub use secret::Secret;

use super::authorization::Action;
use super::{Acting, DeskError, Means, SignedIn};
use crate::audit::events::record;
use crate::ids::new_id;
use crate::model::user::{ApiToken, Session};
use crate::model::{Actor, NewEvent, Role, Subject, User};
use crate::store::db::{Db, Tx};
use crate::store::{StoreError, users};
use imaging::chance::Chance;
use serde_json::json;
use std::collections::BTreeSet;

/// A session ends when it was not used for this long.
const IDLE_MS: i64 = 30 * 60_000;
/// A session ends after this long, however much it is used.
const LONGEST_MS: i64 = 12 * 3_600_000;
/// How exactly it is kept when a session was used.
const NOTED_EVERY_MS: i64 = 60_000;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such login, or not its password: nobody is told which.
    #[error("this login and password do not belong together")]
    Wrong,
    /// Too many failures.
    #[error("too many failures: try again in {wait_seconds} seconds")]
    Wait {
        /// How long.
        wait_seconds: i64,
    },
    /// The password could not be looked at.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
}

/// Signs a user in: their session's token, for a cookie, and who they are.
///
/// # Errors
/// [`SignInError`]. A failure is counted before the password is looked at, so that many attempts at once
/// gain nothing.
pub async fn sign_in(
    db: &Db,
    passwords: &Passwords,
    (login, password): (&str, &Secret),
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(Secret, SignedIn), SignInError> {
    let login = folded(login);
    let subject = secret::hash_of(&format!("login:{login}"));
    count_attempt(db, &subject, now_ms).await?;
    let found = users::by_login(db, &login).await?.filter(|(user, _)| user.active);
    let hash = found.as_ref().and_then(|(_, hash)| hash.clone());
    let fits = passwords.fits(password, hash).await?;
    let mut tx = db.begin().await?;
    let Some((user, _)) = found.filter(|_| fits) else {
        let event = NewEvent::new(Actor::Anyone, "user.sign_in_failed", Subject::new("login", &subject));
        record(&mut tx, &event, now_ms, chance).await?;
        tx.commit().await?;
        return Err(SignInError::Wrong);
    };
    users::forget_failures(&mut tx, &subject).await?;
    let token = Secret::fresh("", chance);
    let session = Session {
        id: new_id(now_ms, chance),
        user: user.id.clone(),
        created_at: now_ms,
        seen_at: now_ms,
        expires_at: now_ms + LONGEST_MS,
    };
    users::begin_session(&mut tx, &session, &token.hash()).await?;
    let actor = Actor::User { id: user.id.clone() };
    let event = NewEvent::new(actor, "user.signed_in", Subject::new("session", &session.id));
    record(&mut tx, &event, now_ms, chance).await?;
    tx.commit().await?;
    Ok((token, SignedIn { user, by: Means::Session(session.id) }))
}

async fn count_attempt(db: &Db, subject: &str, now_ms: i64) -> Result<(), SignInError> {
    let mut tx = db.begin().await?;
    let failures = users::failures(&mut tx, subject, now_ms).await?;
    if failures.blocks(now_ms) {
        let wait_seconds = (failures.blocked_until - now_ms + 999) / 1_000;
        return Err(SignInError::Wait { wait_seconds });
    }
    users::remember_failures(&mut tx, subject, failures.and_one_more(now_ms)).await?;
    Ok(tx.commit().await?)
}

/// Who has a session with this token; nobody if it has ended.
///
/// # Errors
/// If the database fails.
pub async fn session_of(db: &Db, token: &Secret, now_ms: i64) -> Result<Option<SignedIn>, StoreError> {
    let Some((session, user)) = users::session(db, &token.hash()).await? else { return Ok(None) };
    if now_ms >= session.expires_at || now_ms - session.seen_at >= IDLE_MS {
        return Ok(None);
    }
    if now_ms - session.seen_at >= NOTED_EVERY_MS {
        let mut tx = db.begin().await?;
        users::touch_session(&mut tx, &session.id, now_ms).await?;
        tx.commit().await?;
    }
    Ok(Some(SignedIn { user, by: Means::Session(session.id) }))
}

/// Ends the session somebody is signed in by.
///
/// # Errors
/// If the database fails.
pub async fn sign_out(
    tx: &mut Tx,
    signed_in: &SignedIn,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), StoreError> {
    let Means::Session(id) = &signed_in.by else { return Ok(()) };
    users::end_session(tx, id).await?;
    let actor = Actor::User { id: signed_in.user.id.clone() };
    let event = NewEvent::new(actor, "user.signed_out", Subject::new("session", id));
    record(tx, &event, now_ms, chance).await
}

/// Who a token for programs belongs to; nobody if it is not good.
///
/// # Errors
/// If the database fails.
pub async fn actor_of_token(db: &Db, token: &Secret, now_ms: i64) -> Result<Option<SignedIn>, StoreError> {
    let found = users::by_token(db, &token.hash(), now_ms).await?;
    Ok(found.map(|(id, user)| SignedIn { user, by: Means::Token(id) }))
}

/// Adds a user, who can sign in once they have a password.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, the login is taken or not usable, or no role is given.
pub async fn add_user(
    tx: &mut Tx,
    acting: &Acting<'_>,
    (login, name): (&str, &str),
    roles: BTreeSet<Role>,
) -> Result<User, DeskError> {
    acting.permit(Action::ManageUsers)?;
    let login = usable_login(login)?;
    if name.trim().is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(DeskError::Invalid { field: "name", why: "it is how colleagues see the user" });
    }
    if roles.is_empty() {
        return Err(DeskError::Invalid { field: "roles", why: "a user has at least one role" });
    }
    let user = User {
        id: new_id(acting.now_ms, acting.chance),
        login,
        name: name.trim().to_owned(),
        roles,
        active: true,
        created_at: acting.now_ms,
    };
    users::add(tx, &user).await.map_err(|error| match error {
        StoreError::Conflict { .. } => DeskError::Invalid { field: "login", why: "it is taken" },
        other => other.into(),
    })?;
    let roles: Vec<&str> = user.roles.iter().map(|role| role.as_str()).collect();
    note(tx, acting, "user.added", &user.id, json!({ "roles": roles })).await?;
    Ok(user)
}

/// Sets a user's password, hashed by [`Passwords::hash`]. A user may set their own; every session of theirs
/// ends.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or there is no such user.
pub async fn set_password(tx: &mut Tx, acting: &Acting<'_>, user: &str, hash: &str) -> Result<(), DeskError> {
    let own = acting.who.actor() == Actor::User { id: user.to_owned() };
    if !own {
        acting.permit(Action::ManageUsers)?;
    }
    users::get(&mut *tx, user).await?.ok_or(DeskError::NotFound { what: "user" })?;
    users::set_password(tx, user, hash).await?;
    note(tx, acting, "user.password_set", user, json!(null)).await
}

/// Lets a user in no longer: their sessions and tokens end at once.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or there is no such active user.
pub async fn deactivate(tx: &mut Tx, acting: &Acting<'_>, user: &str) -> Result<(), DeskError> {
    acting.permit(Action::ManageUsers)?;
    let found = users::get(&mut *tx, user).await?.filter(|user| user.active);
    let user = User { active: false, ..found.ok_or(DeskError::NotFound { what: "user" })? };
    users::change(tx, &user, acting.now_ms).await?;
    note(tx, acting, "user.deactivated", &user.id, json!(null)).await
}

/// Revokes a token: it is good no longer.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or there is no such token.
pub async fn revoke_token(tx: &mut Tx, acting: &Acting<'_>, id: &str) -> Result<(), DeskError> {
    acting.permit(Action::ManageUsers)?;
    let all = users::tokens(&mut *tx).await?;
    let token = all.into_iter().find(|token| token.id == id).ok_or(DeskError::NotFound { what: "token" })?;
    users::revoke_token(tx, id, acting.now_ms).await?;
    note(tx, acting, "user.token_revoked", &token.user, json!({ "token": id })).await
}

/// Makes a token for programs, with a user's rights. It is shown once.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or there is no such user.
pub async fn new_token(
    tx: &mut Tx,
    acting: &Acting<'_>,
    user: &str,
    purpose: &str,
    expires_at: Option<i64>,
) -> Result<Secret, DeskError> {
    acting.permit(Action::ManageUsers)?;
    users::get(&mut *tx, user).await?.ok_or(DeskError::NotFound { what: "user" })?;
    let secret = Secret::fresh("frt_", acting.chance);
    let token = ApiToken {
        id: new_id(acting.now_ms, acting.chance),
        user: user.to_owned(),
        purpose: purpose.to_owned(),
        created_at: acting.now_ms,
        expires_at,
    };
    users::add_token(tx, &token, &secret.hash()).await?;
    note(tx, acting, "user.token_made", user, json!({ "token": token.id })).await?;
    Ok(secret)
}

async fn note(
    tx: &mut Tx,
    acting: &Acting<'_>,
    action: &'static str,
    user: &str,
    detail: serde_json::Value,
) -> Result<(), DeskError> {
    let event = NewEvent::new(acting.who.actor(), action, Subject::new("user", user)).with(detail);
    Ok(record(tx, &event, acting.now_ms, acting.chance).await?)
}

fn folded(login: &str) -> String {
    login.trim().to_lowercase()
}

fn usable_login(login: &str) -> Result<String, DeskError> {
    let login = folded(login);
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    if (2..=64).contains(&login.len()) && login.chars().all(usable) {
        Ok(login)
    } else {
        let why = "a login has 2 to 64 letters, digits, dots, hyphens, underscores or @";
        Err(DeskError::Invalid { field: "login", why })
    }
}

#[cfg(test)]
mod tests;
