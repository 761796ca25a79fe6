//! The fee: quoted, collected, let off, given back, and how the books show it.
//!
//! [`ledger`] posts transfers, [`fee`] moves charges and posts what follows from that in the same transaction,
//! [`close`] counts a day's takings, [`export`] hands transfers to the general ledger, [`verify`] holds charges
//! against the ledger, and [`billing`] is what the billing pages show.

pub mod billing;
pub mod close;
mod error;
pub mod export;
pub mod fee;
pub mod ledger;
pub mod verify;

#[cfg(test)]
mod tests;

pub use error::MoneyError;

use crate::audit::events;
use crate::model::{Actor, Charge, NewEvent, Site, Subject};
use crate::store::StoreError;
use crate::store::db::Tx;
use imaging::chance::Chance;
use serde_json::Value as Json;

/// Whoever moves money, where and when.
#[derive(Clone, Copy)]
pub struct Clerk<'a> {
    /// Whose books.
    pub site: &'a Site,
    /// Who.
    pub actor: &'a Actor,
    /// The time.
    pub now_ms: i64,
    /// For ids.
    pub chance: &'a dyn Chance,
}

impl Clerk<'_> {
    /// Puts on record what was done with a charge.
    async fn note(
        &self,
        tx: &mut Tx,
        charge: &Charge,
        action: &'static str,
        detail: Json,
    ) -> Result<(), StoreError> {
        let event = NewEvent::new(self.actor.clone(), action, Subject::new("charge", &charge.id));
        self.record(tx, event.of_request(&charge.request).with(detail)).await
    }

    /// Puts on record what was done with the books.
    async fn note_books(&self, tx: &mut Tx, action: &'static str, detail: Json) -> Result<(), StoreError> {
        let event = NewEvent::new(self.actor.clone(), action, Subject::new("site", &self.site.id));
        self.record(tx, event.with(detail)).await
    }

    async fn record(&self, tx: &mut Tx, event: NewEvent) -> Result<(), StoreError> {
        events::record(tx, &event, self.now_ms, self.chance).await
    }
}
