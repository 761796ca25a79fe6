//! A peer made by hand: PDUs byte by byte (PS3.8 §9.3, PS3.7 annex E), so that they can be wrong.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const JPEG_2000: &str = "1.2.840.10008.1.2.4.91";

pub const ASSOCIATE_RQ: u8 = 1;
pub const ASSOCIATE_AC: u8 = 2;
pub const ASSOCIATE_RJ: u8 = 3;
pub const P_DATA: u8 = 4;
pub const RELEASE_RQ: u8 = 5;
pub const RELEASE_RP: u8 = 6;
pub const ABORT: u8 = 7;

/// Message control headers: of a data set unless it says command, more to come unless it says last.
pub const DATA: u8 = 0;
pub const COMMAND: u8 = 1;
pub const LAST: u8 = 2;

pub const C_STORE: u16 = 1;
pub const C_ECHO: u16 = 0x30;

pub fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut pdu = vec![kind, 0];
    pdu.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    pdu.extend_from_slice(body);
    pdu
}

/// A presentation data value item.
pub fn pdv(context: u8, header: u8, bytes: &[u8]) -> Vec<u8> {
    let mut item = u32::try_from(bytes.len() + 2).unwrap().to_be_bytes().to_vec();
    item.extend([context, header]);
    item.extend_from_slice(bytes);
    item
}

/// A P-DATA-TF PDU with one fragment.
pub fn fragment(context: u8, header: u8, bytes: &[u8]) -> Vec<u8> {
    pdu(P_DATA, &pdv(context, header, bytes))
}

/// An item or sub-item of an association request.
pub fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut item = vec![kind, 0];
    item.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    item.extend_from_slice(body);
    item
}

/// An association request, with whatever is to be odd about it.
pub struct Request<'a> {
    pub version: u16,
    pub called: [u8; 16],
    pub calling: [u8; 16],
    pub application_context: &'a str,
    pub contexts: Vec<(u8, &'a str, Vec<&'a str>)>,
    /// Sub-items of user information after the maximum length.
    pub user_items: Vec<u8>,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            version: 1,
            called: *b"FILMROOM        ",
            calling: *b"HANDMADE        ",
            application_context: "1.2.840.10008.3.1.1.1",
            contexts: vec![(1, CT, vec![IMPLICIT, EXPLICIT]), (3, VERIFICATION, vec![IMPLICIT])],
            user_items: Vec::new(),
        }
    }
}

impl Request<'_> {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend([0, 0]);
        body.extend(self.called);
        body.extend(self.calling);
        body.extend([0; 32]);
        body.extend(item(0x10, self.application_context.as_bytes()));
        for (id, abstract_syntax, transfer_syntaxes) in &self.contexts {
            let mut context = vec![*id, 0, 0, 0];
            context.extend(item(0x30, abstract_syntax.as_bytes()));
            for transfer_syntax in transfer_syntaxes {
                context.extend(item(0x40, transfer_syntax.as_bytes()));
            }
            body.extend(item(0x20, &context));
        }
        let mut user = item(0x51, &16384_u32.to_be_bytes());
        user.extend(item(0x52, b"1.2.3.4"));
        user.extend_from_slice(&self.user_items);
        body.extend(item(0x50, &user));
        pdu(ASSOCIATE_RQ, &body)
    }
}

/// The items of a PDU or item: kind and body.
pub fn items(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        items.push((bytes[0], &bytes[4..4 + length]));
        bytes = &bytes[4 + length..];
    }
    items
}

/// The results in an acceptance: context id, result, transfer syntax.
pub fn results(acceptance: &[u8]) -> Vec<(u8, u8, String)> {
    let contexts = items(&acceptance[68..]).into_iter().filter(|(kind, _)| *kind == 0x21);
    contexts
        .map(|(_, body)| {
            let syntax = items(&body[4..])[0].1;
            (body[0], body[2], String::from_utf8(syntax.to_vec()).unwrap())
        })
        .collect()
}

/// A command set.
pub fn command(field: u16, message_id: u16, has_data_set: bool, instance: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut put = |element: u16, value: &[u8]| {
        bytes.extend([0, 0]);
        bytes.extend(element.to_le_bytes());
        bytes.extend(u32::try_from(value.len().next_multiple_of(2)).unwrap().to_le_bytes());
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
    };
    put(0x0002, CT.as_bytes());
    put(0x0100, &field.to_le_bytes());
    put(0x0110, &message_id.to_le_bytes());
    put(0x0800, &if has_data_set { 1_u16 } else { 0x0101 }.to_le_bytes());
    put(0x1000, instance.as_bytes());
    bytes
}

/// C-STORE of `data` on context 1: one PDU for the command, one for the data set.
pub fn store(message_id: u16, instance: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = fragment(1, COMMAND | LAST, &command(C_STORE, message_id, true, instance));
    bytes.extend(fragment(1, DATA | LAST, data));
    bytes
}

pub fn echo(message_id: u16) -> Vec<u8> {
    fragment(3, COMMAND | LAST, &command(C_ECHO, message_id, false, ""))
}

/// A response as its requestor sees it.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub context: u8,
    pub field: u16,
    pub to: u16,
    pub status: u16,
}

pub fn stored(to: u16) -> Answer {
    Answer { context: 1, field: 0x8001, to, status: 0 }
}

pub fn echoed(to: u16) -> Answer {
    Answer { context: 3, field: 0x8030, to, status: 0 }
}

/// The wire from the peer's side.
pub struct Wire<S>(pub S);

impl Wire<TcpStream> {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        // Longer than anything here may take: who waits this long has found a hang.
        stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        Self(stream)
    }

    /// Connects and associates for CT (context 1) and Verification (context 3).
    pub fn associate(address: SocketAddr) -> Self {
        let mut wire = Self::connect(address);
        wire.send(&Request::default().to_bytes());
        wire.expect(ASSOCIATE_AC);
        wire
    }
}

impl<S: Read + Write> Wire<S> {
    pub fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
        self.0.flush().unwrap();
    }

    /// The next PDU, or nothing if the provider closed.
    pub fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 6];
        match self.0.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return None,
            Err(error) => panic!("neither a PDU came nor the end: {error}"),
        }
        let mut body = vec![0; u32::from_be_bytes(head[2..].try_into().unwrap()) as usize];
        self.0.read_exact(&mut body).unwrap();
        Some((head[0], body))
    }

    pub fn expect(&mut self, kind: u8) -> Vec<u8> {
        let (received, body) = self.receive().expect("a PDU");
        assert_eq!(received, kind, "{body:?}");
        body
    }

    /// An abort with this source and reason, and then nothing.
    pub fn expect_abort(&mut self, source: u8, reason: u8) {
        assert_eq!(self.expect(ABORT), [0, 0, source, reason]);
        assert_eq!(self.receive(), None);
    }

    pub fn answer(&mut self) -> Answer {
        let body = self.expect(P_DATA);
        assert_eq!(body[5], COMMAND | LAST);
        let (mut field, mut to, mut status) = (None, None, None);
        let mut rest = &body[6..];
        while !rest.is_empty() {
            let length = u32::from_le_bytes(rest[4..8].try_into().unwrap()) as usize;
            let number = || Some(u16::from_le_bytes([rest[8], rest[9]]));
            match u16::from_le_bytes([rest[2], rest[3]]) {
                0x0100 => field = number(),
                0x0120 => to = number(),
                0x0900 => status = number(),
                _ => {}
            }
            rest = &rest[8 + length..];
        }
        Answer { context: body[4], field: field.unwrap(), to: to.unwrap(), status: status.unwrap() }
    }

    /// Releases, and sees the provider grant it and close.
    pub fn release(mut self) {
        self.send(&pdu(RELEASE_RQ, &[0; 4]));
        assert_eq!(self.expect(RELEASE_RP), [0; 4]);
    }
}
