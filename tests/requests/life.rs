//! A whole life at one desk: everything is carried each of the four ways, everybody mistypes, strays and is refused on
//! the way, and nothing of who they are, and nothing that opens anything, stands where somebody else reads.

use crate::common::{Site, kept, send};
use crate::desk::{People, delivery};
use crate::http::{self, Answer};
use crate::station::{self, Station};
use crate::{opened, secrets};
use imaging::samples;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::time::{Duration, Instant};

const SLICES: u16 = 6;
const SEED: u64 = 41;
const ENDS_WITHIN: Duration = Duration::from_secs(200);
/// Who wants it how.
const WISHES: [(&str, &str); 4] = [
    ("Zephyrina Quillfeather", "link"),
    ("Ambrosius Yarrowmoor", "mail"),
    ("Oleander Thistlewick", "fed_ex"),
    ("Peregrine Hollowbrook", "desk"),
];
const DOCTOR: &str = "Dr. Marguerite Featherstonehaugh";
/// What somebody types who confuses one code with another.
const MISTYPED: &str = "WRNG-C0DE";
/// As many addresses lead on from a page and the pages behind it, at most.
const MOST_ADDRESSES: usize = 400;

#[test]
fn nothing_of_a_whole_life_stands_in_logs_addresses_and_subjects() {
    let site = Site::new().with("CARRIER__SANDBOX_STEP_MS", "200");
    let service = site.serve();
    let people = People::hire(&site, service.http, "");
    let station = Station::begin(&site, service.http, &people.token_file);
    let study = samples::ct(SLICES, SEED);
    send::send(service.dimse, &study);
    kept::settled(&site);

    let patient = &study.patient;
    let mut words: BTreeSet<String> =
        ["1968-04-12", "19680412", &patient.id, &patient.birth_date].map(str::to_owned).into();
    let names = WISHES.iter().map(|(name, _)| *name).chain([DOCTOR, &patient.name]);
    words.extend(
        names.flat_map(|name| name.split([' ', '^', '='])).filter(|word| word.len() > 3).map(str::to_owned),
    );
    let mut life = Life { secrets: people.secrets().into(), words, site: &site, to: service.http, people };
    life.staff_go_wrong();
    let references = life.lead(&study.study_instance_uid);
    life.links_are_used(&references["link"]);
    life.discs_are_opened(&references);
    life.everything_is_looked_at(&references);

    drop(station);
    service.stop();
    life.is_told_nowhere();
}

/// What a life has to do with.
struct Life<'s> {
    site: &'s Site,
    to: std::net::SocketAddr,
    people: People,
    /// What opens something.
    secrets: BTreeSet<String>,
    /// Who somebody is.
    words: BTreeSet<String>,
}

impl Life<'_> {
    /// What the desk types wrong, and what somebody from outside tries there.
    fn staff_go_wrong(&mut self) {
        let (name, born) = (WISHES[0].0, "1968-04-12");
        let [secret, password] = self.people.secrets();
        for login in ["everybody", name] {
            let fields = format!("login={}&password={password}x&form_token=0", plus(login));
            assert!(http::post(self.to, "/staff/sign-in", "", &fields).unwrap().status >= 400);
        }
        self.people.sign_in().unwrap();
        let page = self.people.page("/staff/requests/new").unwrap();
        let half = format!("&name={0}&patient_name={0}&birth_date={born}", plus(name));
        for path in ["/staff/requests/new", "/staff/requests/FR-0000-0000/approve"] {
            let answer = self.people.send(&page, path, &half).unwrap();
            assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        }
        let found = self.people.send(&page, "/staff/requests", &format!("&search={}", plus(name))).unwrap();
        assert_eq!(found.status, 200, "{}", found.text());

        let asks = [
            json!({"requester": name}),
            json!({name: born}),
            json!({"received_by": name, "requester": {"name": name, "capacity": {"kind": name}}}),
            json!([name, born, secret]),
        ];
        let asks = asks.iter().map(Value::to_string).chain([format!("{{\"{name}: {born}")]);
        for body in asks {
            for path in ["/api/v1/requests", "/api/v1/requests/search", "/api/v1/studies/search"] {
                let answer = self.people.call("POST", path, &body).unwrap();
                assert!((400..500).contains(&answer.status), "{path} {body}: {}", answer.status);
            }
        }
        let unknown = format!("Authorization: Bearer {secret}x\r\n");
        assert_eq!(http::call(self.to, "GET", "/api/v1/requests/x", &unknown, "").unwrap().status, 401);
        self.strays();
    }

    /// Whoever writes a name into an address gets it back in no page, and the log does not have it.
    fn strays(&self) {
        let name = WISHES[0].0.split(' ').next().unwrap();
        let paths = [
            format!("/{name}"),
            format!("/staff/requests/{name}"),
            format!("/staff/requests?search={name}&born=1968-04-12"),
            format!("/billing/charges/{name}"),
            format!("/api/v1/requests/{name}"),
            format!("/api/v1/requests?search={name}"),
            format!("/l/{name}"),
            format!("/r/images/{name}?image={name}"),
            format!("/r?lang={name}"),
        ];
        for path in paths {
            let asked = [String::new(), self.people.head()].map(|head| ("GET", head));
            for (method, head) in asked.into_iter().chain([("POST", String::new())]) {
                let answer = http::stray(self.to, method, &path, &head, name).unwrap();
                assert!(answer.status < 500, "{method} {path}: {}", answer.status);
                if answer.status >= 400 {
                    secrets::assert_unsaid([&name.to_owned()], answer.text(), &path);
                }
            }
        }
    }

    /// Everybody gets what they wish; the requests, by way.
    fn lead(&mut self, study: &str) -> BTreeMap<&'static str, String> {
        let (mut served, began) = (BTreeMap::new(), Instant::now());
        while served.len() < WISHES.len() {
            assert!(began.elapsed() < ENDS_WITHIN, "only {served:?}");
            for (name, way) in WISHES {
                let request = self.people.further(name, study, &delivery(name, way)).unwrap();
                let Some(reference) = request["reference"].as_str() else { continue };
                let is_served = match way {
                    "link" => request["deliveries"][0]["state"]["state"] == "under_way",
                    "mail" => self.people.is_mailed(reference).unwrap(),
                    _ => request["state"]["state"] == "fulfilled",
                };
                if is_served {
                    served.insert(way, reference.to_owned());
                }
            }
            self.people.work().unwrap();
            std::thread::sleep(Duration::from_millis(200));
        }
        served
    }

    /// The patient gets in after some wrong tries, looks, saves, shares with a doctor, and leaves; so does the doctor.
    fn links_are_used(&mut self, reference: &str) {
        let path = opened::link_of(self.site, reference);
        let code = self.people.access_code(reference);
        self.knows(&path, &code);
        let inside = self.enter(&path, &code, (&path, ""));
        let page = http::get(self.to, "/r/share", &inside).unwrap();
        let share = |fields: &str| {
            let fields = format!("form_token={}&{fields}", page.form_token());
            http::post(self.to, "/r/share", &inside, &fields).unwrap()
        };
        let refused = share(&format!("recipient={}&email=no+address&days=7", plus(DOCTOR)));
        assert_eq!(refused.status, 422, "{}", refused.text());
        let shared = share(&format!("recipient={}&days=7", plus(DOCTOR)));
        assert_eq!(shared.status, 200, "{}", shared.text());
        let token: String =
            shared.text().split_once("/l/").unwrap().1.chars().take_while(char::is_ascii_hexdigit).collect();
        let (theirs, their_code) = (format!("/l/{token}"), big_code(&shared));
        self.knows(&theirs, &their_code);
        let doctor = self.enter(&theirs, &their_code, (&theirs, ""));
        self.stroll(&doctor, "/r/images");
        self.stroll(&inside, "/r/images");

        // The number of the request opens too.
        let again = self.enter("/r", &code, (&path, &format!("&reference={reference}")));
        for cookie in [inside, doctor, again] {
            let page = http::get(self.to, "/r/images", &cookie).unwrap();
            let fields = format!("form_token={}", page.form_token());
            let left = http::post(self.to, "/r/leave", &cookie, &fields).unwrap();
            assert!(left.status < 400, "{}", left.text());
            assert!(http::get(self.to, "/r/images", &cookie).unwrap().status >= 300);
            self.secrets.insert(cookie.split_once('=').unwrap().1.to_owned());
        }
    }

    /// A link and its code are among what nobody else may read.
    fn knows(&mut self, path: &str, code: &str) {
        self.secrets.extend([path.strip_prefix("/l/").unwrap().to_owned(), code.to_owned()]);
    }

    /// Gets in, after what goes wrong first; the session's cookie. A wrong code is typed once for a link: a second time
    /// would cost a minute.
    fn enter(&self, at: &str, code: &str, (link, more): (&str, &str)) -> String {
        let send = |fields: &str| http::post(self.to, at, "", &format!("{fields}{more}")).unwrap();
        assert_eq!(http::get(self.to, at, "").unwrap().status, 200);
        let mut wrong = vec![
            format!("month=2&day=30&year=1968&code={code}"),
            format!("month=&day=&year=&code={code}"),
            "month=4&day=12&year=1968&code=".to_owned(),
        ];
        if at == link {
            wrong.push(format!("month=4&day=12&year=1968&code={MISTYPED}"));
        }
        for wrong in wrong {
            assert_eq!(send(&wrong).status, 422, "{wrong}");
        }
        let from_elsewhere =
            http::call(self.to, "POST", link, "Sec-Fetch-Site: cross-site\r\n", code).unwrap();
        assert!((400..500).contains(&from_elsewhere.status), "{}", from_elsewhere.status);
        let entered = send(&format!("month=4&day=12&year=1968&code={code}"));
        assert_eq!(entered.status, 303, "{}", entered.text());
        entered.cookie().unwrap().to_owned()
    }

    /// Discs open with the codes the desk prints for them, and say nothing of a wrong one.
    fn discs_are_opened(&mut self, references: &BTreeMap<&str, String>) {
        for way in ["mail", "fed_ex", "desk"] {
            let request = self.people.ask(&format!("/api/v1/requests/{}", references[way])).unwrap();
            let delivery = request["deliveries"][0]["id"].as_str().unwrap();
            let code = self.people.slip(&references[way], &format!("deliveries/{delivery}/opening-code"));
            self.secrets.insert(code);
        }
    }

    /// Staff go wherever the pages of the desk and of each request lead.
    fn everything_is_looked_at(&mut self, references: &BTreeMap<&str, String>) {
        self.people.sign_in().unwrap();
        let cookie = self.people.cookie().to_owned();
        for place in ["/staff/requests", "/staff/parcels", "/staff/burn", "/billing", "/billing/charges"] {
            self.stroll(&cookie, place);
        }
        for reference in references.values() {
            self.stroll(&cookie, &format!("/staff/requests/{reference}"));
        }
        self.secrets.insert(cookie.split_once('=').unwrap().1.to_owned());
    }

    /// Goes wherever the pages lead from this one; none is broken.
    fn stroll(&self, cookie: &str, from: &str) {
        let (mut seen, mut ahead) = (BTreeSet::from([from.to_owned()]), VecDeque::from([from.to_owned()]));
        while let Some(path) = ahead.pop_front() {
            let answer = http::get(self.to, &path, cookie).unwrap();
            assert!(answer.status < 500, "{path}: {}", answer.status);
            let own = answer.leads_to().into_iter().filter(|next| next.starts_with('/'));
            for next in own.map(|next| next.split('#').next().unwrap_or_default().to_owned()) {
                if seen.insert(next.clone()) {
                    ahead.push_back(next);
                }
            }
            assert!(seen.len() < MOST_ADDRESSES, "it has no end: {seen:?}");
        }
        assert!(seen.len() > 3, "nothing led on from {from}");
    }

    fn is_told_nowhere(&self) {
        let typed: BTreeSet<String> = self.secrets.iter().flat_map(|secret| ways_to_write(secret)).collect();
        let all: BTreeSet<String> =
            typed.iter().chain(&self.words).cloned().chain([MISTYPED.to_owned()]).collect();
        assert!(self.secrets.len() >= 13, "a token, a password, two links, codes and sessions");
        let logs = ["log-0", station::LOG].map(|log| fs::read_to_string(self.site.path(log)).unwrap());
        for log in logs {
            assert!(log.lines().count() > 3, "{log}");
            secrets::assert_unsaid(&all, &log, "a log");
        }
        // The token of a link is its address, and stands in no other.
        let addresses = http::addresses_of(self.to);
        assert!(addresses.len() > 100, "{addresses:?}");
        for address in addresses {
            let without = |address: String, secret: &String| address.replace(&format!("/l/{secret}"), "/l/");
            let address = self.secrets.iter().fold(address, without);
            secrets::assert_unsaid(&all, &address, "an address");
        }
        secrets::assert_mail_is_discreet(self.site, &self.secrets, &self.words);
        secrets::assert_not_in_database(self.site, None, &self.secrets);
    }
}

/// A code with its groups apart, together, and as a form or an address has them.
fn ways_to_write(secret: &str) -> Vec<String> {
    ["-", "", " ", "+", "%20"].map(|between| secret.replace('-', between)).into()
}

fn plus(words: &str) -> String {
    words.replace(' ', "+")
}

fn big_code(page: &Answer) -> String {
    let code = page.text().split_once("class=\"big-code code\" dir=\"ltr\">").unwrap().1;
    code.split_once('<').unwrap().0.trim().to_owned()
}
