//! The way in: birth date and access code, judged together.

use super::{AT_MOST_MS, Caller, IDLE_MS, note, record};
use crate::hex::{hex, unhex};
use crate::ids::new_id;
use crate::means::Means;
use crate::model::audit::Actor;
use crate::model::link::{AccessCode, Deed, LinkGrant, LinkState, LinkToken, Tries};
use crate::store::db::Tx;
use crate::store::keys::Holder;
use crate::store::links::{self, NewSession};
use crate::store::{StoreError, links::Proof};
use imaging::seal::{DataKey, MasterKeys};
use jiff::civil::Date;
use subtle::ConstantTimeEq;

/// What someone typed, in the forms people write it in.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The birth date: `1970-01-02` as a date field sends it.
    pub birth_date: &'a str,
    /// The access code.
    pub code: &'a str,
}

/// What came of a try.
#[derive(Debug)]
pub enum Outcome {
    /// Both are right: the token for the session's cookie, and what it opens.
    Entered(LinkToken, Box<LinkGrant>),
    /// There is no such link, or it is not open. The page says which only where the link itself was
    /// followed.
    NotOpen(Option<LinkState>),
    /// This can be no birth date and code: nothing was judged, nothing counts.
    Malformed,
    /// One of them is wrong. Nothing says which.
    Wrong(Tries),
    /// Nothing was judged: a try before this one was wrong, and it is too soon.
    TooSoon(Tries),
    /// There were too many wrong tries: staff issue a new code.
    Locked,
}

/// The proof of a birth date and an access code: HMAC-SHA-256 under the grant's own key, in hex.
pub(super) fn proof(key: &DataKey, birth_date: Date, code: &AccessCode) -> String {
    hex(&imaging::seal::mac(key, &[birth_date.to_string().as_bytes(), code.digits()]))
}

/// Tries to enter by a link that was followed. The caller commits, whatever the outcome: wrong tries count.
///
/// # Errors
/// If the database fails.
pub async fn enter(
    tx: &mut Tx,
    means: &Means<'_>,
    token: &str,
    entry: Entry<'_>,
    caller: Caller<'_>,
) -> Result<Outcome, StoreError> {
    let found = match LinkToken::parse(token) {
        Some(token) => links::by_token(&mut *tx, &token.hash()).await?,
        None => None,
    };
    let Some(found) = found else { return Ok(Outcome::NotOpen(None)) };
    let grant = links::hold(&mut *tx, &found.id).await?;
    let verdict = judge(tx, means, &grant, entry).await?;
    apply(tx, means, grant, verdict, caller).await
}

/// Tries to enter by a request's reference, without a link: any of its grants may be meant, and a wrong
/// pair counts against all of them. The caller commits, whatever the outcome.
///
/// # Errors
/// If the database fails.
pub async fn enter_by_request(
    tx: &mut Tx,
    means: &Means<'_>,
    request: &str,
    entry: Entry<'_>,
    caller: Caller<'_>,
) -> Result<Outcome, StoreError> {
    let mut judged = Vec::new();
    for grant in links::of_request(&mut *tx, request).await? {
        let grant = links::hold(&mut *tx, &grant.id).await?;
        let verdict = judge(tx, means, &grant, entry).await?;
        if matches!(verdict, Verdict::Right) {
            return apply(tx, means, grant, verdict, caller).await;
        }
        judged.push((grant, verdict));
    }
    let mut outcome = Outcome::NotOpen(None);
    for (grant, verdict) in judged {
        // What can still be right later is said, not that another grant of the request has ended.
        match apply(tx, means, grant, verdict, caller).await? {
            Outcome::NotOpen(_) => {}
            applied => outcome = applied,
        }
    }
    Ok(outcome)
}

/// What a try is, before anything is done about it.
enum Verdict {
    NotOpen(LinkState),
    Locked,
    Malformed,
    TooSoon,
    Right,
    Wrong,
}

async fn judge(
    tx: &mut Tx,
    means: &Means<'_>,
    grant: &LinkGrant,
    entry: Entry<'_>,
) -> Result<Verdict, StoreError> {
    match grant.state.clone().at(means.now_ms) {
        LinkState::Active { .. } => {}
        LinkState::Locked { .. } => return Ok(Verdict::Locked),
        other => return Ok(Verdict::NotOpen(other)),
    }
    let (Ok(birth_date), Ok(code)) = (entry.birth_date.trim().parse::<Date>(), entry.code.parse()) else {
        return Ok(Verdict::Malformed);
    };
    if !grant.tries.may_try(means.now_ms) {
        return Ok(Verdict::TooSoon);
    }
    let expected = links::proof_of(&mut *tx, &grant.id).await?;
    let right =
        expected.is_some_and(|expected| is_right(means.keys, &grant.id, &expected, birth_date, &code));
    Ok(if right { Verdict::Right } else { Verdict::Wrong })
}

async fn apply(
    tx: &mut Tx,
    means: &Means<'_>,
    grant: LinkGrant,
    verdict: Verdict,
    caller: Caller<'_>,
) -> Result<Outcome, StoreError> {
    let deed = match verdict {
        Verdict::NotOpen(state) => return Ok(Outcome::NotOpen(Some(state))),
        Verdict::Locked => return Ok(Outcome::Locked),
        Verdict::Malformed => Deed::Pressed,
        Verdict::TooSoon | Verdict::Wrong => Deed::Refused,
        Verdict::Right => Deed::Entered,
    };
    note(tx, &grant.id, deed, caller, means.now_ms).await?;
    match verdict {
        Verdict::Right => let_in(tx, means, grant).await,
        Verdict::Wrong => count_wrong(tx, means, grant).await,
        Verdict::TooSoon => Ok(Outcome::TooSoon(grant.tries)),
        _ => Ok(Outcome::Malformed),
    }
}

/// Both in one comparison that takes as long whatever is wrong.
fn is_right(keys: &MasterKeys, grant: &str, expected: &Proof, birth_date: Date, code: &AccessCode) -> bool {
    let key =
        expected.key.wrapped().and_then(|wrapped| keys.unwrap(&Holder::Link.owner(grant), &wrapped).ok());
    let (Some(key), Some(hmac)) = (key, unhex::<32>(&expected.hmac)) else {
        tracing::error!(grant, "a link's access code cannot be checked: its key cannot be unwrapped");
        return false;
    };
    imaging::seal::mac(&key, &[birth_date.to_string().as_bytes(), code.digits()]).ct_eq(&hmac).into()
}

async fn count_wrong(tx: &mut Tx, means: &Means<'_>, grant: LinkGrant) -> Result<Outcome, StoreError> {
    let tries = grant.tries.after_wrong(means.now_ms);
    links::set_tries(tx, &grant.id, tries).await?;
    match grant.state.clone().lock() {
        Ok(locked) if tries.are_too_many() => {
            links::set_state(tx, &grant.id, &grant.state, &locked).await?;
            record(tx, means, Actor::Anyone, "link.locked", (&grant.id, &grant.request)).await?;
            Ok(Outcome::Locked)
        }
        _ => Ok(Outcome::Wrong(tries)),
    }
}

async fn let_in(tx: &mut Tx, means: &Means<'_>, grant: LinkGrant) -> Result<Outcome, StoreError> {
    let now_ms = means.now_ms;
    let token = LinkToken::fresh(means.chance);
    let session = NewSession {
        id: new_id(now_ms, means.chance),
        link_grant: grant.id.clone(),
        token_hash: token.hash(),
        until: now_ms + IDLE_MS,
        at_most_until: now_ms + AT_MOST_MS,
    };
    links::begin_session(tx, &session, now_ms).await?;
    links::set_tries(tx, &grant.id, Tries::default()).await?;
    let actor = Actor::Recipient { grant: grant.id.clone() };
    record(tx, means, actor, "link.entered", (&grant.id, &grant.request)).await?;
    Ok(Outcome::Entered(token, Box::new(grant)))
}
