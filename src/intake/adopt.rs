//! After a crash: instances that are durable in the spool and not yet in the index.
//!
//! They may have been acknowledged, so they are taken up; they may not have been, then their sender
//! sends them again and the copies are dropped at settling.

use super::arrival::{Arrival, Label};
use super::indexer::Indexer;
use crate::ids;
use crate::store::db::Db;
use crate::store::{StoreError, studies};
use imaging::index::Walker;
use imaging::spool::{FoundInstance, Hold, Spool, SpoolError, Spooled};
use std::io::Read;
use std::sync::Arc;

/// Ids asked of the index at a time.
const ASK: usize = 500;

/// Why an instance in the spool cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum Unadoptable {
    /// A record of it is torn: it was never acknowledged, or the disk has lost it since.
    #[error("its records do not open")]
    Spool(#[from] SpoolError),
    /// Its bytes cannot be read.
    #[error("its bytes cannot be read")]
    Io(#[from] std::io::Error),
    /// Its label does not read: another version of the program wrote it.
    #[error("its label cannot be read")]
    Label,
    /// Its identity does not read.
    #[error("its identity cannot be read")]
    Identity(#[from] imaging::index::IdentityError),
}

/// What came of looking.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Adopted {
    /// Instances now on their way to the index.
    pub taken_up: u64,
    /// Instances that could not be: each was logged with its reason.
    pub unreadable: u64,
}

/// Takes up what the index does not know of `found`.
///
/// # Errors
/// If the index cannot be asked.
pub async fn adopt(
    db: &Db,
    node: &Arc<str>,
    spool: &Spool,
    found: Vec<FoundInstance>,
    indexer: &Indexer,
) -> Result<Adopted, StoreError> {
    let mut adopted = Adopted::default();
    for unknown in unknown(db, found).await? {
        let (spool, node, indexer) = (spool.clone(), Arc::clone(node), indexer.clone());
        let id = ids::hyphenated(&unknown.id.0);
        let hold = spool.hold(&unknown.positions).ok();
        let taking = tokio::task::spawn_blocking(move || take_up(&spool, &node, unknown, &indexer));
        let may_go = match taking.await {
            Ok(Ok(())) => {
                adopted.taken_up += 1;
                true
            }
            Ok(Err(error)) => {
                adopted.unreadable += 1;
                let torn = is_torn(&error);
                let error = &error as &dyn std::error::Error;
                tracing::error!(ingest_id = id, error, "an instance in the spool was not taken up");
                torn
            }
            Err(error) => {
                adopted.unreadable += 1;
                tracing::error!(ingest_id = id, %error, "taking up an instance failed");
                false
            }
        };
        // What is whole and yet was not taken up may have been acknowledged: it stays held.
        if may_go && let Some(hold) = hold {
            hold.release();
        }
    }
    indexer.flush().await;
    Ok(adopted)
}

/// Whether a record does not open: then nothing can ever be read of it again, and nothing is to be kept.
fn is_torn(error: &Unadoptable) -> bool {
    let error = match error {
        Unadoptable::Spool(error) => Some(error),
        Unadoptable::Io(error) => error.get_ref().and_then(|cause| cause.downcast_ref()),
        Unadoptable::Label | Unadoptable::Identity(_) => None,
    };
    matches!(error, Some(SpoolError::Damaged { .. }))
}

/// Those of `found` that the index does not know.
///
/// # Errors
/// If the index cannot be asked.
pub async fn unknown(db: &Db, found: Vec<FoundInstance>) -> Result<Vec<FoundInstance>, StoreError> {
    let mut unknown = Vec::new();
    for part in found.chunks(ASK) {
        let ids: Vec<String> = part.iter().map(|instance| ids::hyphenated(&instance.id.0)).collect();
        let known = studies::known(db, ids.iter().map(String::as_str)).await?;
        let asked = part.iter().zip(&ids);
        unknown.extend(asked.filter(|(_, id)| !known.contains(*id)).map(|(instance, _)| instance.clone()));
    }
    Ok(unknown)
}

fn take_up(
    spool: &Spool,
    node: &Arc<str>,
    found: FoundInstance,
    indexer: &Indexer,
) -> Result<(), Unadoptable> {
    let (label, mut reader) = spool.read(&found.positions)?;
    let label = Label::from_bytes(&label).ok_or(Unadoptable::Label)?;
    let mut file_header = vec![0; usize::try_from(label.header_bytes).unwrap_or(usize::MAX)];
    reader.read_exact(&mut file_header)?;
    let mut bytes = u64::from(label.header_bytes);
    let mut walker = Walker::new(&label.transfer_syntax_uid);
    let (mut piece, mut walking) = (vec![0; 256 << 10], true);
    // To the end, although the header comes first: only reading verifies every record.
    loop {
        let read = reader.read(&mut piece)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        walking = walking && walker.feed(&piece[..read]).is_ok() && !walker.header_complete();
    }
    let identity = match label.identity.clone() {
        Some(identity) => identity,
        None => walker.header().identity_with_class(label.sop_class_uid.as_deref())?,
    };
    let (header, notes) = (walker.header().clone(), walker.notes().to_vec());
    // No hold: nothing is recycled before everything found is adopted.
    let spooled = Spooled { positions: found.positions, bytes, hold: Hold::default() };
    indexer.tell(node, Arrival { id: found.id, label, identity, header, notes, spooled });
    Ok(())
}
