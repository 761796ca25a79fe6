//! The walker by hand-made data sets, and by chance.

use crate::writer::{BASELINE, BIG, DEFLATED, EXPLICIT, IMPLICIT, UNDEFINED, Writer};
use imaging::files::{FileReader, MetaHeader, meta_header};
use imaging::index::{Encoding, Limits, Note, PixelData, Tag, WalkError, Walked, Walker};
use proptest::prelude::*;
use std::io::Write as _;

fn walk(syntax: &str, bytes: &[u8]) -> Result<Walked, WalkError> {
    let mut walker = Walker::new(syntax);
    walker.feed(bytes)?;
    walker.finish()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_instance_is_read_alike_in_every_encoding() {
    let explicit = Writer::instance(Encoding::ExplicitLittle).pixels(512).bytes;
    let sets = [
        (EXPLICIT, explicit.clone()),
        (IMPLICIT, Writer::instance(Encoding::ImplicitLittle).pixels(512).bytes),
        (BIG, Writer::instance(Encoding::ExplicitBig).pixels(512).bytes),
        (DEFLATED, deflated(&explicit)),
    ];
    for (syntax, bytes) in sets {
        let walked = walk(syntax, &bytes).unwrap();
        assert_eq!(walked.notes, [], "{syntax}");
        assert_eq!(walked.stored_bytes, bytes.len() as u64);
        assert_eq!(walked.pixel_data, PixelData::Native { bytes: 512 });
        let identity = walked.header.identity().unwrap();
        assert_eq!(identity.study_instance_uid, "1.2");
        assert_eq!(identity.sop_instance_uid, "1.2.3.4");
        let description = walked.header.description();
        assert_eq!(description.patient_name.as_deref(), Some("Bé^Al"));
        assert_eq!(description.accession_number.as_deref(), Some("A1"));
        assert_eq!(walked.header.raw(Tag(0x0008, 0x0050)), Some(&b" A1 "[..]));
        assert_eq!(description.rows, Some(16), "{syntax}");
    }
}

#[test]
fn a_wrongly_declared_encoding_is_followed_and_noted() {
    let encodings = [
        (EXPLICIT, Encoding::ExplicitLittle),
        (IMPLICIT, Encoding::ImplicitLittle),
        (BIG, Encoding::ExplicitBig),
    ];
    for (declared, real) in
        encodings.iter().flat_map(|(declared, _)| encodings.map(|(_, real)| (declared, real)))
    {
        let walked = walk(declared, &Writer::instance(real).pixels(2).bytes).unwrap();
        assert_eq!(walked.encoding, real);
        assert_eq!(walked.header.number(Tag(0x0028, 0x0010)), Some(16));
        let right = encodings.contains(&(declared, real));
        assert_eq!(walked.notes.contains(&Note::EncodingDiffers), !right, "{declared} {real:?}");
    }
}

#[test]
fn identity_is_settled_once_group_0020_has_passed() {
    let instance = Writer::instance(Encoding::ExplicitLittle);
    let mut walker = Walker::new(EXPLICIT);
    walker.feed(&instance.bytes).unwrap();
    assert!(!walker.header_complete());
    walker.feed(b"\x28\0\x10\0US\x02\0").unwrap();
    assert!(walker.header_complete());
}

#[test]
fn sequences_are_walked_whatever_their_form() {
    let name = |writer: Writer| writer.element(Tag(0x0008, 0x0100), b"SH", b"113030");
    for encoding in [Encoding::ExplicitLittle, Encoding::ImplicitLittle, Encoding::ExplicitBig] {
        let item = name(Writer::new(encoding)).bytes;
        let length = u32::try_from(item.len()).unwrap();
        let tag = Tag(0x0040, 0xA043);
        let of_items = |items: Writer, end: Writer| [items.bytes, end.bytes].concat();
        let defined = Writer::new(encoding).item(length).raw(&item).bytes;
        let sets = [
            Writer::instance(encoding).element(tag, b"SQ", &defined).bytes,
            of_items(
                Writer::instance(encoding).head(tag, b"SQ", UNDEFINED).item(length).raw(&item),
                Writer::new(encoding).sequence_end(),
            ),
            of_items(
                Writer::instance(encoding).head(tag, b"SQ", UNDEFINED).item(UNDEFINED).raw(&item),
                Writer::new(encoding).item_end().sequence_end(),
            ),
        ];
        let syntax = match encoding {
            Encoding::ExplicitLittle => EXPLICIT,
            Encoding::ImplicitLittle => IMPLICIT,
            Encoding::ExplicitBig => BIG,
        };
        for bytes in sets {
            let walked = walk(syntax, &bytes).unwrap();
            assert_eq!(walked.notes, []);
            assert_eq!(walked.header.keys()["0040A043"], "FEFF00E00E0000000800000153480600313133303330");
        }
    }
}

#[test]
fn unknown_content_of_undefined_length_is_read_as_implicit() {
    let inside = Writer::new(Encoding::ImplicitLittle)
        .item(UNDEFINED)
        .element(Tag(0x0009, 0x1001), b"  ", b"abcd")
        .item_end()
        .sequence_end();
    let instance = Writer::instance(Encoding::ExplicitLittle);
    let bytes = instance.head(Tag(0x0029, 0x1010), b"UN", UNDEFINED).raw(&inside.bytes).bytes;
    assert_eq!(walk(EXPLICIT, &bytes).unwrap().notes, []);
}

#[test]
fn what_real_files_do_wrong_is_noted_and_kept() {
    let instance = || Writer::instance(Encoding::ExplicitLittle);
    let tag = Tag(0x0040, 0xA043);
    let sets = [
        (instance().raw(&[0; 512]), Note::TrailingZeros),
        (instance().raw(&[0; 3]), Note::TrailingZeros),
        (instance().element(Tag(0x0028, 0x0004), b"CS", b"ODD"), Note::OddLength),
        (instance().element(Tag(0x0029, 0x1001), b"??", b"ab"), Note::UnknownVr),
        (instance().element(Tag(0x0008, 0x1030), b"LO", b"ab"), Note::TagsOutOfOrder),
        (instance().element(Tag(0x0020, 0x000E), b"UI", b"9\0"), Note::DuplicateElement),
        (instance().item_end(), Note::UnexpectedDelimiter),
        (instance().head(tag, b"SQ", UNDEFINED).item(UNDEFINED).sequence_end(), Note::MissingDelimiter),
        (instance().element(Tag(0x0040, 0xA730), b"SQ", &[0; 20_000]), Note::ValueCut),
        (
            instance().element(Tag(0x7FE0, 0x0010), b"OB", b"\0\0").element(
                Tag(0xFFFC, 0xFFFC),
                b"OB",
                &[0; 9],
            ),
            Note::OddLength,
        ),
    ];
    for (set, note) in sets {
        let walked = walk(EXPLICIT, &set.bytes).unwrap();
        assert_eq!(walked.notes, [note]);
        assert_eq!(walked.header.identity().unwrap().series_instance_uid, "1.2.3");
    }
}

#[test]
fn what_is_no_whole_data_set_is_an_error() {
    let instance = || Writer::instance(Encoding::ExplicitLittle);
    let sequence = Tag(0x0040, 0xA043);
    let cut = instance().head(Tag(0x7FE0, 0x0010), b"OW", 0xFFFF_FFF0).raw(&[1; 16]);
    assert_eq!(
        walk(EXPLICIT, &cut.bytes).unwrap_err(),
        WalkError::Truncated { tag: Tag(0x7FE0, 0x0010), missing: 0xFFFF_FFE0 }
    );
    let open = instance().head(sequence, b"SQ", UNDEFINED).item(UNDEFINED);
    assert_eq!(walk(EXPLICIT, &open.bytes).unwrap_err(), WalkError::Unclosed { tag: sequence });
    let no_item = instance().head(sequence, b"SQ", UNDEFINED).element(Tag(8, 0x100), b"SH", b"ab");
    assert_eq!(
        walk(EXPLICIT, &no_item.bytes).unwrap_err(),
        WalkError::NotAnItem { tag: sequence, found: Tag(8, 0x100) }
    );
    assert!(walk(EXPLICIT, &instance().nested(128).bytes).is_ok());
    assert_eq!(
        walk(EXPLICIT, &instance().nested(20_000).bytes).unwrap_err(),
        WalkError::TooDeep { limit: 256 }
    );
    let garbage = instance().raw(&[0xAA; 4096]);
    assert!(matches!(walk(EXPLICIT, &garbage.bytes).unwrap_err(), WalkError::NotAnElement { .. }));
    let after_zeros = instance().raw(&[0; 16]).raw(b"x");
    assert!(matches!(walk(EXPLICIT, &after_zeros.bytes).unwrap_err(), WalkError::TrailingGarbage { .. }));
    assert_eq!(walk(EXPLICIT, b"").unwrap_err(), WalkError::Empty);
    assert_eq!(walk(EXPLICIT, &[0; 64]).unwrap_err(), WalkError::NotAnElement { position: 0 });
}

#[test]
fn an_error_answers_every_later_call() {
    let mut walker = Walker::new(EXPLICIT);
    let error = walker.feed(&[0; 64]).unwrap_err();
    assert_eq!(walker.feed(b"\x08\0\x05\0CS\0\0").unwrap_err(), error);
    assert_eq!(walker.finish().unwrap_err(), error);
}

#[test]
fn the_first_frame_of_compressed_pixels_is_kept_to_recognise_it() {
    let set = Writer::instance(Encoding::ExplicitLittle)
        .head(Tag(0x7FE0, 0x0010), b"OB", UNDEFINED)
        .item(4)
        .raw(&[0; 4])
        .item(6)
        .raw(b"\xFF\xD8first")
        .raw(b"")
        .bytes;
    // The fragment is one byte longer than it says, so what follows cannot be an item.
    assert!(walk(BASELINE, &set).is_err());
    let whole = [
        &set[..set.len() - 1],
        &Writer::new(Encoding::ExplicitLittle).item(2).raw(b"ab").sequence_end().bytes,
    ]
    .concat();
    let walked = walk(BASELINE, &whole).unwrap();
    assert_eq!(walked.pixel_data, PixelData::Encapsulated { codestream: b"\xFF\xD8firs".to_vec() });
    assert_eq!(walked.notes, []);
    assert_eq!(walk(EXPLICIT, &whole).unwrap().notes, [Note::EncapsulatedPixels]);
}

#[test]
fn a_deflated_data_set_inflates_within_limits() {
    let set = Writer::instance(Encoding::ExplicitLittle).pixels(4 << 20).bytes;
    let stored = deflated(&set);
    assert_eq!(walk(DEFLATED, &stored).unwrap().data_set_bytes, set.len() as u64);
    let walked = |limits: Limits, bytes: &[u8]| {
        let mut walker = Walker::with_limits(DEFLATED, limits);
        walker.feed(bytes)?;
        walker.finish()
    };
    let tight = Limits { unquestioned_bytes: 1 << 20, inflate_ratio: 50, ..Limits::default() };
    assert_eq!(walked(tight, &stored).unwrap_err(), WalkError::InflatesTooFar { limit: 1 << 20 });
    let small = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(walked(small, &stored).unwrap_err(), WalkError::InflatesTooFar { limit: 1 << 20 });
    assert_eq!(walk(DEFLATED, &stored[..stored.len() - 5]).unwrap_err(), WalkError::InflateTruncated);
    assert!(walk(DEFLATED, &[&stored[..], &[0]].concat()).is_ok());
    assert!(walk(DEFLATED, &[&stored[..], b"more"].concat()).is_err());
    assert_eq!(walk(DEFLATED, &set).unwrap_err(), WalkError::Inflate);
}

#[test]
fn values_are_kept_only_up_to_a_bound() {
    let set = Writer::instance(Encoding::ExplicitLittle).element(Tag(0x3006, 0x0002), b"SH", &[b'x'; 5000]);
    let walked = walk(EXPLICIT, &set.bytes).unwrap();
    assert_eq!(walked.header.raw(Tag(0x3006, 0x0002)).unwrap().len(), 1024);
    assert_eq!(walked.notes, [Note::ValueCut]);
}

/// Data sets with everything in them: sequences of both kinds, fragments, private elements.
fn any_set() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let encodings = prop_oneof![
        Just((EXPLICIT, Encoding::ExplicitLittle)),
        Just((IMPLICIT, Encoding::ImplicitLittle)),
        Just((BIG, Encoding::ExplicitBig)),
        Just((BASELINE, Encoding::ExplicitLittle)),
        Just((DEFLATED, Encoding::ExplicitLittle)),
    ];
    (encodings, 0_usize..4, 0_usize..300, any::<bool>()).prop_map(
        |((syntax, encoding), depth, bytes, in_items)| {
            let set = Writer::instance(encoding).nested(depth);
            let set = if in_items {
                let items = Writer::new(encoding).item(8).raw(&[9; 8]).bytes;
                set.element(Tag(0x0040, 0xB020), b"SQ", &items)
            } else {
                set
            };
            let set = match syntax {
                BASELINE => set
                    .head(Tag(0x7FE0, 0x0010), b"OB", UNDEFINED)
                    .item(0)
                    .item(u32::try_from(bytes).unwrap())
                    .raw(&vec![3; bytes])
                    .sequence_end(),
                _ => set.pixels(bytes),
            };
            (syntax, if syntax == DEFLATED { deflated(&set.bytes) } else { set.bytes })
        },
    )
}

fn outcome(walked: Result<Walked, WalkError>) -> Result<(String, Vec<Note>, PixelData, u64), WalkError> {
    walked.map(|walked| {
        let keys = serde_json::to_string(&walked.header.keys()).unwrap();
        (keys, walked.notes, walked.pixel_data, walked.data_set_bytes)
    })
}

fn walk_split(syntax: &str, bytes: &[u8], pieces: &[usize]) -> Result<Walked, WalkError> {
    let mut walker = Walker::new(syntax);
    let (mut rest, mut sizes) = (bytes, pieces.iter().cycle());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
        walker.feed(piece)?;
        rest = after;
    }
    walker.finish()
}

proptest! {
    #[test]
    fn any_split_of_the_same_bytes_gives_the_same(
        (syntax, mut bytes) in any_set(),
        pieces in prop::collection::vec(1_usize..40, 1..20),
        flip in prop::option::of(any::<(prop::sample::Index, u8)>()),
    ) {
        // A broken data set must break alike.
        if let Some((at, with)) = flip {
            let at = at.index(bytes.len());
            bytes[at] ^= with;
        }
        prop_assert_eq!(outcome(walk(syntax, &bytes)), outcome(walk_split(syntax, &bytes, &pieces)));
    }

    #[test]
    fn a_cut_data_set_is_never_taken_for_whole((syntax, bytes) in any_set(), at in any::<prop::sample::Index>()) {
        let cut = at.index(bytes.len());
        let Ok(walked) = walk(syntax, &bytes[..cut]) else { return Ok(()) };
        // It ended between two elements at the top, or in the zeros of the next head.
        prop_assert!(syntax != DEFLATED);
        let missing_pixels = walked.pixel_data == PixelData::Absent;
        prop_assert!(missing_pixels, "cut at {} of {}", cut, bytes.len());
        let rest = walk(syntax, &bytes[usize::try_from(walked.data_set_bytes).unwrap()..]);
        prop_assert!(rest.is_ok() || walked.notes.contains(&Note::TrailingZeros));
        prop_assert!(walked.data_set_bytes == cut as u64 || walked.notes.contains(&Note::TrailingZeros));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        syntax in prop::sample::select(vec![EXPLICIT, IMPLICIT, BIG, BASELINE, DEFLATED]),
        behind_header in any::<bool>(),
    ) {
        drop(outcome(walk(syntax, &bytes)));
        let instance = Writer::instance(Encoding::ExplicitLittle).raw(&bytes).bytes;
        drop(outcome(walk(syntax, &instance)));
        let header = meta_header(&MetaHeader {
            sop_class_uid: "1.2",
            sop_instance_uid: "1.2.3.4",
            transfer_syntax_uid: syntax,
            source_ae_title: None,
        });
        let file = if behind_header { [&header[..], &instance].concat() } else { bytes };
        drop(FileReader::open(&file[..], Limits::default()).and_then(FileReader::finish));
    }
}
