//! The daily close: what was taken at a desk is counted, and later paid in to the bank.

use super::{Clerk, MoneyError, ledger};
use crate::model::transfer::{Closing, Count};
use crate::model::{Account, Cents, Movement, NewTransfer, PaidBy, Transfer};
use crate::store::db::{Read, Tx};
use crate::store::{self, StoreError, books};
use jiff::civil::Date;
use serde_json::json;

/// What each means of payment should come to on a day, nothing counted yet.
///
/// # Errors
/// If the database fails.
pub async fn counts(reader: impl Read, site: &str, on: Date) -> Result<Vec<Count>, StoreError> {
    let sums = store::ledger::sums_of_day(reader, site, on).await?;
    let sum = |movement| sums.get(&movement).copied().unwrap_or(0);
    let count = |paid_by| Count {
        paid_by,
        collected_cents: sum(Movement::Collected(paid_by)),
        // A check that goes out is drawn on the bank and takes nothing from the drawer.
        repaid_cents: match paid_by {
            PaidBy::Check => 0,
            PaidBy::Cash | PaidBy::Card => sum(Movement::RefundPaid(paid_by)),
        },
        counted_cents: 0,
    };
    Ok(PaidBy::ALL.map(count).to_vec())
}

/// The first day at a site on which money changed hands and that was not closed.
///
/// # Errors
/// If the database fails.
pub async fn first_open_day(reader: impl Read, site: &str) -> Result<Option<Date>, StoreError> {
    store::ledger::first_taking_not_closed(reader, site).await
}

/// Closes a day: what comes from now on belongs to the next one.
///
/// # Errors
/// If the day is not over yet or was closed, an earlier one was not, what was counted differs and no reason
/// is given, or the database fails.
pub async fn close(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    on: Date,
    counted: &[(PaidBy, i64)],
    reason: Option<&str>,
) -> Result<Closing, MoneyError> {
    ledger::take(tx).await?;
    if on > clerk.site.today(clerk.now_ms) {
        return Err(MoneyError::NotClosable { on, why: "that day has not come yet" });
    }
    if books::last_closed(&mut *tx, &clerk.site.id).await?.is_some_and(|closed| closed >= on) {
        return Err(MoneyError::NotClosable { on, why: "it was closed already" });
    }
    if let Some(first) = first_open_day(&mut *tx, &clerk.site.id).await?.filter(|first| *first < on) {
        return Err(MoneyError::CloseFirst(first));
    }
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    let mut counts = counts(&mut *tx, &clerk.site.id, on).await?;
    for count in &mut counts {
        count.counted_cents =
            counted.iter().filter(|(paid_by, _)| *paid_by == count.paid_by).map(|(_, cents)| cents).sum();
        let (expected, counted) = (count.expected_cents(), count.counted_cents);
        if expected != counted && reason.is_none() {
            return Err(MoneyError::Differs { what: count.paid_by.as_str(), expected, counted });
        }
    }
    let closing = Closing {
        site: clerk.site.id.clone(),
        accounting_on: on,
        counts,
        reason: reason.map(str::to_owned),
        closed_by: clerk.actor.clone(),
        closed_at: clerk.now_ms,
    };
    books::close(tx, &closing).await?;
    clerk.note_books(tx, "books.closed", json!({ "on": on, "counts": closing.counts })).await?;
    Ok(closing)
}

/// Pays in to the bank what was taken: the bag of the drawer, or what the card processor paid out. The number
/// of the bank's slip serves once.
///
/// # Errors
/// If more is paid in than there is, the slip came with another amount, or the database fails.
pub async fn deposit(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    paid_by: PaidBy,
    amount: Cents,
    slip: &str,
) -> Result<Transfer, MoneyError> {
    ledger::take(tx).await?;
    let slip = super::fee::text("the slip's number", slip, super::fee::RECEIPT)?;
    let transfer = NewTransfer {
        movement: Movement::Deposited(paid_by),
        amount,
        site: clerk.site.id.clone(),
        charge: None,
        idempotency_key: format!("deposited:{}:{}:{slip}", clerk.site.id, paid_by.as_str()),
        actor: clerk.actor.clone(),
    };
    let repeated = store::ledger::by_key(&mut *tx, &transfer.idempotency_key).await?.is_some();
    let held = held(tx, &clerk.site.id, paid_by.clearing()).await?;
    if !repeated {
        if held < amount.get() {
            return Err(MoneyError::NotHeld { held });
        }
        let detail = json!({ "paid_by": paid_by, "cents": amount, "slip": slip });
        clerk.note_books(tx, "books.paid_in", detail).await?;
    }
    ledger::post(tx, clerk, transfer).await
}

async fn held(tx: &mut Tx, site: &str, clearing: Account) -> Result<i64, StoreError> {
    let balances = store::ledger::balances(tx, Some(site)).await?;
    Ok(balances.get(&clearing).copied().unwrap_or(0))
}
