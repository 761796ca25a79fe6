//! Transfers for the general ledger, as CSV (RFC 4180): two lines each, debits and credits in columns of
//! their own.
//!
//! A batch is kept as it was made. Downloaded again it is the same bytes; what was posted since is in the next.

use super::{Clerk, MoneyError, ledger};
use crate::hex::hex;
use crate::model::charge::ChargeState;
use crate::model::transfer::ExportBatch;
use crate::model::{Account, Charge, Movement, Transfer};
use crate::store::db::Tx;
use crate::store::{self, books, charges};
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const HEADER: [&str; 13] = [
    "batch_id",
    "accounting_date",
    "period",
    "site",
    "account",
    "account_name",
    "debit",
    "credit",
    "currency",
    "entry_id",
    "line_no",
    "reference",
    "source",
];

/// Makes a batch of everything up to a day that is in no earlier one.
///
/// # Errors
/// If there is nothing, or the database fails.
pub async fn export(tx: &mut Tx, clerk: &Clerk<'_>, until: Date) -> Result<ExportBatch, MoneyError> {
    ledger::take(tx).await?;
    let site = &clerk.site.id;
    let transfers = store::ledger::not_exported(&mut *tx, site, until).await?;
    if transfers.is_empty() {
        return Err(MoneyError::NothingToExport);
    }
    let made_on = clerk.site.today(clerk.now_ms);
    let number = books::batches_of_day(&mut *tx, site, made_on).await? + 1;
    let id = format!("GL-{}-{}-{number:02}", site.to_uppercase(), made_on.strftime("%Y%m%d"));
    let mut known = BTreeMap::new();
    for charge in transfers.iter().filter_map(|transfer| transfer.charge.as_deref()) {
        if !known.contains_key(charge)
            && let Some(found) = charges::get(&mut *tx, charge).await?
        {
            known.insert(charge.to_owned(), found);
        }
    }
    let content = csv(&id, &transfers, &known);
    let batch = ExportBatch {
        id,
        site: site.clone(),
        made_on,
        transfers: transfers.len() as u64,
        total_cents: transfers.iter().map(|transfer| transfer.amount.get()).sum(),
        sha256: hex(&Sha256::digest(&content)),
        content,
        made_by: clerk.actor.clone(),
        made_at: clerk.now_ms,
    };
    let ids: Vec<String> = transfers.into_iter().map(|transfer| transfer.id).collect();
    books::export(tx, &batch, &ids).await?;
    clerk.note_books(tx, "books.exported", json!({ "batch": batch.id, "sha256": batch.sha256 })).await?;
    Ok(batch)
}

fn csv(batch: &str, transfers: &[Transfer], charges: &BTreeMap<String, Charge>) -> String {
    let mut text = line(&HEADER.map(str::to_owned));
    for transfer in transfers {
        let charge = transfer.charge.as_ref().and_then(|charge| charges.get(charge));
        let reference = charge.map(|charge| charge.reference.clone()).unwrap_or_default();
        let source = source(transfer.movement, charge);
        let sides = [(transfer.movement.debit(), true), (transfer.movement.credit(), false)];
        for (number, (account, is_debit)) in (1..).zip(sides) {
            let amount = transfer.amount.decimal();
            let (debit, credit) = if is_debit { (amount, String::new()) } else { (String::new(), amount) };
            text += &line(&[
                batch.to_owned(),
                transfer.accounting_on.to_string(),
                transfer.accounting_on.strftime("%Y-%m").to_string(),
                cell(&transfer.site),
                account.number().to_owned(),
                Account::as_str(account).to_owned(),
                debit,
                credit,
                "USD".to_owned(),
                transfer.id.clone(),
                number.to_string(),
                cell(&reference),
                cell(&source),
            ]);
        }
    }
    text
}

/// What moved the money, with the number of the receipt where there is one.
fn source(movement: Movement, charge: Option<&Charge>) -> String {
    let receipt = match (movement, charge.map(|charge| &charge.state)) {
        (Movement::RefundPaid(_), Some(ChargeState::Refunded { repaid, .. })) => Some(&repaid.receipt),
        (
            Movement::Collected(_),
            Some(
                ChargeState::Paid { payment, .. }
                | ChargeState::Refunding { payment, .. }
                | ChargeState::Refunded { payment, .. }
                | ChargeState::Disputed { payment, .. }
                | ChargeState::WrittenOff { payment, .. },
            ),
        ) => Some(&payment.receipt),
        _ => None,
    };
    match receipt {
        Some(receipt) => format!("{} {receipt}", movement.as_str()),
        None => movement.as_str().to_owned(),
    }
}

/// A text that a spreadsheet takes for a text: what begins like a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A record of RFC 4180, quoted where that is needed.
fn line(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains(['"', ',', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads one record back, as RFC 4180 has it.
    fn read(line: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let (mut quoted, mut chars) = (false, line.strip_suffix("\r\n").unwrap().chars().peekable());
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    cells.last_mut().unwrap().push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        cells
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_cell_comes_back_from_the_line(cells in prop::collection::vec(any::<String>(), 1..6)) {
            prop_assert_eq!(read(&line(&cells)), cells);
        }

        #[test]
        fn no_cell_is_a_formula(text in "[=+@\\t\\r-]?[a-z=+]{0,4}") {
            let cell = cell(&text);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert!(cell.ends_with(&text));
        }
    }
}
