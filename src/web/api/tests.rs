//! The API over a real socket.

use super::*;
use crate::clock::ManualClock;
use crate::config::Fee;
use crate::delivery::tests::in_sandbox;
use crate::desk::people::{self, Secret};
use crate::desk::{Acting, Who};
use crate::model::site::tests::phoenix;
use crate::model::{Actor, Role};
use crate::money::Clerk;
use crate::money::fee::{self, Quoted};
use crate::store::contract::samples::{image, index_study};
use crate::store::contract::{in_tx, on_both_engines};
use crate::store::requests;
use axum::middleware::from_fn;
use imaging::chance::OsChance;
use jiff::civil::date;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The 20th of March 2026, noon UTC.
const NOW_MS: i64 = 1_774_008_000_000;

/// A service with the API, and a token for a user of each role.
struct Desk {
    address: std::net::SocketAddr,
    tokens: Vec<(Role, Secret)>,
}

impl Desk {
    async fn at(db: &Db) -> Self {
        let program = Who::Program("setup");
        let acting = Acting { who: &program, now_ms: NOW_MS, today: date(2026, 3, 20), chance: &OsChance };
        let mut tokens = Vec::new();
        for role in Role::ALL {
            let named = (role.as_str(), role.as_str());
            let user = in_tx!(db, |tx| people::add_user(tx, &acting, named, [role].into())).unwrap();
            let made = in_tx!(db, |tx| people::new_token(tx, &acting, &user.id, "test", None)).unwrap();
            tokens.push((role, made));
        }
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let means = Means {
            db: db.clone(),
            clock: clock.clone(),
            chance: Arc::new(OsChance),
            zone: TimeZone::UTC,
            parcels: in_sandbox(db, clock),
            site: "main".into(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages = routes(means).layer(from_fn(problem::explain));
        tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self { address, tokens }
    }

    fn token(&self, role: Role) -> &str {
        self.tokens.iter().find(|(other, _)| *other == role).unwrap().1.reveal()
    }

    /// Calls as a user of the release desk.
    async fn call(&self, method: &str, path: &str, body: &Json) -> (u16, Json) {
        self.call_as(Some(self.token(Role::Release)), method, path, body).await
    }

    async fn call_as(&self, token: Option<&str>, method: &str, path: &str, body: &Json) -> (u16, Json) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let whole = format!(
            "{method} {path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n{token}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut socket = tokio::net::TcpStream::connect(self.address).await.unwrap();
        socket.write_all(whole.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status: u16 = head[9..12].parse().unwrap();
        let is_problem = head.contains("content-type: application/problem+json");
        assert_eq!(is_problem, status >= 400, "{method} {path}: {answer}");
        let answer = serde_json::from_str(body).unwrap_or_default();
        assert_as_described((method, path), status, &answer);
        (status, answer)
    }
}

fn submission() -> Json {
    json!({
        "received_by": "fax",
        "received_on": "2026-03-15",
        "requester": {"name": "Jane Doe", "capacity": {"kind": "patient"}, "email": "jane@example.org"},
        "patient": {"name": "Jane Doe", "birth_date": "1970-01-02"},
        "wish": "CT of the chest",
    })
}

fn by_mail() -> Json {
    json!({
        "recipient": "Jane Doe",
        "destination": {
            "way": "mail",
            "address": {"lines": ["1 Main St"], "city": "Phoenix", "state": "AZ", "zip": "85001"},
            "disc": {"form": "sealed", "code": "words"},
        },
        "code_route": {"route": "phone", "number": "602 555 0100"},
    })
}

fn by_fedex(street: &str) -> Json {
    let mut delivery = by_mail();
    delivery["destination"]["way"] = "fed_ex".into();
    delivery["destination"]["phone"] = "602 555 0142".into();
    delivery["destination"]["address"]["lines"] = json!([street]);
    delivery
}

on_both_engines! {
    async fn fedex_is_asked_about_an_address_before_it_is_chosen(db) {
        let desk = Desk::at(&db).await;
        let (_, request) = desk.call("POST", "/api/v1/requests", &submission()).await;
        let path = format!("/api/v1/requests/{}/deliveries", request["reference"].as_str().unwrap());
        let (status, refused) = desk.call("POST", &path, &by_fedex("PO Box 7")).await;
        assert_eq!((status, &refused["field"]), (422, &json!("destination")), "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains("post office boxes"), "{refused}");
        let mut mill = by_fedex("The Old Mill");
        assert_eq!(desk.call("POST", &path, &mill).await.0, 422, "there is no house number");
        mill["address_reason"] = "the only house there".into();
        let (status, chosen) = desk.call("POST", &path, &mill).await;
        assert_eq!((status, chosen["deliveries"].as_array().unwrap().len()), (201, 1), "{chosen}");
    }

    async fn a_portal_submits_and_the_desk_approves_and_chooses_how_it_goes_out(db) {
        let study = index_study(&db, &[image("4711", "DOE^JANE", "1.2.3", 1)]).await;
        let desk = Desk::at(&db).await;
        let (status, request) = desk.call("POST", "/api/v1/requests", &submission()).await;
        assert_eq!((status, &request["waits_for"]), (201, &json!("identity")), "{request}");
        assert_eq!(request["clock"]["due_on"], "2026-04-14");
        let at = |step: &str| format!("/api/v1/requests/{}/{step}", request["reference"].as_str().unwrap());
        let (status, _) = desk.call("POST", &at("identity"), &json!({"seen": {"kind": "photo_id"}})).await;
        assert_eq!(status, 200);
        let (_, found) = desk.call("POST", "/api/v1/studies/search", &json!({"name": "doe"})).await;
        assert_eq!(found[0]["id"], study);
        let (_, chosen) = desk.call("PUT", &at(&format!("studies/{study}")), &json!({"standing": "released"})).await;
        assert_eq!(chosen["waits_for"], "patient_check", "{chosen}");
        let (status, early) = desk.call("POST", &at("approve"), &json!({"kind": "patient_access"})).await;
        assert_eq!((status, &early["type"]), (409, &json!("refused")), "{early}");
        let looked = json!({"fingerprint": chosen["studies"][0]["fingerprint"]});
        let (status, _) = desk.call("POST", &at(&format!("studies/{study}/patient-check")), &looked).await;
        assert_eq!(status, 200);
        let (status, approved) = desk.call("POST", &at("approve"), &json!({"kind": "patient_access"})).await;
        assert_eq!((status, &approved["state"]["state"]), (200, &json!("approved")), "{approved}");
        let (status, going) = desk.call("POST", &at("deliveries"), &by_mail()).await;
        assert_eq!((status, &going["deliveries"][0]["destination"]["way"]), (201, &json!("mail")));
        let delivery = going["deliveries"][0]["id"].as_str().unwrap();
        let (_, sure) = desk.call("POST", &format!("/api/v1/deliveries/{delivery}/code-route"), &Json::Null).await;
        assert_eq!(sure["waits_for"], "package");
        let (_, listed) = desk.call("GET", "/api/v1/requests?part=fulfilling", &Json::Null).await;
        assert_eq!((&listed[0]["ways"], &listed[0]["waits_for"]), (&json!(["mail"]), &json!("package")));
    }

    async fn what_is_not_usable_is_said_by_field_and_what_cannot_be_read_is_said_too(db) {
        let desk = Desk::at(&db).await;
        let with = |field: &str, value: Json| {
            let mut body = submission();
            *body.pointer_mut(field).unwrap() = value;
            body
        };
        for (body, field) in [
            (with("/received_on", json!("2026-03-21")), "received_on"),
            (with("/received_by", json!("fax")).as_object().map(|body| {
                let mut body = body.clone();
                body.insert("site".into(), json!("nowhere"));
                Json::Object(body)
            }).unwrap(), "site"),
            (with("/requester/email", json!("jane")), "email"),
            (with("/patient/name", json!("  ")), "patient_name"),
            (with("/patient/birth_date", json!("2026-03-21")), "birth_date"),
        ] {
            let (status, problem) = desk.call("POST", "/api/v1/requests", &body).await;
            assert_eq!((status, &problem["field"]), (422, &json!(field)), "{problem}");
            assert!(!problem.to_string().contains("Jane"), "{problem}");
        }
        for body in [json!({}), with("/received_on", json!("15.3.2026")), json!({"who": 1})] {
            let (status, problem) = desk.call("POST", "/api/v1/requests", &body).await;
            assert_eq!((status, &problem["type"]), (400, &json!("unreadable")), "{problem}");
        }
        for path in ["/api/v1/requests/FR-0000-0000", "/api/v1/requests/x"] {
            assert_eq!(desk.call("GET", path, &Json::Null).await.0, 404, "{path}");
        }
        assert_eq!(desk.call("GET", "/api/v1/requests?part=all", &Json::Null).await.0, 422);
        assert_eq!(desk.call("GET", "/api/v1/requests?sort=x", &Json::Null).await.0, 400);
    }

    async fn the_fee_is_collected_given_back_by_two_people_and_the_day_is_closed(db) {
        let desk = Desk::at(&db).await;
        let charge = charge_due(&db, &desk).await;
        let (billing, release) = (desk.token(Role::Billing), desk.token(Role::Release));
        let deeds = format!("/api/v1/charges/{charge}/deeds");
        let deed = async |token: &str, body: Json| desk.call_as(Some(token), "POST", &deeds, &body).await;
        let at_site = async |method: &str, what: &str, body: Json| {
            desk.call_as(Some(billing), method, &format!("/api/v1/sites/main/{what}"), &body).await
        };
        let (_, page) = at_site("GET", "billing", Json::Null).await;
        assert_eq!((&page["to_collect"][0]["id"], &page["not_zero"][0]["why"]), (&json!(charge), &json!("to_collect")));
        let cash = |deed: &str, receipt: &str| json!({"deed": deed, "paid_by": "cash", "receipt": receipt});
        assert_eq!(deed(release, cash("collect", "R-1")).await.0, 403);
        assert_eq!(deed(billing, cash("collect", " ")).await.0, 422);
        let (status, paid) = deed(billing, cash("collect", "R-1")).await;
        assert_eq!((status, &paid["charge"]["state"]), (200, &json!("paid")), "{paid}");
        assert_eq!(deed(billing, cash("collect", "R-2")).await.0, 409);
        assert_eq!(deed(billing, json!({"deed": "propose_refund", "reason": "late"})).await.0, 200);
        let (status, alone) = deed(billing, json!({"deed": "approve_refund"})).await;
        assert_eq!((status, &alone["detail"]), (409, &json!("who proposed it cannot approve it: ask another person")));
        assert_eq!(deed(billing, json!({"deed": "decline"})).await.0, 200);
        assert_eq!(deed(release, json!({"deed": "propose_refund", "reason": "late"})).await.0, 200);
        assert_eq!(deed(billing, json!({"deed": "approve_refund"})).await.0, 200);
        let (_, back) = deed(billing, cash("refund", "R-2")).await;
        assert_eq!(back["transfers"].as_array().unwrap().len(), 4);
        let none = json!({"on": "2026-03-20", "cash_cents": 0, "check_cents": 0, "card_cents": 0});
        assert_eq!(at_site("POST", "closings", none.clone()).await.0, 201);
        assert_eq!(at_site("POST", "closings", none).await.0, 409);
        assert_eq!(at_site("POST", "deposits", json!({"paid_by": "cash", "cents": 1, "slip": "B"})).await.0, 409);
        let (status, batch) = at_site("POST", "exports", json!({"until": "2026-03-20"})).await;
        assert_eq!((status, &batch["transfers"]), (201, &json!(4)), "{batch}");
        let path = format!("/api/v1/exports/{}", batch["id"].as_str().unwrap());
        assert_eq!(desk.call_as(Some(billing), "GET", &path, &Json::Null).await.0, 200);
    }

    async fn no_address_takes_a_name_a_number_of_a_patients_or_words(db) {
        let desk = Desk::at(&db).await;
        let (_, api) = desk.call("GET", "/api/openapi.json", &Json::Null).await;
        let methods = api["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
        let parameters = methods.flat_map(|method| method["parameters"].as_array().into_iter().flatten());
        let names = parameters.map(|parameter| parameter["name"].as_str().unwrap());
        let taken: std::collections::BTreeSet<&str> = names.collect();
        let harmless = [
            "attempt", "batch", "before", "charge", "code", "delivery", "disc", "from", "job", "limit", "number", "part",
            "reference", "shipment", "site", "skip", "station", "study", "study_instance_uid", "to",
        ];
        assert_eq!(taken, harmless.into());
    }

    async fn a_request_leads_to_its_charge_and_discs_are_on_a_board(db) {
        let desk = Desk::at(&db).await;
        let charge = charge_due(&db, &desk).await;
        let (_, listed) = desk.call("GET", "/api/v1/requests", &Json::Null).await;
        let path = format!("/api/v1/requests/{}", listed[0]["reference"].as_str().unwrap());
        let (_, request) = desk.call("GET", &path, &Json::Null).await;
        assert_eq!((&request["charges"][0]["id"], &request["charges"][0]["state"]), (&json!(charge), &json!("open")));
        assert_eq!(request["charges"][0]["delivery"], request["deliveries"][0]["id"]);
        assert_eq!((&request["links"], &request["shipments"]), (&json!([]), &json!([])));
        let (status, board) = desk.call("GET", "/api/v1/discs", &Json::Null).await;
        assert_eq!((status, &board["to_destroy"]), (200, &json!([])), "release staff decide about discs: {board}");
        assert_eq!(desk.call_as(Some(desk.token(Role::Billing)), "GET", "/api/v1/discs", &Json::Null).await.0, 403);
    }

    async fn what_nobody_answers_is_a_problem_document_too(db) {
        let desk = Desk::at(&db).await;
        for (method, path, status) in [("GET", "/api/v1/nothing", 404), ("DELETE", "/api/v1/requests", 405)] {
            let (answered, problem) = desk.call(method, path, &Json::Null).await;
            assert_eq!((answered, &problem["status"]), (status, &json!(status)), "{problem}");
        }
    }

    async fn every_answer_is_described(db) {
        let (_, api) = Desk::at(&db).await.call("GET", "/api/openapi.json", &Json::Null).await;
        for (path, methods) in api["paths"].as_object().unwrap() {
            for (method, described) in methods.as_object().unwrap() {
                for (status, answer) in described["responses"].as_object().unwrap() {
                    let Some(json) = answer["content"].get("application/json") else { continue };
                    let schema = &json["schema"];
                    let is_named = schema.get("$ref").or(schema["items"].get("$ref")).is_some();
                    assert!(is_named, "{method} {path} {status}: {schema}");
                }
            }
        }
    }

    async fn the_policy_holds_on_every_route_for_every_wrong_person(db) {
        insta::assert_snapshot!("routes", matrix(&Desk::at(&db).await).await);
    }
}

/// Whether an answer is what `/api/openapi.json` says it is.
pub(super) fn assert_as_described((method, path): (&str, &str), status: u16, answer: &Json) {
    let (_, api) = described().split_for_parts();
    let api = serde_json::to_value(api).unwrap();
    let path = path.split('?').next().unwrap();
    let is_it = |template: &str| {
        let parts = template.split('/').zip(path.split('/'));
        template.split('/').count() == path.split('/').count()
            && parts.into_iter().all(|(template, part)| template == part || template.starts_with('{'))
    };
    let Some((_, methods)) = api["paths"].as_object().unwrap().iter().find(|(template, _)| is_it(template))
    else {
        return;
    };
    let described = &methods[method.to_lowercase()]["responses"][status.to_string()];
    let Some(json) = described["content"].get("application/json") else { return };
    let mut schema = json["schema"].clone();
    schema["components"] = api["components"].clone();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(answer)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{method} {path} {status}: {errors:?} in {answer}");
}

/// The fee of a delivery, quoted and due.
async fn charge_due(db: &Db, desk: &Desk) -> String {
    let (_, made) = desk.call("POST", "/api/v1/requests", &submission()).await;
    let reference = made["reference"].as_str().unwrap();
    let chosen = format!("/api/v1/requests/{reference}/deliveries");
    let (_, chosen) = desk.call("POST", &chosen, &by_mail()).await;
    let request = requests::by_reference(db, &reference.parse().unwrap()).await.unwrap().unwrap();
    let delivery = chosen["deliveries"][0]["id"].as_str().unwrap();
    let (actor, site) = (Actor::program("test"), phoenix());
    let clerk = Clerk { site: &site, actor: &actor, now_ms: NOW_MS, chance: &OsChance };
    let quoted = Quoted { request: &request.id, reference, delivery };
    in_tx!(db, |tx| async {
        let charge = fee::quote(tx, &clerk, quoted, &Fee::default().resolve().unwrap()).await?;
        fee::open(tx, &clerk, &charge.id).await
    })
    .unwrap()
    .id
}

/// Every route as the description has it, tried on a fresh request by nobody, by a token that is none, and by a
/// user of each role; those who may come last.
async fn matrix(desk: &Desk) -> String {
    let (_, api) = desk.call("GET", "/api/openapi.json", &Json::Null).await;
    let mut text = format!("{:<66}{:<8}{:<8}", "", "nobody", "no-one");
    Role::ALL.iter().for_each(|role| text.push_str(&format!("{:<15}", role.as_str())));
    // The calls of stations have a matrix of their own.
    let paths = api["paths"].as_object().unwrap().iter();
    for (path, methods) in paths.filter(|(path, _)| !path.starts_with("/api/v1/station/")) {
        for (method, described) in methods.as_object().unwrap() {
            let body = example(&api, described);
            let (_, made) = desk.call("POST", "/api/v1/requests", &submission()).await;
            let reference = made["reference"].as_str().unwrap();
            let chosen = format!("/api/v1/requests/{reference}/deliveries");
            let (_, chosen) = desk.call("POST", &chosen, &by_mail()).await;
            let tried = path
                .replace("{reference}", reference)
                .replace("{delivery}", chosen["deliveries"][0]["id"].as_str().unwrap())
                .replace("{site}", "main")
                .replace("{charge}", "none")
                .replace("{batch}", "none")
                .replace("{shipment}", "none")
                .replace("{attempt}", "none")
                .replace("{study}", "none")
                .replace("{disc}", "D000-000Z");
            let method = method.to_uppercase();
            text.push_str(&format!("\n{:<66}", format!("{method} {path}")));
            for token in [None, Some("frt_00")] {
                let (status, _) = desk.call_as(token, &method, &tried, &body).await;
                text.push_str(&format!("{status:<8}"));
            }
            let mut statuses = Role::ALL.map(|_| 0);
            for (role, status) in Role::ALL.iter().zip(&mut statuses).rev() {
                *status = desk.call_as(Some(desk.token(*role)), &method, &tried, &body).await.0;
            }
            statuses.iter().for_each(|status| text.push_str(&format!("{status:<15}")));
        }
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A body of the kind a route describes.
fn example(api: &Json, described: &Json) -> Json {
    let schema = &described["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let name = schema.as_str().map(|name| name.rsplit('/').next().unwrap());
    match name {
        None => Json::Null,
        Some("Submission") => submission(),
        Some("RequestSearch") => json!({"search": "doe"}),
        Some("StudySearch") => json!({"name": "doe"}),
        Some("Choice") => by_mail(),
        Some("Identity") => json!({"seen": {"kind": "photo_id"}}),
        Some("Standing") => json!({"standing": "released"}),
        Some("PatientChecked") => json!({"fingerprint": "00"}),
        Some("Basis") => json!({"kind": "patient_access"}),
        Some("Denial") => json!({"ground": "not_entitled", "words": "no"}),
        Some("NoRecords") => json!({"searched": "all", "told_where": "there"}),
        Some("Duplicate") => json!({"of": "FR-0000-0001"}),
        Some("Words") => json!({"words": "never mind"}),
        Some("Extended") => json!({"until": "2026-05-01", "reason": "off site"}),
        Some("ChargeDeed") => json!({"deed": "collect", "paid_by": "cash", "receipt": "R-1"}),
        Some("ShipmentDeed") => json!({"deed": "tender"}),
        Some("DayEnd") => json!({"on": "2026-03-20", "cash_cents": 0, "check_cents": 0, "card_cents": 0}),
        Some("DiscDeed") => json!({"deed": "label"}),
        Some("ScannedCodes") => json!({"disc": "x", "paper": "y", "envelope": "z"}),
        Some("Deposit") => json!({"paid_by": "cash", "cents": 4500, "slip": "B-1"}),
        Some("Until") => json!({"until": "2026-03-20"}),
        Some("Reason" | "Cancellation") => json!({"reason": "because"}),
        Some("ReceivedChange") => json!({"received": {"on": "2026-03-01", "by": "fax"}, "reason": "stamp"}),
        Some(other) => panic!("no example of {other} in {}", api["info"]),
    }
}
