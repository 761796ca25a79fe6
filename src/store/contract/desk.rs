use super::samples::{image, index_study};
use super::{in_tx, on_both_engines};
use crate::ids::new_id;
use crate::model::delivery::{CodeForm, CodeRoute, DiscForm, PostalAddress};
use crate::model::request::{
    Capacity, CheckRecord, Extension, GivenPatient, IdentityCheck, IdentitySeen, Received, ReceivedBy,
    ReleaseRequest, Requester, Standing,
};
use crate::model::user::{ApiToken, Failures, Role, Session, User};
use crate::model::{Delivery, DeliveryState, Destination, Reference, RequestState, Way};
use crate::store::db::Db;
use crate::store::requests::{self, Chip, RequestFilter};
use crate::store::{StoreError, deliveries, users};
use imaging::chance::OsChance;
use jiff::civil::{Date, date};

/// A request for Jane Doe's images, received on a day.
pub(crate) fn request(received_on: Date) -> ReleaseRequest {
    ReleaseRequest {
        id: new_id(1_000, &OsChance),
        reference: Reference::fresh(&OsChance),
        site: "main".into(),
        received: Received { on: received_on, by: ReceivedBy::Fax },
        requester: Requester {
            name: "Jane Doe".into(),
            capacity: Capacity::Patient,
            email: Some("jane@example.org".into()),
            phone: None,
        },
        patient: GivenPatient {
            name: "Jane Doe".into(),
            birth_date: date(1970, 1, 2),
            patient_id: Some("4711".into()),
        },
        wish: "CT of the chest, for a second opinion".into(),
        language: "es".into(),
        state: RequestState::Submitted,
        mammography: false,
        extension: None,
        submitted_at: 1_000,
        changed_at: 1_000,
    }
}

pub(crate) async fn kept(db: &Db, request: &ReleaseRequest) {
    in_tx!(db, |tx| requests::add(tx, request)).unwrap();
}

/// A user of these roles.
pub(crate) fn user(login: &str, roles: &[Role]) -> User {
    User {
        id: new_id(500, &OsChance),
        login: login.into(),
        name: format!("{login} of the desk"),
        roles: roles.iter().copied().collect(),
        active: true,
        created_at: 500,
    }
}

/// A delivery of a request.
pub(crate) fn delivery(request: &str, destination: Destination) -> Delivery {
    Delivery {
        id: new_id(2_000, &OsChance),
        request: request.into(),
        recipient: "Jane Doe".into(),
        destination,
        code_route: CodeRoute::Phone { number: "602 555 0100".into() },
        code_route_confirmed_at: None,
        state: DeliveryState::Chosen,
        created_at: 2_000,
        changed_at: 2_000,
    }
}

pub(crate) fn by_mail() -> Destination {
    let address = PostalAddress {
        lines: vec!["1 Main St".into()],
        city: "Phoenix".into(),
        state: "AZ".into(),
        zip: "85001".into(),
    };
    Destination::Mail { address, disc: DiscForm::Sealed { code: CodeForm::Digits } }
}

async fn lines(db: &Db, chip: Chip, search: &str) -> Vec<String> {
    let filter = RequestFilter { chip, search: search.into(), limit: 10, skip: 0 };
    requests::list(db, &filter).await.unwrap().into_iter().map(|line| line.id).collect()
}

on_both_engines! {
    async fn a_request_comes_back_as_it_was_submitted_by_id_and_by_reference(db) {
        let request = request(date(2026, 3, 15));
        kept(&db, &request).await;
        assert_eq!(requests::get(&db, &request.id).await.unwrap(), Some(request.clone()));
        assert_eq!(requests::by_reference(&db, &request.reference).await.unwrap(), Some(request.clone()));
        assert_eq!(requests::get(&db, "none").await.unwrap(), None);
        let twin = ReleaseRequest { id: new_id(1, &OsChance), ..request };
        assert!(matches!(in_tx!(db, |tx| requests::add(tx, &twin)), Err(StoreError::Conflict { .. })));
    }

    async fn of_two_who_move_a_request_on_one_is_refused(db) {
        let request = request(date(2026, 3, 15));
        kept(&db, &request).await;
        let (from, id) = (&request.state, request.id.as_str());
        let identity = IdentityCheck { seen: IdentitySeen::CallBack, by: "u1".into(), at: 2_000 };
        let verified = from.clone().verify_identity(identity).unwrap();
        in_tx!(db, |tx| requests::change_state(tx, id, from, &verified, 2_000)).unwrap();
        let withdrawn = from.clone().withdraw("never mind".into()).unwrap();
        let late = in_tx!(db, |tx| requests::change_state(tx, id, from, &withdrawn, 2_001));
        assert!(matches!(late, Err(StoreError::WrongCount { found: 0, .. })));
        let now = in_tx!(db, |tx| requests::get_to_change(tx, id)).unwrap();
        assert_eq!((now.state, now.changed_at), (verified, 2_000));
    }

    async fn the_worklist_begins_with_what_is_due_first_and_shows_what_is_asked_for(db) {
        let (later, sooner, ended) =
            (request(date(2026, 3, 15)), request(date(2026, 3, 1)), request(date(2026, 2, 1)));
        let sooner = ReleaseRequest { mammography: true, ..sooner };
        let ended = ReleaseRequest {
            patient: GivenPatient { name: "José Núñez".into(), ..ended.patient.clone() },
            // Eight letters may be a reference as well.
            requester: Requester { name: "Anderson".into(), ..ended.requester.clone() },
            ..ended
        };
        for request in [&later, &sooner, &ended] {
            kept(&db, request).await;
        }
        let withdrawn = RequestState::Withdrawn { words: "never mind".into() };
        in_tx!(db, |tx| requests::change_state(tx, &ended.id, &ended.state, &withdrawn, 9)).unwrap();
        let ids = |requests: &[&ReleaseRequest]| requests.iter().map(|r| r.id.clone()).collect::<Vec<_>>();
        assert_eq!(lines(&db, Chip::Open, "").await, ids(&[&sooner, &later]));
        assert_eq!(lines(&db, Chip::ToDecide, "").await, ids(&[&sooner, &later]));
        assert_eq!(lines(&db, Chip::Closed, "").await, ids(&[&ended]));
        assert!(lines(&db, Chip::Waiting, "").await.is_empty() && lines(&db, Chip::Fulfilling, "").await.is_empty());
        for name in ["josé nú", "anderson", "núñez", "Núñez, José", "and jo"] {
            assert_eq!(lines(&db, Chip::Open, name).await, ids(&[&ended]), "{name}");
        }
        assert_eq!(lines(&db, Chip::Open, &later.reference.to_string().to_lowercase()).await, ids(&[&later]));
        for other in ["osé", "núñez maria"] {
            assert_eq!(lines(&db, Chip::Open, other).await, Vec::<String>::new(), "{other}");
        }
        assert_eq!(lines(&db, Chip::Open, "nobody").await, Vec::<String>::new());
        let extension = Extension { until: date(2026, 5, 1), reason: "off site".into(), told_on: date(2026, 3, 20) };
        let (received, id) = (&later.received, later.id.as_str());
        in_tx!(db, |tx| requests::change_clock(tx, id, received, false, Some(&extension))).unwrap();
        let changed = requests::get(&db, id).await.unwrap().unwrap();
        assert_eq!((changed.extension, changed.received), (Some(extension), later.received.clone()));
        let page = RequestFilter { limit: 1, skip: 1, ..RequestFilter::default() };
        let second = requests::list(&db, &page).await.unwrap();
        assert_eq!((second[0].id.as_str(), second[0].due_on), (id, date(2026, 5, 1)));
    }

    async fn a_scope_holds_each_study_once_with_the_last_look_at_it(db) {
        let study = index_study(&db, &[image("4711", "DOE^JANE", "1.2.3", 1)]).await;
        let (request, clerk) = (request(date(2026, 3, 15)), user("ann", &[Role::Release]));
        kept(&db, &request).await;
        in_tx!(db, |tx| users::add(tx, &clerk)).unwrap();
        let id = request.id.as_str();
        in_tx!(db, |tx| requests::choose(tx, id, &study, &Standing::Released, 5)).unwrap();
        let held = Standing::Withheld { reason: "not asked for".into() };
        in_tx!(db, |tx| requests::choose(tx, id, &study, &held, 6)).unwrap();
        let record = CheckRecord {
            fingerprint: "ab".into(), acknowledged: Some("maiden name".into()), by: clerk.id, at: 7,
        };
        in_tx!(db, |tx| requests::note_check(tx, id, &study, &record)).unwrap();
        let scope = requests::scope(&db, id).await.unwrap();
        assert_eq!(scope.0.len(), 1);
        assert_eq!((&scope.0[0].standing, &scope.0[0].checked), (&held, &Some(record.clone())));
        assert_eq!(requests::of_study(&db, &study).await.unwrap(), [id]);
        assert!(in_tx!(db, |tx| requests::choose(tx, id, "no study", &held, 6)).is_err());
        in_tx!(db, |tx| requests::drop_study(tx, id, &study)).unwrap();
        assert!(in_tx!(db, |tx| requests::note_check(tx, id, &study, &record)).is_err());
        assert!(requests::scope(&db, id).await.unwrap().0.is_empty());
    }

    async fn a_delivery_is_found_by_its_request_and_while_open_by_its_way(db) {
        let request = request(date(2026, 3, 15));
        kept(&db, &request).await;
        let (mail, link) = (delivery(&request.id, by_mail()), delivery(&request.id, Destination::link(None)));
        for delivery in [&mail, &link] {
            in_tx!(db, |tx| deliveries::add(tx, delivery)).unwrap();
        }
        assert_eq!(deliveries::get(&db, &mail.id).await.unwrap(), Some(mail.clone()));
        assert_eq!(deliveries::of_request(&db, &request.id).await.unwrap().len(), 2);
        assert_eq!(deliveries::open(&db, Way::Mail, "", 10).await.unwrap(), std::slice::from_ref(&mail));
        assert_eq!(requests::list(&db, &RequestFilter { limit: 1, ..RequestFilter::default() }).await.unwrap()[0].ways.len(), 2);
        in_tx!(db, |tx| deliveries::confirm_code_route(tx, &mail.id, 3_000)).unwrap();
        assert!(in_tx!(db, |tx| deliveries::confirm_code_route(tx, &mail.id, 3_001)).is_err());
        let cancelled = DeliveryState::Cancelled { reason: "moved away".into() };
        in_tx!(db, |tx| deliveries::change_state(tx, &mail.id, &mail.state, &cancelled, 4_000)).unwrap();
        let again = in_tx!(db, |tx| deliveries::change_state(tx, &mail.id, &mail.state, &cancelled, 4_000));
        assert!(matches!(again, Err(StoreError::WrongCount { found: 0, .. })));
        assert!(deliveries::open(&db, Way::Mail, "", 10).await.unwrap().is_empty());
        let now = in_tx!(db, |tx| deliveries::get_to_change(tx, &mail.id)).unwrap();
        assert_eq!((now.state, now.code_route_confirmed_at), (cancelled, Some(3_000)));
    }

    async fn a_login_is_taken_once_and_sessions_end_with_password_and_user(db) {
        let (ann, session) = (user("ann", &[Role::Release, Role::Billing]), |user: &User| Session {
            id: new_id(7, &OsChance), user: user.id.clone(), created_at: 7, seen_at: 7, expires_at: 700,
        });
        in_tx!(db, |tx| users::add(tx, &ann)).unwrap();
        assert!(matches!(in_tx!(db, |tx| users::add(tx, &user("ann", &[Role::Burn]))), Err(StoreError::Conflict { .. })));
        assert_eq!(users::by_login(&db, "ann").await.unwrap(), Some((ann.clone(), None)));
        let begun = session(&ann);
        in_tx!(db, |tx| users::begin_session(tx, &begun, "h1")).unwrap();
        in_tx!(db, |tx| users::touch_session(tx, &begun.id, 9)).unwrap();
        let (found, whose) = users::session(&db, "h1").await.unwrap().unwrap();
        assert_eq!((found.seen_at, &whose), (9, &ann));
        in_tx!(db, |tx| users::set_password(tx, &ann.id, "$argon2id$")).unwrap();
        assert!(users::session(&db, "h1").await.unwrap().is_none());
        assert_eq!(users::by_login(&db, "ann").await.unwrap().unwrap().1.as_deref(), Some("$argon2id$"));
        in_tx!(db, |tx| users::begin_session(tx, &session(&ann), "h2")).unwrap();
        let gone = User { active: false, ..ann };
        in_tx!(db, |tx| users::change(tx, &gone, 8)).unwrap();
        assert!(users::session(&db, "h2").await.unwrap().is_none());
        assert_eq!(users::list(&db).await.unwrap(), [gone]);
    }

    async fn a_token_is_good_until_it_ends_or_is_revoked_or_its_user_leaves(db) {
        let station = user("station", &[Role::Burn]);
        in_tx!(db, |tx| users::add(tx, &station)).unwrap();
        let token = |expires_at| ApiToken {
            id: new_id(7, &OsChance), user: station.id.clone(), purpose: "burner".into(), created_at: 7, expires_at,
        };
        let (short, long) = (token(Some(100)), token(None));
        in_tx!(db, |tx| users::add_token(tx, &short, "t1")).unwrap();
        in_tx!(db, |tx| users::add_token(tx, &long, "t2")).unwrap();
        assert_eq!(users::by_token(&db, "t1", 99).await.unwrap(), Some((short.id, station.clone())));
        assert_eq!(users::by_token(&db, "t1", 100).await.unwrap(), None);
        assert!(users::by_token(&db, "t2", 1_000).await.unwrap().is_some());
        in_tx!(db, |tx| users::revoke_token(tx, &long.id, 8)).unwrap();
        assert!(in_tx!(db, |tx| users::revoke_token(tx, &long.id, 9)).is_err());
        assert_eq!(users::tokens(&db).await.unwrap().len(), 1, "the other one's");
        assert_eq!(users::by_token(&db, "t2", 10).await.unwrap(), None);
    }

    async fn failures_are_remembered_until_they_are_forgotten(db) {
        let three = Failures { count: 3, blocked_until: 50 };
        let failures = async |subject, at| in_tx!(db, |tx| users::failures(tx, subject, at)).unwrap();
        assert!(in_tx!(db, |tx| users::remember_failures(tx, "a", three)).is_err());
        for (subject, at) in [("a", 4), ("b", 5)] {
            assert_eq!(failures(subject, at).await, Failures::default());
            in_tx!(db, |tx| users::remember_failures(tx, subject, three)).unwrap();
            assert_eq!(failures(subject, at).await, three);
        }
        in_tx!(db, |tx| users::forget_failures(tx, "a")).unwrap();
        assert_eq!(failures("a", 9).await, Failures::default());
        assert_eq!(in_tx!(db, |tx| users::forget_old(tx, 9)).unwrap(), 1);
        assert_eq!(failures("b", 9).await, Failures::default());
    }
}
