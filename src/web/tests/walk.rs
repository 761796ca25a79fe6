//! A request by hand, page after page, each as it looks.

use super::DeskAtWork;
use super::visitor::{Answer, Visitor};

/// A page without what differs from run to run: row ids, digests, tokens, names of files.
fn settled(body: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let mut ids: Vec<String> = Vec::new();
    for c in body.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() || (c == '-' && !word.is_empty()) {
            word.push(c);
            continue;
        }
        let is_id = word.len() == 36 && word.matches('-').count() == 4;
        if is_id || (word.len() >= 16 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')) {
            let number = ids.iter().position(|known| *known == word).unwrap_or_else(|| {
                ids.push(word.clone());
                ids.len() - 1
            });
            out.push_str(&if is_id { format!("ID{}", number + 1) } else { "DIGEST".to_owned() });
            if word.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push_str(&word);
        }
        word.clear();
        out.push(c);
    }
    let out = unreferenced(&out);
    out.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A page without the references that fixtures draw at random. A reference may hold "FR-" in itself.
fn unreferenced(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) = rest.find("FR-") {
        let (before, after) = (&rest[..at], &rest[at + 3..]);
        let is_reference = after.get(..9).is_some_and(|digits| digits.as_bytes()[4] == b'-');
        out.push_str(before);
        out.push_str(if is_reference { "FR-XXXX-XXXX" } else { "FR-" });
        rest = if is_reference { &after[9..] } else { after };
    }
    out + rest
}

#[test]
fn a_reference_with_its_own_mark_inside_is_taken_whole() {
    assert_eq!(unreferenced("FR-XTFR-38R8, FR-1FR-"), "FR-XXXX-XXXX, FR-1FR-");
    assert_eq!(unreferenced("<b>FR-AAAA-BBFR</b> FR-CCCC-DDDD"), "<b>FR-XXXX-XXXX</b> FR-XXXX-XXXX");
}

pub(super) fn looks(name: &str, answer: &Answer) {
    assert!(answer.body.contains("<!doctype html>"), "{name}: {} {}", answer.status, answer.body);
    insta::assert_snapshot!(name, settled(&answer.body));
}

/// The form is taken, and leads back to a page.
pub(super) async fn done(visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = visitor.post(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    answer.location().unwrap().to_owned()
}

/// The part of a page that stands between two texts.
fn between<'b>(body: &'b str, from: &str, to: &str) -> &'b str {
    body.split(from).nth(1).unwrap_or_else(|| panic!("no {from} in {body}")).split(to).next().unwrap()
}

const ASKED: [(&str, &str); 9] = [
    ("received_on", "2026-03-16"),
    ("received_by", "fax"),
    ("language", "es"),
    ("patient_name", "Jane Doe"),
    ("birth_date", "1970-01-02"),
    ("patient_id", "4711"),
    ("wish", "CT of the chest, for a second opinion"),
    ("capacity", "patient"),
    ("email", "jane@example.org"),
];

/// Takes a request in; the path of its page. The form is sent twice, as an impatient hand does: that is one request.
pub(super) async fn taken_in(release: &mut Visitor) -> String {
    let form = release.get("/staff/requests/new").await;
    let mut asked = ASKED.to_vec();
    asked.push(("id", between(&form.body, "name=\"id\" value=\"", "\"")));
    let path = done(release, "/staff/requests/new", &asked).await;
    assert_eq!(done(release, "/staff/requests/new", &asked).await, path);
    path
}

/// Chooses the first study that was found and compares its patient.
pub(super) async fn chosen(release: &mut Visitor, path: &str) {
    let page = release.get(path).await;
    let study = between(&page.body, "name=\"study\" value=\"", "\"").to_owned();
    done(release, &format!("{path}/studies"), &[("study", &study)]).await;
    let page = release.get(path).await;
    let fingerprint = between(&page.body, "name=\"fingerprint\" value=\"", "\"").to_owned();
    done(release, &format!("{path}/studies/{study}/check"), &[("fingerprint", &fingerprint)]).await;
}

pub(super) const BY_FEDEX: [(&str, &str); 10] = [
    ("way", "fed_ex"),
    ("recipient", "Jane Doe"),
    ("street", "1 Main St"),
    ("city", "Phoenix"),
    ("state", "AZ"),
    ("zip", "85001"),
    ("phone", "602 555 0100"),
    ("code_route", "phone"),
    ("code_phone", "602 555 0199"),
    ("disc", "words"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_goes_from_the_letter_box_to_its_deliveries_by_hand() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.visitor();
    let first = release.get("/staff/requests").await;
    assert_eq!((first.status, first.location()), (303, Some("/staff/sign-in?back=/staff/requests")));
    looks("sign_in", &release.get("/staff/sign-in?back=/staff/requests").await);
    let wrong = release.post("/staff/sign-in", &[("login", "release"), ("password", "wrong")]).await;
    assert_eq!(wrong.status, 403);
    looks("sign_in_refused", &wrong);
    let mut release = desk.signed_in("release").await;
    looks("worklist_empty", &release.get("/staff/requests").await);
    looks("new_request", &release.get("/staff/requests/new").await);
    let incomplete = release.post("/staff/requests/new", &[("patient_name", "Jane Doe")]).await;
    assert_eq!(incomplete.status, 422);
    looks("new_request_incomplete", &incomplete);

    let path = taken_in(&mut release).await;
    looks("worklist", &release.get("/staff/requests").await);
    looks("request_submitted", &release.get(&path).await);
    done(&mut release, &format!("{path}/identity"), &[("seen", "copy_of_photo_id")]).await;
    let early = release.post(&format!("{path}/approve"), &[("basis", "patient_access")]).await;
    assert_eq!(early.status, 422);
    assert!(early.body.contains("No study is chosen: choose the images to release first."), "{}", early.body);
    chosen(&mut release, &path).await;
    looks("request_to_approve", &release.get(&path).await);
    done(&mut release, &format!("{path}/approve"), &[("basis", "patient_access")]).await;
    let link = [
        ("way", "link"),
        ("recipient", "Jane Doe"),
        ("email", "jane@example.org"),
        ("rights", "everything"),
        ("code_route", "in_person"),
    ];
    done(&mut release, &format!("{path}/deliveries"), &link).await;
    desk.clock.advance(1);
    done(&mut release, &format!("{path}/deliveries"), &BY_FEDEX).await;
    let page = release.get(&path).await;
    looks("request_approved", &page);
    let letter = between(&page.body, "letter?delivery=", "\"").to_owned();
    looks("letter_es", &release.get(&format!("{path}/letter?delivery={letter}&print=large")).await);
    looks("request_for_auditor", &desk.signed_in("auditor").await.get(&path).await);
}

/// The form for a delivery by FedEx to another street.
fn to_street(street: &str) -> Vec<(&'static str, &str)> {
    let fields = BY_FEDEX.map(|(name, value)| (name, if name == "street" { street } else { value }));
    [("form", "deliveries")].into_iter().chain(fields).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fedex_is_chosen_for_an_address_it_goes_to_and_a_doubt_needs_a_reason() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = taken_in(&mut release).await;
    let choose = format!("{path}/deliveries");
    let refused = release.post(&choose, &to_street("P.O. Box 7")).await;
    assert_eq!(refused.status, 422);
    for said in ["post office boxes", "P.O. Box 7</textarea>", "value=\"602 555 0199\"", "None is chosen yet"]
    {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    let doubtful = release.post(&choose, &to_street("The Old Mill")).await;
    assert_eq!(doubtful.status, 422);
    assert!(doubtful.body.contains("there is no house number"), "{}", doubtful.body);
    let mut sure = to_street("The Old Mill");
    sure.push(("address_reason", "The only house there"));
    done(&mut release, &choose, &sure).await;
    assert!(release.get(&path).await.body.contains("Jane Doe, The Old Mill, Phoenix"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_disc_is_chosen_once_its_patient_was_warned() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = taken_in(&mut release).await;
    let choose = format!("{path}/deliveries");
    let plain = [("form", "deliveries"), ("way", "desk"), ("recipient", "Jane Doe"), ("disc", "plain")];
    let refused = release.post(&choose, &plain).await;
    assert_eq!(refused.status, 422);
    let said = "The warning: Warn the patient first, and confirm that they chose a plain disc all the same";
    for said in [said, "value=\"plain\" checked", "None is chosen yet"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    let warned: Vec<_> = plain.into_iter().chain([("warned", "yes")]).collect();
    done(&mut release, &choose, &warned).await;
    let page = release.get(&path).await.body;
    assert!(page.contains("Plain disc, not encrypted: no code"), "{page}");
    assert!(!page.contains("/code-route\"") && !page.contains("/opening-code\""), "{page}");
    let letter = between(&page, "letter?delivery=", "\"").to_owned();
    looks("letter_plain_es", &release.get(&format!("{path}/letter?delivery={letter}")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_patients_images_are_marked_and_need_a_reason() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = taken_in(&mut release).await;
    done(&mut release, &format!("{path}/identity"), &[("seen", "photo_id")]).await;
    let found = release.post(&path, &[("find", "0815")]).await;
    let study = between(&found.body, "name=\"study\" value=\"", "\"").to_owned();
    done(&mut release, &format!("{path}/studies"), &[("study", &study)]).await;
    let page = release.get(&path).await;
    assert_eq!(page.body.matches("class=\"differs\"").count(), 2, "name and Patient ID");
    looks("request_wrong_patient", &page);
    let fingerprint = between(&page.body, "name=\"fingerprint\" value=\"", "\"").to_owned();
    let unsaid =
        release.post(&format!("{path}/studies/{study}/check"), &[("fingerprint", &fingerprint)]).await;
    assert_eq!(unsaid.status, 422);
    let approved = release.post(&format!("{path}/approve"), &[("basis", "patient_access")]).await;
    assert_eq!(approved.status, 422);
    done(&mut release, &format!("{path}/studies/{study}/drop"), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_the_session_on_the_server_too() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    release.get("/staff/requests").await;
    let cookie = release.cookie().to_owned();
    let out = release.post("/staff/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (303, Some("/staff/sign-in")));
    let request =
        format!("GET /staff/requests HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
    let again = super::visitor::exchange(desk.address, request.as_bytes()).await;
    assert_eq!(again.status, 303, "the old cookie opens nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_another_session_changes_nothing() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let path = taken_in(&mut release).await;
    let mut other = desk.signed_in("release").await;
    let stale = other.post(&format!("{path}/identity"), &[("seen", "photo_id")]).await;
    assert_eq!(stale.status, 403, "{}", stale.body);
    assert!(release.get(&path).await.body.contains("not verified yet"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_page_is_told_where_their_work_is_and_can_sign_out() {
    let desk = DeskAtWork::begin().await;
    let mut administrator = desk.signed_in("administrator").await;
    let start = administrator.get("/staff").await;
    assert_eq!(start.status, 200, "{}", start.body);
    assert!(
        start.body.contains("filmroom user") && start.body.contains("action=\"/staff/sign-out\""),
        "{}",
        start.body
    );
    assert_eq!(desk.signed_in("billing").await.get("/staff").await.location(), Some("/staff/requests"));
}
