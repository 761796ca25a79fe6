//! `FreezePackage`: what a request releases becomes one file that never changes.
//!
//! Repeatable: the package is named by its job, so a run that is cut off leaves at most a layout that the
//! next run replaces. What is frozen already is not frozen again; a late instance makes the next version,
//! and links then open that one, never a mix of both.

use super::{Making, Recipe, RecipeError, frozen, recipe, zip};
use crate::clock::Clock;
use crate::hex::hex;
use crate::jobs::{Handler, JobError, Running, finish, put};
use crate::model::audit::{Actor, NewEvent, Subject};
use crate::model::job::{FREEZE_PACKAGE, advance_request, hand_over_package, settle_study};
use crate::model::{Effect, LeasedJob, NewJob, NewPackage, PackageCounts, StudySummary, Twin};
use crate::store::blob::{BlobKey, BlobStore};
use crate::store::db::Db;
use crate::store::keys::Holder;
use crate::store::{audit, links, packages, requests, sealed, studies};
use imaging::chance::Chance;
use imaging::package::Institution;
use imaging::seal::{DataKey, MasterKeys};
use imaging::sign::SigningKey;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Instances in a spool are settled meanwhile.
const SETTLED_WITHIN_MS: i64 = 1_000;

/// Who hands packages out, and by which clock.
#[derive(Clone)]
pub struct Institute {
    /// What a ZIP says of time is local.
    pub zone: TimeZone,
    /// Whom README names.
    pub institution: Option<Arc<Institution>>,
}

/// Freezes packages.
pub struct FreezePackage {
    /// The database.
    pub db: Db,
    /// Where layouts go.
    pub blobs: Arc<dyn BlobStore>,
    /// What wraps their keys, and signs manifests.
    pub keys: Arc<MasterKeys>,
    /// The time packages are made.
    pub clock: Arc<dyn Clock>,
    /// For keys.
    pub chance: Arc<dyn Chance>,
    /// Who hands them out.
    pub institute: Institute,
    /// Whether they are uploaded to be fetched from the object store.
    pub handed_over: bool,
}

impl Handler for FreezePackage {
    fn kind(&self) -> &'static str {
        FREEZE_PACKAGE
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(self.freeze(job))
    }
}

impl FreezePackage {
    async fn freeze(&self, job: &LeasedJob) -> Result<(), JobError> {
        let request: String = job.payload().ok_or_else(|| JobError::fail("the payload names no request"))?;
        if packages::get(&self.db, &job.id).await?.is_some() {
            return Ok(());
        }
        let released = self.released(&request).await?;
        self.wait_until_settled(&released).await?;
        let made = self.recipe(&released).await?;
        if made.contents.counts().instances == 0 {
            return Err(JobError::fail("nothing is released that could be handed out"));
        }
        let digest = contents_digest(&made);
        let current = packages::current_of(&self.db, &request).await?;
        if current.is_some_and(|current| current.contents_digest == digest) {
            return Ok(());
        }
        let package = self.write(job, &request, made, digest).await?;
        let kept = self.keep(job, &released, &package).await;
        if kept.is_err() && packages::get(&self.db, &package.id).await?.is_none() {
            self.delete(&package.blob_key).await;
        }
        kept
    }

    /// The studies a request releases.
    async fn released(&self, request: &str) -> Result<Vec<StudySummary>, JobError> {
        let scope = requests::scope(&self.db, request).await?;
        let released: Vec<String> = scope.released().map(str::to_owned).collect();
        let found = studies::by_ids(&self.db, &released).await?;
        if found.len() == released.len() {
            Ok(found)
        } else {
            Err(JobError::fail("a released study is not kept any more"))
        }
    }

    /// Hastens the settling of what is still in a spool.
    async fn wait_until_settled(&self, released: &[StudySummary]) -> Result<(), JobError> {
        let mut settling = Vec::new();
        for study in released {
            let nodes = studies::nodes_spooling(&self.db, &study.id).await?;
            let job = |node: &String| settle_study(&study.id, node, Duration::ZERO, Twin::Hasten);
            settling.extend(nodes.iter().map(job));
        }
        if settling.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        put(&mut tx, &settling, &*self.chance).await?;
        tx.commit().await?;
        Err(not_settled())
    }

    async fn recipe(&self, released: &[StudySummary]) -> Result<Recipe, JobError> {
        let mut tx = self.db.begin().await?;
        recipe(&mut tx, released, &HashSet::new()).await.map_err(|error| match error {
            RecipeError::NotSettled { .. } => not_settled(),
            other => JobError::retry(other),
        })
    }

    /// Lays the package out and writes its layout, sealed.
    async fn write(
        &self,
        job: &LeasedJob,
        request: &str,
        made: Recipe,
        contents_digest: String,
    ) -> Result<NewPackage, JobError> {
        let key = DataKey::fresh(&*self.chance);
        let wrapped = self.keys.wrap(&Holder::Package.owner(&job.id), &key, &*self.chance);
        let name = job.id.clone();
        let (blobs, chance) = (Arc::clone(&self.blobs), Arc::clone(&self.chance));
        let (now_ms, institute) = (self.clock.now_ms(), self.institute.clone());
        let signing = SigningKey::of(self.keys.current()).map_err(JobError::fail)?;
        let counts = made.contents.counts();
        let archives = made.archives.iter().map(|archive| archive.id.clone()).collect();
        let written = tokio::task::spawn_blocking(move || {
            let institution = institute.institution.as_deref();
            let zone = institute.zone;
            let making = Making { now_ms, zone, institution, key: &signing, others: Vec::new() };
            let laid_out = zip(&made, &making).map_err(JobError::fail)?;
            sealed::write(&*blobs, &name, &key, &*chance, |out| frozen::write(&laid_out.layout, out))
                .map_err(JobError::retry)?;
            Ok::<_, JobError>((laid_out.layout.len(), hex(&laid_out.digest)))
        });
        let (zip_bytes, etag) = written.await.map_err(JobError::retry)??;
        Ok(NewPackage {
            id: job.id.clone(),
            request: request.to_owned(),
            contents_digest,
            etag,
            zip_bytes,
            counts: PackageCounts {
                studies: counts.studies,
                series: counts.series,
                instances: counts.instances,
                withheld: counts.withheld,
            },
            blob_key: job.id.clone(),
            key: wrapped.into(),
            archives,
        })
    }

    /// Everything that follows from a frozen package, in one transaction. A study that was settled again
    /// meanwhile has instances this package does not know: whoever settles it after this has committed sees
    /// the package, and has it frozen again.
    async fn keep(
        &self,
        job: &LeasedJob,
        released: &[StudySummary],
        package: &NewPackage,
    ) -> Result<(), JobError> {
        let now_ms = self.clock.now_ms();
        let mut tx = self.db.begin().await?;
        for study in released {
            if studies::hold_settled(&mut tx, &study.id).await? != study.settled_at {
                return Err(not_settled());
            }
        }
        let version = packages::keep(&mut tx, package, now_ms).await?;
        links::hand_out(&mut tx, &package.request, &package.id).await?;
        let event = NewEvent::new(
            Actor::program(FREEZE_PACKAGE),
            "package.frozen",
            Subject::new("package", &package.id),
        )
        .of_request(&package.request)
        .with(serde_json::json!({ "version": version, "instances": package.counts.instances }));
        audit::add(&mut tx, &event, now_ms, &*self.chance).await?;
        let upload = self.handed_over.then(|| hand_over_package(&package.id));
        let follow: Vec<NewJob> = upload.into_iter().chain([advance_request(&package.request)]).collect();
        put(&mut tx, &follow, &*self.chance).await?;
        finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }

    async fn delete(&self, blob_key: &str) {
        let Ok(name) = BlobKey::new(blob_key) else { return };
        let blobs = Arc::clone(&self.blobs);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || blobs.delete(&name)).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the layout of a package that was not frozen could not be deleted");
        }
    }
}

fn not_settled() -> JobError {
    let reason = "instances of it are still being settled".to_owned();
    JobError::Retry { reason, after_ms: Some(SETTLED_WITHIN_MS) }
}

/// What is in a package, whenever it is made: names, digests, and what is left out.
pub(in crate::desk) fn contents_digest(made: &Recipe) -> String {
    let mut sha256 = Sha256::new_with_prefix("contents");
    for file in made.contents.files() {
        sha256.update(file.id.path());
        sha256.update(file.instance.member.sha256);
    }
    for withheld in made.contents.withheld() {
        sha256.update("withheld");
        sha256.update(&withheld.sop_instance_uid);
    }
    hex(&<[u8; 32]>::from(sha256.finalize()))
}
