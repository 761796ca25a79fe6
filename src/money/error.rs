//! What can go wrong with money.

use crate::model::charge::ChargeRefusal;
use crate::model::money::{NoAmount, decimal};
use crate::store::StoreError;
use jiff::civil::Date;

/// Nothing was posted.
#[derive(Debug, thiserror::Error)]
pub enum MoneyError {
    /// The charge does not allow it.
    #[error(transparent)]
    Refused(#[from] ChargeRefusal),
    /// What happens once was said to have happened in another way.
    #[error("{what} was entered before, for another charge or amount: check the receipt's number")]
    KeyReused {
        /// What happened.
        what: &'static str,
    },
    /// There is nothing to approve.
    #[error("nothing of the kind is proposed for this charge, or it was decided already")]
    NothingProposed,
    /// Somebody else's proposal waits.
    #[error("a proposal for this charge waits already: decide on that first")]
    ProposedAlready,
    /// The charge is in the books of another site.
    #[error("the charge is in the books of site {0}")]
    OtherSite(String),
    /// A number that must be there is empty or too long.
    #[error("{what} has between 1 and {most} characters")]
    Unfit {
        /// Which.
        what: &'static str,
        /// How long it may be.
        most: usize,
    },
    /// What was given as a receipt's number is a card's, which is not ours to keep.
    #[error("this is the number of a card: enter the number on its receipt, never the card's")]
    CardNumber,
    /// The day cannot be closed now.
    #[error("{on} cannot be closed: {why}")]
    NotClosable {
        /// Which day.
        on: Date,
        /// Why not.
        why: &'static str,
    },
    /// Another day has to be closed before.
    #[error("close {0} first: its takings were not counted")]
    CloseFirst(Date),
    /// The count differs from the ledger and nobody says why.
    #[error("{what} should come to {expected}, {counted} was counted: count again, or say why", expected = decimal(*.expected), counted = decimal(*.counted))]
    Differs {
        /// Cash, checks or cards.
        what: &'static str,
        /// What the ledger says, in cents.
        expected: i64,
        /// What was counted, in cents.
        counted: i64,
    },
    /// More would go to the bank than was taken.
    #[error("only {held} is there to be paid in", held = decimal(*.held))]
    NotHeld {
        /// How much there is, in cents.
        held: i64,
    },
    /// The amount is none.
    #[error(transparent)]
    Amount(#[from] NoAmount),
    /// There is nothing to export.
    #[error("every transfer up to that day is in an earlier batch")]
    NothingToExport,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
