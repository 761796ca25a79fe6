//! Discs by any way: sealed, burned and packed, then on their way.

use super::by_fedex::{Prospects, goes_again};
use super::{NotAdvanced, Step};
use crate::delivery::shipment::By;
use crate::jobs::put;
use crate::model::disc::SetState;
use crate::model::job::prepare_discs;
use crate::model::{Delivery, Destination, Recipient};
use crate::store::discs;

impl Step<'_> {
    /// Has the discs made, and the shipment they go with.
    pub(super) async fn order_discs(&mut self, delivery: &Delivery) -> Result<(), NotAdvanced> {
        match &delivery.destination {
            Destination::Mail { address, .. } => {
                let (name, address) = (delivery.recipient.clone(), address.clone());
                self.shipment(delivery, By::Mail(Recipient { name, address, phone: None })).await?;
            }
            Destination::Desk { .. } => {
                self.shipment(delivery, By::Desk).await?;
            }
            // A parcel's was made when its fee became due; a link has none.
            Destination::FedEx { .. } | Destination::Link { .. } => {}
        }
        Ok(put(&mut self.tx, &[prepare_discs(&delivery.id)], &*self.all.chance).await?)
    }

    /// Moves discs and their shipment on; says whether they arrived.
    pub(super) async fn move_discs(
        &mut self,
        delivery: &Delivery,
        prospects: &Prospects,
    ) -> Result<bool, NotAdvanced> {
        let Some(shipment) = self.latest_shipment(delivery).await? else { return Ok(false) };
        if goes_again(&shipment) {
            self.go_again(&shipment, prospects).await?;
            return Ok(false);
        }
        let set = discs::set_of_delivery(&mut self.tx, &delivery.id).await?;
        if set.is_some_and(|set| set.state == SetState::Packed) {
            self.label(&shipment).await?;
        }
        self.account(&shipment).await?;
        Ok(shipment.progress.has_arrived())
    }
}
