//! A parcel by FedEx: the fee, the promise that counts from a complete order, and what is owed back.

use super::{AdvanceRequest, NotAdvanced, Step, acting};
use crate::delivery::prospect::Prospect;
use crate::delivery::shipment::{self, By};
use crate::desk::request::{DeliveryStep, cancel_delivery};
use crate::model::charge::{ChargeState, Fee, ProposalKind};
use crate::model::shipment::CarrierState;
use crate::model::{Charge, Delivery, DeliveryState, Progress, ReleaseRequest, Shipment, Site};
use crate::money::fee::{self, Quoted};
use crate::store::{charges, deliveries, shipments};
use std::collections::HashMap;

/// What the carrier says of deliveries whose fee is about to be due, or whose order is about to be complete.
pub(super) type Prospects = HashMap<String, Prospect>;

/// Asks the carrier about every delivery that is to be promised and is not yet, or goes again. Where it does not answer, or
/// does not go before anything was paid, the others are moved on all the same; what it said is for the job to be run
/// again, or for a person.
pub(super) async fn ask_carrier(
    all: &AdvanceRequest,
    site: &Site,
    request: &ReleaseRequest,
) -> Result<(Prospects, Option<NotAdvanced>), NotAdvanced> {
    let (mut prospects, mut in_the_way) = (Prospects::new(), None);
    if request.state.approval().is_none() {
        return Ok((prospects, in_the_way));
    }
    for delivery in deliveries::of_request(&all.db, &request.id).await? {
        let Some(to) = delivery.destination.by_carrier(&delivery.recipient) else { continue };
        let charge = charges::of_delivery(&all.db, &delivery.id).await?;
        let is_unpaid = charge.as_ref().is_none_or(|charge| charge.state == ChargeState::Quoted);
        let waits = match delivery.state {
            DeliveryState::Chosen | DeliveryState::Quoted => {
                is_unpaid || charge.is_some_and(|charge| charge.state.is_settled())
            }
            DeliveryState::UnderWay => {
                let latest = shipments::of_delivery(&all.db, &delivery.id).await?.pop();
                latest.is_some_and(|parcel| goes_again(&parcel))
            }
            _ => false,
        };
        if !waits {
            continue;
        }
        match all.parcels.prospect(site, &to).await {
            Err(silent) => in_the_way = Some(silent.into()),
            Ok(prospect) => {
                if let Prospect::GoesNot { problem } = &prospect
                    && is_unpaid
                {
                    in_the_way.get_or_insert(NotAdvanced::GoesNot(problem.clone()));
                }
                prospects.insert(delivery.id, prospect);
            }
        }
    }
    Ok((prospects, in_the_way))
}

/// Whether a parcel is made again: the first was made before its delivery began.
pub(super) fn goes_again(parcel: &Shipment) -> bool {
    matches!(parcel.progress, Progress::Carrier(_, CarrierState::Requested))
}

impl Step<'_> {
    /// Tells the fee, when the way is chosen.
    pub(super) async fn quote(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        if delivery.state != DeliveryState::Chosen {
            return Ok(());
        }
        let clerk = self.clerk();
        let reference = self.request.reference.to_string();
        let quoted = Quoted { request: &delivery.request, reference: &reference, delivery: &delivery.id };
        fee::quote(&mut self.tx, &clerk, quoted, &self.all.fee).await?;
        self.move_delivery(delivery, DeliveryStep::Quote).await.map(drop)
    }

    /// A delivery whose fee was made void is not wanted any more; nor is one that never began and whose fee was
    /// given back. What has left meanwhile cannot be called back, and arrives.
    pub(super) async fn end_with_fee(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        let Some(charge) = charges::of_delivery(&mut self.tx, &delivery.id).await? else { return Ok(()) };
        let began = matches!(delivery.state, DeliveryState::Ready | DeliveryState::UnderWay);
        let why = match &charge.state {
            ChargeState::Void { reason } => reason.as_str(),
            ChargeState::Refunding { refund, .. } | ChargeState::Refunded { refund, .. } if !began => {
                refund.reason()
            }
            ChargeState::WrittenOff { .. } if !began => "the card holder took the payment back",
            _ => return Ok(()),
        };
        if self.latest_shipment(delivery).await?.is_some_and(|parcel| parcel.progress.is_gone()) {
            return Ok(());
        }
        let acting = acting(self.who, self.site, self.now_ms, &*self.all.chance);
        cancel_delivery(&mut self.tx, &acting, &delivery.id, why).await?;
        Ok(())
    }

    /// The order can be filled and the carrier goes there, so the fee is due; says whether it is settled and the
    /// order complete. Money that was taken for where the carrier does not go any more is proposed to be given back.
    pub(super) async fn complete_order(
        &mut self,
        delivery: &Delivery,
        prospects: &Prospects,
    ) -> Result<bool, NotAdvanced> {
        let Some(to) = delivery.destination.by_carrier(&delivery.recipient) else { return Ok(false) };
        let Some(charge) = charges::of_delivery(&mut self.tx, &delivery.id).await? else { return Ok(false) };
        // Where there is no answer, it changed since the carrier was asked, and whoever changed it put this job again.
        let Some(prospect) = prospects.get(&delivery.id) else { return Ok(false) };
        let (clerk, now) = (self.clerk(), self.now());
        match (&charge.state, prospect) {
            (ChargeState::Quoted, Prospect::Goes { .. }) => {
                let shipment = self.shipment(delivery, By::Carrier(to)).await?;
                fee::open(&mut self.tx, &clerk, &charge.id).await?;
                shipment::await_payment(&mut self.tx, now, &shipment.id).await?;
                Ok(false)
            }
            (state, Prospect::Goes { promise, .. }) if state.is_settled() => {
                let shipment = self.shipment(delivery, By::Carrier(to)).await?;
                shipment::ready(&mut self.tx, now, self.site, &shipment.id, promise.clone()).await?;
                Ok(true)
            }
            (ChargeState::Paid { .. }, Prospect::GoesNot { problem }) => {
                self.propose_refund(&charge, &format!("the carrier does not go there: {problem}")).await?;
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// A parcel goes again, with a promise of its own; its fee is settled. Where the carrier does not go any more,
    /// another way has to be chosen.
    pub(super) async fn go_again(
        &mut self,
        parcel: &Shipment,
        prospects: &Prospects,
    ) -> Result<(), NotAdvanced> {
        let now = self.now();
        match prospects.get(&parcel.delivery) {
            None => {}
            Some(Prospect::Goes { promise, .. }) => {
                shipment::ready(&mut self.tx, now, self.site, &parcel.id, promise.clone()).await?;
            }
            Some(Prospect::GoesNot { problem }) => {
                let acting = acting(self.who, self.site, self.now_ms, &*self.all.chance);
                let why = format!("the carrier does not go there: {problem}");
                cancel_delivery(&mut self.tx, &acting, &parcel.delivery, &why).await?;
            }
        }
        Ok(())
    }

    /// Proposes to give a fee back, unless something is proposed already.
    pub(super) async fn propose_refund(&mut self, charge: &Charge, why: &str) -> Result<(), NotAdvanced> {
        if charges::proposed(&mut self.tx, &charge.id).await?.is_none() {
            let clerk = self.clerk();
            fee::propose(&mut self.tx, &clerk, &charge.id, ProposalKind::Refund, why).await?;
        }
        Ok(())
    }

    /// What the fee has to do with a parcel on its way: earned once it left, owed back if it came too late.
    pub(super) async fn account(&mut self, shipment: &Shipment) -> Result<(), NotAdvanced> {
        let Progress::Carrier(_, state) = &shipment.progress else { return Ok(()) };
        let Some(charge) = charges::of_delivery(&mut self.tx, &shipment.delivery).await? else {
            return Ok(());
        };
        let clerk = self.clerk();
        let deferred = matches!(
            charge.state,
            ChargeState::Paid { fee: Fee::Deferred, .. }
                | ChargeState::Waived { fee: Fee::Deferred, .. }
                | ChargeState::Disputed { fee: Fee::Deferred, .. }
                | ChargeState::WrittenOff { fee: Fee::Deferred, .. }
        );
        if deferred && state.sent().is_some() {
            fee::recognise(&mut self.tx, &clerk, &charge.id).await?;
        }
        let owed = shipment.promise_outcome.is_some_and(|outcome| outcome.is_owed_back());
        if owed && matches!(charge.state, ChargeState::Paid { .. }) {
            self.propose_refund(&charge, "the promised day was missed").await?;
        }
        Ok(())
    }

    /// A delivery's shipment that is under way, or the one made now.
    pub(super) async fn shipment(&mut self, delivery: &Delivery, by: By) -> Result<Shipment, NotAdvanced> {
        let (now, reference) = (self.now(), self.request.reference.to_string());
        let wanted = shipment::Wanted {
            request: &delivery.request,
            reference: &reference,
            delivery: &delivery.id,
            site: &self.site.id,
        };
        Ok(shipment::create(&mut self.tx, now, wanted, by).await?)
    }

    /// Has a label bought once the discs are in their envelope.
    pub(super) async fn label(&mut self, shipment: &Shipment) -> Result<(), NotAdvanced> {
        let now = self.now();
        match &shipment.progress {
            Progress::Carrier(_, CarrierState::ReadyToShip { .. }) => {
                Ok(shipment::request_label(&mut self.tx, now, &shipment.id).await?)
            }
            _ => Ok(()),
        }
    }

    /// The shipment that counts: the latest.
    pub(super) async fn latest_shipment(
        &mut self,
        delivery: &Delivery,
    ) -> Result<Option<Shipment>, NotAdvanced> {
        Ok(shipments::of_delivery(&mut self.tx, &delivery.id).await?.pop())
    }
}
