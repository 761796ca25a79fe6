use super::*;
use crate::clock::DAY_MS;
use crate::desk::SignedIn;
use crate::model::Role;
use crate::model::link::{MOST_WRONG_TRIES, Rights};
use crate::model::site::tests::phoenix;
use crate::store::contract::desk::user;
use crate::store::contract::links::new_grant;
use crate::store::contract::{in_tx, on_both_engines};
use crate::store::{audit, messages};
use imaging::chance::OsChance;
use imaging::seal::{MasterKey, MasterKeys};
use jiff::civil::date;

const BORN: &str = "1970-01-02";
const PHONE: Caller<'_> = Caller { agent: "Mozilla/5.0 (iPhone)", address: "192.0.2.7" };

/// A desk that gave out a link.
struct Desk {
    db: Db,
    keys: MasterKeys,
    grant: String,
    request: String,
}

impl Desk {
    async fn of(db: &Db) -> Self {
        let new = new_grant(db, 30 * DAY_MS).await;
        let keys = MasterKeys::new(MasterKey::fresh(&OsChance), Vec::new());
        let mut desk = Self { db: db.clone(), keys, grant: String::new(), request: new.request.clone() };
        desk.grant = in_tx!(db, |tx| prepare(tx, &desk.at(0), &new)).unwrap();
        desk
    }

    fn at(&self, now_ms: i64) -> Means<'_> {
        Means { keys: &self.keys, chance: &OsChance, now_ms }
    }

    async fn code(&self, now_ms: i64) -> String {
        let born = date(1970, 1, 2);
        let issued = in_tx!(self.db, |tx| issue_code(tx, &self.at(now_ms), &staff(), &self.grant, born));
        issued.unwrap().reveal()
    }

    async fn link(&self, now_ms: i64) -> String {
        in_tx!(self.db, |tx| activate(tx, &self.at(now_ms), &staff(), &self.grant)).unwrap().text()
    }

    async fn try_at(&self, now_ms: i64, link: &str, birth_date: &str, code: &str) -> Outcome {
        let entry = Entry { birth_date, code };
        in_tx!(self.db, |tx| enter(tx, &self.at(now_ms), link, entry, PHONE)).unwrap()
    }

    async fn entered(&self, now_ms: i64, link: &str, code: &str) -> String {
        match self.try_at(now_ms, link, BORN, code).await {
            Outcome::Entered(token, _) => token.text(),
            other => panic!("{other:?}"),
        }
    }

    async fn state(&self) -> LinkState {
        links::get(&self.db, &self.grant).await.unwrap().unwrap().state
    }

    async fn actions(&self) -> Vec<String> {
        let events = audit::timeline(&self.db, &self.request).await.unwrap();
        events.into_iter().map(|event| event.action).collect()
    }
}

fn staff() -> Who {
    of_role(Role::Release)
}

fn of_role(role: Role) -> Who {
    Who::Staff(SignedIn { user: user("ann", &[role]), by: crate::desk::Means::CommandLine })
}

on_both_engines! {
    async fn birth_date_and_code_open_a_session_and_nothing_else_does(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        assert!(matches!(desk.try_at(3, &link, "1970-01-03", &code).await, Outcome::Wrong(_)));
        assert!(matches!(desk.try_at(3, &link, BORN, "0000-0000").await, Outcome::Wrong(_)));
        assert!(matches!(desk.try_at(3, &"0".repeat(64), BORN, &code).await, Outcome::NotOpen(None)));
        let cookie = desk.entered(4, &link, &code.to_lowercase().replace('-', " ")).await;
        let session = session_of(&db, &cookie, 5).await.unwrap().unwrap();
        assert_eq!((&session.grant.id, session.grant.recipient.as_str()), (&desk.grant, "Jane Doe"));
        assert!(session_of(&db, &link, 5).await.unwrap().is_none(), "the link is no cookie");
        assert_eq!(desk.actions().await, ["link.code_issued", "link.given_out", "link.entered"]);
    }

    async fn opening_and_pressing_change_nothing_for_who_comes_next(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let before = followed(&db, &link, 3).await.unwrap();
        for _ in 0..40 {
            assert_eq!(followed(&db, &link, 3).await.unwrap(), before);
            in_tx!(db, |tx| note(tx, &desk.grant, Deed::Opened, PHONE, 3)).unwrap();
            for (birth_date, code) in [("", ""), ("test", "test"), (BORN, ""), ("", &code), ("02/01/1970", &code)] {
                assert!(matches!(desk.try_at(3, &link, birth_date, code).await, Outcome::Malformed));
            }
        }
        assert_eq!(followed(&db, &link, 3).await.unwrap(), before);
        desk.entered(3, &link, &code).await;
    }

    async fn wrong_pairs_slow_down_then_lock_until_staff_issue_a_new_code(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let (mut now_ms, mut wrong) = (3, 0);
        loop {
            match desk.try_at(now_ms, &link, BORN, "0000-0000").await {
                Outcome::Wrong(tries) => {
                    wrong += 1;
                    if tries.next_at > now_ms {
                        let early = desk.try_at(tries.next_at - 1, &link, BORN, &code).await;
                        assert!(matches!(early, Outcome::TooSoon(_)), "right or wrong is not looked at");
                    }
                    now_ms = tries.next_at;
                }
                Outcome::Locked => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(wrong + 1, MOST_WRONG_TRIES);
        assert!(now_ms > 2 * 3_600_000, "so many tries took {now_ms} ms only");
        assert!(matches!(desk.try_at(now_ms + DAY_MS, &link, BORN, &code).await, Outcome::Locked));
        let fresh = desk.code(now_ms + DAY_MS).await;
        assert!(matches!(desk.try_at(now_ms + DAY_MS, &link, BORN, &code).await, Outcome::Wrong(_)));
        desk.entered(now_ms + DAY_MS, &link, &fresh).await;
        assert!(desk.actions().await.contains(&"link.locked".to_owned()));
    }

    async fn a_new_code_closes_what_the_one_before_opened(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let cookie = desk.entered(3, &link, &code).await;
        assert!(session_of(&db, &cookie, 4).await.unwrap().is_some());
        let fresh = desk.code(5).await;
        assert!(session_of(&db, &cookie, 6).await.unwrap().is_none());
        let again = desk.entered(7, &link, &fresh).await;
        assert!(session_of(&db, &again, 8).await.unwrap().is_some());
    }

    async fn a_resent_link_replaces_the_one_before_and_takes_back_its_mail(db) {
        let desk = Desk::of(&db).await;
        let (code, first) = (desk.code(1).await, desk.link(2).await);
        let about = crate::notify::outbox::About {
            request: &desk.request, link_grant: Some(&desk.grant), kind: "link_ready",
        };
        let mail = crate::notify::mailer::Mail {
            to: "jane@example.org".into(), language: "en".into(), subject: "s".into(), text: first.clone(),
        };
        let waiting = in_tx!(db, |tx| crate::notify::outbox::put(tx, &desk.at(3), &about, &mail)).unwrap();
        let second = desk.link(4).await;
        assert!(matches!(desk.try_at(5, &first, BORN, &code).await, Outcome::NotOpen(None)));
        let message = messages::get(&db, &waiting).await.unwrap().unwrap();
        assert_eq!(message.state, MessageState::Withdrawn { at: 4 });
        assert!(desk.actions().await.contains(&"link.mail_withdrawn".to_owned()));
        desk.entered(5, &second, &code).await;
    }

    async fn a_revoked_link_ends_its_sessions_and_those_passed_on(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let cookie = desk.entered(3, &link, &code).await;
        let session = session_of(&db, &cookie, 4).await.unwrap().unwrap();
        let holder = links::get(&db, &desk.grant).await.unwrap().unwrap();
        let for_doctor = NewLinkGrant {
            recipient: "Dr. Who".into(), until: i64::MAX, request: String::new(), delivery: String::new(),
            package: String::new(), shared_from: None, language: "en".into(),
            rights: Rights { view: true, download: false, share: true },
        };
        let (passed_on, until) = in_tx!(db, |tx| share(tx, &desk.at(4), &desk.grant, &for_doctor)).unwrap();
        let doctor = links::get(&db, &passed_on).await.unwrap().unwrap();
        assert_eq!((doctor.package, doctor.rights), (holder.package, Rights { view: true, download: false, share: false }));
        assert_eq!((doctor.state, until), (LinkState::Prepared { until: 30 * DAY_MS }, 30 * DAY_MS));
        in_tx!(db, |tx| activate(tx, &desk.at(4), &staff(), &passed_on)).unwrap();
        let further = in_tx!(db, |tx| share(tx, &desk.at(4), &passed_on, &for_doctor));
        assert!(matches!(further, Err(DeskError::NotPermitted(_))));

        assert!(may_go_on(&db, &session, 5).await.unwrap());
        in_tx!(db, |tx| revoke(tx, &desk.at(6), &staff(), &desk.grant)).unwrap();
        assert!(!may_go_on(&db, &session, 6).await.unwrap());
        assert!(session_of(&db, &cookie, 6).await.unwrap().is_none());
        let doctor = links::get(&db, &passed_on).await.unwrap().unwrap();
        assert!(matches!(doctor.state, LinkState::Revoked { .. }));
        let again = in_tx!(db, |tx| revoke(tx, &desk.at(7), &staff(), &desk.grant));
        assert!(matches!(again, Err(DeskError::Refused(_))));
        assert!(in_tx!(db, |tx| extend(tx, &desk.at(7), &staff(), &desk.grant, DAY_MS)).is_err());
    }

    async fn the_link_goes_by_mail_and_who_passed_one_on_is_told_when_it_is_used(db) {
        let desk = Desk::of(&db).await;
        let site = phoenix();
        let office = Office { site: &site, pages: "https://images.example.org" };
        let to = (office, "jane@example.org");
        let first = in_tx!(db, |tx| send(tx, &desk.at(1), &staff(), &desk.grant, to)).unwrap();
        let second = in_tx!(db, |tx| send(tx, &desk.at(2), &staff(), &desk.grant, to)).unwrap();
        let state = |message: Option<crate::model::Message>| message.unwrap().state;
        assert_eq!(state(messages::get(&db, &first).await.unwrap()), MessageState::Withdrawn { at: 2 });
        let waiting = messages::get(&db, &second).await.unwrap().unwrap();
        assert_eq!((waiting.kind.as_str(), waiting.link_grant.as_deref()), ("link_ready", Some(desk.grant.as_str())));

        let for_doctor = NewLinkGrant { shared_from: None, ..grant_like(&desk).await };
        let (doctor, _) = in_tx!(db, |tx| share(tx, &desk.at(3), &desk.grant, &for_doctor)).unwrap();
        let holder = Who::Recipient(desk.grant.clone());
        in_tx!(db, |tx| send(tx, &desk.at(4), &holder, &doctor, (office, "dr@example.org"))).unwrap();
        let used = links::get(&db, &doctor).await.unwrap().unwrap();
        in_tx!(db, |tx| tell_of_use(tx, &desk.at(5), &used, office)).unwrap();
        let own = links::get(&db, &desk.grant).await.unwrap().unwrap();
        in_tx!(db, |tx| tell_of_use(tx, &desk.at(5), &own, office)).unwrap();
        let sent = messages::of_request(&db, &desk.request).await.unwrap();
        let told: Vec<(&str, &str)> =
            sent.iter().map(|message| (message.kind.as_str(), message.recipient.as_str())).collect();
        assert_eq!(told, [
            ("link_ready", "jane@example.org"), ("link_ready", "jane@example.org"),
            ("link_shared", "dr@example.org"), ("link_used", "jane@example.org"),
        ]);
    }

    async fn only_release_staff_and_who_passed_a_link_on_change_it(db) {
        let desk = Desk::of(&db).await;
        for nobody in [of_role(Role::Billing), of_role(Role::Administrator), Who::Recipient(desk.grant.clone()), Who::Anyone] {
            let born = date(1970, 1, 2);
            let refused = [
                in_tx!(db, |tx| activate(tx, &desk.at(1), &nobody, &desk.grant)).map(drop),
                in_tx!(db, |tx| issue_code(tx, &desk.at(1), &nobody, &desk.grant, born)).map(drop),
                in_tx!(db, |tx| extend(tx, &desk.at(1), &nobody, &desk.grant, DAY_MS)),
                in_tx!(db, |tx| revoke(tx, &desk.at(1), &nobody, &desk.grant)),
            ];
            assert!(refused.iter().all(|one| matches!(one, Err(DeskError::NotPermitted(_)))), "{nobody:?}");
        }
        desk.link(2).await;
        let for_doctor = NewLinkGrant { shared_from: None, ..grant_like(&desk).await };
        let (doctor, _) = in_tx!(db, |tx| share(tx, &desk.at(3), &desk.grant, &for_doctor)).unwrap();
        let holder = Who::Recipient(desk.grant.clone());
        in_tx!(db, |tx| activate(tx, &desk.at(4), &holder, &doctor)).unwrap();
        in_tx!(db, |tx| revoke(tx, &desk.at(5), &holder, &doctor)).unwrap();
    }

    async fn an_expired_link_says_so_and_can_be_extended(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let (cookie, end) = (desk.entered(30 * DAY_MS - 1, &link, &code).await, 30 * DAY_MS);
        assert!(session_of(&db, &cookie, end).await.unwrap().is_none());
        let expired = LinkState::Expired { at: end };
        assert_eq!(followed(&db, &link, end).await.unwrap().unwrap().state, expired);
        let tried = desk.try_at(end, &link, BORN, &code).await;
        assert!(matches!(tried, Outcome::NotOpen(Some(state)) if state == expired));
        in_tx!(db, |tx| extend(tx, &desk.at(end), &staff(), &desk.grant, end + DAY_MS)).unwrap();
        assert_eq!(desk.state().await, LinkState::Active { until: end + DAY_MS });
        desk.entered(end + 1, &link, &code).await;
    }

    async fn a_session_lasts_while_it_is_used_and_no_longer_than_twelve_hours(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let cookie = desk.entered(0, &link, &code).await;
        assert!(session_of(&db, &cookie, IDLE_MS).await.unwrap().is_none());
        let mut now_ms = 0;
        while session_of(&db, &cookie, now_ms).await.unwrap().is_some() {
            in_tx!(db, |tx| prolong(tx, &cookie, now_ms)).unwrap();
            now_ms += IDLE_MS - 1;
        }
        assert!((AT_MOST_MS..AT_MOST_MS + IDLE_MS).contains(&now_ms));
        let other = desk.entered(now_ms, &link, &code).await;
        let session = session_of(&db, &other, now_ms).await.unwrap().unwrap();
        in_tx!(db, |tx| leave(tx, &session)).unwrap();
        assert!(session_of(&db, &other, now_ms).await.unwrap().is_none());
        assert_eq!(in_tx!(db, |tx| links::forget_sessions(tx, i64::MAX)).unwrap(), 1);
    }

    async fn by_reference_any_grant_of_the_request_opens_and_wrong_pairs_count_against_all(db) {
        let desk = Desk::of(&db).await;
        let (code, _) = (desk.code(1).await, desk.link(2).await);
        let other = NewLinkGrant {
            request: desk.request.clone(),
            ..grant_like(&desk).await
        };
        let other = in_tx!(db, |tx| prepare(tx, &desk.at(2), &other)).unwrap();
        let token = in_tx!(db, |tx| activate(tx, &desk.at(2), &staff(), &other));
        token.unwrap();
        let wrong = Entry { birth_date: BORN, code: "0000-0000" };
        let tried = in_tx!(db, |tx| enter_by_request(tx, &desk.at(3), &desk.request, wrong, PHONE)).unwrap();
        assert!(matches!(tried, Outcome::Wrong(_)));
        for grant in links::of_request(&db, &desk.request).await.unwrap() {
            assert_eq!(grant.tries.wrong, 1);
        }
        let right = Entry { birth_date: BORN, code: &code };
        let tried = in_tx!(db, |tx| enter_by_request(tx, &desk.at(4), &desk.request, right, PHONE)).unwrap();
        assert!(matches!(tried, Outcome::Entered(_, grant) if grant.id == desk.grant));
        let nobody = in_tx!(db, |tx| enter_by_request(tx, &desk.at(4), "no request", right, PHONE)).unwrap();
        assert!(matches!(nobody, Outcome::NotOpen(None)));
    }

    async fn without_a_code_no_pair_is_right_and_rows_hold_neither_code_nor_token(db) {
        let desk = Desk::of(&db).await;
        let link = desk.link(2).await;
        assert!(matches!(desk.try_at(3, &link, BORN, "0000-0000").await, Outcome::Wrong(_)));
        let code = desk.code(4).await;
        let cookie = desk.entered(5, &link, &code).await;
        let rows = "SELECT coalesce(token_hash, '') || coalesce(proof, '') AS all_of_it FROM link_grants \
                    UNION ALL SELECT token_hash FROM link_sessions";
        for row in db.fetch_all(rows, []).await.unwrap() {
            let text = row.text(0).unwrap();
            for secret in [&link, &cookie, &code, &code.replace('-', ""), &BORN.to_owned()] {
                assert!(!text.contains(secret.as_str()));
            }
        }
    }

    async fn scanners_are_shown_apart_from_who_entered(db) {
        let desk = Desk::of(&db).await;
        let (code, link) = (desk.code(1).await, desk.link(2).await);
        let scanner = Caller { agent: "Mozilla/5.0 HeadlessChrome", address: "198.51.100.1" };
        for at in [10, 20, 30] {
            in_tx!(db, |tx| note(tx, &desk.grant, Deed::Opened, scanner, at)).unwrap();
        }
        in_tx!(db, |tx| note(tx, &desk.grant, Deed::Opened, PHONE, 100_000)).unwrap();
        desk.entered(100_001, &link, &code).await;
        let grant = links::get(&db, &desk.grant).await.unwrap().unwrap();
        let visitors = visitors(&db, &grant).await.unwrap();
        assert!(matches!(visitors.as_slice(),
            [Visitor::Scanner(opened), Visitor::Person(both)] if opened[0].times == 3 && both.len() == 2));
    }
}

async fn grant_like(desk: &Desk) -> NewLinkGrant {
    let LinkGrant { request, delivery, shared_from, package, recipient, language, rights, .. } =
        links::get(&desk.db, &desk.grant).await.unwrap().unwrap();
    let until = 30 * DAY_MS;
    NewLinkGrant { request, delivery, shared_from, package, recipient, language, rights, until }
}
