//! Jobs and their states.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a job does to the world outside, and so whether it may be run again when nobody knows how far
/// it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Running it again does no harm.
    Repeatable,
    /// The other side knows a repetition by its key.
    Keyed,
    /// The other side would do it twice.
    Unkeyed,
    /// It uses something up.
    Physical,
}

impl Effect {
    /// Whether a job with this effect may be run again after its lease was lost.
    #[must_use]
    pub fn may_run_again(self) -> bool {
        matches!(self, Self::Repeatable | Self::Keyed)
    }
}

/// What happens to the time of a job that waits already when another with its key is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// The later of both times counts: a study is settled once it has been quiet.
    Postpone,
    /// The earlier of both times counts: somebody is waiting.
    Hasten,
}

/// A job to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Which handler does it.
    pub kind: &'static str,
    /// For the handler, as JSON.
    pub payload: String,
    /// The only node that can do it; nothing: any.
    pub node: Option<String>,
    /// What it is about: of one kind, node and key one job waits and one runs at a time.
    pub dedup_key: Option<String>,
    /// Not before so many milliseconds from now.
    pub delay_ms: i64,
    /// Parked after so many tries.
    pub max_tries: u32,
    /// If one with its key waits already.
    pub twin: Twin,
}

impl NewJob {
    /// A job for any node, to be done now, parked after ten tries.
    #[must_use]
    pub fn new(kind: &'static str, payload: &impl Serialize) -> Self {
        // What handlers take is made of texts, numbers and lists, which always serialise.
        let payload = serde_json::to_string(payload).unwrap_or_default();
        let (node, dedup_key) = (None, None);
        Self { kind, payload, node, dedup_key, delay_ms: 0, max_tries: 10, twin: Twin::Postpone }
    }

    /// Only on this node.
    #[must_use]
    pub fn on_node(self, node: impl Into<String>) -> Self {
        Self { node: Some(node.into()), ..self }
    }

    /// Once per key, if the time it was put at is the later one.
    #[must_use]
    pub fn once(self, dedup_key: impl Into<String>, twin: Twin) -> Self {
        Self { dedup_key: Some(dedup_key.into()), twin, ..self }
    }

    /// Not before so many milliseconds from now.
    #[must_use]
    pub fn after_ms(self, delay_ms: i64) -> Self {
        Self { delay_ms, ..self }
    }
}

/// The job that moves a release request on: it compares what each of its deliveries wants with what is. Whoever
/// changes something a request may be waiting for puts it, in the same transaction.
#[must_use]
pub fn advance_request(request: &str) -> NewJob {
    NewJob::new(ADVANCE_REQUEST, &request).once(request, Twin::Hasten)
}

/// The kind of [`advance_request`]; its payload is the request's id.
pub const ADVANCE_REQUEST: &str = "advance_request";

/// What a [`settle_study`] job is about.
#[derive(Debug, Serialize, Deserialize)]
pub struct StudyToSettle {
    /// The study's row.
    pub study: String,
}

/// The job that settles what `node` holds of `study` once it has been `quiet`.
#[must_use]
pub fn settle_study(study: &str, node: &str, quiet: Duration, twin: Twin) -> NewJob {
    let delay_ms = i64::try_from(quiet.as_millis()).unwrap_or(i64::MAX);
    let payload = StudyToSettle { study: study.to_owned() };
    NewJob::new(SETTLE_STUDY, &payload).on_node(node).once(study, twin).after_ms(delay_ms)
}

/// The kind of [`settle_study`].
pub const SETTLE_STUDY: &str = "settle_study";

/// The job that freezes the package of a request, or the next version of it if what is released has changed.
#[must_use]
pub fn freeze_package(request: &str) -> NewJob {
    NewJob { max_tries: 600, ..NewJob::new(FREEZE_PACKAGE, &request).once(request, Twin::Hasten) }
}

/// The kind of [`freeze_package`]; its payload is the request's id.
pub const FREEZE_PACKAGE: &str = "freeze_package";

/// The job that uploads a package to where its recipients fetch it, if it is not there.
#[must_use]
pub fn hand_over_package(package: &str) -> NewJob {
    NewJob { max_tries: 100, ..NewJob::new(HAND_OVER_PACKAGE, &package).once(package, Twin::Hasten) }
}

/// The kind of [`hand_over_package`]; its payload is the package's id.
pub const HAND_OVER_PACKAGE: &str = "hand_over_package";

/// The job that seals the discs of a delivery and queues them.
#[must_use]
pub fn prepare_discs(delivery: &str) -> NewJob {
    NewJob { max_tries: 100, ..NewJob::new(PREPARE_DISCS, &delivery).once(delivery, Twin::Hasten) }
}

/// The kind of [`prepare_discs`]; its payload is the delivery's id.
pub const PREPARE_DISCS: &str = "prepare_discs";

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its time and a worker.
    Ready,
    /// A worker has it.
    Leased(Lease),
    /// Finished.
    Done,
    /// Nobody knows whether its effect happened; a person or a reconciler decides.
    Unresolved {
        /// Why.
        reason: String,
    },
    /// Given up, for a person to look at.
    Parked {
        /// Why.
        reason: String,
    },
}

/// A worker's right to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who has it.
    pub worker: String,
    /// Which lease of the job this is. An older one counts for nothing.
    pub epoch: i64,
    /// Until when, by the database's clock.
    pub until: i64,
}

/// How a lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The job is done.
    Done,
    /// It is to be tried again.
    Retry {
        /// After so many milliseconds.
        delay_ms: i64,
        /// Why it failed.
        reason: String,
    },
    /// Nobody knows whether its effect happened.
    Unresolved {
        /// Why.
        reason: String,
    },
    /// It is given up.
    Park {
        /// Why.
        reason: String,
    },
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The row's id.
    pub id: String,
    /// Which handler does it.
    pub kind: String,
    /// For the handler, as JSON.
    pub payload: String,
    /// The only node that can do it; nothing: any.
    pub node: Option<String>,
    /// What it is about.
    pub dedup_key: Option<String>,
    /// How far it is.
    pub state: JobState,
    /// Not before.
    pub run_at: i64,
    /// How often it was leased.
    pub tries: u32,
    /// Parked after so many.
    pub max_tries: u32,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// When it was put.
    pub created_at: i64,
    /// When it was done, parked or left unresolved.
    pub finished_at: Option<i64>,
}

/// What to do with a job whose lease ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    /// It may be leased again.
    RunAgain,
    /// Its effect may have happened.
    Unresolved,
    /// It took its worker down once too often.
    Park,
}

impl Job {
    /// What to do with this job if its lease ran out: only [`JobState::Leased`] ones have one.
    #[must_use]
    pub fn overdue(&self, effect: Effect, now_ms: i64) -> Option<Overdue> {
        match &self.state {
            JobState::Leased(lease) if lease.until <= now_ms => Some(if !effect.may_run_again() {
                Overdue::Unresolved
            } else if self.tries >= self.max_tries {
                Overdue::Park
            } else {
                Overdue::RunAgain
            }),
            _ => None,
        }
    }

    /// The job as its next worker has it.
    #[must_use]
    pub fn leased(self, lease: Lease) -> LeasedJob {
        let Self { id, kind, payload, node, tries, max_tries, .. } = self;
        LeasedJob { id, kind, payload, node, tries: tries.saturating_add(1), max_tries, lease }
    }
}

/// A job in the hands of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    /// The row's id.
    pub id: String,
    /// Which handler does it.
    pub kind: String,
    /// For the handler, as JSON.
    pub payload: String,
    /// The only node that can do it; nothing: any.
    pub node: Option<String>,
    /// Which try this is; the first is 1.
    pub tries: u32,
    /// The last one.
    pub max_tries: u32,
    /// The right to end it.
    pub lease: Lease,
}

impl LeasedJob {
    /// What the job is about, or nothing if it is not of this form.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(tries: u32, state: JobState) -> Job {
        let NewJob { kind, payload, node, dedup_key, max_tries, .. } = NewJob::new("settle_study", &"s1");
        let (kind, last_error, finished_at) = (kind.to_owned(), None, None);
        Job {
            id: "j".into(),
            kind,
            payload,
            node,
            dedup_key,
            state,
            run_at: 0,
            tries,
            max_tries,
            last_error,
            created_at: 0,
            finished_at,
        }
    }

    #[test]
    fn what_becomes_of_an_overdue_job_depends_on_its_effect() {
        let lease = Lease { worker: "w".into(), epoch: 1, until: 100 };
        for (effect, tries, now_ms, expected) in [
            (Effect::Repeatable, 1, 100, Some(Overdue::RunAgain)),
            (Effect::Keyed, 9, 100, Some(Overdue::RunAgain)),
            (Effect::Keyed, 10, 100, Some(Overdue::Park)),
            (Effect::Unkeyed, 1, 100, Some(Overdue::Unresolved)),
            (Effect::Physical, 10, 100, Some(Overdue::Unresolved)),
            (Effect::Physical, 1, 99, None),
        ] {
            let job = job(tries, JobState::Leased(lease.clone()));
            assert_eq!(job.overdue(effect, now_ms), expected, "{effect:?} {tries} {now_ms}");
        }
        assert_eq!(job(1, JobState::Ready).overdue(Effect::Repeatable, 1_000), None);
        assert_eq!(job(1, JobState::Done).overdue(Effect::Repeatable, 1_000), None);
    }

    #[test]
    fn a_payload_comes_back_as_it_was_put() {
        let leased = job(0, JobState::Ready).leased(Lease { worker: "w".into(), epoch: 1, until: 5 });
        assert_eq!(leased.payload::<String>().as_deref(), Some("s1"));
        assert_eq!(leased.payload::<u32>(), None);
        assert_eq!(leased.tries, 1);
    }
}
