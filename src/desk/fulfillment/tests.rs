//! A delivery by FedEx and its fee, on both engines, with the sandbox as the carrier.

mod to_the_end;

use super::*;
use crate::clock::ManualClock;
use crate::delivery::tests::in_sandbox;
use crate::desk::request::cancel_delivery;
use crate::desk::request::tests::{approved, clerk};
use crate::model::charge::ProposalKind;
use crate::model::charge::{CostLine, Proposal};
use crate::model::delivery::{CodeForm, DiscForm, PostalAddress};
use crate::model::job::{Ending, advance_request};
use crate::model::site::tests::phoenix;
use crate::model::{Account, Cents, Charge, Destination, PaidBy};
use crate::money::fee;
use crate::store::contract::{desk, in_tx, links, on_both_engines};
use crate::store::jobs::{Wanted, claim};
use crate::store::{charges, jobs, ledger};
use imaging::chance::OsChance;
use imaging::seal::MasterKey;

/// Friday, March 20, 2026, 10 o'clock in Phoenix.
const NOW_MS: i64 = 1_774_026_000_000;

/// An approved request whose images are on hand, with a delivery by FedEx.
struct Desk {
    jobs: AdvanceRequest,
    delivery: Delivery,
}

impl Desk {
    async fn with(db: &Db, street: &str) -> Self {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let fee = Cents::new(4_500).unwrap();
        let jobs = AdvanceRequest {
            db: db.clone(),
            keys: Arc::new(MasterKeys::new(MasterKey::fresh(&OsChance), Vec::new())),
            clock: clock.clone(),
            chance: Arc::new(OsChance),
            parcels: in_sandbox(db, clock),
            fee: FeeSchedule::new(fee, vec![CostLine { label: "FedEx".into(), cents: fee }]).unwrap(),
            url: PublicUrl::try_from("http://images.example.org".to_owned()).unwrap(),
            link_days: 30,
        };
        let request = approved(db, &clerk(db).await).await;
        let package = links::new_package(db, &request, "c1").await;
        in_tx!(db, |tx| packages::keep(tx, &package, 10)).unwrap();
        let address = PostalAddress {
            lines: vec![street.into()],
            city: "Phoenix".into(),
            state: "AZ".into(),
            zip: "85004".into(),
        };
        let disc = DiscForm::Sealed { code: CodeForm::Words };
        let to = Destination::FedEx { address, phone: "602 555 0142".into(), disc };
        let delivery = desk::delivery(&request, to);
        in_tx!(db, |tx| deliveries::add(tx, &delivery)).unwrap();
        let desk = Self { jobs, delivery };
        desk.stopped_by().await;
        desk
    }

    fn db(&self) -> &Db {
        &self.jobs.db
    }

    /// Does every job that moves the request on.
    async fn advance(&self) {
        assert_eq!(self.stopped_by().await, None);
    }

    /// The same; what stopped one of them, for a person.
    async fn stopped_by(&self) -> Option<String> {
        let job = advance_request(&self.delivery.request);
        in_tx!(self.db(), |tx| jobs::put(tx, std::slice::from_ref(&job), &OsChance)).unwrap();
        let kinds = [(self.jobs.kind(), self.jobs.effect())];
        let wanted = Wanted { kinds: &kinds, nodes: &[], worker: "w1", lease_ms: 50_000 };
        let mut stopped_by = None;
        while let Some(job) = claim(self.db(), &wanted).await.unwrap() {
            match self.jobs.run(&job).await {
                Ok(()) => {}
                Err(JobError::Fail { reason }) => {
                    in_tx!(self.db(), |tx| jobs::end(tx, &job, &Ending::Park { reason: reason.clone() }))
                        .unwrap();
                    stopped_by = Some(reason);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        stopped_by
    }

    async fn charge(&self) -> Charge {
        charges::of_delivery(self.db(), &self.delivery.id).await.unwrap().unwrap()
    }

    async fn proposal(&self) -> Option<Proposal> {
        charges::proposed(self.db(), &self.charge().await.id).await.unwrap()
    }

    async fn state(&self) -> &'static str {
        deliveries::get(self.db(), &self.delivery.id).await.unwrap().unwrap().state.as_str()
    }

    /// What waits in the books for a parcel to leave.
    async fn deferred(&self) -> i64 {
        let balances = ledger::balances(self.db(), None).await.unwrap();
        balances.get(&Account::DeferredFees).copied().unwrap_or_default()
    }

    async fn cancel(&self) {
        let who = Who::Program("test");
        let acting = acting(&who, &SITE, NOW_MS, &OsChance);
        in_tx!(self.db(), |tx| cancel_delivery(tx, &acting, &self.delivery.id, "another address")).unwrap();
        self.advance().await;
    }
}

static SITE: std::sync::LazyLock<Site> = std::sync::LazyLock::new(phoenix);

/// A clerk of the billing office.
fn at_the_books(name: &str) -> Clerk<'static> {
    let actor = Box::leak(Box::new(Actor::User { id: name.into() }));
    Clerk { site: &SITE, actor, now_ms: NOW_MS, chance: &OsChance }
}

on_both_engines! {
    async fn no_fee_is_due_for_where_the_carrier_does_not_go_and_one_taken_is_proposed_to_be_given_back(db) {
        let desk = Desk::with(&db, "P.O. Box 7").await;
        let why = "the carrier does not go there: parcels do not go to post office boxes: send it by mail";
        assert_eq!(desk.stopped_by().await.as_deref(), Some(why), "somebody has to choose another way");
        let charge = desk.charge().await;
        assert_eq!((charge.state.as_str(), desk.state().await), ("quoted", "quoted"));
        let clerk = at_the_books("one");
        in_tx!(db, |tx| fee::open(tx, &clerk, &charge.id)).unwrap();
        in_tx!(db, |tx| fee::collect(tx, &clerk, &charge.id, PaidBy::Cash, "R-1")).unwrap();
        desk.advance().await;
        let proposal = desk.proposal().await.unwrap();
        assert_eq!(proposal.kind, ProposalKind::Refund);
        assert!(proposal.reason.contains("parcels do not go to post office boxes"), "{}", proposal.reason);
        assert_eq!(desk.state().await, "quoted", "no disc is burned for it");
        in_tx!(db, |tx| fee::approve(tx, &clerk, &charge.id, ProposalKind::Refund)).unwrap();
        desk.advance().await;
        assert_eq!(desk.state().await, "cancelled", "another way has to be chosen");
    }

    async fn a_fee_let_off_is_void_once_its_delivery_is_cancelled(db) {
        let desk = Desk::with(&db, "742 Evergreen Terrace").await;
        let charge = desk.charge().await;
        assert_eq!(charge.state.as_str(), "open");
        let (one, other) = (at_the_books("one"), at_the_books("other"));
        in_tx!(db, |tx| fee::propose(tx, &one, &charge.id, ProposalKind::Waiver, "hardship")).unwrap();
        in_tx!(db, |tx| fee::approve(tx, &other, &charge.id, ProposalKind::Waiver)).unwrap();
        assert_eq!(desk.deferred().await, -4_500);
        desk.cancel().await;
        assert_eq!((desk.charge().await.state.as_str(), desk.deferred().await), ("void", 0));
    }

    async fn a_delivery_ends_with_its_fee(db) {
        let desk = Desk::with(&db, "742 Evergreen Terrace").await;
        let charge = desk.charge().await;
        in_tx!(db, |tx| fee::void(tx, &at_the_books("one"), &charge.id, "not wanted")).unwrap();
        desk.advance().await;
        assert_eq!(desk.state().await, "cancelled");
    }
}
