//! The steps a request and its deliveries take by themselves, when what they wait for is there. The reconciler
//! calls these.

use super::{delivery, step};
use crate::desk::{Acting, DeskError};
use crate::model::{Delivery, ReleaseRequest};
use crate::store::db::Tx;
use crate::store::deliveries;
use serde_json::json;

/// A step of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStep {
    /// The first delivery begins.
    Begin,
    /// The last delivery came to its end.
    Fulfill,
    /// One of them did not after all.
    Resume,
}

/// A step of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStep {
    /// The fee was told.
    Quote,
    /// Nothing stands in its way.
    MakeReady,
    /// It begins.
    Begin,
    /// It reached the recipient.
    Finish,
    /// It did not after all.
    Resume,
}

/// A request takes a step.
///
/// # Errors
/// [`DeskError::Refused`] if it is not there yet.
pub async fn advance(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    by: RequestStep,
) -> Result<ReleaseRequest, DeskError> {
    let action = match by {
        RequestStep::Begin => "request.fulfilling",
        RequestStep::Fulfill => "request.fulfilled",
        RequestStep::Resume => "request.resumed",
    };
    step(tx, acting, id, action, json!(null), |request| {
        let state = request.state.clone();
        Ok(match by {
            RequestStep::Begin => state.begin_fulfilling(),
            RequestStep::Fulfill => state.fulfill(),
            RequestStep::Resume => state.resume(),
        }?)
    })
    .await
}

/// A delivery takes a step.
///
/// # Errors
/// [`DeskError::Refused`] if it is not there yet.
pub async fn advance_delivery(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    by: DeliveryStep,
) -> Result<Delivery, DeskError> {
    let before = deliveries::get_to_change(tx, id).await?;
    let action = match by {
        DeliveryStep::Quote => "delivery.quoted",
        DeliveryStep::MakeReady => "delivery.ready",
        DeliveryStep::Begin => "delivery.begun",
        DeliveryStep::Finish => "delivery.done",
        DeliveryStep::Resume => "delivery.resumed",
    };
    let way = before.way();
    delivery::change(tx, acting, &before, (action, json!(null)), |state| match by {
        DeliveryStep::Quote => state.quote(way),
        DeliveryStep::MakeReady => state.make_ready(way),
        DeliveryStep::Begin => state.begin(),
        DeliveryStep::Finish => state.finish(acting.now_ms),
        DeliveryStep::Resume => state.resume(),
    })
    .await
}
