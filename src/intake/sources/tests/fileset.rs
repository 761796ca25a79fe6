use super::*;
use std::os::unix::fs::symlink;

const DIRECTORY_CLASS: &[u8] = b"1.2.840.10008.1.3.10";

fn element(group: u16, number: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = [group.to_le_bytes(), number.to_le_bytes()].concat();
    bytes.extend(vr);
    if vr == b"SQ" {
        bytes.extend([0, 0]);
        bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    } else {
        bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

/// A DICOMDIR with a record for each reference.
fn dicomdir(references: &[&str]) -> Vec<u8> {
    let mut records = Vec::new();
    for reference in references {
        let record =
            [element(0x0004, 0x1430, b"CS", b"IMAGE "), element(0x0004, 0x1500, b"CS", reference.as_bytes())];
        let record = record.concat();
        records.extend([0xFE, 0xFF, 0x00, 0xE0]);
        records.extend(u32::try_from(record.len()).unwrap().to_le_bytes());
        records.extend(record);
    }
    let class = element(0x0002, 0x0002, b"UI", DIRECTORY_CLASS);
    let sequence = element(0x0004, 0x1220, b"SQ", &records);
    [&[0; 128], b"DICM".as_slice(), &class, &sequence].concat()
}

fn set(references: &[&str], files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let set = tempfile::tempdir().unwrap();
    plant(set.path(), &[("set/DICOMDIR", dicomdir(references).as_slice())]);
    plant(&set.path().join("set"), files);
    set
}

fn short(set: &tempfile::TempDir, paths: &[&str]) -> Vec<String> {
    let paths: Vec<_> = paths.iter().map(|path| set.path().join(path)).collect();
    let paths: Vec<_> = paths.iter().map(PathBuf::as_path).collect();
    Record::of(&paths, &Limits::default()).short(&set.path().join("set"))
}

const INDEX: &str = "DICOMDIR: ignored: a DICOMDIR";

#[test]
fn a_dicomdir_given_stands_for_the_files_it_refers_to() {
    let set =
        set(&["B\\2", "A\\1", "B\\2 ", "\\A\\1"], &[("A/1", b"1"), ("B/2", b"2"), ("B/3", b"not listed")]);
    assert_eq!(short(&set, &["set/DICOMDIR"]), [INDEX, "B/2: found \"2\"", "A/1: found \"1\""]);
    let record = Record::of(&[&set.path().join("set/DICOMDIR")], &Limits::default());
    assert!(matches!(record.events[1].1, Outcome::Found { from_file_set: true, size: Some(1), .. }));
}

#[test]
fn a_folder_with_a_dicomdir_is_walked_and_what_is_missing_reported() {
    let set = set(&["A\\1", "A\\GONE", "..\\UP"], &[("A/1", b"1"), ("B/3", b"not listed")]);
    assert_eq!(
        short(&set, &["set"]),
        [
            INDEX,
            "DICOMDIR » A\\GONE: refused: the DICOMDIR refers to this file",
            "DICOMDIR » ..\\UP: refused: the DICOMDIR refers to something outside its own folder",
            "A/1: found \"1\"",
            "B/3: found \"not listed\"",
        ]
    );
}

#[test]
fn dicomdir_and_folder_together_meet_each_file_once() {
    let set = set(&["A\\1"], &[("A/1", b"1"), ("B/3", b"3")]);
    let by_index = [INDEX, "A/1: found \"1\"", "B/3: found \"3\""];
    assert_eq!(short(&set, &["set/DICOMDIR", "set", "set/A/1"]), by_index);
    assert_eq!(short(&set, &["set", "set/DICOMDIR"]), by_index);
    assert_eq!(short(&set, &["set/A", "set/DICOMDIR"]), ["A/1: found \"1\"", INDEX]);
}

#[test]
fn names_are_matched_as_discs_mean_them() {
    let set = set(
        &["DIR\\IM1", "DIR\\IM2", "dir\\im3", "DIR\\IM4"],
        &[("dir/im1", b"1"), ("dir/IM2.;1", b"2"), ("dir/IM3;1", b"3"), ("dir/im4", b"x"), ("dir/IM4", b"4")],
    );
    let record = Record::of(&[&set.path().join("set/DICOMDIR")], &Limits::default());
    assert_eq!(
        record.lines(&set.path().join("set"))[1..],
        ["dir/im1: found \"1\"", "dir/IM2.;1: found \"2\"", "dir/IM3;1: found \"3\"", "dir/IM4: found \"4\""]
    );
}

#[test]
fn nothing_outside_the_folder_is_ever_read() {
    let references = [
        "..\\SECRET",
        "A\\..\\..\\SECRET",
        "../SECRET",
        "/etc/passwd",
        "C:\\X",
        ".\\A",
        "LINK\\SECRET",
        "LINK2",
    ];
    let set = set(&references, &[("A/1", b"1")]);
    plant(set.path(), &[("SECRET", b"secret")]);
    symlink("..", set.path().join("set/LINK")).unwrap();
    symlink("../SECRET", set.path().join("set/LINK2")).unwrap();
    let record = Record::of(&[&set.path().join("set/DICOMDIR")], &Limits::default());
    assert_eq!(record.count(is_sound), 0);
    let is_outside = |outcome: &Outcome| matches!(outcome, Outcome::Refused(SourceRefusal::ReferenceOutside));
    assert_eq!(record.count(is_outside), 6);
    assert_eq!(record.count(|outcome| matches!(outcome, Outcome::Refused(SourceRefusal::Link))), 2);
    assert_eq!(record.events.len(), 9);
}

#[test]
fn what_a_reference_leads_to_must_be_a_file() {
    let set = set(&["A", "A\\1\\2", "INNER"], &[("A/1", b"1"), ("INNER", &dicomdir(&["A\\1", "GONE"]))]);
    assert_eq!(
        short(&set, &["set/DICOMDIR"]),
        [
            INDEX,
            "A: refused: it is a folder",
            "DICOMDIR » A\\1\\2: refused: the DICOMDIR refers to this file",
            "INNER: ignored: a DICOMDIR",
        ]
    );
}

#[test]
fn a_link_to_a_dicomdir_stands_for_the_set_it_leads_to() {
    let set = set(&["A\\1"], &[("A/1", b"1")]);
    symlink("set/DICOMDIR", set.path().join("DICOMDIR")).unwrap();
    let record = Record::of(&[&set.path().join("DICOMDIR")], &Limits::default());
    assert_eq!(record.short(set.path())[1..], ["set/A/1: found \"1\""]);
}

#[test]
fn a_dicomdir_that_cannot_be_read_is_refused_with_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let whole = dicomdir(&["A", "B"]);
    plant(
        folder.path(),
        &[
            ("1/DICOMDIR", b"text"),
            ("2/DICOMDIR", &whole[..whole.len() - 1]),
            ("3/DICOMDIR", b""),
            ("4/by_content", &whole[..whole.len() - 1]),
        ],
    );
    let advice = "import its folder instead, which needs no DICOMDIR";
    let record = Record::of(&[folder.path()], &Limits::default());
    let header = "it is a DICOMDIR that cannot be read: it has no DICOM file header";
    let short =
        "it is a DICOMDIR that cannot be read: its data element at byte 160 runs past the end of the file";
    assert_eq!(
        record.lines(folder.path()),
        [
            format!("1/DICOMDIR: refused: {header}; {advice}"),
            format!("2/DICOMDIR: refused: {short}; {advice}"),
            format!("3/DICOMDIR: refused: {header}; {advice}"),
            format!("4/by_content: refused: {short}; {advice}"),
        ]
    );
}

#[test]
fn a_dicomdir_beyond_the_limits_is_refused() {
    let set = set(&["A", "B"], &[("A", b"1")]);
    let index = set.path().join("set/DICOMDIR");
    for limits in [
        Limits { max_index_bytes: 100, ..Limits::default() },
        Limits { max_references: 1, ..Limits::default() },
    ] {
        let record = Record::of(&[&index], &limits);
        assert_eq!(record.events.len(), 1);
        assert_eq!(record.count(|outcome| matches!(outcome, Outcome::Refused(_))), 1);
    }
}

#[test]
fn a_file_named_dicomdir_that_is_an_image_is_a_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let class = element(0x0002, 0x0002, b"UI", b"1.2.840.10008.5.1.4.1.1.2\0");
    plant(folder.path(), &[("DICOMDIR", [&[0; 128], b"DICM".as_slice(), &class].concat().as_slice())]);
    let record = Record::of(&[folder.path()], &Limits::default());
    assert_eq!(record.count(is_sound), 1);
}
