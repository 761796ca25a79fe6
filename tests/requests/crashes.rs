//! Killed again and again while it fulfils requests by FedEx, the service buys, burns and charges nothing twice;
//! every request comes to its end all the same.

use crate::common::postgres::{empty_schema, open};
use crate::common::service::Service;
use crate::common::{self, Site, kept, send};
use crate::desk::People;
use crate::station::Station;
use crate::{books, secrets};
use filmroom::app::block_on;
use filmroom::store::db::Db;
use imaging::chance::SeededChance;
use imaging::samples;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One request is taken in for each.
const CRASHES: u64 = 6;
/// A minute until a job's lease has run out, and the work that is left.
const ENDS_WITHIN: Duration = Duration::from_secs(300);
/// By then a station that was started again has read back what it was burning.
const STATION_KNOWS_AFTER: Duration = Duration::from_secs(20);

#[test]
fn killed_at_any_moment_nothing_is_bought_burned_or_charged_twice() {
    crash(None, crashes(), kill_again_and_again);
}

#[test]
fn killed_at_any_moment_nothing_is_bought_burned_or_charged_twice_in_postgresql() {
    let Some(url) = empty_schema("filmroom_crashes") else { return };
    crash(Some(url), crashes(), kill_again_and_again);
}

fn number(name: &str) -> Option<u64> {
    common::told(name).map(|value| value.parse().unwrap())
}

fn crashes() -> u64 {
    number("FILMROOM_TEST_CRASHES").unwrap_or(CRASHES)
}

/// Where the service and its station run.
pub struct Place<'a> {
    site: &'a Site,
    database: Option<&'a str>,
    address: SocketAddr,
    token_file: &'a Path,
    /// How many requests are taken in.
    pub requests: u64,
    pub seed: u64,
}

impl Place<'_> {
    pub fn begin_service(&self) -> Service {
        self.site.serve()
    }

    pub fn begin_station(&self) -> Station {
        Station::begin(self.site, self.address, self.token_file)
    }

    pub async fn open(&self) -> Db {
        open(&address_of(self.site, self.database)).await
    }
}

/// Takes requests in while `kill` kills what carries them, and sees to it that they end as they should.
pub fn crash(database: Option<String>, requests: u64, kill: fn(&Place) -> (Service, Station)) {
    let seed = number("FILMROOM_TEST_SEED").unwrap_or(1);
    let address = free_address();
    let site = Site::new()
        .with("HTTP__LISTEN", &address.to_string())
        .with("CARRIER__SANDBOX_STEP_MS", "200")
        .with("JOBS__LEASE_SECONDS", "5")
        .with("STATIONS__LEASE_SECONDS", "5");
    let site = match &database {
        Some(url) => site.with("DATABASE__URL", url),
        None => site,
    };
    let study = samples::ct(8, seed);
    let service = site.serve();
    send::send(service.dimse, &study);
    kept::settled(&site);
    service.stop();
    let mut people = People::hire(&site, address, &study.study_instance_uid);

    let names: Vec<String> = (1..=requests).map(|number| format!("Requester-{number:04}")).collect();
    let (over, calm) = (AtomicBool::new(false), AtomicBool::new(false));
    let token_file = people.token_file.clone();
    std::thread::scope(|scope| {
        let people = &mut people;
        let working = scope.spawn(|| work(people, &names, &calm, &over));
        let (database, token_file) = (database.as_deref(), token_file.as_path());
        let place = Place { site: &site, database, address, token_file, requests, seed };
        let killing = || kill(&place);
        let running = std::panic::catch_unwind(std::panic::AssertUnwindSafe(killing));
        let began = Instant::now();
        while running.is_ok() && !working.is_finished() && began.elapsed() < ENDS_WITHIN {
            calm.store(began.elapsed() > STATION_KNOWS_AFTER, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(100));
        }
        over.store(true, Ordering::SeqCst);
        let left = working.join().unwrap();
        let (service, station) = running.unwrap();
        drop(station);
        let waits = block_on(async { stopped(&place.open().await).await }).unwrap();
        assert!(
            left.is_empty(),
            "seed {seed}: not fulfilled: {left:?}; stopped: {waits:?}; {}",
            service.said()
        );
        assert_eq!(waits, [""; 0], "seed {seed}: nothing is left to do, and yet these wait for a person");
        service.stop();
    });

    let [labels, spoiled] = block_on(async {
        let db = open(&address_of(&site, database.as_deref())).await;
        assert_once(&site, &db, &names, &people.written_off).await;
        lost(&db).await
    })
    .unwrap();
    site.assert_sound();
    let ledger = books::assert_clean(&site);
    assert_eq!((&ledger["charges"], &ledger["transfers"]), (&json!(requests), &json!(3 * requests)));
    let logs = (0..).map(|number| site.path(&format!("log-{number}")));
    for log in logs.take_while(|log| log.exists()) {
        let log = fs::read_to_string(log).unwrap();
        secrets::assert_unsaid(names.iter().chain(&people.secrets()), &log, "the log");
    }
    common::say(&format!(
        "requests: seed {seed}: {requests} requests delivered; {labels} labels given back, {spoiled} \
         discs spoiled"
    ));
}

/// An address that was free a moment ago, and which the service gets again after each kill.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn address_of(site: &Site, database: Option<&str>) -> String {
    let file = || format!("sqlite:{}", site.data().join("filmroom.db").display());
    database.map_or_else(file, str::to_owned)
}

/// Does what there is to do until every request is fulfilled, or it is over; whose are not.
fn work(people: &mut People, names: &[String], calm: &AtomicBool, over: &AtomicBool) -> Vec<String> {
    let mut open = names.to_vec();
    while !open.is_empty() && !over.load(Ordering::SeqCst) {
        open.retain(|name| people.release(name) != Some(true));
        // Whoever is not there is asked again in a moment.
        people
            .collect()
            .and_then(|()| people.pack(calm.load(Ordering::SeqCst)))
            .and_then(|()| people.tender());
        std::thread::sleep(Duration::from_millis(50));
    }
    open
}

/// Kills the service, the station or both at random moments, once for each request; both run when it returns.
fn kill_again_and_again(place: &Place) -> (Service, Station) {
    let chance = SeededChance::new(place.seed);
    let (mut service, mut station) = (place.begin_service(), place.begin_station());
    for _ in 0..place.requests {
        let pause = Duration::from_millis(300 + chance.next_u64() % 4_000);
        let which = chance.next_u64() % 3;
        match which {
            // The shortest of all windows: the carrier was asked, and nobody knows yet what it did.
            2 => block_on(until_label_is_asked(place, pause)).unwrap(),
            _ => std::thread::sleep(pause),
        }
        if which != 1 {
            drop(station);
            station = place.begin_station();
        }
        if which != 0 {
            service.kill();
            service = place.begin_service();
        }
    }
    (service, station)
}

/// Waits until a label is asked for, but not for long.
async fn until_label_is_asked(place: &Place<'_>, at_most: Duration) {
    let (db, began) = (place.open().await, Instant::now());
    let asked = "SELECT COUNT(*) FROM label_attempts WHERE state = 'asked'";
    while began.elapsed() < at_most && db.fetch_one(asked, []).await.unwrap().i64(0).unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Jobs that wait for a person, with why.
async fn stopped(db: &Db) -> Vec<String> {
    let sql = "SELECT kind, state, last_error FROM jobs WHERE state IN ('parked', 'unresolved') ORDER BY id";
    let rows = db.fetch_all(sql, []).await.unwrap();
    rows.iter()
        .map(|row| [0, 1, 2].map(|column| row.opt_text(column).unwrap().unwrap_or_default()).join(" "))
        .collect()
}

/// What kills cost: labels given back, and spoiled discs.
async fn lost(db: &Db) -> [i64; 2] {
    let labels = "SELECT COUNT(*) FROM sandbox_parcels WHERE cancelled_at IS NOT NULL";
    let discs = "SELECT COUNT(*) FROM discs WHERE state = 'spoiled'";
    let count = async |sql: &'static str| db.fetch_one(sql, []).await.unwrap().i64(0).unwrap();
    [count(labels).await, count(discs).await]
}

/// Each request has one label that was used, one good disc, and a fee that was due, paid and earned once.
async fn assert_once(site: &Site, db: &Db, names: &[String], written_off: &[String]) {
    let count = async |sql: &'static str| {
        let rows = db.fetch_all(sql, []).await.unwrap();
        rows.iter().map(|row| (row.text(0).unwrap(), row.i64(1).unwrap())).collect::<BTreeMap<_, _>>()
    };
    let once = |counted: &BTreeMap<String, i64>, of: usize, what: &str| {
        assert!(counted.len() == of && counted.values().all(|count| *count == 1), "{what}: {counted:?}");
    };
    let labels = "SELECT SUBSTR(customer_reference, 1, 12), COUNT(*) FROM sandbox_parcels \
                  WHERE cancelled_at IS NULL AND collected_at IS NOT NULL GROUP BY SUBSTR(customer_reference, 1, 12)";
    once(&count(labels).await, names.len(), "labels that were used");
    let kept = "SELECT SUBSTR(customer_reference, 1, 12), COUNT(*) FROM sandbox_parcels \
                WHERE cancelled_at IS NULL GROUP BY SUBSTR(customer_reference, 1, 12)";
    once(&count(kept).await, names.len(), "labels that were not given back");
    let discs = "SELECT disc_set, COUNT(*) FROM discs WHERE state = 'packed' GROUP BY disc_set";
    once(&count(discs).await, names.len(), "good discs");
    let sets = "SELECT delivery, COUNT(*) FROM disc_sets GROUP BY delivery";
    once(&count(sets).await, names.len(), "disc sets");
    let moved = "SELECT charge || ' ' || movement, COUNT(*) FROM transfers GROUP BY charge, movement";
    once(&count(moved).await, 3 * names.len(), "transfers");
    assert_burned_once(site, db, names.len() + written_off.len()).await;
}

/// Everything that lies in the drive's folder is a disc that is known, and at most `most` of them are whole.
async fn assert_burned_once(site: &Site, db: &Db, most: usize) {
    let rows = db.fetch_all("SELECT code, image_sha256 FROM discs", []).await.unwrap();
    let known: BTreeMap<String, String> =
        rows.iter().map(|row| (row.text(0).unwrap(), row.text(1).unwrap())).collect();
    let mut whole = 0;
    for path in common::files(&site.path("burned")).into_keys() {
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        whole += usize::from(known[&code] == kept::sha256_of(&path));
    }
    assert!(whole <= most, "{whole} whole discs were burned, and {most} were needed");
}
