//! The worker.

use super::handler::{Handler, JobError};
use crate::model::{Effect, Ending, LeasedJob};
use crate::store::StoreError;
use crate::store::db::Db;
use crate::store::jobs::{self, Wanted};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

/// Wakes the workers of this process. Rung after a transaction that put jobs; a ring that is forgotten
/// costs no more than [`Pace::poll_ms`].
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes a worker.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// How fast a worker goes. All in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often to look for jobs without being woken.
    pub poll_ms: u64,
    /// How long a lease is. It is renewed at a third of that.
    pub lease_ms: u64,
    /// How long to wait after the first failure; doubled with each further one.
    pub backoff_ms: u64,
    /// The longest such wait.
    pub most_backoff_ms: u64,
    /// How long running jobs have to end on shutdown.
    pub drain_ms: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll_ms: 1_000,
            lease_ms: 60_000,
            backoff_ms: 1_000,
            most_backoff_ms: 600_000,
            drain_ms: 30_000,
        }
    }
}

/// Runs jobs.
pub struct Worker {
    db: Db,
    name: String,
    nodes: Vec<String>,
    handlers: Vec<Arc<dyn Handler>>,
    slots: usize,
    pace: Pace,
    bell: Bell,
}

impl Worker {
    /// A worker that runs up to `slots` jobs at a time: those `handlers` can do, for any node or `nodes`.
    #[must_use]
    pub fn new(
        db: Db,
        name: impl Into<String>,
        nodes: Vec<String>,
        handlers: Vec<Arc<dyn Handler>>,
        slots: usize,
    ) -> Self {
        let (name, slots) = (name.into(), slots.max(1));
        Self { db, name, nodes, handlers, slots, pace: Pace::default(), bell: Bell::default() }
    }

    /// The same worker at another pace.
    #[must_use]
    pub fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// The same worker, woken by this bell.
    #[must_use]
    pub fn woken_by(self, bell: Bell) -> Self {
        Self { bell, ..self }
    }

    /// Works until `shutdown` says true or its sender is gone; then takes no more jobs and lets those
    /// that run end. What does not end in time is left to its lease.
    pub async fn run(self, mut shutdown: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        let mut running = JoinSet::new();
        while !*shutdown.borrow() {
            worker.fill_slots(&mut running).await;
            let poll = Duration::from_millis(worker.pace.poll_ms);
            tokio::select! {
                changed = shutdown.changed() => if changed.is_err() { break },
                Some(_) = running.join_next() => {}
                () = worker.bell.0.notified() => {}
                () = tokio::time::sleep(poll) => {}
            }
        }
        let drained = async { while running.join_next().await.is_some() {} };
        let drain = Duration::from_millis(worker.pace.drain_ms);
        if tokio::time::timeout(drain, drained).await.is_err() {
            tracing::warn!("jobs did not end in time; they are left to their leases");
        }
    }

    /// Does the job that has been waiting longest, and returns when it ended: [`Self::run`], one job at a time and
    /// without waiting. Whether one was due.
    ///
    /// # Errors
    /// If none could be leased.
    pub async fn do_next(&self) -> Result<bool, StoreError> {
        let Some(job) = self.claim().await? else { return Ok(false) };
        self.do_one(job).await;
        Ok(true)
    }

    async fn claim(&self) -> Result<Option<LeasedJob>, StoreError> {
        let kinds: Vec<(&'static str, Effect)> =
            self.handlers.iter().map(|handler| (handler.kind(), handler.effect())).collect();
        let wanted = Wanted {
            kinds: &kinds,
            nodes: &self.nodes,
            worker: &self.name,
            lease_ms: ms(self.pace.lease_ms),
        };
        jobs::claim(&self.db, &wanted).await
    }

    /// Leases jobs until every slot is taken or none is due.
    async fn fill_slots(self: &Arc<Self>, running: &mut JoinSet<()>) {
        while running.len() < self.slots {
            match self.claim().await {
                Ok(Some(job)) => {
                    let worker = Arc::clone(self);
                    running.spawn(async move { worker.do_one(job).await });
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "no job could be leased");
                    break;
                }
            }
        }
    }

    async fn do_one(&self, job: LeasedJob) {
        let Some(handler) = self.handlers.iter().find(|handler| handler.kind() == job.kind) else { return };
        let (handler, body, effect) = (Arc::clone(handler), job.clone(), handler.effect());
        let run = tokio::spawn(async move { handler.run(&body).await });
        let Some(result) = self.keep_leased(&job, effect, run).await else {
            tracing::warn!(job = %job.id, kind = %job.kind, "the lease was lost while the job ran");
            return;
        };
        let ended = match result {
            Ok(()) => self.finish(&job).await,
            Err(error) => self.give_back(&job, error).await,
        };
        if let Err(error) = ended {
            tracing::warn!(job = %job.id, kind = %job.kind, %error, "the job's end could not be recorded");
        }
    }

    /// Waits for a job to end, its lease kept alive; nothing if the lease was lost.
    async fn keep_leased(
        &self,
        job: &LeasedJob,
        effect: Effect,
        run: JoinHandle<Result<(), JobError>>,
    ) -> Option<Result<(), JobError>> {
        let mut run = AbortOnDrop(run);
        let third = Duration::from_millis((self.pace.lease_ms / 3).max(1));
        loop {
            tokio::select! {
                ended = &mut run.0 => return Some(ended.unwrap_or_else(|_| Err(panicked(effect)))),
                () = tokio::time::sleep(third) => {}
            }
            match self.renew(job).await {
                Err(StoreError::LostLease) => return None,
                Err(error) => tracing::warn!(job = %job.id, %error, "the lease could not be renewed"),
                Ok(()) => {}
            }
        }
    }

    async fn renew(&self, job: &LeasedJob) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        jobs::renew(&mut tx, job, ms(self.pace.lease_ms)).await?;
        tx.commit().await
    }

    /// Handlers that write finish in their own transaction; this is for the others.
    async fn finish(&self, job: &LeasedJob) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        match jobs::finish(&mut tx, job).await {
            Err(StoreError::LostLease) if jobs::is_finished(&mut tx, job).await? => Ok(()),
            Err(error) => Err(error),
            Ok(()) => tx.commit().await,
        }
    }

    async fn give_back(&self, job: &LeasedJob, error: JobError) -> Result<(), StoreError> {
        let ending = self.ending(job, error);
        tracing::warn!(job = %job.id, kind = %job.kind, tries = job.tries, ?ending, "the job was not done");
        let mut tx = self.db.begin().await?;
        jobs::end(&mut tx, job, &ending).await?;
        tx.commit().await
    }

    fn ending(&self, job: &LeasedJob, error: JobError) -> Ending {
        match error {
            JobError::Unresolved { reason } => Ending::Unresolved { reason },
            JobError::Fail { reason } => Ending::Park { reason },
            JobError::Retry { reason, .. } if job.tries >= job.max_tries => Ending::Park { reason },
            JobError::Retry { reason, after_ms } => {
                Ending::Retry { delay_ms: after_ms.unwrap_or_else(|| self.backoff_ms(job.tries)), reason }
            }
        }
    }

    fn backoff_ms(&self, tries: u32) -> i64 {
        let doublings = tries.saturating_sub(1).min(32);
        ms(self.pace.backoff_ms.saturating_mul(1 << doublings).min(self.pace.most_backoff_ms))
    }
}

/// A handler that lost its lease is stopped, not left to go on beside its successor.
struct AbortOnDrop(JoinHandle<Result<(), JobError>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Nobody knows how far a handler came before it panicked.
fn panicked(effect: Effect) -> JobError {
    let reason = "the handler panicked".to_owned();
    if effect.may_run_again() {
        JobError::Retry { reason, after_ms: None }
    } else {
        JobError::Unresolved { reason }
    }
}

fn ms(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::Running;
    use crate::model::{JobState, NewJob};
    use crate::store::contract::on_both_engines;
    use crate::store::jobs::{get, stopped};
    use imaging::chance::OsChance;
    use std::sync::atomic::{AtomicU32, Ordering};

    const FAST: Pace =
        Pace { poll_ms: 20, lease_ms: 300, backoff_ms: 1, most_backoff_ms: 4, drain_ms: 2_000 };

    /// Does what its job's payload says, and counts.
    #[derive(Default)]
    struct Obedient {
        runs: AtomicU32,
        ends: AtomicU32,
        physical: bool,
    }

    impl Handler for Obedient {
        fn kind(&self) -> &'static str {
            "obey"
        }

        fn effect(&self) -> Effect {
            if self.physical { Effect::Physical } else { Effect::Repeatable }
        }

        fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
            Box::pin(async move {
                let run = self.runs.fetch_add(1, Ordering::SeqCst);
                match job.payload::<String>().as_deref() {
                    Some("fail twice") if run < 2 => return Err(JobError::retry("not yet")),
                    Some("never") => return Err(JobError::retry("not ever")),
                    Some("give up") => return Err(JobError::fail("no such disc")),
                    Some("panic") => panic!("as told"),
                    Some("slow") => tokio::time::sleep(Duration::from_millis(900)).await,
                    _ => {}
                }
                self.ends.fetch_add(1, Ordering::SeqCst);
                Ok(())
            })
        }
    }

    /// Runs a worker on one job until the job is in a state it stays in.
    async fn run_one(db: &Db, handler: &Arc<Obedient>, told: &str) -> JobState {
        let job = NewJob { max_tries: 3, ..NewJob::new("obey", &told) };
        let mut tx = db.begin().await.unwrap();
        jobs::put(&mut tx, &[job], &OsChance).await.unwrap();
        let id =
            tx.fetch_one("SELECT id FROM jobs WHERE state = 'ready'", []).await.unwrap().text(0).unwrap();
        tx.commit().await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let handlers: Vec<Arc<dyn Handler>> = vec![Arc::clone(handler) as Arc<dyn Handler>];
        let worker = Worker::new(db.clone(), "w1", Vec::new(), handlers, 2).at(FAST);
        let running = tokio::spawn(worker.run(stopped));
        let end = loop {
            match get(db, &id).await.unwrap().unwrap().state {
                JobState::Ready | JobState::Leased(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                end => break end,
            }
        };
        stop.send(true).unwrap();
        running.await.unwrap();
        end
    }

    on_both_engines! {
        async fn a_job_is_tried_until_it_is_done(db) {
            let handler = Arc::new(Obedient::default());
            assert_eq!(run_one(&db, &handler, "fail twice").await, JobState::Done);
            assert_eq!(handler.runs.load(Ordering::SeqCst), 3);
        }

        async fn a_job_that_never_works_is_parked_for_a_person(db) {
            let handler = Arc::new(Obedient::default());
            assert_eq!(run_one(&db, &handler, "never").await, JobState::Parked { reason: "not ever".into() });
            assert_eq!(handler.runs.load(Ordering::SeqCst), 3);
            assert_eq!(stopped(&db, "", 10).await.unwrap().len(), 1);
            assert_eq!(run_one(&db, &handler, "give up").await, JobState::Parked { reason: "no such disc".into() });
            assert_eq!(handler.runs.load(Ordering::SeqCst), 4, "what cannot work is not tried again");
        }

        async fn a_lease_is_renewed_while_the_handler_runs(db) {
            let handler = Arc::new(Obedient::default());
            assert_eq!(run_one(&db, &handler, "slow").await, JobState::Done);
            assert_eq!(handler.runs.load(Ordering::SeqCst), 1, "nobody else took it meanwhile");
        }

        async fn a_panic_is_tried_again_only_if_that_does_no_harm(db) {
            let harmless = Arc::new(Obedient::default());
            let reason = || "the handler panicked".to_owned();
            assert_eq!(run_one(&db, &harmless, "panic").await, JobState::Parked { reason: reason() });
            assert_eq!(harmless.runs.load(Ordering::SeqCst), 3);
            let physical = Arc::new(Obedient { physical: true, ..Obedient::default() });
            assert_eq!(run_one(&db, &physical, "panic").await, JobState::Unresolved { reason: reason() });
            assert_eq!(physical.runs.load(Ordering::SeqCst), 1);
        }

        async fn a_bell_wakes_the_worker_and_shutdown_lets_a_running_job_end(db) {
            let handler = Arc::new(Obedient::default());
            let (stop, stopped) = watch::channel(false);
            let bell = Bell::default();
            let pace = Pace { poll_ms: 60_000, ..FAST };
            let handlers: Vec<Arc<dyn Handler>> = vec![Arc::clone(&handler) as Arc<dyn Handler>];
            let worker = Worker::new(db.clone(), "w1", Vec::new(), handlers, 2).at(pace).woken_by(bell.clone());
            let running = tokio::spawn(worker.run(stopped));
            tokio::time::sleep(Duration::from_millis(100)).await;
            let mut tx = db.begin().await.unwrap();
            jobs::put(&mut tx, &[NewJob::new("obey", &"slow")], &OsChance).await.unwrap();
            tx.commit().await.unwrap();
            bell.ring();
            while handler.runs.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            stop.send(true).unwrap();
            running.await.unwrap();
            assert_eq!(handler.ends.load(Ordering::SeqCst), 1);
        }

        async fn a_handler_that_lost_its_lease_is_stopped(db) {
            let handler = Arc::new(Obedient::default());
            let mut tx = db.begin().await.unwrap();
            jobs::put(&mut tx, &[NewJob::new("obey", &"slow")], &OsChance).await.unwrap();
            tx.commit().await.unwrap();
            let (stop, stopped) = watch::channel(false);
            let handlers: Vec<Arc<dyn Handler>> = vec![Arc::clone(&handler) as Arc<dyn Handler>];
            let running = tokio::spawn(Worker::new(db.clone(), "w1", Vec::new(), handlers, 1).at(FAST).run(stopped));
            while handler.runs.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            stop.send(true).unwrap();
            let mut tx = db.begin().await.unwrap();
            let given_away = "UPDATE jobs SET epoch = epoch + 1, worker = 'w2'";
            assert_eq!(tx.execute(given_away, []).await.unwrap(), 1);
            tx.commit().await.unwrap();
            running.await.unwrap();
            assert_eq!(handler.ends.load(Ordering::SeqCst), 0);
            let row = db.fetch_one("SELECT state, worker FROM jobs", []).await.unwrap();
            assert_eq!((row.text(0).unwrap(), row.text(1).unwrap()), ("leased".to_owned(), "w2".to_owned()));
        }

        async fn a_job_finished_by_its_handler_is_not_finished_twice(db) {
            let mut tx = db.begin().await.unwrap();
            jobs::put(&mut tx, &[NewJob::new("finishing", &1)], &OsChance).await.unwrap();
            tx.commit().await.unwrap();
            let (stop, stopped) = watch::channel(false);
            let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(Finishing(db.clone()))];
            let running = tokio::spawn(Worker::new(db.clone(), "w1", Vec::new(), handlers, 1).at(FAST).run(stopped));
            let ready = "SELECT count(*) FROM jobs WHERE state = 'done'";
            while db.fetch_one(ready, []).await.unwrap().i64(0).unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            stop.send(true).unwrap();
            running.await.unwrap();
        }
    }

    /// Ends its job in its own transaction.
    struct Finishing(Db);

    impl Handler for Finishing {
        fn kind(&self) -> &'static str {
            "finishing"
        }

        fn effect(&self) -> Effect {
            Effect::Repeatable
        }

        fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
            Box::pin(async move {
                let mut tx = self.0.begin().await?;
                jobs::finish(&mut tx, job).await?;
                Ok(tx.commit().await?)
            })
        }
    }
}
