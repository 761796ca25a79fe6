//! The library at rest: database, blobs and keys, as every command opens it.

use super::custody::{self, CustodyError};
use super::node;
use crate::audit::events::{Actor, NewEvent, Subject, record};
use crate::audit::{self, HeadsError, Sealer};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, BlobsIn, Config, ObjectStore, SecretError};
use crate::jobs::Pace;
use crate::store::blob::{BlobError, BlobStore, Encryption, LocalBlobs, S3Blobs, S3Settings};
use crate::store::db::{DatabaseUrl, Db, Tx};
use crate::store::keys::Holder;
use crate::store::{self, StoreError, archives, migrations};
use imaging::chance::{Chance, OsChance};
use imaging::disk::HostDisk;
use imaging::seal::MasterKeys;
use imaging::spool;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Data keys rewrapped in one transaction.
const REWRAP_AT_ONCE: u32 = 200;

/// The library cannot be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The data directory.
    #[error("the data directory {path} cannot be used")]
    Data {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// The blob store.
    #[error("the blob store")]
    Blob(#[from] BlobError),
    /// A secret that is in a file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The master keys.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The spool.
    #[error(transparent)]
    Node(#[from] node::NodeError),
    /// A wrapped key.
    #[error("a data key cannot be unwrapped")]
    Unwrap(#[from] imaging::seal::key::UnwrapError),
    /// A row holds a key that is none.
    #[error("a row that should hold a wrapped key holds none: {0:?}")]
    NoKey(Holder),
    /// The key audit heads are signed with.
    #[error(transparent)]
    Heads(#[from] HeadsError),
}

/// An open library.
#[derive(Clone)]
pub struct Library {
    /// How it is configured.
    pub config: Arc<Config>,
    /// Its rows.
    pub db: Db,
    /// Its archives.
    pub blobs: Arc<dyn BlobStore>,
    /// Its master keys.
    pub keys: Arc<MasterKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub chance: Arc<dyn Chance>,
}

impl Library {
    /// Opens the library, making an empty one where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`LibraryError`], naming what is in the way.
    pub async fn open(config: Config) -> Result<Self, LibraryError> {
        let path = config.data.0.clone();
        let unusable = |source| LibraryError::Data { path: path.clone(), source };
        drop(HostDisk::new(&path).map_err(unusable)?);
        let url = match &config.database.url {
            Some(url) => url.parse()?,
            None => DatabaseUrl::Sqlite(config.data.database()),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let db = Db::open(&url, Arc::clone(&clock)).await?;
        migrations::migrate(&db, &*clock).await?;
        let blobs = blobs(&config)?;
        let chance: Arc<dyn Chance> = Arc::new(OsChance);
        let keys = Arc::new(keys(&config, &db, &*chance).await?);
        Ok(Self { config: Arc::new(config), db, blobs, keys, clock, chance })
    }

    /// What spools are opened with.
    pub(super) fn spool_settings(&self) -> spool::Settings {
        let spool = &self.config.spool;
        spool::Settings {
            segment_bytes: spool.segment_mib << 20,
            prepared_segments: spool.prepared_segments,
            min_free_bytes: spool.min_free_mib << 20,
            min_free_percent: spool.min_free_percent,
        }
    }

    /// How fast its workers go.
    pub(super) fn pace(&self) -> Pace {
        Pace { lease_ms: u64::from(self.config.jobs.lease_seconds) * 1_000, ..Pace::default() }
    }

    /// Every node's spool, to look at.
    ///
    /// # Errors
    /// If one cannot be opened.
    pub fn look_at_spools(&self) -> Result<Vec<node::Node>, LibraryError> {
        let folder = self.config.data.spool();
        let means = node::Means {
            folder: &folder,
            keys: &self.keys,
            chance: &self.chance,
            settings: self.spool_settings(),
        };
        Ok(node::look(&means)?)
    }

    /// What chains its audit events.
    #[must_use]
    pub fn sealer(&self) -> Sealer {
        Sealer {
            db: self.db.clone(),
            keys: Arc::clone(&self.keys),
            chance: Arc::clone(&self.chance),
            clock: Arc::clone(&self.clock),
            folder: self.config.audit.heads.clone().unwrap_or_else(|| self.config.data.audit_heads()),
        }
    }

    /// Closes the database.
    pub async fn close(self) {
        self.db.close().await;
    }
}

fn blobs(config: &Config) -> Result<Arc<dyn BlobStore>, LibraryError> {
    let s3 = config.blobs.s3.as_ref().filter(|_| config.blobs.store == BlobsIn::S3);
    if let Some(s3) = s3 {
        return Ok(Arc::new(S3Blobs::new(&s3_settings(s3, &s3.bucket)?, Handle::current())));
    }
    let path = &config.data.0;
    let unusable = |source| LibraryError::Data { path: path.clone(), source };
    let disk = Arc::new(HostDisk::new(path).map_err(unusable)?);
    Ok(Arc::new(LocalBlobs::new(disk).map_err(unusable)?))
}

/// A bucket of the configured object store.
pub(super) fn s3_settings(s3: &ObjectStore, bucket: &str) -> Result<S3Settings, SecretError> {
    Ok(S3Settings {
        endpoint: s3.endpoint.clone(),
        region: s3.region.clone(),
        bucket: bucket.to_owned(),
        access_key_id: s3.access_key_id.clone(),
        secret_access_key: s3.secret_access_key.read()?,
        encryption: s3.packages_encryption.map(|encryption| match encryption {
            config::Encryption::Aes256 => Encryption::Aes256,
            config::Encryption::Kms => Encryption::Kms(s3.packages_encryption_key.clone()),
        }),
    })
}

/// Where the master keys are kept.
#[must_use]
pub fn key_file(config: &Config) -> PathBuf {
    config.keys.file.clone().unwrap_or_else(|| config.data.master_keys())
}

/// The master keys; made if the library is empty, and only then.
async fn keys(config: &Config, db: &Db, chance: &dyn Chance) -> Result<MasterKeys, LibraryError> {
    let path = key_file(config);
    match custody::read(&path) {
        Err(CustodyError::Missing(_)) => {}
        outcome => return Ok(outcome?),
    }
    let sealed = archives::kept_after(db, "", 1).await?;
    if !sealed.is_empty() || node::any_segments(&config.data.spool()) {
        return Err(CustodyError::Missing(path).into());
    }
    tracing::info!(file = %path.display(), "a master key was made: export it and lock the copy away");
    match custody::create(&path, chance) {
        // By another process that starts too.
        Err(CustodyError::Exists(_)) => Ok(custody::read(&path)?),
        created => Ok(created?),
    }
}

/// What is wrong with where the master keys are, in words for an operator.
#[must_use]
pub fn custody_concerns(config: &Config) -> Vec<String> {
    let path = key_file(config);
    let mut concerns = Vec::new();
    if path.starts_with(&config.data.0) {
        concerns.push(format!(
            "the master key lies beside the data it protects ({}): whoever copies the one has the other. Set \
             keys.file to a place of its own",
            path.display()
        ));
    }
    if custody::is_exposed(&path) {
        concerns.push(format!("others than its owner may read {}: chmod 600", path.display()));
    }
    concerns
}

/// Makes a new master key current and rewraps every data key, and the key audit heads are signed with, by it.
/// Spool segments keep the key they were begun with until they are recycled. Returns how many were rewrapped.
///
/// # Errors
/// [`LibraryError`]; what was not rewrapped still opens with the retired key.
pub async fn rotate_master_key(config: Config, actor: &Actor) -> Result<u64, LibraryError> {
    let path = key_file(&config);
    let library = Library::open(config).await?;
    let keys = custody::rotate(&path, &*library.chance)?;
    let mut rewrapped = 0;
    for retired in keys.retired() {
        for holder in Holder::ALL {
            rewrapped += rewrap_all(&library, actor, &keys, (holder, &retired.id.to_string())).await?;
        }
    }
    let mut tx = library.db.begin().await?;
    audit::rewrap(&mut tx, &keys, &*library.chance).await?;
    let detail = json!({ "rewrapped": rewrapped });
    note_keys(&mut tx, &library, actor, "keys.rotated", (&keys, detail)).await?;
    tx.commit().await?;
    library.close().await;
    Ok(rewrapped)
}

async fn rewrap_all(
    library: &Library,
    actor: &Actor,
    keys: &MasterKeys,
    (holder, retired): (Holder, &str),
) -> Result<u64, LibraryError> {
    let mut rewrapped = 0;
    loop {
        let batch = store::keys::wrapped_by(&library.db, holder, retired, REWRAP_AT_ONCE).await?;
        if batch.is_empty() {
            return Ok(rewrapped);
        }
        let mut tx = library.db.begin().await?;
        for (id, kept) in &batch {
            let owner = holder.owner(id);
            let data_key = keys.unwrap(&owner, &kept.wrapped().ok_or(LibraryError::NoKey(holder))?)?;
            let fresh = keys.wrap(&owner, &data_key, &*library.chance).into();
            store::keys::rewrap(&mut tx, holder, id, retired, &fresh).await?;
        }
        let detail = json!({ "rewrapped": batch.len(), "from": retired });
        note_keys(&mut tx, library, actor, "keys.rewrapped", (keys, detail)).await?;
        tx.commit().await?;
        rewrapped += batch.len() as u64;
    }
}

/// Copies the master keys to a new file, which is on record before it is there.
///
/// # Errors
/// [`LibraryError`].
pub async fn export_master_keys(config: Config, actor: &Actor, to: &Path) -> Result<(), LibraryError> {
    let keys = custody::read(&key_file(&config))?;
    if to.exists() {
        return Err(CustodyError::Exists(to.to_owned()).into());
    }
    let library = Library::open(config).await?;
    let mut tx = library.db.begin().await?;
    note_keys(&mut tx, &library, actor, "keys.exported", (&keys, json!(null))).await?;
    tx.commit().await?;
    library.close().await;
    Ok(custody::write_new(to, &keys)?)
}

async fn note_keys(
    tx: &mut Tx,
    library: &Library,
    actor: &Actor,
    action: &'static str,
    (keys, detail): (&MasterKeys, serde_json::Value),
) -> Result<(), StoreError> {
    let subject = Subject::new("master_key", &keys.current().id.to_string());
    let event = NewEvent::new(actor.clone(), action, subject).with(detail);
    record(tx, &event, library.clock.now_ms(), &*library.chance).await
}
