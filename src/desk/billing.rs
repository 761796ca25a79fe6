//! The fee at the desk: who may collect it, let it off or give it back. [`crate::money`] does it.

use super::Acting;
use super::authorization::{Action, NotPermitted};
use crate::model::charge::ProposalKind::{Refund, Waiver};
use crate::model::transfer::{Closing, ExportBatch};
use crate::model::{Actor, Cents, Charge, PaidBy, Site, Transfer};
use crate::money::billing::{self, ChargeHistory, ChargeLine, Overview};
use crate::money::fee::{self, DisputeEvent};
use crate::money::{Clerk, MoneyError, close, export};
use crate::store::db::{Db, Tx};
use crate::store::{StoreError, books, charges};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Why nothing was done with the fee.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// Whoever asked may not.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// There is none.
    #[error("there is no such {what}")]
    NotFound {
        /// What: `charge`, `batch`, `site`.
        what: &'static str,
    },
    /// The books do not allow it.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl From<StoreError> for BillingError {
    fn from(error: StoreError) -> Self {
        Self::Money(error.into())
    }
}

/// What may be done with a charge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChargeDeed {
    /// Take the fee.
    Collect {
        /// What with.
        paid_by: PaidBy,
        /// The number of the receipt, the check, or the terminal's slip.
        receipt: String,
    },
    /// Take back what is due and not paid.
    Void {
        /// Why.
        reason: String,
    },
    /// Propose to let the fee off.
    ProposeWaiver {
        /// Why.
        reason: String,
    },
    /// Let it off, as somebody else proposed.
    ApproveWaiver,
    /// Propose to give it back.
    ProposeRefund {
        /// Why.
        reason: String,
    },
    /// Owe it back, as somebody else proposed.
    ApproveRefund,
    /// Decide against what is proposed.
    Decline,
    /// Give it back.
    Refund {
        /// What with.
        paid_by: PaidBy,
        /// The number of the receipt, the check, or the terminal's slip.
        receipt: String,
    },
    /// A card holder takes the payment back.
    Dispute {
        /// The processor's number of the dispute.
        dispute: String,
    },
    /// That was decided for us.
    WinDispute {
        /// The processor's number of the dispute.
        dispute: String,
    },
    /// It was decided against us: the fee is written off.
    LoseDispute {
        /// The processor's number of the dispute.
        dispute: String,
    },
}

impl ChargeDeed {
    /// What whoever does it must be allowed to.
    #[must_use]
    pub fn needs(&self) -> Action {
        match self {
            Self::Collect { .. }
            | Self::Void { .. }
            | Self::Refund { .. }
            | Self::Dispute { .. }
            | Self::WinDispute { .. }
            | Self::LoseDispute { .. } => Action::CollectCharges,
            Self::ProposeWaiver { .. } | Self::ProposeRefund { .. } => Action::ProposeRelief,
            Self::ApproveWaiver | Self::ApproveRefund | Self::Decline => Action::ApproveRelief,
        }
    }
}

/// Does something with a charge; the charge as it is then.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, there is no such charge, or it does not allow it.
pub async fn act_on_charge(
    tx: &mut Tx,
    acting: &Acting<'_>,
    sites: &BTreeMap<String, Site>,
    charge: &str,
    deed: ChargeDeed,
) -> Result<Charge, BillingError> {
    acting.permit(deed.needs())?;
    let none = || BillingError::NotFound { what: "charge" };
    let found = charges::get(&mut *tx, charge).await?.ok_or_else(none)?;
    let site = sites.get(&found.site).ok_or(BillingError::NotFound { what: "site" })?;
    let actor = acting.who.actor();
    let clerk = &clerk(acting, &actor, site);
    match &deed {
        ChargeDeed::Collect { paid_by, receipt } => {
            fee::collect(tx, clerk, charge, *paid_by, receipt).await.map(drop)
        }
        ChargeDeed::Void { reason } => fee::void(tx, clerk, charge, reason).await.map(drop),
        ChargeDeed::ProposeWaiver { reason } => {
            fee::propose(tx, clerk, charge, Waiver, reason).await.map(drop)
        }
        ChargeDeed::ApproveWaiver => fee::approve(tx, clerk, charge, Waiver).await.map(drop),
        ChargeDeed::ProposeRefund { reason } => {
            fee::propose(tx, clerk, charge, Refund, reason).await.map(drop)
        }
        ChargeDeed::ApproveRefund => fee::approve(tx, clerk, charge, Refund).await.map(drop),
        ChargeDeed::Decline => fee::decline(tx, clerk, charge).await,
        ChargeDeed::Refund { paid_by, receipt } => {
            fee::refund_paid(tx, clerk, charge, *paid_by, receipt).await.map(drop)
        }
        ChargeDeed::Dispute { dispute: number } => {
            fee::dispute(tx, clerk, charge, DisputeEvent::Opened(number)).await.map(drop)
        }
        ChargeDeed::WinDispute { dispute: number } => {
            fee::dispute(tx, clerk, charge, DisputeEvent::Won(number)).await.map(drop)
        }
        ChargeDeed::LoseDispute { dispute: number } => {
            fee::dispute(tx, clerk, charge, DisputeEvent::Lost(number)).await.map(drop)
        }
    }?;
    charges::get(&mut *tx, charge).await?.ok_or_else(none)
}

/// Closes a day, what was counted at hand.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or as [`close::close`].
pub async fn close_day(
    tx: &mut Tx,
    acting: &Acting<'_>,
    site: &Site,
    on: Date,
    counted: &[(PaidBy, i64)],
    reason: Option<&str>,
) -> Result<Closing, BillingError> {
    acting.permit(Action::CollectCharges)?;
    let actor = acting.who.actor();
    Ok(close::close(tx, &clerk(acting, &actor, site), on, counted, reason).await?)
}

/// Pays in to the bank what was taken.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or as [`close::deposit`].
pub async fn deposit(
    tx: &mut Tx,
    acting: &Acting<'_>,
    site: &Site,
    paid_by: PaidBy,
    amount: Cents,
    slip: &str,
) -> Result<Transfer, BillingError> {
    acting.permit(Action::CollectCharges)?;
    let actor = acting.who.actor();
    Ok(close::deposit(tx, &clerk(acting, &actor, site), paid_by, amount, slip).await?)
}

/// Hands transfers to the general ledger.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or as [`export::export`].
pub async fn export_ledger(
    tx: &mut Tx,
    acting: &Acting<'_>,
    site: &Site,
    until: Date,
) -> Result<ExportBatch, BillingError> {
    acting.permit(Action::ExportLedger)?;
    let actor = acting.who.actor();
    Ok(export::export(tx, &clerk(acting, &actor, site), until).await?)
}

/// A batch as it was handed over, byte for byte.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or there is none.
pub async fn exported(db: &Db, acting: &Acting<'_>, batch: &str) -> Result<ExportBatch, BillingError> {
    acting.permit(Action::ExportLedger)?;
    books::batch(db, batch).await?.ok_or(BillingError::NotFound { what: "batch" })
}

/// The billing page of a site.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or the database fails.
pub async fn overview(db: &Db, acting: &Acting<'_>, site: &Site) -> Result<Overview, BillingError> {
    acting.permit(Action::SeeCharges)?;
    Ok(billing::overview(db, site, site.today(acting.now_ms)).await?)
}

/// A page of a site's charges in a state, after the one with the id `after` (`""` to begin).
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or the database fails.
pub async fn in_state(
    db: &Db,
    acting: &Acting<'_>,
    site: &Site,
    state: &str,
    after: &str,
) -> Result<Vec<ChargeLine>, BillingError> {
    acting.permit(Action::SeeCharges)?;
    Ok(billing::list(db, site, state, after).await?)
}

/// A charge with its transfers.
///
/// # Errors
/// [`BillingError`] if whoever acts may not, or there is none.
pub async fn history(db: &Db, acting: &Acting<'_>, charge: &str) -> Result<ChargeHistory, BillingError> {
    acting.permit(Action::SeeCharge)?;
    billing::history(db, charge).await?.ok_or(BillingError::NotFound { what: "charge" })
}

fn clerk<'a>(acting: &Acting<'a>, actor: &'a Actor, site: &'a Site) -> Clerk<'a> {
    Clerk { site, actor, now_ms: acting.now_ms, chance: acting.chance }
}
