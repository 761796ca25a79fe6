//! The demonstration carries a request by each way; what it says of them is true.

use crate::common::Site;
use crate::common::postgres::empty_schema;
use crate::common::s3::S3Server;
use crate::{books, http, opened, secrets};
use imaging::samples;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// What the demonstration sends.
const SLICES: u16 = 64;
const SEED: u64 = 2026;
const BORN: &str = "1968-04-12";
const FEE_CENTS: i64 = 4_500;

#[test]
fn every_way_is_carried_to_its_end() {
    let site = Site::new();
    carry(&site, None);
}

#[test]
fn every_way_is_carried_to_its_end_with_rows_in_postgresql_and_bytes_in_an_object_store() {
    let Some(url) = empty_schema("filmroom_carried") else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(S3Server::start());
    let site = Site::new().in_the_cloud(&url, &server.endpoint());
    carry(&site, Some(&url));
    assert!(!server.files_of("archives").is_empty());
    assert!(!server.files_of("packages").is_empty(), "links are handed over from the bucket");
    assert!(!site.data().join("blobs").exists(), "archives and packages are in the buckets only");
    assert!(!site.data().join("filmroom.db").exists());
}

/// Runs the demonstration and looks at everything it says and leaves behind.
fn carry(site: &Site, database: Option<&str>) {
    let ran = site.run(&["demo", "--exit", "--json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let told = ran.json();
    assert_told(site, &told);

    let ledger = books::assert_clean(site);
    assert_eq!((&ledger["charges"], &ledger["transfers"]), (&json!(1), &json!(3)));
    assert_eq!(ledger["balances"]["delivery_fees"], json!(-FEE_CENTS), "{ledger}");
    assert_eq!(ledger["balances"]["deferred_fees"], json!(0), "it was earned when the parcel left");

    let log = assert_leads(site, &told["requests"][0], database.is_some());
    let (secrets, patients) = (secrets::of(&told), secrets::patients_of(&told));
    assert_eq!(secrets.len(), 6, "a password, a token, an access code and three opening codes");
    secrets::assert_unsaid(secrets.iter().chain(&patients), &ran.err, "the log");
    secrets::assert_unsaid(secrets.iter().chain(&patients), &log, "the log of the link's use");
    secrets::assert_mail_is_discreet(site, &secrets, &patients);
    secrets::assert_not_in_database(site, database, &secrets);
}

/// The requests are as far as the JSON says, and what it gives opens what it names.
fn assert_told(site: &Site, told: &Value) {
    let requests = told["requests"].as_array().unwrap();
    let states: Vec<[&str; 3]> = requests
        .iter()
        .map(|request| ["delivery", "state", "delivery_state"].map(|key| request[key].as_str().unwrap()))
        .collect();
    let expected = [
        ["link", "fulfilled", "done"],
        ["mail", "fulfilled", "done"],
        ["fed_ex", "fulfilled", "done"],
        ["desk", "fulfilled", "done"],
    ];
    assert_eq!(states, expected);
    for request in requests {
        let way = request["delivery"].as_str().unwrap();
        let said: BTreeSet<&str> =
            ["link", "access_code", "disc_image", "passphrase", "tracking_number", "charge_state"]
                .into_iter()
                .filter(|key| !request[key].is_null())
                .collect();
        let expected: &[&str] = match way {
            "link" => &["access_code", "link"],
            "fed_ex" => &["charge_state", "disc_image", "passphrase", "tracking_number"],
            _ => &["disc_image", "passphrase"],
        };
        assert!(said.iter().eq(expected), "{way}: {said:?}");
        assert_eq!(request["birth_date"], BORN);
        let shown = site.json(&["request", "show", request["reference"].as_str().unwrap(), "--json"]);
        assert_eq!(shown["state"]["state"], request["state"], "{shown}");
        if request["disc_image"].is_string() {
            assert_opens(site, request);
        }
    }
    assert_eq!(requests[2]["charge_state"], "paid");
}

/// The burned image opens with its code, and with no other, to exactly the instances of the study.
fn assert_opens(site: &Site, request: &Value) {
    let [way, image, code] =
        ["delivery", "disc_image", "passphrase"].map(|key| request[key].as_str().unwrap());
    let wrong = code.rsplit('-').collect::<Vec<_>>().join("-");
    let refused = opened::open_disc(site, Path::new(image), &wrong, &site.path("never"));
    assert_eq!(refused.code, Some(1), "{}{}", refused.out, refused.err);
    assert!(!refused.err.contains(&wrong), "{}", refused.err);
    opened::assert_disc_holds(site, way, Path::new(image), code, &samples::ct(SLICES, SEED));
}

/// The link leads, with its code and not without, to a ZIP of exactly the instances of the study: from here, or
/// from the cloud. What was logged meanwhile.
fn assert_leads(site: &Site, request: &Value, from_cloud: bool) -> String {
    let service = site.serve();
    let [link, code] = ["link", "access_code"].map(|key| request[key].as_str().unwrap());
    let path = &link[link.find("/l/").unwrap()..];
    let enter = |code: &str| {
        let fields = format!("month=4&day=12&year=1968&code={code}");
        http::post(service.http, path, "", &fields).unwrap()
    };
    let landing = http::get(service.http, path, "").unwrap();
    assert_eq!(landing.status, 200);
    assert!(http::get(service.http, "/r/save/package", "").unwrap().status >= 300, "nobody was let in yet");
    assert_eq!(enter(&code.chars().rev().collect::<String>()).status, 422);
    let entered = enter(code);
    assert_eq!(entered.status, 303, "{}", entered.text());
    let mut package = http::get(service.http, "/r/save/package", entered.cookie().unwrap()).unwrap();
    if from_cloud {
        let url = package.header("location").unwrap().strip_prefix("http://").unwrap();
        let (server, path) = url.split_at(url.find('/').unwrap());
        package = http::call(server.parse().unwrap(), "GET", path, "", "").unwrap();
    }
    assert_eq!(package.status, 200);
    opened::assert_zip_holds(site, "link", package.bytes, &samples::ct(SLICES, SEED));
    let log = service.said();
    service.stop();
    log
}
