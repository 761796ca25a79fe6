//! Who takes requests in and sees to it that they end, and who takes the fee.

use super::People;
use crate::house::Service;
use filmroom::delivery::label::{BUY_LABEL, RECONCILE_LABEL};
use filmroom::desk::billing::{self, ChargeDeed, act_on_charge};
use filmroom::desk::overview::{Overview, WaitsFor, overview};
use filmroom::desk::request::{
    CheckedDelivery, NewDelivery, NewRequest, approve, check_delivery, check_patient, choose_delivery,
    choose_study, confirm_code_route, submit, switch_delivery, verify_identity,
};
use filmroom::desk::shipping::{ShipmentDeed, act_on_shipment};
use filmroom::desk::stopped::{self, Remedy};
use filmroom::model::delivery::{CodeForm, CodeRoute, DiscForm, PostalAddress};
use filmroom::model::request::{
    Basis, Capacity, GivenPatient, IdentitySeen, Received, ReceivedBy, Requester, Standing,
};
use filmroom::model::shipment::CarrierState;
use filmroom::model::{Delivery, Destination, Job, PaidBy, Progress, Shipment};
use filmroom::store::{jobs, shipments};
use jiff::civil::date;
use std::collections::BTreeMap;

/// Where the carrier makes trouble, and where it makes none.
const SECOND_LINES: [&str; 9] = [
    "Second floor",
    "Second floor",
    "Second floor",
    "SANDBOX NO ANSWER",
    "SANDBOX UNAVAILABLE",
    "SANDBOX REFUSED",
    "SANDBOX LATE",
    "SANDBOX NOBODY HOME",
    "SANDBOX RETURNED",
];

impl People {
    /// Whether the request is fulfilled and nothing is left for anybody to decide.
    pub fn are_done(&self) -> bool {
        let done = "SELECT COUNT(*) FROM requests WHERE state = 'fulfilled' \
                    AND NOT EXISTS (SELECT 1 FROM proposals WHERE state = 'open') \
                    AND NOT EXISTS (SELECT 1 FROM charges WHERE state = 'refunding')";
        self.look(self.house.db.fetch_one(done, [])).unwrap().i64(0).unwrap() == 1
    }

    /// The request's page.
    pub fn seen(&self) -> Option<Overview> {
        self.look(async {
            let db = &self.house.db;
            let found = db.fetch_optional("SELECT id FROM requests", []).await.unwrap()?;
            let today = self.acting(&self.one).today;
            Some(overview(db, &found.text(0).unwrap(), today).await.unwrap())
        })
    }

    pub(super) fn release(&self) {
        let Some(seen) = self.seen() else { return self.take_in() };
        let id = seen.request.id.as_str();
        match seen.waits_for {
            WaitsFor::Identity => self.tell(async |tx, acting| {
                verify_identity(tx, acting, id, IdentitySeen::PhotoId).await?;
                Ok(())
            }),
            WaitsFor::Studies => self.press(&self.one, async |tx, acting| {
                Ok(choose_study(tx, acting, id, &self.study, Standing::Released).await?)
            }),
            WaitsFor::PatientCheck => self.press(&self.one, async |tx, acting| {
                let (study, check) = (&seen.studies[0].study.id, &seen.studies[0].check);
                let reason = check.differs().then_some("seen at the counter");
                Ok(check_patient(tx, acting, id, study, &check.fingerprint(), reason).await?)
            }),
            WaitsFor::Decision if seen.deliveries().next().is_some() => {
                self.press(&self.one, async |tx, acting| {
                    approve(tx, acting, id, Basis::PatientAccess { representation: None }).await?;
                    Ok(())
                })
            }
            WaitsFor::Decision | WaitsFor::DeliveryChoice => {
                let line = SECOND_LINES[self.below(SECOND_LINES.len())];
                let Some(chosen) = self.checked(by_fedex(line)) else { return };
                self.tell(async |tx, acting| {
                    choose_delivery(tx, acting, id, chosen.clone()).await?;
                    Ok(())
                });
            }
            WaitsFor::CodeRoute if self.below(3) == 0 => {
                let mut open = seen.deliveries().filter(|delivery| !delivery.state.is_closed());
                let open = open.find(|delivery| delivery.code_route_confirmed_at.is_none()).unwrap();
                self.press(&self.one, async |tx, acting| Ok(confirm_code_route(tx, acting, &open.id).await?));
            }
            _ => self.put_right(&seen),
        }
    }

    /// What the carrier thinks of it; nothing if it refuses the address, or nobody knows.
    fn checked(&self, new: NewDelivery) -> Option<CheckedDelivery> {
        let (acting, site) = (self.acting(&self.one), &self.house.site);
        let answer = self.house.serve(async |service: &Service| {
            check_delivery(&service.parcels, &acting, site, new.clone()).await
        });
        let refused = answer.as_ref().is_some_and(Result::is_err);
        if refused {
            self.house.luck.note("address refused");
        }
        answer?.ok()
    }

    fn take_in(&self) {
        self.tell(async |tx, acting| {
            let name = "Layla Haddad".to_owned();
            let birth_date = date(1968, 4, 12);
            let new = NewRequest {
                id: None,
                site: self.house.site.id.clone(),
                received: Received { on: acting.today, by: ReceivedBy::Counter },
                requester: Requester {
                    name: name.clone(),
                    capacity: Capacity::Patient,
                    email: None,
                    phone: None,
                },
                patient: GivenPatient { name, birth_date, patient_id: None },
                wish: "everything".into(),
                language: "en".into(),
            };
            submit(tx, acting, new).await?;
            Ok(())
        });
    }

    /// Does what the carrier or a parked job left for a person.
    fn put_right(&self, seen: &Overview) {
        if self.below(2) == 0 && self.tried_again(&seen.request.id) {
            return;
        }
        let Some(delivery) = seen.deliveries().find(|delivery| !delivery.state.is_closed()) else {
            return;
        };
        let Some(shipment) = self.shipment_of(delivery) else { return };
        let Progress::Carrier(_, state) = &shipment.progress else { return };
        match state {
            CarrierState::Returned { .. } => self.send_elsewhere(delivery),
            CarrierState::ReadyToShip { .. } if self.stopped(BUY_LABEL, &shipment.id).is_some() => {
                self.put(&shipment, &ShipmentDeed::AskAgain { reason: "try again".into() });
            }
            CarrierState::LabelUnknown { attempt, .. }
                if self.stopped(RECONCILE_LABEL, attempt).is_some() =>
            {
                let (attempt, reason) = (attempt.clone(), "the carrier says so on the phone".to_owned());
                self.look(self.give_back(&attempt));
                self.put(&shipment, &ShipmentDeed::NoLabel { attempt, reason });
            }
            _ => {}
        }
    }

    /// Whether something of the request had stopped, and was tried again.
    fn tried_again(&self, request: &str) -> bool {
        let all = self.look(stopped::of_requests(&self.house.db, &[request])).unwrap();
        let stopped = all.into_iter().find(|(_, stopped)| stopped.remedy == Remedy::TryAgain);
        let Some((_, stopped)) = stopped else { return false };
        self.house.luck.note("tried again by a person");
        self.press(&self.one, async |tx, acting| {
            Ok(stopped::try_again(tx, acting, request, &stopped.id).await?)
        });
        true
    }

    fn shipment_of(&self, delivery: &Delivery) -> Option<Shipment> {
        self.look(shipments::of_delivery(&self.house.db, &delivery.id)).unwrap().pop()
    }

    fn put(&self, shipment: &Shipment, deed: &ShipmentDeed) {
        self.house.luck.note("put right by a person");
        self.press(&self.one, async |tx, acting| {
            Ok(act_on_shipment(tx, acting, &shipment.id, deed.clone()).await?)
        });
    }

    fn send_elsewhere(&self, delivery: &Delivery) {
        let Some(chosen) = self.checked(by_fedex("Second floor")) else { return };
        self.house.luck.note("sent elsewhere");
        self.tell(async |tx, acting| {
            switch_delivery(tx, acting, &delivery.id, chosen.clone()).await?;
            Ok(())
        });
    }

    /// The job about this that waits for a person.
    fn stopped(&self, kind: &str, about: &str) -> Option<Job> {
        let stopped = self.look(jobs::stopped(&self.house.db, "", 100)).unwrap();
        stopped.into_iter().find(|job| job.kind == kind && job.dedup_key.as_deref() == Some(about))
    }

    pub(super) fn settle_fees(&self) {
        let fees = self.look(billing::overview(&self.house.db, &self.acting(&self.one), &self.house.site));
        let fees = fees.unwrap();
        if let Some(due) = fees.to_collect.first() {
            let receipt = format!("R-{}", &due.id[due.id.len() - 6..]);
            self.charge(&due.id, &ChargeDeed::Collect { paid_by: PaidBy::Card, receipt });
        } else if let Some((_, charge)) = fees.to_approve.first() {
            self.house.luck.note("a refund decided");
            self.charge(&charge.id, &ChargeDeed::ApproveRefund);
        } else if let Some(owed) = fees.to_refund.first() {
            let receipt = format!("B-{}", &owed.id[owed.id.len() - 6..]);
            self.charge(&owed.id, &ChargeDeed::Refund { paid_by: PaidBy::Card, receipt });
        }
    }

    fn charge(&self, charge: &str, deed: &ChargeDeed) {
        let sites = BTreeMap::from([(self.house.site.id.clone(), self.house.site.clone())]);
        self.press(&self.another, async |tx, acting| {
            act_on_charge(tx, acting, &sites, charge, deed.clone()).await?;
            Ok(())
        });
    }

    /// On the telephone the carrier is told to forget what it may have made.
    async fn give_back(&self, attempt: &str) {
        let sql = "UPDATE sandbox_parcels SET cancelled_at = 1 WHERE collected_at IS NULL AND customer_reference = \
                   (SELECT customer_reference FROM label_attempts WHERE id = $1)";
        let mut tx = self.house.db.begin().await.unwrap();
        tx.execute(sql, [attempt.into()]).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) fn below(&self, limit: usize) -> usize {
        usize::try_from(self.house.luck.below(limit as u64)).unwrap()
    }
}

fn by_fedex(line: &str) -> NewDelivery {
    NewDelivery {
        recipient: "Layla Haddad".into(),
        destination: Destination::FedEx {
            address: PostalAddress {
                lines: vec!["742 Evergreen Terrace".into(), line.into()],
                city: "Phoenix".into(),
                state: "AZ".into(),
                zip: "85004".into(),
            },
            phone: "602-555-0142".into(),
            disc: DiscForm::Sealed { code: CodeForm::Words },
        },
        code_route: CodeRoute::InPerson,
        address_reason: None,
    }
}
