use super::{in_tx, on_both_engines};
use crate::clock::{Clock, ManualClock};
use crate::model::{Effect, Ending, JobState, LeasedJob, NewJob, Twin};
use crate::store::StoreError;
use crate::store::db::Db;
use crate::store::jobs::{Wanted, claim, end, finish, forget_done, get, put, renew, stopped, try_again};
use imaging::chance::OsChance;
use std::collections::BTreeSet;
use std::sync::Arc;

const KINDS: [(&str, Effect); 2] = [("settle", Effect::Repeatable), ("burn", Effect::Physical)];

fn at(db: Db) -> (Db, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(1_000_000));
    (db.with_clock(Arc::clone(&clock) as Arc<dyn Clock>), clock)
}

async fn put_one(db: &Db, job: NewJob) {
    in_tx!(db, |tx| put(tx, std::slice::from_ref(&job), &OsChance)).unwrap();
}

async fn claimed_by(db: &Db, worker: &str) -> Option<LeasedJob> {
    let nodes = ["node-a".to_owned()];
    claim(db, &Wanted { kinds: &KINDS, nodes: &nodes, worker, lease_ms: 10_000 }).await.unwrap()
}

async fn state(db: &Db, id: &str) -> JobState {
    get(db, id).await.unwrap().unwrap().state
}

fn settle() -> NewJob {
    NewJob::new("settle", &"s1")
}

fn retry(delay_ms: i64) -> Ending {
    Ending::Retry { delay_ms, reason: "not now".into() }
}

on_both_engines! {
    async fn a_job_is_put_claimed_and_finished(db) {
        put_one(&db, settle()).await;
        let job = claimed_by(&db, "w1").await.unwrap();
        assert_eq!((job.kind.as_str(), job.payload::<String>().as_deref(), job.tries), ("settle", Some("s1"), 1));
        assert!(claimed_by(&db, "w2").await.is_none());
        in_tx!(db, |tx| finish(tx, &job)).unwrap();
        assert_eq!(state(&db, &job.id).await, JobState::Done);
        assert!(matches!(in_tx!(db, |tx| finish(tx, &job)), Err(StoreError::LostLease)));
        assert_eq!(in_tx!(db, |tx| forget_done(tx, i64::MAX)).unwrap(), 1);
        assert!(get(&db, &job.id).await.unwrap().is_none());
    }

    async fn a_job_that_was_given_up_is_tried_again_from_its_first_try_and_made_up_for_by_one_that_is_done(db) {
        let once = || settle().once("s1", Twin::Hasten);
        put_one(&db, once()).await;
        let job = claimed_by(&db, "w1").await.unwrap();
        let park = Ending::Park { reason: "no".into() };
        assert!(in_tx!(db, |tx| try_again(tx, &job.id)).is_err(), "it runs");
        in_tx!(db, |tx| end(tx, &job, &park)).unwrap();
        in_tx!(db, |tx| try_again(tx, &job.id)).unwrap();
        let again = claimed_by(&db, "w1").await.unwrap();
        assert_eq!((&again.id, again.tries), (&job.id, 1));
        in_tx!(db, |tx| end(tx, &again, &park)).unwrap();
        put_one(&db, once()).await;
        let other = claimed_by(&db, "w1").await.unwrap();
        assert_ne!(other.id, job.id);
        in_tx!(db, |tx| end(tx, &other, &park)).unwrap();
        let stands = stopped(&db, "", 9).await.unwrap();
        assert_eq!(stands.iter().map(|job| &job.id).collect::<Vec<_>>(), [&other.id], "it stops once, not twice");
        put_one(&db, once()).await;
        let last = claimed_by(&db, "w1").await.unwrap();
        in_tx!(db, |tx| finish(tx, &last)).unwrap();
        assert_eq!(state(&db, &other.id).await, JobState::Done);
    }

    async fn a_job_put_in_a_transaction_that_fails_was_never_put(db) {
        let mut tx = db.begin().await.unwrap();
        put(&mut tx, &[settle()], &OsChance).await.unwrap();
        drop(tx);
        assert!(claimed_by(&db, "w1").await.is_none());
    }

    async fn eight_workers_never_get_the_same_job(db) {
        let jobs: Vec<NewJob> = (0..200).map(|number| NewJob::new("settle", &number)).collect();
        in_tx!(db, |tx| put(tx, &jobs, &OsChance)).unwrap();
        let workers: Vec<_> = (0..8).map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                while let Some(job) = claimed_by(&db, &format!("w{number}")).await {
                    in_tx!(db, |tx| finish(tx, &job)).unwrap();
                    mine.push(job.id);
                }
                mine
            })
        }).collect();
        let mut done = Vec::new();
        for worker in workers {
            done.extend(worker.await.unwrap());
        }
        assert_eq!((done.len(), done.iter().collect::<BTreeSet<_>>().len()), (200, 200));
    }

    async fn jobs_wait_for_their_time_their_kind_and_their_node(db) {
        let (db, clock) = at(db);
        put_one(&db, settle().after_ms(500)).await;
        put_one(&db, settle().on_node("node-b")).await;
        put_one(&db, NewJob::new("unknown", &1)).await;
        assert!(claimed_by(&db, "w1").await.is_none());
        put_one(&db, settle().on_node("node-a")).await;
        assert_eq!(claimed_by(&db, "w1").await.unwrap().node.as_deref(), Some("node-a"));
        clock.advance(500);
        assert_eq!(claimed_by(&db, "w1").await.unwrap().node, None);
        assert!(claimed_by(&db, "w1").await.is_none());
    }

    async fn putting_a_job_again_moves_its_time_and_makes_no_second_one(db) {
        let (db, clock) = at(db);
        put_one(&db, settle().once("s1", Twin::Postpone).after_ms(30_000)).await;
        clock.advance(20_000);
        put_one(&db, settle().once("s1", Twin::Postpone).after_ms(30_000)).await;
        put_one(&db, settle().once("s1", Twin::Postpone).after_ms(1)).await;
        clock.advance(29_999);
        assert!(claimed_by(&db, "w1").await.is_none(), "the later time counts");
        put_one(&db, settle().once("s2", Twin::Hasten).after_ms(5)).await;
        put_one(&db, settle().once("s2", Twin::Hasten)).await;
        put_one(&db, settle().once("s2", Twin::Hasten).after_ms(5)).await;
        assert!(claimed_by(&db, "w1").await.is_some(), "the sooner time counts");
        clock.advance(1);
        assert!(claimed_by(&db, "w1").await.is_some());
        assert!(claimed_by(&db, "w1").await.is_none());
    }

    async fn one_call_with_the_same_key_twice_and_another_node_puts_two_jobs(db) {
        let (db, clock) = at(db);
        let soon = settle().once("s1", Twin::Postpone).after_ms(10);
        let jobs = [soon.clone().after_ms(20), soon.clone(), soon.clone().on_node("node-a"), soon];
        in_tx!(db, |tx| put(tx, &jobs, &OsChance)).unwrap();
        clock.advance(19);
        assert_eq!(claimed_by(&db, "w1").await.unwrap().node.as_deref(), Some("node-a"));
        assert!(claimed_by(&db, "w1").await.is_none());
        clock.advance(1);
        assert_eq!(claimed_by(&db, "w1").await.unwrap().node, None);
    }

    async fn of_jobs_with_one_key_one_runs_at_a_time(db) {
        put_one(&db, settle().once("s1", Twin::Postpone)).await;
        let first = claimed_by(&db, "w1").await.unwrap();
        put_one(&db, settle().once("s1", Twin::Postpone)).await;
        assert!(claimed_by(&db, "w2").await.is_none(), "the second waits for the first");
        in_tx!(db, |tx| finish(tx, &first)).unwrap();
        assert!(claimed_by(&db, "w2").await.is_some());
    }

    async fn a_lost_lease_can_write_nothing(db) {
        let (db, clock) = at(db);
        put_one(&db, settle()).await;
        let lost = claimed_by(&db, "w1").await.unwrap();
        clock.advance(9_999);
        assert!(claimed_by(&db, "w2").await.is_none());
        clock.advance(1);
        let job = claimed_by(&db, "w2").await.unwrap();
        assert_eq!((job.id.as_str(), job.tries), (lost.id.as_str(), 2));
        for ending in [Ending::Done, retry(0), Ending::Park { reason: "x".into() }] {
            assert!(matches!(in_tx!(db, |tx| end(tx, &lost, &ending)), Err(StoreError::LostLease)));
        }
        assert!(matches!(in_tx!(db, |tx| renew(tx, &lost, 10_000)), Err(StoreError::LostLease)));
        assert!(matches!(state(&db, &job.id).await, JobState::Leased(lease) if lease == job.lease));
        in_tx!(db, |tx| finish(tx, &job)).unwrap();
    }

    async fn a_renewed_lease_is_kept(db) {
        let (db, clock) = at(db);
        put_one(&db, settle()).await;
        let job = claimed_by(&db, "w1").await.unwrap();
        clock.advance(9_000);
        assert_eq!(in_tx!(db, |tx| renew(tx, &job, 10_000)).unwrap(), 1_019_000);
        clock.advance(9_000);
        assert!(claimed_by(&db, "w2").await.is_none());
        in_tx!(db, |tx| finish(tx, &job)).unwrap();
    }

    async fn a_physical_job_whose_worker_went_away_is_unresolved(db) {
        let (db, clock) = at(db);
        put_one(&db, NewJob::new("burn", &"disc")).await;
        let lost = claimed_by(&db, "w1").await.unwrap();
        clock.advance(10_000);
        assert!(claimed_by(&db, "w2").await.is_none());
        assert!(matches!(state(&db, &lost.id).await, JobState::Unresolved { .. }));
        assert!(matches!(in_tx!(db, |tx| finish(tx, &lost)), Err(StoreError::LostLease)));
        assert_eq!(stopped(&db, "", 10).await.unwrap().len(), 1);
    }

    async fn a_job_that_takes_its_workers_down_is_parked(db) {
        let (db, clock) = at(db);
        put_one(&db, NewJob { max_tries: 3, ..settle() }).await;
        let id = claimed_by(&db, "w1").await.unwrap().id;
        for _ in 0..2 {
            clock.advance(10_000);
            assert!(claimed_by(&db, "w1").await.is_some());
        }
        clock.advance(10_000);
        assert!(claimed_by(&db, "w1").await.is_none());
        assert!(matches!(state(&db, &id).await, JobState::Parked { .. }));
    }

    async fn a_retried_job_comes_back_at_its_time(db) {
        let (db, clock) = at(db);
        put_one(&db, settle().once("s1", Twin::Postpone)).await;
        let job = claimed_by(&db, "w1").await.unwrap();
        in_tx!(db, |tx| end(tx, &job, &retry(700))).unwrap();
        assert!(claimed_by(&db, "w1").await.is_none());
        clock.advance(700);
        let again = claimed_by(&db, "w1").await.unwrap();
        assert_eq!((again.id.as_str(), again.tries), (job.id.as_str(), 2));
        assert_eq!(get(&db, &job.id).await.unwrap().unwrap().last_error.as_deref(), Some("not now"));
    }

    async fn a_retried_job_whose_twin_waits_leaves_the_work_and_the_count_to_it(db) {
        put_one(&db, settle().once("s1", Twin::Postpone)).await;
        let job = claimed_by(&db, "w1").await.unwrap();
        put_one(&db, settle().once("s1", Twin::Postpone)).await;
        in_tx!(db, |tx| end(tx, &job, &retry(0))).unwrap();
        assert_eq!(state(&db, &job.id).await, JobState::Done);
        let twin = claimed_by(&db, "w1").await.unwrap();
        assert_ne!(twin.id, job.id);
        assert_eq!(twin.tries, 2);
        assert!(claimed_by(&db, "w1").await.is_none());
    }

    async fn parked_jobs_are_listed(db) {
        let mut ids = Vec::new();
        for _ in 0..3 {
            put_one(&db, settle()).await;
            let job = claimed_by(&db, "w1").await.unwrap();
            in_tx!(db, |tx| end(tx, &job, &Ending::Park { reason: "no paper".into() })).unwrap();
            ids.push(job.id);
        }
        ids.sort();
        let page = stopped(&db, "", 2).await.unwrap();
        assert_eq!(page.iter().map(|job| &job.id).collect::<Vec<_>>(), [&ids[0], &ids[1]]);
        assert_eq!(page[0].state, JobState::Parked { reason: "no paper".into() });
        assert_eq!(stopped(&db, &ids[1], 2).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_of_postgres_are_measured_by_its_own_clock() {
    super::on_postgres(|db| async move {
        let here = crate::clock::SystemClock.now_ms();
        let there = db.begin().await.unwrap().now_ms().await.unwrap();
        assert!((here - there).abs() < 60_000, "{here} {there}");
    })
    .await;
}
