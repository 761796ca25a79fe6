//! The upper layer while data flows (PS3.8 §9.3): PDUs, and the fragments of messages in them.
//!
//! The PDUs of setting up and ending an association are `dicom-ul`'s. Those that carry data are read
//! here: its reader holds and copies whole PDUs, while these bytes go from the socket to their place.

use super::transport::Connection;
use dicom::ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, AssociationRQ, PDataValue, PDataValueType, Pdu, read_pdu,
    write_pdu,
};
use std::io::{self, Read};

/// An A-ASSOCIATE-RQ may be this long: 128 contexts with every transfer syntax there is in each.
const MAX_ASSOCIATE_BYTES: u32 = 256 << 10;

const ASSOCIATE_RQ: u8 = 0x01;
const P_DATA: u8 = 0x04;
const RELEASE_RQ: u8 = 0x05;
const ABORT: u8 = 0x07;
const PDU_TYPES: std::ops::RangeInclusive<u8> = ASSOCIATE_RQ..=ABORT;
/// The length of an A-RELEASE-RQ, all of it reserved.
const RELEASE_BYTES: u32 = 4;

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
    /// What came has its place, but cannot be right.
    #[error("the peer sent what makes no sense: {0}")]
    Invalid(&'static str),
    /// What came is no PDU.
    #[error("the peer does not speak this protocol: a PDU cannot begin with {0:#04x}")]
    Unrecognized(u8),
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

    /// Reads the request that begins an association.
    pub(super) fn receive_request(&mut self) -> Result<AssociationRQ, Ended> {
        let mut bytes = vec![0; 6];
        self.connection.read_exact(&mut bytes)?;
        let length = u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]);
        match bytes[0] {
            ASSOCIATE_RQ if length <= MAX_ASSOCIATE_BYTES => {}
            ASSOCIATE_RQ => return Err(Ended::Invalid("an association request is too long")),
            other => return Err(misplaced(other)),
        }
        // Room is made as bytes come: who only says that they will costs nothing.
        let read = (&mut self.connection).take(length.into()).read_to_end(&mut bytes)?;
        if u32::try_from(read) != Ok(length) {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        match read_pdu(&bytes[..], MAX_ASSOCIATE_BYTES, true) {
            Ok(Some(Pdu::AssociationRQ(request))) => Ok(request),
            _ => Err(Ended::Invalid("an association request cannot be read")),
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

    /// Grants the release that was asked for.
    pub(super) fn send_release_response(&mut self) -> Result<(), Ended> {
        self.send(&Pdu::ReleaseRP)
    }

    pub(super) fn associated(&self) {
        self.connection.associated();
    }

    pub(super) fn message_begins(&self) {
        self.connection.message_begins();
    }

    /// Says that the association is between messages; fails if it is to end there.
    pub(super) fn message_ended(&self) -> Result<(), Ended> {
        Ok(self.connection.message_ended()?)
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
                P_DATA => return Err(Ended::Invalid("a PDU is longer than was agreed")),
                RELEASE_RQ if length == RELEASE_BYTES => {
                    self.connection.read_exact(&mut [0; RELEASE_BYTES as usize])?;
                    return Ok(Next::Release);
                }
                RELEASE_RQ => return Err(Ended::Invalid("a release is not as long as a release")),
                other => return Err(misplaced(other)),
            }
        }
        let mut head = [0; 6];
        if self.pdu_left < head.len() {
            return Err(Ended::Invalid("a PDU ends within a fragment's head"));
        }
        self.connection.read_exact(&mut head)?;
        self.pdu_left -= head.len();
        let length = usize::try_from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])).unwrap_or(0);
        let bytes = length.checked_sub(2).filter(|bytes| *bytes <= self.pdu_left);
        let bytes = bytes.ok_or(Ended::Invalid("a fragment is longer than its PDU"))?;
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
        use AbortRQServiceProviderReason as Reason;
        let provider = AbortRQSource::ServiceProvider;
        let source = match ended {
            Ended::Aborted | Ended::Rejected(_) => return self.close(),
            Ended::Protocol(_) => provider(Reason::UnexpectedPdu),
            Ended::Invalid(_) => provider(Reason::InvalidPduParameter),
            Ended::Unrecognized(_) => provider(Reason::UnrecognizedPdu),
            Ended::Connection(_) => AbortRQSource::ServiceUser,
        };
        drop(self.send(&Pdu::AbortRQ { source }));
        self.close();
    }

    pub(super) fn close(self) {
        self.connection.close();
    }
}

fn misplaced(pdu_type: u8) -> Ended {
    match pdu_type {
        ABORT => Ended::Aborted,
        known if PDU_TYPES.contains(&known) => Ended::Protocol("a PDU came that has no place here"),
        other => Ended::Unrecognized(other),
    }
}
