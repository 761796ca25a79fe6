//! Files that do not say all of who they are.

use crate::files::{SECONDARY_CAPTURE, file, header, take};
use crate::writer::{EXPLICIT, Writer};
use imaging::files::{MetaHeader, PROBE_BYTES, Refusal, meta_header};
use imaging::index::{Encoding, IdentityError, Note, Tag, UidRole};
use std::io::{self, Read};

type Uid<'a> = (Tag, &'a [u8]);

const CLASS: Uid<'_> = (Tag(0x0008, 0x0016), b"1.2.840.10008.5.1.4.1.1.7\0");
const INSTANCE: Uid<'_> = (Tag(0x0008, 0x0018), b"1.9\0");
const STUDY: Uid<'_> = (Tag(0x0020, 0x000D), b"1.2\0");
const SERIES: Uid<'_> = (Tag(0x0020, 0x000E), b"1.2.3\0");

/// A data set with these UIDs, a patient and pixels.
fn with(uids: &[Uid<'_>], pixels: usize) -> Vec<u8> {
    let patient = (Tag(0x0010, 0x0020), &b"P1"[..]);
    let mut elements = [uids, &[patient]].concat();
    elements.sort_by_key(|(tag, _)| *tag);
    let write = |writer: Writer, (tag, value): &Uid<'_>| {
        writer.element(*tag, if *tag == patient.0 { b"LO" } else { b"UI" }, value)
    };
    elements.iter().fold(Writer::new(Encoding::ExplicitLittle), write).pixels(pixels).bytes
}

fn missing(file: &[u8]) -> Option<UidRole> {
    match take(file).unwrap_err() {
        Refusal::Identity(IdentityError::Missing(role)) => Some(role),
        _ => None,
    }
}

/// Gives at most `step` bytes at a time.
struct Trickle<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = buf.len().min(self.step);
        self.bytes.read(&mut buf[..most])
    }
}

#[test]
fn a_file_without_identity_is_given_the_same_one_however_it_is_read() {
    for pixels in [100, PROBE_BYTES - 200, PROBE_BYTES, 3 * PROBE_BYTES] {
        let data = with(&[CLASS], pixels);
        let (info, kept, walked) = take(&data[..]).unwrap();
        let identity = &info.identity;
        let uids = [&identity.study_instance_uid, &identity.series_instance_uid, &identity.sop_instance_uid];
        assert!(uids.iter().all(|uid| uid.starts_with("2.25.") && uid.len() <= 44), "{uids:?}");
        assert!(uids[0] != uids[1] && uids[1] != uids[2] && uids[0] != uids[2]);
        assert_eq!(identity.sop_class_uid, SECONDARY_CAPTURE);
        assert!(walked.notes.contains(&Note::IdentityAssigned));
        let ours = meta_header(&MetaHeader {
            sop_class_uid: SECONDARY_CAPTURE,
            sop_instance_uid: uids[2],
            transfer_syntax_uid: EXPLICIT,
            source_ae_title: None,
        });
        assert!(kept == [&ours, &data[..]].concat());

        for step in [1, 7, 16 * 1024, 100_001] {
            let (again, ..) = take(Trickle { bytes: &data, step }).unwrap();
            assert_eq!(again, info, "{step}");
        }
        let (again, unchanged, _) = take(&kept[..]).unwrap();
        assert!(!again.header_is_ours && unchanged == kept);
        assert_eq!(again.identity, info.identity);
    }
}

#[test]
fn other_bytes_are_another_instance() {
    let [one, other] = [100, 102].map(|pixels| take(&with(&[CLASS], pixels)[..]).unwrap().0.identity);
    assert_ne!(one.sop_instance_uid, other.sop_instance_uid);
    assert_ne!(one.study_instance_uid, other.study_instance_uid);
}

#[test]
fn an_instance_without_study_is_in_one_of_its_own() {
    let file = file(EXPLICIT, &with(&[CLASS, INSTANCE], 100));
    let (info, kept, walked) = take(&file[..]).unwrap();
    assert!(kept == file);
    assert_eq!(info.identity.sop_instance_uid, "1.9");
    assert!(info.identity.study_instance_uid.starts_with("2.25."));
    assert!(info.identity.series_instance_uid.starts_with("2.25."));
    assert!(walked.notes.contains(&Note::IdentityAssigned));
}

#[test]
fn a_data_set_without_sop_common_module_is_what_its_header_says() {
    let whole = file(EXPLICIT, &with(&[STUDY, SERIES], 100));
    let (info, kept, walked) = take(&whole[..]).unwrap();
    assert!(kept == whole);
    assert_eq!(info.identity.sop_instance_uid, "1.2.3.4");
    assert_eq!(info.identity.sop_class_uid, SECONDARY_CAPTURE);
    assert_eq!(info.identity.study_instance_uid, "1.2");
    assert!(walked.notes.contains(&Note::IdentityFromMeta));
    assert!(!walked.notes.contains(&Note::ClassFromMeta) && !walked.notes.contains(&Note::IdentityAssigned));

    let (info, _, walked) = take(&file(EXPLICIT, &with(&[], 100))[..]).unwrap();
    assert_eq!(info.identity.sop_instance_uid, "1.2.3.4");
    assert!(info.identity.study_instance_uid.starts_with("2.25."));
    assert!(walked.notes.contains(&Note::IdentityFromMeta) && walked.notes.contains(&Note::IdentityAssigned));
}

#[test]
fn half_an_identity_is_refused() {
    let empty = |(tag, _): Uid<'_>| (tag, &b""[..]);
    let cases: [(&[Uid<'_>], UidRole); 8] = [
        (&[CLASS, INSTANCE, empty(STUDY), SERIES], UidRole::Study),
        (&[CLASS, INSTANCE, empty(STUDY), empty(SERIES)], UidRole::Study),
        (&[CLASS, INSTANCE, empty(STUDY)], UidRole::Study),
        (&[CLASS, INSTANCE, STUDY], UidRole::Series),
        (&[CLASS, INSTANCE, SERIES], UidRole::Study),
        (&[CLASS, STUDY, SERIES], UidRole::SopInstance),
        (&[CLASS, empty(INSTANCE), STUDY, SERIES], UidRole::SopInstance),
        (&[CLASS, empty(INSTANCE)], UidRole::SopInstance),
    ];
    for (uids, role) in cases {
        let data = with(uids, 100);
        assert_eq!(missing(&data), Some(role), "{uids:?}");
        assert_eq!(missing(&file(EXPLICIT, &data)), Some(role), "{uids:?}");
    }
    // Without a class nothing says what it is, nor without a header what a data set is that has none.
    assert_eq!(missing(&with(&[INSTANCE, STUDY, SERIES], 100)), Some(UidRole::SopClass));
    assert_eq!(missing(&with(&[STUDY, SERIES], 100)), Some(UidRole::SopInstance));
    assert_eq!(missing(&with(&[], 100)), Some(UidRole::SopInstance));
}

#[test]
fn an_instance_its_header_names_is_not_given_another_uid() {
    let data = with(&[CLASS], 100);
    assert_eq!(missing(&file(EXPLICIT, &data)), Some(UidRole::SopInstance));
    let mut invalid = header(EXPLICIT);
    let at = invalid.windows(7).position(|bytes| bytes == b"1.2.3.4").unwrap();
    invalid[at..at + 7].copy_from_slice(b"1..3.4/");
    assert_eq!(missing(&[&invalid, &data[..]].concat()), Some(UidRole::SopInstance));
}

#[test]
fn an_identity_that_comes_too_late_is_not_replaced() {
    for pixels in [100_000, 2 * PROBE_BYTES] {
        let late = with(&[CLASS, INSTANCE], pixels);
        let study = Writer::new(Encoding::ExplicitLittle).element(STUDY.0, b"UI", STUDY.1);
        let data = [late, study.element(SERIES.0, b"UI", SERIES.1).bytes].concat();
        let refusal = take(&file(EXPLICIT, &data)[..]).unwrap_err();
        assert!(matches!(refusal, Refusal::TooFarIn { .. }), "{refusal}");
    }
}
