use super::*;
use crate::clock::ManualClock;
use crate::jobs::Worker;
use crate::model::JobState;
use crate::notify::mailer::Sending;
use crate::store::contract::links::new_grant;
use crate::store::contract::{in_tx, on_both_engines};
use crate::store::links;
use imaging::chance::OsChance;
use imaging::seal::MasterKey;
use std::sync::Mutex;
use tokio::sync::watch;

/// Takes mail as it is told, and remembers it.
struct Postbox {
    answer: Mutex<Vec<Result<(), MailError>>>,
    taken: Mutex<Vec<(String, Mail)>>,
}

impl Mailer for Postbox {
    fn send<'a>(&'a self, id: &'a str, mail: &'a Mail, _: i64) -> Sending<'a> {
        Box::pin(async move {
            self.taken.lock().unwrap().push((id.to_owned(), mail.clone()));
            self.answer.lock().unwrap().pop().unwrap_or(Ok(()))
        })
    }
}

fn mail() -> Mail {
    let to = "jane@example.org".to_owned();
    Mail { to, language: "en".into(), subject: "Your images".into(), text: "/l/secret-token".into() }
}

struct Office {
    db: Db,
    request: String,
    keys: Arc<MasterKeys>,
    postbox: Arc<Postbox>,
}

impl Office {
    async fn of(db: &Db, answers: Vec<Result<(), MailError>>) -> Self {
        let grant = new_grant(db, 900).await;
        in_tx!(db, |tx| links::prepare(tx, "g1", &grant, 1)).unwrap();
        let keys = Arc::new(MasterKeys::new(MasterKey::fresh(&OsChance), Vec::new()));
        let postbox = Arc::new(Postbox { answer: Mutex::new(answers), taken: Mutex::default() });
        Self { db: db.clone(), request: grant.request, keys, postbox }
    }

    async fn put(&self) -> String {
        let means = Means { keys: &self.keys, chance: &OsChance, now_ms: 5 };
        let about = About { request: &self.request, link_grant: Some("g1"), kind: "link_ready" };
        in_tx!(self.db, |tx| put(tx, &means, &about, &mail())).unwrap()
    }

    /// Works until nothing is due.
    async fn work(&self) {
        let handler = SendMessage {
            db: self.db.clone(),
            keys: Arc::clone(&self.keys),
            mailer: Arc::clone(&self.postbox) as Arc<dyn Mailer>,
            clock: Arc::new(ManualClock::new(77)),
            chance: Arc::new(OsChance),
        };
        let pace = crate::jobs::Pace { poll_ms: 10, backoff_ms: 1, ..crate::jobs::Pace::default() };
        let worker = Worker::new(self.db.clone(), "w", Vec::new(), vec![Arc::new(handler)], 1).at(pace);
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn(worker.run(stopped));
        let idle = "SELECT count(*) FROM jobs WHERE kind = 'send_message' AND state IN ('ready', 'leased')";
        while self.db.fetch_one(idle, []).await.unwrap().i64(0).unwrap() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.send_replace(true);
        working.await.unwrap();
    }

    async fn state(&self, id: &str) -> MessageState {
        messages::get(&self.db, id).await.unwrap().unwrap().state
    }

    /// What is on record about its request.
    async fn told(&self) -> Vec<String> {
        let told = crate::store::audit::timeline(&self.db, &self.request).await.unwrap();
        told.into_iter().map(|event| event.action).collect()
    }

    async fn rows_hold(&self, text: &str) -> bool {
        let rows =
            self.db.fetch_all("SELECT sealed FROM messages WHERE sealed IS NOT NULL", []).await.unwrap();
        rows.iter().any(|row| String::from_utf8_lossy(&row.bytes(0).unwrap()).contains(text))
    }
}

on_both_engines! {
    async fn mail_is_sent_after_commit_sealed_until_then_and_erased_after(db) {
        let office = Office::of(&db, Vec::new()).await;
        let id = office.put().await;
        assert!(matches!(office.state(&id).await, MessageState::Waiting(_)));
        assert!(!office.rows_hold("secret-token").await);
        office.work().await;
        assert_eq!(office.state(&id).await, MessageState::Sent { at: 77 });
        assert_eq!(office.told().await, ["message.sent"]);
        let taken = office.postbox.taken.lock().unwrap().clone();
        assert!(taken == [(id.clone(), mail())]);
        let advanced = "SELECT payload FROM jobs WHERE kind = 'advance_request'";
        assert_eq!(db.fetch_one(advanced, []).await.unwrap().text(0).unwrap(), format!("\"{}\"", office.request));
    }

    async fn mail_put_off_is_sent_again_under_the_same_id(db) {
        let office = Office::of(&db, vec![Ok(()), Err(MailError::NotNow("451".into()))]).await;
        let id = office.put().await;
        office.work().await;
        assert_eq!(office.state(&id).await, MessageState::Sent { at: 77 });
        let ids: Vec<String> = office.postbox.taken.lock().unwrap().iter().map(|(id, _)| id.clone()).collect();
        assert_eq!(ids, [id.clone(), id]);
    }

    async fn refused_mail_is_erased_and_parked_for_a_person(db) {
        let office = Office::of(&db, vec![Err(MailError::Refused("refused with 550".into()))]).await;
        let id = office.put().await;
        office.work().await;
        assert_eq!(office.state(&id).await, MessageState::Refused { at: 77, reason: "refused with 550".into() });
        assert_eq!(office.told().await, ["message.refused"]);
        let parked = crate::store::jobs::stopped(&db, "", 10).await.unwrap();
        assert!(matches!(&parked[0].state, JobState::Parked { reason } if reason == "refused with 550"));
    }

    async fn mail_of_a_revoked_grant_is_not_sent(db) {
        let office = Office::of(&db, Vec::new()).await;
        let id = office.put().await;
        assert_eq!(in_tx!(db, |tx| messages::withdraw_of_grant(tx, "g1", 9)).unwrap(), 1);
        office.work().await;
        assert_eq!(office.state(&id).await, MessageState::Withdrawn { at: 9 });
        assert!(office.postbox.taken.lock().unwrap().is_empty());
    }

    async fn mail_sealed_before_a_rotation_of_the_master_key_still_leaves(db) {
        let mut office = Office::of(&db, Vec::new()).await;
        let id = office.put().await;
        let retired = office.keys.current().clone();
        office.keys = Arc::new(MasterKeys::new(MasterKey::fresh(&OsChance), vec![retired]));
        office.work().await;
        assert_eq!(office.state(&id).await, MessageState::Sent { at: 77 });
    }
}
