//! What the reconciler makes of mail that was refused, of deliveries that are given up, and of letters that never
//! came, on both engines.

use crate::clock::{Clock, ManualClock};
use crate::delivery::tests::in_sandbox;
use crate::desk::fulfillment::AdvanceRequest;
use crate::desk::overview::{WaitsFor, overview};
use crate::desk::request::{cancel_delivery, reopen, withdraw};
use crate::desk::shipping::{ShipmentDeed, act_on_shipment};
use crate::desk::{Acting, SignedIn, Who, link};
use crate::jobs::Handler;
use crate::means::Means;
use crate::model::charge::CostLine;
use crate::model::disc::{DiscCounts, DiscSet, SetState};
use crate::model::job::{ADVANCE_REQUEST, PREPARE_DISCS, advance_request};
use crate::model::link::LinkState;
use crate::model::site::tests::{at_phoenix, phoenix};
use crate::model::{
    Actor, Cents, Delivery, DeliveryState, Destination, Effect, FeeSchedule, LeasedJob, ReleaseRequest,
    RequestState, Role,
};
use crate::store::contract::{desk, in_tx, links::new_package, on_both_engines};
use crate::store::db::Db;
use crate::store::jobs::{Wanted, claim, finish, put};
use crate::store::{deliveries, discs, links, messages, packages, requests, shipments};
use imaging::chance::OsChance;
use imaging::seal::{MasterKey, MasterKeys};
use jiff::civil::date;
use std::sync::Arc;

/// An hour after the first step, Monday the 23rd of November 2026.
fn now_ms() -> i64 {
    at_phoenix(11, 23, 11)
}

fn everybody() -> Who {
    let user = desk::user("everybody", &[Role::Release, Role::Burn]);
    Who::Staff(SignedIn { user, by: crate::desk::Means::CommandLine })
}

fn acting(who: &Who) -> Acting<'_> {
    Acting { who, now_ms: now_ms(), today: date(2026, 11, 23), chance: &OsChance }
}

/// A request that was approved, with one delivery and a package.
struct Desk {
    all: AdvanceRequest,
    request: String,
    delivery: String,
}

impl Desk {
    async fn with(db: &Db, destination: Destination) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(at_phoenix(11, 23, 10)));
        let db = db.clone().with_clock(Arc::clone(&clock));
        let identity = serde_json::json!({"seen": {"kind": "photo_id"}, "by": "u1", "at": 1});
        let basis = serde_json::json!({"kind": "patient_access", "representation": null});
        let approval = serde_json::json!({"identity": identity, "basis": basis, "by": "u1", "at": 2});
        let state = serde_json::json!({"state": "approved", "approval": approval});
        let state: RequestState = serde_json::from_value(state).unwrap();
        let request = ReleaseRequest { state, ..desk::request(date(2026, 11, 20)) };
        desk::kept(&db, &request).await;
        let delivery = desk::delivery(&request.id, destination);
        in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
        let package = new_package(&db, &request.id, "c1").await;
        in_tx!(db, |tx| packages::keep(tx, &package, 10)).unwrap();
        let lines = vec![CostLine { label: "All of it".into(), cents: Cents::new(4_500).unwrap() }];
        let parcels = in_sandbox(&db, Arc::clone(&clock));
        let all = AdvanceRequest {
            db,
            keys: Arc::new(MasterKeys::new(MasterKey::fresh(&OsChance), Vec::new())),
            clock,
            chance: Arc::new(OsChance),
            parcels,
            fee: FeeSchedule::new(Cents::new(4_500).unwrap(), lines).unwrap(),
            url: "http://images.example.org".to_owned().try_into().unwrap(),
            link_days: 30,
        };
        let desk = Self { all, request: request.id, delivery: delivery.id };
        desk.advance().await;
        desk
    }

    /// The request is moved on once.
    async fn advance(&self) {
        in_tx!(self.all.db, |tx| put(tx, &[advance_request(&self.request)], &OsChance)).unwrap();
        self.all.run(&self.job(ADVANCE_REQUEST).await.unwrap()).await.unwrap();
    }

    /// A job of this kind that is to be done.
    async fn job(&self, kind: &'static str) -> Option<LeasedJob> {
        let kinds = [(kind, Effect::Repeatable)];
        let wanted = Wanted { kinds: &kinds, nodes: &[], worker: "w1", lease_ms: 50_000 };
        claim(&self.all.db, &wanted).await.unwrap()
    }

    async fn acts(&self, deed: ShipmentDeed) {
        let who = everybody();
        let acting = acting(&who);
        let shipment = shipments::of_delivery(&self.all.db, &self.delivery).await.unwrap().pop().unwrap().id;
        in_tx!(self.all.db, |tx| act_on_shipment(tx, &acting, &shipment, deed.clone())).unwrap();
        self.advance().await;
    }

    /// Its discs were made and packed.
    async fn packed(&self) {
        let making = self.job(PREPARE_DISCS).await.unwrap();
        in_tx!(self.all.db, |tx| finish(tx, &making)).unwrap();
        let set = DiscSet {
            id: crate::ids::new_id(now_ms(), &OsChance),
            request: self.request.clone(),
            delivery: self.delivery.clone(),
            number: 1,
            state: SetState::Packed,
            seal: "none".into(),
            discs: 1,
            counts: DiscCounts { studies: 1, series: 1, instances: 1 },
            due_at: 0,
            created_at: 0,
        };
        in_tx!(self.all.db, |tx| discs::add_set(tx, &set)).unwrap();
        in_tx!(self.all.db, |tx| deliveries::confirm_code_route(tx, &self.delivery, 1)).unwrap();
        self.advance().await;
    }

    async fn delivery(&self) -> Delivery {
        deliveries::get(&self.all.db, &self.delivery).await.unwrap().unwrap()
    }

    async fn states(&self) -> [&'static str; 3] {
        let request = requests::get(&self.all.db, &self.request).await.unwrap().unwrap();
        let shipment = shipments::of_delivery(&self.all.db, &self.delivery).await.unwrap().pop();
        let shipment = shipment.map_or("none", |shipment| shipment.progress.state());
        [request.state.as_str(), self.delivery().await.state.as_str(), shipment]
    }
}

on_both_engines! {
    async fn a_link_whose_mail_was_refused_is_not_done_and_says_what_stops_it(db) {
        let desk = Desk::with(&db, Destination::link(Some("jane@example.org".into()))).await;
        let grant = links::of_request(&db, &desk.request).await.unwrap().remove(0);
        let means = Means { keys: &desk.all.keys, chance: &OsChance, now_ms: now_ms() };
        let who = Who::Program("test");
        in_tx!(db, |tx| link::issue_code(tx, &means, &who, &grant.id, date(1970, 1, 2))).unwrap();
        in_tx!(db, |tx| deliveries::confirm_code_route(tx, &desk.delivery, 1)).unwrap();
        desk.advance().await;
        assert_eq!(desk.states().await[1], "under_way", "its mail waits");
        let mail = messages::latest_of_grant(&db, &grant.id).await.unwrap().unwrap();
        in_tx!(db, |tx| messages::refused(tx, &mail.id, "no such mailbox", 5)).unwrap();
        desk.advance().await;
        assert_eq!(desk.states().await[..2], ["fulfilling", "under_way"]);
        let waits = async || overview(&db, &desk.request, date(2026, 11, 23)).await.unwrap().waits_for;
        assert_eq!(waits().await, WaitsFor::LinkRefused);
        let site = phoenix();
        let office = crate::notify::messages::Office { site: &site, pages: "http://images.example.org" };
        let again = (office, "jane.doe@example.org");
        let means = Means { now_ms: now_ms() + 1, ..means };
        let mail = in_tx!(db, |tx| link::send(tx, &means, &who, &grant.id, again)).unwrap();
        assert_eq!(waits().await, WaitsFor::Deliveries);
        in_tx!(db, |tx| messages::sent(tx, &mail, 6)).unwrap();
        desk.advance().await;
        assert_eq!(desk.states().await[..2], ["fulfilled", "done"]);
        let staff = everybody();
        in_tx!(db, |tx| reopen(tx, &acting(&staff), &desk.request, "another study")).unwrap();
        desk.advance().await;
        let is_revoked = async || {
            let state = links::of_request(&db, &desk.request).await.unwrap().remove(0).state;
            matches!(state, LinkState::Revoked { .. })
        };
        assert!(!is_revoked().await, "nothing is decided yet");
        in_tx!(db, |tx| withdraw(tx, &acting(&staff), &desk.request, "do not release them")).unwrap();
        desk.advance().await;
        assert!(is_revoked().await);
    }

    async fn what_is_packed_for_a_cancelled_delivery_waits_for_somebody_to_take_it_apart(db) {
        let desk = Desk::with(&db, desk::by_mail()).await;
        desk.packed().await;
        desk.acts(ShipmentDeed::Cancel { reason: "moved away".into() }).await;
        assert_eq!(desk.states().await[1..], ["cancelled", "ready_to_ship"], "it is on the list");
        desk.acts(ShipmentDeed::TakeApart).await;
        assert_eq!(desk.states().await[1..], ["cancelled", "cancelled"]);
        let set = discs::set_of_delivery(&db, &desk.delivery).await.unwrap().unwrap();
        assert!(matches!(set.state, SetState::Withdrawn { .. }));
    }

    async fn a_letter_that_was_presumed_delivered_and_never_came_is_made_again(db) {
        let desk = Desk::with(&db, desk::by_mail()).await;
        desk.packed().await;
        desk.acts(ShipmentDeed::Mail).await;
        let letter = shipments::of_delivery(&db, &desk.delivery).await.unwrap().pop().unwrap();
        let (actor, on) = (Actor::program("test"), date(2026, 12, 3));
        let now = crate::delivery::shipment::Now { actor: &actor, ms: now_ms(), chance: &OsChance };
        in_tx!(db, |tx| crate::delivery::shipment::presume_delivered(tx, now, &letter.id, on)).unwrap();
        desk.advance().await;
        assert_eq!(desk.states().await, ["fulfilled", "done", "presumed_delivered"]);
        desk.acts(ShipmentDeed::NeverCame).await;
        assert_eq!(desk.states().await, ["fulfilling", "under_way", "ready_to_ship"]);
        assert_eq!(shipments::of_delivery(&db, &desk.delivery).await.unwrap().len(), 2);
        assert_eq!(desk.delivery().await.code_route_confirmed_at, None, "it opens with another code");
        assert!(desk.job(PREPARE_DISCS).await.is_some(), "its discs are made");
    }

    async fn a_letter_that_came_back_after_all_waits_for_somebody_to_decide(db) {
        let desk = Desk::with(&db, desk::by_mail()).await;
        desk.packed().await;
        desk.acts(ShipmentDeed::Mail).await;
        let staff = everybody();
        let cancelled = in_tx!(db, |tx| cancel_delivery(tx, &acting(&staff), &desk.delivery, "moved away"));
        assert_eq!(cancelled.unwrap_err().to_string(), "a delivery that is on its way cannot be cancelled");
        assert!(in_tx!(db, |tx| withdraw(tx, &acting(&staff), &desk.request, "not wanted")).is_err());
        desk.acts(ShipmentDeed::CameBack).await;
        assert_eq!(desk.states().await, ["fulfilling", "under_way", "returned"]);
        desk.acts(ShipmentDeed::MakeAgain).await;
        assert_eq!(desk.states().await, ["fulfilling", "under_way", "ready_to_ship"]);
        assert!(matches!(desk.delivery().await.state, DeliveryState::UnderWay));
    }
}
