//! The sealer: every second it chains what was recorded, and once a day it signs the end of the chain.
//!
//! Every node runs one. In the transaction that adds to the chain only one of them is let past the gate,
//! and a number is taken once, so the chain cannot fork; the gate falls with the node that holds it.

use super::chain::chained;
use super::heads::{HeadsError, SigningKey, write_missing};
use crate::clock::{Clock, DAY_MS, day_in};
use crate::store::db::{Db, Gate};
use crate::store::{StoreError, audit};
use imaging::chance::Chance;
use imaging::seal::MasterKeys;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_secs(1);
const AT_ONCE: u32 = 500;

/// Chains and signs.
pub struct Sealer {
    /// Where events are.
    pub db: Db,
    /// What the signing key is wrapped by.
    pub keys: Arc<MasterKeys>,
    /// For the first signing key.
    pub chance: Arc<dyn Chance>,
    /// When to look whether a day has passed.
    pub clock: Arc<dyn Clock>,
    /// Where daily heads are copied to.
    pub folder: PathBuf,
}

impl Sealer {
    /// Works every second until `stopped` changes.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut signed_on = None;
        loop {
            if let Err(error) = self.work(&mut signed_on).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "audit events were not sealed; trying again");
            }
            tokio::select! {
                _ = stopped.changed() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Chains everything that waits. On a day other than `signed_on`, signs the days before and copies what
    /// was signed to the folder.
    ///
    /// # Errors
    /// [`HeadsError`]; what was committed stays, and the next pass goes on from there.
    pub async fn work(&self, signed_on: &mut Option<Date>) -> Result<(), HeadsError> {
        while audit::count_unsealed(&self.db).await? > 0 {
            self.seal().await?;
        }
        if *signed_on != Some(day_of(self.clock.now_ms())) {
            let today = self.sign().await?;
            write_missing(&self.db, &self.folder).await?;
            *signed_on = Some(today);
        }
        Ok(())
    }

    async fn seal(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.pass_alone(Gate::SealAudit).await?;
        let events = audit::unsealed(&mut tx, AT_ONCE).await?;
        let last = audit::last_seal(&mut tx).await?;
        // The chain's days never go back, though a clock may.
        let sealed_at = tx.now_ms().await?.max(last.as_ref().map_or(0, |seal| seal.sealed_at));
        audit::seal(&mut tx, &chained(last.as_ref(), &events, sealed_at)).await?;
        tx.commit().await
    }

    /// Signs the end of the chain on the last day that has passed and had a seal, if nobody did; today, by
    /// the database's clock.
    async fn sign(&self) -> Result<Date, HeadsError> {
        let mut tx = self.db.begin().await?;
        tx.pass_alone(Gate::SealAudit).await?;
        let now_ms = tx.now_ms().await?;
        let midnight_ms = now_ms - now_ms.rem_euclid(DAY_MS);
        let signed = audit::last_head_day(&mut tx).await?;
        if let Some(seal) = audit::last_seal_before(&mut tx, midnight_ms).await? {
            let day = day_of(seal.sealed_at);
            if signed.is_none_or(|signed| signed < day) {
                let key = SigningKey::open(&mut tx, &self.keys, &*self.chance).await?;
                audit::add_head(&mut tx, &key.sign(day, &seal)).await?;
            }
        }
        tx.commit().await?;
        Ok(day_of(now_ms))
    }
}

/// The day of a time, in UTC.
fn day_of(ms: i64) -> Date {
    day_in(&TimeZone::UTC, ms)
}
