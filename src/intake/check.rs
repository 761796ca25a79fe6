//! Is everything that was taken in still there? Re-hashes all of it and compares index and store both ways.
//!
//! Changes nothing and may run beside a service that is taking in and settling: what moves meanwhile is
//! looked at again where it went.

use super::adopt;
use super::kept::{self, KeptError, OpenArchive};
use crate::ids::{ID_CHARS, is_id};
use crate::model::{Archive, ArchiveState, DiscSeal, InstanceRow, JobState, Package, Place};
use crate::store::blob::{BlobError, BlobKey, BlobStore};
use crate::store::db::Db;
use crate::store::keys::Holder;
use crate::store::sealed::{SealedError, SealedObject};
use crate::store::{StoreError, archives, disc_seals, jobs, packages, studies};
use crate::words::in_words;
use imaging::seal::MasterKeys;
use imaging::spool::{Found, Spool};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Archives asked of the index at a time.
const PAGE: u32 = 100;

/// Something that should not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is about: `instance`, `archive`, `package`, `discs of delivery`, `blob`, `job`, `spool` or `spool segment`, and its name.
    pub about: String,
    /// What is wrong.
    pub what: String,
}

/// What was looked at, and what was amiss.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Archives opened.
    pub archives: u64,
    /// Instances read from archives and compared with their digests.
    pub archived_instances: u64,
    /// Instances read from spools.
    pub spooled_instances: u64,
    /// Bytes of all these instances.
    pub bytes: u64,
    /// Durable in a spool and not yet in the index: the next start, or the service that runs, takes them up.
    pub awaiting_index: u64,
    /// Archives that were being written.
    pub unfinished_archives: u64,
    /// What is amiss.
    pub problems: Vec<Problem>,
}

impl Report {
    fn problem(&mut self, about: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem { about: about.into(), what: what.into() });
    }
}

/// What is looked at.
pub struct Check {
    /// The index.
    pub db: Db,
    /// The archives.
    pub blobs: Arc<dyn BlobStore>,
    /// Their keys.
    pub keys: Arc<MasterKeys>,
    /// The spools of this machine by node, with what they held when they were opened.
    pub spools: HashMap<String, (Spool, Found)>,
    /// The nodes that have a spool on this machine now: one may have begun since.
    pub nodes_now: Option<Box<dyn Fn() -> Vec<String> + Send + Sync>>,
}

/// Objects that are being listed.
struct Listed {
    objects: tokio::sync::mpsc::Receiver<(BlobKey, u64)>,
    end: tokio::task::JoinHandle<Result<(), BlobError>>,
}

/// A check could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The index cannot be asked.
    #[error("the index cannot be asked")]
    Store(#[from] StoreError),
    /// The blob store cannot be listed.
    #[error("the blob store cannot be listed")]
    Blob(#[from] BlobError),
    /// A part of the check crashed.
    #[error("a part of the check ended early")]
    Crashed(#[from] tokio::task::JoinError),
}

impl Check {
    /// Looks at everything. `progress` hears each instance's bytes.
    ///
    /// # Errors
    /// If it cannot be looked at; what is amiss is in the report.
    pub async fn run(mut self, progress: &(dyn Fn(u64) + Sync)) -> Result<Report, CheckError> {
        let mut report = Report::default();
        self.look_for_unknown(&mut report).await?;
        self.look_for_absent_spools(&mut report).await?;
        self.look_at_spools(&mut report, progress).await?;
        self.look_at_archives(&mut report, progress).await?;
        self.look_at_packages(&mut report).await?;
        self.look_at_discs(&mut report).await?;
        self.look_for_strays(&mut report).await?;
        self.look_for_stopped_jobs(&mut report).await?;
        Ok(report)
    }

    /// What is in a spool and not in the index.
    async fn look_for_unknown(&mut self, report: &mut Report) -> Result<(), CheckError> {
        for (node, (spool, found)) in &mut self.spools {
            for segment in found.damaged_segments.drain(..) {
                report.problem(format!("spool segment {segment} of {node}"), "its header is damaged");
            }
            let unknown = adopt::unknown(&self.db, std::mem::take(&mut found.instances)).await?;
            // A torn record was never acknowledged: it is no instance that waits.
            let whole = |positions: &[_]| {
                spool.read(positions).is_ok_and(|(_, mut reader)| kept::read_through(&mut reader).is_ok())
            };
            report.awaiting_index += unknown.iter().filter(|found| whole(&found.positions)).count() as u64;
        }
        Ok(())
    }

    /// Spools that rows lead to and that are not in this data directory.
    async fn look_for_absent_spools(&self, report: &mut Report) -> Result<(), CheckError> {
        for (node, instances) in studies::spooling_nodes(&self.db).await? {
            // One whose process began after this check did is made before its first row.
            if !self.spools.contains_key(&node) && !self.is_new(&node) {
                report.problem(
                    format!("spool {node}"),
                    format!("it is not here, and {instances} instances are in it"),
                );
            }
        }
        Ok(())
    }

    fn is_new(&self, node: &str) -> bool {
        let nodes = self.nodes_now.as_ref().map(|nodes_now| nodes_now());
        nodes.is_some_and(|nodes| nodes.iter().any(|there| there == node))
    }

    async fn look_at_spools(
        &self,
        report: &mut Report,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), CheckError> {
        for (node, (spool, _)) in &self.spools {
            for study in studies::spooled_studies(&self.db, node).await? {
                for instance in studies::spooled_of(&self.db, &study, node).await? {
                    match read_spooled(spool, &instance) {
                        Ok(bytes) => {
                            report.spooled_instances += 1;
                            report.bytes += bytes;
                            progress(bytes);
                        }
                        // Settled meanwhile: its archive comes later in this check.
                        Err(_) if self.has_moved(&instance).await? => {}
                        Err(error) => report.problem(format!("instance {}", instance.id), in_words(&error)),
                    }
                }
            }
        }
        Ok(())
    }

    async fn has_moved(&self, instance: &InstanceRow) -> Result<bool, StoreError> {
        let now = studies::instance(&self.db, &instance.id).await?;
        Ok(now.is_none_or(|now| matches!(now.place, Place::Archive { .. })))
    }

    async fn look_at_archives(
        &self,
        report: &mut Report,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), CheckError> {
        let mut after = String::new();
        loop {
            let page = archives::kept_after(&self.db, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.id);
            for archive in page {
                let instances = studies::instances_of_archive(&self.db, &archive.id).await?;
                let (blobs, keys) = (Arc::clone(&self.blobs), Arc::clone(&self.keys));
                let looking = move || look_at_archive(&*blobs, &keys, &archive, &instances);
                let seen = tokio::task::spawn_blocking(looking).await?;
                report.archives += 1;
                report.archived_instances += seen.archived_instances;
                report.bytes += seen.bytes;
                report.problems.extend(seen.problems);
                progress(seen.bytes);
            }
        }
    }

    /// What packages are made of, besides their archives.
    async fn look_at_packages(&self, report: &mut Report) -> Result<(), CheckError> {
        let mut after = String::new();
        loop {
            let page = packages::after(&self.db, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.id);
            for Package { id, blob_key, key, .. } in page {
                let layout = SealedObject { blob_key, key, owner: Holder::Package.owner(&id) };
                if let Err(error) = self.opens(layout, None).await? {
                    report.problem(format!("package {id}"), in_words(&error));
                }
            }
        }
    }

    /// What discs of requests are made of, besides the archives of their packages.
    async fn look_at_discs(&self, report: &mut Report) -> Result<(), CheckError> {
        let mut after = String::new();
        loop {
            let page = disc_seals::after(&self.db, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.id);
            for DiscSeal { id, delivery, blob_key, key, files_key, .. } in page {
                let layouts = SealedObject { blob_key, key, owner: Holder::DiscSeal.owner(&id) };
                if let Err(error) = self.opens(layouts, files_key).await? {
                    report.problem(format!("discs of delivery {delivery}"), in_words(&error));
                }
            }
        }
    }

    /// Reads a sealed object to its end, and sees that the object beside it is there, if there is to be one.
    async fn opens(
        &self,
        sealed: SealedObject,
        beside: Option<String>,
    ) -> Result<Result<(), SealedError>, CheckError> {
        let (blobs, keys) = (Arc::clone(&self.blobs), Arc::clone(&self.keys));
        let opening = move || {
            sealed.read(&*blobs, &keys)?;
            let Some(beside) = beside else { return Ok(()) };
            let beside = BlobKey::new(&beside).map_err(|_| SealedError::Row("the name of a blob"))?;
            Ok(blobs.open(&beside).map(drop)?)
        };
        Ok(tokio::task::spawn_blocking(opening).await?)
    }

    /// Whether an object belongs to a package or to the discs of a delivery, or work that is not done writes it.
    async fn is_for_others(&self, key: &str) -> Result<bool, CheckError> {
        Ok(packages::by_blob_key(&self.db, key).await?.is_some()
            || disc_seals::by_blob_key(&self.db, key).await?.is_some()
            || self.is_being_written(key).await?)
    }

    /// What jobs write is named after them.
    async fn is_being_written(&self, key: &str) -> Result<bool, StoreError> {
        let Some(job) = key.get(..ID_CHARS).filter(|id| is_id(id)) else { return Ok(false) };
        let job = jobs::get(&self.db, job).await?;
        Ok(job.is_some_and(|job| matches!(job.state, JobState::Ready | JobState::Leased(_))))
    }

    /// Objects of the blob store that no row accounts for.
    async fn look_for_strays(&self, report: &mut Report) -> Result<(), CheckError> {
        let mut suspects = BTreeSet::new();
        let mut listed = self.listed();
        while let Some((key, _)) = listed.objects.recv().await {
            match archives::by_blob_key(&self.db, key.as_str()).await? {
                None if self.is_for_others(key.as_str()).await? => {}
                None => drop(suspects.insert(key)),
                Some(archive) if archive.state == ArchiveState::Writing => report.unfinished_archives += 1,
                Some(_) => {}
            }
        }
        listed.end.await??;
        if suspects.is_empty() {
            return Ok(());
        }
        // An object that was begun, given up and deleted meanwhile is not there any more.
        let mut listed = self.listed();
        while let Some((key, bytes)) = listed.objects.recv().await {
            let is_stray = suspects.contains(&key)
                && archives::by_blob_key(&self.db, key.as_str()).await?.is_none()
                && !self.is_for_others(key.as_str()).await?;
            if is_stray {
                report.problem(
                    format!("blob {key}"),
                    format!("no archive, no package and no disc has it ({bytes} bytes)"),
                );
            }
        }
        Ok(listed.end.await??)
    }

    /// The objects of the blob store, as a thread of its own lists them.
    fn listed(&self) -> Listed {
        let (sender, objects) = tokio::sync::mpsc::channel(PAGE as usize);
        let blobs = Arc::clone(&self.blobs);
        let end = tokio::task::spawn_blocking(move || {
            // Nobody listens any more only if the check itself has failed.
            blobs.list(&mut |key, bytes| sender.blocking_send((key, bytes)).unwrap_or_default())
        });
        Listed { objects, end }
    }

    /// Work that was given up, for a person to look at.
    async fn look_for_stopped_jobs(&self, report: &mut Report) -> Result<(), CheckError> {
        let mut after = String::new();
        loop {
            let page = jobs::stopped(&self.db, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.id);
            for job in page {
                let why = job.last_error.unwrap_or_default();
                report.problem(format!("job {} ({})", job.id, job.kind), format!("was given up: {why}"));
            }
        }
    }
}

fn look_at_archive(
    blobs: &dyn BlobStore,
    keys: &MasterKeys,
    archive: &Archive,
    instances: &[InstanceRow],
) -> Report {
    let mut seen = Report::default();
    let mut open = match OpenArchive::open(blobs, keys, archive) {
        Ok(open) => open,
        Err(error) => {
            seen.problem(format!("archive {}", archive.id), in_words(&error));
            return seen;
        }
    };
    for instance in instances {
        match open.verify(instance) {
            Ok(()) => {
                seen.archived_instances += 1;
                seen.bytes += instance.size_bytes;
            }
            Err(error) => {
                seen.problem(format!("instance {} in archive {}", instance.id, archive.id), in_words(&error));
            }
        }
    }
    seen
}

fn read_spooled(spool: &Spool, instance: &InstanceRow) -> Result<u64, KeptError> {
    let mut reader = kept::open_spooled(spool, instance)?;
    let read = kept::read_through(&mut reader).map_err(|source| {
        KeptError::Spool(imaging::spool::SpoolError::Io { doing: "read an instance", source })
    })?;
    if read == instance.size_bytes { Ok(read) } else { Err(KeptError::Index("its length")) }
}
