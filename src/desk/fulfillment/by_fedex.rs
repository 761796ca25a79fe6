//! A parcel by FedEx: the fee, the promise that counts from a complete order, and what is owed back.

use super::{AdvanceRequest, NotAdvanced, Step};
use crate::delivery::shipment::{self, By};
use crate::desk::request::DeliveryStep;
use crate::model::charge::{ChargeState, Fee};
use crate::model::shipment::CarrierState;
use crate::model::{
    Delivery, DeliveryState, Destination, Progress, Promise, Recipient, ReleaseRequest, Shipment, Site,
};
use crate::money::fee::{self, Quoted};
use crate::store::{charges, deliveries, shipments};
use std::collections::HashMap;

/// What the carrier says is possible for deliveries whose order is about to be complete; nothing where it does
/// not go.
pub(super) type Promises = HashMap<String, Option<Promise>>;

/// Asks the carrier about every delivery that is paid or let off and not promised yet.
pub(super) async fn ask_promises(
    all: &AdvanceRequest,
    site: &Site,
    request: &ReleaseRequest,
) -> Result<Promises, NotAdvanced> {
    let mut promises = Promises::new();
    for delivery in deliveries::of_request(&all.db, &request.id).await? {
        let Some(to) = recipient(&delivery).filter(|_| delivery.state == DeliveryState::Quoted) else {
            continue;
        };
        let charge = charges::of_delivery(&all.db, &delivery.id).await?;
        if charge.is_some_and(|charge| is_settled(&charge.state)) {
            promises.insert(delivery.id, all.parcels.promise(site, &to).await?);
        }
    }
    Ok(promises)
}

fn recipient(delivery: &Delivery) -> Option<Recipient> {
    let Destination::FedEx { address, phone, .. } = &delivery.destination else { return None };
    let (name, address, phone) = (delivery.recipient.clone(), address.clone(), Some(phone.clone()));
    Some(Recipient { name, address, phone })
}

fn is_settled(state: &ChargeState) -> bool {
    matches!(state, ChargeState::Paid { .. } | ChargeState::Waived { .. })
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

    /// The order can be filled, so the fee is due; says whether it is settled and the order complete.
    pub(super) async fn complete_order(
        &mut self,
        delivery: &Delivery,
        promises: &Promises,
    ) -> Result<bool, NotAdvanced> {
        let Some(to) = recipient(delivery) else { return Ok(false) };
        let shipment = self.shipment(delivery, By::Carrier(to)).await?;
        let Some(charge) = charges::of_delivery(&mut self.tx, &delivery.id).await? else { return Ok(false) };
        let (clerk, now) = (self.clerk(), self.now());
        if charge.state == ChargeState::Quoted {
            fee::open(&mut self.tx, &clerk, &charge.id).await?;
            shipment::await_payment(&mut self.tx, now, &shipment.id).await?;
            return Ok(false);
        }
        match promises.get(&delivery.id) {
            _ if !is_settled(&charge.state) => Ok(false),
            // Settled since the carrier was asked: whoever settled it put this job again.
            None => Ok(false),
            Some(None) => Err(NotAdvanced::NoService),
            Some(Some(promise)) => {
                shipment::ready(&mut self.tx, now, self.site, &shipment.id, promise.clone()).await?;
                Ok(true)
            }
        }
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
            ChargeState::Paid { fee: Fee::Deferred, .. } | ChargeState::Waived { fee: Fee::Deferred, .. }
        );
        if deferred && state.sent().is_some() {
            fee::recognise(&mut self.tx, &clerk, &charge.id).await?;
        }
        let owed = shipment.promise_outcome.is_some_and(|outcome| outcome.is_owed_back());
        let proposed = charges::proposed(&mut self.tx, &charge.id).await?.is_some();
        if owed && matches!(charge.state, ChargeState::Paid { .. }) && !proposed {
            fee::propose_refund(&mut self.tx, &clerk, &charge.id, "the promised day was missed").await?;
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
