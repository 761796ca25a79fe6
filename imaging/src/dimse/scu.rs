//! A Service Class User for Verification and Storage (PS3.4 annexes A and B): sends C-ECHO and
//! C-STORE over one association, blocking, one message at a time (PS3.7 9.1).

use std::io::Write as _;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use dicom::core::{DataElement, PrimitiveValue, Tag, VR};
use dicom::dictionary_std::tags;
use dicom::object::InMemDicomObject;
use dicom::transfer_syntax::entries::IMPLICIT_VR_LITTLE_ENDIAN;
use dicom::ul::Pdu;
use dicom::ul::association::{ClientAssociation, ClientAssociationOptions, Error as UpperLayerError};
use dicom::ul::pdu::{PDataValueType, PresentationContextNegotiated};

/// Verification SOP Class (PS3.4 A.4), which [`Scu::echo`] needs a presentation context for.
pub const VERIFICATION: &str = "1.2.840.10008.1.1";

/// Presentation context ids are the odd numbers below 256 (PS3.8 9.3.2.2).
const MAX_CONTEXTS: usize = 128;
/// The longest P-DATA-TF variable field we send, whatever longer one the peer would take.
const MAX_SENT_PDU_BYTES: u32 = 128 * 1024;
/// Item length, presentation context id and message control header of a PDV (PS3.8 9.3.5.1).
const PDV_HEADER_BYTES: u32 = 6;
/// A response command set is some hundred bytes; a peer that sends more is not making sense.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Command Field values (PS3.7 E.1).
const C_STORE_RQ: u16 = 0x0001;
const C_ECHO_RQ: u16 = 0x0030;
const RESPONSE: u16 = 0x8000;

/// Command Data Set Type (0000,0800): anything but 0101H says that a data set follows (PS3.7 E.1).
const DATA_SET_FOLLOWS: u16 = 0x0000;
const NO_DATA_SET: u16 = 0x0101;

/// How long to wait for the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the TCP connection.
    pub connect: Duration,
    /// For each read; a peer that makes an instance durable before it answers needs its time.
    pub read: Duration,
    /// For each write.
    pub write: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
            write: Duration::from_secs(60),
        }
    }
}

/// Why a message could not be exchanged. After any error but [`ScuError::NotAccepted`] the
/// association is of no further use and should be dropped.
#[derive(Debug, thiserror::Error)]
pub enum ScuError {
    /// More presentation contexts than one association can have.
    #[error("{0} presentation contexts were asked for; an association has at most {MAX_CONTEXTS}")]
    TooManyContexts(usize),
    /// The peer answered with A-ASSOCIATE-RJ (PS3.8 9.3.4).
    #[error("the peer rejected the association ({}): {reason}", if *.transient { "for now" } else { "for good" })]
    Rejected {
        /// Whether the same request may succeed later.
        transient: bool,
        /// The peer's reason in words.
        reason: String,
    },
    /// The association was accepted without any of its presentation contexts.
    #[error("the peer accepted none of the presentation contexts")]
    NothingAccepted,
    /// The peer did not accept this SOP class in this transfer syntax; others may still be sent.
    #[error("the peer did not accept {sop_class} in transfer syntax {transfer_syntax}")]
    NotAccepted {
        /// The abstract syntax that was wanted.
        sop_class: String,
        /// The transfer syntax that was wanted.
        transfer_syntax: String,
    },
    /// The peer takes only PDUs too small to hold any part of a message.
    #[error("the peer's maximum PDU length of {0} bytes leaves no room for data")]
    PduTooSmall(u32),
    /// The peer sent A-ABORT (PS3.8 9.3.8).
    #[error("the peer aborted the association")]
    Aborted,
    /// The peer sent a PDU that has no place here.
    #[error("the peer sent {0} where a response was due")]
    UnexpectedPdu(String),
    /// The response is not one to the message that was sent.
    #[error("the peer's response does not belong to the request: {0}")]
    WrongResponse(&'static str),
    /// The response's command set could not be read.
    #[error("the peer's response could not be read")]
    UnreadableResponse(#[source] Box<dicom::object::ReadError>),
    /// The command set could not be encoded, because a UID given is not one.
    #[error("the command set could not be encoded")]
    Encode(#[source] Box<dicom::object::WriteError>),
    /// The upper layer failed: connecting, negotiating, reading, or a timeout there.
    #[error("the association failed")]
    UpperLayer(#[source] Box<UpperLayerError>),
    /// Writing to the peer failed or timed out.
    #[error("the peer could not be written to")]
    Io(#[from] std::io::Error),
}

impl From<UpperLayerError> for ScuError {
    fn from(error: UpperLayerError) -> Self {
        use dicom::ul::pdu::AssociationRJResult;
        match error {
            UpperLayerError::Rejected { association_rj, .. } => Self::Rejected {
                transient: association_rj.result == AssociationRJResult::Transient,
                reason: association_rj.source.to_string(),
            },
            UpperLayerError::NoAcceptedPresentationContexts { .. } => Self::NothingAccepted,
            UpperLayerError::Aborted { .. } => Self::Aborted,
            other => Self::UpperLayer(Box::new(other)),
        }
    }
}

/// An association in which we are the requestor.
#[derive(Debug)]
pub struct Scu {
    association: ClientAssociation<TcpStream>,
    last_message_id: u16,
    /// Largest fragment of a message that fits one PDU, an even number (PS3.8 annex E).
    fragment_bytes: usize,
    /// One PDU being put together, kept for the next.
    outgoing: Vec<u8>,
}

impl Scu {
    /// Connects and negotiates. Each pair of SOP class and transfer syntax is proposed as a
    /// presentation context of its own, so that the peer's answer is one per pair (PS3.8 9.3.2.2).
    ///
    /// # Errors
    /// If the peer cannot be reached, rejects, accepts no context, or makes no sense.
    pub fn connect(
        addr: impl ToSocketAddrs,
        calling_ae: &str,
        called_ae: &str,
        contexts: &[(&str, &str)],
        timeouts: Timeouts,
    ) -> Result<Self, ScuError> {
        if contexts.len() > MAX_CONTEXTS {
            return Err(ScuError::TooManyContexts(contexts.len()));
        }
        let mut options = ClientAssociationOptions::new()
            .calling_ae_title(calling_ae)
            .called_ae_title(called_ae)
            .connection_timeout(timeouts.connect)
            .read_timeout(timeouts.read)
            .write_timeout(timeouts.write);
        for (sop_class, transfer_syntax) in contexts {
            options = options.with_presentation_context(*sop_class, vec![*transfer_syntax]);
        }
        let mut association = options.establish(addr)?;
        // A message is several small writes and then silence until it is answered: waiting to
        // fill a segment would cost a delayed acknowledgement for each instance.
        association.inner_stream().set_nodelay(true)?;
        let fragment_bytes = fragment_bytes(association.acceptor_max_pdu_length())?;
        Ok(Self { association, last_message_id: 0, fragment_bytes, outgoing: Vec::new() })
    }

    /// Whether the peer accepted this SOP class in this transfer syntax.
    #[must_use]
    pub fn accepts(&self, sop_class: &str, transfer_syntax: &str) -> bool {
        self.context(sop_class, Some(transfer_syntax)).is_some()
    }

    /// Verifies communication (C-ECHO, PS3.7 9.1.5) and gives the status, 0000H for success.
    ///
    /// # Errors
    /// If [`VERIFICATION`] was not negotiated, or the exchange fails.
    pub fn echo(&mut self) -> Result<u16, ScuError> {
        let context = self.context(VERIFICATION, None).ok_or_else(|| not_accepted(VERIFICATION, "any"))?;
        let message_id = self.next_message_id();
        let command = encode([
            text(tags::AFFECTED_SOP_CLASS_UID, VERIFICATION),
            short(tags::COMMAND_FIELD, C_ECHO_RQ),
            short(tags::MESSAGE_ID, message_id),
            short(tags::COMMAND_DATA_SET_TYPE, NO_DATA_SET),
        ])?;
        self.send(context, PDataValueType::Command, &command)?;
        self.receive_status(C_ECHO_RQ, message_id)
    }

    /// Sends an instance (C-STORE, PS3.7 9.1.1) and gives the status (PS3.4 B.2.3): 0000H for
    /// success, Bxxx warnings, Axxx and Cxxx refusals. `dataset` is encoded in `transfer_syntax`,
    /// without a file meta header.
    ///
    /// # Errors
    /// [`ScuError::NotAccepted`] if the pair was not negotiated; else if the exchange fails.
    pub fn store(
        &mut self,
        sop_class: &str,
        sop_instance: &str,
        transfer_syntax: &str,
        dataset: &[u8],
    ) -> Result<u16, ScuError> {
        let context = self
            .context(sop_class, Some(transfer_syntax))
            .ok_or_else(|| not_accepted(sop_class, transfer_syntax))?;
        let message_id = self.next_message_id();
        let command = encode([
            text(tags::AFFECTED_SOP_CLASS_UID, sop_class),
            short(tags::COMMAND_FIELD, C_STORE_RQ),
            short(tags::MESSAGE_ID, message_id),
            short(tags::PRIORITY, 0),
            short(tags::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS),
            text(tags::AFFECTED_SOP_INSTANCE_UID, sop_instance),
        ])?;
        self.send(context, PDataValueType::Command, &command)?;
        self.send(context, PDataValueType::Data, dataset)?;
        self.receive_status(C_STORE_RQ, message_id)
    }

    /// Releases the association in order (A-RELEASE, PS3.8 7.2) and closes the connection.
    ///
    /// # Errors
    /// If the peer does not answer with A-RELEASE-RP.
    pub fn release(self) -> Result<(), ScuError> {
        Ok(self.association.release()?)
    }

    fn context(&self, sop_class: &str, transfer_syntax: Option<&str>) -> Option<u8> {
        let same = |uid: &str, wanted: &str| uid.trim_end_matches(['\0', ' ']) == wanted;
        let fits = |context: &&PresentationContextNegotiated| {
            same(&context.abstract_syntax, sop_class)
                && transfer_syntax.is_none_or(|wanted| same(&context.transfer_syntax, wanted))
        };
        self.association.presentation_contexts().iter().find(fits).map(|context| context.id)
    }

    fn next_message_id(&mut self) -> u16 {
        self.last_message_id = self.last_message_id.wrapping_add(1);
        self.last_message_id
    }

    /// Sends a command set or a data set in as many P-DATA-TF PDUs as it takes, each with one
    /// fragment; the library's writer would gather up to the peer's maximum, which may be 4 GiB.
    fn send(&mut self, context: u8, kind: PDataValueType, bytes: &[u8]) -> Result<(), ScuError> {
        let mut rest = bytes;
        loop {
            let (fragment, after) = rest.split_at(rest.len().min(self.fragment_bytes));
            rest = after;
            put_fragment(&mut self.outgoing, context, &kind, rest.is_empty(), fragment);
            self.association.inner_stream().write_all(&self.outgoing)?;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    fn receive_status(&mut self, request: u16, message_id: u16) -> Result<u16, ScuError> {
        let command = self.receive_command()?;
        let transfer_syntax = IMPLICIT_VR_LITTLE_ENDIAN.erased();
        let response = InMemDicomObject::read_dataset_with_ts(command.as_slice(), &transfer_syntax)
            .map_err(|error| ScuError::UnreadableResponse(Box::new(error)))?;
        let value = |tag: Tag| response.get(tag).and_then(|element| element.to_int::<u16>().ok());
        if value(tags::COMMAND_FIELD) != Some(request | RESPONSE) {
            return Err(ScuError::WrongResponse("it answers another kind of request"));
        }
        if value(tags::MESSAGE_ID_BEING_RESPONDED_TO) != Some(message_id) {
            return Err(ScuError::WrongResponse("it answers another message"));
        }
        value(tags::STATUS).ok_or(ScuError::WrongResponse("it has no status"))
    }

    /// A whole command set, which may come in several fragments.
    fn receive_command(&mut self) -> Result<Vec<u8>, ScuError> {
        let mut command = Vec::new();
        loop {
            let fragments = match self.association.receive()? {
                Pdu::PData { data } => data,
                Pdu::AbortRQ { .. } => return Err(ScuError::Aborted),
                other => return Err(ScuError::UnexpectedPdu(other.short_description().to_string())),
            };
            for fragment in fragments {
                if fragment.value_type != PDataValueType::Command {
                    return Err(ScuError::WrongResponse("it carries a data set"));
                }
                command.extend(fragment.data);
                if command.len() > MAX_RESPONSE_BYTES {
                    return Err(ScuError::WrongResponse("it is longer than a response can be"));
                }
                if fragment.is_last {
                    return Ok(command);
                }
            }
        }
    }
}

fn not_accepted(sop_class: &str, transfer_syntax: &str) -> ScuError {
    ScuError::NotAccepted { sop_class: sop_class.to_owned(), transfer_syntax: transfer_syntax.to_owned() }
}

fn fragment_bytes(peer_max_pdu_bytes: u32) -> Result<usize, ScuError> {
    let room = peer_max_pdu_bytes.min(MAX_SENT_PDU_BYTES).saturating_sub(PDV_HEADER_BYTES) & !1;
    match usize::try_from(room) {
        Ok(room) if room > 0 => Ok(room),
        _ => Err(ScuError::PduTooSmall(peer_max_pdu_bytes)),
    }
}

/// One P-DATA-TF PDU with one presentation data value item (PS3.8 9.3.5 and annex E.2).
fn put_fragment(pdu: &mut Vec<u8>, context: u8, kind: &PDataValueType, is_last: bool, fragment: &[u8]) {
    let item_bytes = u32::try_from(fragment.len()).unwrap_or(MAX_SENT_PDU_BYTES) + 2;
    let command = u8::from(*kind == PDataValueType::Command);
    let last = u8::from(is_last) << 1;
    pdu.clear();
    pdu.extend([0x04, 0x00]);
    pdu.extend((item_bytes + 4).to_be_bytes());
    pdu.extend(item_bytes.to_be_bytes());
    pdu.extend([context, command | last]);
    pdu.extend_from_slice(fragment);
}

type Element = DataElement<InMemDicomObject>;

fn text(tag: Tag, uid: &str) -> Element {
    DataElement::new(tag, VR::UI, uid)
}

fn short(tag: Tag, value: u16) -> Element {
    DataElement::new(tag, VR::US, PrimitiveValue::from(value))
}

/// A command set with its group length (PS3.7 6.3.1): always Implicit VR Little Endian.
fn encode<const N: usize>(elements: [Element; N]) -> Result<Vec<u8>, ScuError> {
    let command = InMemDicomObject::command_from_element_iter(elements);
    let mut bytes = Vec::new();
    command
        .write_dataset_with_ts(&mut bytes, &IMPLICIT_VR_LITTLE_ENDIAN.erased())
        .map_err(|error| ScuError::Encode(Box::new(error)))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
