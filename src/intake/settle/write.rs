//! Writing a study's archive and reading it back, on a thread that may block.

use super::versions::{Version, Versions};
use crate::hex::hex;
use crate::intake::kept;
use crate::model::{ArchiveSizes, InstanceRow, MemberMethod, SettledInstance};
use crate::store::blob::{BlobError, BlobKey, BlobStore};
use imaging::archive::{
    ArchiveReader, ArchiveWriter, Digested, Member, Method, ReadError, WriteError, digest,
};
use imaging::chance::Chance;
use imaging::index::{Note, Walker};
use imaging::seal::{DataKey, UnsealError};
use imaging::spool::{Spool, SpoolReader};
use std::io::{self, Read};
use std::sync::Arc;

/// What is to be done.
pub(super) struct Writing {
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) blob_key: BlobKey,
    pub(super) key: DataKey,
    pub(super) spool: Spool,
    pub(super) chance: Arc<dyn Chance>,
    pub(super) versions: Versions,
    pub(super) instances: Vec<InstanceRow>,
}

/// What came of it. Ids are ingest ids.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) members: Vec<SettledInstance>,
    pub(super) sizes: ArchiveSizes,
    /// A repetition, and of what.
    pub(super) duplicates: Vec<(String, String)>,
    /// Other bytes for a SOP Instance UID, and who came first with it.
    pub(super) differing: Vec<(String, String)>,
    /// A data set that does not walk to its end, and why.
    pub(super) damaged: Vec<(String, String)>,
    /// What the spool does not give back, and why. It stays where it is.
    pub(super) unreadable: Vec<(String, String)>,
    /// What was odd.
    pub(super) notes: Vec<(String, Vec<String>)>,
}

/// The archive could not be made; what is in the spool stays there.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("the blob store: {0}")]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("the archive does not open after writing: {0}")]
    Unseal(#[from] UnsealError),
    #[error("the archive does not read back as it was written: {0}")]
    ReadBack(#[from] ReadError),
}

impl Writing {
    pub(super) fn run(mut self) -> Result<Outcome, Failed> {
        let mut outcome = Outcome::default();
        let mut members = Vec::new();
        let sink = self.blobs.create(&self.blob_key)?;
        let mut archive = ArchiveWriter::new(sink, &self.key, &*self.chance)?;
        for instance in std::mem::take(&mut self.instances) {
            match self.add(&mut archive, &instance, &mut outcome)? {
                Some(member) => members.push(member),
                None => continue,
            }
        }
        let finished = archive.finish()?;
        outcome.sizes = ArchiveSizes {
            blob_bytes: finished.sealed_bytes,
            plain_bytes: finished.plain_bytes,
            source_bytes: members.iter().map(|member| member.source_bytes).sum(),
        };
        // Nothing new: the object is not even finished.
        if !members.is_empty() {
            finished.sink.finish()?;
            self.verify(&members)?;
        }
        Ok(outcome)
    }

    /// Adds an instance unless it only repeats another or cannot be read.
    fn add(
        &mut self,
        archive: &mut ArchiveWriter<Box<dyn crate::store::blob::BlobWriter>>,
        instance: &InstanceRow,
        outcome: &mut Outcome,
    ) -> Result<Option<Member>, Failed> {
        let uid = &instance.sop_instance_uid;
        let unreadable = |outcome: &mut Outcome, error: &(dyn std::error::Error + 'static)| {
            tracing::error!(ingest_id = instance.id, error, "an instance cannot be read from the spool");
            outcome.unreadable.push((instance.id.clone(), error.to_string()));
            Ok(None)
        };
        if self.versions.has(uid) {
            match self.open(instance).and_then(|mut reader| digest(&mut reader, instance.header_bytes)) {
                Ok(Digested { sha256, dataset_sha256: Some(dataset_sha256), .. }) => {
                    let version = version(instance, &hex(&sha256), &hex(&dataset_sha256));
                    if let Some(same) = self.versions.same(uid, &version) {
                        outcome.duplicates.push((instance.id.clone(), same.id.clone()));
                        return Ok(None);
                    }
                }
                Ok(_) => return unreadable(outcome, &io::Error::from(io::ErrorKind::UnexpectedEof)),
                Err(error) => return unreadable(outcome, &error),
            }
        }
        let mut walking = match self.open(instance) {
            Ok(reader) => Walking::new(reader, instance),
            Err(error) => return unreadable(outcome, &error),
        };
        let member = match archive.add(&mut walking, instance.header_bytes) {
            Ok(member) => member,
            Err(WriteError::Sink(error)) => return Err(WriteError::Sink(error).into()),
            Err(error) => return unreadable(outcome, &error),
        };
        walking.conclude(instance, outcome);
        let settled = settled(instance, &member);
        let version = version(instance, &settled.sha256, &settled.dataset_sha256);
        if let Some(first) = self.versions.first(uid) {
            outcome.differing.push((instance.id.clone(), first.id.clone()));
        }
        self.versions.add(uid, version);
        outcome.members.push(settled);
        Ok(Some(member))
    }

    fn open(&self, instance: &InstanceRow) -> io::Result<SpoolReader> {
        kept::open_spooled(&self.spool, instance).map_err(io::Error::other)
    }

    fn verify(&self, members: &[Member]) -> Result<(), Failed> {
        let mut archive = ArchiveReader::open(self.blobs.open(&self.blob_key)?, &self.key)?;
        members.iter().try_for_each(|member| archive.verify(member))?;
        Ok(())
    }
}

fn version(instance: &InstanceRow, sha256: &str, dataset_sha256: &str) -> Version {
    Version {
        id: instance.id.clone(),
        transfer_syntax_uid: instance.transfer_syntax_uid.clone(),
        sha256: sha256.to_owned(),
        dataset_sha256: dataset_sha256.to_owned(),
        header_is_ours: instance.header_is_ours,
    }
}

fn settled(instance: &InstanceRow, member: &Member) -> SettledInstance {
    SettledInstance {
        id: instance.id.clone(),
        member_offset: member.offset,
        member_bytes: member.stored_bytes,
        member_method: match member.method {
            Method::Deflate => MemberMethod::Deflate,
            Method::Stored => MemberMethod::Stored,
        },
        crc32: member.crc32,
        sha256: hex(&member.sha256),
        dataset_sha256: hex(&member.dataset_sha256),
    }
}

/// Walks a data set while its file is read past.
struct Walking {
    reader: SpoolReader,
    header_left: usize,
    /// The walk, until the data set breaks.
    walker: Result<Walker, String>,
}

impl Walking {
    fn new(reader: SpoolReader, instance: &InstanceRow) -> Self {
        let header_left = usize::try_from(instance.header_bytes).unwrap_or(usize::MAX);
        Self { reader, header_left, walker: Ok(Walker::new(&instance.transfer_syntax_uid)) }
    }

    /// Tells what the walk has found.
    fn conclude(self, instance: &InstanceRow, outcome: &mut Outcome) {
        match self.walker.and_then(|walker| walker.finish().map_err(|error| error.to_string())) {
            Ok(walked) => {
                let codes: Vec<String> =
                    walked.notes.iter().map(|note: &Note| note.code().to_owned()).collect();
                let new = codes.into_iter().filter(|code| !instance.notes.contains(code)).collect::<Vec<_>>();
                if !new.is_empty() {
                    outcome.notes.push((instance.id.clone(), new));
                }
            }
            Err(reason) => outcome.damaged.push((instance.id.clone(), reason)),
        }
    }
}

impl Read for Walking {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buf)?;
        let header = self.header_left.min(read);
        self.header_left -= header;
        if let Ok(walker) = &mut self.walker
            && let Err(error) = walker.feed(&buf[header..read])
        {
            self.walker = Err(error.to_string());
        }
        Ok(read)
    }
}
