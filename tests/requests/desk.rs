//! The people of a desk at their screens. They look what there is to do and do it, through the pages and the API,
//! and try again when the service is not there.

use crate::common::Site;
use crate::http::{self, Answer};
use burn_queue::Code;
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

const LOGIN: &str = "everybody";
const PASSWORD: &str = "only-a-test-of-the-desk";

/// Somebody who works at every place of the desk.
pub struct People {
    /// A file with their token.
    pub token_file: PathBuf,
    address: SocketAddr,
    token: String,
    cookie: String,
    /// The study that everybody asks for.
    study_uid: String,
    /// Discs they wrote off because nobody knew about them.
    pub written_off: Vec<String>,
}

impl People {
    /// Hires them at a desk whose pages are at `address`.
    pub fn hire(site: &Site, address: SocketAddr, study_uid: &str) -> Self {
        let (password, token_file) = (site.path("password"), site.path("token"));
        fs::write(&password, PASSWORD).unwrap();
        let roles = ["--role", "release", "--role", "burn", "--role", "billing"];
        let file = ["--password-file", password.to_str().unwrap()];
        let add = ["user", "add", LOGIN, "--name", "Everybody"];
        let added = site.run(&[&add[..], &roles, &file].concat());
        assert_eq!(added.code, Some(0), "{}{}", added.out, added.err);
        let made = site.run(&["token", "new", "--user", LOGIN, "--purpose", "test"]);
        assert_eq!(made.code, Some(0), "{}{}", made.out, made.err);
        fs::write(&token_file, &made.out).unwrap();
        Self {
            token_file,
            address,
            token: made.out.trim().to_owned(),
            cookie: String::new(),
            study_uid: study_uid.to_owned(),
            written_off: Vec::new(),
        }
    }

    /// Their secrets, which nothing may repeat.
    pub fn secrets(&self) -> [String; 2] {
        [self.token.clone(), PASSWORD.to_owned()]
    }

    /// Somebody by this name wants their images by FedEx: does the next thing about it. True once it is fulfilled;
    /// nothing if the service is not there.
    pub fn release(&self, name: &str) -> Option<bool> {
        let request = self.further(name, &self.study_uid, &by_fedex(name))?;
        Some(request["state"]["state"] == "fulfilled")
    }

    /// Somebody by this name wants this study: does the next thing about it. The request as it was before.
    pub fn further(&self, name: &str, study_uid: &str, delivery: &Value) -> Option<Value> {
        let found = self.search("/api/v1/requests/search", &json!({"search": name}))?;
        let lines = found.as_array().unwrap();
        let Some(line) = lines.iter().find(|line| line["requester"] == name) else {
            self.tell("POST", "/api/v1/requests", &submission(name))?;
            return Some(Value::Null);
        };
        assert_eq!(lines.len(), 1, "it was taken in once");
        let at = format!("/api/v1/requests/{}", line["reference"].as_str().unwrap());
        let request = self.ask(&at)?;
        let study = &request["studies"][0];
        match request["waits_for"].as_str().unwrap() {
            "identity" => {
                self.tell("POST", &format!("{at}/identity"), &json!({"seen": {"kind": "photo_id"}}))?
            }
            "studies" => {
                let study = self.ask(&format!("/api/v1/studies?study_instance_uid={study_uid}"))?;
                let place = format!("{at}/studies/{}", study[0]["id"].as_str().unwrap());
                self.tell("PUT", &place, &json!({"standing": "released"}))?;
            }
            "patient_check" => {
                let reason = study["differs"].as_bool().unwrap().then_some("seen at the counter");
                let body = json!({"fingerprint": study["fingerprint"], "acknowledged": reason});
                self.tell(
                    "POST",
                    &format!("{at}/studies/{}/patient-check", study["id"].as_str().unwrap()),
                    &body,
                )?;
            }
            "decision" if request["deliveries"] == json!([]) => {
                self.tell("POST", &format!("{at}/deliveries"), delivery)?;
            }
            "decision" => {
                let basis = json!({"kind": "patient_access", "representation": null});
                self.tell("POST", &format!("{at}/approve"), &basis)?;
            }
            "code_route" => {
                let delivery = request["deliveries"][0]["id"].as_str().unwrap();
                self.tell("POST", &format!("/api/v1/deliveries/{delivery}/code-route"), &Value::Null)?;
            }
            _ => {}
        }
        Some(request)
    }

    /// Takes every fee that is due.
    pub fn collect(&self) -> Option<()> {
        for due in self.ask("/api/v1/sites/main/billing")?["to_collect"].as_array().unwrap() {
            let id = due["id"].as_str().unwrap();
            let deed = json!({"deed": "collect", "paid_by": "card", "receipt": format!("R-{}", &id[id.len() - 12..])});
            self.tell("POST", &format!("/api/v1/charges/{id}/deeds"), &deed)?;
        }
        Some(())
    }

    /// Gives every labelled parcel to the courier.
    pub fn tender(&self) -> Option<()> {
        for parcel in self.ask("/api/v1/sites/main/shipments")?["to_tender"].as_array().unwrap() {
            let id = parcel["id"].as_str().unwrap();
            self.tell("POST", &format!("/api/v1/shipments/{id}/deeds"), &json!({"deed": "tender"}))?;
        }
        Some(())
    }

    fn shipments(&self, list: &str) -> Option<Vec<Value>> {
        self.ask("/api/v1/sites/main/shipments")?[list].as_array().cloned()
    }

    /// Whether the letter for a request is in the mail.
    pub fn is_mailed(&self, reference: &str) -> Option<bool> {
        Some(self.shipments("under_way")?.iter().any(|letter| letter["reference"] == reference))
    }

    /// Does all there is to do at the table: what is collected, labelled, packed, given to the courier, mailed and
    /// handed over.
    pub fn work(&mut self) -> Option<()> {
        self.collect()?;
        self.pack(false)?;
        self.tender()?;
        for parcel in self.shipments("to_send")? {
            let deed = match parcel["way"].as_str().unwrap() {
                "mail" => json!({"deed": "mail"}),
                "desk" => {
                    json!({"deed": "hand_over", "to": "Themselves", "id_seen": "passport", "signature": "S-1"})
                }
                _ => continue,
            };
            let id = parcel["id"].as_str().unwrap();
            self.tell("POST", &format!("/api/v1/shipments/{id}/deeds"), &deed)?;
        }
        Some(())
    }

    /// Prints a new access code for the link of a request.
    pub fn access_code(&mut self, reference: &str) -> String {
        self.sign_in().unwrap();
        let page = self.page(&format!("/staff/requests/{reference}")).unwrap();
        let link = page.text().split_once("/links/").unwrap().1.split_once('/').unwrap().0.to_owned();
        self.slip(reference, &format!("links/{link}/code"))
    }

    /// Labels and packs at the burn desk until nothing is left to. Discs that nobody knows about are written off
    /// if `decide`.
    pub fn pack(&mut self, decide: bool) -> Option<()> {
        loop {
            let page = self.page("/staff/burn")?;
            if page.status == 303 {
                self.sign_in()?;
                continue;
            }
            let step = |kind: &str| code_before(page.text(), kind);
            if let Some(disc) = step("/labelled") {
                self.post(&page, &format!("/staff/burn/{disc}/labelled"), "")?;
            } else if page.text().contains("action=\"/staff/burn/pack\"") {
                let disc = page.text().split_once("class=\"disc-id\">")?.1.get(..9)?.to_owned();
                let letter = self.page(&format!("/staff/burn/{disc}/letter"))?;
                let codes = codes_in(letter.text());
                let [paper, envelope] =
                    ['P', 'E'].map(|bearer| codes.iter().find(|code| code.starts_with(bearer)));
                let scanned = format!("&disc={disc}&paper={}&envelope={}", paper?, envelope?);
                self.post(&page, "/staff/burn/pack", &scanned)?;
            } else if let Some(disc) = step("/never-burned").filter(|_| decide) {
                self.post(&page, &format!("/staff/burn/{disc}/spoil"), "&reason=nobody+knows")?;
                self.written_off.push(disc);
            } else {
                return Some(());
            }
        }
    }

    /// Signs in at the pages.
    pub fn sign_in(&mut self) -> Option<()> {
        let page = self.page("/staff/sign-in")?;
        let answer = self.post(&page, "/staff/sign-in", &format!("&login={LOGIN}&password={PASSWORD}"))?;
        assert!(answer.cookie().is_some(), "{} {}", answer.status, answer.text());
        answer.cookie()?.clone_into(&mut self.cookie);
        Some(())
    }

    /// Sends a form that stood on this page.
    fn post(&self, page: &Answer, path: &str, fields: &str) -> Option<Answer> {
        let answer = self.send(page, path, fields)?;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        Some(answer)
    }

    /// The code on the slip that a button of this request's page prints: `links/…/code`,
    /// `deliveries/…/opening-code`.
    pub fn slip(&mut self, reference: &str, button: &str) -> String {
        self.sign_in().unwrap();
        let page = self.page(&format!("/staff/requests/{reference}")).unwrap();
        let answer = self.send(&page, &format!("/staff/requests/{reference}/{button}"), "").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let code = answer.text().split_once("class=\"big-code\">").unwrap().1;
        code.split_once('<').unwrap().0.trim().to_owned()
    }

    /// Sends a form that stood on this page, whatever is answered.
    pub fn send(&self, page: &Answer, path: &str, fields: &str) -> Option<Answer> {
        let fields = format!("form_token={}{fields}", page.form_token());
        http::post(self.address, path, &self.cookie, &fields)
    }

    /// A page as they see it.
    pub fn page(&self, path: &str) -> Option<Answer> {
        http::get(self.address, path, &self.cookie)
    }

    /// What the API answers.
    pub fn ask(&self, path: &str) -> Option<Value> {
        self.answered("GET", path, "")
    }

    fn search(&self, path: &str, by: &Value) -> Option<Value> {
        self.answered("POST", path, &by.to_string())
    }

    fn answered(&self, method: &str, path: &str, body: &str) -> Option<Value> {
        let answer = self.call(method, path, body)?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        Some(serde_json::from_slice(&answer.bytes).unwrap())
    }

    /// Has something done through the API; that it was done already is fine.
    pub fn tell(&self, method: &str, path: &str, body: &Value) -> Option<()> {
        let answer = self.call(method, path, &body.to_string())?;
        // 409: it is another by now.
        assert!(matches!(answer.status, 200 | 201 | 409), "{path}: {} {}", answer.status, answer.text());
        Some(())
    }

    /// Calls the API, whatever is answered.
    pub fn call(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        http::call(self.address, method, path, &self.head(), body)
    }

    /// The head of a call of the API, in lines with their ends.
    pub fn head(&self) -> String {
        format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", self.token)
    }

    /// The cookie they are signed in with.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }
}

fn submission(name: &str) -> Value {
    json!({
        "received_by": "counter",
        "requester": {"name": name, "capacity": {"kind": "patient"}, "email": null, "phone": null},
        "patient": {"name": name, "birth_date": "1968-04-12", "patient_id": null},
        "wish": "everything",
    })
}

/// A delivery one of the four ways.
pub fn delivery(recipient: &str, way: &str) -> Value {
    let (address, disc) = (
        json!({"lines": ["742 Evergreen Terrace"], "city": "Phoenix", "state": "AZ", "zip": "85004"}),
        json!({"form": "sealed", "code": "words"}),
    );
    let destination = match way {
        "link" => json!({"way": "link", "email": "patient@example.org"}),
        "mail" => json!({"way": "mail", "address": address, "disc": disc}),
        "fed_ex" => json!({"way": "fed_ex", "address": address, "phone": "602-555-0142", "disc": disc}),
        _ => json!({"way": "desk", "disc": disc}),
    };
    json!({"recipient": recipient, "destination": destination, "code_route": {"route": "in_person"}})
}

/// To an address for which the sandbox loses its first answer, if the name ends in an odd digit; discs of each kind in turn.
fn by_fedex(name: &str) -> Value {
    let number: u32 = name.rsplit('-').next().unwrap().parse().unwrap();
    let line = if number.is_multiple_of(2) { "Second floor" } else { "SANDBOX NO ANSWER" };
    let (disc, code_route) = match number % 3 {
        0 => (json!({"form": "plain", "warning": "Whoever has it can see the images."}), "no_code"),
        1 => (json!({"form": "sealed", "code": "words"}), "in_person"),
        _ => (json!({"form": "secure", "code": "digits"}), "in_person"),
    };
    json!({
        "recipient": name,
        "destination": {
            "way": "fed_ex",
            "address": {"lines": ["742 Evergreen Terrace", line], "city": "Phoenix", "state": "AZ", "zip": "85004"},
            "phone": "602-555-0142",
            "disc": disc,
        },
        "code_route": {"route": code_route},
    })
}

/// The code of the disc that an address of the burn desk with this ending is about.
fn code_before(page: &str, ending: &str) -> Option<String> {
    let end = page.find(&format!("{ending}\""))?;
    page.get(end - 9..end).map(str::to_owned)
}

/// Every code that stands on a paper. The end of a request's reference may look like one.
fn codes_in(paper: &str) -> Vec<String> {
    let around =
        |at: usize| paper.get(at.checked_sub(4)?..at + 5).filter(|_| !paper[..at - 4].ends_with('-'));
    let found = paper.match_indices('-').filter_map(|(at, _)| around(at));
    let is_code = |text: &&str| text.parse::<Code>().is_ok_and(|code| code.to_string() == **text);
    found.filter(is_code).map(str::to_owned).collect()
}
