//! The reader against real files, and against real files that were broken on purpose.
//!
//! The files are not part of the project: they are found by `FILMROOM_CORPUS`, else in
//! `../shared/dicom` beside the workspace. Without them this test says so and passes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use imaging::files::{FileInfo, FileReader, Refusal};
use imaging::index::{Limits, Note, PixelData, Walked};
use std::io::Write as _;
use std::path::{Path, PathBuf};

struct Listed {
    file: String,
    verdict: String,
    transfer_syntax_uid: String,
}

struct Taken {
    info: FileInfo,
    kept: Vec<u8>,
    walked: Walked,
}

#[expect(clippy::disallowed_methods, reason = "where the test files are is the tester's business")]
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/dicom");
    let corpus = std::env::var("FILMROOM_CORPUS").map_or(beside, PathBuf::from);
    corpus.join("MANIFEST.tsv").is_file().then_some(corpus)
}

/// Written past the test harness, which shows what a passing test prints to nobody.
fn said_to_be_skipped() {
    let words = b"SKIPPED: no test files; set FILMROOM_CORPUS to the folder that holds MANIFEST.tsv\n";
    std::io::stderr().write_all(words).unwrap();
}

/// The files that are one instance each: archives and DICOMDIR are for others to test.
fn listed(corpus: &Path) -> Vec<Listed> {
    let manifest = std::fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    let mut lines = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let columns = lines.next().unwrap();
    let column = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let (file, verdict, syntax) = (column("file"), column("verdict"), column("transfer_syntax"));
    lines
        .map(|line| Listed {
            file: line[file].to_owned(),
            verdict: line[verdict].to_owned(),
            transfer_syntax_uid: line[syntax].rsplit(' ').next().unwrap_or_default().to_owned(),
        })
        .filter(|listed| !listed.file.ends_with(".zip") && !listed.file.ends_with(".tar.gz"))
        .collect()
}

fn take(bytes: &[u8]) -> Result<Taken, Refusal> {
    let mut reader = FileReader::open(bytes, Limits::default())?;
    let info = reader.info().clone();
    let (mut kept, mut buf) = (Vec::new(), vec![0; 100_000]);
    loop {
        match reader.read(&mut buf)? {
            0 => break,
            count => kept.extend_from_slice(&buf[..count]),
        }
    }
    Ok(Taken { info, kept, walked: reader.finish()? })
}

/// Takes a file of the corpus; `None` without the corpus.
fn take_listed(file: &str) -> Option<Result<Taken, Refusal>> {
    let corpus = corpus().or_else(|| {
        said_to_be_skipped();
        None
    })?;
    Some(take(&std::fs::read(corpus.join(file)).unwrap()))
}

#[test]
fn every_real_file_is_kept_whole_and_every_broken_one_refused() {
    let Some(corpus) = corpus() else { return said_to_be_skipped() };
    let (mut wrong, mut kept, mut refused) = (Vec::new(), 0, 0);
    for listed in listed(&corpus) {
        let source = std::fs::read(corpus.join(&listed.file)).unwrap();
        let fault = match (listed.verdict.as_str(), take(&source)) {
            ("refuse", Ok(_)) => Some("taken, to be refused".to_owned()),
            ("keep", Err(refusal)) => Some(format!("refused: {}", chain(&refusal))),
            (_, Err(_)) => {
                refused += 1;
                None
            }
            (verdict, Ok(taken)) => {
                kept += 1;
                fault_of(&taken, &source, (verdict == "keep").then_some(listed.transfer_syntax_uid.as_str()))
            }
        };
        wrong.extend(fault.map(|fault| format!("{}: {fault}", listed.file)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kept > 360 && refused > 20, "{kept} kept, {refused} refused");
}

fn chain(refusal: &Refusal) -> String {
    use std::error::Error;
    let source = refusal.source().map(ToString::to_string).unwrap_or_default();
    format!("{refusal}: {source}")
}

/// What is wrong with a file that was taken.
fn fault_of(taken: &Taken, source: &[u8], syntax: Option<&str>) -> Option<String> {
    let Taken { info, kept, walked } = taken;
    let data = &kept[info.header_bytes as usize..];
    if !info.header_is_ours && kept != source {
        return Some("not kept byte for byte".to_owned());
    }
    if !source.ends_with(data) || data.len() as u64 != walked.stored_bytes {
        return Some("the data set was changed".to_owned());
    }
    let ours_noted = walked.notes.contains(&Note::HeaderRebuilt);
    if ours_noted != info.header_is_ours {
        return Some("a new header was not noted".to_owned());
    }
    let syntax = syntax.filter(|syntax| !syntax.is_empty() && *syntax != info.transfer_syntax_uid);
    if let Some(syntax) = syntax {
        return Some(format!("kept as {}, is {syntax}", info.transfer_syntax_uid));
    }
    match take(kept) {
        Ok(again) if again.info.header_is_ours => Some("not valid when read again".to_owned()),
        Ok(again) if again.info.identity != info.identity => {
            Some("another instance when read again".to_owned())
        }
        Ok(again) if again.walked.header != walked.header => Some("read otherwise again".to_owned()),
        Ok(_) => None,
        Err(refusal) => Some(format!("refused when read again: {refusal}")),
    }
}

/// What the content shows where that is not what the header said: a stream that is in order under
/// both syntaxes, or a header that was wrong.
const SHOWN_OTHERWISE: [(&str, &str, &str); 4] = [
    ("", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.90"),
    ("", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.50"),
    ("sop/sample-op.dcm", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.50"),
    ("derived/jpegxl_lossless.dcm", "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.1"),
];

/// Video, progressive JPEG and deflated frames have no mark we trust.
const NOT_SHOWN: [&str; 5] = ["1.2.4.100", "1.2.4.102", "1.2.4.53", "1.2.4.55", "1.2.8.1"];

#[test]
fn a_file_that_lost_its_header_shows_its_transfer_syntax_or_is_refused() {
    let Some(corpus) = corpus() else { return said_to_be_skipped() };
    let mut told = 0;
    for Listed { file, .. } in listed(&corpus).iter().filter(|listed| listed.verdict == "keep") {
        let Ok(whole) = take(&std::fs::read(corpus.join(file)).unwrap()) else { continue };
        let declared = whole.info.transfer_syntax_uid.as_str();
        match take(&whole.kept[whole.info.header_bytes as usize..]) {
            Ok(taken) => {
                let shown = taken.info.transfer_syntax_uid.as_str();
                let otherwise = |known: &(&str, &str, &str)| {
                    file.starts_with(known.0) && (declared, shown) == (known.1, known.2)
                };
                assert!(
                    declared == shown || SHOWN_OTHERWISE.iter().any(otherwise),
                    "{file}: {declared} told as {shown}"
                );
                assert_eq!(taken.info.identity, whole.info.identity, "{file}");
                told += 1;
            }
            // What only the header said is lost with it.
            Err(Refusal::Identity(_) | Refusal::NotDicom(_))
                if whole.walked.notes.contains(&Note::IdentityFromMeta) => {}
            Err(refusal) => {
                let not_shown = NOT_SHOWN.iter().any(|syntax| declared.ends_with(syntax));
                assert!(not_shown && refusal.code() == "unknown_encoding", "{file}: {}", chain(&refusal));
            }
        }
    }
    assert!(told > 340, "{told} told");
}

#[test]
fn names_in_every_character_set_are_read() {
    let names = [
        ("chrArab", "قباني^لنزار"),
        ("chrFren", "Buc^Jérôme"),
        ("chrGerm", "Äneas^Rüdiger"),
        ("chrGreek", "Διονυσιος"),
        ("chrH31", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("chrH32", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("chrHbrw", "שרון^דבורה"),
        ("chrI2", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("chrJapMulti", "やまだ^たろう"),
        ("chrJapMultiExplicitIR6", "やまだ^たろう"),
        ("chrKoreanMulti", "김희중"),
        ("chrRuss", "Люкceмбypг"),
        ("chrX1", "Wang^XiaoDong=王^小東="),
        ("chrX2", "Wang^XiaoDong=王^小东="),
    ];
    for (file, name) in names {
        let Some(taken) = take_listed(&format!("charset/{file}.dcm")) else { return };
        let walked = taken.unwrap().walked;
        assert_eq!(walked.header.description().patient_name.as_deref(), Some(name), "{file}");
        assert!(!walked.notes.contains(&Note::UndecodableText), "{file}");
    }
}

#[test]
fn what_is_odd_about_a_file_is_noted() {
    let expected: &[(&str, &[Note])] = &[
        ("odd/trailing_zeros.dcm", &[Note::TrailingZeros]),
        ("odd/no-meta-length-test.dcm", &[Note::MetaLengthMissing, Note::HeaderRebuilt]),
        ("ts/image_dfl", &[Note::GzipTrailer]),
        ("odd/CTImageStorage_bad_meta.dcm", &[Note::MetaIncomplete, Note::HeaderRebuilt]),
        ("odd/rtstruct.dcm", &[Note::NoMetaHeader, Note::NoPreamble, Note::HeaderRebuilt]),
        ("odd/UN_sequence.dcm", &[Note::IdentityFromMeta, Note::IdentityAssigned]),
        (
            "odd/no_meta_group_length.dcm",
            &[Note::MetaLengthMissing, Note::IdentityFromMeta, Note::IdentityAssigned, Note::HeaderRebuilt],
        ),
        ("ts/JLSL_RGB_ILV0.dcm", &[Note::NoPreamble, Note::IdentityAssigned, Note::HeaderRebuilt]),
        ("broken/charset_unknown.dcm", &[Note::UnknownCharset]),
        ("broken/charset_says_utf8_is_latin1.dcm", &[Note::UndecodableText]),
        ("broken/uid_leading_zero_component.dcm", &[Note::UidLeadingZero]),
        ("odd/bad_sequence.dcm", &[Note::UidNotNumeric]),
        ("broken/frames_2147483647.dcm", &[Note::PixelDataShort]),
        ("broken/mz_executable_preamble.dcm", &[Note::ExecutablePreamble]),
        ("broken/sop_uid_meta_mismatch.dcm", &[Note::MetaInstanceDiffers]),
        ("broken/unknown_transfer_syntax.dcm", &[Note::UnknownTransferSyntax]),
        ("broken/ts_says_jpeg_native_pixels.dcm", &[Note::NativePixels]),
        ("broken/ts_says_implicit_is_explicit.dcm", &[Note::EncodingDiffers, Note::TransferSyntaxCorrected]),
    ];
    for (file, notes) in expected {
        let Some(taken) = take_listed(file) else { return };
        let found = taken.unwrap().walked.notes;
        assert!(notes.iter().all(|note| found.contains(note)), "{file}: {found:?}");
    }
    for clean in ["pydicom_small/CT_small.dcm", "sop/sample-sr.dcm", "ts/liver_expb.dcm"] {
        let Some(taken) = take_listed(clean) else { return };
        assert_eq!(taken.unwrap().walked.notes, [], "{clean}");
    }
}

#[test]
fn a_refusal_says_what_the_file_is() {
    let expected = [
        ("broken/zero_byte.dcm", "empty"),
        ("broken/html_error_page.dcm", "not_dicom"),
        ("broken/jpeg_renamed.dcm", "not_dicom"),
        ("broken/lfs_pointer.dcm", "not_dicom"),
        ("broken/text_renamed.dcm", "not_dicom"),
        ("broken/trunc_in_preamble.dcm", "not_dicom"),
        ("broken/zip_slip.zip", "archive"),
        ("broken/hostile_names.tar.gz", "archive"),
        ("fileset_pydicom/DICOMDIR", "media_directory"),
        ("broken/trunc_in_meta.dcm", "meta_truncated"),
        ("broken/only_dicm_magic.dcm", "damaged"),
        ("broken/trunc_in_element_header.dcm", "damaged"),
        ("broken/length_overflow.dcm", "damaged"),
        ("broken/nested_20000.dcm", "damaged"),
        ("broken/deflate_bomb_512MB.dcm", "damaged"),
        ("broken/uid_path_traversal.dcm", "identity"),
        ("broken/no_study_uid.dcm", "identity"),
        ("broken/missing_sop_instance_uid.dcm", "identity"),
    ];
    for (file, code) in expected {
        let Some(taken) = take_listed(file) else { return };
        let refusal = taken.err().unwrap();
        assert_eq!(refusal.code(), code, "{file}: {refusal}");
    }
}

#[test]
fn the_keys_of_a_directory_record_are_read() {
    let Some(taken) = take_listed("sop/sample-sr.dcm") else { return };
    let keys = taken.unwrap().walked.header.keys();
    assert_eq!(keys["00080060"], "SR");
    assert_eq!(keys["0040A491"], "COMPLETE");
    let concept = keys["0040A043"].as_str().unwrap();
    assert!(concept.starts_with("FEFF00E0"), "{concept}");

    let Some(taken) = take_listed("pydicom_small/CT_small.dcm") else { return };
    let walked = taken.unwrap().walked;
    assert_eq!(walked.header.keys()["00280010"], "8000");
    assert_eq!(walked.pixel_data, PixelData::Native { bytes: 32768 });
    let description = walked.header.description();
    assert_eq!(description.patient_id.as_deref(), Some("1CT1"));
    assert_eq!((description.rows, description.columns), (Some(128), Some(128)));
}
