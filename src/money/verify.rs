//! Holding the charges against the ledger: does each say what its transfers say?

use super::ledger::payload_sha256;
use crate::model::{Account, Charge};
use crate::store::db::Db;
use crate::store::{StoreError, charges, ledger};
use serde::Serialize;
use std::collections::BTreeMap;

const PAGE: u32 = 500;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many transfers were read.
    pub transfers: u64,
    /// How many charges.
    pub charges: u64,
    /// What each account holds, debits less credits. They sum to nothing.
    pub balances: BTreeMap<Account, i64>,
    /// The first thing that is wrong; nothing if all is well.
    pub problem: Option<Problem>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which transfer or charge.
    pub about: String,
    /// What, in words.
    pub what: String,
}

/// Reads every transfer and every charge.
///
/// # Errors
/// If the database fails or a row cannot be understood.
pub async fn verify(db: &Db) -> Result<Report, StoreError> {
    let (mut problem, mut transfers, mut known) = (None, 0, 0);
    let mut sums: BTreeMap<String, BTreeMap<Account, i64>> = BTreeMap::new();
    let mut balances: BTreeMap<Account, i64> = BTreeMap::new();
    let mut last = String::new();
    loop {
        let page = ledger::after(db, &last, PAGE).await?;
        let Some((end, _)) = page.last() else { break };
        last.clone_from(&end.id);
        transfers += page.len() as u64;
        for (transfer, stands) in page {
            let payload = payload_sha256(
                &transfer.idempotency_key,
                transfer.amount,
                &transfer.site,
                transfer.charge.as_deref(),
            );
            if problem.is_none() && stands != payload {
                let what = "its amount, site or charge is not what it was posted with".to_owned();
                problem = Some(Problem { about: format!("transfer {}", transfer.id), what });
            }
            for (account, side) in [(transfer.movement.debit(), 1), (transfer.movement.credit(), -1)] {
                let cents = side * transfer.amount.get();
                *balances.entry(account).or_default() += cents;
                if let Some(charge) = &transfer.charge {
                    *sums.entry(charge.clone()).or_default().entry(account).or_default() += cents;
                }
            }
        }
    }
    let mut last = String::new();
    loop {
        let page = charges::after(db, &last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last.clone_from(&end.id);
        known += page.len() as u64;
        for charge in page {
            let posted = sums.remove(&charge.id).unwrap_or_default();
            problem = problem.or_else(|| disagreement(&charge, posted));
        }
    }
    Ok(Report { transfers, charges: known, balances, problem })
}

/// How a charge and its transfers disagree, if they do.
fn disagreement(charge: &Charge, mut posted: BTreeMap<Account, i64>) -> Option<Problem> {
    posted.retain(|_, cents| *cents != 0);
    let amount = charge.amount.get();
    let due: BTreeMap<Account, i64> =
        charge.state.balances().into_iter().map(|(account, side)| (account, side * amount)).collect();
    (posted != due).then(|| Problem {
        about: format!("charge {} ({})", charge.id, charge.reference),
        what: format!(
            "it is {}, so its transfers should leave {}; they leave {}",
            charge.state.as_str(),
            in_words(&due),
            in_words(&posted)
        ),
    })
}

fn in_words(balances: &BTreeMap<Account, i64>) -> String {
    let parts: Vec<String> = balances
        .iter()
        .map(|(account, cents)| format!("{} in {}", crate::model::money::decimal(*cents), account.as_str()))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
