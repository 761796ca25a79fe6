//! Files into the spool: what `filmroom import` does with each candidate.

use super::arrival::{Arrival, Label};
use super::indexer::Indexer;
use super::sources::{Candidate, Ignored, Limits, Name, SourceRefusal, Visitor};
use crate::clock::Clock;
use crate::ids;
use crate::model::Source;
use crate::words::in_words;
use imaging::chance::Chance;
use imaging::files::{FileReader, Refusal};
use imaging::index;
use imaging::spool::{ChunkBuffer, Spool, SpoolError};
use serde::Serialize;
use std::sync::Arc;

/// What became of one file.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is durable, and will be found.
    Kept {
        /// Our name for it.
        ingest_id: String,
        /// Its study.
        study_instance_uid: String,
        /// Its instance.
        sop_instance_uid: String,
        /// What was odd about it.
        notes: Vec<&'static str>,
    },
    /// It is not kept, for this reason.
    Refused {
        /// A stable word for the reason.
        code: &'static str,
        /// The reason in words.
        reason: String,
    },
    /// It is no candidate.
    Ignored {
        /// Why.
        reason: String,
    },
}

/// Who follows an import.
pub trait Follower: Send {
    /// So many more files and bytes are ahead.
    fn expect(&mut self, files: u64, bytes: u64);
    /// This became of a file.
    fn done(&mut self, name: &Name, outcome: Outcome);
}

/// Takes files into one spool.
pub struct Importer<'a> {
    /// The node's id in rows.
    pub node: &'a Arc<str>,
    /// Where files are made durable.
    pub spool: &'a Spool,
    /// Who is told then.
    pub indexer: &'a Indexer,
    /// The time of arrival.
    pub clock: &'a Arc<dyn Clock>,
    /// For ingest ids.
    pub chance: &'a Arc<dyn Chance>,
    /// What may come in.
    pub limits: &'a Limits,
    /// One record's room.
    pub buffer: ChunkBuffer,
    /// Who follows.
    pub follower: &'a mut dyn Follower,
}

/// A file is not kept.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("it is larger than the {0} bytes an instance may have")]
    TooLarge(u64),
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

impl NotKept {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::TooLarge(_) => "too_large",
            Self::Spool(_) => "not_spooled",
        }
    }
}

impl Importer<'_> {
    fn keep(&mut self, candidate: Candidate<'_>) -> Result<Outcome, NotKept> {
        let received_at = self.clock.now_ms();
        let id = ids::ingest_id(received_at, &**self.chance);
        let mut file = FileReader::open(candidate.input, index::Limits::default())?;
        let info = file.info().clone();
        let label = Label {
            received_at,
            source: Source::File { name: candidate.name.last() },
            transfer_syntax_uid: info.transfer_syntax_uid,
            header_bytes: info.header_bytes,
            header_is_ours: info.header_is_ours,
            notes: file.notes().to_vec(),
            identity: Some(info.identity.clone()),
            sop_class_uid: None,
        };
        let mut writer = self.spool.begin(&mut self.buffer, id, &label.to_bytes())?;
        loop {
            let room = writer.room()?;
            let read = file.read(room)?;
            if read == 0 {
                break;
            }
            writer.advance(read);
            if writer.bytes() > self.limits.max_file_bytes {
                return Err(NotKept::TooLarge(self.limits.max_file_bytes));
            }
        }
        let walked = file.finish()?;
        let spooled = writer.commit()?;
        let mut notes: Vec<&'static str> = label.notes.iter().map(|note| note.code()).collect();
        let later =
            walked.notes.iter().filter(|note| !label.notes.contains(note)).cloned().collect::<Vec<_>>();
        notes.extend(later.iter().map(|note| note.code()));
        let outcome = Outcome::Kept {
            ingest_id: ids::hyphenated(&id.0),
            study_instance_uid: info.identity.study_instance_uid.clone(),
            sop_instance_uid: info.identity.sop_instance_uid.clone(),
            notes,
        };
        let (identity, header) = (info.identity, walked.header);
        self.indexer.tell(self.node, Arrival { id, label, identity, header, notes: later, spooled });
        Ok(outcome)
    }
}

impl Visitor for Importer<'_> {
    fn expect(&mut self, files: u64, bytes: u64) {
        self.follower.expect(files, bytes);
    }

    fn found(&mut self, candidate: Candidate<'_>) {
        let name = candidate.name.clone();
        let outcome = self.keep(candidate).unwrap_or_else(|not_kept| Outcome::Refused {
            code: not_kept.code(),
            reason: in_words(&not_kept),
        });
        self.follower.done(&name, outcome);
    }

    fn refused(&mut self, name: &Name, refusal: SourceRefusal) {
        self.follower.done(name, Outcome::Refused { code: refusal.code(), reason: in_words(&refusal) });
    }

    fn ignored(&mut self, name: &Name, why: Ignored) {
        self.follower.done(name, Outcome::Ignored { reason: why.to_string() });
    }
}
