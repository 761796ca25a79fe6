//! The upper layer while data flows (PS3.8 §9.3): PDUs, and the fragments of messages in them.
//!
//! The PDUs of setting up and ending an association are `dicom-ul`'s. Those that carry data are read
//! here: its reader holds and copies whole PDUs, while these bytes go from the socket to their place.

use super::transport::Connection;
use dicom::ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, PDataValue, PDataValueType, Pdu, read_pdu, write_pdu,
};
use std::io::{self, Read};

/// An A-ASSOCIATE-RQ may be this long: 128 contexts with many syntaxes each.
const MAX_ASSOCIATE_BYTES: u32 = 128 << 10;

const P_DATA: u8 = 0x04;
const RELEASE_RQ: u8 = 0x05;
const ABORT: u8 = 0x07;

/// Why an association ended other than by release.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The connection failed, went silent, or is being stopped.
    #[error("the connection ended")]
    Connection(#[from] io::Error),
    /// The peer aborted.
    #[error("the peer aborted the association")]
    Aborted,
    /// The peer broke the protocol.
    #[error("the peer broke the protocol: {0}")]
    Protocol(&'static str),
    /// The peer was not admitted.
    #[error("the association was rejected: {0}")]
    Rejected(#[from] super::negotiate::Rejection),
}

/// What comes next on an association.
pub(super) enum Next {
    /// A fragment of a message.
    Fragment(Fragment),
    /// The peer asks to end.
    Release,
}

/// The head of a presentation data value (PS3.8 §9.3.5.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Fragment {
    pub(super) context_id: u8,
    pub(super) is_command: bool,
    pub(super) is_last: bool,
    pub(super) bytes: usize,
}

/// A connection as a sequence of fragments.
pub(super) struct UpperLayer {
    connection: Connection,
    max_pdu_bytes: u32,
    /// What is left of the PDU being read.
    pdu_left: usize,
}

impl UpperLayer {
    pub(super) fn new(connection: Connection, max_pdu_bytes: u32) -> Self {
        Self { connection, max_pdu_bytes, pdu_left: 0 }
    }

    /// Reads the PDU that begins an association.
    pub(super) fn receive_first(&mut self) -> Result<Pdu, Ended> {
        let mut bytes = vec![0; 6];
        self.connection.read_exact(&mut bytes)?;
        let length = u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]);
        if bytes[0] != 0x01 || length > MAX_ASSOCIATE_BYTES {
            return Err(Ended::Protocol("an association does not begin like this"));
        }
        bytes.resize(6 + usize::try_from(length).unwrap_or(0), 0);
        self.connection.read_exact(&mut bytes[6..])?;
        match read_pdu(&bytes[..], MAX_ASSOCIATE_BYTES, true) {
            Ok(Some(pdu)) => Ok(pdu),
            Ok(None) | Err(_) => Err(Ended::Protocol("the association request cannot be read")),
        }
    }

    pub(super) fn send(&mut self, pdu: &Pdu) -> Result<(), Ended> {
        let mut bytes = Vec::with_capacity(512);
        write_pdu(&mut bytes, pdu).map_err(io::Error::other)?;
        Ok(self.connection.send(&bytes)?)
    }

    /// Sends a command set, which is small, as one PDU with one fragment.
    pub(super) fn send_command(&mut self, context_id: u8, command: Vec<u8>) -> Result<(), Ended> {
        let data = vec![PDataValue {
            presentation_context_id: context_id,
            value_type: PDataValueType::Command,
            is_last: true,
            data: command,
        }];
        self.send(&Pdu::PData { data })
    }

    pub(super) fn associated(&self) {
        self.connection.associated();
    }

    pub(super) fn within_message(&self, within: bool) {
        self.connection.within_message(within);
    }

    /// Reads on to the next fragment's head. The fragment before must have been read to its end.
    pub(super) fn next(&mut self) -> Result<Next, Ended> {
        while self.pdu_left == 0 {
            let mut head = [0; 6];
            self.connection.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
            match head[0] {
                P_DATA if length <= self.max_pdu_bytes => {
                    self.pdu_left = usize::try_from(length).unwrap_or(usize::MAX);
                }
                P_DATA => return Err(Ended::Protocol("a PDU is longer than was agreed")),
                RELEASE_RQ => {
                    self.connection.read_exact(&mut [0; 4])?;
                    return Ok(Next::Release);
                }
                ABORT => return Err(Ended::Aborted),
                _ => return Err(Ended::Protocol("a PDU came that has no place here")),
            }
        }
        let mut head = [0; 6];
        if self.pdu_left < head.len() {
            return Err(Ended::Protocol("a PDU ends within a fragment's head"));
        }
        self.connection.read_exact(&mut head)?;
        self.pdu_left -= head.len();
        let length = usize::try_from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])).unwrap_or(0);
        let bytes = length.checked_sub(2).filter(|bytes| *bytes <= self.pdu_left);
        let bytes = bytes.ok_or(Ended::Protocol("a fragment is longer than its PDU"))?;
        let (is_command, is_last) = (head[5] & 1 == 1, head[5] & 2 == 2);
        Ok(Next::Fragment(Fragment { context_id: head[4], is_command, is_last, bytes }))
    }

    /// Reads some of a fragment: at most `buf.len()` bytes, which must not be more than are left of it.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.connection.read(buf)?;
        if read == 0 && !buf.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.pdu_left = self.pdu_left.saturating_sub(read);
        Ok(read)
    }

    /// Aborts, if the peer is still there to hear it (PS3.8 §9.3.8), and closes.
    pub(super) fn abort(mut self, ended: &Ended) {
        let source = match ended {
            Ended::Protocol(_) => AbortRQSource::ServiceProvider(AbortRQServiceProviderReason::UnexpectedPdu),
            _ => AbortRQSource::ServiceUser,
        };
        if !matches!(ended, Ended::Aborted | Ended::Rejected(_)) {
            drop(self.send(&Pdu::AbortRQ { source }));
        }
        self.connection.close();
    }

    pub(super) fn close(self) {
        self.connection.close();
    }
}
