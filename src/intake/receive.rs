//! C-STORE into the spool.

use super::arrival::{Arrival, Label};
use super::indexer::Indexer;
use crate::clock::Clock;
use crate::ids;
use crate::model::Source;
use imaging::chance::Chance;
use imaging::dimse::scp::{Peer, Session, Store, StoreRequest};
use imaging::dimse::status::StoreFailure;
use imaging::files::{MetaHeader, meta_header};
use imaging::index::{Header, Identity, Walker};
use imaging::spool::{ChunkBuffer, Spool, SpoolError, Writer};
use std::io::{self, Read};
use std::sync::Arc;

/// Takes what associations bring into one spool.
pub struct Receiver {
    /// The node's id in rows.
    pub node: Arc<str>,
    /// Where it is made durable.
    pub spool: Spool,
    /// Who is told then.
    pub indexer: Indexer,
    /// The time of arrival.
    pub clock: Arc<dyn Clock>,
    /// For ingest ids.
    pub chance: Arc<dyn Chance>,
    /// The largest instance taken, with its header.
    pub max_instance_bytes: u64,
}

impl Store for Receiver {
    fn session(&self, peer: &Peer) -> io::Result<Box<dyn Session + '_>> {
        let buffer = ChunkBuffer::new().map_err(io::Error::other)?;
        let source = Source::Dimse {
            calling_ae: peer.calling_ae_title.clone(),
            called_ae: peer.called_ae_title.clone(),
        };
        Ok(Box::new(Receiving { receiver: self, source, ae_title: peer.calling_ae_title.clone(), buffer }))
    }
}

struct Receiving<'a> {
    receiver: &'a Receiver,
    source: Source,
    ae_title: String,
    buffer: ChunkBuffer,
}

impl Session for Receiving<'_> {
    fn store(&mut self, request: &StoreRequest<'_>, data_set: &mut dyn Read) -> Result<(), StoreFailure> {
        let receiver = self.receiver;
        let received_at = receiver.clock.now_ms();
        let id = ids::ingest_id(received_at, &*receiver.chance);
        let file_header = meta_header(&MetaHeader {
            sop_class_uid: request.sop_class_uid,
            sop_instance_uid: request.sop_instance_uid,
            transfer_syntax_uid: request.transfer_syntax_uid,
            source_ae_title: Some(&self.ae_title),
        });
        let label = Label {
            received_at,
            source: self.source.clone(),
            transfer_syntax_uid: request.transfer_syntax_uid.to_owned(),
            header_bytes: u32::try_from(file_header.len()).unwrap_or(u32::MAX),
            header_is_ours: true,
            notes: Vec::new(),
            identity: None,
            sop_class_uid: Some(request.sop_class_uid.to_owned()),
        };
        let mut writer =
            receiver.spool.begin(&mut self.buffer, id, &label.to_bytes()).map_err(|error| refused(&error))?;
        writer.write(&file_header).map_err(|error| refused(&error))?;
        let mut walker = Walker::new(request.transfer_syntax_uid);
        take_in(&mut writer, data_set, &mut walker, receiver.max_instance_bytes)?;
        let identity = identify(walker.header(), request)?;
        let spooled = writer.commit().map_err(|error| refused(&error))?;
        let (header, notes) = walker.into_parts();
        receiver.indexer.tell(&receiver.node, Arrival { id, label, identity, header, notes, spooled });
        Ok(())
    }
}

/// Copies the data set into the spool while its header is read in passing. What comes after the header
/// is looked at when the study is settled, off this path.
fn take_in(
    writer: &mut Writer<'_>,
    data_set: &mut dyn Read,
    walker: &mut Walker,
    max_bytes: u64,
) -> Result<(), StoreFailure> {
    let mut walking = true;
    loop {
        let room = writer.room().map_err(|error| refused(&error))?;
        // The association ends with this and nothing is answered: the status does not matter.
        let read = data_set.read(room).map_err(|_| StoreFailure::OutOfResources)?;
        if read == 0 {
            return Ok(());
        }
        // A damaged data set is kept as long as its identity was read before the damage.
        walking = walking && walker.feed(&room[..read]).is_ok() && !walker.header_complete();
        writer.advance(read);
        if writer.bytes() > max_bytes {
            return Err(StoreFailure::TooLarge);
        }
    }
}

/// What the data set says it is, which must be what the command said.
fn identify(header: &Header, request: &StoreRequest<'_>) -> Result<Identity, StoreFailure> {
    let identity = header.identity_with_class(Some(request.sop_class_uid)).map_err(|error| {
        tracing::warn!(%error, "an instance's identity could not be read");
        StoreFailure::CannotUnderstand
    })?;
    let same = identity.sop_instance_uid == request.sop_instance_uid
        && identity.sop_class_uid == request.sop_class_uid;
    if same { Ok(identity) } else { Err(StoreFailure::DoesNotMatch) }
}

fn refused(error: &SpoolError) -> StoreFailure {
    tracing::error!(error = error as &dyn std::error::Error, "an instance could not be spooled");
    StoreFailure::OutOfResources
}
