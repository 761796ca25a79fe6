use super::*;
use ::zip::write::{SimpleFileOptions, ZipWriter};
use ::zip::{CompressionMethod, DateTime};
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

type Writer = ZipWriter<Cursor<Vec<u8>>>;

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
}

fn archive(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    write(&mut writer);
    writer.finish().unwrap().into_inner()
}

fn add(writer: &mut Writer, name: &str, bytes: &[u8]) {
    writer.start_file(name, options()).unwrap();
    writer.write_all(bytes).unwrap();
}

fn of(files: &[(&str, &[u8])]) -> Vec<u8> {
    archive(|writer| files.iter().for_each(|(name, bytes)| add(writer, name, bytes)))
}

/// What becomes of an archive, a line an entry.
fn lines(archive: &[u8], limits: &Limits) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    plant(folder.path(), &[("a.zip", archive)]);
    Record::of(&[&folder.path().join("a.zip")], limits).lines(folder.path())
}

fn short(archive: &[u8], limits: &Limits) -> Vec<String> {
    let cut = |line: String| line.split([';', ',']).next().map(str::to_owned).unwrap_or_default();
    lines(archive, limits).into_iter().map(cut).collect()
}

/// Where the `n`th central header begins.
fn central_header(archive: &[u8], n: usize) -> usize {
    let mut headers = archive.windows(4).enumerate().filter(|(_, window)| window == b"PK\x01\x02");
    headers.nth(n).unwrap().0
}

#[test]
fn each_entry_is_streamed_with_its_name() {
    let mut bytes = archive(|writer| {
        writer.add_directory("sub/", options()).unwrap();
        add(writer, "sub/日本語.dcm", b"deflated");
        writer.start_file("b", options().compression_method(CompressionMethod::Stored)).unwrap();
        writer.write_all(b"stored").unwrap();
        add(writer, "__MACOSX/sub/._b", b"\x00\x05\x16\x07");
        add(writer, "sub/.DS_Store", b"x");
        add(writer, "DICOMDIR", b"x");
        add(writer, "m__ller", b"1");
    });
    for at in [30, 46] {
        let magic = if at == 30 { b"PK\x03\x04" } else { b"PK\x01\x02" };
        let all: Vec<_> = (0..bytes.len() - 4).filter(|i| bytes[*i..].starts_with(magic)).collect();
        let name = all[6] + at;
        assert_eq!(&bytes[name..name + 7], b"m__ller");
        bytes[name + 1..name + 3].copy_from_slice(b"\x81l");
    }
    assert_eq!(
        lines(&bytes, &Limits::default()),
        [
            "a.zip: ignored: an archive, its entries taken one by one",
            "a.zip » sub/: ignored: a folder",
            "a.zip » sub/日本語.dcm: found \"deflated\"",
            "a.zip » b: found \"stored\"",
            "a.zip » __MACOSX/sub/._b: ignored: left behind by an operating system",
            "a.zip » sub/.DS_Store: ignored: left behind by an operating system",
            "a.zip » DICOMDIR: ignored: a DICOMDIR, an index of other files",
            "a.zip » mülller: found \"1\"",
        ]
    );
}

#[test]
fn the_content_makes_a_zip_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    plant(folder.path(), &[("a.dcm", &of(&[("b", b"b")])), ("empty", &of(&[])), ("not.zip", b"text")]);
    let record = Record::of(&[folder.path()], &Limits::default());
    assert_eq!(
        record.short(folder.path()),
        [
            "a.dcm: ignored: an archive",
            "a.dcm » b: found \"b\"",
            "empty: ignored: an archive",
            "not.zip: found \"text\"",
        ]
    );
}

#[test]
fn entries_that_mean_harm_are_refused_one_by_one() {
    let mut bytes = archive(|writer| {
        for name in ["../up", "a/../../up", "/etc/x", "C:\\x", "\\\\host\\x", "..\\up", "ok/..dcm", "a/.../b"]
        {
            add(writer, name, b"x");
        }
        writer.add_symlink("link", "/etc/passwd", options()).unwrap();
        add(writer, "inner.zip", &of(&[("x", b"x")]));
        add(writer, "inner.tar.gz", b"\x1F\x8B\x08");
        add(writer, "secret", b"x");
        add(writer, "odd", b"x");
    });
    let secret = central_header(&bytes, 11);
    bytes[secret + 8] |= 1;
    let odd = central_header(&bytes, 12);
    bytes[odd + 10] = 14;
    let leads_out = "refused: the entry's name leads out of the archive";
    let expected = [
        "ignored: an archive",
        leads_out,
        leads_out,
        leads_out,
        leads_out,
        leads_out,
        leads_out,
        "found \"x\"",
        "found \"x\"",
        "refused: the entry is a symbolic link",
        "refused: it is a ZIP archive inside an archive",
        "refused: it is a gzip archive",
        "refused: the entry is encrypted",
        "refused: the entry is compressed with Lzma",
    ];
    let short = short(&bytes, &Limits::default());
    let reasons: Vec<_> = short.iter().map(|line| line.rsplit_once(": ").unwrap()).collect();
    let expected: Vec<_> =
        expected.iter().map(|line| line.rsplit_once(": ").unwrap_or(("", line)).1).collect();
    assert_eq!(reasons.iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), expected, "{short:#?}");
}

#[test]
fn two_entries_of_one_name_are_both_met() {
    let mut bytes = of(&[("one", b"1"), ("two", b"2")]);
    let header = central_header(&bytes, 1);
    bytes[header + 46..header + 49].copy_from_slice(b"one");
    let lines = lines(&bytes, &Limits::default());
    assert_eq!(lines[1..], ["a.zip » one: found \"1\"", "a.zip » one: found \"2\""]);
}

#[test]
fn a_checksum_that_does_not_match_breaks_the_stream_at_its_end() {
    for content in [b"content".to_vec(), vec![7; 100_000]] {
        let mut bytes = of(&[("a", &content), ("b", b"b")]);
        let header = central_header(&bytes, 0);
        bytes[header + 16] ^= 1;
        assert_eq!(
            lines(&bytes, &Limits::default())[1..],
            [
                "a.zip » a: broke: the ZIP entry is damaged (Invalid checksum); fetch the archive again",
                "a.zip » b: found \"b\"",
            ]
        );
    }
}

#[test]
fn an_archive_cut_short_anywhere_is_refused_as_a_whole() {
    let bytes = of(&[("a", b"content"), ("b", b"b")]);
    for length in 4..bytes.len() {
        let lines = short(&bytes[..length], &Limits::default());
        assert_eq!(lines.len(), 1, "{length}");
        assert!(
            lines[0].starts_with("a.zip: refused: it is a ZIP archive cut short or damaged"),
            "{lines:?}"
        );
    }
}

#[test]
fn any_byte_of_an_archive_may_be_wrong_and_all_is_accounted_for() {
    let bytes = of(&[("a", b"content"), ("b", b"b")]);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            assert!(!lines(&damaged, &Limits::default()).is_empty());
        }
    }
}

#[test]
fn too_many_entries_are_refused_before_any_is_read() {
    let bytes = of(&[("a", b"a"), ("b", b"b"), ("c", b"c")]);
    let limits = Limits { max_zip_entries: 2, ..Limits::default() };
    assert_eq!(
        lines(&bytes, &limits),
        ["a.zip: refused: it is a ZIP archive of 3 entries, more than the 2 allowed; unpack it first"]
    );
}

#[test]
fn entries_over_the_same_bytes_are_refused() {
    let mut bytes = of(&[("a", &[0; 1000]), ("b", b"b")]);
    let (first, second) = (central_header(&bytes, 0), central_header(&bytes, 1));
    bytes.copy_within(first + 42..first + 46, second + 42);
    assert_eq!(
        short(&bytes, &Limits::default()),
        ["a.zip: refused: it is a ZIP archive whose entries overlap"]
    );
}

#[test]
fn a_bomb_is_refused_by_itself_unless_the_archive_is_one() {
    let limits = Limits { ratio_free_bytes: 10_000, ..Limits::default() };
    let bomb = vec![0; 1_000_000];
    let small = [0; 9_000];
    let varied: Vec<u8> = (0..4000_u32).flat_map(|i| (i.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    let one = of(&[("bomb", &bomb), ("varied", &varied), ("small", &small)]);
    assert_eq!(
        short(&one, &limits),
        [
            "a.zip: ignored: an archive",
            "a.zip » bomb: refused: it inflates to more than 200 times its size",
            "a.zip » varied: found 16000 bytes",
            "a.zip » small: found 9000 bytes",
        ]
    );
    let many: Vec<_> = (0..100).map(|i| i.to_string()).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), small.as_slice())).collect();
    let tight = Limits { max_ratio: 20, ..limits };
    assert_eq!(short(&of(&many), &tight), ["a.zip: refused: it inflates to more than 20 times its size"]);
    let total = Limits { max_zip_inflated_bytes: 899_999, ..Limits::default() };
    assert_eq!(
        short(&of(&many), &total),
        ["a.zip: refused: it is a ZIP archive that inflates to more than 899999 bytes"]
    );
}

#[test]
fn an_entry_that_inflates_to_more_than_it_claims_breaks() {
    let mut bytes = of(&[("a", &[7; 1_000_000])]);
    let header = central_header(&bytes, 0);
    bytes[header + 24..header + 28].copy_from_slice(&100_u32.to_le_bytes());
    let lines = lines(&bytes, &Limits::default());
    assert!(lines[1].starts_with("a.zip » a: broke: the ZIP entry is damaged"), "{lines:?}");
}

#[test]
fn a_stream_ends_at_its_allowance_whatever_the_archive_claims() {
    let mut whole = Vec::new();
    let refusal = || SourceRefusal::Bomb { ratio: 200 };
    Metered::new([1; 10].as_slice(), 10, refusal()).read_to_end(&mut whole).unwrap();
    assert_eq!(whole, [1; 10]);
    let mut metered = Metered::new(io::repeat(0), 1 << 20, refusal());
    let error = io::copy(&mut metered, &mut io::sink()).unwrap_err();
    assert!(error.to_string().starts_with("it inflates to more than 200 times"), "{error}");
    assert!(metered.used < 2 << 20);
    metered.read(&mut [0; 1]).unwrap_err();
}

#[test]
fn a_gigabyte_of_zeros_is_refused_at_once() {
    let bytes = archive(|writer| {
        writer.start_file("bomb", options()).unwrap();
        for _ in 0..100 {
            writer.write_all(&vec![0; 10 << 20]).unwrap();
        }
    });
    let start = Instant::now();
    assert_eq!(
        short(&bytes, &Limits::default()),
        ["a.zip: ignored: an archive", "a.zip » bomb: refused: it inflates to more than 200 times its size",]
    );
    assert!(start.elapsed() < Duration::from_secs(1));
}
