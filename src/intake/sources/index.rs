//! What a DICOMDIR refers to.
//!
//! A DICOMDIR is walked flat, element after element, for the Referenced File IDs of its records:
//! neither the offsets that chain them, which are often wrong, nor the depth of its sequences
//! matter, so nothing in it can lead astray or exhaust the stack. Which of the encodings it is in is
//! seen from its first bytes; several writers name another one in the header.

use std::fmt;
use thiserror::Error;

const MAGIC_AT: usize = 128;
const MAGIC: &[u8] = b"DICM";
const DIRECTORY_CLASS: &[u8] = b"1.2.840.10008.1.3.10";

const MEDIA_STORAGE_CLASS: Tag = Tag(0x0002, 0x0002);
const DIRECTORY_RECORDS: Tag = Tag(0x0004, 0x1220);
const REFERENCED_FILE_ID: Tag = Tag(0x0004, 0x1500);
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
const UNDEFINED: usize = 0xFFFF_FFFF;

/// Whether there is a DICOM file header.
pub(super) fn has_file_header(prefix: &[u8]) -> bool {
    prefix.get(MAGIC_AT..).is_some_and(|rest| rest.starts_with(MAGIC))
}

/// The class a file is of by its file header: `None` without a header or without a class in it.
fn media_storage_class(prefix: &[u8]) -> Option<&[u8]> {
    let mut elements = Elements::of_file_header(prefix)?;
    while let Ok(Some(element)) = elements.next() {
        match element.tag {
            MEDIA_STORAGE_CLASS => return elements.value(&element).ok().map(trimmed),
            Tag(0x0002, _) => elements.skip(&element).ok()?,
            Tag(..) => return None,
        }
    }
    None
}

/// Whether a file header says Media Storage Directory Storage.
pub(super) fn is_directory_by_content(prefix: &[u8]) -> bool {
    media_storage_class(prefix) == Some(DIRECTORY_CLASS)
}

/// Whether a file header says something else than Media Storage Directory Storage.
pub(super) fn is_of_another_class(prefix: &[u8]) -> bool {
    media_storage_class(prefix).is_some_and(|class| !class.is_empty() && class != DIRECTORY_CLASS)
}

/// A Referenced File ID: the way from the DICOMDIR's folder down to a file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Reference(Box<[u8]>);

impl Reference {
    /// The names on the way. Padding, and the empty name that some writers begin with, are left out.
    pub(super) fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'\\').map(trimmed).filter(|component| !component.is_empty())
    }

    /// As written, without padding.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// What keeps a DICOMDIR from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Damage {
    /// No file header.
    #[error("it has no DICOM file header")]
    NoFileHeader,
    /// Something else follows the file header.
    #[error("what follows its file header at byte {at} is not a directory")]
    NotADirectory {
        /// Where.
        at: usize,
    },
    /// Bytes that cannot be an element's header.
    #[error("there is no data element at byte {at}")]
    NotAnElement {
        /// Where.
        at: usize,
    },
    /// The end of the file within an element.
    #[error("its data element at byte {at} runs past the end of the file")]
    CutShort {
        /// Where the element begins.
        at: usize,
    },
    /// The end of the file within a sequence.
    #[error("it ends in the midst of a sequence")]
    Unclosed,
    /// More references than [`super::Limits::max_references`].
    #[error("it refers to more than {limit} files")]
    TooManyReferences {
        /// The limit.
        limit: usize,
    },
}

/// The references of a DICOMDIR's records, in the order of the file.
pub(super) fn references(bytes: &[u8], limit: usize) -> Result<Vec<Reference>, Damage> {
    let mut elements = Elements::of_data_set(bytes)?;
    let mut references = Vec::new();
    while let Some(element) = elements.next()? {
        match element.tag {
            ITEM_END | SEQUENCE_END => elements.leave(),
            _ if element.length == UNDEFINED => elements.enter(&element),
            // Of these only the header is passed over: what they hold comes next. The length of an item
            // may be wrong, as it is after some editors; that of all records betrays a file cut short.
            ITEM => {}
            DIRECTORY_RECORDS => drop(elements.value(&element)?),
            REFERENCED_FILE_ID => {
                let reference = Reference(trimmed(elements.value(&element)?).into());
                if reference.components().next().is_some() {
                    references.push(reference);
                }
                elements.skip(&element)?;
            }
            Tag(..) => elements.skip(&element)?,
        }
        if references.len() > limit {
            return Err(Damage::TooManyReferences { limit });
        }
    }
    if elements.open == 0 { Ok(references) } else { Err(Damage::Unclosed) }
}

fn trimmed(value: &[u8]) -> &[u8] {
    let padding = |byte: &u8| matches!(byte, b' ' | 0);
    let start = value.iter().position(|byte| !padding(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !padding(byte)).map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag(u16, u16);

#[derive(Debug, Clone, Copy)]
struct Element {
    tag: Tag,
    /// Of the value; `UNDEFINED` where delimiters bound it.
    length: usize,
    starts_at: usize,
    of_unknown_vr: bool,
}

#[derive(Debug, Clone, Copy)]
struct Encoding {
    explicit_vr: bool,
    big_endian: bool,
}

/// The elements of a file, one after the other. After each, its value is skipped or entered.
struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    encoding: Encoding,
    /// Sequences and items of undefined length that are not closed yet.
    open: usize,
    /// While inside a sequence of unknown VR, which is implicit whatever is around it: how many were
    /// open outside, and the encoding there.
    outside: Option<(usize, Encoding)>,
}

impl<'a> Elements<'a> {
    fn of_file_header(bytes: &'a [u8]) -> Option<Self> {
        let encoding = Encoding { explicit_vr: true, big_endian: false };
        let at = MAGIC_AT + MAGIC.len();
        has_file_header(bytes).then_some(Self { bytes, at, encoding, open: 0, outside: None })
    }

    fn of_data_set(bytes: &'a [u8]) -> Result<Self, Damage> {
        let mut elements = Self::of_file_header(bytes).ok_or(Damage::NoFileHeader)?;
        while elements.ahead().starts_with(&[0x02, 0x00]) {
            if let Some(element) = elements.next()? {
                elements.skip(&element)?;
            }
        }
        let at = elements.at;
        elements.encoding = match elements.ahead() {
            [] => elements.encoding,
            [0x04, 0x00, _, _, vr @ ..] => Encoding { explicit_vr: is_vr(vr), big_endian: false },
            [0x00, 0x04, _, _, vr @ ..] => Encoding { explicit_vr: is_vr(vr), big_endian: true },
            _ => return Err(Damage::NotADirectory { at }),
        };
        Ok(elements)
    }

    fn ahead(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Reads the next element's header; `None` at the end or in the zeros that fill up a last sector.
    fn next(&mut self) -> Result<Option<Element>, Damage> {
        let starts_at = self.at;
        if self.ahead().is_empty() {
            return Ok(None);
        }
        let tag = Tag(self.u16()?, self.u16()?);
        if tag == Tag(0, 0) {
            let only_zeros = self.ahead().iter().all(|byte| *byte == 0);
            return if only_zeros { Ok(None) } else { Err(Damage::NotAnElement { at: starts_at }) };
        }
        let has_vr = self.encoding.explicit_vr && tag.0 != ITEM.0;
        let vr = if has_vr { Some(self.take::<2>()?) } else { None };
        let length = match vr.as_ref() {
            None => self.u32()?,
            Some(
                b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT"
                | b"UV",
            ) => {
                self.take::<2>()?;
                self.u32()?
            }
            Some(vr) if is_vr(vr) => u32::from(self.u16()?),
            Some(_) => return Err(Damage::NotAnElement { at: starts_at }),
        };
        let length = usize::try_from(length).map_err(|_| Damage::CutShort { at: starts_at })?;
        Ok(Some(Element { tag, length, starts_at, of_unknown_vr: vr == Some(*b"UN") }))
    }

    /// The value of the element whose header was just read.
    fn value(&self, element: &Element) -> Result<&'a [u8], Damage> {
        self.ahead().get(..element.length).ok_or(Damage::CutShort { at: element.starts_at })
    }

    fn skip(&mut self, element: &Element) -> Result<(), Damage> {
        self.at += self.value(element)?.len();
        Ok(())
    }

    /// Goes into a sequence or item that delimiters bound.
    fn enter(&mut self, element: &Element) {
        if element.of_unknown_vr && self.outside.is_none() {
            self.outside = Some((self.open, self.encoding));
            self.encoding.explicit_vr = false;
        }
        self.open += 1;
    }

    /// Goes out of it. A delimiter too many, which some writers put, is none.
    fn leave(&mut self) {
        self.open = self.open.saturating_sub(1);
        if let Some((_, encoding)) = self.outside.take_if(|(open, _)| *open >= self.open) {
            self.encoding = encoding;
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let taken = self.ahead().first_chunk().ok_or(Damage::CutShort { at: self.at })?;
        self.at += N;
        Ok(*taken)
    }

    fn u16(&mut self) -> Result<u16, Damage> {
        let number = self.take()?;
        Ok(if self.encoding.big_endian { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) })
    }

    fn u32(&mut self) -> Result<u32, Damage> {
        let number = self.take()?;
        Ok(if self.encoding.big_endian { u32::from_be_bytes(number) } else { u32::from_le_bytes(number) })
    }
}

fn is_vr(bytes: &[u8]) -> bool {
    bytes.get(..2).is_some_and(|vr| vr.iter().all(u8::is_ascii_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: Tag = REFERENCED_FILE_ID;

    fn tag(Tag(group, number): Tag, big_endian: bool) -> Vec<u8> {
        let swap = |number: u16| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        [swap(group), swap(number)].concat()
    }

    /// An element without VR; items and delimiters are such in every encoding.
    fn implicit(name: Tag, length: u32, value: &[u8]) -> Vec<u8> {
        [tag(name, false), length.to_le_bytes().to_vec(), value.to_vec()].concat()
    }

    fn explicit(name: Tag, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap().to_le_bytes();
        [tag(name, false).as_slice(), vr, &length, value].concat()
    }

    fn sequence(name: Tag, vr: &[u8; 2], length: u32, value: &[u8]) -> Vec<u8> {
        [tag(name, false).as_slice(), vr, &[0, 0], &length.to_le_bytes(), value].concat()
    }

    fn file(data_set: &[u8]) -> Vec<u8> {
        let class = explicit(MEDIA_STORAGE_CLASS, b"UI", DIRECTORY_CLASS);
        [&[0; MAGIC_AT], MAGIC, &class, data_set].concat()
    }

    fn read(data_set: &[u8]) -> Result<Vec<String>, Damage> {
        let references = references(&file(data_set), 100)?;
        Ok(references
            .iter()
            .map(|reference| String::from_utf8_lossy(reference.as_bytes()).into_owned())
            .collect())
    }

    fn record(file_id: &[u8]) -> Vec<u8> {
        explicit(REFERENCE, b"CS", file_id)
    }

    const OPEN: u32 = u32::MAX;

    #[test]
    fn records_are_read_whatever_bounds_them() {
        let one = record(b"A\\1");
        let length = u32::try_from(one.len()).unwrap();
        let closed = implicit(ITEM, length, &one);
        let open = [implicit(ITEM, OPEN, &one), implicit(ITEM_END, 0, &[])].concat();
        for item in [closed, open] {
            let length = u32::try_from(item.len()).unwrap();
            let closed = sequence(DIRECTORY_RECORDS, b"SQ", length, &item);
            let open =
                [sequence(DIRECTORY_RECORDS, b"SQ", OPEN, &item), implicit(SEQUENCE_END, 0, &[])].concat();
            assert_eq!(read(&closed).unwrap(), ["A\\1"]);
            assert_eq!(read(&open).unwrap(), ["A\\1"]);
        }
    }

    #[test]
    fn the_encoding_is_seen_from_the_bytes() {
        let implicit_vr = implicit(REFERENCE, 4, b"IM1 ");
        let big_endian = [tag(REFERENCE, true).as_slice(), b"CS", &[0, 4], b"IM1\0"].concat();
        let big_endian_implicit = [tag(REFERENCE, true).as_slice(), &[0, 0, 0, 4], b"IM1 "].concat();
        for data_set in [record(b"IM1 "), implicit_vr, big_endian, big_endian_implicit] {
            assert_eq!(read(&data_set).unwrap(), ["IM1"]);
        }
    }

    #[test]
    fn a_sequence_of_unknown_vr_is_implicit_inside_and_only_there() {
        let inner = [
            implicit(ITEM, OPEN, &implicit(Tag(9, 0x1001), 2, b"xy")),
            implicit(ITEM_END, 0, &[]),
            implicit(SEQUENCE_END, 0, &[]),
        ];
        let unknown = sequence(Tag(9, 0x1010), b"UN", OPEN, &inner.concat());
        assert_eq!(read(&[record(b"A"), unknown, record(b"B")].concat()).unwrap(), ["A", "B"]);
    }

    #[test]
    fn icons_and_the_zeros_of_a_last_sector_are_passed_over() {
        let icon = sequence(Tag(0x0088, 0x0200), b"SQ", 4, b"\xFE\xFF\xFF\xFF");
        let padding = vec![0; 1000];
        assert_eq!(
            read(&[record(b"A"), icon, record(b""), record(b"\\ \\"), padding].concat()).unwrap(),
            ["A"]
        );
    }

    #[test]
    fn an_item_shorter_than_it_says_is_read_and_a_file_cut_short_is_not() {
        let item = implicit(ITEM, 1000, &record(b"A"));
        let length = u32::try_from(item.len()).unwrap();
        let records = sequence(DIRECTORY_RECORDS, b"SQ", length, &item);
        assert_eq!(read(&records).unwrap(), ["A"]);
        for cut in 1..records.len() {
            assert!(read(&records[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn components_are_without_padding_and_without_nothing() {
        let reference = Reference(b"\\DICOM \\ IM1\0"[..].into());
        assert_eq!(reference.components().collect::<Vec<_>>(), [b"DICOM".as_slice(), b"IM1"]);
    }

    #[test]
    fn damage_is_named_with_its_place() {
        let at = file(&[]).len();
        let cut = &record(b"ABC")[..10];
        let table = [
            (b"text".to_vec(), Damage::NotADirectory { at }),
            (cut.to_vec(), Damage::CutShort { at }),
            (sequence(DIRECTORY_RECORDS, b"SQ", 100, &[]), Damage::CutShort { at }),
            (sequence(DIRECTORY_RECORDS, b"SQ", OPEN, &[]), Damage::Unclosed),
            ([record(b"A"), tag(Tag(8, 5), false), vec![1; 9]].concat(), Damage::NotAnElement { at: at + 9 }),
            ([record(b"A"), vec![0; 9], vec![1]].concat(), Damage::NotAnElement { at: at + 9 }),
            (record(b"A").repeat(101), Damage::TooManyReferences { limit: 100 }),
        ];
        for (data_set, damage) in table {
            assert_eq!(read(&data_set), Err(damage));
        }
        assert_eq!(references(b"short", 1), Err(Damage::NoFileHeader));
    }

    #[test]
    fn sequences_nested_without_end_cost_no_stack() {
        let nested = [sequence(Tag(0x0004, 0x1220), b"SQ", OPEN, &[]), implicit(ITEM, OPEN, &[])].concat();
        assert_eq!(read(&nested.repeat(200_000)), Err(Damage::Unclosed));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(data_set: Vec<u8>, group_four: bool) {
            let start = if group_four { &[4, 0, 0x20, 0x12][..] } else { &[] };
            let outcome = read(&[start, &data_set].concat());
            proptest::prop_assert!(outcome.is_ok() || outcome.is_err());
        }

        #[test]
        fn a_directory_with_bytes_changed_is_read_or_refused(at: proptest::sample::Index, byte: u8) {
            let item = [implicit(ITEM, OPEN, &record(b"A\\1")), implicit(ITEM_END, 0, &[])].concat();
            let records = sequence(DIRECTORY_RECORDS, b"SQ", OPEN, &item.repeat(5));
            let mut bytes = file(&[records, implicit(SEQUENCE_END, 0, &[])].concat());
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let count = references(&bytes, 100).map_or(0, |references| references.len());
            proptest::prop_assert!(count <= 5);
        }
    }
}
