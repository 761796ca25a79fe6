//! Work beyond the request's own page: the burn desk, the books, parcels and links.

use super::DeskAtWork;
use super::walk::{done, looks};
use crate::clock::Clock as _;
use crate::delivery::disc::{self, By, Said};
use crate::delivery::shipment::{self, Now};
use crate::desk::Who;
use crate::desk::link;
use crate::means::Means;
use crate::model::disc::{DiscCounts, DiscSet, NewDisc, NewDiscSet, SetState};
use crate::model::site::tests::phoenix;
use crate::model::{Actor, Delivery, Recipient};
use crate::money::Clerk;
use crate::money::fee::{self, Quoted};
use crate::store::contract::discs::mailed;
use crate::store::contract::in_tx;
use crate::store::contract::links::new_grant;
use crate::store::{deliveries, discs, requests};
use burn_queue::{Image, Medium, Report, Work};
use imaging::chance::SeededChance;
use imaging::seal::{MasterKey, MasterKeys};

const PROGRAM: Actor = Actor::Anyone;

impl DeskAtWork {
    fn by(&self) -> By<'_> {
        By { actor: &PROGRAM, chance: &*self.chance }
    }

    /// The disc set of a delivery by mail, queued.
    async fn queued(&self) -> (Delivery, DiscSet) {
        let delivery = mailed(&self.db).await;
        let disc =
            |number: u8| NewDisc { image: Image::of(&[number; 4096][..]).unwrap(), medium: Medium::Cd };
        let set = NewDiscSet {
            request: delivery.request.clone(),
            delivery: delivery.id.clone(),
            seal: "none".into(),
            counts: DiscCounts { studies: 1, series: 2, instances: 120 },
            due_at: super::NOW_MS + 86_400_000,
            discs: vec![disc(1), disc(2)],
        };
        let set = in_tx!(self.db, |tx| disc::plan(tx, set, self.by())).unwrap();
        in_tx!(self.db, |tx| disc::queue(tx, &delivery.id, self.by())).unwrap();
        (delivery, set)
    }

    async fn leased(&self) -> Work {
        let blanks = [Medium::Cd];
        in_tx!(self.db, |tx| disc::lease(tx, "desk-1", &blanks, 60_000, self.by())).unwrap().unwrap()
    }

    /// With a disc to label, another to burn, a fee to collect and a letter to mail.
    pub(super) async fn filled(&self) {
        let (delivery, _) = self.queued().await;
        let work = self.leased().await;
        self.burned(&work).await;
        self.due(&delivery).await;
        self.to_mail(&delivery).await;
    }

    /// A station burns and verifies what it leased.
    async fn burned(&self, work: &Work) {
        for said in [Said::Beginning, Said::Burned, Said::Ended(Report::Verified)] {
            self.said(work, said).await;
        }
    }

    async fn said(&self, work: &Work, said: Said) {
        let (code, attempt) = (work.disc, work.attempt.clone());
        in_tx!(self.db, |tx| disc::report(tx, code, attempt, said, 60_000, self.by())).unwrap();
    }

    /// A fee that is due.
    async fn due(&self, delivery: &Delivery) -> String {
        let request = requests::get(&self.db, &delivery.request).await.unwrap().unwrap();
        let site = phoenix();
        let clerk = Clerk { site: &site, actor: &PROGRAM, now_ms: super::NOW_MS, chance: &*self.chance };
        let reference = request.reference.to_string();
        let what = Quoted { request: &request.id, reference: &reference, delivery: &delivery.id };
        let charge = in_tx!(self.db, |tx| fee::quote(tx, &clerk, what, &super::fee())).unwrap();
        in_tx!(self.db, |tx| fee::open(tx, &clerk, &charge.id)).unwrap().id
    }

    /// A letter that is ready to be mailed.
    async fn to_mail(&self, delivery: &Delivery) -> String {
        self.to_send(delivery, shipment::By::Mail(recipient(delivery))).await
    }

    /// A parcel whose fee is to be paid first.
    async fn to_pay(&self, delivery: &Delivery) {
        let parcel = self.to_send(delivery, shipment::By::Carrier(recipient(delivery))).await;
        let now = Now { actor: &PROGRAM, ms: self.clock.now_ms(), chance: &*self.chance };
        in_tx!(self.db, |tx| shipment::await_payment(tx, now, &parcel)).unwrap();
    }

    async fn to_send(&self, delivery: &Delivery, by: shipment::By) -> String {
        let request = requests::get(&self.db, &delivery.request).await.unwrap().unwrap();
        let now = Now { actor: &PROGRAM, ms: self.clock.now_ms(), chance: &*self.chance };
        let reference = request.reference.to_string();
        let (request, delivery_id) = (&request.id, &delivery.id);
        let wanted = shipment::Wanted { request, reference: &reference, delivery: delivery_id, site: "main" };
        let made = in_tx!(self.db, |tx| shipment::create(tx, now, wanted, by));
        made.unwrap().id
    }
}

fn recipient(delivery: &Delivery) -> Recipient {
    let address = delivery.destination.address().unwrap().clone();
    Recipient { name: delivery.recipient.clone(), address, phone: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_burn_desk_shows_one_thing_at_a_time_prints_only_what_was_read_back_and_stops_at_a_mismatch() {
    let desk = DeskAtWork::begin().await;
    let (_, set) = desk.queued().await;
    let mut burn = desk.signed_in("burn").await;
    let next = burn.get("/staff/burn").await;
    assert!(next.body.contains("Put a blank CD into the drive"), "{}", next.body);
    let work = desk.leased().await;
    assert!(burn.get("/staff/burn").await.body.contains("At station desk-1"));
    for paper in ["label", "letter"] {
        let early = burn.get(&format!("/staff/burn/{}/{paper}", work.disc)).await;
        assert_eq!(early.status, 404, "a {paper} of a disc nobody has read back");
    }
    desk.burned(&work).await;
    let page = burn.get("/staff/burn").await;
    assert!(page.body.contains("print its label and its letter"));
    let code = work.disc.to_string();
    let label = burn.get(&format!("/staff/burn/{code}/label")).await;
    for told in ["Jane", "Doe", "1970", "FR-", "Main St"] {
        assert!(label.body.contains(&code) && !label.body.contains(told), "a finder is told {told}");
    }
    let letter = burn.get(&format!("/staff/burn/{code}/letter")).await;
    let envelope = set.envelope_code().to_string();
    assert!(letter.body.contains(&envelope) && letter.body.contains("Jane Doe"));
    burn.get("/staff/burn").await;
    let unsaid = burn.post(&format!("/staff/burn/{code}/spoil"), &[("reason", " ")]).await;
    assert!(unsaid.status == 422 && unsaid.body.contains("Say why"), "{}", unsaid.body);
    done(&mut burn, &format!("/staff/burn/{code}/labelled"), &[]).await;
    assert!(burn.get("/staff/burn").await.body.contains("data-scan"));
    let other = "P000-000M";
    let wrong =
        burn.post("/staff/burn/pack", &[("disc", &code), ("paper", other), ("envelope", &envelope)]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("data-alarm") && !wrong.body.contains("data-scan"), "it fills the screen");
    let paper = set.paper_code().to_string();
    let swapped =
        burn.post("/staff/burn/pack", &[("disc", &code), ("paper", &envelope), ("envelope", &paper)]).await;
    for said in ["These do not belong together", &envelope, &paper] {
        assert!(swapped.body.contains(said), "{said}");
    }
    let right = [("disc", code.as_str()), ("paper", &paper), ("envelope", &envelope)];
    burn.get("/staff/burn").await;
    let to = done(&mut burn, "/staff/burn/pack", &right).await;
    assert!(burn.get(&to).await.body.contains("Packed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoiled_disc_is_destroyed_and_release_staff_decide_about_a_lost_one() {
    let desk = DeskAtWork::begin().await;
    desk.queued().await;
    let spoiled = desk.leased().await;
    desk.said(&spoiled, Said::Beginning).await;
    desk.said(&spoiled, Said::Ended(Report::Failed { reason: "it skipped".into() })).await;
    let mut burn = desk.signed_in("burn").await;
    let page = burn.get("/staff/burn").await;
    looks("burn_desk_with_a_spoiled_disc", &page);
    assert!(page.body.contains("Destroy this one") && page.body.contains("it skipped"));
    let code = spoiled.disc.to_string();
    assert_eq!(burn.get(&format!("/staff/burn/{code}/label")).await.status, 404, "it is no disc to send");
    burn.get("/staff/burn").await;
    done(&mut burn, &format!("/staff/burn/{code}/destroyed"), &[]).await;
    assert!(!burn.get("/staff/burn").await.body.contains("Destroy this one"));

    let lost = desk.leased().await;
    desk.said(&lost, Said::Beginning).await;
    desk.clock.advance(3_600_000);
    in_tx!(desk.db, |tx| disc::lapse(tx, desk.by())).unwrap();
    let mut release = desk.signed_in("release").await;
    let page = release.get("/staff/burn").await;
    let code = lost.disc.to_string();
    assert!(page.body.contains("Nobody knows about these") && page.body.contains(&code), "{}", page.body);
    assert!(!page.body.contains("data-scan"), "they do not pack");
    done(&mut release, &format!("/staff/burn/{code}/spoil"), &[("reason", "the drive is gone")]).await;
    let next = desk.leased().await;
    let other = release.post(&format!("/staff/burn/{}/spoil", next.disc), &[("reason", "x")]).await;
    assert_eq!(other.status, 403, "only what nobody knows about is theirs to write off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_and_clocks_are_those_of_the_site_that_works_on_the_request() {
    let desk = DeskAtWork::begin().await;
    let delivery = mailed(&desk.db).await;
    let moved = "UPDATE requests SET site = 'north' WHERE id = $1";
    let mut tx = desk.db.begin().await.unwrap();
    tx.execute(moved, [delivery.request.as_str().into()]).await.unwrap();
    tx.commit().await.unwrap();
    let request = requests::get(&desk.db, &delivery.request).await.unwrap().unwrap();
    let path = format!("/staff/requests/{}", request.reference);
    let mut release = desk.signed_in("release").await;
    let letter = release.get(&format!("{path}/letter?delivery={}", delivery.id)).await;
    assert!(
        letter.body.contains("North Clinic") && !letter.body.contains(&phoenix().name),
        "{}",
        letter.body
    );
    // It is the 20th in Phoenix, the 21st in the north.
    assert!(letter.body.contains("21"), "{}", letter.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fee_is_collected_counted_and_refunded_by_another_person_only() {
    let desk = DeskAtWork::begin().await;
    let (delivery, _) = desk.queued().await;
    let charge = desk.due(&delivery).await;
    desk.clock.advance(60_000);
    let path = format!("/billing/charges/{charge}");
    let mut billing = desk.signed_in("billing").await;
    looks("billing_to_collect", &billing.get("/billing").await);
    looks("charge_to_collect", &billing.get(&path).await);
    let unsaid = billing.post(&format!("{path}/collect"), &[("paid_by", "card")]).await;
    assert_eq!(unsaid.status, 422);
    done(&mut billing, &format!("{path}/collect"), &[("paid_by", "card"), ("receipt", "T-1001")]).await;
    looks("charge_paid", &billing.get(&path).await);
    looks("fee_receipt", &billing.get(&format!("{path}/paper")).await);
    billing.get(&path).await;
    done(&mut billing, &format!("{path}/dispute"), &[("dispute", "CB-7")]).await;
    let page = billing.get(&path).await;
    assert!(page.body.contains("Disputed") && page.body.contains("dispute CB-7"), "{}", page.body);
    let other = billing.post(&format!("{path}/lose-dispute"), &[("dispute", "CB-8")]).await;
    assert_eq!(other.status, 422, "there is no such dispute");
    done(&mut billing, &format!("{path}/win-dispute"), &[("dispute", "CB-7")]).await;
    let reason = [("reason", "The parcel came a day late")];
    done(&mut billing, &format!("{path}/propose-refund"), &reason).await;
    let own = billing.post(&format!("{path}/approve-refund"), &[]).await;
    assert_eq!(own.status, 422, "who proposes does not approve");
    let differs = billing.post("/billing/close", &[("on", "2026-03-20"), ("card", "40.00")]).await;
    assert_eq!(differs.status, 422);
    assert!(differs.body.contains("count again, or say why"), "{}", differs.body);
    done(&mut billing, "/billing/close", &[("on", "2026-03-20"), ("card", "45.00")]).await;
    done(&mut billing, "/billing/exports", &[]).await;
    looks("billing_at_the_end_of_the_day", &billing.get("/billing").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn release_proposes_a_waiver_on_the_charge_s_page_and_does_nothing_else_there() {
    let desk = DeskAtWork::begin().await;
    let (delivery, _) = desk.queued().await;
    let path = format!("/billing/charges/{}", desk.due(&delivery).await);
    let mut release = desk.signed_in("release").await;
    let page = release.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Propose a waiver"), "{}", page.body);
    for theirs in ["Void it", "Collect $45.00", "href=\"/billing\""] {
        assert!(!page.body.contains(theirs), "{theirs}");
    }
    done(&mut release, &format!("{path}/propose-waiver"), &[("reason", "Hardship")]).await;
    assert!(release.get(&path).await.body.contains("Another person has to approve it."));
    let own = release.post(&format!("{path}/approve-waiver"), &[]).await;
    assert_eq!(own.status, 403);
    let mut billing = desk.signed_in("billing").await;
    billing.get(&path).await;
    done(&mut billing, &format!("{path}/approve-waiver"), &[]).await;
    assert!(
        billing.get(&path).await.body.contains("Void it"),
        "what is let off and not sent can be made void"
    );
    done(&mut billing, &format!("{path}/void"), &[("reason", "Collected at the counter")]).await;
    assert!(billing.get("/billing").await.body.contains("Every account that should come back to zero"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_disc_is_mailed_before_its_code_has_a_route() {
    let desk = DeskAtWork::begin().await;
    let (delivery, _) = desk.queued().await;
    let parcel = desk.to_mail(&delivery).await;
    let mut burn = desk.signed_in("burn").await;
    looks("parcels", &burn.get("/staff/parcels").await);
    let early = burn.post(&format!("/staff/parcels/{parcel}/mail"), &[]).await;
    assert_eq!(early.status, 422);
    assert!(
        early.body.contains("Confirm first how the opening code reaches the recipient"),
        "{}",
        early.body
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parcel_that_waits_for_its_payment_is_found_as_one_that_does() {
    let desk = DeskAtWork::begin().await;
    let (delivery, _) = desk.queued().await;
    desk.to_pay(&delivery).await;
    let request = requests::get(&desk.db, &delivery.request).await.unwrap().unwrap();
    let reference = request.reference.to_string();
    let mut burn = desk.signed_in("burn").await;
    burn.get("/staff/parcels").await;
    let found = burn.post("/staff/parcels", &[("find", &reference)]).await;
    for said in ["To be paid", "Its fee is to be paid first."] {
        assert!(found.body.contains(said), "{said}: {}", found.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discs_change_hands_against_a_receipt_with_the_number_that_is_asked_for() {
    let desk = DeskAtWork::begin().await;
    let (delivery, set) = desk.queued().await;
    let parcel = desk.to_send(&delivery, shipment::By::Desk).await;
    let mut burn = desk.signed_in("burn").await;
    let parcels = burn.get("/staff/parcels").await;
    let path = format!("/staff/parcels/{parcel}/receipt");
    assert!(parcels.body.contains(&path), "{}", parcels.body);
    let receipt = burn.get(&path).await;
    let number = format!("{}", set.paper_code());
    assert!(receipt.body.contains(&number) && !receipt.body.contains("Jane"), "{}", receipt.body);
    looks("receipt", &receipt);
    assert_eq!(desk.signed_in("billing").await.get(&path).await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_with_a_parcel_goes_by_the_desk_s_one_policy() {
    let desk = DeskAtWork::begin().await;
    let (delivery, set) = desk.queued().await;
    let parcel = desk.to_mail(&delivery).await;
    let request = requests::get(&desk.db, &delivery.request).await.unwrap().unwrap();
    let at = |deed: &str| format!("/staff/parcels/{parcel}/{deed}");
    let (mut burn, mut release) = (desk.signed_in("burn").await, desk.signed_in("release").await);
    burn.get("/staff/parcels").await;
    release.get("/staff/parcels").await;
    let unsaid = burn.post(&at("found-label"), &[("tracking_number", "1"), ("ship_on", "")]).await;
    assert!(unsaid.status == 422 && unsaid.body.contains("Fill in every field."), "{}", unsaid.body);
    assert_eq!(burn.post(&at("cancel"), &[("reason", "moved away")]).await.status, 403, "not theirs to do");
    assert_eq!(release.post(&at("take-apart"), &[]).await.status, 403);
    in_tx!(desk.db, |tx| discs::change_set(tx, &set, &SetState::Packed)).unwrap();
    in_tx!(desk.db, |tx| deliveries::confirm_code_route(tx, &delivery.id, 5)).unwrap();
    done(&mut release, &at("cancel"), &[("reason", "moved away")]).await;
    let page = burn.get("/staff/parcels").await;
    assert!(page.body.contains(&at("take-apart")) && !page.body.contains(&at("mail")), "{}", page.body);
    let late = burn.post(&at("mail"), &[]).await;
    assert!(
        late.status == 422 && late.body.contains("Its delivery is over: do not send it"),
        "{}",
        late.body
    );
    done(&mut burn, &at("take-apart"), &[]).await;
    let page = burn.post("/staff/parcels", &[("find", &request.reference.to_string())]).await;
    assert!(page.body.contains("Of the request you asked for") && !page.body.contains("There is none."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_access_code_is_shown_once_on_a_slip_and_a_link_is_taken_back() {
    let desk = DeskAtWork::begin().await;
    let grant = new_grant(&desk.db, super::NOW_MS + 30 * 86_400_000).await;
    let chance = SeededChance::new(3);
    let keys = MasterKeys::new(MasterKey::fresh(&chance), Vec::new());
    let means = Means { keys: &keys, chance: &chance, now_ms: super::NOW_MS };
    let id = in_tx!(desk.db, |tx| link::prepare(tx, &means, &grant)).unwrap();
    let who = Who::Program("test");
    in_tx!(desk.db, |tx| link::activate(tx, &means, &who, &id)).unwrap();
    let request = requests::get(&desk.db, &grant.request).await.unwrap().unwrap();
    let path = format!("/staff/requests/{}", request.reference);
    let mut release = desk.signed_in("release").await;
    assert!(release.get(&path).await.body.contains("no access code yet"));
    let slip = release.post(&format!("{path}/links/{id}/code"), &[]).await;
    assert_eq!(slip.status, 200);
    assert!(slip.body.contains("Su código de acceso") && slip.body.contains("http://images.example.org/r"));
    let code = slip.body.split("class=\"big-code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let page = release.get(&path).await;
    assert!(!page.body.contains(&code) && !page.body.contains("no access code yet"));
    done(&mut release, &format!("{path}/links/{id}/revoke"), &[]).await;
    assert!(release.get(&path).await.body.contains("Taken back"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_signed_in_before_signs_in_again_in_the_same_browser() {
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    for path in ["/staff/sign-in", "/staff/sign-in?back=/billing"] {
        release.get(path).await;
        let signed_in = [("login", "release"), ("password", super::PASSWORD)];
        done(&mut release, "/staff/sign-in", &signed_in).await;
    }
}
