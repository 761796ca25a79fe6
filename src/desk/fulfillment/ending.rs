//! What hangs on a delivery that was switched or cancelled comes to an end with it.

use super::{NotAdvanced, Step};
use crate::delivery::disc::{self, By};
use crate::delivery::shipment;
use crate::desk::link;
use crate::model::charge::ChargeState;
use crate::model::disc::SetState;
use crate::model::link::LinkState;
use crate::model::{Delivery, Progress, shipment::CarrierState};
use crate::money::fee;
use crate::store::{charges, discs};

const WHY: &str = "the delivery was switched or cancelled";

impl Step<'_> {
    pub(super) async fn wind_up(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        self.revoke_link(delivery).await?;
        self.withdraw_discs(delivery).await?;
        self.cancel_shipment(delivery).await?;
        self.give_back_fee(delivery).await
    }

    pub(super) async fn revoke_link(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        let (means, grant) = (self.means(), self.grant_of(delivery).await?);
        match grant.filter(|grant| !matches!(grant.state, LinkState::Revoked { .. })) {
            Some(grant) => Ok(link::revoke(&mut self.tx, &means, self.who, &grant.id).await?),
            None => Ok(()),
        }
    }

    async fn withdraw_discs(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        let set = discs::set_of_delivery(&mut self.tx, &delivery.id).await?;
        if set.is_none_or(|set| set.state != SetState::Open) {
            return Ok(());
        }
        let by = By { actor: self.actor, chance: &*self.all.chance };
        Ok(disc::withdraw(&mut self.tx, &delivery.id, WHY, by).await?)
    }

    /// What has a label or is packed stays until a person has given the label back and taken it apart; what left
    /// is not called back.
    async fn cancel_shipment(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        let Some(shipment) = self.latest_shipment(delivery).await? else { return Ok(()) };
        let has_label = matches!(
            shipment.progress,
            Progress::Carrier(_, CarrierState::LabelUnknown { .. } | CarrierState::Labelled { .. })
        );
        let set = discs::set_of_delivery(&mut self.tx, &delivery.id).await?;
        let is_packed = set.is_some_and(|set| set.state == SetState::Packed);
        if has_label || is_packed || shipment.progress.has_left() || shipment.progress.is_over() {
            return Ok(());
        }
        let now = self.now();
        shipment::cancel(&mut self.tx, now, &shipment.id, WHY).await?;
        Ok(())
    }

    /// What is not due any more is void, and so is what was let off; what was paid is proposed to be given back, also
    /// where the parcel left and came back.
    async fn give_back_fee(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        let Some(charge) = charges::of_delivery(&mut self.tx, &delivery.id).await? else { return Ok(()) };
        if charge.state.is_voidable() {
            let clerk = self.clerk();
            fee::void(&mut self.tx, &clerk, &charge.id, WHY).await?;
        } else if let ChargeState::Paid { .. } = charge.state {
            self.propose_refund(&charge, WHY).await?;
        }
        Ok(())
    }
}
