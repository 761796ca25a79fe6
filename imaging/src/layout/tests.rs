use super::*;
use crate::chance::SeededChance;
use crate::seal::{DataKey, SealWriter};
use proptest::prelude::*;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A segment as a test writes it down.
#[derive(Debug, Clone)]
enum Piece {
    Literal(Vec<u8>),
    Extent(u32, u64, u64),
    Zeros(u64),
}

fn objects() -> [Vec<u8>; 3] {
    [0, 1, 2].map(|object: u8| (0..=255).map(|at: u8| at.wrapping_mul(7).wrapping_add(object)).collect())
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Piece::Literal),
        (0..3_u32, 0..200_u64, 0..56_u64)
            .prop_map(|(object, offset, len)| Piece::Extent(object, offset, len)),
        (0..40_u64).prop_map(Piece::Zeros),
    ];
    prop::collection::vec(piece, 0..30)
}

fn layout_of(pieces: &[Piece]) -> Layout {
    let mut layout = Layout::new();
    for piece in pieces {
        match piece {
            Piece::Literal(bytes) => layout.literal(bytes),
            Piece::Extent(object, offset, len) => layout.extent(*object, *offset, *len),
            Piece::Zeros(len) => layout.zeros(*len),
        };
    }
    layout
}

fn bytes_of(pieces: &[Piece]) -> Vec<u8> {
    let objects = objects();
    let bytes = |piece: &Piece| match piece {
        Piece::Literal(bytes) => bytes.clone(),
        Piece::Extent(object, offset, len) => {
            objects[small((*object).into())][small(*offset)..small(offset + len)].to_vec()
        }
        Piece::Zeros(len) => vec![0; small(*len)],
    };
    pieces.iter().flat_map(bytes).collect()
}

/// A sealed object in memory that counts what is read of it.
struct Counted(Vec<u8>, Arc<AtomicU64>);

impl ReadAt for Counted {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.1.fetch_add(buf.len() as u64, Ordering::Relaxed);
        ReadAt::read_at(self.0.as_slice(), buf, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

#[test]
fn reading_a_sealed_object_front_to_back_opens_nothing_twice() {
    let plain: Vec<u8> = (0..5_000_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let key = DataKey::from_bytes([3; 32]);
    let mut writer = SealWriter::new(Vec::new(), &key, &SeededChance::new(1)).unwrap();
    writer.write_all(&plain).unwrap();
    let (sealed, sealed_bytes) = writer.finish().unwrap();

    let read = Arc::new(AtomicU64::new(0));
    let reader = SealedReader::open(Counted(sealed, Arc::clone(&read)), &key).unwrap();
    let (mut layout, mut expected) = (Layout::new(), Vec::new());
    for (number, member) in plain.chunks(70_001).enumerate() {
        layout.literal(b"name").extent(0, number as u64 * 70_001, member.len() as u64);
        expected.extend_from_slice(b"name");
        expected.extend_from_slice(member);
    }
    read.store(0, Ordering::Relaxed);
    let mut file = Vec::new();
    layout.range(0..layout.len(), vec![reader]).unwrap().read_to_end(&mut file).unwrap();
    assert!(file == expected);
    assert!(read.load(Ordering::Relaxed) <= sealed_bytes, "read {read:?} of {sealed_bytes}");
}

#[test]
fn a_failing_object_is_told_after_what_came_before_it() {
    let mut layout = Layout::new();
    layout.literal(b"before").extent(9, 0, 4);
    let mut reader = layout.range(0..10, objects()).unwrap();
    let mut buf = [0; 10];
    assert_eq!(reader.read(&mut buf).unwrap(), 6);
    assert_eq!(reader.read(&mut buf).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(reader.left(), 4);
}

#[test]
fn a_range_outside_the_file_is_refused() {
    let mut layout = Layout::new();
    layout.zeros(u64::from(u32::MAX) * 3);
    let len = layout.len();
    let refused = |range: Range<u64>| layout.range(range, objects()).map(drop).unwrap_err().kind();
    assert_eq!(refused(0..len + 1), io::ErrorKind::UnexpectedEof);
    assert_eq!(refused(Range { start: 5, end: 4 }), io::ErrorKind::UnexpectedEof);
    assert_eq!(layout.range(len..len, objects()).unwrap().read(&mut [0; 9]).unwrap(), 0);
}

#[test]
fn files_of_other_bytes_have_other_digests() {
    let identity = |object: u32| format!("archive {object}");
    let of = |pieces: &[Piece]| layout_of(pieces).digest(identity);
    let file = [Piece::Literal(vec![1, 2]), Piece::Extent(0, 5, 6), Piece::Zeros(3)];
    let mut seen = vec![of(&file)];
    assert_eq!(of(&file), seen[0]);
    for other in [
        [Piece::Literal(vec![1, 3]), Piece::Extent(0, 5, 6), Piece::Zeros(3)],
        [Piece::Literal(vec![1, 2]), Piece::Extent(1, 5, 6), Piece::Zeros(3)],
        [Piece::Literal(vec![1, 2]), Piece::Extent(0, 4, 6), Piece::Zeros(3)],
        [Piece::Literal(vec![1, 2]), Piece::Extent(0, 5, 7), Piece::Zeros(2)],
        [Piece::Literal(vec![1, 2]), Piece::Zeros(3), Piece::Extent(0, 5, 6)],
    ] {
        assert!(!seen.contains(&of(&other)), "{other:?}");
        seen.push(of(&other));
    }
    assert_ne!(layout_of(&file).digest(|_| "another".into()), seen[0]);
}

proptest! {
    #[test]
    fn any_range_equals_the_slice_of_the_whole(
        before in pieces(), inside in pieces(), after in pieces(),
        ends: (prop::sample::Index, prop::sample::Index), at_a_time in 1..100_usize,
    ) {
        let mut layout = layout_of(&before);
        layout.append(&layout_of(&inside)).append(&layout_of(&after));
        let whole = bytes_of(&[before, inside, after].concat());
        prop_assert_eq!(layout.len(), whole.len() as u64);
        prop_assert_eq!(layout.segments().map(|(_, len)| len).sum::<u64>(), layout.len());

        let (one, other) = (ends.0.index(whole.len() + 1), ends.1.index(whole.len() + 1));
        let (start, end) = (one.min(other), one.max(other));
        let mut reader = LayoutReader::new(Arc::new(layout), start as u64..end as u64, objects()).unwrap();
        let (mut found, mut buf) = (Vec::new(), vec![0; at_a_time]);
        loop {
            match reader.read(&mut buf).unwrap() {
                0 => break,
                read => found.extend_from_slice(&buf[..read]),
            }
        }
        prop_assert_eq!(&found[..], &whole[start..end]);
    }
}
