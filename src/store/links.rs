//! The repository of link grants, of the sessions they open, and of who came by.

mod sessions;
mod visits;

pub use sessions::{
    NewSession, SessionRow, begin_session, end_session, end_sessions_of, forget_sessions, prolong, session,
};
pub use visits::{note_visit, visits_of};

use crate::model::KeptKey;
use crate::model::link::{LinkGrant, LinkState as State, NewLinkGrant, Rights, Tries};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, expect_one_row, list, read_all};

const COLUMNS: &str = "SELECT id, request, delivery, shared_from, package, recipient, language, state, until, \
    may_view, may_download, may_share, proof, wrong_tries, next_try_at, ended_by, ended_at, created_at \
    FROM link_grants WHERE ";

/// What birth date and access code are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// HMAC-SHA-256 of both, in hex.
    pub hmac: String,
    /// Its key.
    pub key: KeptKey,
}

/// Makes a grant, prepared.
///
/// # Errors
/// If its package is not there, or the database fails.
pub async fn prepare(tx: &mut Tx, id: &str, grant: &NewLinkGrant, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO link_grants (id, request, delivery, shared_from, package, recipient, language, state, \
               until, may_view, may_download, may_share, wrong_tries, next_try_at, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'prepared', $8, $9, $10, $11, 0, 0, $12)";
    let NewLinkGrant { request, delivery, shared_from, package, recipient, language, rights, until } = grant;
    let mut params: Vec<Value<'_>> = vec![id.into(), request.into(), delivery.into()];
    params.push(shared_from.as_ref().into());
    params.extend([package, recipient, language].map(Value::from));
    params.push((*until).into());
    params.extend([rights.view, rights.download, rights.share].map(Value::from));
    params.push(now_ms.into());
    tx.execute(sql, params).await.map(drop)
}

/// A grant.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<LinkGrant>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// A grant that nobody else changes until this transaction ends.
///
/// # Errors
/// If there is none, or the database fails.
pub async fn hold(tx: &mut Tx, id: &str) -> Result<LinkGrant, StoreError> {
    let condition = format!("id = $1{}", tx.dialect().for_update());
    let found = select(&mut *tx, &condition, vec![id.into()]).await?.pop();
    found.ok_or(StoreError::Missing { table: "link_grants" })
}

/// The grant of a link's token, by the token's hash.
///
/// # Errors
/// If the database fails.
pub async fn by_token(reader: impl Read, token_hash: &str) -> Result<Option<LinkGrant>, StoreError> {
    Ok(select(reader, "token_hash = $1", vec![token_hash.into()]).await?.pop())
}

/// The grants of a request, those passed on included, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_request(reader: impl Read, request: &str) -> Result<Vec<LinkGrant>, StoreError> {
    select(reader, "request = $1 ORDER BY id", vec![request.into()]).await
}

/// The grants of several requests, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(reader: impl Read, requests: &[&str]) -> Result<Vec<LinkGrant>, StoreError> {
    let among = reader.dialect().in_list("request", 1);
    let condition = format!("{among} ORDER BY id");
    select(reader, &condition, vec![list(requests.iter().copied())]).await
}

/// What birth date and code of a grant are held against; nothing before a code was issued.
///
/// # Errors
/// If the database fails.
pub async fn proof_of(mut reader: impl Read, id: &str) -> Result<Option<Proof>, StoreError> {
    let sql = "SELECT proof, proof_key, master_key_id FROM link_grants WHERE id = $1 AND proof IS NOT NULL";
    let row = reader.row(composed(sql.to_owned()), vec![id.into()]).await?;
    row.map(|row| {
        let row = row.of("link_grants");
        let key = KeptKey { data_key: row.bytes("proof_key")?, master_key_id: row.text("master_key_id")? };
        Ok(Proof { hmac: row.text("proof")?, key })
    })
    .transpose()
}

/// Sets what birth date and code are held against; tries begin anew.
///
/// # Errors
/// If there is no such grant, or the database fails.
pub async fn set_proof(tx: &mut Tx, id: &str, proof: &Proof) -> Result<(), StoreError> {
    let sql = "UPDATE link_grants SET proof = $2, proof_key = $3, master_key_id = $4, wrong_tries = 0, \
               next_try_at = 0 WHERE id = $1";
    let key = proof.key.data_key.as_slice();
    let params = [id.into(), (&proof.hmac).into(), key.into(), (&proof.key.master_key_id).into()];
    expect_one_row("link_grants", tx.execute(sql, params).await?)
}

/// Sets the token: the one before opens nothing any more.
///
/// # Errors
/// If there is no such grant, or the database fails.
pub async fn set_token(tx: &mut Tx, id: &str, token_hash: &str) -> Result<(), StoreError> {
    let sql = "UPDATE link_grants SET token_hash = $2 WHERE id = $1";
    expect_one_row("link_grants", tx.execute(sql, [id.into(), token_hash.into()]).await?)
}

/// Notes the tries at a grant.
///
/// # Errors
/// If there is no such grant, or the database fails.
pub async fn set_tries(tx: &mut Tx, id: &str, tries: Tries) -> Result<(), StoreError> {
    let sql = "UPDATE link_grants SET wrong_tries = $2, next_try_at = $3 WHERE id = $1";
    let params = [id.into(), tries.wrong.into(), tries.next_at.into()];
    expect_one_row("link_grants", tx.execute(sql, params).await?)
}

/// Moves a grant on.
///
/// # Errors
/// If it is not in the state it was thought to be in, or the database fails.
pub async fn set_state(tx: &mut Tx, id: &str, from: &State, to: &State) -> Result<(), StoreError> {
    let (until, by, at) = match to {
        State::Prepared { until } | State::Active { until } | State::Locked { until } => {
            (Some(*until), None, None)
        }
        // Only time makes it so, and time is not written down.
        State::Expired { at } => (Some(*at), None, None),
        State::Revoked { by, at } => (None, Some(by), Some(*at)),
    };
    let sql = "UPDATE link_grants SET state = $3, until = coalesce($4, until), ended_by = $5, ended_at = $6 \
               WHERE id = $1 AND state = $2";
    let params = [id.into(), word(from).into(), word(to).into(), until.into(), by.into(), at.into()];
    expect_one_row("link_grants", tx.execute(sql, params).await?)
}

/// What rows call a state: one that has expired was active.
fn word(state: &State) -> &'static str {
    match state {
        State::Expired { .. } => "active",
        other => other.as_str(),
    }
}

/// Has the grants of a package's earlier versions open this one.
///
/// # Errors
/// If the database fails.
pub async fn hand_out(tx: &mut Tx, request: &str, package: &str) -> Result<u64, StoreError> {
    let sql = "UPDATE link_grants SET package = $2 WHERE request = $1 AND package <> $2";
    tx.execute(sql, [request.into(), package.into()]).await
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<LinkGrant>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "link_grants", read)
}

fn read(row: &Row) -> Result<LinkGrant, StoreError> {
    let until = row.i64("until")?;
    Ok(LinkGrant {
        id: row.text("id")?,
        request: row.text("request")?,
        delivery: row.text("delivery")?,
        shared_from: row.opt_text("shared_from")?,
        package: row.text("package")?,
        recipient: row.text("recipient")?,
        language: row.text("language")?,
        rights: Rights {
            view: row.flag("may_view")?,
            download: row.flag("may_download")?,
            share: row.flag("may_share")?,
        },
        has_code: row.opt_text("proof")?.is_some(),
        tries: Tries { wrong: row.u32("wrong_tries")?, next_at: row.i64("next_try_at")? },
        state: match row.text("state")?.as_str() {
            "prepared" => State::Prepared { until },
            "active" => State::Active { until },
            "locked" => State::Locked { until },
            "revoked" => State::Revoked { by: row.text("ended_by")?, at: row.i64("ended_at")? },
            _ => return Err(row.inconsistent("state")),
        },
        created_at: row.i64("created_at")?,
    })
}
