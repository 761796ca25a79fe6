use super::*;
use std::io::Read;

fn modified() -> Modified {
    Modified::at(2026, 3, 15, 9, 30, 7).unwrap()
}

fn member(offset: u64, stored_bytes: u64, source_bytes: u64) -> Member {
    let method = if stored_bytes == source_bytes { Method::Stored } else { Method::Deflate };
    Member { offset, stored_bytes, method, source_bytes, crc32: 7, sha256: [0; 32], dataset_sha256: [0; 32] }
}

fn whole(zip: &Layout) -> Vec<u8> {
    let mut bytes = Vec::new();
    zip.range(0..zip.len(), [[1_u8; 64]]).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn has(bytes: &[u8], signature: &[u8]) -> bool {
    bytes.windows(signature.len()).any(|window| window == signature)
}

/// The literals of an archive, of which its members are too long to be held.
fn headers(zip: &Layout) -> Vec<u8> {
    struct None;
    impl crate::layout::Objects for None {
        fn read_at(&mut self, _: u32, _: u64, buf: &mut [u8]) -> io::Result<()> {
            buf.fill(0);
            Ok(())
        }
    }
    let mut bytes = Vec::new();
    let mut start = 0;
    for (segment, len) in zip.segments() {
        if matches!(segment, crate::layout::Segment::Literal(_)) {
            zip.range(start..start + len, None).unwrap().read_to_end(&mut bytes).unwrap();
        }
        start += len;
    }
    bytes
}

#[test]
fn an_ordinary_archive_has_nothing_a_simple_reader_could_stumble_over() {
    let mut zip = Zip::new(modified());
    zip.literal("README.TXT", b"hello hello hello hello").unwrap();
    zip.member("DICOM/IM000001", 0, &member(3, 40, 90)).unwrap();
    let bytes = whole(&zip.finish());
    for later_invention in [b"PK\x07\x08", b"PK\x06\x06", b"PK\x06\x07"] {
        assert!(!has(&bytes, later_invention), "{later_invention:?}");
    }
    // Version 2.0, no flags, deflate, 09:30:06 on 15 March 2026.
    assert_eq!(bytes[..14], *b"PK\x03\x04\x14\0\0\0\x08\0\xC3\x4B\x6F\x5C");
}

#[test]
fn the_same_entries_give_the_same_bytes() {
    let made = || {
        let mut zip = Zip::new(modified());
        zip.literal("a", &[5; 1000]).unwrap();
        zip.member("b", 0, &member(0, 64, 64)).unwrap();
        whole(&zip.finish())
    };
    assert_eq!(made(), made());
}

#[test]
fn zip64_comes_with_the_first_byte_that_needs_it() {
    let with = |len: u64| {
        let mut zip = Zip::new(modified());
        zip.member("a", 0, &member(0, len, len)).unwrap();
        headers(&zip.finish())
    };
    // The member and its local header of 31 bytes end before 4 GiB, at 4 GiB, and the member alone does.
    let longest = TOO_LONG - 1 - 31;
    for (len, has_end, has_extra) in [
        (longest, false, false),
        (longest + 1, true, false),
        (TOO_LONG - 1, true, false),
        (TOO_LONG, true, true),
    ] {
        let headers = with(len);
        assert_eq!(has(&headers, b"PK\x06\x06"), has_end, "{len}");
        assert_eq!(has(&headers, b"\x01\0\x10\0"), has_extra, "{len}");
    }
}

#[test]
fn names_that_lead_elsewhere_or_come_twice_are_refused() {
    let mut zip = Zip::new(modified());
    for name in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "c:a", "a\0b", &"x".repeat(65_536)] {
        assert_eq!(zip.literal(name, b""), Err(ZipError::Name), "{name:?}");
    }
    zip.literal("año/ñ.txt", b"1").unwrap();
    assert_eq!(zip.literal("año/ñ.txt", b"2"), Err(ZipError::Twice));
    assert_eq!(whole(&zip.finish())[6..8], NAME_IS_UTF8.to_le_bytes());
}

#[test]
fn a_time_that_cannot_be_said_is_none() {
    assert_eq!(Modified::at(1979, 12, 31, 0, 0, 0), None);
    assert_eq!(Modified::at(2026, 13, 1, 0, 0, 0), None);
    assert_eq!(Modified::at(2026, 1, 1, 24, 0, 0), None);
    assert_eq!(Modified::at(1980, 1, 1, 0, 0, 0), Some(Modified { date: 0x21, time: 0 }));
}
