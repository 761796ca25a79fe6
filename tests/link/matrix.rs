//! Every route of the whole service for whoever comes by a link, rightly or not: what each is answered. The routes are
//! the tables the service is made from; none is without its line.

use crate::desk::Desk;
use crate::pages::{ALL, entered, with_documents};
use crate::visitor::{Answer, Visitor};
use filmroom::model::{Package, Rights};
use filmroom::web::plumbing::routes::Route;
use filmroom::web::{billing, patient, staff};
use serde_json::Value;
use std::net::SocketAddr;

const LOOKS: Rights = Rights { view: true, download: false, share: false };
const SAVES: Rights = Rights { view: false, download: true, share: false };
/// What has no table of its own.
const ALONE: [&str; 3] = ["/healthz", "/readyz", "/api/openapi.json"];

/// What an answer means.
fn meaning(answer: &Answer) -> &'static str {
    match (answer.status, answer.location()) {
        (303, Some(to)) if to.starts_with("/staff/sign-in") => "sign in",
        (303, Some("/r?again=1")) => "enter",
        (200..=399, _) => "yes",
        (401, _) => "no token",
        (403, _) => ".",
        (404, _) => "none",
        (405, _) => "no such",
        (410, _) => "ended",
        (400 | 409 | 422, _) => "refused",
        _ => "ERROR",
    }
}

/// All routes there are. Those of the link come last, and of these the way out.
async fn routes(address: SocketAddr) -> Vec<Route> {
    let described = Visitor::at(address).get("/api/openapi.json").await;
    let described: Value = serde_json::from_str(&described.body).unwrap();
    let mut routes: Vec<Route> = ALONE.map(|path| Route { path: path.to_owned(), method: "GET" }).into();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (word, method) in [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("delete", "DELETE")] {
            if !methods[word].is_null() {
                routes.push(Route { path: path.clone(), method });
            }
        }
    }
    routes.extend_from_slice(staff::table().listed());
    routes.extend_from_slice(billing::table().listed());
    routes.extend_from_slice(patient::table().listed());
    assert_eq!(routes.last().unwrap().path, "/r/leave");
    routes
}

/// Somebody who came in by a link of their own.
async fn inside(desk: &Desk, package: &Package, rights: Rights) -> Visitor {
    let (token, code) = desk.link(package, rights).await;
    let mut visitor = entered(desk.serving.http, &token, &code).await;
    // The token of their forms stands on every page.
    visitor.get("/r/request").await;
    visitor
}

/// Somebody who came in by a link that was then ended so.
async fn outlived(desk: &Desk, package: &Package, how: &str) -> Visitor {
    let visitor = inside(desk, package, ALL).await;
    let newest = desk.db().fetch_one("SELECT MAX(id) FROM link_grants", []).await.unwrap();
    let grant = newest.text(0).unwrap();
    match how {
        "taken back" => desk.take_back(&grant).await,
        how => {
            let mut tx = desk.db().begin().await.unwrap();
            let sql = match how {
                "expired" => "UPDATE link_grants SET until = 1 WHERE id = $1",
                "locked" => "UPDATE link_grants SET state = 'locked', wrong_tries = 15 WHERE id = $1",
                _ => "UPDATE link_sessions SET until = 1, at_most_until = 1 WHERE link_grant = $1",
            };
            assert_eq!(tx.execute(sql, [grant.into()]).await.unwrap(), 1, "{how}");
            tx.commit().await.unwrap();
        }
    }
    visitor
}

/// An address of a route: of what the patient's own link leads to.
fn address(route: &Route, own: &[(&str, &str)]) -> String {
    let mut address = route.path.clone();
    if address.ends_with("/documents") {
        address = address.replace("{series}", "2");
    }
    for (part, value) in own {
        address = address.replace(part, value);
    }
    while let Some((before, rest)) = address.split_once('{') {
        address = format!("{before}x{}", rest.split_once('}').unwrap().1);
    }
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_whoever_comes_by_a_link_as_the_matrix_says() {
    let (desk, package) = with_documents().await;
    let to = desk.serving.http;
    let (token, code) = desk.link(&package, ALL).await;
    let mut own = entered(to, &token, &code).await;
    own.get("/r/share").await;
    let shared = own.post("/r/share", &[("recipient", "Dr. Ruiz"), ("days", "7")]).await;
    assert_eq!(shared.status, 200, "{}", shared.body);
    let visits = own.get("/r/visits").await;
    let share = visits.body.split_once("/r/visits/").unwrap().1.split_once('/').unwrap().0.to_owned();
    let reference = desk.request.reference.to_string();
    let mut people = vec![
        ("nobody", Visitor::at(to)),
        ("another's", inside(&desk, &package, ALL).await),
        ("looks", inside(&desk, &package, LOOKS).await),
        ("saves", inside(&desk, &package, SAVES).await),
    ];
    for how in ["expired", "taken back", "locked", "too late"] {
        people.push((how, outlived(&desk, &package, how).await));
    }
    // Last, so that what the others did would be seen.
    people.push(("own", own));

    let places = [
        ("{token}", &*token),
        ("{reference}", &reference),
        ("/images/{study}", "/images/1"),
        ("{series}", "1"),
        ("{share}", &share),
    ];
    let mut text = format!("{:<103}", "");
    let heads = people.iter().map(|(head, _)| *head).chain(["other form", "trace"]);
    heads.for_each(|head| text.push_str(&format!("{head:<12}")));
    for route in routes(to).await {
        let path = address(&route, &places);
        text.push_str(&format!("\n{:<7}{:<96}", route.method, route.path));
        let mut words = Vec::new();
        let is_form = route.method == "POST" && !path.starts_with("/api/");
        // A form of the own session that does not come from its page does nothing.
        let mut elsewhere = people.last().unwrap().1.clone();
        elsewhere.forgets_its_page();
        let elsewhere = if is_form { Some(elsewhere.post(&path, &[]).await) } else { None };
        for (_, visitor) in &mut people {
            let answer = if is_form {
                visitor.post(&path, &[]).await
            } else {
                visitor.call(route.method, &path).await
            };
            words.push(meaning(&answer));
        }
        let refused = elsewhere.map_or("", |answer| {
            let meaning = meaning(&answer);
            assert!([".", "sign in"].contains(&meaning), "{path}: a form from elsewhere is {meaning}");
            meaning
        });
        words.extend([refused, meaning(&Visitor::at(to).call("TRACE", &path).await)]);
        words.iter().for_each(|word| text.push_str(&format!("{word:<12}")));
    }
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    assert!(!text.contains("ERROR"), "{text}");
    insta::assert_snapshot!("matrix", text);
    entered(to, &token, &code).await;
    desk.end().await;
}
