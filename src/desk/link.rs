//! Links: given out, opened by birth date and access code, extended, taken back.
//!
//! A link's token goes by mail or on paper; its access code goes another way: told or handed over in person,
//! or to a telephone number or postal address that was on file before the request. Opening a link changes
//! nothing; only the right birth date and code open a session.
//!
//! Birth date and code are kept as one HMAC-SHA-256 under a key of the grant, wrapped by the master key: who
//! has the rows without the master key has nothing to guess against, and a try costs no more than a hash,
//! so that a public page cannot be made to work hard. Against guesses at the page stand the waits and the
//! lock of [`crate::model::link::Tries`], not the cost of a hash.

mod entry;
#[cfg(test)]
mod tests;

pub use entry::{Entry, Outcome, enter, enter_by_request};

use super::authorization::{self, Action, NotPermitted};
use super::request::text;
use super::{DeskError, Who};
use crate::ids::new_id;
use crate::means::Means;
use crate::model::audit::{Actor, NewEvent, Subject};
use crate::model::job::advance_request;
use crate::model::link::{AccessCode, Deed, LinkGrant, LinkState, LinkToken, NewLinkGrant, Visitor};
use crate::model::message::MessageState;
use crate::model::{Destination, Language, Refused, ReleaseRequest};
use crate::notify::messages::{Letter, LinkReady, LinkShared, LinkUsed, Office, write};
use crate::notify::outbox::{self, About};
use crate::store::db::{Db, Tx};
use crate::store::keys::Holder;
use crate::store::links::{self, Proof, SessionRow};
use crate::store::{StoreError, audit, deliveries, jobs, messages, requests};
use entry::proof;
use imaging::seal::DataKey;
use jiff::civil::Date;
use serde_json::json;

/// A session that is not used ends after this long.
const IDLE_MS: i64 = 30 * 60_000;
/// A session ends after this long however much it is used.
const AT_MOST_MS: i64 = 12 * 3_600_000;
/// How much of what a browser calls itself is kept.
const AGENT_CHARS: usize = 200;

/// Makes a grant for a recipient; its id. No link works until [`activate`] and no code until [`issue_code`].
///
/// # Errors
/// If its package is not there, or the database fails.
pub async fn prepare(tx: &mut Tx, means: &Means<'_>, grant: &NewLinkGrant) -> Result<String, StoreError> {
    let id = new_id(means.now_ms, means.chance);
    links::prepare(tx, &id, grant, means.now_ms).await?;
    Ok(id)
}

/// Whom a link is passed on to, as the desk takes names and addresses; no address means that it is given by hand.
///
/// # Errors
/// [`DeskError::Invalid`], with `recipient` or `email` as its field.
pub fn recipient(name: &str, email: &str) -> Result<(String, Option<String>), DeskError> {
    let email = Some(email).filter(|email| !email.trim().is_empty());
    Ok((text::line("recipient", name)?, email.map(|email| text::email("email", email)).transpose()?))
}

/// Makes a grant that the holder of another passes on: to the same package, never for longer, and without
/// the right to share it further. Its id, and when it ends.
///
/// # Errors
/// [`DeskError::Refused`] if the other grant is not active, [`DeskError::NotPermitted`] if it may not be shared.
pub async fn share(
    tx: &mut Tx,
    means: &Means<'_>,
    from: &str,
    new: &NewLinkGrant,
) -> Result<(String, i64), DeskError> {
    let holder = links::hold(tx, from).await?;
    let until = match holder.state.at(means.now_ms) {
        LinkState::Active { until } => until,
        other => return Err(Refused { what: "link", state: other.as_str(), event: "shared" }.into()),
    };
    if !holder.rights.share {
        return Err(NotPermitted { action: Action::ManageLinks }.into());
    }
    let mut new = new.clone();
    new.rights.share = false;
    new.rights.view &= holder.rights.view;
    new.rights.download &= holder.rights.download;
    new.until = new.until.min(until);
    let new = NewLinkGrant {
        request: holder.request,
        delivery: holder.delivery,
        package: holder.package,
        shared_from: Some(holder.id),
        ..new
    };
    let id = prepare(tx, means, &new).await?;
    let actor = Actor::Recipient { grant: from.to_owned() };
    record(tx, means, actor, "link.shared", (&id, &new.request)).await?;
    Ok((id, new.until))
}

/// Gives out a link: the token that goes into its path. One given out before opens nothing any more.
///
/// # Errors
/// [`DeskError::NotPermitted`]; [`DeskError::Refused`] if the grant has ended or is locked.
pub async fn activate(
    tx: &mut Tx,
    means: &Means<'_>,
    who: &Who,
    grant: &str,
) -> Result<LinkToken, DeskError> {
    let found = hold(tx, who, grant).await?;
    let active = found.state.clone().at(means.now_ms).activate()?;
    withdraw_mail(tx, means, who, (grant, &found.request)).await?;
    links::set_state(tx, grant, &found.state, &active).await?;
    let token = LinkToken::fresh(means.chance);
    links::set_token(tx, grant, &token.hash()).await?;
    record(tx, means, who.actor(), "link.given_out", (grant, &found.request)).await?;
    Ok(token)
}

/// Gives out a link by mail: the mail is put into the outbox with the link's token in it, sealed; the
/// message's id. Sent again, it is another link.
///
/// # Errors
/// As [`activate`].
pub async fn send(
    tx: &mut Tx,
    means: &Means<'_>,
    who: &Who,
    grant: &str,
    (office, to): (Office<'_>, &str),
) -> Result<String, DeskError> {
    let token = activate(tx, means, who, grant).await?.text();
    let found = links::get(&mut *tx, grant).await?.ok_or(StoreError::Missing { table: "link_grants" })?;
    let (request, language) = (request_of(tx, &found).await?, language_of(&found));
    let LinkState::Active { until } = found.state else { return Err(DeskError::Stale) };
    let until = office.site.local(until).date();
    let (reference, token) = (&request.reference, token.as_str());
    let (kind, mail) = match found.shared_from {
        None => (LinkReady::KIND, write(&LinkReady { reference, token, until }, office, to, language)),
        Some(_) => (LinkShared::KIND, write(&LinkShared { token, until }, office, to, language)),
    };
    let about = About { request: &found.request, link_grant: Some(grant), kind };
    Ok(outbox::put(tx, means, &about, &mail).await?)
}

/// Sends a link of ours again, as another link: the one before opens nothing any more. A corrected address
/// takes the place of the one that was given.
///
/// # Errors
/// [`DeskError::Invalid`] if there is no address or it is none; [`DeskError::Refused`] if the link was passed on
/// by its holder, or as [`activate`].
pub async fn send_again(
    tx: &mut Tx,
    means: &Means<'_>,
    who: &Who,
    grant: &str,
    (office, corrected): (Office<'_>, Option<&str>),
) -> Result<(), DeskError> {
    let found = hold(tx, who, grant).await?;
    if found.shared_from.is_some() {
        return Err(Refused { what: "link", state: "passed on", event: "sent again by the desk" }.into());
    }
    let delivery = deliveries::get_to_change(tx, &found.delivery).await?;
    let Destination::Link { email: known, .. } = delivery.destination.clone() else {
        return Err(DeskError::Stale);
    };
    let corrected = corrected.map(|email| text::email("email", email)).transpose()?;
    let missing = DeskError::Invalid { field: "email", why: "give an address: there is none yet" };
    let to = corrected.clone().or(known).ok_or(missing)?;
    if corrected.is_some() {
        deliveries::correct_email(tx, &delivery, &to).await?;
    }
    outbox::give_up(tx, grant, &found.request).await?;
    send(tx, means, who, grant, (office, &to)).await?;
    let event = NewEvent::new(who.actor(), "link.sent_again", Subject::new("link", grant));
    let event = event.of_request(&found.request).with(json!({ "address_corrected": corrected.is_some() }));
    Ok(audit::add(tx, &event, means.now_ms, means.chance).await?)
}

/// Tells whoever passed a link on that it was used, if it was passed on and their address is known.
///
/// # Errors
/// If the database fails.
pub async fn tell_of_use(
    tx: &mut Tx,
    means: &Means<'_>,
    used: &LinkGrant,
    office: Office<'_>,
) -> Result<(), DeskError> {
    let Some(holder) = &used.shared_from else { return Ok(()) };
    let delivery = deliveries::get(&mut *tx, &used.delivery).await?;
    let destination = delivery.map(|delivery| delivery.destination);
    let Some(Destination::Link { email: Some(to), .. }) = destination else { return Ok(()) };
    let holder = links::get(&mut *tx, holder).await?.ok_or(StoreError::Missing { table: "link_grants" })?;
    let request = request_of(tx, used).await?;
    let letter = LinkUsed { reference: &request.reference, on: office.site.today(means.now_ms) };
    let mail = write(&letter, office, &to, language_of(&holder));
    let about = About { request: &used.request, link_grant: None, kind: LinkUsed::KIND };
    outbox::put(tx, means, &about, &mail).await?;
    Ok(())
}

async fn request_of(tx: &mut Tx, grant: &LinkGrant) -> Result<ReleaseRequest, StoreError> {
    requests::get(tx, &grant.request).await?.ok_or(StoreError::Missing { table: "requests" })
}

/// English for a language nobody can speak any more.
fn language_of(grant: &LinkGrant) -> Language {
    grant.language.parse().unwrap_or_default()
}

/// Issues an access code, to be shown once. One issued before opens nothing any more and what it opened is closed,
/// tries begin anew, and a locked link is open again.
///
/// # Errors
/// [`DeskError::NotPermitted`]; [`DeskError::Refused`] if the grant has ended.
pub async fn issue_code(
    tx: &mut Tx,
    means: &Means<'_>,
    who: &Who,
    grant: &str,
    birth_date: Date,
) -> Result<AccessCode, DeskError> {
    let found = hold(tx, who, grant).await?;
    let unlocked = found.state.clone().at(means.now_ms).unlock()?;
    let (code, key) = (AccessCode::fresh(means.chance), DataKey::fresh(means.chance));
    let hmac = proof(&key, birth_date, &code);
    let kept = means.keys.wrap(&Holder::Link.owner(grant), &key, means.chance).into();
    links::set_proof(tx, grant, &Proof { hmac, key: kept }).await?;
    links::end_sessions_of(tx, grant).await?;
    links::set_state(tx, grant, &found.state, &unlocked).await?;
    record(tx, means, who.actor(), "link.code_issued", (grant, &found.request)).await?;
    jobs::put(tx, &[advance_request(&found.request)], means.chance).await?;
    Ok(code)
}

/// Has a link end at another time.
///
/// # Errors
/// [`DeskError::NotPermitted`]; [`DeskError::Refused`] if it was revoked; [`DeskError::Invalid`] if that is over.
pub async fn extend(
    tx: &mut Tx,
    means: &Means<'_>,
    who: &Who,
    grant: &str,
    until: i64,
) -> Result<(), DeskError> {
    if until <= means.now_ms {
        return Err(DeskError::Invalid { field: "until", why: "choose a day that is still to come" });
    }
    let found = hold(tx, who, grant).await?;
    let extended = found.state.clone().at(means.now_ms).extend(until)?;
    links::set_state(tx, grant, &found.state, &extended).await?;
    Ok(record(tx, means, who.actor(), "link.extended", (grant, &found.request)).await?)
}

/// Takes a link back, and those that its holder passed on: not one more byte leaves by them.
///
/// # Errors
/// [`DeskError::NotPermitted`]; [`DeskError::Refused`] if it was taken back before.
pub async fn revoke(tx: &mut Tx, means: &Means<'_>, who: &Who, grant: &str) -> Result<(), DeskError> {
    let found = hold(tx, who, grant).await?;
    let passed_on = links::of_request(&mut *tx, &found.request).await?.into_iter();
    let passed_on: Vec<LinkGrant> =
        passed_on.filter(|other| other.shared_from.as_deref() == Some(grant)).collect();
    revoke_one(tx, means, who, found).await?;
    for other in passed_on {
        match revoke_one(tx, means, who, other).await {
            Ok(()) | Err(DeskError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn revoke_one(tx: &mut Tx, means: &Means<'_>, who: &Who, grant: LinkGrant) -> Result<(), DeskError> {
    let actor = who.actor();
    // An actor is made of texts, which always serialise.
    let by = serde_json::to_string(&actor).unwrap_or_default();
    let revoked = grant.state.clone().revoke(by, means.now_ms)?;
    withdraw_mail(tx, means, who, (&grant.id, &grant.request)).await?;
    links::set_state(tx, &grant.id, &grant.state, &revoked).await?;
    Ok(record(tx, means, actor, "link.revoked", (&grant.id, &grant.request)).await?)
}

/// A grant that nobody else changes meanwhile, for someone who may: staff, or who passed it on.
async fn hold(tx: &mut Tx, who: &Who, grant: &str) -> Result<LinkGrant, DeskError> {
    let found = links::hold(tx, grant).await?;
    let passed_it_on = matches!(who, Who::Recipient(holder) if found.shared_from.as_ref() == Some(holder));
    if passed_it_on || authorization::may(who, Action::ManageLinks) {
        Ok(found)
    } else {
        Err(NotPermitted { action: Action::ManageLinks }.into())
    }
}

/// Takes back mail that waits with a link that opens nothing any more.
async fn withdraw_mail(
    tx: &mut Tx,
    means: &Means<'_>,
    who: &Who,
    of: (&str, &str),
) -> Result<(), StoreError> {
    match messages::withdraw_of_grant(tx, of.0, means.now_ms).await? {
        0 => Ok(()),
        _ => record(tx, means, who.actor(), "link.mail_withdrawn", of).await,
    }
}

async fn record(
    tx: &mut Tx,
    means: &Means<'_>,
    actor: Actor,
    action: &'static str,
    (grant, request): (&str, &str),
) -> Result<(), StoreError> {
    let event = NewEvent::new(actor, action, Subject::new("link", grant)).of_request(request);
    audit::add(tx, &event, means.now_ms, means.chance).await
}

/// The grant of a link that someone follows, as it is now; nothing if there is none.
///
/// # Errors
/// If the database fails.
pub async fn followed(db: &Db, token: &str, now_ms: i64) -> Result<Option<LinkGrant>, StoreError> {
    let Some(token) = LinkToken::parse(token) else { return Ok(None) };
    let found = links::by_token(db, &token.hash()).await?;
    Ok(found.map(|grant| LinkGrant { state: grant.state.clone().at(now_ms), ..grant }))
}

/// Someone's time inside a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSession {
    /// The session.
    pub id: String,
    /// When it ends unless it is used.
    pub until: i64,
    /// The grant that opened it, which is active.
    pub grant: LinkGrant,
}

/// The session of a cookie, if neither it nor its grant has ended.
///
/// # Errors
/// If the database fails.
pub async fn session_of(db: &Db, cookie: &str, now_ms: i64) -> Result<Option<LinkSession>, StoreError> {
    let Some(token) = LinkToken::parse(cookie) else { return Ok(None) };
    let Some(row) = links::session(db, &token.hash(), now_ms).await? else { return Ok(None) };
    let grant = links::get(db, &row.link_grant).await?;
    Ok(grant.and_then(|grant| open_session(row, grant, now_ms)))
}

fn open_session(row: SessionRow, grant: LinkGrant, now_ms: i64) -> Option<LinkSession> {
    let state = grant.state.clone().at(now_ms);
    let is_open = matches!(state, LinkState::Active { .. });
    is_open.then_some(LinkSession { id: row.id, until: row.until, grant: LinkGrant { state, ..grant } })
}

/// Whether bytes may still leave in this session: asked before each block of them. That a session would
/// have ended for want of use does not count while it is used.
///
/// # Errors
/// If the database fails.
pub async fn may_go_on(db: &Db, session: &LinkSession, now_ms: i64) -> Result<bool, StoreError> {
    let grant = links::get(db, &session.grant.id).await?;
    Ok(grant.is_some_and(|grant| matches!(grant.state.at(now_ms), LinkState::Active { .. })))
}

/// Has a session that is used last on, never beyond twelve hours.
///
/// # Errors
/// If it has been ended, or the database fails.
pub async fn prolong(tx: &mut Tx, cookie: &str, now_ms: i64) -> Result<(), StoreError> {
    let Some(token) = LinkToken::parse(cookie) else { return Ok(()) };
    match links::session(&mut *tx, &token.hash(), now_ms).await? {
        Some(row) => links::prolong(tx, &row.id, (now_ms + IDLE_MS).min(row.at_most_until)).await,
        None => Ok(()),
    }
}

/// Ends a session.
///
/// # Errors
/// If the database fails.
pub async fn leave(tx: &mut Tx, session: &LinkSession) -> Result<(), StoreError> {
    links::end_session(tx, &session.id).await
}

/// Who someone at a link is, as far as the network tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// What their browser calls itself.
    pub agent: &'a str,
    /// Their network address.
    pub address: &'a str,
}

/// Notes what someone did at a link.
///
/// # Errors
/// If the database fails.
pub async fn note(
    tx: &mut Tx,
    grant: &str,
    deed: Deed,
    caller: Caller<'_>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let agent: String = caller.agent.chars().take(AGENT_CHARS).collect();
    links::note_visit(tx, grant, deed, (&agent, caller.address), now_ms).await
}

/// Who opened a link: people, programs, and who cannot be told.
///
/// # Errors
/// If the database fails.
pub async fn visitors(db: &Db, grant: &LinkGrant) -> Result<Vec<Visitor>, StoreError> {
    let visits = links::visits_of(db, &grant.id).await?;
    let sent =
        messages::of_request(db, &grant.request).await?.into_iter().filter_map(|message| {
            match message.state {
                MessageState::Sent { at } if message.link_grant.as_ref() == Some(&grant.id) => Some(at),
                _ => None,
            }
        });
    Ok(Visitor::of(&visits, sent.max()))
}
