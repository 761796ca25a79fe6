//! The pages as a browser gets them: over HTTP, from a library with studies and people in it.

mod addresses;
mod browser;
mod matrix;
mod put_right;
mod visitor;
mod walk;
mod work;

use super::plumbing::{House, dressed};
use super::staff::{Means, Picture};
use super::{billing, staff};
use crate::clock::ManualClock;
use crate::config::PublicUrl;
use crate::delivery::tests::in_sandbox;
use crate::desk::people::{Passwords, Secret, add_user, set_password};
use crate::desk::{Acting, Who};
use crate::model::charge::CostLine;
use crate::model::site::tests::phoenix;
use crate::model::{Cents, FeeSchedule, Role, Site};
use crate::store::contract::in_tx;
use crate::store::contract::samples::images;
use crate::store::db::Db;
use crate::store::migrations::migrate;
use crate::store::studies::index_arrivals;
use imaging::chance::{Chance, SeededChance};
use imaging::seal::{MasterKey, MasterKeys};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;
use visitor::Visitor;

/// Friday, March 20, 2026, 10 o'clock in Phoenix.
const NOW_MS: i64 = 1_774_026_000_000;
const PASSWORD: &str = "correct horse battery staple";

/// A desk with its pages served, until it is dropped.
struct DeskAtWork {
    db: Db,
    clock: Arc<ManualClock>,
    chance: Arc<dyn Chance>,
    address: SocketAddr,
    serving: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Drop for DeskAtWork {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Another site, a day ahead in the evening.
fn north() -> Site {
    let zone = jiff::tz::TimeZone::get("Pacific/Auckland").unwrap();
    Site { id: "north".into(), name: "North Clinic".into(), zone, ..phoenix() }
}

/// A small grey picture.
fn picture() -> Picture {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9' fill='#345'/>\
               <circle cx='4.5' cy='4.5' r='3' fill='#9ab'/></svg>";
    Picture { kind: "image/svg+xml", bytes: svg.into() }
}

impl DeskAtWork {
    /// Two studies of one patient, one of another, and somebody of each role: `release`, `burn` and so on.
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let url = format!("sqlite:{}", folder.path().join("filmroom.db").display());
        let db = Db::open(&url.parse().unwrap(), clock.clone()).await.unwrap();
        migrate(&db, &*clock).await.unwrap();
        let chance: Arc<dyn Chance> = Arc::new(SeededChance::new(7));
        let studies = [
            images("4711", "Doe^Jane", "1.2.3", 120),
            images("4711", "Doe^Jane", "1.2.4", 2),
            images("0815", "Do^Janet", "1.2.5", 3),
        ];
        // One after another: pages show the latest first.
        for (now_ms, study) in (5_000..).zip(studies) {
            in_tx!(db, |tx| index_arrivals(tx, &study, now_ms, &*chance)).unwrap();
        }
        let passwords = Arc::new(Passwords::default());
        people(&db, &passwords, &*chance).await;
        let house = House {
            url: PublicUrl::try_from("http://images.example.org".to_owned()).unwrap(),
            trusted_proxies: Arc::new([]),
            site: Arc::new(phoenix()),
            sites: Arc::new([("north".to_owned(), Arc::new(north()))].into()),
            chance: chance.clone(),
        };
        let means = Means {
            house: house.clone(),
            db: db.clone(),
            clock: clock.clone(),
            keys: Arc::new(MasterKeys::new(MasterKey::fresh(&*chance), Vec::new())),
            passwords,
            pictures: Arc::new(|_| Box::pin(async { Some(picture()) })),
            parcels: in_sandbox(&db, clock.clone()),
            fee: fee(),
        };
        let pages = dressed(staff::routes(means.clone()).merge(billing::routes(means)), house);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = pages.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { db, clock, chance, address, serving, _folder: folder }
    }

    /// A browser in which nobody is signed in.
    fn visitor(&self) -> Visitor {
        Visitor::at(self.address)
    }

    /// A browser in which somebody of this role is signed in.
    async fn signed_in(&self, login: &str) -> Visitor {
        let mut visitor = self.visitor();
        let answer = visitor.post("/staff/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/staff")), "{}", answer.body);
        visitor
    }
}

/// What FedEx costs.
fn fee() -> FeeSchedule {
    let lines = [("Labor", 1_500), ("Disc and mailer", 500), ("FedEx", 2_500)];
    let line =
        |(label, cents): (&str, i64)| CostLine { label: label.into(), cents: Cents::new(cents).unwrap() };
    FeeSchedule::new(Cents::new(4_500).unwrap(), lines.map(line).to_vec()).unwrap()
}

async fn people(db: &Db, passwords: &Passwords, chance: &dyn Chance) {
    let hash = passwords.hash(&Secret::new(PASSWORD.into()), chance).await.unwrap();
    let who = Who::Program("setup");
    let acting = Acting { who: &who, now_ms: NOW_MS, today: phoenix().today(NOW_MS), chance };
    let names = ["Rosa Release", "Ben Burner", "Bill Ing", "Ada Minor", "Otto Audit"];
    for (role, name) in Role::ALL.into_iter().zip(names) {
        let user = in_tx!(db, |tx| add_user(tx, &acting, (role.as_str(), name), [role].into())).unwrap();
        in_tx!(db, |tx| set_password(tx, &acting, &user.id, &hash)).unwrap();
    }
}
