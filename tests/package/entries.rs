//! ZIP archives of any entries, and of absurd ones, as other programs read them.

use crate::peers;
use imaging::archive::{ArchiveWriter, Member, Method};
use imaging::chance::SeededChance;
use imaging::layout::{Layout, Objects, Segment};
use imaging::seal::{DataKey, SealedReader};
use imaging::zip::{Modified, Zip};
use proptest::prelude::*;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

fn modified() -> Modified {
    Modified::at(2026, 3, 15, 9, 30, 0).unwrap()
}

fn zeros(len: u64, offset: u64) -> Member {
    let (sha256, dataset_sha256) = ([0; 32], [0; 32]);
    Member {
        offset,
        stored_bytes: len,
        method: Method::Stored,
        source_bytes: len,
        crc32: 0,
        sha256,
        dataset_sha256,
    }
}

/// Literals are all that is asked for.
struct Nothing;

impl Objects for Nothing {
    fn read_at(&mut self, _: u32, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Writes an archive with holes where its members, which are zeros, would be.
fn write_with_holes(layout: &Layout, path: &Path) {
    let mut file = File::create(path).unwrap();
    let mut at = 0;
    for (segment, len) in layout.segments() {
        if matches!(segment, Segment::Literal(_)) {
            let mut bytes = Vec::new();
            layout.range(at..at + len, Nothing).unwrap().read_to_end(&mut bytes).unwrap();
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(&bytes).unwrap();
        }
        at += len;
    }
}

#[test]
fn members_and_archives_beyond_four_gigabytes_are_found_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.zip");
    let mut zip = Zip::new(modified());
    zip.literal("BEFORE.TXT", b"before").unwrap();
    zip.member("JUST.BELOW", 0, &zeros(0xFFFF_FFFE, 0)).unwrap();
    zip.member("ABOVE", 0, &zeros(5 << 30, 0)).unwrap();
    zip.literal("AFTER.TXT", b"after").unwrap();
    write_with_holes(&zip.finish(), &path);
    let name = path.to_str().unwrap();
    if let Some(read) = peers::python("read_zip.py", &[name, "entry", "AFTER.TXT"], folder.path(), None) {
        assert_eq!((&read["text"], &read["longest"]), (&"after".into(), &(5_u64 << 30).into()));
    }
    for (program, arguments) in [
        ("unzip", vec!["-p", name, "AFTER.TXT"]),
        ("7z", vec!["x", "-so", "-bsp0", name, "AFTER.TXT"]),
        ("bsdtar", vec!["-xOf", name, "AFTER.TXT"]),
    ] {
        if let Some(ran) = peers::run(program, &arguments, folder.path()) {
            assert_eq!((ran.code, ran.out.as_str()), (Some(0), "after"), "{program}: {}", ran.err);
        }
    }
}

#[test]
fn more_entries_than_sixteen_bits_count_are_found_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.zip");
    let mut zip = Zip::new(modified());
    for number in 0..70_000 {
        zip.literal(&format!("{number:06}"), b"").unwrap();
    }
    write_with_holes(&zip.finish(), &path);
    peers::assert_all_read(&path);
    let name = path.to_str().unwrap();
    if let Some(read) = peers::python("read_zip.py", &[name, "whole"], folder.path(), None) {
        assert_eq!(read["entries"], 70_000);
    }
    if let Some(ran) = peers::run("bsdtar", &["-tf", name], folder.path()) {
        assert_eq!(ran.out.lines().count(), 70_000);
    }
}

/// An archive with these files, its members, and its bytes.
fn archived(files: &[Vec<u8>]) -> (Vec<Member>, SealedReader<Box<[u8]>>) {
    let (key, chance) = (DataKey::from_bytes([5; 32]), SeededChance::new(1));
    let mut archive = ArchiveWriter::new(Vec::new(), &key, &chance).unwrap();
    let members = files.iter().map(|file| archive.add(&mut file.as_slice(), 0).unwrap()).collect();
    let sealed = archive.finish().unwrap().sink.into_boxed_slice();
    (members, SealedReader::open(sealed, &key).unwrap())
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3_000),
        (any::<u8>(), 0..100_000_usize).prop_map(|(byte, len)| vec![byte; len]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_entry_comes_back_and_any_range_equals_the_slice_of_the_whole(
        literals in prop::collection::vec(file(), 0..4),
        members in prop::collection::vec(file(), 0..6),
        ranges: Vec<(prop::sample::Index, prop::sample::Index)>,
    ) {
        let (kept, source) = archived(&members);
        let mut sources = vec![source];
        let mut zip = Zip::new(modified());
        for (number, bytes) in literals.iter().enumerate() {
            zip.literal(&format!("PAPER{number}.TXT"), bytes).unwrap();
        }
        for (number, member) in kept.iter().enumerate() {
            zip.member(&format!("DICOM/ñ{number}"), 0, member).unwrap();
        }
        let layout = zip.finish();
        let mut whole = Vec::new();
        layout.range(0..layout.len(), &mut sources).unwrap().read_to_end(&mut whole).unwrap();

        let mut archive = zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
        prop_assert_eq!(archive.len(), literals.len() + members.len());
        for (index, expected) in literals.iter().chain(&members).enumerate() {
            let mut bytes = Vec::new();
            archive.by_index(index).unwrap().read_to_end(&mut bytes).unwrap();
            prop_assert!(bytes == *expected, "entry {}", index);
        }
        for (one, other) in ranges.into_iter().take(8) {
            let (one, other) = (one.index(whole.len() + 1), other.index(whole.len() + 1));
            let (start, end) = (one.min(other), one.max(other));
            let mut part = Vec::new();
            layout.range(start as u64..end as u64, &mut sources).unwrap().read_to_end(&mut part).unwrap();
            prop_assert!(part == whole[start..end], "{}..{}", start, end);
        }
    }
}
