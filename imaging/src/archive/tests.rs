use super::deflate::WHOLE_BYTES;
use super::*;
use crate::chance::{Chance, SeededChance};
use crate::seal::{Broken, DataKey, SealWriter, UnsealError};
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

fn key() -> DataKey {
    DataKey::from_bytes([3; 32])
}

fn chance() -> SeededChance {
    SeededChance::new(9)
}

fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededChance::new(len as u64).fill(&mut bytes);
    bytes
}

/// As pixels are: every second byte is nearly constant.
fn pixels(len: usize) -> Vec<u8> {
    let mut bytes = noise(len);
    for high in bytes.iter_mut().skip(1).step_by(2) {
        *high &= 1;
    }
    bytes
}

fn archive(files: &[&[u8]]) -> (Vec<u8>, Vec<Member>) {
    let mut writer = ArchiveWriter::new(Vec::new(), &key(), &chance()).unwrap();
    let members = files.iter().map(|file| writer.add(&mut &**file, 0).unwrap()).collect();
    (writer.finish().unwrap().sink, members)
}

fn read_all(mut source: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).unwrap();
    bytes
}

/// An archive that holds `kept` as it stands, whatever a member may then say about it.
fn archive_of_bytes(kept: &[u8]) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), &key(), &chance()).unwrap();
    writer.write_all(kept).unwrap();
    writer.finish().unwrap().0
}

fn deflated(file: &[u8]) -> Vec<u8> {
    let mut deflated = vec![0; file.len() + 1000];
    let mut deflate = Compress::new(Compression::new(6), false);
    deflate.compress(file, &mut deflated, FlushCompress::Finish).unwrap();
    deflated.truncate(usize::try_from(deflate.total_out()).unwrap());
    deflated
}

/// The member that `file` is when `kept` is all there is of it.
fn member_of(file: &[u8], kept: &[u8], method: Method) -> Member {
    let sha256 = Sha256::digest(file).into();
    Member {
        offset: 0,
        stored_bytes: kept.len() as u64,
        method,
        source_bytes: file.len() as u64,
        crc32: crc32fast::hash(file),
        sha256,
        dataset_sha256: sha256,
    }
}

fn verify(archive: &[u8], member: &Member) -> Result<(), ReadError> {
    ArchiveReader::open(archive, &key())?.verify(member)
}

#[test]
fn members_lie_back_to_back_and_come_back_whole() {
    let files = [pixels(300_000), noise(5000), Vec::new(), vec![7; 70], vec![0; 3 << 20], noise(3 << 20)];
    let (sealed, members) = archive(&files.each_ref().map(Vec::as_slice));
    let mut reader = ArchiveReader::open(sealed.as_slice(), &key()).unwrap();
    let mut offset = 0;
    for (file, member) in files.iter().zip(&members) {
        assert_eq!(member.offset, offset);
        offset += member.stored_bytes;
        assert_eq!(member.source_bytes, file.len() as u64);
        assert_eq!(member.crc32, crc32fast::hash(file));
        assert_eq!(member.sha256[..], Sha256::digest(file)[..]);
        assert!(read_all(reader.member(member).unwrap()) == *file);
        reader.verify(member).unwrap();
    }
    let methods: Vec<Method> = members.iter().map(|member| member.method).collect();
    use Method::{Deflate, Stored};
    assert_eq!(methods, [Deflate, Stored, Stored, Deflate, Deflate, Stored]);
    assert_eq!(crate::seal::sealed_len(offset), sealed.len() as u64);
}

#[test]
fn the_raw_bytes_are_the_deflate_stream_a_zip_takes_over() {
    let file = pixels(100_000);
    let (sealed, members) = archive(&[&noise(100), &file]);
    let mut reader = ArchiveReader::open(sealed.as_slice(), &key()).unwrap();
    let raw = read_all(reader.raw(&members[1]).unwrap());
    let mut inflated = vec![0; file.len()];
    let written = libdeflater::Decompressor::new().deflate_decompress(&raw, &mut inflated).unwrap();
    assert!(written == file.len() && inflated == file);
    assert!(raw.len() < file.len());
}

#[test]
fn the_data_set_has_a_digest_of_its_own() {
    let file = pixels(200_000);
    let mut writer = ArchiveWriter::new(Vec::new(), &key(), &chance()).unwrap();
    for header_bytes in [0, 358, 65_536, 65_537, 199_999, 200_000] {
        let member = writer.add(&mut file.as_slice(), header_bytes as u64).unwrap();
        assert_eq!(member.dataset_sha256[..], Sha256::digest(&file[header_bytes..])[..], "{header_bytes}");
    }
}

#[test]
fn a_file_too_long_to_be_held_is_streamed_and_either_method_serves() {
    for (file, method) in
        [(pixels(WHOLE_BYTES + 70_000), Method::Deflate), (noise(WHOLE_BYTES + 1), Method::Stored)]
    {
        let (sealed, members) = archive(&[&file]);
        assert_eq!(members[0].method, method);
        let mut reader = ArchiveReader::open(sealed.as_slice(), &key()).unwrap();
        reader.verify(&members[0]).unwrap();
        let end = members[0].source_bytes;
        let found = read_all(reader.range(&members[0], end - 100_000..end).unwrap());
        assert!(found == file[file.len() - 100_000..]);
    }
}

#[test]
fn an_instance_that_cannot_be_read_leaves_the_others_whole() {
    struct Torn(usize);
    impl Read for Torn {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let read = self.0.min(buf.len());
            self.0 -= read;
            if read == 0 { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(read) }
        }
    }
    let file = pixels(1000);
    let mut writer = ArchiveWriter::new(Vec::new(), &key(), &chance()).unwrap();
    let before = writer.add(&mut file.as_slice(), 0).unwrap();
    let torn = writer.add(&mut Torn(WHOLE_BYTES + 9), 0);
    assert!(matches!(torn, Err(WriteError::Source(error)) if error.kind() == io::ErrorKind::ConnectionReset));
    let short = writer.add(&mut file.as_slice(), 1001);
    assert!(matches!(short, Err(WriteError::OnlyHeader { source_bytes: 1000, header_bytes: 1001 })));
    let after = writer.add(&mut file.as_slice(), 0).unwrap();
    let sealed = writer.finish().unwrap().sink;
    for member in [before, after] {
        verify(&sealed, &member).unwrap();
    }
}

#[test]
fn a_full_disk_is_told_from_an_unreadable_instance() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() < 100 { Ok(bytes.len()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut writer = ArchiveWriter::new(Full, &key(), &chance()).unwrap();
    assert!(matches!(writer.add(&mut noise(1 << 20).as_slice(), 0), Err(WriteError::Sink(_))));
    assert!(matches!(writer.finish(), Err(WriteError::Sink(_))));
}

#[test]
fn verifying_says_what_does_not_agree() {
    let file = pixels(200_000);
    let (sealed, members) = archive(&[&file]);
    let good = &members[0];
    verify(&sealed, good).unwrap();
    let found = |change: &dyn Fn(&mut Member)| {
        let mut member = good.clone();
        change(&mut member);
        verify(&sealed, &member).unwrap_err()
    };
    assert!(matches!(found(&|member| member.crc32 ^= 1), ReadError::Crc32));
    assert!(matches!(found(&|member| member.sha256[0] ^= 1), ReadError::Sha256));
    assert!(matches!(found(&|member| member.source_bytes += 1), ReadError::Length));
    assert!(matches!(found(&|member| member.source_bytes -= 1), ReadError::Length));
    assert!(matches!(found(&|member| member.stored_bytes -= 1), ReadError::Inflate));
    assert!(matches!(found(&|member| member.stored_bytes += 1), ReadError::Outside));
    assert!(matches!(found(&|member| member.offset = u64::MAX), ReadError::Outside));
    assert!(matches!(found(&|member| member.method = Method::Stored), ReadError::Length));
    let mut changed = sealed.clone();
    changed[100_000] ^= 1;
    assert!(matches!(verify(&changed, good), Err(ReadError::Unseal(UnsealError::Broken(Broken)))));
}

#[test]
fn a_broken_or_trailing_deflate_stream_is_refused_though_its_seal_is_whole() {
    let file = pixels(100_000);
    let good = deflated(&file);
    let cases = [
        (good.clone(), None),
        (good[..good.len() / 2].to_vec(), Some("cut")),
        ([&good[..], b"x"].concat(), Some("followed by a byte")),
        (vec![0xFF; 1000], Some("no deflate stream at all")),
        (Vec::new(), Some("empty")),
    ];
    for (kept, refused) in cases {
        let member = member_of(&file, &kept, Method::Deflate);
        assert_eq!(verify(&archive_of_bytes(&kept), &member).is_err(), refused.is_some(), "{refused:?}");
    }
}

#[test]
fn a_range_the_instance_does_not_have_is_refused() {
    let (sealed, members) = archive(&[&pixels(1000), &noise(1000)]);
    let mut reader = ArchiveReader::open(sealed.as_slice(), &key()).unwrap();
    for member in &members {
        for range in [0..1001, 1001..1001, u64::MAX - 1..u64::MAX] {
            let refused = reader.range(member, range).map(drop);
            assert!(matches!(refused, Err(ReadError::OutOfRange { source_bytes: 1000, .. })));
        }
        assert_eq!(reader.range(member, 1000..1000).unwrap().left(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_range_of_any_member_equals_the_slice_of_its_file(
        lengths in prop::collection::vec((0_usize..400_000, any::<bool>()), 1..5),
        ranges: [(prop::sample::Index, prop::sample::Index, prop::sample::Index); 6],
    ) {
        let files: Vec<Vec<u8>> = lengths
            .into_iter()
            .map(|(len, random)| if random { noise(len) } else { pixels(len) })
            .collect();
        let (sealed, members) = archive(&files.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let mut reader = ArchiveReader::open(sealed.as_slice(), &key()).unwrap();
        for (which, one, other) in ranges {
            let (file, member) = (which.get(&files), which.get(&members));
            let (one, other) = (one.index(file.len() + 1), other.index(file.len() + 1));
            let (start, end) = (one.min(other), one.max(other));
            let found = read_all(reader.range(member, start as u64..end as u64).unwrap());
            prop_assert!(found == file[start..end]);
        }
    }

    #[test]
    fn hostile_bytes_in_place_of_a_deflate_stream_end_in_an_error_or_other_bytes(
        kept: Vec<u8>, source_bytes in 0_u64..100_000,
    ) {
        let mut member = member_of(b"", &kept, Method::Deflate);
        member.source_bytes = source_bytes;
        let found = verify(&archive_of_bytes(&kept), &member);
        prop_assert!(source_bytes == 0 || found.is_err());
    }
}
