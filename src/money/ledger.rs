//! Posting to the ledger.

use super::{Clerk, MoneyError};
use crate::hex::hex;
use crate::ids::new_id;
use crate::model::{Cents, NewTransfer, Transfer};
use crate::store::db::{Gate, Tx};
use crate::store::{StoreError, books, ledger};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// Takes the books, for this transaction alone: nothing is posted beside a count of what was posted. Taken
/// before any charge is locked, so that nobody waits for each other.
///
/// # Errors
/// If the database fails.
pub async fn take(tx: &mut Tx) -> Result<(), StoreError> {
    tx.pass_alone(Gate::Books).await
}

/// Posts a transfer. Posted again with the same key and payload it is the transfer that is there.
///
/// # Errors
/// [`MoneyError::KeyReused`] if its key came with another payload, or the database fails.
pub async fn post(tx: &mut Tx, clerk: &Clerk<'_>, new: NewTransfer) -> Result<Transfer, MoneyError> {
    take(tx).await?;
    let payload = payload_sha256(&new.idempotency_key, new.amount, &new.site, new.charge.as_deref());
    match ledger::by_key(&mut *tx, &new.idempotency_key).await? {
        Some((transfer, same)) if same == payload => return Ok(transfer),
        Some(_) => return Err(MoneyError::KeyReused { what: new.movement.as_str() }),
        None => {}
    }
    let transfer = Transfer {
        id: new_id(clerk.now_ms, clerk.chance),
        movement: new.movement,
        amount: new.amount,
        site: new.site,
        accounting_on: accounting_on(tx, clerk).await?,
        charge: new.charge,
        idempotency_key: new.idempotency_key,
        actor: new.actor,
        posted_at: clerk.now_ms,
    };
    ledger::insert(tx, &transfer, &payload).await?;
    Ok(transfer)
}

/// The day a transfer belongs to: today, or the day after the last one that was closed.
async fn accounting_on(tx: &mut Tx, clerk: &Clerk<'_>) -> Result<Date, StoreError> {
    let today = clerk.site.today(clerk.now_ms);
    match books::last_closed(&mut *tx, &clerk.site.id).await? {
        Some(closed) if closed >= today => Ok(closed.tomorrow().unwrap_or(closed)),
        _ => Ok(today),
    }
}

/// The digest of what a key must always come with: how much, whose books, which charge. The key itself says
/// what happened; who said so and when may differ.
#[must_use]
pub fn payload_sha256(idempotency_key: &str, amount: Cents, site: &str, charge: Option<&str>) -> String {
    let payload = serde_json::json!([idempotency_key, amount, site, charge]).to_string();
    hex(&Sha256::digest(payload))
}
