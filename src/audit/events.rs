//! Recording events.

pub use crate::model::audit::{Actor, NewEvent, Subject};

use crate::store::StoreError;
use crate::store::audit;
use crate::store::db::Tx;
use imaging::chance::Chance;

/// Records an event, in the transaction of what it tells about: both are there, or neither. It is chained
/// within a second or so.
///
/// # Errors
/// If the database fails.
pub async fn record(
    tx: &mut Tx,
    event: &NewEvent,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), StoreError> {
    audit::add(tx, event, now_ms, chance).await
}
