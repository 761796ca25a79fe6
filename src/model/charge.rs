//! Charges: the flat fee of one FedEx delivery, from its quote to its end.
//!
//! Each event moves a charge from one state to another and the whole amount by at most one [`Movement`], so
//! what the ledger must say about a charge follows from its state ([`ChargeState::balances`]).

use super::audit::Actor;
use super::money::Cents;
use super::refused::Refused;
use super::transfer::{Account, Movement, PaidBy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The fee as it is configured: flat, with what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeSchedule {
    amount: Cents,
    basis: Vec<CostLine>,
}

/// A part of the fee (45 CFR 164.524(c)(4) asks for labor, supplies and postage).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostLine {
    /// What for.
    pub label: String,
    /// How much.
    pub cents: Cents,
}

/// A fee whose parts do not make it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fee is {fee} and its cost lines sum to {sum}: they must be equal", fee = super::money::decimal(*fee), sum = super::money::decimal(*sum))]
pub struct UnbalancedFee {
    /// The fee, in cents.
    pub fee: i64,
    /// The sum of its lines, in cents.
    pub sum: i64,
}

impl FeeSchedule {
    /// A fee with the lines that sum to it.
    ///
    /// # Errors
    /// [`UnbalancedFee`] if they do not.
    pub fn new(amount: Cents, basis: Vec<CostLine>) -> Result<Self, UnbalancedFee> {
        let sum = basis.iter().map(|line| line.cents.get()).sum();
        if sum == amount.get() {
            Ok(Self { amount, basis })
        } else {
            Err(UnbalancedFee { fee: amount.get(), sum })
        }
    }

    /// The fee.
    #[must_use]
    pub fn amount(&self) -> Cents {
        self.amount
    }

    /// What it is made of.
    #[must_use]
    pub fn basis(&self) -> &[CostLine] {
        &self.basis
    }
}

/// Whether the fee was earned: the parcel was tendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fee {
    /// Not yet.
    Deferred,
    /// It was.
    Earned,
}

impl Fee {
    fn account(self) -> Account {
        match self {
            Self::Deferred => Account::DeferredFees,
            Self::Earned => Account::DeliveryFees,
        }
    }
}

/// Money that changed hands at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// What with.
    pub paid_by: PaidBy,
    /// The number of the receipt: of the receipt book, the check, or the terminal's slip.
    pub receipt: String,
    /// Who took or gave it.
    pub by: Actor,
    /// When.
    pub at: i64,
}

/// What one person proposed and another approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FeeApproval)]
pub struct Approval {
    reason: String,
    proposed_by: Actor,
    approved_by: Actor,
    at: i64,
}

impl Approval {
    /// The approval of what `proposed_by` proposed.
    ///
    /// # Errors
    /// [`ChargeRefusal::SamePerson`] if both are the same person.
    pub fn new(
        reason: &str,
        proposed_by: &Actor,
        approved_by: &Actor,
        at: i64,
    ) -> Result<Self, ChargeRefusal> {
        if proposed_by == approved_by {
            return Err(ChargeRefusal::SamePerson);
        }
        let (proposed_by, approved_by) = (proposed_by.clone(), approved_by.clone());
        Ok(Self { reason: reason.to_owned(), proposed_by, approved_by, at })
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who approved it.
    #[must_use]
    pub fn approved_by(&self) -> &Actor {
        &self.approved_by
    }
}

/// How far a charge is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChargeState {
    /// The patient was told the fee. Nothing is due.
    Quoted,
    /// Due: the request was approved and its images are on hand.
    Open,
    /// Paid.
    Paid {
        /// How.
        payment: Payment,
        /// Whether it was earned.
        fee: Fee,
    },
    /// Let off.
    Waived {
        /// By whom and why.
        waiver: Approval,
        /// Whether it would have been earned.
        fee: Fee,
    },
    /// Not due any more, and nothing that was paid is left.
    Void {
        /// Why.
        reason: String,
    },
    /// To be given back.
    Refunding {
        /// How it was paid.
        payment: Payment,
        /// By whom and why.
        refund: Approval,
        /// Whether it had been earned when that was approved.
        fee: Fee,
    },
    /// Given back.
    Refunded {
        /// How it was paid.
        payment: Payment,
        /// By whom and why.
        refund: Approval,
        /// Whether it had been earned when that was approved.
        fee: Fee,
        /// How it was given back.
        repaid: Payment,
    },
    /// Taken back by the card holder, not decided.
    Disputed {
        /// How it was paid.
        payment: Payment,
        /// Whether it was earned.
        fee: Fee,
        /// The processor's number of the dispute.
        dispute: String,
    },
    /// Taken back by the card holder for good.
    WrittenOff {
        /// How it was paid.
        payment: Payment,
        /// Whether it was earned.
        fee: Fee,
        /// The processor's number of the dispute.
        dispute: String,
    },
}

/// What may happen to a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargeEvent {
    /// The order can be filled: the fee is due.
    Open,
    /// The patient pays.
    Collect(Payment),
    /// A waiver is approved.
    Waive(Approval),
    /// The delivery was switched or cancelled, and nothing that was paid is left.
    Void {
        /// Why.
        reason: String,
    },
    /// The parcel was tendered.
    Earn,
    /// A refund is approved.
    Refund(Approval),
    /// The refund is paid.
    Repay(Payment),
    /// A card holder takes the payment back.
    Dispute {
        /// The processor's number of the dispute.
        dispute: String,
    },
    /// The dispute was decided for us.
    WinDispute {
        /// The processor's number of the dispute.
        dispute: String,
    },
    /// The dispute was decided against us.
    LoseDispute {
        /// The processor's number of the dispute.
        dispute: String,
    },
}

/// Why nothing happened to a charge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChargeRefusal {
    /// The state does not allow it.
    #[error(transparent)]
    NotNow(#[from] Refused),
    /// Nobody approves what he proposed.
    #[error("who proposed it cannot approve it: ask another person")]
    SamePerson,
}

impl ChargeEvent {
    /// What happens, as in "cannot be …".
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "opened",
            Self::Collect(_) => "collected",
            Self::Waive(_) => "waived",
            Self::Void { .. } => "voided",
            Self::Earn => "earned",
            Self::Refund(_) => "refunded",
            Self::Repay(_) => "repaid",
            Self::Dispute { .. } => "disputed",
            Self::WinDispute { .. } => "won back",
            Self::LoseDispute { .. } => "written off",
        }
    }

    /// What happens, as the audit has it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Open => "charge.opened",
            Self::Collect(_) => "charge.collected",
            Self::Waive(_) => "charge.waived",
            Self::Void { .. } => "charge.voided",
            Self::Earn => "charge.earned",
            Self::Refund(_) => "charge.refund_approved",
            Self::Repay(_) => "charge.refunded",
            Self::Dispute { .. } => "charge.disputed",
            Self::WinDispute { .. } => "charge.dispute_won",
            Self::LoseDispute { .. } => "charge.dispute_lost",
        }
    }

    /// What happens, as a key of the ledger that happens once. A receipt serves for one charge of a site.
    #[must_use]
    pub fn idempotency_key(&self, site: &str, charge: &str) -> String {
        match self {
            Self::Collect(Payment { paid_by, receipt, .. })
            | Self::Repay(Payment { paid_by, receipt, .. }) => {
                format!("{}:{site}:{}:{receipt}", self.as_str(), paid_by.as_str())
            }
            Self::Dispute { dispute } | Self::WinDispute { dispute } | Self::LoseDispute { dispute } => {
                format!("{}:{charge}:{dispute}", self.as_str().replace(' ', "_"))
            }
            event => format!("{}:{charge}", event.as_str()),
        }
    }
}

impl ChargeState {
    /// The words rows use, in the order of a charge's life.
    pub const WORDS: [&'static str; 9] =
        ["quoted", "open", "paid", "waived", "void", "refunding", "refunded", "disputed", "written_off"];

    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Open => "open",
            Self::Paid { .. } => "paid",
            Self::Waived { .. } => "waived",
            Self::Void { .. } => "void",
            Self::Refunding { .. } => "refunding",
            Self::Refunded { .. } => "refunded",
            Self::Disputed { .. } => "disputed",
            Self::WrittenOff { .. } => "written_off",
        }
    }

    /// Whether the parcel may go as far as money is concerned.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Paid { .. } | Self::Waived { .. })
    }

    /// Whether this may be proposed, and approved.
    #[must_use]
    pub fn allows(&self, kind: ProposalKind) -> bool {
        match kind {
            ProposalKind::Waiver => matches!(self, Self::Open),
            ProposalKind::Refund => matches!(self, Self::Paid { .. }),
        }
    }

    /// Whether it can be made void: nothing that was paid is left, and nothing was sent without being paid.
    #[must_use]
    pub fn is_voidable(&self) -> bool {
        matches!(
            self,
            Self::Quoted
                | Self::Open
                | Self::Waived { fee: Fee::Deferred, .. }
                | Self::WrittenOff { fee: Fee::Deferred, .. }
        )
    }

    /// How it was paid; nothing if it never was.
    #[must_use]
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Paid { payment, .. }
            | Self::Refunding { payment, .. }
            | Self::Refunded { payment, .. }
            | Self::Disputed { payment, .. }
            | Self::WrittenOff { payment, .. } => Some(payment),
            Self::Quoted | Self::Open | Self::Waived { .. } | Self::Void { .. } => None,
        }
    }

    /// The state after `event`, and how the amount moves.
    ///
    /// # Errors
    /// [`ChargeRefusal`] if that cannot happen now.
    pub fn after(self, event: ChargeEvent) -> Result<(Self, Option<Movement>), ChargeRefusal> {
        use {ChargeEvent as Event, Fee::Deferred, Fee::Earned, Movement as By};
        let refusal = Refused { what: "charge", state: self.as_str(), event: event.as_str() };
        let (state, movement) = match (self, event) {
            (Self::Quoted, Event::Open) => (Self::Open, By::Opened),
            (Self::Quoted, Event::Void { reason }) => return Ok((Self::Void { reason }, None)),
            (Self::Open, Event::Collect(payment)) => {
                let movement = By::Collected(payment.paid_by);
                (Self::Paid { payment, fee: Deferred }, movement)
            }
            (Self::Open, Event::Waive(waiver)) => (Self::Waived { waiver, fee: Deferred }, By::Waived),
            (Self::Open, Event::Void { reason }) => (Self::Void { reason }, By::Voided),
            (Self::Waived { fee: Deferred, .. }, Event::Void { reason }) => {
                (Self::Void { reason }, By::WaiverVoided)
            }
            (Self::WrittenOff { fee: Deferred, .. }, Event::Void { reason }) => {
                (Self::Void { reason }, By::LossVoided)
            }
            (Self::Paid { payment, fee: Deferred }, Event::Earn) => {
                (Self::Paid { payment, fee: Earned }, By::Earned)
            }
            (Self::Waived { waiver, fee: Deferred }, Event::Earn) => {
                (Self::Waived { waiver, fee: Earned }, By::Earned)
            }
            (Self::Disputed { payment, fee: Deferred, dispute }, Event::Earn) => {
                (Self::Disputed { payment, fee: Earned, dispute }, By::Earned)
            }
            (Self::WrittenOff { payment, fee: Deferred, dispute }, Event::Earn) => {
                (Self::WrittenOff { payment, fee: Earned, dispute }, By::Earned)
            }
            (Self::Paid { payment, fee }, Event::Refund(refund)) => {
                let movement = if fee == Earned { By::EarnedRefunded } else { By::UnearnedRefunded };
                (Self::Refunding { payment, refund, fee }, movement)
            }
            (Self::Refunding { payment, refund, fee }, Event::Repay(repaid)) => {
                let movement = By::RefundPaid(repaid.paid_by);
                (Self::Refunded { payment, refund, fee, repaid }, movement)
            }
            (Self::Paid { payment, fee }, Event::Dispute { dispute }) if payment.paid_by == PaidBy::Card => {
                (Self::Disputed { payment, fee, dispute }, By::Disputed)
            }
            (Self::Disputed { payment, fee, dispute: open }, Event::WinDispute { dispute })
                if open == dispute =>
            {
                (Self::Paid { payment, fee }, By::DisputeWon)
            }
            (Self::Disputed { payment, fee, dispute: open }, Event::LoseDispute { dispute })
                if open == dispute =>
            {
                (Self::WrittenOff { payment, fee, dispute }, By::DisputeLost)
            }
            _ => return Err(refusal.into()),
        };
        Ok((state, Some(movement)))
    }

    /// What the ledger must say about a charge in this state: the accounts that hold its amount, as debit
    /// (1) or credit (-1), each account once. Deposits are not about a charge.
    #[must_use]
    pub fn balances(&self) -> Vec<(Account, i64)> {
        let mut sides = match self {
            Self::Quoted | Self::Void { .. } => Vec::new(),
            Self::Open => vec![(Account::PatientsReceivable, 1), (Account::DeferredFees, -1)],
            Self::Paid { payment, fee } => vec![(payment.paid_by.clearing(), 1), (fee.account(), -1)],
            Self::Waived { fee, .. } => vec![(Account::Waivers, 1), (fee.account(), -1)],
            Self::Disputed { fee, .. } => vec![(Account::DisputesReceivable, 1), (fee.account(), -1)],
            Self::WrittenOff { fee, .. } => vec![(Account::DisputeLosses, 1), (fee.account(), -1)],
            Self::Refunding { payment, .. } => {
                vec![(payment.paid_by.clearing(), 1), (Account::RefundsPayable, -1)]
            }
            Self::Refunded { payment, repaid, .. } => {
                vec![(payment.paid_by.clearing(), 1), (Movement::RefundPaid(repaid.paid_by).credit(), -1)]
            }
        };
        if let Self::Refunding { fee: Fee::Earned, .. } | Self::Refunded { fee: Fee::Earned, .. } = self {
            sides.extend([(Account::Refunds, 1), (Account::DeliveryFees, -1)]);
        }
        if let [(debit, 1), (credit, -1), ..] = sides[..]
            && debit == credit
        {
            sides.drain(..2);
        }
        sides
    }
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Charge {
    /// The row's id.
    pub id: String,
    /// The release request.
    pub request: String,
    /// Its public reference, as receipts and exports have it.
    pub reference: String,
    /// The FedEx delivery it is for.
    pub delivery: String,
    /// Whose books.
    pub site: String,
    /// How much.
    #[serde(rename = "amount_cents")]
    pub amount: Cents,
    /// What the fee was made of when it was quoted.
    pub basis: Vec<CostLine>,
    /// How far it is.
    #[serde(flatten)]
    pub state: ChargeState,
    /// When the fee was quoted.
    pub quoted_at: i64,
}

/// A waiver or a refund that waits for another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Proposal {
    /// The row's id.
    pub id: String,
    /// The charge.
    pub charge: String,
    /// What is proposed.
    pub kind: ProposalKind,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// When.
    pub proposed_at: i64,
}

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// Letting the fee off.
    Waiver,
    /// Giving it back.
    Refund,
}

impl ProposalKind {
    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Refund => "refund",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Waiver, Self::Refund].into_iter().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests;
