//! The ledger's entries. One is a transfer between two accounts, so that it balances however it is made.

use super::audit::Actor;
use super::money::Cents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account of the ledger. The numbers are those of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What was paid in to the bank.
    Bank,
    /// What card terminals took and the processor has not paid out.
    CardClearing,
    /// Cash and checks in the drawer of the desk.
    DeskClearing,
    /// What patients owe.
    PatientsReceivable,
    /// What card holders took back and nobody has decided on.
    DisputesReceivable,
    /// What was promised back and not paid yet.
    RefundsPayable,
    /// Fees for parcels that have not left yet.
    DeferredFees,
    /// Fees that were earned: the parcel was tendered.
    DeliveryFees,
    /// Fees that were let off, against revenue.
    Waivers,
    /// Fees that were given back, against revenue.
    Refunds,
    /// Fees that card holders took back for good.
    DisputeLosses,
}

impl Account {
    /// Every account, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Bank,
        Self::CardClearing,
        Self::DeskClearing,
        Self::PatientsReceivable,
        Self::DisputesReceivable,
        Self::RefundsPayable,
        Self::DeferredFees,
        Self::DeliveryFees,
        Self::Waivers,
        Self::Refunds,
        Self::DisputeLosses,
    ];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::CardClearing => "card_clearing",
            Self::DeskClearing => "desk_clearing",
            Self::PatientsReceivable => "patients_receivable",
            Self::DisputesReceivable => "disputes_receivable",
            Self::RefundsPayable => "refunds_payable",
            Self::DeferredFees => "deferred_fees",
            Self::DeliveryFees => "delivery_fees",
            Self::Waivers => "waivers",
            Self::Refunds => "refunds",
            Self::DisputeLosses => "dispute_losses",
        }
    }

    /// The account of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.as_str() == word)
    }

    /// The number it has in the general ledger's export.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::Bank => "1000",
            Self::CardClearing => "1050",
            Self::DeskClearing => "1060",
            Self::PatientsReceivable => "1200",
            Self::DisputesReceivable => "1250",
            Self::RefundsPayable => "2150",
            Self::DeferredFees => "2300",
            Self::DeliveryFees => "4010",
            Self::Waivers => "4090",
            Self::Refunds => "4095",
            Self::DisputeLosses => "5210",
        }
    }
}

/// What money is paid with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// Into and out of the drawer of the desk.
    Cash,
    /// Into the drawer; out of the bank.
    Check,
    /// At the desk's card terminal, and back to the card.
    Card,
}

impl PaidBy {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Cash, Self::Check, Self::Card];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Check => "check",
            Self::Card => "card",
        }
    }

    /// The one of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|paid_by| paid_by.as_str() == word)
    }

    /// Where what is paid so lies until the bank has it.
    #[must_use]
    pub fn clearing(self) -> Account {
        match self {
            Self::Cash | Self::Check => Account::DeskClearing,
            Self::Card => Account::CardClearing,
        }
    }
}

/// Why money moves. It says between which accounts; there is no other way to move any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// The fee is due.
    Opened,
    /// The patient paid.
    Collected(PaidBy),
    /// What was due is let off.
    Waived,
    /// What was due is not due any more.
    Voided,
    /// What was let off would not have been due.
    WaiverVoided,
    /// What the card holder took back would not have been due.
    LossVoided,
    /// The parcel left: the fee is earned.
    Earned,
    /// A fee that was not earned is to be given back.
    UnearnedRefunded,
    /// A fee that was earned is to be given back.
    EarnedRefunded,
    /// It was given back.
    RefundPaid(PaidBy),
    /// A card holder took a payment back.
    Disputed,
    /// The card holder was wrong.
    DisputeWon,
    /// The card holder keeps it.
    DisputeLost,
    /// What was taken came to the bank.
    Deposited(PaidBy),
}

impl Movement {
    /// Every one.
    pub const ALL: [Self; 20] = [
        Self::Opened,
        Self::Collected(PaidBy::Cash),
        Self::Collected(PaidBy::Check),
        Self::Collected(PaidBy::Card),
        Self::Waived,
        Self::Voided,
        Self::WaiverVoided,
        Self::LossVoided,
        Self::Earned,
        Self::UnearnedRefunded,
        Self::EarnedRefunded,
        Self::RefundPaid(PaidBy::Cash),
        Self::RefundPaid(PaidBy::Check),
        Self::RefundPaid(PaidBy::Card),
        Self::Disputed,
        Self::DisputeWon,
        Self::DisputeLost,
        Self::Deposited(PaidBy::Cash),
        Self::Deposited(PaidBy::Check),
        Self::Deposited(PaidBy::Card),
    ];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Collected(PaidBy::Cash) => "collected_cash",
            Self::Collected(PaidBy::Check) => "collected_check",
            Self::Collected(PaidBy::Card) => "collected_card",
            Self::Waived => "waived",
            Self::Voided => "voided",
            Self::WaiverVoided => "waiver_voided",
            Self::LossVoided => "loss_voided",
            Self::Earned => "earned",
            Self::UnearnedRefunded => "unearned_refunded",
            Self::EarnedRefunded => "earned_refunded",
            Self::RefundPaid(PaidBy::Cash) => "refund_paid_cash",
            Self::RefundPaid(PaidBy::Check) => "refund_paid_check",
            Self::RefundPaid(PaidBy::Card) => "refund_paid_card",
            Self::Disputed => "disputed",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
            Self::Deposited(PaidBy::Cash) => "deposited_cash",
            Self::Deposited(PaidBy::Check) => "deposited_check",
            Self::Deposited(PaidBy::Card) => "deposited_card",
        }
    }

    /// The one of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|movement| movement.as_str() == word)
    }

    /// The account that is debited.
    #[must_use]
    pub fn debit(self) -> Account {
        match self {
            Self::Opened => Account::PatientsReceivable,
            Self::Collected(paid_by) => paid_by.clearing(),
            Self::Waived => Account::Waivers,
            Self::Voided | Self::WaiverVoided | Self::LossVoided | Self::Earned | Self::UnearnedRefunded => {
                Account::DeferredFees
            }
            Self::EarnedRefunded => Account::Refunds,
            Self::RefundPaid(_) => Account::RefundsPayable,
            Self::Disputed => Account::DisputesReceivable,
            Self::DisputeWon => Account::CardClearing,
            Self::DisputeLost => Account::DisputeLosses,
            Self::Deposited(_) => Account::Bank,
        }
    }

    /// The account that is credited.
    #[must_use]
    pub fn credit(self) -> Account {
        match self {
            Self::Opened => Account::DeferredFees,
            Self::Collected(_) | Self::Waived | Self::Voided => Account::PatientsReceivable,
            Self::WaiverVoided => Account::Waivers,
            Self::LossVoided => Account::DisputeLosses,
            Self::Earned => Account::DeliveryFees,
            Self::UnearnedRefunded | Self::EarnedRefunded => Account::RefundsPayable,
            Self::RefundPaid(PaidBy::Check) => Account::Bank,
            Self::RefundPaid(paid_by) | Self::Deposited(paid_by) => paid_by.clearing(),
            Self::Disputed => Account::CardClearing,
            Self::DisputeWon | Self::DisputeLost => Account::DisputesReceivable,
        }
    }
}

impl Serialize for Movement {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A transfer to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransfer {
    /// Why, and so between which accounts.
    pub movement: Movement,
    /// How much.
    pub amount: Cents,
    /// Whose books.
    pub site: String,
    /// The charge it is about; none for what is paid in to the bank.
    pub charge: Option<String>,
    /// What happened, as a key that happens once: `open:` and the charge's id.
    pub idempotency_key: String,
    /// Who did it.
    pub actor: Actor,
}

/// A transfer as it stands in the ledger, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Transfer {
    /// The row's id.
    pub id: String,
    /// Why, and so between which accounts.
    #[schema(value_type = String)]
    pub movement: Movement,
    /// How much.
    #[serde(rename = "amount_cents")]
    pub amount: Cents,
    /// Whose books.
    pub site: String,
    /// The day it belongs to, in the site's time zone.
    pub accounting_on: Date,
    /// The charge it is about.
    pub charge: Option<String>,
    /// What happened.
    pub idempotency_key: String,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub posted_at: i64,
}

/// A day at a site whose takings were counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Closing {
    /// Where.
    pub site: String,
    /// Which day.
    pub accounting_on: Date,
    /// Cash, checks and cards.
    pub counts: Vec<Count>,
    /// Why what was counted differs from what the ledger expects.
    pub reason: Option<String>,
    /// Who counted.
    pub closed_by: Actor,
    /// When.
    pub closed_at: i64,
}

/// What one means of payment came to on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// Cash, checks or cards.
    pub paid_by: PaidBy,
    /// What was collected, in cents, …
    pub collected_cents: i64,
    /// … less what was given back the same way; of checks nothing, those are drawn on the bank.
    pub repaid_cents: i64,
    /// What was counted.
    pub counted_cents: i64,
}

impl Count {
    /// What should be there.
    #[must_use]
    pub fn expected_cents(&self) -> i64 {
        self.collected_cents - self.repaid_cents
    }
}

/// What was handed to the general ledger at once, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExportBatch {
    /// `GL-SITE-YYYYMMDD-NN`.
    pub id: String,
    /// Whose books.
    pub site: String,
    /// When, in the site's time zone.
    pub made_on: Date,
    /// How many transfers; each makes two lines.
    pub transfers: u64,
    /// The sum of the debits, and of the credits.
    pub total_cents: i64,
    /// SHA-256 of the content.
    pub sha256: String,
    /// CSV (RFC 4180).
    #[serde(skip)]
    pub content: String,
    /// Who made it.
    pub made_by: Actor,
    /// When.
    pub made_at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_account_is_read_back_as_it_is_written_and_has_a_number_of_its_own() {
        for account in Account::ALL {
            assert_eq!(Account::parse(account.as_str()), Some(account));
        }
        let numbers: BTreeSet<&str> = Account::ALL.into_iter().map(Account::number).collect();
        assert_eq!(numbers.len(), Account::ALL.len());
        assert_eq!(Account::parse("petty_cash"), None);
    }

    #[test]
    fn every_movement_is_read_back_as_it_is_written_and_leads_from_one_account_to_another() {
        for movement in Movement::ALL {
            assert_eq!(Movement::parse(movement.as_str()), Some(movement));
            assert_ne!(movement.debit(), movement.credit(), "{movement:?}");
        }
        assert_eq!(Movement::parse("borrowed"), None);
        for paid_by in PaidBy::ALL {
            assert_eq!(PaidBy::parse(paid_by.as_str()), Some(paid_by));
            assert!(Movement::ALL.contains(&Movement::Collected(paid_by)));
            assert!(Movement::ALL.contains(&Movement::RefundPaid(paid_by)));
            assert!(Movement::ALL.contains(&Movement::Deposited(paid_by)));
        }
    }
}
