//! One association as its provider serves it: admitted or not, then message after message.

use super::message::{self, Command, MAX_COMMAND_BYTES};
use super::negotiate::{self, Rejection};
use super::scp::{Peer, Session, Settings, Store, StoreRequest};
use super::status;
use super::upper::{Ended, Fragment, Next, UpperLayer};
use dicom::ul::pdu::{Pdu, PresentationContextResultReason};
use std::collections::BTreeMap;
use std::io::{self, Read};

/// Serves the association that `upper` brings until the peer releases it; who is `crowded` out is told.
pub(super) fn serve(
    upper: &mut UpperLayer,
    settings: &Settings,
    store: &dyn Store,
    crowded: bool,
) -> Result<(), Ended> {
    let request = upper.receive_request()?;
    let peer = Peer {
        calling_ae_title: negotiate::trimmed(&request.calling_ae_title).to_owned(),
        called_ae_title: negotiate::trimmed(&request.called_ae_title).to_owned(),
    };
    let admitted = match negotiate::admit(&request, &peer, &settings.called, &settings.calling) {
        Ok(()) if crowded => Err(Rejection::Congestion),
        admitted => admitted,
    };
    let session = admitted.and_then(|()| {
        store.session(&peer).map_err(|error| {
            tracing::error!(%error, "no session for an association");
            Rejection::Congestion
        })
    });
    let session = match session {
        Ok(session) => session,
        Err(rejection) => {
            upper.send(&Pdu::AssociationRJ(rejection.pdu()))?;
            return Err(rejection.into());
        }
    };
    let acceptance = negotiate::accept(&request, settings.max_pdu_bytes);
    let contexts = acceptance
        .presentation_contexts
        .iter()
        .filter(|context| context.reason == PresentationContextResultReason::Acceptance)
        .map(|context| (context.id, context.transfer_syntax.clone()))
        .collect();
    upper.send(&Pdu::AssociationAC(acceptance))?;
    upper.associated();
    Association { upper, contexts, session }.serve()
}

/// An accepted association.
struct Association<'a> {
    upper: &'a mut UpperLayer,
    /// Transfer syntaxes by accepted context id.
    contexts: BTreeMap<u8, String>,
    session: Box<dyn Session + 'a>,
}

impl Association<'_> {
    /// Serves message after message until the peer releases.
    fn serve(&mut self) -> Result<(), Ended> {
        loop {
            self.upper.message_ended()?;
            let first = match self.upper.next()? {
                Next::Release => return Ok(()),
                Next::Fragment(fragment) => fragment,
            };
            self.upper.message_begins();
            if !self.contexts.contains_key(&first.context_id) {
                return Err(Ended::Invalid("a message came on a context that was not accepted"));
            }
            let command = self.receive_command(first)?;
            match command.field {
                message::C_STORE_RQ => self.store(first.context_id, &command)?,
                message::C_ECHO_RQ => {
                    self.skip_data_set(first.context_id, &command)?;
                    self.answer(first.context_id, &command, status::SUCCESS, None)?;
                }
                // What there was to cancel has been answered.
                message::C_CANCEL_RQ => self.skip_data_set(first.context_id, &command)?,
                response if response & message::RESPONSE != 0 => {
                    return Err(Ended::Protocol("a response came to what was never asked"));
                }
                _ => {
                    self.skip_data_set(first.context_id, &command)?;
                    self.answer(first.context_id, &command, status::UNRECOGNIZED_OPERATION, None)?;
                }
            }
        }
    }

    fn receive_command(&mut self, first: Fragment) -> Result<Command, Ended> {
        let mut bytes = Vec::with_capacity(256);
        let mut fragment = first;
        loop {
            if !fragment.is_command || fragment.context_id != first.context_id {
                return Err(Ended::Protocol("a message does not begin with its command"));
            }
            let start = bytes.len();
            if start + fragment.bytes > MAX_COMMAND_BYTES {
                return Err(Ended::Invalid("a command is too long"));
            }
            bytes.resize(start + fragment.bytes, 0);
            let mut filled = start;
            while filled < bytes.len() {
                filled += self.upper.read(&mut bytes[filled..])?;
            }
            if fragment.is_last {
                return Command::parse(&bytes).ok_or(Ended::Invalid("a command cannot be read"));
            }
            fragment = match self.upper.next()? {
                Next::Fragment(fragment) => fragment,
                Next::Release => return Err(Ended::Protocol("a release came within a message")),
            };
        }
    }

    fn store(&mut self, context_id: u8, command: &Command) -> Result<(), Ended> {
        let Some(transfer_syntax_uid) = self.contexts.get(&context_id) else {
            return Err(Ended::Invalid("a message came on a context that was not accepted"));
        };
        let request = StoreRequest {
            sop_class_uid: &command.sop_class_uid,
            sop_instance_uid: &command.sop_instance_uid,
            transfer_syntax_uid,
        };
        let mut data_set = DataSet::new(self.upper, context_id, command.has_data_set);
        let outcome = self.session.store(&request, &mut data_set);
        // A refused instance is still read to its end, so that the answer finds its reader.
        let unread = data_set.skip()?;
        match outcome {
            Ok(()) if unread > 0 => {
                tracing::error!(unread, "an instance was taken but not read to its end");
                self.answer(context_id, command, status::PROCESSING_FAILURE, None)
            }
            Ok(()) => self.answer(context_id, command, status::SUCCESS, None),
            Err(failure) => {
                tracing::warn!(status = failure.status(), %failure, "an instance was not taken");
                self.answer(context_id, command, failure.status(), Some(&failure.to_string()))
            }
        }
    }

    fn skip_data_set(&mut self, context_id: u8, command: &Command) -> Result<(), Ended> {
        DataSet::new(self.upper, context_id, command.has_data_set).skip().map(drop)
    }

    fn answer(
        &mut self,
        context_id: u8,
        command: &Command,
        status: u16,
        comment: Option<&str>,
    ) -> Result<(), Ended> {
        self.upper.send_command(context_id, command.response(status, comment))
    }
}

/// A message's data set, fragment by fragment, as one stream.
struct DataSet<'a> {
    upper: &'a mut UpperLayer,
    context_id: u8,
    fragment_left: usize,
    is_last: bool,
    /// Why it could not be read to its end. The association then ends.
    ended: Option<Ended>,
}

impl<'a> DataSet<'a> {
    fn new(upper: &'a mut UpperLayer, context_id: u8, exists: bool) -> Self {
        Self { upper, context_id, fragment_left: 0, is_last: !exists, ended: None }
    }

    fn next_bytes(&mut self, buf: &mut [u8]) -> Result<usize, Ended> {
        while self.fragment_left == 0 {
            if self.is_last {
                return Ok(0);
            }
            let Next::Fragment(fragment) = self.upper.next()? else {
                return Err(Ended::Protocol("a release came within a message"));
            };
            if fragment.is_command || fragment.context_id != self.context_id {
                return Err(Ended::Protocol("another message came within a data set"));
            }
            (self.fragment_left, self.is_last) = (fragment.bytes, fragment.is_last);
        }
        let part = buf.len().min(self.fragment_left);
        let read = self.upper.read(&mut buf[..part])?;
        self.fragment_left -= read;
        Ok(read)
    }

    /// Reads what is left, drops it, and says how much it was.
    fn skip(mut self) -> Result<u64, Ended> {
        if let Some(ended) = self.ended.take() {
            return Err(ended);
        }
        let (mut unwanted, mut skipped) = ([0; 8 << 10], 0);
        loop {
            match self.next_bytes(&mut unwanted)? {
                0 => return Ok(skipped),
                read => skipped += read as u64,
            }
        }
    }
}

impl Read for DataSet<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ended.is_some() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if buf.is_empty() {
            return Ok(0);
        }
        self.next_bytes(buf).map_err(|ended| {
            self.ended = Some(ended);
            io::ErrorKind::ConnectionAborted.into()
        })
    }
}
