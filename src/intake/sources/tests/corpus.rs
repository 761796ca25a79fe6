use super::*;
use std::time::{Duration, Instant};

/// The folder of real files, if this machine has it.
#[expect(clippy::disallowed_methods, reason = "tests find the real files by the environment")]
fn corpus() -> Option<PathBuf> {
    let default = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/dicom").into();
    let folder = PathBuf::from(std::env::var("FILMROOM_CORPUS").unwrap_or_else(|_| default()));
    folder.join("MANIFEST.tsv").exists().then_some(folder)
}

fn visited(name: &str) -> Option<(Record, PathBuf)> {
    let path = corpus()?.join(name);
    Some((Record::of(&[&path], &Limits::default()), path.parent()?.to_owned()))
}

fn assert_becomes(name: &str, expected: &[&str]) {
    if let Some((record, base)) = visited(name) {
        assert_eq!(record.short(&base), expected);
    }
}

fn is_missing(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(SourceRefusal::ReferenceMissing))
}

#[test]
fn every_file_of_the_corpus_is_met_once_whole() {
    let Some(corpus) = corpus() else { return };
    let record = Record::of(&[&corpus], &Limits::default());
    assert!(record.has_each_name_once());
    let mut sound = 0;
    for (name, outcome) in &record.events {
        if let (Some(path), Outcome::Found { bytes, size, error: None, .. }) = (name.on_disk(), outcome) {
            assert!(*bytes == fs::read(path).unwrap(), "{name}");
            assert_eq!(*size, Some(bytes.len() as u64));
            sound += 1;
        }
    }
    let listed = fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    let is_indirect =
        |name: &str| name.contains("DICOMDIR") || name.ends_with(".zip") || name.ends_with(".gz");
    let direct = listed.lines().skip(1).filter_map(|line| line.split('\t').next());
    for name in direct.clone().filter(|name| !is_indirect(name)) {
        let name = Name::file(&corpus.join(name));
        assert!(record.events.iter().any(|(met, outcome)| *met == name && is_sound(outcome)), "{name}");
    }
    assert!(sound >= direct.filter(|name| !is_indirect(name)).count());
}

#[test]
fn odd_names_come_through() {
    let Some((record, base)) = visited("broken/names") else { return };
    let names = ["-rf.dcm", "noext", "quote's.dcm", "with space & amp.dcm", "日本語.dcm"];
    let expected = names.map(|name| format!("names/{name}: found 39206 bytes"));
    assert_eq!(record.lines(&base), expected);
}

#[test]
fn the_hostile_archives_are_accounted_for() {
    assert_becomes(
        "broken/zip_bomb_300MB.zip",
        &["zip_bomb_300MB.zip: refused: it inflates to more than 200 times its size"],
    );
    assert_becomes(
        "broken/zip_nested.zip",
        &[
            "zip_nested.zip: ignored: an archive",
            "zip_nested.zip » inner.zip: refused: it is a ZIP archive inside an archive",
            "zip_nested.zip » readme.txt: found \"hi\"",
        ],
    );
    assert_becomes(
        "broken/zip_slip.zip",
        &[
            "zip_slip.zip: ignored: an archive",
            "zip_slip.zip » ../../../../tmp/pwned.dcm: refused: the entry's name leads out of the archive",
            "zip_slip.zip » /etc/pwned.dcm: refused: the entry's name leads out of the archive",
            "zip_slip.zip » ..\\..\\win.dcm: refused: the entry's name leads out of the archive",
            "zip_slip.zip » ok/IM1.dcm: found 39206 bytes",
        ],
    );
    assert_becomes(
        "broken/zip_symlink.zip",
        &[
            "zip_symlink.zip: ignored: an archive",
            "zip_symlink.zip » link.dcm: refused: the entry is a symbolic link",
            "zip_symlink.zip » IM1.dcm: found 39206 bytes",
        ],
    );
    assert_becomes("broken/hostile_names.tar.gz", &["hostile_names.tar.gz: refused: it is a gzip archive"]);
}

#[test]
fn five_thousand_entries_are_handed_over_quickly() {
    let start = Instant::now();
    let Some((record, _)) = visited("broken/zip_5000_tiny.zip") else { return };
    assert_eq!(record.count(is_sound), 5000);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn real_file_sets_are_complete_by_index_and_by_folder() {
    for (set, files) in [("fileset_pydicom", 31), ("fileset_tiny_alpha", 50)] {
        let Some((by_index, _)) = visited(&format!("{set}/DICOMDIR")) else { return };
        let Some((by_folder, _)) = visited(set) else { return };
        for record in [by_index, by_folder] {
            assert_eq!((record.count(is_sound), record.events.len()), (files, files + 1));
        }
    }
}

#[test]
fn a_reference_out_of_the_set_is_named_and_refused() {
    let Some((record, base)) = visited("broken/DICOMDIR_traversal") else { return };
    let lines = record.short(&base);
    assert_eq!(lines[0], "DICOMDIR_traversal: ignored: a DICOMDIR");
    let outside = "refused: the DICOMDIR refers to something outside its own folder";
    assert_eq!(lines[1], format!("DICOMDIR_traversal » ..\\..\\..\\..\\etc\\\\: {outside}"));
    assert_eq!((record.count(is_missing), lines.len()), (30, 32));
}

#[test]
fn odd_dicomdirs_serve_as_indexes() {
    let references = [
        ("bigEnd", 31),
        ("empty.dcm", 0),
        ("files-missing", 109),
        ("implicit", 31),
        ("nooffset", 31),
        ("nopatient", 31),
        ("reordered", 31),
    ];
    for (name, missing) in references {
        let Some((record, _)) = visited(&format!("odd_dicomdir/DICOMDIR-{name}")) else { return };
        assert!(
            matches!(record.events[0].1, Outcome::Ignored(Ignored::Index)),
            "{:?}",
            record.lines(Path::new(""))
        );
        assert_eq!((record.count(is_missing), record.events.len()), (missing, missing + 1), "{name}");
    }
}
