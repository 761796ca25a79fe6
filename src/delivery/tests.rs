//! What shipments promise, on both engines, with the sandbox as the carrier.

mod by_sandbox;
mod in_the_way;

pub(crate) use by_sandbox::{in_sandbox, parcels};

use super::board;
use super::carrier::sandbox::Sandbox;
use super::carrier::{AddressVerdict, Answer, BoughtLabel, Carrier, LabelOrder, is_tracking_number};
use super::label::{self, BuyLabel, Found, GiveBackLabel, Parcels, ReconcileLabel};
use super::promise::Commit;
use super::prospect::Prospect;
use super::shipment::{self, By, Counter, Now, ShipmentError, Wanted};
use super::tracking::{JudgePromise, PresumeDelivered, TrackShipment};
use crate::clock::{Clock, ManualClock};
use crate::jobs::{Handler, JobError};
use crate::model::calendar::Calendar;
use crate::model::delivery::{CodeRoute, DiscForm, PostalAddress};
use crate::model::disc::{DiscCounts, DiscSet, SetState};
use crate::model::job::{Effect, Ending, LeasedJob};
use crate::model::shipment::{CarrierState, DeskState, Scan};
use crate::model::site::tests::{at_phoenix, phoenix};
use crate::model::{
    Delivery, DeliveryState, Destination, DisclosureState, Progress, Promise, PromiseOutcome, Recipient,
    ReleaseRequest, Service, Shipment, Site,
};
use crate::store::contract::{desk, in_tx, on_both_engines};
use crate::store::db::Db;
use crate::store::jobs::{Wanted as Jobs, claim, end, is_finished, stopped};
use crate::store::{audit, deliveries, disclosures, discs, requests, shipments};
use imaging::chance::OsChance;
use jiff::civil::{Date, date};
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;

/// A desk with the sandbox for a carrier, on Monday the 23rd of November at ten.
struct Desk {
    parcels: Parcels,
    clock: Arc<ManualClock>,
    handlers: Vec<Arc<dyn Handler>>,
}

/// What the carrier promises of a parcel to an address it goes to.
async fn promised(parcels: &Parcels, to: &Recipient) -> Promise {
    match parcels.prospect(&phoenix(), to).await.unwrap() {
        Prospect::Goes { promise, .. } => promise,
        // It went there when it was chosen.
        Prospect::GoesNot { .. } => parcels.usual(&phoenix()).unwrap(),
    }
}

impl Desk {
    async fn new(db: &Db) -> Self {
        Self::with(db, |sandbox| Arc::new(sandbox)).await
    }

    async fn with(db: &Db, carrier: impl FnOnce(Sandbox) -> Arc<dyn Carrier>) -> Self {
        if requests::get(db, "r1").await.unwrap().is_none() {
            request_with_deliveries(db).await;
        }
        let clock = Arc::new(ManualClock::new(at_phoenix(11, 23, 10)));
        let db = db.clone().with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let parcels = parcels(&db, Arc::clone(&clock) as Arc<dyn Clock>, carrier);
        let handlers: Vec<Arc<dyn Handler>> = vec![
            Arc::new(BuyLabel(parcels.clone())),
            Arc::new(ReconcileLabel(parcels.clone())),
            Arc::new(GiveBackLabel(parcels.clone())),
            Arc::new(TrackShipment(parcels.clone())),
            Arc::new(JudgePromise(parcels.clone())),
            Arc::new(PresumeDelivered(parcels.clone())),
        ];
        Self { parcels, clock, handlers }
    }

    fn now(&self) -> Now<'_> {
        Now { actor: &self.parcels.actor, ms: self.clock.now_ms(), chance: &OsChance }
    }

    fn db(&self) -> &Db {
        &self.parcels.db
    }

    async fn claim(&self) -> Option<LeasedJob> {
        let kinds: Vec<(&str, Effect)> =
            self.handlers.iter().map(|handler| (handler.kind(), handler.effect())).collect();
        claim(self.db(), &Jobs { kinds: &kinds, nodes: &[], worker: "w1", lease_ms: 50_000 }).await.unwrap()
    }

    /// Does every job that is due, as a worker does.
    async fn work(&self) {
        while let Some(job) = self.claim().await {
            let handler = self.handlers.iter().find(|handler| handler.kind() == job.kind).unwrap();
            let ending = match handler.run(&job).await {
                Ok(()) => Ending::Done,
                Err(JobError::Retry { reason, after_ms }) => {
                    Ending::Retry { delay_ms: after_ms.unwrap_or(1_000), reason }
                }
                Err(JobError::Fail { reason }) => Ending::Park { reason },
                Err(JobError::Unresolved { reason }) => Ending::Unresolved { reason },
            };
            let mut tx = self.db().begin().await.unwrap();
            if !is_finished(&mut tx, &job).await.unwrap() {
                end(&mut tx, &job, &ending).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
    }

    /// Works through time, an hour at a time.
    async fn work_for(&self, hours: i64) {
        for _ in 0..hours {
            self.clock.advance(HOUR_MS);
            self.work().await;
        }
    }

    async fn ready(&self, lines: &[&str]) -> String {
        let (now, site, to) = (self.now(), phoenix(), recipient(lines));
        let promise = promised(&self.parcels, &to).await;
        in_tx!(self.db(), |tx| async {
            let id = shipment::create(tx, now, wanted("d1"), By::Carrier(to)).await?.id;
            shipment::await_payment(tx, now, &id).await?;
            shipment::ready(tx, now, &site, &id, promise).await?;
            deliveries::confirm_code_route(tx, "d1", now.ms).await?;
            shipment::request_label(tx, now, &id).await?;
            Ok::<_, ShipmentError>(id)
        })
        .unwrap()
    }

    async fn get(&self, id: &str) -> Shipment {
        shipments::get(self.db(), id).await.unwrap().unwrap()
    }

    async fn state(&self, id: &str) -> &'static str {
        self.get(id).await.progress.state()
    }

    async fn outcome(&self, id: &str) -> Option<PromiseOutcome> {
        self.get(id).await.promise_outcome
    }

    /// A parcel to this address, tendered after so many hours and followed to its end.
    async fn sent(&self, lines: &[&str], tendered_after_hours: i64) -> String {
        let id = self.ready(lines).await;
        self.work().await;
        self.work_for(tendered_after_hours).await;
        in_tx!(self.db(), |tx| shipment::tender(tx, self.now(), &id)).unwrap();
        self.work_for(12 * 24).await;
        id
    }

    async fn live_labels(&self) -> i64 {
        let live = "SELECT COUNT(*) FROM sandbox_parcels WHERE cancelled_at IS NULL";
        self.db().fetch_one(live, []).await.unwrap().i64(0).unwrap()
    }

    async fn left_for_a_person(&self) -> Vec<String> {
        stopped(self.db(), "", 10).await.unwrap().into_iter().map(|job| job.last_error.unwrap()).collect()
    }
}

fn recipient(lines: &[&str]) -> Recipient {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    let address = PostalAddress { lines, city: "Dallas".into(), state: "TX".into(), zip: "75201".into() };
    Recipient { name: "Jane Doe".into(), address, phone: None }
}

/// One request with four deliveries; the fourth one's disc is plain.
async fn request_with_deliveries(db: &Db) {
    let reference = "FR-0000-0001".parse().unwrap();
    desk::kept(db, &ReleaseRequest { id: "r1".into(), reference, ..desk::request(date(2026, 11, 20)) }).await;
    let plain = Destination::Desk { disc: DiscForm::Plain { warning: "anyone can read it".into() } };
    for (number, destination) in
        [(1, desk::by_mail()), (2, desk::by_mail()), (3, desk::by_mail()), (4, plain), (5, desk::by_mail())]
    {
        let id = format!("d{number}");
        let mut delivery = Delivery { id: id.clone(), ..desk::delivery("r1", destination) };
        if number == 4 {
            delivery.code_route = CodeRoute::NoCode;
        }
        in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
        let set = packed(&id, number);
        in_tx!(db, |tx| discs::add_set(tx, &set)).unwrap();
    }
}

/// A set of a delivery that is in its envelope; the fifth's is not.
fn packed(delivery: &str, number: u32) -> DiscSet {
    DiscSet {
        id: format!("s{number}"),
        request: "r1".into(),
        delivery: delivery.into(),
        number,
        state: if number == 5 { SetState::Open } else { SetState::Packed },
        seal: "none".into(),
        discs: 1,
        counts: DiscCounts { studies: 1, series: 1, instances: 1 },
        due_at: 0,
        created_at: 0,
    }
}

fn wanted(delivery: &str) -> Wanted<'_> {
    Wanted { request: "r1", reference: "FR-0000-0001", delivery, site: "main" }
}

const COUNTER: Counter<'static> = Counter { to: "Jane Doe", id_seen: "passport", signature: "S-1" };

/// The sandbox behind something that goes wrong in the middle.
struct Amid {
    sandbox: Sandbox,
    mishap: Mishap,
}

enum Mishap {
    /// The process is gone after the label was made.
    Crash,
    /// The answer takes longer than any may.
    Sleep(Arc<ManualClock>),
}

impl Carrier for Amid {
    fn validate_address<'a>(&'a self, to: &'a Recipient) -> Answer<'a, AddressVerdict> {
        self.sandbox.validate_address(to)
    }

    fn commits<'a>(&'a self, from: &'a Site, to: &'a Recipient, ship_on: Date) -> Answer<'a, Vec<Commit>> {
        self.sandbox.commits(from, to, ship_on)
    }

    fn ship<'a>(&'a self, order: &'a LabelOrder<'a>) -> Answer<'a, BoughtLabel> {
        Box::pin(async move {
            if !order.customer_reference.ends_with("-1") {
                return self.sandbox.ship(order).await;
            }
            match &self.mishap {
                Mishap::Crash => {
                    self.sandbox.ship(order).await?;
                    std::future::pending().await
                }
                Mishap::Sleep(clock) => {
                    // Meanwhile the carrier is asked, knows nothing, and the attempt is taken for over.
                    clock.advance(2 * HOUR_MS);
                    let again = Desk::with(&self.sandbox.db, |sandbox| Arc::new(sandbox)).await;
                    again.clock.advance(clock.now_ms() - again.clock.now_ms());
                    again.work().await;
                    self.sandbox.ship(order).await
                }
            }
        })
    }

    fn cancel<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, bool> {
        self.sandbox.cancel(tracking_number)
    }

    fn track<'a>(&'a self, tracking_number: &'a str) -> Answer<'a, Vec<Scan>> {
        self.sandbox.track(tracking_number)
    }

    fn find_by_reference<'a>(&'a self, customer_reference: &'a str) -> Answer<'a, Option<String>> {
        self.sandbox.find_by_reference(customer_reference)
    }

    fn calendar(&self) -> &Calendar {
        self.sandbox.calendar()
    }

    fn knows_after_ms(&self) -> i64 {
        self.sandbox.knows_after_ms()
    }

    fn poll_every_ms(&self) -> i64 {
        self.sandbox.poll_every_ms()
    }
}

on_both_engines! {
    async fn a_parcel_is_labelled_tendered_followed_and_arrives_as_promised(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St"]).await;
        assert_eq!(desk.state(&id).await, "ready_to_ship");
        desk.work().await;
        let Progress::Carrier(_, CarrierState::Labelled { label, promise }) = desk.get(&id).await.progress else {
            panic!("it has a label");
        };
        assert!(is_tracking_number(&label.tracking_number));
        assert_eq!((label.service, label.arrives_on, promise.due_on), (Service::TwoDay, date(2026, 11, 25), date(2026, 11, 25)));
        let (media_type, document) = shipments::document(&db, &label.attempt).await.unwrap().unwrap();
        assert!(media_type == "application/pdf" && document.starts_with(b"%PDF-"));
        let to_tender = board::board(&db, &phoenix()).await.unwrap().to_tender;
        assert_eq!(to_tender[0].tracking_number.as_ref(), Some(&label.tracking_number));
        in_tx!(&db, |tx| shipment::tender(tx, desk.now(), &id)).unwrap();
        desk.work().await;
        assert_eq!(desk.state(&id).await, "in_transit");
        assert_eq!(board::board(&db, &phoenix()).await.unwrap().under_way.len(), 1);
        desk.work_for(60).await;
        assert_eq!(desk.state(&id).await, "delivered");
        assert_eq!(desk.outcome(&id).await, Some(PromiseOutcome::Kept));
        let story = board::story(&db, &id).await.unwrap().unwrap();
        assert_eq!((story.scans.len(), story.attempts.len(), story.line.state), (4, 1, "delivered"));
        assert!(desk.claim().await.is_none(), "nothing is asked about it any more");
        let timeline = audit::timeline(&db, "r1").await.unwrap();
        let timeline: Vec<&str> = timeline.iter().map(|event| event.action.as_str()).collect();
        for step in ["requested", "ready", "labelled", "tendered", "delivered", "promise_kept"] {
            assert!(timeline.contains(&format!("shipment.{step}").as_str()), "{step}: {timeline:?}");
        }
    }

    async fn nothing_leaves_before_a_route_for_the_opening_code_is_confirmed(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let now = desk.now();
        let parcel = in_tx!(&db, |tx| shipment::create(tx, now, wanted("d1"), By::Carrier(recipient(&["1 Main St"])))).unwrap().id;
        let letter = in_tx!(&db, |tx| shipment::create(tx, now, wanted("d2"), By::Mail(recipient(&["1 Main St"])))).unwrap().id;
        let counter = in_tx!(&db, |tx| shipment::create(tx, now, wanted("d3"), By::Desk)).unwrap().id;
        let refused = [
            in_tx!(&db, |tx| shipment::tender(tx, now, &parcel)),
            in_tx!(&db, |tx| shipment::mail(tx, now, &letter)),
            in_tx!(&db, |tx| shipment::hand_over(tx, now, &counter, COUNTER)),
        ];
        assert!(refused.into_iter().all(|refused| matches!(refused, Err(ShipmentError::CodeRouteOpen))));
        in_tx!(&db, |tx| deliveries::confirm_code_route(tx, "d2", now.ms)).unwrap();
        in_tx!(&db, |tx| shipment::mail(tx, now, &letter)).unwrap();
        let plain = in_tx!(&db, |tx| shipment::create(tx, now, wanted("d4"), By::Desk)).unwrap().id;
        in_tx!(&db, |tx| shipment::hand_over(tx, now, &plain, COUNTER)).unwrap();
    }

    async fn nothing_leaves_before_its_discs_are_packed_and_what_leaves_is_on_record(db) {
        let desk = Desk::new(&db).await;
        let (db, now) = (desk.db().clone(), desk.now());
        let mailed = |delivery: &'static str| {
            let db = db.clone();
            async move {
                in_tx!(&db, |tx| deliveries::confirm_code_route(tx, delivery, now.ms)).unwrap();
                let by = By::Mail(recipient(&["1 Main St"]));
                let letter = in_tx!(&db, |tx| shipment::create(tx, now, wanted(delivery), by)).unwrap().id;
                in_tx!(&db, |tx| shipment::mail(tx, now, &letter)).map(|_| letter)
            }
        };
        assert!(matches!(mailed("d5").await, Err(ShipmentError::NotPacked)));
        let letter = mailed("d2").await.unwrap();
        let [disclosed] = disclosures::of_request(&db, "r1").await.unwrap().try_into().unwrap();
        assert_eq!((disclosed.what.as_str(), disclosed.what_id.as_str()), ("disc_set", "s2"));
        assert_eq!((disclosed.session, disclosed.state), (letter, DisclosureState::HandedOver));
        assert!(disclosed.recipient.contains("1 Main St"), "{}", disclosed.recipient);
    }

    async fn a_label_whose_answer_was_lost_is_given_back_and_another_bought(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St", "SANDBOX NO ANSWER"]).await;
        desk.work().await;
        assert_eq!(desk.state(&id).await, "label_unknown");
        assert_eq!(desk.left_for_a_person().await, ["timed out"]);
        let refused = in_tx!(&db, |tx| shipment::request_label(tx, desk.now(), &id));
        assert!(matches!(refused, Err(ShipmentError::Refused(_))), "nobody asks again while it is unknown");
        desk.work_for(1).await;
        assert_eq!(desk.state(&id).await, "ready_to_ship");
        assert!(desk.left_for_a_person().await.is_empty());
        in_tx!(&db, |tx| shipment::request_label(tx, desk.now(), &id)).unwrap();
        desk.work().await;
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("labelled", 1));
        let attempts = shipments::attempts(&db, &id).await.unwrap();
        let went: Vec<&str> = attempts.iter().map(|attempt| attempt.state.as_str()).collect();
        assert_eq!(went, ["cancelled", "made"]);
        assert_eq!(attempts[0].customer_reference, "FR-0000-0001-1");
        assert!(attempts[0].tracking_number.is_some());
    }

    async fn a_crash_between_buying_and_writing_down_buys_nothing_twice(db) {
        let desk = Desk::with(&db, |sandbox| Arc::new(Amid { sandbox, mishap: Mishap::Crash })).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St"]).await;
        let job = desk.claim().await.unwrap();
        let crash = tokio::time::timeout(std::time::Duration::from_secs(2), desk.handlers[0].run(&job)).await;
        assert!(crash.is_err(), "it never comes back");
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("label_unknown", 1));
        desk.work_for(1).await;
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("ready_to_ship", 0));
        desk.work_for(1).await;
        assert!(desk.left_for_a_person().await.is_empty());
        in_tx!(&db, |tx| shipment::request_label(tx, desk.now(), &id)).unwrap();
        desk.work().await;
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("labelled", 1));
    }

    async fn an_answer_that_comes_when_nobody_waits_for_it_is_given_back(db) {
        let clock = Arc::new(ManualClock::new(at_phoenix(11, 23, 10)));
        let desk = Desk::with(&db, |sandbox| Arc::new(Amid { sandbox, mishap: Mishap::Sleep(clock) })).await;
        let id = desk.ready(&["1 Main St"]).await;
        let job = desk.claim().await.unwrap();
        let late = desk.handlers[0].run(&job).await;
        assert!(matches!(late, Err(JobError::Fail { .. })), "{late:?}");
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("ready_to_ship", 0));
    }

    async fn a_carrier_that_cannot_be_reached_is_asked_again_and_one_that_refuses_is_not(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St", "SANDBOX UNAVAILABLE"]).await;
        desk.work().await;
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("ready_to_ship", 0));
        desk.work_for(1).await;
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("labelled", 1));

        let to = recipient(&["P.O. Box 12"]);
        let promise = promised(&desk.parcels, &to).await;
        let other = in_tx!(&db, |tx| async {
            let id = shipment::create(tx, desk.now(), wanted("d2"), By::Carrier(to)).await?.id;
            shipment::ready(tx, desk.now(), &phoenix(), &id, promise).await?;
            shipment::request_label(tx, desk.now(), &id).await?;
            Ok::<_, ShipmentError>(id)
        }).unwrap();
        desk.work().await;
        let why = "parcels do not go to post office boxes: send it by mail";
        assert_eq!(desk.left_for_a_person().await, [why]);
        in_tx!(&db, |tx| shipment::request_label(tx, desk.now(), &other)).unwrap();
        assert!(desk.claim().await.is_none(), "a person has to look first");
        in_tx!(&db, |tx| label::ask_again(tx, desk.now(), &other, "looked at it")).unwrap();
        desk.work().await;
        assert_eq!(desk.left_for_a_person().await, [why]);
        in_tx!(&db, |tx| shipment::cancel(tx, desk.now(), &other, "by mail instead")).unwrap();
    }

    async fn a_label_wanted_three_times_is_bought_once_and_can_be_given_back(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St"]).await;
        for _ in 0..2 {
            in_tx!(&db, |tx| shipment::request_label(tx, desk.now(), &id)).unwrap();
        }
        desk.work().await;
        assert_eq!(desk.live_labels().await, 1);
        let refused = in_tx!(&db, |tx| shipment::cancel(tx, desk.now(), &id, "withdrawn"));
        assert!(matches!(refused, Err(ShipmentError::Refused(_))), "the label first");
        in_tx!(&db, |tx| label::give_back(tx, desk.now(), &id, "withdrawn")).unwrap();
        let early = in_tx!(&db, |tx| shipment::tender(tx, desk.now(), &id));
        assert!(matches!(early, Err(ShipmentError::LabelGoesBack)), "{early:?}");
        desk.work().await;
        assert_eq!((desk.state(&id).await, desk.live_labels().await), ("ready_to_ship", 0));
        in_tx!(&db, |tx| shipment::cancel(tx, desk.now(), &id, "withdrawn")).unwrap();
        desk.work_for(72).await;
        assert_eq!(desk.outcome(&id).await, None, "what is not wanted is not late");
    }

    async fn a_late_parcel_is_the_carrier_s_miss(db) {
        let desk = Desk::new(&db).await;
        let id = desk.sent(&["1 Main St", "SANDBOX LATE"], 0).await;
        assert_eq!((desk.state(&id).await, desk.outcome(&id).await), ("delivered", Some(PromiseOutcome::Carrier)));
    }

    async fn a_parcel_tendered_a_day_late_is_the_desk_s_miss(db) {
        let desk = Desk::new(&db).await;
        let id = desk.sent(&["1 Main St"], 24).await;
        assert_eq!((desk.state(&id).await, desk.outcome(&id).await), ("delivered", Some(PromiseOutcome::Desk)));
    }

    async fn a_parcel_that_never_left_is_the_desk_s_miss(db) {
        let desk = Desk::new(&db).await;
        let id = desk.ready(&["1 Main St"]).await;
        desk.work_for(61).await;
        assert_eq!(desk.outcome(&id).await, None, "the day is not over");
        desk.work_for(2).await;
        assert_eq!((desk.state(&id).await, desk.outcome(&id).await), ("labelled", Some(PromiseOutcome::Desk)));
    }

    async fn an_attempt_in_time_keeps_the_promise_though_nobody_was_home(db) {
        let desk = Desk::new(&db).await;
        let id = desk.sent(&["1 Main St", "SANDBOX NOBODY HOME"], 0).await;
        assert_eq!((desk.state(&id).await, desk.outcome(&id).await), ("delivered", Some(PromiseOutcome::Kept)));
    }

    async fn a_wrong_address_is_the_recipient_s_miss_and_the_parcel_comes_back(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.sent(&["1 Main St", "SANDBOX RETURNED"], 0).await;
        assert_eq!((desk.state(&id).await, desk.outcome(&id).await), ("returned", Some(PromiseOutcome::Recipient)));
        let again = in_tx!(&db, |tx| shipment::create(tx, desk.now(), wanted("d1"), By::Carrier(recipient(&["2 Main St"])))).unwrap();
        assert_ne!(again.id, id);
    }

    async fn a_letter_is_presumed_delivered_after_ten_days_and_may_turn_out_not_to_be(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let to = || By::Mail(recipient(&["P.O. Box 12"]));
        for delivery in ["d1", "d2"] {
            in_tx!(&db, |tx| deliveries::confirm_code_route(tx, delivery, 1)).unwrap();
        }
        let create = |delivery: &'static str| async {
            in_tx!(&db, |tx| async {
                let id = shipment::create(tx, desk.now(), wanted(delivery), to()).await?.id;
                shipment::mail(tx, desk.now(), &id).await?;
                Ok::<_, ShipmentError>(id)
            }).unwrap()
        };
        let (letter, back) = (create("d1").await, create("d2").await);
        desk.work_for(239).await;
        assert_eq!(desk.state(&letter).await, "mailed");
        in_tx!(&db, |tx| shipment::returned(tx, desk.now(), &back)).unwrap();
        desk.work_for(1).await;
        assert_eq!((desk.state(&letter).await, desk.state(&back).await), ("presumed_delivered", "returned"));
        let again = in_tx!(&db, |tx| shipment::never_came(tx, desk.now(), &letter)).unwrap();
        assert!(again.id != letter && again.delivery == "d1", "it is made again");
        let unconfirmed = in_tx!(&db, |tx| shipment::mail(tx, desk.now(), &again.id));
        assert!(matches!(unconfirmed, Err(ShipmentError::CodeRouteOpen)), "it opens with another code");
        in_tx!(&db, |tx| deliveries::confirm_code_route(tx, "d1", 2)).unwrap();
        let empty = in_tx!(&db, |tx| shipment::mail(tx, desk.now(), &again.id));
        assert!(matches!(empty, Err(ShipmentError::NotPacked)), "the disc that is lost is not in it: {empty:?}");
        assert_eq!(disclosures::of_request(&db, "r1").await.unwrap().len(), 2, "the two that left");
    }

    async fn discs_change_hands_once_and_what_was_seen_is_written_down(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = in_tx!(&db, |tx| shipment::create(tx, desk.now(), wanted("d1"), By::Desk)).unwrap().id;
        in_tx!(&db, |tx| deliveries::confirm_code_route(tx, "d1", 1)).unwrap();
        let unsaid = in_tx!(&db, |tx| shipment::hand_over(tx, desk.now(), &id, Counter { id_seen: " ", ..COUNTER }));
        assert!(matches!(unsaid, Err(ShipmentError::Unsaid(_))));
        in_tx!(&db, |tx| shipment::hand_over(tx, desk.now(), &id, COUNTER)).unwrap();
        let Progress::Desk(DeskState::HandedOver { handover }) = desk.get(&id).await.progress else { panic!("it is") };
        assert_eq!((handover.to.as_str(), handover.id_seen.as_str()), ("Jane Doe", "passport"));
        in_tx!(&db, |tx| shipment::hand_over(tx, desk.now(), &id, COUNTER)).unwrap_err();
        let mailed = in_tx!(&db, |tx| shipment::mail(tx, desk.now(), &id));
        assert!(matches!(mailed, Err(ShipmentError::OtherWay { way: "desk", event: "mailed" })));
    }

    async fn one_shipment_of_a_delivery_is_under_way_at_a_time(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let create = || async { in_tx!(&db, |tx| shipment::create(tx, desk.now(), wanted("d1"), By::Desk)).unwrap() };
        let first = create().await;
        assert_eq!(create().await.id, first.id);
        let twin = Shipment { id: "another".into(), ..first };
        in_tx!(&db, |tx| shipments::insert(tx, &twin)).unwrap_err();
    }

    async fn where_a_service_does_not_go_or_takes_longer_the_promise_says_so(db) {
        let desk = Desk::new(&db).await;
        let at = |zip: &str| {
            let mut to = recipient(&["1 Main St"]);
            to.address.zip = zip.into();
            to
        };
        let promise = promised(&desk.parcels, &at("99501")).await;
        assert_eq!(promise.due_on, date(2026, 11, 25), "priority overnight takes two days there");
        assert_eq!(promise.reasons.last().unwrap().to_string(), "FedEx Priority Overnight is there on Wed Nov 25");
        let guam = desk.parcels.prospect(&phoenix(), &at("96910")).await.unwrap();
        assert!(matches!(guam, Prospect::GoesNot { .. }), "{guam:?}");
    }
}

#[tokio::test]
async fn the_sandbox_checks_addresses() {
    crate::store::contract::on_sqlite(async |db: Db| {
        let desk = Desk::new(&db).await;
        let verdict = |lines: &'static [&'static str], zip: &'static str| {
            let mut to = recipient(lines);
            to.address.zip = zip.into();
            let carrier = Arc::clone(&desk.parcels.carrier);
            async move { carrier.validate_address(&to).await.unwrap() }
        };
        assert_eq!(verdict(&["1 Main St"], "75201-1234").await, AddressVerdict::Deliverable);
        assert!(matches!(verdict(&["Main St"], "75201").await, AddressVerdict::Doubtful { .. }));
        for (lines, zip) in [
            (&["PO Box 7"][..], "75201"),
            (&["p. o. box 7"], "75201"),
            (&["1 Main St"], "7520"),
            (&["1 Main St"], "75201-12"),
            (&["1 Main St"], "96910"),
            (&["1 Main Street, at the very end of a long road"], "75201"),
            (&[], "75201"),
            (&["1 Main St", "SANDBOX REFUSED"], "75201"),
        ] {
            assert!(matches!(verdict(lines, zip).await, AddressVerdict::Refused { .. }), "{lines:?} {zip}");
        }
    })
    .await;
}
