use super::*;
use crate::chance::Chance;
use crate::chance::SeededChance;
use crate::seal::DataKey;
use crate::seal::aead::{Aead, Portable};
use proptest::prelude::*;
use std::io::{self, Read, Write};

const SEGMENT: usize = SEGMENT_BYTES;

fn key() -> DataKey {
    DataKey::from_bytes([7; 32])
}

fn plain_bytes(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededChance::new(len as u64).fill(&mut bytes);
    bytes
}

fn seal(plain: &[u8]) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), &key(), &SeededChance::new(1)).unwrap();
    writer.write_all(plain).unwrap();
    let (sealed, sealed_bytes) = writer.finish().unwrap();
    assert_eq!(sealed.len() as u64, sealed_bytes);
    sealed
}

/// The whole object, or why it cannot be had.
fn unseal(sealed: &[u8]) -> Result<Vec<u8>, UnsealError> {
    let mut reader = SealedReader::open(sealed, &key())?;
    let mut plain = vec![0; usize::try_from(reader.plain_len()).unwrap()];
    reader.read_at(&mut plain, 0)?;
    Ok(plain)
}

fn is_broken(sealed: &[u8]) -> bool {
    matches!(unseal(sealed), Err(UnsealError::Broken(_)))
}

#[test]
fn every_length_around_a_segment_comes_back_and_is_as_long_as_foretold() {
    for len in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 17 * SEGMENT, 20 * SEGMENT + 9] {
        let plain = plain_bytes(len);
        let sealed = seal(&plain);
        assert_eq!(sealed.len() as u64, sealed_len(len as u64), "of {len}");
        assert!(unseal(&sealed).unwrap() == plain, "of {len}");
    }
}

#[test]
fn the_format_is_what_this_page_says_by_the_other_cipher() {
    let plain = plain_bytes(2 * SEGMENT + 5);
    let sealed = seal(&plain);
    let (header, mut rest) = sealed.split_at(HEADER_BYTES);
    assert_eq!((&header[..8], header[15]), (&b"FRSEAL1\0"[..], 0));
    for (number, segment) in plain.chunks(SEGMENT).enumerate() {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&header[8..15]);
        nonce[10] = u8::try_from(number).unwrap();
        nonce[11] = u8::from(number == 2);
        let mut expected = segment.to_vec();
        let tag = Portable::new(&key()).seal(&nonce, header, &mut expected);
        expected.extend(tag);
        let (found, after) = rest.split_at(expected.len());
        assert!(found == expected, "segment {number}");
        rest = after;
    }
    assert!(rest.is_empty());
}

#[test]
fn cut_extended_or_reordered_objects_do_not_open() {
    let sealed = seal(&plain_bytes(3 * SEGMENT));
    let segment = |number: usize| {
        let start = HEADER_BYTES + number * SEALED_SEGMENT_BYTES;
        start..start + SEALED_SEGMENT_BYTES
    };
    for cut in [0, 15, 16, 31, segment(0).end, segment(1).end, segment(1).end + 1, sealed.len() - 1] {
        assert!(is_broken(&sealed[..cut]), "cut to {cut}");
    }
    for extended in [vec![0], vec![0; 16], sealed[segment(2)].to_vec(), sealed[segment(0)].to_vec()] {
        assert!(is_broken(&[&sealed[..], &extended].concat()), "extended by {}", extended.len());
    }
    let swapped =
        [&sealed[..HEADER_BYTES], &sealed[segment(1)], &sealed[segment(0)], &sealed[segment(2)]].concat();
    assert!(is_broken(&swapped));
    let without_the_first = [&sealed[..HEADER_BYTES], &sealed[segment(1).start..]].concat();
    assert!(is_broken(&without_the_first));
}

#[test]
fn a_segment_of_another_object_does_not_open_even_under_the_same_key() {
    let plain = plain_bytes(2 * SEGMENT);
    let mut other = SealWriter::new(Vec::new(), &key(), &SeededChance::new(2)).unwrap();
    other.write_all(&plain).unwrap();
    let other = other.finish().unwrap().0;
    let place = HEADER_BYTES..HEADER_BYTES + SEALED_SEGMENT_BYTES;
    let mut sealed = seal(&plain);
    sealed[place.clone()].copy_from_slice(&other[place]);
    assert!(is_broken(&sealed));
}

#[test]
fn other_files_are_unknown_and_other_keys_are_refused_at_once() {
    assert!(matches!(unseal(&[b'x'; 100]), Err(UnsealError::Unknown)));
    let opened = SealedReader::open(seal(b"x").as_slice(), &DataKey::from_bytes([8; 32])).map(drop);
    assert!(matches!(opened, Err(UnsealError::Broken(_))));
}

#[test]
fn a_broken_segment_spoils_only_itself_and_reading_past_the_end_is_refused() {
    let plain = plain_bytes(4 * SEGMENT);
    let mut sealed = seal(&plain);
    sealed[HEADER_BYTES + SEALED_SEGMENT_BYTES] ^= 1;
    let mut reader = SealedReader::open(sealed.as_slice(), &key()).unwrap();
    let mut buf = [0; 8];
    assert!(matches!(reader.read_at(&mut buf, SEGMENT as u64), Err(UnsealError::Broken(_))));
    let mut before = vec![0; SEGMENT];
    reader.read_at(&mut before, 0).unwrap();
    assert!(before == plain[..SEGMENT]);
    let mut all = reader.range(0..plain.len() as u64).unwrap();
    assert_eq!(io::copy(&mut all, &mut io::sink()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert_eq!(all.left(), 3 * SEGMENT as u64);
    for past in [plain.len() as u64 - 7, u64::MAX] {
        let error = reader.read_at(&mut buf, past).unwrap_err();
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::UnexpectedEof);
    }
}

#[test]
fn a_writer_whose_sink_failed_never_uses_a_nonce_again() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() == HEADER_BYTES { Ok(bytes.len()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut writer = SealWriter::new(Full, &key(), &SeededChance::new(1)).unwrap();
    let error = writer.write_all(&plain_bytes(SEGMENT + 1)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(writer.write(b"more").unwrap_err().kind(), io::ErrorKind::Other);
    assert_eq!(writer.finish().map(drop).unwrap_err().kind(), io::ErrorKind::Other);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_range_equals_the_slice_of_the_whole(
        len in 0..20 * SEGMENT, ranges: Vec<(prop::sample::Index, prop::sample::Index)>,
    ) {
        let plain = plain_bytes(len);
        let sealed = seal(&plain);
        let mut reader = SealedReader::open(sealed.as_slice(), &key()).unwrap();
        for (one, other) in ranges.into_iter().take(8) {
            let (one, other) = (one.index(len + 1), other.index(len + 1));
            let (start, end) = (one.min(other), one.max(other));
            let mut at_once = vec![0; end - start];
            reader.read_at(&mut at_once, start as u64).unwrap();
            prop_assert!(at_once == plain[start..end]);
            let mut in_turn = Vec::new();
            reader.range(start as u64..end as u64).unwrap().read_to_end(&mut in_turn).unwrap();
            prop_assert!(in_turn == plain[start..end]);
        }
    }

    #[test]
    fn any_changed_bit_is_found(
        len in 0..2 * SEGMENT + 100, place: prop::sample::Index, bit in 0..8,
    ) {
        let mut sealed = seal(&plain_bytes(len));
        let place = place.index(sealed.len());
        sealed[place] ^= 1_u8 << bit;
        prop_assert!(matches!(unseal(&sealed), Err(UnsealError::Broken(_) | UnsealError::Unknown)));
    }

    #[test]
    fn it_does_not_matter_in_what_pieces_an_object_is_written(pieces: Vec<u16>) {
        let plain = plain_bytes(pieces.iter().map(|len| usize::from(*len)).sum());
        let mut writer = SealWriter::new(Vec::new(), &key(), &SeededChance::new(1)).unwrap();
        let mut left = &plain[..];
        for len in pieces {
            let (piece, rest) = left.split_at(usize::from(len));
            writer.write_all(piece).unwrap();
            left = rest;
        }
        prop_assert!(writer.finish().unwrap().0 == seal(&plain));
    }
}
