//! Writing DER (X.690 §10).

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// A tag of the context, of what has parts; of what has none, it is 0x80.
pub(super) const CONTEXT: u8 = 0xA0;
pub(super) const CONTEXT_OCTETS: u8 = 0x80;

/// An element of these contents, one after the other.
pub(super) fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    begun(tag, contents, 0)
}

/// An element that is begun with these contents, and goes on for so many bytes.
pub(super) fn begun(tag: u8, contents: &[&[u8]], bytes_after: u64) -> Vec<u8> {
    let here: usize = contents.iter().map(|part| part.len()).sum();
    let mut bytes = head(tag, here as u64 + bytes_after);
    contents.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// A number that is not negative.
pub(super) fn integer(value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let sign: &[u8] = if bytes[first] >= 0x80 { &[0] } else { &[] };
    element(INTEGER, &[sign, &bytes[first..]])
}

fn head(tag: u8, length: u64) -> Vec<u8> {
    let mut head = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => head.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let zeros = (length.leading_zeros() / 8) as usize;
            let long = &bytes[zeros..];
            head.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            head.extend_from_slice(long);
        }
    }
    head
}
