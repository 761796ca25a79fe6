//! The transactional outbox: mail is put by the transaction that makes it necessary, and sent by a job.
//!
//! A rendered mail is sealed while it waits and erased when it has left, so that the token it may carry is
//! nowhere but with its recipient. It is sent at least once; what is sent again bears the same Message-ID.

use super::mailer::{Mail, MailError, Mailer};
use crate::clock::Clock;
use crate::ids::new_id;
use crate::means::{self, Means};
use crate::model::audit::{Actor, NewEvent, Subject};
use crate::model::job::advance_request;
use crate::model::{LeasedJob, MessageState, NewJob, NewMessage, SealedBytes, Twin};
use crate::store::db::{Db, Tx};
use crate::store::keys::Holder;
use crate::store::{StoreError, audit, jobs, messages};
use crate::words::in_words;
use imaging::chance::Chance;
use imaging::seal::MasterKeys;
use std::sync::Arc;

/// The job's kind.
pub const KIND: &str = "send_message";

/// Tries before a mail server that does not answer is a person's business: two days of them.
const TRIES: u32 = 300;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// The request.
    pub request: &'a str,
    /// The link grant whose token is in it, if one is.
    pub link_grant: Option<&'a str>,
    /// What it is for, such as `link_ready`.
    pub kind: &'static str,
}

/// Mail cannot be sealed or unsealed.
#[derive(Debug, thiserror::Error)]
#[error("the mail cannot be {verb}")]
struct SealError {
    verb: &'static str,
    source: std::io::Error,
}

/// Puts a mail into the outbox, to be sent when the transaction commits; the message's id.
///
/// # Errors
/// If the database fails.
pub async fn put(
    tx: &mut Tx,
    means: &Means<'_>,
    about: &About<'_>,
    mail: &Mail,
) -> Result<String, StoreError> {
    let id = new_id(means.now_ms, means.chance);
    let message = NewMessage {
        id: id.clone(),
        request: about.request.to_owned(),
        link_grant: about.link_grant.map(str::to_owned),
        kind: about.kind,
        recipient: mail.to.clone(),
        mail: seal(means, &id, mail),
    };
    messages::put(tx, &message, means.now_ms).await?;
    let job = NewJob { max_tries: TRIES, ..NewJob::new(KIND, &id).once(&id, Twin::Hasten) };
    jobs::put(tx, &[job], means.chance).await?;
    Ok(id)
}

/// Gives up sending what carries a token of this grant, where a person was to see to it: it is sent anew.
///
/// # Errors
/// If the database fails.
pub async fn give_up(tx: &mut Tx, link_grant: &str, request: &str) -> Result<(), StoreError> {
    for message in messages::of_request(&mut *tx, request).await? {
        if message.link_grant.as_deref() == Some(link_grant) {
            jobs::resolve(tx, KIND, &message.id, "it is sent anew").await?;
        }
    }
    Ok(())
}

fn seal(means: &Means<'_>, id: &str, mail: &Mail) -> SealedBytes {
    // What mail is made of always serialises.
    let plain = serde_json::to_vec(mail).unwrap_or_default();
    means.seal(&Holder::Message.owner(id), &plain)
}

fn unseal(keys: &MasterKeys, id: &str, mail: &SealedBytes) -> Result<Mail, SealError> {
    let failed = |source| SealError { verb: "unsealed", source };
    let plain = means::unseal(keys, &Holder::Message.owner(id), mail).map_err(failed)?;
    serde_json::from_slice(&plain).map_err(|error| failed(error.into()))
}

/// A message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It may be taken later.
    #[error("{0}")]
    NotNow(String),
    /// It will not be taken: a person has to find another address or way.
    #[error("{0}")]
    Refused(String),
    /// There is no such message, or it does not unseal.
    #[error("{0}")]
    Unusable(String),
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
}

/// Sends messages, each for a job of [`KIND`].
pub struct SendMessage {
    /// The database.
    pub db: Db,
    /// What mail is sealed under.
    pub keys: Arc<MasterKeys>,
    /// What takes it.
    pub mailer: Arc<dyn Mailer>,
    /// The time rows are changed.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub chance: Arc<dyn Chance>,
}

impl SendMessage {
    /// Sends the message a job is about, and ends the job with it. One that does not wait any more is left.
    ///
    /// # Errors
    /// [`SendError`]; a refusal is on record then.
    pub async fn send(&self, job: &LeasedJob) -> Result<(), SendError> {
        let unusable = |why: &str| SendError::Unusable(why.to_owned());
        let id: String = job.payload().ok_or_else(|| unusable("the payload names no message"))?;
        let message = messages::get(&self.db, &id).await?;
        let message = message.ok_or_else(|| unusable("there is no such message"))?;
        let MessageState::Waiting(sealed) = &message.state else { return Ok(()) };
        let mail = unseal(&self.keys, &id, sealed).map_err(|error| unusable(&in_words(&error)))?;
        match self.mailer.send(&id, &mail, self.clock.now_ms()).await {
            Ok(()) => Ok(self.sent(job, &id, &message.request).await?),
            Err(MailError::NotNow(reason)) => Err(SendError::NotNow(reason)),
            Err(MailError::Refused(reason)) => {
                self.refused(&id, &message.request, &reason).await?;
                Err(SendError::Refused(reason))
            }
        }
    }

    async fn sent(&self, job: &LeasedJob, id: &str, request: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        messages::sent(&mut tx, id, self.clock.now_ms()).await?;
        jobs::put(&mut tx, &[advance_request(request)], &*self.chance).await?;
        jobs::finish(&mut tx, job).await?;
        self.note(&mut tx, "message.sent", id, request).await?;
        tx.commit().await
    }

    /// The request learns of it; the job itself is for a person.
    async fn refused(&self, id: &str, request: &str, reason: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        messages::refused(&mut tx, id, reason, self.clock.now_ms()).await?;
        jobs::put(&mut tx, &[advance_request(request)], &*self.chance).await?;
        self.note(&mut tx, "message.refused", id, request).await?;
        tx.commit().await
    }

    /// What a mail server said is not in it: it may name the recipient.
    async fn note(
        &self,
        tx: &mut Tx,
        action: &'static str,
        id: &str,
        request: &str,
    ) -> Result<(), StoreError> {
        let event = NewEvent::new(Actor::program("outbox"), action, Subject::new("message", id));
        audit::add(tx, &event.of_request(request), self.clock.now_ms(), &*self.chance).await
    }
}

#[cfg(test)]
mod tests;
