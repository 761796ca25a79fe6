//! What went wrong, and how it is put right from the request's page: work that stopped, links that ended, forms
//! that were refused, days and deliveries that were mistaken.

use super::DeskAtWork;
use super::visitor::Visitor;
use super::walk::{BY_FEDEX, chosen, done, taken_in};
use crate::desk::{Who, link};
use crate::means::Means;
use crate::model::job::{FREEZE_PACKAGE, freeze_package};
use crate::model::{Destination, Effect, Ending, LinkGrant, Reference};
use crate::store::contract::in_tx;
use crate::store::contract::links::new_grant;
use crate::store::jobs::{self, Wanted};
use crate::store::{deliveries, links, messages, requests};
use imaging::chance::SeededChance;
use imaging::seal::{MasterKey, MasterKeys};

const DAY_MS: i64 = 86_400_000;

impl DeskAtWork {
    /// The row of the request on this page.
    async fn id_of(&self, path: &str) -> String {
        let reference: Reference = path.rsplit('/').next().unwrap().parse().unwrap();
        requests::by_reference(&self.db, &reference).await.unwrap().unwrap().id
    }

    /// The package of a request could not be frozen.
    async fn stop(&self, request: &str) -> String {
        let job = freeze_package(request);
        in_tx!(self.db, |tx| jobs::put(tx, std::slice::from_ref(&job), &*self.chance)).unwrap();
        let kinds = [(FREEZE_PACKAGE, Effect::Repeatable)];
        let wanted = Wanted { kinds: &kinds, nodes: &[], worker: "w", lease_ms: 60_000 };
        let job = jobs::claim(&self.db, &wanted).await.unwrap().unwrap();
        let parked = Ending::Park { reason: "an archive cannot be read".into() };
        in_tx!(self.db, |tx| jobs::end(tx, &job, &parked)).unwrap();
        job.id
    }

    /// A link that is open for a day, and the page of its request.
    async fn opened(&self) -> (String, String) {
        let grant = new_grant(&self.db, super::NOW_MS + DAY_MS).await;
        let chance = SeededChance::new(3);
        let keys = MasterKeys::new(MasterKey::fresh(&chance), Vec::new());
        let means = Means { keys: &keys, chance: &chance, now_ms: super::NOW_MS };
        let id = in_tx!(self.db, |tx| link::prepare(tx, &means, &grant)).unwrap();
        in_tx!(self.db, |tx| link::activate(tx, &means, &Who::Program("test"), &id)).unwrap();
        let request = requests::get(&self.db, &grant.request).await.unwrap().unwrap();
        (id, format!("/staff/requests/{}", request.reference))
    }

    async fn grant(&self, id: &str) -> LinkGrant {
        links::get(&self.db, id).await.unwrap().unwrap()
    }
}

/// A request that was approved; its page.
async fn approved(release: &mut Visitor) -> String {
    let path = taken_in(release).await;
    done(release, &format!("{path}/identity"), &[("seen", "photo_id")]).await;
    chosen(release, &path).await;
    done(release, &format!("{path}/approve"), &[("basis", "patient_access")]).await;
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_stopped_is_shown_with_its_reason_and_tried_again() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = approved(&mut release).await;
    assert!(release.get("/staff/requests?show=stopped").await.body.contains("Nothing has stopped"));
    done(&mut release, &format!("{path}/deliveries"), &BY_FEDEX).await;
    let delivery = deliveries::of_request(&desk.db, &desk.id_of(&path).await).await.unwrap().remove(0).id;
    done(&mut release, &format!("{path}/deliveries/{delivery}/code-route"), &[]).await;
    let job = desk.stop(&desk.id_of(&path).await).await;
    let listed = release.get("/staff/requests?show=stopped").await;
    assert!(listed.body.contains(&path) && listed.body.contains("see to what stopped"), "{}", listed.body);
    let page = release.get(&path).await;
    for said in ["Putting the images together", "An archive cannot be read.", "Something stopped: see to it"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let page = desk.signed_in("auditor").await.get(&path).await;
    assert!(page.body.contains("An archive cannot be read.") && !page.body.contains("Try again"));
    done(&mut release, &format!("{path}/stopped/{job}/retry"), &[]).await;
    let page = release.get(&path).await;
    assert!(!page.body.contains("An archive cannot be read.") && page.body.contains("Job: tried again"));
    let twice = release.post(&format!("{path}/stopped/{job}/retry"), &[]).await;
    assert_eq!(twice.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_ended_takes_no_code_until_it_is_extended() {
    let desk = DeskAtWork::begin().await;
    let (id, path) = desk.opened().await;
    desk.clock.advance(2 * DAY_MS);
    let mut release = desk.signed_in("release").await;
    let page = release.get(&path).await;
    assert!(page.body.contains("Expired") && !page.body.contains("New access code"), "{}", page.body);
    let refused = release.post(&format!("{path}/links/{id}/code"), &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("A link that is expired cannot be given a code."), "{}", refused.body);
    let over = release.post(&format!("{path}/links/{id}/extend"), &[("until", "2026-03-01")]).await;
    assert_eq!(over.status, 422);
    done(&mut release, &format!("{path}/links/{id}/extend"), &[("until", "2026-04-01")]).await;
    assert!(release.get(&path).await.body.contains("New access code"));
    assert_eq!(release.post(&format!("{path}/links/{id}/code"), &[]).await.status, 200);
    release.get(&path).await;
    done(&mut release, &format!("{path}/links/{id}/revoke"), &[]).await;
    let twice = release.post(&format!("{path}/links/{id}/revoke"), &[]).await;
    assert!(twice.status == 422 && twice.body.contains("A link that is revoked cannot be revoked."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_sent_again_to_a_corrected_address_as_another_link() {
    let desk = DeskAtWork::begin().await;
    let (id, path) = desk.opened().await;
    let mut release = desk.signed_in("release").await;
    release.get(&path).await;
    let wrong = release.post(&format!("{path}/links/{id}/send"), &[("email", "jane")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("E-mail: This is not an e-mail address."));
    done(&mut release, &format!("{path}/links/{id}/send"), &[("email", "jane.doe@example.org")]).await;
    let page = release.get(&path).await;
    assert!(page.body.contains("jane.doe@example.org") && page.body.contains("Link: sent again"));
    let grant = desk.grant(&id).await;
    let sent = messages::of_request(&desk.db, &grant.request).await.unwrap();
    assert_eq!(sent.iter().map(|mail| mail.recipient.as_str()).collect::<Vec<_>>(), ["jane.doe@example.org"]);
    let delivery = deliveries::get(&desk.db, &grant.delivery).await.unwrap().unwrap();
    assert_eq!(delivery.destination, Destination::link(Some("jane.doe@example.org".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_was_refused_keeps_what_was_typed_and_names_the_field_as_it_does() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = taken_in(&mut release).await;
    release.get(&path).await;
    let mut form = BY_FEDEX.to_vec();
    form.retain(|(name, _)| *name != "code_phone");
    form.extend([("code_phone", "12"), ("form", "deliveries")]);
    let refused = release.post(&format!("{path}/deliveries"), &form).await;
    assert_eq!(refused.status, 422);
    for kept in ["Number on file: A telephone number", ">1 Main St</textarea>", "value=\"fed_ex\" checked"] {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    let elsewhere = refused.body.split("action=\"").find(|form| form.contains("/deny\"")).unwrap();
    assert!(!elsewhere.contains("1 Main St"), "and no other form has it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistaken_day_a_mistaken_way_and_a_change_of_mind_are_put_right_on_the_page() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = approved(&mut release).await;
    let day = [("received_on", "2026-03-12"), ("reason", "The postmark was misread")];
    done(&mut release, &format!("{path}/received"), &day).await;
    assert!(release.get(&path).await.body.contains("Apr 11, 2026"), "the dates follow");
    done(&mut release, &format!("{path}/deliveries"), &BY_FEDEX).await;
    let id = desk.id_of(&path).await;
    let first = deliveries::of_request(&desk.db, &id).await.unwrap().remove(0);
    let by_letter = [
        ("way", "link"),
        ("recipient", "Jane Doe"),
        ("instead", first.id.as_str()),
        ("rights", "view"),
        ("good_for_days", "7"),
        ("code_route", "letter"),
        ("code_street", "9 Old Rd"),
        ("code_city", "Mesa"),
        ("code_state", "AZ"),
        ("code_zip", "85201"),
    ];
    done(&mut release, &format!("{path}/deliveries"), &by_letter).await;
    let page = release.get(&path).await;
    assert!(page.body.contains("Switched"));
    assert!(page.body.contains("Code in a letter of its own, to 9 Old Rd, Mesa, AZ 85201"), "{}", page.body);
    let second = deliveries::of_request(&desk.db, &id).await.unwrap().remove(1);
    let Destination::Link { rights, good_for_days, .. } = second.destination else { panic!("a link") };
    assert_eq!((rights.view, rights.download, rights.share, good_for_days), (true, false, false, Some(7)));
    done(&mut release, &format!("{path}/withdraw"), &[("words", "I found my own copy")]).await;
    assert!(release.get(&path).await.body.contains("I found my own copy"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_made_twice_is_closed_as_the_same() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let (first, second) = (taken_in(&mut release).await, taken_in(&mut release).await);
    release.get(&second).await;
    let unknown = release.post(&format!("{second}/duplicate"), &[("of", "the other one")]).await;
    assert!(unknown.status == 422 && unknown.body.contains("This is not a reference."), "{}", unknown.body);
    let of = first.rsplit('/').next().unwrap();
    done(&mut release, &format!("{second}/duplicate"), &[("of", of)]).await;
    assert!(release.get(&second).await.body.contains("Same as another"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_an_extension_and_a_question_have_their_letters() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = taken_in(&mut release).await;
    let none = release.get(&format!("{path}/notices/denial")).await;
    assert_eq!(none.status, 404);
    release.get(&path).await;
    let longer = [("until", "2026-05-01"), ("reason", "The films lie in another town")];
    done(&mut release, &format!("{path}/extend"), &longer).await;
    done(&mut release, &format!("{path}/need-information"), &[("reason", "Which knee is meant?")]).await;
    let question = release.get(&format!("{path}/notices/question")).await;
    assert!(question.body.contains("Which knee is meant?"), "{}", question.body);
    let extension = release.get(&format!("{path}/notices/extension")).await;
    assert!(
        extension.body.contains("The films lie in another town") && extension.body.contains("May 1, 2026")
    );
    release.get(&path).await;
    let no = [("ground", "endangerment"), ("words", "Dr. Grey judged so on March 19.")];
    done(&mut release, &format!("{path}/deny"), &no).await;
    assert!(release.get(&path).await.body.contains("notices/denial"));
    let denial = release.get(&format!("{path}/notices/denial")).await;
    for said in
        ["Dr. Grey judged so", "have this decision reviewed", "Secretary of Health and Human Services"]
    {
        assert!(denial.body.contains(said), "{said}: {}", denial.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_see_the_pictures_is_not_shown_broken_ones() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = approved(&mut release).await;
    assert!(release.get(&path).await.body.contains("/thumbnail"));
    for role in ["burn", "billing"] {
        assert!(!desk.signed_in(role).await.get(&path).await.body.contains("/thumbnail"), "{role}");
    }
}
