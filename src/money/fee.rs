//! The flat fee of a FedEx delivery: what happens to a charge, and the transfer that follows, in one transaction.
//!
//! Everything here may be called again with the same facts: what was done stays done, once. Whatever changes a
//! charge puts the job that moves its request on.

use super::{Clerk, MoneyError, ledger};
use crate::ids::new_id;
use crate::model::charge::{Approval, ChargeEvent, ChargeState, Proposal, ProposalKind};
use crate::model::job::advance_request;
use crate::model::{Actor, Charge, FeeSchedule, NewTransfer, PaidBy, Payment, Refused};
use crate::store::db::Tx;
use crate::store::{self, StoreError, charges, jobs};
use serde_json::json;

/// The longest receipt number, and the longest reason, in characters.
pub(super) const RECEIPT: usize = 64;
const REASON: usize = 500;

/// What is quoted for.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a> {
    /// The release request.
    pub request: &'a str,
    /// Its public reference.
    pub reference: &'a str,
    /// The FedEx delivery.
    pub delivery: &'a str,
}

/// Quotes the fee for a delivery. Nothing is due. Quoted again it is the charge that is there, at the fee it
/// was quoted at.
///
/// # Errors
/// If the database fails.
pub async fn quote(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    quoted: Quoted<'_>,
    fee: &FeeSchedule,
) -> Result<Charge, MoneyError> {
    if let Some(charge) = charges::of_delivery(&mut *tx, quoted.delivery).await? {
        return Ok(charge);
    }
    let charge = Charge {
        id: new_id(clerk.now_ms, clerk.chance),
        request: quoted.request.to_owned(),
        reference: quoted.reference.to_owned(),
        delivery: quoted.delivery.to_owned(),
        site: clerk.site.id.clone(),
        amount: fee.amount(),
        basis: fee.basis().to_vec(),
        state: ChargeState::Quoted,
        quoted_at: clerk.now_ms,
    };
    charges::insert(tx, &charge).await?;
    clerk.note(tx, &charge, "charge.quoted", json!({ "cents": charge.amount })).await?;
    Ok(charge)
}

/// The order can be filled: the fee is due.
///
/// # Errors
/// If the charge is past that, or the database fails.
pub async fn open(tx: &mut Tx, clerk: &Clerk<'_>, charge: &str) -> Result<Charge, MoneyError> {
    apply(tx, clerk, charge, ChargeEvent::Open).await
}

/// The patient paid at the desk. A receipt serves once.
///
/// # Errors
/// If nothing is due, the receipt was used for another charge or is a card's number, or the database fails.
pub async fn collect(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    charge: &str,
    paid_by: PaidBy,
    receipt: &str,
) -> Result<Charge, MoneyError> {
    let payment = payment(clerk, paid_by, receipt)?;
    apply(tx, clerk, charge, ChargeEvent::Collect(payment)).await
}

/// Proposes to let the fee off, or to give it back. A missed promise proposes a refund by itself, once: what a person
/// declined then stays declined.
///
/// # Errors
/// If the charge does not allow it, something is proposed already, or the database fails.
pub async fn propose(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    charge: &str,
    kind: ProposalKind,
    reason: &str,
) -> Result<Proposal, MoneyError> {
    let charge = to_change(tx, clerk, charge).await?;
    let reason = text("a reason", reason, REASON)?;
    if matches!(clerk.actor, Actor::Program { .. })
        && let Some(proposal) = charges::proposed_before(&mut *tx, &charge.id, kind, clerk.actor).await?
    {
        return Ok(proposal);
    }
    if let Some(proposal) = charges::proposed(&mut *tx, &charge.id).await? {
        let same = proposal.kind == kind && proposal.proposed_by == *clerk.actor;
        return if same { Ok(proposal) } else { Err(MoneyError::ProposedAlready) };
    }
    let proposal = Proposal {
        id: new_id(clerk.now_ms, clerk.chance),
        charge: charge.id.clone(),
        kind,
        reason,
        proposed_by: clerk.actor.clone(),
        proposed_at: clerk.now_ms,
    };
    if !charge.state.allows(kind) {
        let event = match kind {
            ProposalKind::Waiver => "waived",
            ProposalKind::Refund => "refunded",
        };
        let refused = Refused { what: "charge", state: charge.state.as_str(), event };
        return Err(MoneyError::Refused(refused.into()));
    }
    charges::propose(tx, &proposal).await?;
    let action = match kind {
        ProposalKind::Waiver => "charge.waiver_proposed",
        ProposalKind::Refund => "charge.refund_proposed",
    };
    clerk.note(tx, &charge, action, json!({ "reason": proposal.reason })).await?;
    Ok(proposal)
}

/// Does what another person proposed: lets the fee off, or owes it back.
///
/// # Errors
/// If that was not proposed, the same person proposed it, or the database fails.
pub async fn approve(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    charge: &str,
    kind: ProposalKind,
) -> Result<Charge, MoneyError> {
    let charge = to_change(tx, clerk, charge).await?;
    let proposal = charges::proposed(&mut *tx, &charge.id).await?.filter(|proposal| proposal.kind == kind);
    let proposal = proposal.ok_or(MoneyError::NothingProposed)?;
    let approval = Approval::new(&proposal.reason, &proposal.proposed_by, clerk.actor, clerk.now_ms)?;
    charges::decide(tx, &proposal.id, true, clerk.actor, clerk.now_ms).await?;
    let event = match kind {
        ProposalKind::Waiver => ChargeEvent::Waive(approval),
        ProposalKind::Refund => ChargeEvent::Refund(approval),
    };
    apply(tx, clerk, &charge.id, event).await
}

/// Does not do what was proposed.
///
/// # Errors
/// If nothing is proposed, or the database fails.
pub async fn decline(tx: &mut Tx, clerk: &Clerk<'_>, charge: &str) -> Result<(), MoneyError> {
    let charge = to_change(tx, clerk, charge).await?;
    let proposal = charges::proposed(&mut *tx, &charge.id).await?.ok_or(MoneyError::NothingProposed)?;
    charges::decide(tx, &proposal.id, false, clerk.actor, clerk.now_ms).await?;
    let detail = json!({ "kind": proposal.kind, "reason": proposal.reason });
    Ok(clerk.note(tx, &charge, "charge.proposal_declined", detail).await?)
}

/// The fee was given back: cash from the drawer, a check, or to the card.
///
/// # Errors
/// If it is not owed back, or the database fails.
pub async fn refund_paid(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    charge: &str,
    paid_by: PaidBy,
    receipt: &str,
) -> Result<Charge, MoneyError> {
    let payment = payment(clerk, paid_by, receipt)?;
    apply(tx, clerk, charge, ChargeEvent::Repay(payment)).await
}

/// The delivery was switched or cancelled before anything was paid.
///
/// # Errors
/// If something was paid (that is a refund), no reason is said, or the database fails.
pub async fn void(tx: &mut Tx, clerk: &Clerk<'_>, charge: &str, reason: &str) -> Result<Charge, MoneyError> {
    let (reason, charge) = (text("a reason", reason, REASON)?, to_change(tx, clerk, charge).await?);
    match charge.state {
        ChargeState::Void { .. } => Ok(charge),
        _ => apply(tx, clerk, &charge.id, ChargeEvent::Void { reason }).await,
    }
}

/// The parcel was tendered: the fee is earned. Of one that is owed or given back nothing is left to earn.
///
/// # Errors
/// If the fee was neither paid nor let off, or the database fails.
pub async fn recognise(tx: &mut Tx, clerk: &Clerk<'_>, charge: &str) -> Result<Charge, MoneyError> {
    let charge = to_change(tx, clerk, charge).await?;
    match charge.state {
        ChargeState::Refunding { .. } | ChargeState::Refunded { .. } => Ok(charge),
        _ => apply(tx, clerk, &charge.id, ChargeEvent::Earn).await,
    }
}

/// What happens to a card payment after it was taken: the holder disputes it, and that is won or lost.
///
/// # Errors
/// If the charge was not paid by card or has no such dispute, or the database fails.
pub async fn dispute(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    charge: &str,
    event: DisputeEvent<'_>,
) -> Result<Charge, MoneyError> {
    let number = |dispute| text("the dispute's number", dispute, RECEIPT);
    let event = match event {
        DisputeEvent::Opened(dispute) => ChargeEvent::Dispute { dispute: number(dispute)? },
        DisputeEvent::Won(dispute) => ChargeEvent::WinDispute { dispute: number(dispute)? },
        DisputeEvent::Lost(dispute) => ChargeEvent::LoseDispute { dispute: number(dispute)? },
    };
    apply(tx, clerk, charge, event).await
}

/// How a dispute goes, each with the processor's number of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeEvent<'a> {
    /// The card holder took the payment back.
    Opened(&'a str),
    /// It was decided for us.
    Won(&'a str),
    /// It was decided against us.
    Lost(&'a str),
}

/// Moves a charge and posts what follows. An event that happened before changes nothing.
async fn apply(
    tx: &mut Tx,
    clerk: &Clerk<'_>,
    charge: &str,
    event: ChargeEvent,
) -> Result<Charge, MoneyError> {
    let charge = to_change(tx, clerk, charge).await?;
    let (from, action) = (charge.state.as_str(), event.action());
    let idempotency_key = event.idempotency_key(&charge.site, &charge.id);
    let (state, movement) = match charge.state.clone().after(event) {
        Ok(after) => after,
        Err(refusal) => {
            let posted = store::ledger::by_key(&mut *tx, &idempotency_key).await?;
            let happened = posted.is_some_and(|(transfer, _)| transfer.charge.as_ref() == Some(&charge.id));
            return if happened { Ok(charge) } else { Err(refusal.into()) };
        }
    };
    let charge = Charge { state, ..charge };
    if let Some(movement) = movement {
        let transfer = NewTransfer {
            movement,
            amount: charge.amount,
            site: charge.site.clone(),
            charge: Some(charge.id.clone()),
            idempotency_key,
            actor: clerk.actor.clone(),
        };
        ledger::post(tx, clerk, transfer).await?;
    }
    charges::change(tx, &charge, from, clerk.now_ms).await?;
    clerk.note(tx, &charge, action, json!(charge.state)).await?;
    drop_overtaken(tx, clerk, &charge).await?;
    jobs::put(tx, &[advance_request(&charge.request)], clerk.chance).await?;
    Ok(charge)
}

async fn to_change(tx: &mut Tx, clerk: &Clerk<'_>, charge: &str) -> Result<Charge, MoneyError> {
    ledger::take(tx).await?;
    let charge = charges::get_to_change(tx, charge).await?;
    if charge.site == clerk.site.id { Ok(charge) } else { Err(MoneyError::OtherSite(charge.site)) }
}

/// Declines what cannot happen any more: a waiver of what was paid meanwhile.
async fn drop_overtaken(tx: &mut Tx, clerk: &Clerk<'_>, charge: &Charge) -> Result<(), StoreError> {
    match charges::proposed(&mut *tx, &charge.id).await? {
        Some(proposal) if !charge.state.allows(proposal.kind) => {
            charges::decide(tx, &proposal.id, false, clerk.actor, clerk.now_ms).await?;
            let detail = json!({ "kind": proposal.kind, "reason": proposal.reason });
            clerk.note(tx, charge, "charge.proposal_overtaken", detail).await
        }
        _ => Ok(()),
    }
}

fn payment(clerk: &Clerk<'_>, paid_by: PaidBy, receipt: &str) -> Result<Payment, MoneyError> {
    let receipt = text("the receipt's number", receipt, RECEIPT)?;
    if holds_card_number(&receipt) {
        return Err(MoneyError::CardNumber);
    }
    Ok(Payment { paid_by, receipt, by: clerk.actor.clone(), at: clerk.now_ms })
}

/// Whether a card's number is in a text, however its digits are grouped (ISO/IEC 7812-1: its last digit checks it).
fn holds_card_number(text: &str) -> bool {
    let joined = text.replace([' ', '-'], "");
    [text, &joined]
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_digit()))
        .any(|digits| (13..=19).contains(&digits.len()) && is_checked(digits))
}

fn is_checked(digits: &str) -> bool {
    let weighed = digits.bytes().rev().enumerate().map(|(place, digit)| {
        let digit = u32::from(digit - b'0');
        if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
    });
    weighed.sum::<u32>() % 10 == 0
}

pub(super) fn text(what: &'static str, text: &str, most: usize) -> Result<String, MoneyError> {
    let text = text.trim();
    if (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(MoneyError::Unfit { what, most })
    }
}
