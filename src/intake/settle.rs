//! `SettleStudy`: a quiet study's instances leave the spool for one sealed archive.
//!
//! Repeatable: a run that is cut off leaves an archive row that says `writing` and perhaps a stray
//! object, and both are cleared at the next start. Instances leave the spool only in the transaction
//! that knows the archive, and that one comes after the archive was read back and verified.

mod versions;
mod write;

use crate::clock::Clock;
use crate::ids;
use crate::jobs::{Handler, JobError, Running, finish, put};
use crate::model::job::{StudyToSettle, freeze_package};
use crate::model::{Effect, FindingKind, InstanceRow, LeasedJob, NewArchive, NewFinding, NewJob};
use crate::store::blob::{BlobError, BlobKey, BlobStore};
use crate::store::db::{Db, Tx};
use crate::store::keys::Holder;
use crate::store::{StoreError, archives, findings, packages, studies};
use imaging::chance::Chance;
use imaging::seal::{DataKey, MasterKeys};
use imaging::spool::Spool;
use std::collections::HashMap;
use std::sync::Arc;
use versions::Versions;
use write::{Outcome, Writing};

/// The job's kind.
pub use crate::model::job::SETTLE_STUDY as KIND;
pub use crate::model::job::settle_study as job;

/// Settles studies.
pub struct SettleStudy {
    /// The database.
    pub db: Db,
    /// Where archives go.
    pub blobs: Arc<dyn BlobStore>,
    /// What wraps their keys.
    pub keys: Arc<MasterKeys>,
    /// The spools at hand, by node.
    pub spools: HashMap<String, Spool>,
    /// The time rows are made.
    pub clock: Arc<dyn Clock>,
    /// For ids and keys.
    pub chance: Arc<dyn Chance>,
}

impl Handler for SettleStudy {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(self.settle_and_recycle(job))
    }
}

impl SettleStudy {
    async fn settle_and_recycle(&self, job: &LeasedJob) -> Result<(), JobError> {
        let payload: StudyToSettle =
            job.payload().ok_or_else(|| JobError::fail("the payload names no study"))?;
        let node = job.node.as_deref().unwrap_or_default();
        let spool = self.spools.get(node).ok_or_else(|| JobError::fail("the job's node is not here"))?;
        let instances = studies::spooled_of(&self.db, &payload.study, node).await?;
        if !instances.is_empty() {
            self.settle(job, &payload.study, spool, instances).await?;
        }
        self.recycle(node, spool).await
    }

    async fn settle(
        &self,
        job: &LeasedJob,
        study: &str,
        spool: &Spool,
        instances: Vec<InstanceRow>,
    ) -> Result<(), JobError> {
        let node = job.node.as_deref().unwrap_or_default();
        let versions = Versions::known_before(&self.db, study, &instances).await?;
        let archive = ids::new_id(self.clock.now_ms(), &*self.chance);
        let key = DataKey::fresh(&*self.chance);
        self.announce(&archive, study, node, &key).await?;
        let writing = Writing {
            blobs: Arc::clone(&self.blobs),
            blob_key: blob_key(&archive)?,
            key,
            spool: spool.clone(),
            chance: Arc::clone(&self.chance),
            versions,
            instances,
        };
        let written = tokio::task::spawn_blocking(move || writing.run()).await;
        let written = written.map_err(|error| JobError::retry(format!("writing the archive: {error}")))?;
        match written {
            Ok(outcome) => match self.keep(job, &archive, study, outcome).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    self.clear(&archive).await?;
                    Err(error.into())
                }
            },
            Err(error) => {
                self.clear(&archive).await?;
                Err(JobError::retry(error))
            }
        }
    }

    /// Puts the archive's row before its object, so that no object is ever unaccounted for.
    async fn announce(
        &self,
        archive: &str,
        study: &str,
        node: &str,
        key: &DataKey,
    ) -> Result<(), StoreError> {
        let new = NewArchive {
            id: archive.to_owned(),
            study: study.to_owned(),
            node: node.to_owned(),
            blob_key: archive.to_owned(),
            key: self.keys.wrap(&Holder::Archive.owner(archive), key, &*self.chance).into(),
        };
        let mut tx = self.db.begin().await?;
        archives::begin(&mut tx, &new, self.clock.now_ms()).await?;
        tx.commit().await
    }

    /// Everything that follows from a verified archive, in one transaction.
    async fn keep(
        &self,
        job: &LeasedJob,
        archive: &str,
        study: &str,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let node = job.node.as_deref().unwrap_or_default();
        let now_ms = self.clock.now_ms();
        let mut tx = self.db.begin().await?;
        if outcome.members.is_empty() {
            archives::abandon(&mut tx, archive).await?;
        } else {
            archives::keep(&mut tx, archive, outcome.sizes, now_ms).await?;
            studies::settled(&mut tx, archive, node, &outcome.members).await?;
        }
        for (id, same_as) in &outcome.duplicates {
            studies::drop_duplicate(&mut tx, id, same_as, now_ms).await?;
        }
        for (id, notes) in &outcome.notes {
            studies::add_notes(&mut tx, id, notes).await?;
        }
        self.raise(&mut tx, &outcome, now_ms).await?;
        studies::note_settled(&mut tx, study, now_ms).await?;
        // A package that was frozen without these instances gets its next version.
        let requests = packages::requests_with(&mut tx, study).await?;
        let freezing: Vec<NewJob> = requests.iter().map(|request| freeze_package(request)).collect();
        put(&mut tx, &freezing, &*self.chance).await?;
        // Who lost the lease while writing changes nothing: another run has the study by now.
        finish(&mut tx, job).await?;
        tx.commit().await?;
        if outcome.members.is_empty() {
            self.delete_object(archive).await;
        }
        Ok(())
    }

    async fn raise(&self, tx: &mut Tx, outcome: &Outcome, now_ms: i64) -> Result<(), StoreError> {
        for (id, reason) in &outcome.damaged {
            studies::mark_damaged(tx, id, reason, now_ms, &*self.chance).await?;
        }
        let reasons = |kind, found: &[(String, String)], word: &str| -> Vec<NewFinding> {
            let finding = |(id, value): &(String, String)| NewFinding {
                kind,
                subject: id.clone(),
                detail: serde_json::json!({ word: value }),
            };
            found.iter().map(finding).collect()
        };
        let mut raised = reasons(FindingKind::InstanceDiffers, &outcome.differing, "first");
        raised.extend(reasons(FindingKind::InstanceUnreadable, &outcome.unreadable, "reason"));
        findings::raise(tx, &raised, now_ms, &*self.chance).await
    }

    /// Clears archives that an earlier run of these nodes did not finish.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn clear_unfinished(&self) -> Result<(), StoreError> {
        for node in self.spools.keys() {
            for archive in archives::unfinished(&self.db, node).await? {
                self.clear(&archive.id).await?;
            }
        }
        Ok(())
    }

    /// The object first: a row without one is found again, an object without one is not. But nothing is
    /// deleted unless the row says that the archive is not kept. A commit that seemed to fail may be coming
    /// through: it has the row until it is decided, and whoever looks here waits for that. The row is not held
    /// while the object is deleted: that may take long, and others have rows to write. An object that cannot
    /// be deleted keeps its row, for the next start.
    async fn clear(&self, archive: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let is_unfinished = archives::is_unfinished(&mut tx, archive).await?;
        tx.commit().await?;
        if is_unfinished && self.delete_object(archive).await {
            let mut tx = self.db.begin().await?;
            archives::abandon(&mut tx, archive).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether it is gone.
    async fn delete_object(&self, archive: &str) -> bool {
        let Ok(key) = blob_key(archive) else { return true };
        let blobs = Arc::clone(&self.blobs);
        let deleted = tokio::task::spawn_blocking(move || blobs.delete(&key)).await;
        let deleted = deleted.unwrap_or_else(|error| Err(BlobError::Io(std::io::Error::other(error))));
        if let Err(error) = deleted {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(archive, error, "the object of an unfinished archive could not be deleted");
            return false;
        }
        true
    }

    /// Recycles what the spools of these nodes need no more, and notes what the index knows, so that no later start
    /// looks through it. Only when everything that was found in them is adopted.
    pub async fn recycle_all(&self) {
        for (node, spool) in &self.spools {
            if let Err(error) = self.recycle(node, spool).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    node,
                    error,
                    "spool segments were not recycled; the next settling tries again"
                );
            }
        }
    }

    /// Recycles what is needed no more. Asked in this order, nothing can come between: an idle segment
    /// takes no more instances, and all it has are in the index.
    async fn recycle(&self, node: &str, spool: &Spool) -> Result<(), JobError> {
        let idle = spool.idle_generations();
        let needed = studies::generations_in_use(&self.db, node).await?;
        let (needed, free): (Vec<u64>, Vec<u64>) =
            idle.into_iter().partition(|generation| needed.contains(generation));
        let spool = spool.clone();
        let recycled = tokio::task::spawn_blocking(move || {
            spool.recycle(&free)?;
            spool.mark_indexed(&needed)
        })
        .await;
        match recycled {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(JobError::retry(error)),
            Err(error) => Err(JobError::retry(error)),
        }
    }
}

fn blob_key(archive: &str) -> Result<BlobKey, JobError> {
    BlobKey::new(archive).map_err(JobError::fail)
}
