//! Release requests: everything that is done to one.

mod address;
mod advance;
mod decide;
mod delivery;
mod scope;
mod submit;
pub(super) mod text;

pub use address::{AddressRefused, CheckedDelivery, check_delivery};
pub use advance::{DeliveryStep, RequestStep, advance, advance_delivery};
pub use decide::{
    approve, close_as_duplicate, deny, extend, find_no_records, need_information, reopen, take_information,
    verify_identity, withdraw,
};
pub use delivery::{NewDelivery, cancel_delivery, choose_delivery, confirm_code_route, switch_delivery};
pub use scope::{Compared, check_patient, choose_study, compare_patients, drop_study};
pub use submit::{NewRequest, change_received, submit};

use super::{Acting, DeskError};
use crate::model::{NewEvent, ReleaseRequest, RequestState, Subject};
use crate::store::db::Tx;
use crate::store::requests;
use serde_json::Value as Json;

/// Moves a request on: asks its state, writes what it says, records it.
async fn step(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    action: &'static str,
    detail: Json,
    change: impl FnOnce(&ReleaseRequest) -> Result<RequestState, DeskError>,
) -> Result<ReleaseRequest, DeskError> {
    let before = requests::get_to_change(tx, id).await?;
    let state = change(&before)?;
    requests::change_state(tx, id, &before.state, &state, acting.now_ms).await?;
    note(tx, acting, id, action, detail).await?;
    Ok(ReleaseRequest { state, changed_at: acting.now_ms, ..before })
}

/// Records something about a request.
async fn note(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    action: &'static str,
    detail: Json,
) -> Result<(), DeskError> {
    let event = NewEvent::new(acting.who.actor(), action, Subject::new("request", id)).with(detail);
    Ok(crate::audit::events::record(tx, &event, acting.now_ms, acting.chance).await?)
}

#[cfg(test)]
pub(crate) mod tests;
