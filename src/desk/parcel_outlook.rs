//! What a delivery by FedEx costs and when it comes, as pages tell it: before anybody pays, and after.

use crate::delivery::label::Parcels;
use crate::delivery::prospect::Prospect;
use crate::model::{Charge, Delivery, DeliveryState, Progress, Promise, Site};
use crate::store::db::Db;
use crate::store::{StoreError, charges, shipments};

/// What a delivery by FedEx costs and when it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelOutlook {
    /// The fee, once it was told.
    pub charge: Option<Charge>,
    /// When.
    pub comes: Comes,
}

/// When a parcel comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comes {
    /// The order is complete.
    Promised(Promise),
    /// It is not; this is promised if it is complete at this moment.
    IfCompleteNow(Promise),
    /// The carrier does not go there, for this reason.
    Never(String),
    /// The carrier does not answer now.
    Unknown,
    /// Nothing is expected any more: it came, came back, or its delivery has ended.
    Ended,
}

/// The outlook of a delivery; nothing if no carrier takes it.
///
/// # Errors
/// If the database fails.
pub async fn outlook(
    db: &Db,
    parcels: &Parcels,
    site: &Site,
    delivery: &Delivery,
) -> Result<Option<ParcelOutlook>, StoreError> {
    let Some(to) = delivery.destination.by_carrier(&delivery.recipient) else { return Ok(None) };
    let charge = charges::of_delivery(db, &delivery.id).await?;
    let shipment = shipments::of_delivery(db, &delivery.id).await?.pop();
    let expected = shipment.filter(|shipment| !shipment.progress.is_over() && !delivery.state.is_closed());
    let promised = expected.and_then(|shipment| match shipment.progress {
        Progress::Carrier(_, state) => state.promise().cloned(),
        Progress::Mail(..) | Progress::Desk(_) => None,
    });
    let waits = matches!(delivery.state, DeliveryState::Chosen | DeliveryState::Quoted);
    let comes = match promised {
        Some(promise) => Comes::Promised(promise),
        None if waits => match parcels.prospect(site, &to).await {
            Ok(Prospect::Goes { promise, .. }) => Comes::IfCompleteNow(promise),
            Ok(Prospect::GoesNot { problem }) => Comes::Never(problem),
            Err(error) => {
                tracing::warn!(%error, "the carrier was asked when a parcel comes in vain");
                Comes::Unknown
            }
        },
        None => Comes::Ended,
    };
    Ok(Some(ParcelOutlook { charge, comes }))
}
