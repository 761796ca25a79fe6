//! Command sets (PS3.7 §6.3 and Annex E): Implicit VR Little Endian elements of group 0000.
//!
//! Read and written by hand: a command is a handful of elements, there are thousands a second, and
//! each response must leave in one write.

/// A command set longer than this is no command this provider serves.
pub(super) const MAX_COMMAND_BYTES: usize = 16 << 10;

pub(super) const C_STORE_RQ: u16 = 0x0001;
pub(super) const C_ECHO_RQ: u16 = 0x0030;
pub(super) const C_CANCEL_RQ: u16 = 0x0FFF;
/// Set in the field of every response.
pub(super) const RESPONSE: u16 = 0x8000;
const NO_DATA_SET: u16 = 0x0101;

/// The elements of a request this provider looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) field: u16,
    pub(super) message_id: u16,
    pub(super) has_data_set: bool,
    pub(super) sop_class_uid: String,
    pub(super) sop_instance_uid: String,
}

impl Command {
    /// Reads a command set; `None` if it is not one.
    pub(super) fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut command = Self::default();
        let mut has_data_set = None;
        while !bytes.is_empty() {
            let (header, rest) = bytes.split_at_checked(8)?;
            let group = u16::from_le_bytes([header[0], header[1]]);
            let element = u16::from_le_bytes([header[2], header[3]]);
            let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
            let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            bytes = rest;
            if group != 0 {
                continue;
            }
            match element {
                0x0002 => command.sop_class_uid = uid(value)?,
                0x0100 => command.field = number(value)?,
                0x0110 => command.message_id = number(value)?,
                0x0800 => has_data_set = Some(number(value)? != NO_DATA_SET),
                0x1000 => command.sop_instance_uid = uid(value)?,
                _ => {}
            }
        }
        // Where a sender forgets to say, to wait for a data set only C-STORE must have would be in vain.
        command.has_data_set = has_data_set.unwrap_or(command.field == C_STORE_RQ);
        (command.field != 0).then_some(command)
    }

    /// The response to this request. `comment` is its Error Comment (0000,0902), at most 64 characters.
    pub(super) fn response(&self, status: u16, comment: Option<&str>) -> Vec<u8> {
        let mut body = Vec::with_capacity(256);
        put_uid(&mut body, 0x0002, &self.sop_class_uid);
        put_number(&mut body, 0x0100, self.field | RESPONSE);
        put_number(&mut body, 0x0120, self.message_id);
        put_number(&mut body, 0x0800, NO_DATA_SET);
        put_number(&mut body, 0x0900, status);
        if let Some(comment) = comment {
            let mut text: Vec<u8> = comment.bytes().take(64).collect();
            pad(&mut text, b' ');
            put(&mut body, 0x0902, &text);
        }
        put_uid(&mut body, 0x1000, &self.sop_instance_uid);
        let mut command = Vec::with_capacity(body.len() + 12);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        put(&mut command, 0x0000, &length.to_le_bytes());
        command.extend_from_slice(&body);
        command
    }
}

fn number(value: &[u8]) -> Option<u16> {
    Some(u16::from_le_bytes(value.get(..2)?.try_into().ok()?))
}

fn uid(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    Some(text.trim_end_matches(['\0', ' ']).to_owned())
}

fn put(command: &mut Vec<u8>, element: u16, value: &[u8]) {
    command.extend_from_slice(&[0, 0]);
    command.extend_from_slice(&element.to_le_bytes());
    command.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
    command.extend_from_slice(value);
}

fn put_number(command: &mut Vec<u8>, element: u16, value: u16) {
    put(command, element, &value.to_le_bytes());
}

fn put_uid(command: &mut Vec<u8>, element: u16, uid: &str) {
    if !uid.is_empty() {
        let mut value = uid.as_bytes().to_vec();
        pad(&mut value, 0);
        put(command, element, &value);
    }
}

fn pad(value: &mut Vec<u8>, with: u8) {
    if !value.len().is_multiple_of(2) {
        value.push(with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request() -> Vec<u8> {
        let mut bytes = Vec::new();
        put_uid(&mut bytes, 0x0002, "1.2.840.10008.5.1.4.1.1.2");
        put_number(&mut bytes, 0x0100, C_STORE_RQ);
        put_number(&mut bytes, 0x0110, 7);
        put_number(&mut bytes, 0x0800, 1);
        put_uid(&mut bytes, 0x1000, "1.2.3");
        bytes
    }

    #[test]
    fn a_request_is_read_and_answered_with_its_own_message_id() {
        let command = Command::parse(&request()).unwrap();
        assert_eq!((command.field, command.message_id, command.has_data_set), (C_STORE_RQ, 7, true));
        assert_eq!(command.sop_instance_uid, "1.2.3");
        let response = command.response(0xA700, Some("out of resources"));
        assert_eq!(response.len() - 12, usize::from(response[8]) + 256 * usize::from(response[9]));
        let read = Command::parse(&response).unwrap();
        assert_eq!((read.field, read.has_data_set), (0x8001, false));
    }

    #[test]
    fn a_command_that_does_not_say_whether_data_follows_is_believed_to_bring_what_it_must() {
        let has_data_set = |field| {
            let mut bytes = Vec::new();
            put_number(&mut bytes, 0x0100, field);
            Command::parse(&bytes).unwrap().has_data_set
        };
        assert!(has_data_set(C_STORE_RQ));
        assert!(!has_data_set(C_ECHO_RQ));
    }

    #[test]
    fn a_command_cut_anywhere_within_an_element_is_no_command() {
        let bytes = request();
        for end in 1..8 {
            assert_eq!(Command::parse(&bytes[..end]), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _command = Command::parse(&bytes);
        }
    }
}
