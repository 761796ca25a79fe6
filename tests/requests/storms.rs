//! An object store that is slow, that fails, and that is cut off for a minute while a study is settled, a package
//! frozen, another uploaded and a disc burned: everything comes to its end by itself, once, and as it came in.

use crate::common::line::{Line, Weather};
use crate::common::postgres::{empty_schema, open};
use crate::common::s3::S3Server;
use crate::common::service::Service;
use crate::common::{self, Site, kept, send, until};
use crate::desk::{People, delivery};
use crate::station::Station;
use crate::{books, http, opened};
use filmroom::app::block_on;
use imaging::samples::{self, SampleStudy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// More than two parts of an upload.
const SLICES: u16 = 48;
const SEED: u64 = 7;
const WAYS: [&str; 4] = ["link", "mail", "fed_ex", "desk"];
const SLOW: Weather = Weather::Slow { bytes_per_second: 4 << 20, latency: Duration::from_millis(100) };
/// So slow that whatever was begun is still going on when the rest has begun.
const ALMOST_STILL: Weather = Weather::Slow { bytes_per_second: 48 << 10, latency: Duration::from_secs(2) };
const CUT_FOR: Duration = Duration::from_secs(60);
const BEGUN_WITHIN: Duration = Duration::from_secs(90);
const ENDS_WITHIN: Duration = Duration::from_secs(400);

#[test]
fn every_way_is_carried_while_the_object_store_is_slow_fails_and_is_cut_off_for_a_minute() {
    let Some(url) = empty_schema("filmroom_storms") else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, line) = runtime.block_on(async {
        let server = S3Server::start().await;
        let line = Line::to(server.address, SEED).await;
        (server, line)
    });
    let site = Site::new().in_the_cloud(&url, &line.endpoint()).with("CARRIER__SANDBOX_STEP_MS", "200");
    let service = site.serve();
    let people = People::hire(&site, service.http, "");
    let station = Station::begin(&site, service.http, &people.token_file);
    let mut storm = Storm {
        site,
        url,
        line,
        service,
        people,
        wishes: Vec::new(),
        studies: Vec::new(),
        codes: BTreeMap::new(),
    };

    storm.line.turn(SLOW);
    storm.carry("Slow");
    storm.line.turn(Weather::Failing);
    storm.carry("Failing");
    drop(station);
    storm.is_cut_off();

    let done = &storm.line.done;
    let counts = [&done.refused, &done.broken, &done.cut].map(|count| count.load(Ordering::SeqCst));
    assert!(counts.iter().all(|count| *count >= 3), "it was no storm: {counts:?}");
    let [refused, broken, cut] = counts;
    common::say(&format!(
        "requests: seed {SEED}: {refused} calls of the object store answered 500 or 503, {broken} broken off, {cut} \
         while it was cut off"
    ));
    storm.end_well(&server);
}

/// Who wants what.
struct Wish {
    name: String,
    way: &'static str,
    study: usize,
    /// Whether its approval waits for its moment.
    is_held: bool,
    /// The request's reference, once it is served.
    served_as: Option<String>,
}

struct Storm {
    site: Site,
    url: String,
    line: Line,
    service: Service,
    people: People,
    wishes: Vec<Wish>,
    studies: Vec<SampleStudy>,
    /// Access codes by request.
    codes: BTreeMap<String, String>,
}

impl Storm {
    /// A study comes, and somebody wants it each way; until all have it.
    fn carry(&mut self, word: &str) {
        let study = self.comes();
        self.wish(word, study, &WAYS);
        self.until_served(word);
    }

    /// The same, and in the midst of everything the line is cut.
    fn is_cut_off(&mut self) {
        self.line.turn(Weather::Fine);
        let [burned, shown] = [self.comes(), self.comes()];
        kept::settled(&self.site);
        self.wish("Burned", burned, &["mail", "fed_ex", "desk"]);
        self.until("discs wait to be burned", |at| at.of("discs", "queued") == 3);
        for word in ["Uploaded", "Frozen"] {
            self.wish(word, shown, &["link"]);
            self.hold(&format!("{word}-link"));
        }

        self.line.turn(ALMOST_STILL);
        let _station = Station::begin(&self.site, self.service.http, &self.people.token_file);
        self.comes();
        self.further("Uploaded-link");
        self.until("a study is settled, a package uploaded and a disc burned", Counted::is_at_three);
        self.further("Frozen-link");
        self.until("and another is frozen", |at| at.is_at_three() && at.of("freeze_package", "leased") == 1);
        self.line.turn(Weather::Cut);
        std::thread::sleep(CUT_FOR);
        self.line.turn(Weather::Fine);
        self.until_served("what was cut off");
    }

    /// A further study is sent; its number.
    fn comes(&mut self) -> usize {
        let number = self.studies.len();
        let study = samples::ct(SLICES, SEED + number as u64);
        send::send(self.service.dimse, &study);
        let path = format!("/api/v1/studies?study_instance_uid={}", study.study_instance_uid);
        until("the study is known", BEGUN_WITHIN, || self.people.ask(&path).unwrap() != json!([]));
        self.studies.push(study);
        number
    }

    fn wish(&mut self, word: &str, study: usize, ways: &[&'static str]) {
        let wish = |way: &&'static str| Wish {
            name: format!("{word}-{way}"),
            way,
            study,
            is_held: false,
            served_as: None,
        };
        self.wishes.extend(ways.iter().map(wish));
    }

    /// Brings a wish to where it only waits to be approved, and leaves it there.
    fn hold(&mut self, name: &str) {
        let chooses =
            |request: &Value| request["waits_for"] == "decision" && request["deliveries"] == json!([]);
        until("the request can be approved", BEGUN_WITHIN, || chooses(&self.further(name)));
        self.wishes.iter_mut().find(|wish| wish.name == name).unwrap().is_held = true;
    }

    /// The next step for a wish; the request as it was before.
    fn further(&self, name: &str) -> Value {
        let wish = self.wishes.iter().find(|wish| wish.name == name).unwrap();
        let study = &self.studies[wish.study].study_instance_uid;
        self.people.further(name, study, &delivery(name, wish.way)).unwrap()
    }

    /// Everybody does what there is to do until every wish so far is served.
    fn until_served(&mut self, what: &str) {
        let began = std::time::Instant::now();
        loop {
            for number in 0..self.wishes.len() {
                if self.wishes[number].served_as.is_none() {
                    self.wishes[number].served_as = self.serve(number);
                }
            }
            let unserved = self.wishes.iter().filter(|wish| wish.served_as.is_none());
            let open: Vec<&str> = unserved.map(|wish| wish.name.as_str()).collect();
            if open.is_empty() {
                return;
            }
            assert!(
                began.elapsed() < ENDS_WITHIN,
                "{what}: {open:?} {:?} {}",
                self.counted(),
                self.service.said()
            );
            self.people.work().unwrap();
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// The next step for a wish; the request's reference once it is served.
    fn serve(&mut self, number: usize) -> Option<String> {
        let request = self.further(&self.wishes[number].name);
        let reference = request["reference"].as_str()?;
        let is_served = match self.wishes[number].way {
            // Ten days later it is presumed delivered.
            "mail" => self.people.is_mailed(reference).unwrap(),
            "link" if request["deliveries"][0]["state"]["state"] == "under_way" => {
                self.issue_code(reference);
                false
            }
            _ => request["state"]["state"] == "fulfilled",
        };
        is_served.then(|| reference.to_owned())
    }

    /// An access code is printed, once.
    fn issue_code(&mut self, reference: &str) {
        if !self.codes.contains_key(reference) {
            let code = self.people.access_code(reference);
            self.codes.insert(reference.to_owned(), code);
        }
    }

    fn counted(&self) -> Counted {
        let counts = "SELECT kind, state, COUNT(*) FROM jobs GROUP BY kind, state \
                      UNION ALL SELECT 'discs', state, COUNT(*) FROM discs GROUP BY state \
                      UNION ALL SELECT 'archives', state, COUNT(*) FROM archives GROUP BY state";
        let counted = block_on(async {
            let db = open(&self.url).await;
            let rows = db.fetch_all(counts, []).await.unwrap();
            db.close().await;
            let of = |column| rows.iter().map(move |row| row.text(column).unwrap());
            of(0).zip(of(1)).zip(rows.iter().map(|row| row.i64(2).unwrap())).collect()
        });
        Counted(counted.unwrap())
    }

    fn until(&mut self, what: &str, mut holds: impl FnMut(&Counted) -> bool) {
        let began = std::time::Instant::now();
        loop {
            let counted = self.counted();
            if holds(&counted) {
                return;
            }
            assert!(began.elapsed() < BEGUN_WITHIN, "in vain: {what}: {counted:?} {}", self.service.said());
            for wish in self.wishes.iter().filter(|wish| !wish.is_held) {
                self.further(&wish.name);
            }
            self.people.collect().unwrap();
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// How many of what are in which state.
#[derive(Debug)]
struct Counted(BTreeMap<(String, String), i64>);

impl Counted {
    fn of(&self, what: &str, state: &str) -> i64 {
        self.0.get(&(what.to_owned(), state.to_owned())).copied().unwrap_or_default()
    }

    /// Something is settled, uploaded and burned.
    fn is_at_three(&self) -> bool {
        self.of("archives", "writing") == 1
            && self.of("hand_over_package", "leased") == 1
            && self.of("discs", "burning") == 1
    }
}

/// What is left of it: nothing but what should be there, and that is as it came in.
impl Storm {
    fn end_well(mut self, server: &S3Server) {
        for number in 0..self.wishes.len() {
            match self.wishes[number].way {
                "link" => self.assert_saved(number),
                _ => self.assert_burned(number),
            }
        }
        self.service.stop();
        kept::settled(&self.site);
        let ledger = books::assert_clean(&self.site);
        assert_eq!((&ledger["charges"], &ledger["transfers"]), (&json!(3), &json!(9)), "{ledger}");
        let counted = block_on(once(&self.url)).unwrap();
        assert_eq!(counted, [9, 9, 3, 0], "good discs, burned discs, labels, and what waits for a person");
        assert_eq!(server.unfinished(), [""; 0], "uploads that were begun and neither completed nor aborted");
        let kept: BTreeSet<String> = fs::read_dir(self.site.data())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let expected = ["mail", "master.key", "spool", "station"].map(str::to_owned);
        assert_eq!(kept, BTreeSet::from(expected), "nothing else lies on the local disk");
    }

    fn study(&self, number: usize) -> &SampleStudy {
        &self.studies[self.wishes[number].study]
    }

    fn reference(&self, number: usize) -> String {
        self.wishes[number].served_as.clone().unwrap()
    }

    /// The link in the mail leads to the package, in the bucket.
    fn assert_saved(&mut self, number: usize) {
        let reference = self.reference(number);
        let path = opened::link_of(&self.site, &reference);
        let fields = format!("month=4&day=12&year=1968&code={}", self.codes[&reference]);
        let entered = http::post(self.service.http, &path, "", &fields).unwrap();
        assert_eq!(entered.status, 303, "{}", entered.text());
        let sent = http::get(self.service.http, "/r/save/package", entered.cookie().unwrap()).unwrap();
        let url = sent.header("location").unwrap().strip_prefix(&self.line.endpoint()).unwrap();
        let unsigned = url.split_once('?').unwrap().0;
        assert_eq!(http::call(self.line.address, "GET", unsigned, "", "").unwrap().status, 403);
        let package = http::call(self.line.address, "GET", url, "", "").unwrap();
        opened::assert_zip_holds(&self.site, &reference, package.bytes, self.study(number));
    }

    /// The disc is burned as it was meant, and opens with its code.
    fn assert_burned(&mut self, number: usize) {
        let reference = self.reference(number);
        let request = self.people.ask(&format!("/api/v1/requests/{reference}")).unwrap();
        let delivery = request["deliveries"][0]["id"].as_str().unwrap();
        let code = self.people.slip(&reference, &format!("deliveries/{delivery}/opening-code"));
        let (disc, sha256) = block_on(packed(&self.url, delivery)).unwrap();
        let image = self.site.path(&format!("burned/{disc}.iso"));
        assert_eq!(kept::sha256_of(&image), sha256);
        opened::assert_disc_holds(&self.site, &reference, &image, &code, self.study(number));
    }
}

/// The disc that was packed for a delivery, and what its image is.
async fn packed(url: &str, delivery: &str) -> (String, String) {
    let db = open(url).await;
    let sql = "SELECT d.code, d.image_sha256 FROM discs d JOIN disc_sets s ON d.disc_set = s.id \
               WHERE d.state = 'packed' AND s.delivery = $1";
    let row = db.fetch_one(sql, [delivery.into()]).await.unwrap();
    db.close().await;
    (row.text(0).unwrap(), row.text(1).unwrap())
}

async fn once(url: &str) -> [i64; 4] {
    let db = open(url).await;
    let mut counted = [0; 4];
    let counts = [
        "SELECT COUNT(*) FROM discs WHERE state = 'packed'",
        "SELECT COUNT(*) FROM discs",
        "SELECT COUNT(*) FROM sandbox_parcels",
        "SELECT COUNT(*) FROM jobs WHERE state IN ('parked', 'unresolved')",
    ];
    for (count, sql) in counted.iter_mut().zip(counts) {
        *count = db.fetch_one(sql, []).await.unwrap().i64(0).unwrap();
    }
    db.close().await;
    counted
}
