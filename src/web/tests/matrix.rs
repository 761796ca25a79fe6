//! Every page and step for every role, and for nobody: what each is answered.

use super::DeskAtWork;
use super::walk::taken_in;
use crate::model::Role;

/// The routes, with `REQUEST` for a request's page.
const ROUTES: [(&str, &str); 46] = [
    ("GET", "/staff"),
    ("GET", "/staff/requests"),
    ("POST", "/staff/requests"),
    ("GET", "/staff/requests/new"),
    ("POST", "/staff/requests/new"),
    ("GET", "REQUEST"),
    ("POST", "REQUEST"),
    ("POST", "REQUEST/identity"),
    ("POST", "REQUEST/need-information"),
    ("POST", "REQUEST/information-came"),
    ("POST", "REQUEST/studies"),
    ("POST", "REQUEST/studies/x/drop"),
    ("POST", "REQUEST/approve"),
    ("POST", "REQUEST/deny"),
    ("POST", "REQUEST/no-records"),
    ("POST", "REQUEST/withdraw"),
    ("POST", "REQUEST/reopen"),
    ("POST", "REQUEST/extend"),
    ("POST", "REQUEST/deliveries"),
    ("POST", "REQUEST/deliveries/x/code-route"),
    ("POST", "REQUEST/deliveries/x/cancel"),
    ("GET", "REQUEST/letter?delivery=x"),
    ("POST", "REQUEST/links/x/code"),
    ("POST", "REQUEST/links/x/revoke"),
    ("GET", "/staff/parcels"),
    ("POST", "/staff/parcels/x/tender"),
    ("POST", "/staff/parcels/x/hand-over"),
    ("GET", "/staff/labels/x"),
    ("GET", "/staff/studies/x/thumbnail"),
    ("GET", "/staff/burn"),
    ("POST", "/staff/burn/pack"),
    ("POST", "/staff/burn/D000-000Z/labelled"),
    ("POST", "/staff/burn/D000-000Z/spoil"),
    ("POST", "/staff/burn/D000-000Z/never-burned"),
    ("POST", "/staff/burn/D000-000Z/destroyed"),
    ("GET", "/staff/burn/D000-000Z/label"),
    ("GET", "/staff/burn/D000-000Z/letter"),
    ("GET", "/billing"),
    ("GET", "/billing/charges"),
    ("GET", "/billing/charges/x"),
    ("GET", "/billing/charges/x/paper"),
    ("POST", "/billing/charges/x/collect"),
    ("POST", "/billing/charges/x/propose-waiver"),
    ("POST", "/billing/charges/x/approve-waiver"),
    ("POST", "/billing/close"),
    ("POST", "/billing/exports"),
];

/// What an answer means.
fn meaning(status: u16, location: Option<&str>) -> &'static str {
    match (status, location) {
        (303, Some(to)) if to.starts_with("/staff/sign-in") => "sign in",
        (200..=399, _) => "yes",
        (403, _) => ".",
        (404, _) => "none",
        (409 | 422, _) => "refused",
        _ => "ERROR",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_and_step_is_answered_as_the_matrix_says() {
    let desk = DeskAtWork::begin().await;
    let request = taken_in(&mut desk.signed_in("release").await).await;
    let mut visitors = vec![desk.visitor()];
    for role in Role::ALL {
        let mut visitor = desk.signed_in(role.as_str()).await;
        // The token of the session's forms stands on every page of theirs.
        for page in ["/staff/requests", "/billing"] {
            visitor.get(page).await;
        }
        visitors.push(visitor);
    }
    let mut text = format!("{:<48}{:<10}", "", "nobody");
    Role::ALL.iter().for_each(|role| text.push_str(&format!("{:<15}", role.as_str())));
    for (method, route) in ROUTES {
        text.push_str(&format!("\n{method:<5}{route:<43}"));
        let path = route.replace("REQUEST", &request);
        for (index, visitor) in visitors.iter_mut().enumerate() {
            let answer =
                if method == "GET" { visitor.get(&path).await } else { visitor.post(&path, &[]).await };
            let width = if index == 0 { 10 } else { 15 };
            text.push_str(&format!("{:<width$}", meaning(answer.status, answer.location())));
        }
    }
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    assert!(!text.contains("ERROR"), "{text}");
    insta::assert_snapshot!("matrix", text);
}
