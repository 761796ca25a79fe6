//! Files made by hand: whole, without header, with a wrong one, cut, and no files at all.

use crate::writer::{BASELINE, BIG, DEFLATED, EXPLICIT, IMPLICIT, UNDEFINED, Writer};
use imaging::files::{FileInfo, FileReader, MetaHeader, PROBE_BYTES, Refusal, meta_header};
use imaging::index::{Encoding, IdentityError, Limits, Note, Tag, UidRole, WalkError, Walked};
use std::error::Error;
use std::io::{self, Read};

pub const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";

pub fn header(syntax: &str) -> Vec<u8> {
    meta_header(&MetaHeader {
        sop_class_uid: SECONDARY_CAPTURE,
        sop_instance_uid: "1.2.3.4",
        transfer_syntax_uid: syntax,
        source_ae_title: None,
    })
}

fn data_set(encoding: Encoding) -> Vec<u8> {
    Writer::instance(encoding).pixels(40_000).bytes
}

pub fn file(syntax: &str, data: &[u8]) -> Vec<u8> {
    [&header(syntax), data].concat()
}

pub fn take(file: impl Read) -> Result<(FileInfo, Vec<u8>, Walked), Refusal> {
    let mut reader = FileReader::open(file, Limits::default())?;
    let info = reader.info().clone();
    let (mut kept, mut buf) = (Vec::new(), vec![0; 1000]);
    loop {
        match reader.read(&mut buf)? {
            0 => return Ok((info, kept, reader.finish()?)),
            count => kept.extend_from_slice(&buf[..count]),
        }
    }
}

#[test]
fn a_file_that_came_right_is_kept_byte_for_byte() {
    let encodings = [
        (EXPLICIT, Encoding::ExplicitLittle),
        (IMPLICIT, Encoding::ImplicitLittle),
        (BIG, Encoding::ExplicitBig),
    ];
    for (syntax, encoding) in encodings {
        let file = file(syntax, &data_set(encoding));
        let (info, kept, walked) = take(&file[..]).unwrap();
        assert!(kept == file);
        assert!(!info.header_is_ours);
        assert_eq!(info.header_bytes as usize, header(syntax).len());
        assert_eq!(info.transfer_syntax_uid, syntax);
        assert_eq!(info.identity.sop_class_uid, SECONDARY_CAPTURE);
        assert_eq!(walked.notes, []);
    }
}

#[test]
fn a_file_without_header_is_given_ours() {
    let encodings = [
        (EXPLICIT, Encoding::ExplicitLittle),
        (IMPLICIT, Encoding::ImplicitLittle),
        (BIG, Encoding::ExplicitBig),
    ];
    for (syntax, encoding) in encodings {
        let data = data_set(encoding);
        let (info, kept, walked) = take(&data[..]).unwrap();
        assert!(kept == file(syntax, &data), "{syntax}");
        assert!(info.header_is_ours);
        assert_eq!(walked.notes, [Note::NoMetaHeader, Note::NoPreamble, Note::HeaderRebuilt]);
    }
}

#[test]
fn a_deflated_file_without_header_is_recognised() {
    let data = data_set(Encoding::ExplicitLittle);
    let mut stored = Vec::new();
    flate2::read::DeflateEncoder::new(&data[..], flate2::Compression::best())
        .read_to_end(&mut stored)
        .unwrap();
    let (info, kept, _) = take(&stored[..]).unwrap();
    assert_eq!(info.transfer_syntax_uid, DEFLATED);
    assert!(kept == file(DEFLATED, &stored));
}

#[test]
fn a_header_without_preamble_or_magic_is_replaced() {
    let data = data_set(Encoding::ExplicitLittle);
    let whole = file(EXPLICIT, &data);
    for (from, notes) in [
        (128, vec![Note::NoPreamble, Note::HeaderRebuilt]),
        (132, vec![Note::NoPreamble, Note::HeaderRebuilt]),
    ] {
        let (_, kept, walked) = take(&whole[from..]).unwrap();
        assert!(kept == whole);
        assert_eq!(walked.notes, notes);
    }
}

#[test]
fn a_wrong_header_is_replaced() {
    let data = data_set(Encoding::ExplicitLittle);
    let right = file(EXPLICIT, &data);
    let mut wrong_length = right.clone();
    wrong_length[140] += 2;
    let no_length = [&right[..132], &right[144..]].concat();
    let other_encoding = file(IMPLICIT, &data);
    let cases = [
        (wrong_length, Note::MetaLengthWrong),
        (no_length, Note::MetaLengthMissing),
        (other_encoding, Note::TransferSyntaxCorrected),
    ];
    for (file, note) in cases {
        let (info, kept, walked) = take(&file[..]).unwrap();
        assert!(info.header_is_ours && kept == right, "{note}");
        assert!(walked.notes.contains(&note) && walked.notes.contains(&Note::HeaderRebuilt));
    }
}

#[test]
fn a_header_without_transfer_syntax_leaves_it_to_the_evidence() {
    let stream = b"\xFF\xD8\xFF\xC0\0\x03\x08\xFF\xDA\0\x08\x01\x01\0\0\0\0\0";
    let compressed = Writer::instance(Encoding::ExplicitLittle)
        .head(Tag(0x7FE0, 0x0010), b"OB", UNDEFINED)
        .item(0)
        .item(18)
        .raw(stream)
        .sequence_end()
        .bytes;
    let unknown =
        [&compressed[..compressed.len() - 26], b"\0\0\x01\xB3", &compressed[compressed.len() - 22..]]
            .concat();
    for (data, syntax) in
        [(data_set(Encoding::ExplicitLittle), Some(EXPLICIT)), (compressed, Some(BASELINE)), (unknown, None)]
    {
        let file = file("", &data);
        match take(&file[..]) {
            Ok((info, _, walked)) => {
                assert_eq!(Some(info.transfer_syntax_uid.as_str()), syntax);
                assert!(walked.notes.contains(&Note::NoTransferSyntax));
            }
            Err(refusal) => {
                assert!(syntax.is_none() && matches!(refusal, Refusal::UnknownEncoding), "{refusal}")
            }
        }
    }
}

#[test]
fn what_header_and_data_set_disagree_on_is_noted_and_the_data_set_counts() {
    let other = Writer::new(Encoding::ExplicitLittle)
        .element(Tag(0x0008, 0x0018), b"UI", b"1.9\0")
        .element(Tag(0x0020, 0x000D), b"UI", b"1.2\0")
        .element(Tag(0x0020, 0x000E), b"UI", b"1.2.3\0")
        .bytes;
    let file = file(EXPLICIT, &other);
    let (info, kept, walked) = take(&file[..]).unwrap();
    assert!(kept == file);
    assert_eq!(info.identity.sop_instance_uid, "1.9");
    assert_eq!(info.identity.sop_class_uid, SECONDARY_CAPTURE);
    assert_eq!(walked.notes, [Note::MetaInstanceDiffers, Note::ClassFromMeta]);
}

#[test]
fn a_cut_file_never_ends_well() {
    let file = file(EXPLICIT, &data_set(Encoding::ExplicitLittle));
    let pixels = file.len() - 40_012;
    for end in (0..pixels + 30).chain((pixels + 30..file.len()).step_by(997)) {
        match take(&file[..end]) {
            // Between two elements after the SOP Instance UID: nothing in the file says that more
            // should come.
            Ok((_, kept, walked)) => assert!(end <= pixels && kept.len() == end, "{end}: {:?}", walked.notes),
            Err(refusal) => assert!(!matches!(refusal, Refusal::Read(_)), "{end}"),
        }
    }
}

#[test]
fn the_error_of_a_cut_file_comes_instead_of_its_end() {
    let file = file(EXPLICIT, &data_set(Encoding::ExplicitLittle));
    let mut reader = FileReader::open(&file[..file.len() - 1], Limits::default()).unwrap();
    let mut buf = vec![0; 1 << 20];
    while reader.read(&mut buf).is_ok_and(|count| count > 0) {}
    for _ in 0..2 {
        let refusal = reader.read(&mut buf).unwrap_err();
        assert!(matches!(refusal, Refusal::Damaged(WalkError::Truncated { missing: 1, .. })), "{refusal}");
    }
    assert!(reader.finish().is_err());
}

#[test]
fn a_long_data_set_without_pixels_and_header_is_taken_as_it_looks() {
    let long = Writer::instance(Encoding::ImplicitLittle).element(
        Tag(0x3006, 0x1000),
        b"OB",
        &vec![1; 2 * PROBE_BYTES],
    );
    let (info, kept, _) = take(&long.bytes[..]).unwrap();
    assert_eq!(info.transfer_syntax_uid, IMPLICIT);
    assert!(kept.ends_with(&long.bytes));

    let long = Writer::instance(Encoding::ExplicitLittle).element(
        Tag(0x3006, 0x1000),
        b"OB",
        &vec![1; 2 * PROBE_BYTES],
    );
    let compressed = long.head(Tag(0x7FE0, 0x0010), b"OB", UNDEFINED).item(0).sequence_end();
    assert!(matches!(take(&compressed.bytes[..]).unwrap_err(), Refusal::UnknownEncoding));

    let late =
        Writer::new(Encoding::ExplicitLittle).element(Tag(0x0009, 0x1000), b"OB", &vec![1; 2 * PROBE_BYTES]);
    let refusal = take(&file(EXPLICIT, &late.bytes)[..]).unwrap_err();
    assert!(matches!(refusal, Refusal::TooFarIn { .. }), "{refusal}");
}

#[test]
fn a_refusal_names_the_fault_and_nothing_of_the_content() {
    let evil = "../../etc/passwd<script>";
    let path = Writer::instance(Encoding::ExplicitLittle).bytes;
    let at = path.windows(8).position(|bytes| bytes == b"1.2.3.4\0").unwrap();
    let path = [&path[..at - 2], &[24, 0], evil.as_bytes(), &path[at + 8..]].concat();
    let refusal = take(&file(EXPLICIT, &path)[..]).unwrap_err();
    assert_eq!(refusal.code(), "identity");
    assert!(matches!(refusal, Refusal::Identity(IdentityError::Invalid(UidRole::SopInstance, _))));
    let words = format!("{refusal} {}", refusal.source().unwrap());
    assert!(words.contains("SOP Instance UID (0008,0018)") && !words.contains("passwd"), "{words}");
}

#[test]
fn what_is_no_dicom_file_is_called_by_its_name() {
    let cases: [(&[u8], &str, &str); 9] = [
        (b"", "empty", "empty"),
        (b"PK\x03\x04...", "archive", "ZIP"),
        (b"\x1F\x8B\x08\0", "archive", "gzip"),
        (b"\n<!DOCTYPE html><html>", "not_dicom", "web page"),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF", "not_dicom", "JPEG"),
        (b"%PDF-1.4", "not_dicom", "PDF"),
        (b"Dear doctor, please find attached", "not_dicom", "text"),
        (b"MZ\x90\0", "not_dicom", "program"),
        (&[0; 400], "not_dicom", "nothing in it"),
    ];
    for (bytes, code, word) in cases {
        let refusal = take(bytes).unwrap_err();
        assert_eq!(refusal.code(), code);
        assert!(refusal.to_string().contains(word), "{refusal}");
    }
    let directory = meta_header(&MetaHeader {
        sop_class_uid: "1.2.840.10008.1.3.10",
        sop_instance_uid: "1.2",
        transfer_syntax_uid: EXPLICIT,
        source_ae_title: None,
    });
    assert_eq!(take(&directory[..]).unwrap_err().code(), "media_directory");
    assert_eq!(take(&header(EXPLICIT)[..]).unwrap_err().code(), "damaged");
    assert_eq!(take(&header(EXPLICIT)[..200]).unwrap_err().code(), "meta_truncated");
}

#[test]
fn a_disk_that_fails_is_told_apart_from_a_bad_file() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("no medium"))
        }
    }
    let data = file(EXPLICIT, &data_set(Encoding::ExplicitLittle));
    let refusal = take(data[..20_000].chain(Failing)).unwrap_err();
    assert_eq!(refusal.code(), "read");
    assert_eq!(refusal.source().unwrap().to_string(), "no medium");
}
