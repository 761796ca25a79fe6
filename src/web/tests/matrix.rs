//! Every page and step for every role, and for nobody: what each is answered. The routes are the table the pages are
//! served from: none is without its line.

use super::visitor::Answer;
use super::walk::taken_in;
use super::{DeskAtWork, NOW_MS, PASSWORD};
use crate::desk::people::{Passwords, Secret, add_user, set_password};
use crate::desk::{Acting, Who};
use crate::model::Role;
use crate::model::site::tests::phoenix;
use crate::store::contract::in_tx;
use crate::web::plumbing::routes::Route;
use crate::web::{billing, staff};

/// What an answer means.
fn meaning(status: u16, location: Option<&str>) -> &'static str {
    match (status, location) {
        (303, Some(to)) if to.starts_with("/staff/sign-in") => "sign in",
        (200..=399, _) => "yes",
        (403, _) => ".",
        (404, _) => "none",
        (405, _) => "no such",
        (409 | 422, _) => "refused",
        _ => "ERROR",
    }
}

/// An address of a route: of a request that is there, and of nothing else that is.
fn address(route: &Route, request: &str) -> String {
    let mut address = route.path.replace("/staff/requests/{reference}", request);
    address = address.replace("/burn/{code}", "/burn/D000-000Z");
    if address.ends_with("/letter") && !address.contains("/burn/") {
        address.push_str("?delivery=x");
    }
    while let Some((before, rest)) = address.split_once('{') {
        address = format!("{before}x{}", rest.split_once('}').unwrap().1);
    }
    address
}

/// Somebody with every right.
async fn hire_everybody(desk: &DeskAtWork) {
    let hash = Passwords::default().hash(&Secret::new(PASSWORD.into()), &*desk.chance).await.unwrap();
    let (who, today) = (Who::Program("setup"), phoenix().today(NOW_MS));
    let acting = Acting { who: &who, now_ms: NOW_MS, today, chance: &*desk.chance };
    let all = Role::ALL.into();
    let user = in_tx!(desk.db, |tx| add_user(tx, &acting, ("everybody", "Eve"), all)).unwrap();
    in_tx!(desk.db, |tx| set_password(tx, &acting, &user.id, &hash)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_and_step_is_answered_as_the_matrix_says() {
    let desk = DeskAtWork::begin().await;
    hire_everybody(&desk).await;
    let request = taken_in(&mut desk.signed_in("release").await).await;
    let mut visitors = vec![desk.visitor()];
    for login in Role::ALL.map(Role::as_str) {
        let mut visitor = desk.signed_in(login).await;
        // So that a step is refused for what it is, and not for the page it stood on.
        visitor.has_seen_its_forms();
        visitors.push(visitor);
    }
    // Somebody with every right, whose forms are not from our pages.
    let mut elsewhere = desk.signed_in("everybody").await;
    let heads = ["nobody"].into_iter().chain(Role::ALL.map(Role::as_str));
    let mut text = format!("{:<75}", "");
    heads.chain(["other form", "delete"]).for_each(|head| text.push_str(&format!("{head:<15}")));
    let (staff, billing) = (staff::table(), billing::table());
    let mut routes: Vec<&Route> = staff.listed().iter().chain(billing.listed()).collect();
    // Whoever has signed out is nobody: that comes last.
    routes.sort_by_key(|route| route.path.ends_with("/sign-out"));
    for route in routes {
        let (path, is_get) = (address(route, &request), route.method == "GET");
        text.push_str(&format!("\n{:<5}{:<70}", route.method, route.path));
        let mut tell =
            |answer: &Answer| text.push_str(&format!("{:<15}", meaning(answer.status, answer.location())));
        for visitor in &mut visitors {
            let answer = if is_get { visitor.get(&path).await } else { visitor.post(&path, &[]).await };
            tell(&answer);
        }
        match is_get {
            true => tell(&elsewhere.get(&path).await),
            false => {
                let answer = elsewhere.post_as(&path, "0123").await;
                assert_eq!(answer.status, 403, "{path}: a form from elsewhere");
                tell(&answer);
            }
        }
        tell(&elsewhere.delete(&path).await);
    }
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    assert!(!text.contains("ERROR"), "{text}");
    insta::assert_snapshot!("matrix", text);
}
