//! Sequences that a DICOMDIR record repeats (PS3.3 §F.5), in the one form a DICOMDIR allows.
//!
//! Whatever an instance is encoded in, its items come out as Explicit VR Little Endian with defined
//! lengths and UTF-8 text, so that they can be written into a record as they are.

use super::charset::Charset;
use super::element::{Encoding, HEAD_BYTES, Head, ITEM, ITEM_END, SEQUENCE_END, SNIFF_BYTES, UNDEFINED, Vr};
use dicom::core::Tag;
use dicom::core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom::dictionary_std::{StandardDataDictionary, tags};

/// Deeper nesting than any key has.
const DEEPEST: usize = 8;

/// How the items are written that are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub encoding: Encoding,
    pub charset: &'a Charset,
}

struct Item {
    bytes: Vec<u8>,
    modifies_concept: bool,
}

/// The items of a kept sequence, or `None` if they are not whole or not items. Of a Content
/// Sequence, of which a record repeats only what modifies the concept name, those items alone, as
/// far as they were kept.
pub(super) fn for_record(tag: Tag, bytes: &[u8], cut: bool, source: Source<'_>) -> Option<Vec<u8>> {
    let content = tag == tags::CONTENT_SEQUENCE;
    if cut && !content {
        return None;
    }
    let (mut out, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        match item(&mut rest, source, DEEPEST) {
            Some(Some(item)) if !content || item.modifies_concept => {
                write_element(&mut out, ITEM, None, &item.bytes)?
            }
            Some(Some(_)) => {}
            Some(None) => return None,
            None if content => break,
            None => return None,
        }
    }
    Some(out)
}

fn take<'a>(rest: &mut &'a [u8], length: u32) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(taken)
}

fn head(rest: &mut &[u8], encoding: Encoding) -> Option<Head> {
    let head = Head::read(encoding, rest)?;
    *rest = rest.get(head.bytes..)?;
    Some(head)
}

/// The next item; `Some(None)` is the end of the sequence.
fn item(rest: &mut &[u8], source: Source<'_>, depth: usize) -> Option<Option<Item>> {
    let head = head(rest, source.encoding)?;
    match (head.tag, head.length) {
        (SEQUENCE_END, _) => Some(None),
        (ITEM, UNDEFINED) => elements(rest, source, depth, true).map(Some),
        (ITEM, length) => elements(&mut take(rest, length)?, source, depth, false).map(Some),
        _ => None,
    }
}

fn elements(rest: &mut &[u8], mut source: Source<'_>, depth: usize, delimited: bool) -> Option<Item> {
    if let Some(first) = rest.first_chunk::<SNIFF_BYTES>() {
        source.encoding = source.encoding.shown_by(first, false);
    }
    let mut item = Item { bytes: Vec::new(), modifies_concept: false };
    while delimited || !rest.is_empty() {
        let head = head(rest, source.encoding)?;
        if head.tag == ITEM_END && delimited {
            break;
        }
        let vr = representation(&head);
        if head.length == UNDEFINED || &vr.0 == b"SQ" {
            let items = nested(rest, head.length, source, depth.checked_sub(1)?)?;
            write_element(&mut item.bytes, head.tag, Some(Vr(*b"SQ")), &items)?;
            continue;
        }
        let value = take(rest, head.length)?;
        item.modifies_concept |=
            head.tag == tags::RELATIONSHIP_TYPE && value.trim_ascii() == b"HAS CONCEPT MOD";
        // Lengths of groups change, and the record says its own character set.
        if head.tag.1 != 0 && head.tag != tags::SPECIFIC_CHARACTER_SET {
            write_element(&mut item.bytes, head.tag, Some(vr), &recoded(vr, value, source))?;
        }
    }
    Some(item)
}

fn nested(rest: &mut &[u8], length: u32, source: Source<'_>, depth: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    if length == UNDEFINED {
        while let Some(item) = item(rest, source, depth)? {
            write_element(&mut out, ITEM, None, &item.bytes)?;
        }
        return Some(out);
    }
    let mut inside = take(rest, length)?;
    while !inside.is_empty() {
        match item(&mut inside, source, depth)? {
            Some(item) => write_element(&mut out, ITEM, None, &item.bytes)?,
            None => break,
        }
    }
    Some(out)
}

fn representation(head: &Head) -> Vr {
    if let Some(vr) = head.vr.filter(|vr| vr.is_known()) {
        return vr;
    }
    let known = StandardDataDictionary.by_tag(head.tag).map(|entry| entry.vr().relaxed());
    Vr(known.map_or(*b"UN", |vr| vr.to_bytes()))
}

fn recoded(vr: Vr, value: &[u8], source: Source<'_>) -> Vec<u8> {
    let width = match &vr.0 {
        b"PN" | b"LO" | b"SH" | b"ST" | b"LT" | b"UC" | b"UT" => {
            return source.charset.decode(value, &vr.0 == b"PN").text.into_bytes();
        }
        b"US" | b"SS" | b"OW" | b"AT" => 2,
        b"UL" | b"SL" | b"FL" | b"OF" | b"OL" => 4,
        b"FD" | b"OD" | b"SV" | b"UV" | b"OV" => 8,
        _ => 1,
    };
    let mut value = value.to_vec();
    if source.encoding == Encoding::ExplicitBig {
        value.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    value
}

/// Appends an element in Explicit VR Little Endian, or an item if it has no representation, padded to an
/// even length. `None` if it is longer than its length can say.
pub(crate) fn write_element(out: &mut Vec<u8>, tag: Tag, vr: Option<Vr>, value: &[u8]) -> Option<()> {
    let padded = value.len().next_multiple_of(2);
    let mut head = Vec::with_capacity(HEAD_BYTES);
    head.extend_from_slice(&tag.0.to_le_bytes());
    head.extend_from_slice(&tag.1.to_le_bytes());
    match vr {
        Some(vr) if !vr.has_long_length() => {
            head.extend_from_slice(&vr.0);
            head.extend_from_slice(&u16::try_from(padded).ok()?.to_le_bytes());
        }
        _ => {
            if let Some(vr) = vr {
                head.extend_from_slice(&vr.0);
                head.extend_from_slice(&[0, 0]);
            }
            head.extend_from_slice(&u32::try_from(padded).ok()?.to_le_bytes());
        }
    }
    out.extend_from_slice(&head);
    out.extend_from_slice(value);
    if padded > value.len() {
        out.push(if vr.is_some_and(|vr| matches!(&vr.0, b"UI" | b"OB" | b"UN")) { 0 } else { b' ' });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One code item, Explicit VR Little Endian, defined length.
    const EXPECTED: &[u8] =
        b"\xFE\xFF\x00\xE0\x20\0\0\0\x08\0\0\x01SH\x06\x00113030\x08\0\x04\x01LO\x0A\0M\xC3\xA9moires ";

    #[test]
    fn items_of_every_encoding_come_out_in_one() {
        let charset = Charset::of(b"ISO_IR 100");
        let expected = {
            let mut bytes = EXPECTED.to_vec();
            bytes[4] = u8::try_from(bytes.len() - 8).unwrap();
            bytes
        };
        let implicit = b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x08\0\0\x01\x06\0\0\x00113030\x08\0\x04\x01\x08\0\0\0M\xE9moires\xFE\xFF\x0D\xE0\0\0\0\0";
        let big = b"\xFF\xFE\xE0\x00\0\0\0\x1E\0\x08\x01\0SH\0\x06113030\0\x08\x01\x04LO\0\x08M\xE9moires";
        for (encoding, bytes) in [(Encoding::ImplicitLittle, &implicit[..]), (Encoding::ExplicitBig, big)] {
            let source = Source { encoding, charset: &charset };
            let items = for_record(tags::CONCEPT_NAME_CODE_SEQUENCE, bytes, false, source);
            assert_eq!(items.as_deref(), Some(&expected[..]), "{encoding:?}");
            assert_eq!(for_record(tags::CONCEPT_NAME_CODE_SEQUENCE, bytes, true, source), None);
        }
    }

    #[test]
    fn a_record_repeats_only_content_that_modifies_the_concept() {
        let charset = Charset::of(b"");
        let source = Source { encoding: Encoding::ExplicitLittle, charset: &charset };
        let modifier = b"\xFE\xFF\x00\xE0\x18\0\0\0\x40\0\x10\xA0CS\x10\0HAS CONCEPT MOD ";
        let other = b"\xFE\xFF\x00\xE0\x10\0\0\0\x40\0\x10\xA0CS\x08\0CONTAINS";
        let both = [&other[..], modifier, &other[..10]].concat();
        let items = for_record(tags::CONTENT_SEQUENCE, &both, true, source);
        assert_eq!(items.as_deref(), Some(&modifier[..]));
    }
}
