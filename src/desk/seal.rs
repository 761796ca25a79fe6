//! The discs of a delivery: made once from the request's package, then built again whenever one is burned.
//!
//! [`PrepareDiscs`] makes the opening code if there is to be one, seals or writes the files, lays the images out, digests
//! them and queues the discs, all but the last without anything that another run would have to know of. Each run has
//! blobs of its own, named after its lease, so that one that lost its lease and does not know it yet cannot touch those of
//! the next; what a run that was cut off leaves, the next one deletes.

mod kept;
mod make;

pub use kept::{DiscBytes, OpenError, open};

use super::authorization::Action;
use super::package::{self, Institute, Recipe, RecipeError, contents_digest};
use super::{Acting, DeskError};
use crate::clock::Clock;
use crate::delivery::disc::{self, By, DiscError};
use crate::jobs::{Handler, JobError, Running, finish};
use crate::means::{Means, unseal};
use crate::model::audit::{Actor, NewEvent, Subject};
use crate::model::disc::{DiscCounts, NewDisc, NewDiscSet};
use crate::model::job::{PREPARE_DISCS, advance_request};
use crate::model::{Delivery, DiscSeal, Effect, KeptKey, LeasedJob, Package};
use crate::store::blob::BlobStore;
use crate::store::db::{Db, Tx};
use crate::store::keys::Holder;
use crate::store::{StoreError, audit, deliveries, disc_seals, jobs, packages, requests, studies};
use burn_queue::Medium;
use imaging::chance::Chance;
use imaging::opening_code::OpeningCode;
use imaging::seal::{DataKey, MasterKeys};
use make::{DiscMaking, Kind};
use serde_json::json;
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

/// Discs are to be on their way this long after they were ordered.
const DUE_WITHIN_MS: i64 = 24 * 3_600_000;

/// Seals and queues discs.
pub struct PrepareDiscs {
    /// The database.
    pub db: Db,
    /// Where archives are, and layouts go.
    pub blobs: Arc<dyn BlobStore>,
    /// What wraps keys and signs manifests.
    pub keys: Arc<MasterKeys>,
    /// The time discs are made.
    pub clock: Arc<dyn Clock>,
    /// For codes and keys.
    pub chance: Arc<dyn Chance>,
    /// Who hands them out.
    pub institute: Institute,
    /// The largest medium there are drives for: what does not fit on one becomes a set.
    pub largest_medium: Medium,
}

impl Handler for PrepareDiscs {
    fn kind(&self) -> &'static str {
        PREPARE_DISCS
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(self.prepare(job))
    }
}

impl PrepareDiscs {
    async fn prepare(&self, job: &LeasedJob) -> Result<(), JobError> {
        let id: String = job.payload().ok_or_else(|| JobError::fail("the payload names no delivery"))?;
        let delivery = deliveries::get(&self.db, &id).await?;
        let delivery = delivery.ok_or_else(|| JobError::fail("there is no such delivery"))?;
        if disc_seals::get(&self.db, &job.id).await?.is_some() {
            return Ok(());
        }
        if delivery.state.is_closed() {
            return self.discard_earlier(job).await;
        }
        let form = delivery.destination.disc().ok_or_else(|| JobError::fail("a link has no disc"))?;
        let package = packages::current_of(&self.db, &delivery.request).await?;
        let package = package.ok_or_else(|| JobError::retry("the package is not frozen yet"))?;
        let recipe = self.recipe(&package).await?;
        self.discard_earlier(job).await?;
        let kind = Kind::of(form, &*self.chance);
        let code = kind.code().cloned();
        let name = blob_name(job, job.lease.epoch);
        let made = match self.make(job, name.clone(), recipe, kind).await {
            Ok(made) => made,
            Err(error) => {
                self.give_up(name).await;
                return Err(error);
            }
        };
        match self.keep(job, &name, (&delivery, &package), code, made).await {
            Ok(true) => Ok(()),
            Ok(false) => self.discard(name).await,
            Err(error @ JobError::Fail { .. }) => {
                self.give_up(name).await;
                Err(error)
            }
            // Nobody knows whether it was kept: the next run does.
            Err(error) => Err(error),
        }
    }

    /// Deletes what was written of discs that are not to be. What stays is named by `check`; why there are no discs is
    /// what a person has to know.
    async fn give_up(&self, name: String) {
        if let Err(left) = self.discard(name).await {
            tracing::warn!(error = %left, "what was written of discs that were given up stays");
        }
    }

    /// Deletes what runs before this one left when they were cut off.
    async fn discard_earlier(&self, job: &LeasedJob) -> Result<(), JobError> {
        for epoch in 1..job.lease.epoch {
            self.discard(blob_name(job, epoch)).await?;
        }
        Ok(())
    }

    /// Deletes what a run wrote that nothing came of.
    async fn discard(&self, name: String) -> Result<(), JobError> {
        let blobs = Arc::clone(&self.blobs);
        let deleting = tokio::task::spawn_blocking(move || make::discard(&*blobs, &name));
        deleting.await.map_err(JobError::retry)?
    }

    /// What the package holds. While a late instance makes the next version, the discs wait for it.
    async fn recipe(&self, package: &Package) -> Result<Recipe, JobError> {
        let scope = requests::scope(&self.db, &package.request).await?;
        let ids: Vec<String> = scope.released().map(str::to_owned).collect();
        let released = studies::by_ids(&self.db, &ids).await?;
        let mut tx = self.db.begin().await?;
        let recipe = package::recipe(&mut tx, &released, &HashSet::new()).await;
        let recipe = recipe.map_err(|error| match error {
            RecipeError::NotSettled { .. } => JobError::retry("instances of it are still being settled"),
            other => JobError::retry(other),
        })?;
        if contents_digest(&recipe) == package.contents_digest {
            Ok(recipe)
        } else {
            Err(JobError::retry("the package is about to be frozen anew"))
        }
    }

    /// Makes one disc, or as many of the largest medium as it takes.
    async fn make(
        &self,
        job: &LeasedJob,
        name: String,
        recipe: Recipe,
        kind: Kind,
    ) -> Result<Made, JobError> {
        let key = DataKey::fresh(&*self.chance);
        let wrapped = self.keys.wrap(&Holder::DiscSeal.owner(&job.id), &key, &*self.chance);
        let making = DiscMaking {
            recipe,
            institute: self.institute.clone(),
            now_ms: self.clock.now_ms(),
            blobs: Arc::clone(&self.blobs),
            keys: Arc::clone(&self.keys),
            chance: Arc::clone(&self.chance),
            name,
            key,
            largest: self.largest_medium,
        };
        let making = tokio::task::spawn_blocking(move || making.run(&kind));
        let (discs, files_key) = making.await.map_err(JobError::retry)??;
        Ok(Made { discs, key: wrapped.into(), files_key })
    }

    /// The seal, the queued disc and what follows, in one transaction; nothing of it if the delivery was ended meanwhile.
    async fn keep(
        &self,
        job: &LeasedJob,
        name: &str,
        (delivery, package): (&Delivery, &Package),
        code: Option<OpeningCode>,
        made: Made,
    ) -> Result<bool, JobError> {
        let now_ms = self.clock.now_ms();
        let means = Means { keys: &self.keys, chance: &*self.chance, now_ms };
        let owner = Holder::OpeningCode.owner(&job.id);
        let code = code.map(|code| means.seal(&owner, code.reveal().as_bytes()));
        let seal = DiscSeal {
            id: job.id.clone(),
            request: delivery.request.clone(),
            delivery: delivery.id.clone(),
            package: package.id.clone(),
            blob_key: name.to_owned(),
            key: made.key,
            files_key: made.files_key,
            made_at: now_ms,
        };
        let actor = Actor::program(PREPARE_DISCS);
        let by = By { actor: &actor, chance: &*self.chance };
        let counts = package.counts;
        let wanted = NewDiscSet {
            request: delivery.request.clone(),
            delivery: delivery.id.clone(),
            seal: job.id.clone(),
            counts: DiscCounts {
                studies: counts.studies,
                series: counts.series,
                instances: counts.instances,
            },
            due_at: now_ms + DUE_WITHIN_MS,
            discs: made.discs,
        };
        let mut tx = self.db.begin().await?;
        if deliveries::get_to_change(&mut tx, &delivery.id).await?.state.is_closed() {
            return Ok(false);
        }
        disc_seals::keep(&mut tx, &seal, code.as_ref()).await?;
        disc::plan(&mut tx, wanted, by).await.map_err(refused)?;
        disc::queue(&mut tx, &delivery.id, by).await.map_err(refused)?;
        let event = NewEvent::new(actor.clone(), "disc.sealed", Subject::new("delivery", &delivery.id))
            .of_request(&delivery.request)
            .with(json!({ "disc": delivery.destination.disc() }));
        audit::add(&mut tx, &event, now_ms, &*self.chance).await?;
        jobs::put(&mut tx, &[advance_request(&delivery.request)], &*self.chance).await?;
        finish(&mut tx, job).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The blob in which a run keeps what discs are made of: the name of none but the run with this lease.
fn blob_name(job: &LeasedJob, epoch: i64) -> String {
    format!("{}-{epoch:x}", job.id)
}

struct Made {
    discs: Vec<NewDisc>,
    key: KeptKey,
    files_key: Option<String>,
}

fn refused(error: DiscError) -> JobError {
    match error {
        DiscError::Store(error) => error.into(),
        other => JobError::fail(other),
    }
}

/// Shows a user the opening code of a delivery's discs, which is on record; nothing if there is none, or
/// it was destroyed. It goes to the recipient apart from the disc.
///
/// # Errors
/// [`DeskError`] if whoever acts may not or there is no such delivery; or if the code cannot be unsealed.
pub async fn show_code(
    tx: &mut Tx,
    acting: &Acting<'_>,
    keys: &MasterKeys,
    delivery: &str,
) -> Result<Option<OpeningCode>, CodeError> {
    acting.permit_user(Action::ChooseDelivery).map_err(DeskError::from)?;
    let Some(seal) = disc_seals::latest_of(&mut *tx, delivery).await? else { return Ok(None) };
    let Some(sealed) = disc_seals::code(&mut *tx, &seal.id).await? else { return Ok(None) };
    let plain = unseal(keys, &Holder::OpeningCode.owner(&seal.id), &sealed)?;
    let text = String::from_utf8(plain).map_err(io::Error::other)?;
    let code = OpeningCode::parse(&text).map_err(io::Error::other)?;
    let event = NewEvent::new(acting.who.actor(), "disc.code_shown", Subject::new("delivery", delivery));
    audit::add(tx, &event.of_request(&seal.request), acting.now_ms, acting.chance).await?;
    Ok(Some(code))
}

/// Why an opening code is not at hand.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// Whoever acts may not.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// It does not open.
    #[error("the opening code cannot be unsealed")]
    Unseal(#[from] io::Error),
}
