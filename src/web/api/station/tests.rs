//! The station's calls by every wrong person, and what goes wrong said as problem documents.

use super::*;
use crate::clock::ManualClock;
use crate::delivery::disc::{By, plan, queue};
use crate::delivery::tests::in_sandbox;
use crate::desk::people::{self, Secret};
use crate::desk::{Acting, Who};
use crate::model::disc::{DiscCounts, NewDisc, NewDiscSet};
use crate::model::{Actor, Role};
use crate::store::contract::discs::mailed;
use crate::store::contract::{in_tx, on_both_engines};
use crate::store::db::Db;
use crate::web::api::tests::assert_as_described;
use crate::web::plumbing::routes::Route;
use burn_queue::{Image, Work};
use imaging::chance::OsChance;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use std::io::{self, Cursor, Read};
use std::net::SocketAddr;
use std::ops::Range;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CALLS: [(&str, &str); 7] = [
    ("POST", "lease"),
    ("POST", "discs/D000-0000/renew"),
    ("POST", "discs/D000-0000/release"),
    ("POST", "discs/D000-0000/begin"),
    ("GET", "discs/D000-0000/image?number=1&station=desk-1"),
    ("POST", "discs/D000-0000/burned"),
    ("POST", "discs/D000-0000/ended"),
];

struct Pattern;

impl Bytes for Pattern {
    fn range(&self, bytes: Range<u64>) -> io::Result<Box<dyn Read + Send>> {
        let length = usize::try_from(bytes.end - bytes.start).map_err(io::Error::other)?;
        Ok(Box::new(Cursor::new(vec![7; length])))
    }
}

async fn served(db: &Db) -> SocketAddr {
    let clock = Arc::new(ManualClock::new(1_000));
    let means = Means {
        db: db.clone(),
        clock: clock.clone(),
        chance: Arc::new(OsChance),
        zone: TimeZone::UTC,
        site: "main".into(),
        parcels: in_sandbox(db, clock),
    };
    let images: DiscImages = Arc::new(|_, _| Box::pin(async { Ok(Arc::new(Pattern) as Arc<dyn Bytes>) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stations = Stations { means, images, lease_ms: 60_000 };
    tokio::spawn(async move { axum::serve(listener, routes(stations)).await.unwrap() });
    address
}

async fn token(db: &Db, role: Role) -> Secret {
    let setup = Who::Program("setup");
    let acting = Acting { who: &setup, now_ms: 1_000, today: date(2026, 3, 2), chance: &OsChance };
    let named = (role.as_str(), role.as_str());
    let user = in_tx!(db, |tx| people::add_user(tx, &acting, named, [role].into())).unwrap();
    in_tx!(db, |tx| people::new_token(tx, &acting, &user.id, "test", None)).unwrap()
}

async fn call(to: SocketAddr, token: Option<&Secret>, call: (&str, &str), body: &Json) -> (u16, String) {
    let (method, path) = call;
    let body = if method == "GET" { String::new() } else { body.to_string() };
    let token = token.map(|token| format!("Authorization: Bearer {}\r\n", token.reveal()));
    let whole = format!(
        "{method} /api/v1/station/{path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n{}\
         Range: bytes=4000-\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        token.unwrap_or_default(),
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect(to).await.unwrap();
    socket.write_all(whole.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head[9..12].parse().unwrap();
    let is_problem = head.contains("content-type: application/problem+json");
    assert_eq!(is_problem, status >= 400, "{method} {path}: {answer}");
    (status, body.to_owned())
}

async fn queued(db: &Db) {
    let delivery = mailed(db).await;
    let actor = Actor::program("test");
    let by = By { actor: &actor, chance: &OsChance };
    let wanted = NewDiscSet {
        request: delivery.request.clone(),
        delivery: delivery.id.clone(),
        seal: "none".into(),
        counts: DiscCounts { studies: 1, series: 1, instances: 1 },
        due_at: 5_000,
        discs: vec![NewDisc { image: Image::of(&[7; 4096][..]).unwrap(), medium: Medium::Cd }],
    };
    in_tx!(db, |tx| plan(tx, wanted, by)).unwrap();
    in_tx!(db, |tx| queue(tx, &delivery.id, by)).unwrap();
}

on_both_engines! {
    async fn only_who_may_burn_gets_past_the_door(db) {
        let known = CALLS.map(|(method, path)| {
            let path = path.split('?').next().unwrap().replace("D000-0000", "{code}");
            Route { path: format!("/api/v1/station/{path}"), method }
        });
        assert_eq!(table().listed(), known, "every route is tried");
        let described = Described::openapi().paths.paths;
        assert!(known.iter().all(|route| described.contains_key(&route.path)), "{:?}", described.keys());
        let to = served(&db).await;
        let mut tokens = vec![("nobody", None)];
        for role in Role::ALL {
            tokens.push((role.as_str(), Some(token(&db, role).await)));
        }
        for (who, token) in &tokens {
            let expected = match *who {
                "nobody" => 401,
                // Past the door: what they sent is no use.
                "burn" => 400,
                _ => 403,
            };
            for what in CALLS {
                let (status, _) = call(to, token.as_ref(), what, &json!("nonsense")).await;
                // A code whose check symbol is wrong is no disc's.
                let reached = if expected == 400 && what.1 != "lease" { 404 } else { expected };
                assert_eq!(status, reached, "{who} {what:?}");
            }
        }
        let wrong = Secret::new("frt_wrong".into());
        assert_eq!(call(to, Some(&wrong), CALLS[0], &json!({})).await.0, 401);
    }

    async fn an_image_goes_out_once_its_burn_is_on_record_and_only_to_who_burns_it(db) {
        let (to, burn) = (served(&db).await, token(&db, Role::Burn).await);
        let asked = json!({"station": "desk-1", "blanks": ["dvd"]});
        assert_eq!(call(to, Some(&burn), ("POST", "lease"), &asked).await.0, 204);
        queued(&db).await;
        assert_eq!(call(to, Some(&burn), ("POST", "lease"), &asked).await.0, 204, "it is to be burned on a cd");
        let asked = json!({"station": "desk-1", "blanks": ["cd"]});
        let (status, work) = call(to, Some(&burn), ("POST", "lease"), &asked).await;
        assert_eq!(status, 200);
        assert_as_described(("POST", "/api/v1/station/lease"), 200, &serde_json::from_str(&work).unwrap());
        let work: Work = serde_json::from_str(&work).unwrap();
        let at = |what: &str| format!("discs/{}/{what}", work.disc);
        let image = at("image?number=1&station=desk-1");
        assert_eq!(call(to, Some(&burn), ("GET", &image), &Json::Null).await.0, 409);
        let own = json!(work.attempt);
        assert_eq!(call(to, Some(&burn), ("POST", &at("begin")), &own).await.0, 204);
        let (status, rest) = call(to, Some(&burn), ("GET", &image), &Json::Null).await;
        assert_eq!((status, rest.len()), (206, 96));
        for stranger in ["image?number=1&station=desk-2", "image?number=2&station=desk-1"] {
            let (status, said) = call(to, Some(&burn), ("GET", &at(stranger)), &Json::Null).await;
            assert_eq!(status, 409, "{said}");
        }
        let other = json!({"number": 1, "station": "desk-2"});
        let (status, said) = call(to, Some(&burn), ("POST", &at("burned")), &other).await;
        assert!(status == 409 && said.contains("attempt 1 at this disc is over"), "{said}");
        let ended = json!({"attempt": work.attempt, "report": {"ended": "verified"}});
        assert_eq!(call(to, Some(&burn), ("POST", &at("ended")), &ended).await.0, 204);
        assert_eq!(call(to, Some(&burn), ("POST", &at("ended")), &ended).await.0, 204, "said twice");
        assert_eq!(call(to, Some(&burn), ("GET", &image), &Json::Null).await.0, 409, "it is burned");
    }

    async fn a_station_has_a_name_that_can_be_shown(db) {
        let (to, burn) = (served(&db).await, token(&db, Role::Burn).await);
        for name in ["", "desk 1", "<b>", &"x".repeat(41)] {
            let asked = json!({"station": name, "blanks": ["cd"]});
            assert_eq!(call(to, Some(&burn), ("POST", "lease"), &asked).await.0, 400, "{name}");
        }
    }
}
