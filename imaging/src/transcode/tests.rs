use super::*;
use crate::files::{MetaHeader, meta_header};
use crate::index::Identity;
use proptest::prelude::*;

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const BIG: &str = "1.2.840.10008.1.2.2";
const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG: &str = "1.2.840.10008.1.2.4.50";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const PRIVATE: &str = "1.2.3.4.5";
/// Secondary Capture.
const CLASS: &str = "1.2.840.10008.5.1.4.1.1.7";

fn identity() -> Identity {
    Identity {
        study_instance_uid: "1.2".to_owned(),
        series_instance_uid: "1.2.3".to_owned(),
        sop_instance_uid: "1.2.3.4".to_owned(),
        sop_class_uid: CLASS.to_owned(),
    }
}

fn header(transfer_syntax_uid: &str) -> Vec<u8> {
    meta_header(&MetaHeader {
        sop_class_uid: CLASS,
        sop_instance_uid: "1.2.3.4",
        transfer_syntax_uid,
        source_ae_title: None,
    })
}

fn file(transfer_syntax_uid: &str, data_set: &[u8]) -> Vec<u8> {
    [header(transfer_syntax_uid).as_slice(), data_set].concat()
}

/// The data set a file becomes, without the UIDs that are put before and into it.
fn recoded(file: &[u8], target: Target) -> Result<Vec<u8>, TranscodeError> {
    let plan = Plan::of(file, &identity(), target)?;
    let mut written = Vec::new();
    plan.write(file, &mut written)?;
    let mut rest = written.split_off(usize::try_from(plan.header_bytes()).unwrap());
    assert_eq!(written, header(plan.transfer_syntax_uid()));
    for (tag, uid) in [
        (b"\x08\0\x16\0UI", CLASS),
        (b"\x08\0\x18\0UI", "1.2.3.4"),
        (b"\x20\0\x0D\0UI", "1.2"),
        (b"\x20\0\x0E\0UI", "1.2.3"),
    ] {
        let at = rest.windows(6).position(|window| window == tag).unwrap();
        rest.drain(at..at + 8 + uid.len().next_multiple_of(2));
    }
    Ok(rest)
}

fn short(group: u16, element: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_le_bytes();
    [&group.to_le_bytes(), &element.to_le_bytes(), vr.as_slice(), &length, value].concat()
}

fn long(group: u16, element: u16, vr: &[u8; 2], length: u32, value: &[u8]) -> Vec<u8> {
    let length = length.to_le_bytes();
    [&group.to_le_bytes(), &element.to_le_bytes(), vr.as_slice(), &[0, 0], &length, value].concat()
}

fn implicit(group: u16, element: u16, length: u32, value: &[u8]) -> Vec<u8> {
    [&group.to_le_bytes(), &element.to_le_bytes(), length.to_le_bytes().as_slice(), value].concat()
}

fn implicitly(group: u16, element: u16, value: &[u8]) -> Vec<u8> {
    implicit(group, element, u32::try_from(value.len()).unwrap(), value)
}

#[test]
fn explicit_little_endian_stays_byte_for_byte_whatever_its_sequences_are_like() {
    let inner = short(0x08, 0x1155, b"UI", b"1.2.9\0");
    let closed = implicitly(0xFFFE, 0xE000, &inner);
    let open = [implicit(0xFFFE, 0xE000, u32::MAX, &inner), implicitly(0xFFFE, 0xE00D, b"")].concat();
    let ended = [open.as_slice(), &closed, &implicitly(0xFFFE, 0xE0DD, b"")].concat();
    let unknown =
        [implicitly(0xFFFE, 0xE000, &implicitly(0x09, 0x1002, b"ab")), implicitly(0xFFFE, 0xE0DD, b"")];
    let data_set = [
        long(0x08, 0x1140, b"SQ", u32::try_from(closed.len()).unwrap(), &closed),
        long(0x08, 0x2112, b"SQ", u32::MAX, &ended),
        long(0x09, 0x1001, b"UN", u32::MAX, &unknown.concat()),
        short(0x10, 0x10, b"PN", b"Doe^Jane"),
        long(0x7FE0, 0x10, b"OB", 4, b"\x01\x02\x03\x04"),
    ]
    .concat();
    assert_eq!(recoded(&file(EXPLICIT, &data_set), Target::Uncompressed).unwrap(), data_set);
    let padded = [data_set.as_slice(), &[0; 11]].concat();
    assert_eq!(
        recoded(&file(EXPLICIT, &padded), Target::Uncompressed).unwrap(),
        data_set,
        "zeros are no element"
    );
}

#[test]
fn implicit_elements_get_their_representation_and_unknown_ones_stay_as_they_are() {
    let item = implicitly(0xFFFE, 0xE000, &implicitly(0x08, 0x1155, b"1.2.9\0"));
    let private = [item.as_slice(), &implicitly(0xFFFE, 0xE0DD, b"")].concat();
    let data_set = [
        implicitly(0x08, 0x0000, &[9, 0, 0, 0]),
        implicitly(0x08, 0x1140, &item),
        implicitly(0x09, 0x10, b"MAKER "),
        implicit(0x09, 0x1001, u32::MAX, &private),
        implicitly(0x09, 0x1002, b"ab"),
        implicitly(0x28, 0x0103, &[1, 0]),
        implicitly(0x28, 0x0106, &[0xFF, 0xFF]),
        implicitly(0x7FE0, 0x10, &[1, 2]),
    ]
    .concat();
    let item = [
        implicit(0xFFFE, 0xE000, u32::MAX, &short(0x08, 0x1155, b"UI", b"1.2.9\0")),
        implicitly(0xFFFE, 0xE00D, b""),
        implicitly(0xFFFE, 0xE0DD, b""),
    ]
    .concat();
    let expected = [
        long(0x08, 0x1140, b"SQ", u32::MAX, &item),
        short(0x09, 0x10, b"LO", b"MAKER "),
        long(0x09, 0x1001, b"UN", u32::MAX, &private),
        long(0x09, 0x1002, b"UN", 2, b"ab"),
        short(0x28, 0x0103, b"US", &[1, 0]),
        short(0x28, 0x0106, b"SS", &[0xFF, 0xFF]),
        long(0x7FE0, 0x10, b"OW", 2, &[1, 2]),
    ]
    .concat();
    assert_eq!(recoded(&file(IMPLICIT, &data_set), Target::Uncompressed).unwrap(), expected);
}

#[test]
fn numbers_change_the_order_of_their_bytes_and_texts_do_not() {
    let data_set = b"\0\x10\0\x10PN\0\x04Doe^\0\x18\x11\x30DS\0\x02 1\0\x28\0\x10US\0\x02\x01\x02\
        \0\x28\x01\0US\0\x02\0\x20\0\x54\x10\0FL\0\x04\x01\x02\x03\x04\
        \x7F\xE0\0\x10OW\0\0\0\0\0\x04\x01\x02\x03\x04";
    let expected = [
        short(0x10, 0x10, b"PN", b"Doe^"),
        short(0x18, 0x1130, b"DS", b" 1"),
        short(0x28, 0x10, b"US", &[2, 1]),
        short(0x28, 0x0100, b"US", &[32, 0]),
        short(0x54, 0x1000, b"FL", &[4, 3, 2, 1]),
        long(0x7FE0, 0x10, b"OW", 4, &[4, 3, 2, 1]),
    ];
    assert_eq!(recoded(&file(BIG, data_set), Target::Uncompressed).unwrap(), expected.concat());
}

/// An image of 8 by 1 pixels of 8 bits, whose pixel data is these fragments after an empty table.
fn compressed(syntax: &str, fragments: &[&[u8]]) -> Vec<u8> {
    let mut pixels = implicitly(0xFFFE, 0xE000, b"");
    fragments.iter().for_each(|fragment| pixels.extend(implicitly(0xFFFE, 0xE000, fragment)));
    pixels.extend(implicitly(0xFFFE, 0xE0DD, b""));
    let data_set = [
        short(0x28, 0x02, b"US", &[1, 0]),
        short(0x28, 0x04, b"CS", b"MONOCHROME2 "),
        short(0x28, 0x08, b"IS", format!("{} ", fragments.len()).as_bytes()),
        short(0x28, 0x10, b"US", &[1, 0]),
        short(0x28, 0x11, b"US", &[8, 0]),
        short(0x28, 0x0100, b"US", &[8, 0]),
        short(0x28, 0x0101, b"US", &[8, 0]),
        long(0x7FE0, 0x10, b"OB", u32::MAX, &pixels),
    ];
    file(syntax, &data_set.concat())
}

fn rle(values: [u8; 8]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    (bytes[0], bytes[4]) = (1, 64);
    bytes.push(7);
    bytes.extend(values);
    bytes.push(128);
    bytes
}

fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 90)
        .encode(&[128; 8], 8, 1, jpeg_encoder::ColorType::Luma)
        .unwrap();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

#[test]
fn frames_are_decoded_one_after_another_and_what_lost_something_says_so() {
    let (one, two) = ([1, 2, 3, 4, 5, 6, 7, 8], [9, 9, 9, 9, 9, 9, 9, 0]);
    let frames = [rle(one), rle(two)];
    let written = recoded(&compressed(RLE, &[&frames[0], &frames[1]]), Target::Uncompressed).unwrap();
    assert!(written.ends_with(&long(0x7FE0, 0x10, b"OB", 16, &[one, two].concat())));
    let lossy = short(0x28, 0x2110, b"CS", b"01");
    let says = |written: &[u8]| written.windows(lossy.len()).any(|window| window == lossy);
    assert!(!says(&written));
    let written = recoded(&compressed(JPEG, &[&jpeg()]), Target::Uncompressed).unwrap();
    assert!(says(&written) && written.ends_with(&[128; 8]));
}

#[test]
fn what_stays_as_it_is_keeps_its_fragments() {
    let jpeg = compressed(JPEG_LS, &[&[1, 2, 3, 4]]);
    let data_set = &jpeg[header(JPEG_LS).len()..];
    assert_eq!(recoded(&jpeg, Target::Itself).unwrap(), data_set);
}

#[test]
fn what_cannot_be_transcoded_is_refused_by_its_reason() {
    let refusal = |file: &[u8]| recoded(file, Target::Uncompressed).unwrap_err();
    let words = refusal(&compressed(JPEG_LS, &[&[1, 2, 3, 4]])).to_string();
    assert!(words.contains(JPEG_LS), "{words}");
    assert!(matches!(refusal(&file(PRIVATE, &short(0x10, 0x10, b"PN", b""))), TranscodeError::Syntax { .. }));
    let url = short(0x28, 0x7FE0, b"UR", b"");
    let url = [&url[..4], b"UR\0\0\x02\0\0\0x "].concat();
    assert!(matches!(refusal(&file(EXPLICIT, &url)), TranscodeError::Elsewhere(_)));
    let cut = file(EXPLICIT, &long(0x7FE0, 0x10, b"OB", 4, b"\x01\x02"));
    assert!(matches!(refusal(&cut), TranscodeError::Source(_)));
    let icon = [long(0x7FE0, 0x10, b"OB", u32::MAX, b""), implicitly(0xFFFE, 0xE0DD, b"")].concat();
    let icon = [implicit(0xFFFE, 0xE000, u32::MAX, &icon), implicitly(0xFFFE, 0xE00D, b"")].concat();
    let icon = [icon.as_slice(), &implicitly(0xFFFE, 0xE0DD, b"")].concat();
    let nested = file(EXPLICIT, &long(0x88, 0x0200, b"SQ", u32::MAX, &icon));
    assert!(matches!(refusal(&nested), TranscodeError::Nested));
    let mut huge = compressed(RLE, &[&rle([0; 8])]);
    let frames = huge.windows(4).position(|window| window == b"\x28\0\x08\0").unwrap();
    huge.splice(frames + 6..frames + 10, *b"\x0A\x001999999999");
    assert!(matches!(refusal(&huge), TranscodeError::TooLong { bytes: 15_999_999_992 }));
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        syntax in prop::sample::select(vec![EXPLICIT, IMPLICIT, BIG, RLE, JPEG, "1.2.840.10008.1.2.1.99"]),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        end in any::<prop::sample::Index>(),
        itself in any::<bool>(),
    ) {
        let mut file = compressed(syntax, &[&rle([1; 8]), &jpeg()]);
        for (at, byte) in cuts {
            let at = 132 + at.index(file.len() - 132);
            file[at] = byte;
        }
        file.truncate(end.index(file.len()));
        let target = if itself { Target::Itself } else { Target::Uncompressed };
        if let Ok(plan) = Plan::of(file.as_slice(), &identity(), target) {
            drop(plan.write(file.as_slice(), &mut Vec::new()));
        }
    }

    #[test]
    fn any_implicit_data_set_says_the_same_in_explicit_form(
        values in prop::collection::btree_map(
            prop::sample::select(vec![(0x08_u16, 0x0060_u16), (0x10, 0x10), (0x20, 0x11), (0x09, 0x1001), (0x40, 0x0244)]),
            prop::collection::vec(b'0'..=b'9', 0..40), 1..5),
    ) {
        let even = |value: &[u8]| { let mut v = value.to_vec(); v.resize(v.len().next_multiple_of(2), b' '); v };
        let data_set: Vec<u8> =
            values.iter().flat_map(|((group, element), value)| implicitly(*group, *element, &even(value))).collect();
        let written = recoded(&file(IMPLICIT, &data_set), Target::Uncompressed).unwrap();
        let (mut rest, mut found) = (written.as_slice(), Vec::new());
        while let Some(head) = crate::index::Head::read(crate::index::Encoding::ExplicitLittle, rest) {
            let value = &rest[head.bytes..head.bytes + usize::try_from(head.length).unwrap()];
            found.push(((head.tag.0, head.tag.1), value.to_vec()));
            rest = &rest[head.bytes + value.len()..];
        }
        let expected: Vec<_> = values.into_iter().map(|(tag, value)| (tag, even(&value))).collect();
        prop_assert_eq!(found, expected);
    }
}
