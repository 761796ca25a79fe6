//! Work on a request that stopped and waits for a person: shown, tried again, set aside.

use super::authorization::Action;
use super::{Acting, DeskError};
use crate::delivery::label::{BUY_LABEL, GIVE_BACK_LABEL, RECONCILE_LABEL};
use crate::delivery::shipment::PRESUME_DELIVERED;
use crate::delivery::tracking::{JUDGE_PROMISE, TRACK_SHIPMENT};
use crate::model::job::{ADVANCE_REQUEST, FREEZE_PACKAGE, HAND_OVER_PACKAGE, PREPARE_DISCS};
use crate::model::{Job, JobState, MessageState, NewEvent, Refused, Subject};
use crate::notify::outbox;
use crate::store::db::{Read, Tx};
use crate::store::{audit, jobs, messages};
use serde_json::json;

/// Work that stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The job.
    pub id: String,
    /// What was being done, in English.
    pub what: &'static str,
    /// Why it stopped. It holds no personal data.
    pub reason: String,
    /// Since when.
    pub since: i64,
    /// What a person does about it.
    pub remedy: Remedy,
}

/// What a person does about work that stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Try it again: doing it twice does no harm.
    TryAgain,
    /// Say on the page of parcels what became of the label: asked again, the carrier may make two.
    Parcels,
    /// Send the link again, to an address that takes it: this mail is not taken, however often it is tried.
    OtherAddress,
}

impl From<Job> for Stopped {
    fn from(job: Job) -> Self {
        let reason = match job.state {
            JobState::Parked { reason } | JobState::Unresolved { reason } => reason,
            JobState::Ready | JobState::Leased(_) | JobState::Done => String::new(),
        };
        Self {
            what: what(&job.kind),
            remedy: if job.kind == BUY_LABEL { Remedy::Parcels } else { Remedy::TryAgain },
            since: job.finished_at.unwrap_or(job.created_at),
            id: job.id,
            reason,
        }
    }
}

impl Stopped {
    fn refuses(&self, event: &'static str) -> DeskError {
        let state = match self.remedy {
            Remedy::TryAgain => "stopped",
            Remedy::Parcels => "about a label nobody knows about",
            Remedy::OtherAddress => "a mail that is not taken",
        };
        Refused { what: "job", state, event }.into()
    }
}

fn what(kind: &str) -> &'static str {
    match kind {
        ADVANCE_REQUEST => "Moving the request on",
        FREEZE_PACKAGE => "Putting the images together",
        HAND_OVER_PACKAGE => "Uploading the images for the link",
        PREPARE_DISCS => "Preparing the discs",
        outbox::KIND => "Sending a mail",
        BUY_LABEL => "Buying the label",
        RECONCILE_LABEL => "Finding out what became of a label",
        GIVE_BACK_LABEL => "Giving a label back",
        TRACK_SHIPMENT => "Following the parcel",
        JUDGE_PROMISE => "Judging the promised day",
        PRESUME_DELIVERED => "Presuming the letter delivered",
        _ => "Work on the request",
    }
}

/// What stopped of requests, the oldest first, each with its request's id.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(
    mut reader: impl Read,
    requests: &[&str],
) -> Result<Vec<(String, Stopped)>, DeskError> {
    let mut all = Vec::new();
    for (request, job) in jobs::stopped_about(&mut reader, requests).await? {
        let waits = is_mail_waiting(&mut reader, &job).await?;
        let stopped = Stopped::from(job);
        let remedy = if waits { stopped.remedy } else { Remedy::OtherAddress };
        all.push((request, Stopped { remedy, ..stopped }));
    }
    Ok(all)
}

/// Whether a job that sends a mail still has it to send; others always have.
async fn is_mail_waiting(reader: &mut impl Read, job: &Job) -> Result<bool, DeskError> {
    let Some(message) = job.dedup_key.as_deref().filter(|_| job.kind == outbox::KIND) else {
        return Ok(true);
    };
    let message = messages::get(reader, message).await?;
    Ok(message.is_some_and(|message| matches!(message.state, MessageState::Waiting(_))))
}

/// Has work on a request that stopped tried again.
///
/// # Errors
/// [`DeskError::NotPermitted`]; [`DeskError::NotFound`] if nothing of that id stopped; [`DeskError::Refused`] if
/// doing it twice would do harm.
pub async fn try_again(tx: &mut Tx, acting: &Acting<'_>, request: &str, job: &str) -> Result<(), DeskError> {
    acting.permit(Action::ResumeWork)?;
    let found = find(tx, request, job).await?;
    if found.remedy != Remedy::TryAgain {
        return Err(found.refuses("tried again"));
    }
    jobs::try_again(tx, job).await?;
    note(tx, acting, (request, job), "job.tried_again", json!({ "reason": found.reason })).await
}

/// Sets work aside that stopped: it was seen to another way.
///
/// # Errors
/// As [`try_again`]; [`DeskError::Invalid`] if nobody says how.
pub async fn set_aside(
    tx: &mut Tx,
    acting: &Acting<'_>,
    (request, job): (&str, &str),
    how: &str,
) -> Result<(), DeskError> {
    acting.permit(Action::ResumeWork)?;
    let how = super::request::text::prose("how", how)?;
    let found = find(tx, request, job).await?;
    if found.remedy == Remedy::Parcels {
        return Err(found.refuses("set aside"));
    }
    jobs::set_aside(tx, job).await?;
    note(tx, acting, (request, job), "job.set_aside", json!({ "reason": found.reason, "how": how })).await
}

async fn find(tx: &mut Tx, request: &str, job: &str) -> Result<Stopped, DeskError> {
    let all = of_requests(tx, &[request]).await?;
    let found = all.into_iter().map(|(_, stopped)| stopped).find(|stopped| stopped.id == job);
    found.ok_or(DeskError::NotFound { what: "stopped work" })
}

async fn note(
    tx: &mut Tx,
    acting: &Acting<'_>,
    (request, job): (&str, &str),
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), DeskError> {
    let event = NewEvent::new(acting.who.actor(), action, Subject::new("job", job));
    let event = event.of_request(request).with(detail);
    Ok(audit::add(tx, &event, acting.now_ms, acting.chance).await?)
}
