//! File meta information: preamble, `DICM`, group 0002 (PS3.10 §7.1).

use crate::index::{Encoding, Head, Note, Notes, SNIFF_BYTES, Tag, uid_fault, uid_text};

/// (0002,0012): who wrote the header. A UUID-derived UID of this program's own (PS3.5 §B.2).
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.15816809606750269852954231748820995412";
/// (0002,0013): at most 16 characters.
pub const IMPLEMENTATION_VERSION_NAME: &str = "FILMROOM_0.1";

pub(super) const PREAMBLE_BYTES: usize = 128;
pub(super) const MAGIC: &[u8] = b"DICM";
/// The SOP class of a DICOMDIR (PS3.4 §I.4).
pub(crate) const MEDIA_DIRECTORY: &str = "1.2.840.10008.1.3.10";

const GROUP_LENGTH: Tag = Tag(0x0002, 0x0000);
const VERSION: Tag = Tag(0x0002, 0x0001);
const SOP_CLASS: Tag = Tag(0x0002, 0x0002);
const SOP_INSTANCE: Tag = Tag(0x0002, 0x0003);
const TRANSFER_SYNTAX: Tag = Tag(0x0002, 0x0010);
const IMPLEMENTATION_CLASS: Tag = Tag(0x0002, 0x0012);
const IMPLEMENTATION_VERSION: Tag = Tag(0x0002, 0x0013);
const SOURCE_AE_TITLE: Tag = Tag(0x0002, 0x0016);

/// What a file meta header says about the data set behind it.
#[derive(Debug, Clone, Copy)]
pub struct MetaHeader<'a> {
    /// (0002,0002), the data set's SOP Class UID.
    pub sop_class_uid: &'a str,
    /// (0002,0003), the data set's SOP Instance UID.
    pub sop_instance_uid: &'a str,
    /// (0002,0010)
    pub transfer_syntax_uid: &'a str,
    /// (0002,0016), where the data set came from over the network, if it did.
    pub source_ae_title: Option<&'a str>,
}

/// The bytes in front of a data set that make it a file: 128 zero bytes, `DICM`, and group 0002 in
/// Explicit VR Little Endian (PS3.10 table 7.1-1). Values longer than a UID or an AE title may be
/// are cut at 64 and 16 bytes.
#[must_use]
pub fn meta_header(meta: &MetaHeader<'_>) -> Vec<u8> {
    let mut group = Vec::with_capacity(256);
    // OB alone has the long form of length.
    group.extend_from_slice(b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01");
    element(&mut group, SOP_CLASS, *b"UI", meta.sop_class_uid, 64);
    element(&mut group, SOP_INSTANCE, *b"UI", meta.sop_instance_uid, 64);
    element(&mut group, TRANSFER_SYNTAX, *b"UI", meta.transfer_syntax_uid, 64);
    element(&mut group, IMPLEMENTATION_CLASS, *b"UI", IMPLEMENTATION_CLASS_UID, 64);
    element(&mut group, IMPLEMENTATION_VERSION, *b"SH", IMPLEMENTATION_VERSION_NAME, 16);
    if let Some(title) = meta.source_ae_title {
        element(&mut group, SOURCE_AE_TITLE, *b"AE", title, 16);
    }
    let mut file = vec![0; PREAMBLE_BYTES];
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(b"\x02\0\0\0UL\x04\0");
    let group_bytes = u32::try_from(group.len()).unwrap_or(u32::MAX);
    file.extend_from_slice(&group_bytes.to_le_bytes());
    file.extend_from_slice(&group);
    file
}

/// Whether a file begins with a preamble and `DICM` (PS3.10 §7.1).
pub(crate) fn is_part_10(file: &[u8]) -> bool {
    file.get(PREAMBLE_BYTES..).is_some_and(|rest| rest.starts_with(MAGIC))
}

fn element(out: &mut Vec<u8>, tag: Tag, vr: [u8; 2], value: &str, longest: usize) {
    let value = &value.as_bytes()[..value.len().min(longest)];
    let padded = u16::try_from(value.len().next_multiple_of(2)).unwrap_or_default();
    out.extend_from_slice(&tag.0.to_le_bytes());
    out.extend_from_slice(&tag.1.to_le_bytes());
    out.extend_from_slice(&vr);
    out.extend_from_slice(&padded.to_le_bytes());
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(if &vr == b"UI" { 0 } else { b' ' });
    }
}

/// Group 0002 as it was found.
#[derive(Debug, Default)]
pub(super) struct Meta {
    pub sop_class_uid: Option<String>,
    pub sop_instance_uid: Option<String>,
    /// There is a SOP Instance UID, be it a valid one or not.
    pub names_instance: bool,
    pub transfer_syntax_uid: Option<String>,
    /// Bytes it takes up.
    pub bytes: usize,
    /// What is wrong with it.
    pub faults: Notes,
}

/// How far reading group 0002 came.
pub(super) enum MetaRead {
    Whole(Meta),
    NeedsMore,
}

impl Meta {
    /// Reads group 0002 from where it begins; it ends where another group begins, whatever it says
    /// of its own length. `ended` says that `bytes` are all there are.
    pub(super) fn read(bytes: &[u8], ended: bool) -> MetaRead {
        let Some(first) = bytes.first_chunk::<SNIFF_BYTES>() else {
            return if ended && bytes.is_empty() {
                MetaRead::Whole(Self::absent())
            } else {
                MetaRead::NeedsMore
            };
        };
        let encoding = Encoding::ExplicitLittle.shown_by(first, true);
        let mut found = Found::default();
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            if rest.is_empty() && ended {
                break;
            }
            let Some(group) = rest.first_chunk::<2>() else { return MetaRead::NeedsMore };
            if encoding.u16(*group) != 0x0002 {
                break;
            }
            let Some(head) = Head::read(encoding, rest) else { return MetaRead::NeedsMore };
            let length = usize::try_from(head.length).unwrap_or(usize::MAX);
            let Some(value) = rest.get(head.bytes..).and_then(|rest| rest.get(..length)) else {
                return MetaRead::NeedsMore;
            };
            at += head.bytes + length;
            found.element(head.tag, value, at, encoding);
        }
        MetaRead::Whole(if at == 0 { Self::absent() } else { found.judged(at, encoding) })
    }

    fn absent() -> Self {
        let mut meta = Self::default();
        meta.faults.add(Note::NoMetaHeader);
        meta
    }
}

#[derive(Default)]
struct Found {
    meta: Meta,
    stated_end: Option<usize>,
    version: bool,
    implementation: bool,
}

impl Found {
    fn element(&mut self, tag: Tag, value: &[u8], end: usize, encoding: Encoding) {
        let uid = || Some(uid_text(value)).filter(|uid| uid_fault(uid).is_ok());
        match tag {
            GROUP_LENGTH => {
                let length =
                    value.first_chunk::<4>().and_then(|value| usize::try_from(encoding.u32(*value)).ok());
                self.stated_end = length.and_then(|length| end.checked_add(length));
            }
            VERSION => self.version = true,
            SOP_CLASS => self.meta.sop_class_uid = uid(),
            SOP_INSTANCE => {
                self.meta.sop_instance_uid = uid();
                self.meta.names_instance = !uid_text(value).is_empty();
            }
            TRANSFER_SYNTAX => self.meta.transfer_syntax_uid = uid(),
            IMPLEMENTATION_CLASS => self.implementation = uid().is_some(),
            _ => {}
        }
    }

    fn judged(self, end: usize, encoding: Encoding) -> Meta {
        let mut meta = self.meta;
        meta.bytes = end;
        if encoding != Encoding::ExplicitLittle {
            meta.faults.add(Note::MetaEncoding);
        }
        match self.stated_end {
            None => meta.faults.add(Note::MetaLengthMissing),
            Some(stated) if stated != end => meta.faults.add(Note::MetaLengthWrong),
            Some(_) => {}
        }
        if meta.transfer_syntax_uid.is_none() {
            meta.faults.add(Note::NoTransferSyntax);
        }
        let instance = meta.sop_class_uid.is_some() && meta.sop_instance_uid.is_some();
        if !(instance && self.version && self.implementation) {
            meta.faults.add(Note::MetaIncomplete);
        }
        meta
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Vec<u8> {
        meta_header(&MetaHeader {
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2",
            sop_instance_uid: "1.2.3",
            transfer_syntax_uid: "1.2.840.10008.1.2.1",
            source_ae_title: Some("CT_ROOM_1"),
        })
    }

    #[test]
    fn our_header_is_read_back_without_fault() {
        let file = ours();
        let MetaRead::Whole(meta) = Meta::read(&file[132..], true) else { panic!("whole") };
        assert_eq!(meta.faults, Notes::default());
        assert_eq!(meta.bytes, file.len() - 132);
        assert_eq!(meta.sop_instance_uid.as_deref(), Some("1.2.3"));
        assert_eq!(meta.transfer_syntax_uid.as_deref(), Some("1.2.840.10008.1.2.1"));
    }

    #[test]
    fn our_header_is_one_other_software_reads() {
        let meta = dicom::object::meta::FileMetaTable::from_reader(&ours()[128..]).unwrap();
        assert_eq!(meta.implementation_class_uid(), IMPLEMENTATION_CLASS_UID);
        assert_eq!(meta.media_storage_sop_instance_uid(), "1.2.3");
        assert_eq!(meta.source_application_entity_title.as_deref().map(str::trim), Some("CT_ROOM_1"));
    }

    #[test]
    fn a_wrong_length_of_the_group_is_seen() {
        let mut file = ours();
        file[140] += 2;
        let MetaRead::Whole(meta) = Meta::read(&file[132..], true) else { panic!("whole") };
        assert_eq!(meta.faults.as_slice(), [Note::MetaLengthWrong]);
    }

    #[test]
    fn a_cut_header_wants_more() {
        let file = ours();
        for end in 133..file.len() {
            let read = Meta::read(&file[132..end], false);
            assert!(matches!(read, MetaRead::NeedsMore), "{end}");
        }
    }

    #[test]
    fn the_constants_keep_to_their_lengths() {
        assert!(IMPLEMENTATION_VERSION_NAME.len() <= 16);
        assert_eq!(uid_fault(IMPLEMENTATION_CLASS_UID), Ok(()));
    }
}
