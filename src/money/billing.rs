//! What the billing pages show, read in one go.

use super::close;
use crate::model::charge::ChargeState;
use crate::model::transfer::{Closing, Count, ExportBatch};
use crate::model::{Account, Cents, Charge, Proposal, Site, Transfer};
use crate::store::db::Db;
use crate::store::{StoreError, books, charges, ledger};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// How many charges of a kind a page shows; the rest is on the next.
pub const PAGE: u32 = 100;

/// The billing page of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BillingOverview)]
pub struct Overview {
    /// Due and not paid, the oldest first.
    pub to_collect: Vec<ChargeLine>,
    /// Owed back and not paid, the oldest first.
    pub to_refund: Vec<ChargeLine>,
    /// What waits for another person, with its charge.
    pub to_approve: Vec<(Proposal, ChargeLine)>,
    /// How many charges are in each state, and what they come to.
    pub by_state: Vec<StateSum>,
    /// Accounts that should come to nothing and do not, each with what is in it.
    pub not_zero: Vec<NotZero>,
    /// The first day whose takings were not counted, as far as it goes.
    pub to_close: Option<DayCount>,
    /// The days closed last.
    pub closed: Vec<Closing>,
    /// The batches exported last.
    pub exported: Vec<ExportBatch>,
}

/// A charge in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChargeLine {
    /// The charge's id, for the buttons beside it.
    pub id: String,
    /// The request's public reference.
    pub reference: String,
    /// How much.
    pub amount: Cents,
    /// How far it is.
    #[serde(flatten)]
    pub state: ChargeState,
    /// When it was quoted.
    pub quoted_at: i64,
}

/// The charges in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateSum {
    /// The state's word.
    pub state: String,
    /// How many.
    pub charges: u64,
    /// What they come to.
    pub cents: i64,
}

/// An account that comes to nothing when everything is done, and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotZero {
    /// Which.
    pub account: Account,
    /// What it holds, debits less credits.
    pub cents: i64,
    /// Why: what has to be done.
    pub why: Open,
}

/// What has to be done before an account comes to nothing. A page has words for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// Patients have not paid yet.
    ToCollect,
    /// Cash and checks lie in the drawer.
    ToPayIn,
    /// The card processor has not paid out.
    ToBePaidOut,
    /// Disputes are not decided.
    Disputed,
    /// Refunds are not paid.
    ToRefund,
    /// Parcels have not left yet.
    ToTender,
}

/// What a day should come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCount {
    /// Which day.
    pub on: Date,
    /// Cash, checks and cards.
    pub counts: Vec<Count>,
}

/// A charge with every transfer that was posted for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChargeHistory {
    /// The charge.
    pub charge: Charge,
    /// What waits for another person.
    pub proposal: Option<Proposal>,
    /// The oldest first.
    pub transfers: Vec<Transfer>,
}

impl From<Charge> for ChargeLine {
    fn from(charge: Charge) -> Self {
        let Charge { id, reference, amount, state, quoted_at, .. } = charge;
        Self { id, reference, amount, state, quoted_at }
    }
}

/// The billing page of a site.
///
/// # Errors
/// If the database fails.
pub async fn overview(db: &Db, site: &Site, today: Date) -> Result<Overview, StoreError> {
    let mut to_approve = Vec::new();
    for proposal in charges::all_proposed(db, &site.id).await? {
        if let Some(charge) = charges::get(db, &proposal.charge).await? {
            to_approve.push((proposal, charge.into()));
        }
    }
    let by_state = charges::sums_by_state(db, &site.id).await?.into_iter();
    Ok(Overview {
        to_collect: list(db, site, "open", "").await?,
        to_refund: list(db, site, "refunding", "").await?,
        to_approve,
        by_state: by_state.map(|(state, charges, cents)| StateSum { state, charges, cents }).collect(),
        not_zero: not_zero(db, site).await?,
        to_close: to_close(db, site, today).await?,
        closed: books::closings(db, &site.id, 10).await?,
        exported: books::batches(db, &site.id, 10).await?,
    })
}

/// A page of a site's charges in a state, after the one with the id `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn list(db: &Db, site: &Site, state: &str, after: &str) -> Result<Vec<ChargeLine>, StoreError> {
    let charges = charges::in_state(db, &site.id, state, after, PAGE).await?;
    Ok(charges.into_iter().map(ChargeLine::from).collect())
}

/// A charge with its transfers; nothing if there is none.
///
/// # Errors
/// If the database fails.
pub async fn history(db: &Db, charge: &str) -> Result<Option<ChargeHistory>, StoreError> {
    let Some(charge) = charges::get(db, charge).await? else { return Ok(None) };
    let proposal = charges::proposed(db, &charge.id).await?;
    let transfers = ledger::of_charge(db, &charge.id).await?;
    Ok(Some(ChargeHistory { charge, proposal, transfers }))
}

async fn not_zero(db: &Db, site: &Site) -> Result<Vec<NotZero>, StoreError> {
    let balances = ledger::balances(db, Some(&site.id)).await?.into_iter();
    let open = balances.filter(|(_, cents)| *cents != 0).filter_map(|(account, cents)| {
        let why = match account {
            Account::PatientsReceivable => Open::ToCollect,
            Account::DeskClearing => Open::ToPayIn,
            Account::CardClearing => Open::ToBePaidOut,
            Account::DisputesReceivable => Open::Disputed,
            Account::RefundsPayable => Open::ToRefund,
            Account::DeferredFees => Open::ToTender,
            Account::Bank
            | Account::DeliveryFees
            | Account::Waivers
            | Account::Refunds
            | Account::DisputeLosses => return None,
        };
        Some(NotZero { account, cents, why })
    });
    Ok(open.collect())
}

async fn to_close(db: &Db, site: &Site, today: Date) -> Result<Option<DayCount>, StoreError> {
    // What comes in after a day was closed belongs to the next one, which has not come yet.
    let come = |on: &Date| *on <= today;
    let Some(on) = close::first_open_day(db, &site.id).await?.filter(come) else { return Ok(None) };
    Ok(Some(DayCount { on, counts: close::counts(db, &site.id, on).await? }))
}
