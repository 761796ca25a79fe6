//! The pages of a link as a visitor gets them: over HTTP, from a package that was frozen from what came in.

use crate::common::{installed, skipped};
use crate::desk::Desk;
use crate::visitor::{Answer, Visitor};
use crate::written;
use filmroom::app::parcels::parcels;
use filmroom::config::PublicUrl;
use filmroom::desk::pictures::Pictures;
use filmroom::model::calendar::Calendar;
use filmroom::model::{DisclosureState, Language, Package, Rights, Site};
use filmroom::store::disclosures;
use filmroom::web::patient::{self, Means};
use filmroom::web::plumbing::{House, dressed};
use imaging::samples;
use jiff::civil::time;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub const ALL: Rights = Rights { view: true, download: true, share: true };
const BORN: [(&str, &str); 3] = [("month", "1"), ("day", "02"), ("year", "1970")];

fn site() -> Site {
    Site {
        id: "main".into(),
        name: "Film Library".into(),
        zone: TimeZone::get("America/Phoenix").unwrap(),
        phone: "602-555-0100".into(),
        hours: "Monday to Friday, 8 to 5".into(),
        address: vec!["100 Main St".into(), "Phoenix AZ 85054".into()],
        cut_off: time(14, 0, 0, 0),
        calendar: Calendar::parse(Calendar::FEDERAL).unwrap(),
    }
}

/// Serves the pages of a desk's links.
pub async fn serve(desk: &Desk) -> SocketAddr {
    let sender = desk.sender();
    let house = House {
        sites: Arc::default(),
        url: PublicUrl::try_from("http://images.example.org".to_owned()).unwrap(),
        trusted_proxies: Arc::new([]),
        site: Arc::new(site()),
        chance: sender.chance.clone(),
    };
    let pictures = Pictures::new(sender.db.clone(), sender.blobs.clone(), sender.keys.clone());
    let parcels = parcels(&desk.serving.taking.library).unwrap();
    let means = Means { house: house.clone(), sender, parcels, pictures: Arc::new(pictures) };
    let pages = dressed(patient::routes(means), house);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = pages.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

/// A head of ten slices and a clip, frozen.
pub async fn two_studies() -> (Desk, Package) {
    let desk = Desk::new().await;
    desk.receive(&samples::ct(10, 11), 0..10).await;
    desk.receive(&samples::ultrasound_cine(11), 0..1).await;
    let package = desk.freeze(1).await;
    (desk, package)
}

/// The same with a report and a document beside the head.
pub async fn with_documents() -> (Desk, Package) {
    let (desk, head) = (Desk::new().await, samples::ct(10, 11));
    desk.receive(&head, 0..10).await;
    desk.receive_written(written::report(&head)).await;
    desk.receive_written(written::document(&head)).await;
    desk.receive(&samples::ultrasound_cine(11), 0..1).await;
    let package = desk.freeze(1).await;
    (desk, package)
}

fn with<'a>(fields: &[(&'a str, &'a str)], code: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().copied().chain([("code", code)]).collect()
}

pub async fn entered(address: SocketAddr, token: &str, code: &str) -> Visitor {
    let mut visitor = Visitor::at(address);
    let answer = visitor.post(&format!("/l/{token}"), &with(&BORN, code)).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/r/images")), "{}", answer.body);
    visitor
}

/// A page without what differs from run to run.
fn looks(name: &str, answer: &Answer, secrets: &[&str]) {
    let mut body = answer.body.clone();
    for secret in secrets {
        body = body.replace(secret, "SECRET");
    }
    let mut out = String::new();
    for line in body.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let mut rest = line;
        for mark in ["/assets/", "form_token\" value=\""] {
            while let Some((before, after)) = rest.split_once(mark) {
                out.push_str(before);
                out.push_str(mark);
                rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            }
        }
        out.push_str(rest);
        out.push('\n');
    }
    insta::assert_snapshot!(name, out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_landing_page_shows_nothing_of_the_patient_and_opening_it_spends_nothing() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let path = format!("/l/{token}");
    for language in Language::ALL {
        let landing = Visitor::at(address).get(&format!("{path}?lang={}", language.tag())).await;
        assert_eq!(landing.status, 200);
        for secret in ["Doe", "1970", "CT head", "CT scan", &desk.request.reference.to_string()] {
            let shown = landing.body.replace("4 12 1968", "");
            assert!(!shown.contains(secret), "{language}: {secret} in {shown}");
        }
        looks(&format!("landing_{}", language.tag()), &landing, &[&token]);
    }
    for _ in 0..20 {
        assert_eq!(Visitor::at(address).get(&path).await.status, 200);
        let pressed = Visitor::at(address).post(&path, &[("code", "x")]).await;
        assert_eq!(pressed.status, 422);
    }
    let mut visitor = entered(address, &token, &code).await;
    assert_eq!(visitor.get("/r/images").await.status, 200);
    let unknown = Visitor::at(address).get(&format!("/l/{}", "0".repeat(64))).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("We do not know this link") && unknown.body.contains("602-555-0100"));
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_where_it_is_wrong_and_nothing_typed_is_lost() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let path = format!("/l/{token}");
    let mut visitor = Visitor::at(address);
    let wrong_day = [("month", "2"), ("day", "30"), ("year", "1970")];
    let answer = visitor.post(&path, &with(&wrong_day, "abcd efgh")).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Check the birth date") && answer.body.contains("value=\"abcd efgh\""));
    looks("entry_wrong_date", &answer, &[&token]);
    for status in [422, 422, 429, 429] {
        let answer = visitor.post(&path, &with(&BORN, "0000-0000")).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains("602-555-0100") && answer.body.contains("value=\"0000-0000\""));
        if status == 429 {
            assert!(answer.body.contains("in 1 minute") || answer.body.contains("in 2 minutes"));
        }
    }
    let right_but_early = visitor.post(&path, &with(&BORN, &code)).await;
    assert_eq!(right_but_early.status, 429);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_link_the_number_of_the_request_opens_and_tells_a_stranger_nothing() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (_, code) = desk.link(&package, ALL).await;
    let reference = desk.request.reference.to_string().to_lowercase().replace('-', " ");
    let arabic = [("month", "١"), ("day", "٢"), ("year", "١٩٧٠")];
    let known: Vec<(&str, &str)> =
        with(&arabic, &code).into_iter().chain([("reference", &*reference)]).collect();
    let mut visitor = Visitor::at(address);
    let answer = visitor.post("/r", &known).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/r/images")), "{}", answer.body);
    let say = |reference: &'static str| {
        with(&BORN, "0000-0000").into_iter().chain([("reference", reference)]).collect::<Vec<_>>()
    };
    let unknown = Visitor::at(address).post("/r", &say("FR-0000-0000")).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.body.contains("do not belong together"));
    let mut stranger = with(&BORN, "0000-0000");
    stranger.push(("reference", &reference));
    let wrong = Visitor::at(address).post("/r", &stranger).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("do not belong together"));
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_images_are_seen_saved_and_counted_as_the_manifest_counts_them() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let mut visitor = entered(address, &token, &code).await;
    let reference = desk.request.reference.to_string();
    let disclosed = || disclosures::of_request(desk.db(), &desk.request.id);
    assert!(disclosed().await.unwrap().is_empty());
    let home = visitor.get("/r/images").await;
    looks("home", &home, &[&reference]);
    assert!(home.body.contains("10 images") && home.body.contains("CT scan"));
    let begun = disclosed().await.unwrap();
    assert_eq!((begun.len(), begun[0].state, &*begun[0].recipient), (1, DisclosureState::Begun, "Jane Doe"));

    let study = visitor.get("/r/images/1").await;
    assert_eq!(study.location(), Some("/r/images/1/1?image=6"), "a series begins in its middle");
    looks("see", &visitor.get("/r/images/1/1?image=5&brightness=20").await, &[]);
    let small = visitor.get("/r/images/2/picture").await;
    assert_eq!((small.status, small.header("content-type")), (200, Some("image/jpeg")));
    let clip = visitor.get("/r/images/2/1?image=30").await;
    assert!(clip.body.contains("Image 30 of 30"), "a clip's frames are gone through like slices");
    let saved = visitor.get("/r/images/1/1/picture?image=5&save=1").await;
    assert_eq!(saved.header("content-type"), Some("image/png"));
    assert_eq!(saved.header("content-disposition"), Some("attachment; filename=\"image-1-1-5.png\""));

    let save = visitor.get("/r/save").await;
    looks("save", &save, &[]);
    assert_eq!((package.counts.studies, package.counts.instances), (2, 11));
    assert!(save.body.contains("2 studies, 11 images"), "{}", save.body);
    let whole = visitor.get("/r/save/package").await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("content-length"), Some(&*package.zip_bytes.to_string()));
    looks("request", &visitor.get("/r/request").await, &[&reference]);
    assert_eq!(disclosed().await.unwrap().len(), 1, "one disclosure for all of it in a session");

    let mut scanner = Visitor::at(address).calling_itself("Mozilla/5.0 HeadlessChrome");
    scanner.get(&format!("/l/{token}")).await;
    assert_eq!(scanner.post(&format!("/l/{token}"), &[]).await.status, 422, "nothing is filled in");
    let visits = visitor.get("/r/visits").await;
    let (people, scanners) = visits.body.split_once("Programs that check links").unwrap();
    assert!(people.contains("Saved the images") && people.contains("Looked at images"), "{people}");
    assert!(scanners.contains("Sent an empty form"), "what scanners press is on record: {scanners}");
    assert!(scanners.contains("Opened the link") && !scanners.contains("Entered"), "{scanners}");

    let left = visitor.post("/r/leave", &[]).await;
    assert_eq!(left.status, 200);
    looks("left", &left, &[]);
    assert_eq!(visitor.get("/r/images").await.location(), Some("/r?again=1"));
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_sees_its_own_package_and_nothing_beside_it() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    // What comes later is not in the package, and neither is what is in another one.
    desk.receive_unasked(&samples::xray(11), 0..1).await;
    let mut visitor = entered(address, &token, &code).await;
    for path in [
        "/r/images/0",
        "/r/images/3",
        "/r/images/18446744073709551615",
        "/r/images/1/0",
        "/r/images/1/2",
        "/r/images/3/1",
        "/r/images/1/1?image=0",
        "/r/images/1/1?image=11",
        "/r/images/2/1?image=31",
        "/r/images/0/picture",
        "/r/images/3/picture",
        "/r/images/1/2/picture",
        "/r/images/3/1/picture",
        "/r/images/1/1/picture?image=0",
        "/r/images/1/1/picture?image=11",
        "/r/images/1/1/picture?image=18446744073709551615",
        "/r/visits/1",
    ] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
    visitor.get("/r/visits").await;
    assert_eq!(visitor.post("/r/visits/1/end", &[]).await.status, 404);
    for path in ["/r/images", "/r/images/1/1", "/r/images/1/1/picture", "/r/save/package", "/r/visits"] {
        let outside = Visitor::at(address).get(path).await;
        assert_eq!((outside.status, outside.location()), (303, Some("/r?again=1")), "{path}");
    }
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_look_does_not_save_and_who_may_only_save_does_not_look() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, Rights { view: true, download: false, share: false }).await;
    let mut looking = entered(address, &token, &code).await;
    assert_eq!(looking.get("/r/images/1/1").await.status, 200);
    assert_eq!(looking.get("/r/save/package").await.status, 403);
    assert_eq!(looking.get("/r/share").await.status, 403);
    let (token, code) = desk.link(&package, Rights { view: false, download: true, share: false }).await;
    let mut saving = entered(address, &token, &code).await;
    for path in ["/r/images/1", "/r/images/1/1", "/r/images/1/1/picture", "/r/images/1/picture"] {
        assert_eq!(saving.get(path).await.status, 403, "{path}");
    }
    assert_eq!(saving.get("/r/save/package").await.status, 200);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doctor_gets_a_link_and_a_code_of_their_own_until_the_patient_ends_it() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let mut patient = entered(address, &token, &code).await;
    looks("share", &patient.get("/r/share").await, &[]);
    let nobody = patient.post("/r/share", &[("recipient", ""), ("days", "7")]).await;
    assert_eq!(nobody.status, 422);
    let long = "R".repeat(5_000);
    for (name, email) in [
        (long.as_str(), ""),
        ("Dr.\r\nRuiz", ""),
        ("Dr. \u{202e}ziuR", ""),
        ("Dr. Ruiz", "ruiz"),
        ("Dr. Ruiz", "ruiz\u{202e}@example.org"),
    ] {
        let unusable = patient.post("/r/share", &[("recipient", name), ("email", email)]).await;
        assert_eq!(unusable.status, 422, "{name:.20} {email}");
    }
    let shared = patient.post("/r/share", &[("recipient", "Dr. Ruiz"), ("days", "7")]).await;
    assert_eq!(shared.status, 200, "{}", shared.body);
    let after = |mark: &str| shared.body.split(mark).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let token = after("http://images.example.org/l/");
    let code = after("<p class=\"big-code code\" dir=\"ltr\">");
    let mut doctor = entered(address, &token, &code).await;
    let home = doctor.get("/r/images").await;
    assert!(home.body.contains("CT scan") && !home.body.contains("Give to my doctor"));
    assert_eq!(doctor.get("/r/images/1/1/picture").await.status, 200);
    for path in ["/r/request", "/r/visits"] {
        assert_eq!(doctor.get(path).await.status, 404, "{path}");
    }
    let visits = patient.get("/r/visits").await;
    assert!(visits.body.contains("Given to Dr. Ruiz") && visits.body.contains("Entered"));
    assert_eq!(patient.post("/r/visits/1/end", &[]).await.location(), Some("/r/visits"));
    assert_eq!(doctor.get("/r/images/1/1/picture").await.status, 303);
    assert!(patient.get("/r/visits").await.body.contains("Ended"));
    let gone = Visitor::at(address).get(&format!("/l/{token}")).await;
    assert_eq!(gone.status, 410);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_and_documents_have_a_page_for_who_may_have_files() {
    let (desk, package) = with_documents().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let mut visitor = entered(address, &token, &code).await;
    assert_eq!(visitor.get("/r/images/1").await.location(), Some("/r/images/1/1?image=6"), "pictures first");
    let pictures = visitor.get("/r/images/1/1?image=6").await.body;
    for page in ["/r/images/1/2/documents", "/r/images/1/3/documents"] {
        assert!(pictures.contains(page), "{pictures}");
        let shown = visitor.get(page).await;
        assert!(shown.status == 200 && shown.body.contains("data-apart=\"yes\""), "{}", shown.body);
    }
    for path in ["1/1/documents", "1/2", "1/2/documents?image=2", "1/2/documents?image=0", "2/1/documents"] {
        assert_eq!(visitor.get(&format!("/r/images/{path}")).await.status, 404, "{path}");
    }
    let looking = Rights { download: false, ..ALL };
    let (token, code) = desk.link(&package, looking).await;
    let mut visitor = entered(address, &token, &code).await;
    assert!(!visitor.get("/r/images/1/1?image=6").await.body.contains("/documents"));
    assert_eq!(visitor.get("/r/images/1/2/documents").await.status, 403);
    desk.end().await;
}

/// Where the browser's script is, if what it needs is installed; says so loudly where it is not.
fn browser() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if !folder.join("node_modules/puppeteer-core").exists() {
        skipped("tests/browser/node_modules is not there: npm ci --prefix tests/browser");
        return None;
    }
    installed("chromium").then_some(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_finds_the_patients_pages_whole_and_accessible() {
    let Some(folder) = browser() else { return };
    let (desk, package) = with_documents().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let mut walk = Command::new("node");
    walk.arg(folder.join("patient.mjs")).current_dir(&folder);
    walk.env("FILMROOM_URL", format!("http://{address}"));
    walk.env("FILMROOM_LINK", format!("/l/{token}")).env("FILMROOM_CODE", &code);
    let ran = tokio::task::spawn_blocking(move || walk.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    desk.end().await;
}
