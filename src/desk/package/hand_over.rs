//! Packages in the cloud: uploaded once, fetched from there by a URL that is good for an hour.

use super::frozen::{self, OpenPackage};
use crate::clock::Clock;
use crate::jobs::{Handler, JobError, Running, finish, put};
use crate::model::job::{HAND_OVER_PACKAGE, advance_request};
use crate::model::{Effect, LeasedJob, Package};
use crate::store::blob::s3::{HandOverBucket, Offer};
use crate::store::blob::{BlobError, BlobKey, BlobStore, NotAKey};
use crate::store::db::Db;
use crate::store::packages;
use imaging::chance::Chance;
use imaging::seal::MasterKeys;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long a URL is good for.
const GOOD_FOR: Duration = Duration::from_secs(3_600);
/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// A URL that fetches `package` as `file_name`; nothing while it is not in the bucket, whole.
///
/// # Errors
/// If the object store fails.
pub async fn url(
    bucket: &HandOverBucket,
    package: &Package,
    file_name: &str,
    clock: &dyn Clock,
) -> io::Result<Option<String>> {
    let key = key_of(package).map_err(io::Error::other)?;
    if bucket.length(&key).await? != Some(package.zip_bytes) {
        return Ok(None);
    }
    let offer = Offer { file_name, now_ms: clock.now_ms(), good_for: GOOD_FOR };
    bucket.sign(&key, &offer).await.map(Some)
}

fn key_of(package: &Package) -> Result<BlobKey, NotAKey> {
    BlobKey::new(&package.id)
}

/// Uploads packages. Repeatable: the same bytes are written again.
pub struct HandOverPackage {
    /// The database.
    pub db: Db,
    /// Where archives are.
    pub blobs: Arc<dyn BlobStore>,
    /// What opens them.
    pub keys: Arc<MasterKeys>,
    /// Where packages go.
    pub bucket: HandOverBucket,
    /// For ids.
    pub chance: Arc<dyn Chance>,
}

impl Handler for HandOverPackage {
    fn kind(&self) -> &'static str {
        HAND_OVER_PACKAGE
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(self.hand_over(job))
    }
}

impl HandOverPackage {
    async fn hand_over(&self, job: &LeasedJob) -> Result<(), JobError> {
        let id: String = job.payload().ok_or_else(|| JobError::fail("the payload names no package"))?;
        let package = packages::get(&self.db, &id).await?;
        let package = package.ok_or_else(|| JobError::fail("there is no such package"))?;
        let key = key_of(&package).map_err(JobError::fail)?;
        let there = self.bucket.length(&key).await.map_err(JobError::retry)?;
        if there != Some(package.zip_bytes) {
            let open = frozen::open(&self.db, &self.blobs, &self.keys, &package).await;
            let open = open.map_err(JobError::retry)?;
            let bucket = self.bucket.clone();
            let uploaded = tokio::task::spawn_blocking(move || upload(&bucket, &key, &open)).await;
            uploaded.map_err(JobError::retry)?.map_err(JobError::retry)?;
        }
        let mut tx = self.db.begin().await?;
        put(&mut tx, &[advance_request(&package.request)], &*self.chance).await?;
        finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }
}

/// Part by part, in constant memory. What fails before the end leaves nothing; what was cut off before it could clear
/// up is cleared here. Whoever lost the lease and still uploads is thereby stopped.
fn upload(bucket: &HandOverBucket, key: &BlobKey, package: &OpenPackage) -> Result<(), BlobError> {
    bucket.end_uploads(key)?;
    let mut reader = package.range(0..package.zip_bytes())?;
    let mut writer = bucket.write_zip(key);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match reader.read(&mut block)? {
            0 => break,
            read => writer.write_all(&block[..read])?,
        }
    }
    writer.finish().map(drop)
}
