use super::*;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    plant(tree.path(), files);
    tree
}

#[test]
fn a_folder_is_walked_files_first_in_the_order_of_names() {
    let tree =
        tree(&[("b/2", b"two"), ("b/1", b""), ("a/x/y", b"y"), ("c", b"c"), ("A", b"A"), ("b.d/3", b"3")]);
    let record = Record::of(&[tree.path()], &Limits::default());
    assert_eq!(
        record.lines(tree.path()),
        [
            "A: found \"A\"",
            "c: found \"c\"",
            "a/x/y: found \"y\"",
            "b/1: found \"\"",
            "b/2: found \"two\"",
            "b.d/3: found \"3\"",
        ]
    );
    assert_eq!(record.expected_bytes, 7);
    let Outcome::Found { size, from_file_set, .. } = record.events[4].1 else { unreachable!() };
    assert_eq!((size, from_file_set), (Some(3), false));
}

#[test]
fn what_is_no_file_is_refused_and_nothing_waits_for_it() {
    let tree = tree(&[("a", b"a"), ("sub/b", b"b")]);
    let outside = tempfile::tempdir().unwrap();
    plant(outside.path(), &[("secret", b"secret")]);
    symlink(outside.path(), tree.path().join("link_out")).unwrap();
    symlink("..", tree.path().join("sub/loop")).unwrap();
    symlink("nowhere", tree.path().join("dangling")).unwrap();
    let _socket = UnixListener::bind(tree.path().join("socket")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, tree.path().join("fifo"), 0o600.into()).unwrap();
    let record = Record::of(&[tree.path()], &Limits::default());
    assert_eq!(
        record.short(tree.path()),
        [
            "a: found \"a\"",
            "dangling: refused: it is a symbolic link",
            "fifo: refused: it is a pipe",
            "link_out: refused: it is a symbolic link",
            "socket: refused: it is a socket",
            "sub/b: found \"b\"",
            "sub/loop: refused: it is a symbolic link",
        ]
    );
}

#[test]
fn a_path_given_may_be_a_link() {
    let tree = tree(&[("real/a", b"a")]);
    symlink("real", tree.path().join("folder")).unwrap();
    symlink("real/a", tree.path().join("file")).unwrap();
    for (path, expected) in [("folder", "folder/a: found \"a\""), ("file", "file: found \"a\"")] {
        let record = Record::of(&[&tree.path().join(path)], &Limits::default());
        assert_eq!(record.lines(tree.path()), [expected]);
    }
}

#[test]
fn a_file_behind_two_paths_is_met_once() {
    let tree = tree(&[("a/1", b"1"), ("a/b/2", b"2"), ("a/__MACOSX/3", b"3")]);
    symlink("a/1", tree.path().join("link")).unwrap();
    let at = |name: &str| tree.path().join(name);
    let table: [(&[&str], &[&str]); 6] = [
        (&["a", "a/1", "link", "a/b"], &["a/1", "a/__MACOSX", "a/b/2"]),
        (&["a/1", "a", "a"], &["a/1", "a/__MACOSX", "a/b/2"]),
        (&["a/b", "a"], &["a/b/2", "a/1", "a/__MACOSX"]),
        (&["link", "a/1", "a/b/../1"], &["link"]),
        (&["a/b", "a/b/2"], &["a/b/2"]),
        (&["a", "a/__MACOSX/3"], &["a/1", "a/__MACOSX", "a/b/2", "a/__MACOSX/3"]),
    ];
    for (given, met) in table {
        let given: Vec<_> = given.iter().map(|name| at(name)).collect();
        let given: Vec<_> = given.iter().map(PathBuf::as_path).collect();
        let record = Record::of(&given, &Limits::default());
        let names: Vec<_> = record.events.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, met.iter().map(|name| Name::file(&at(name))).collect::<Vec<_>>());
    }
}

#[test]
fn what_systems_leave_behind_is_ignored_and_said_so() {
    let tree = tree(&[
        (".DS_Store", b"x"),
        ("._a", b"\x00\x05\x16\x07\x00"),
        ("__MACOSX/._a", b"\x00\x05\x16\x07\x00"),
        (".hidden", b"h"),
        ("sub/thumbs.DB", b"x"),
    ]);
    let record = Record::of(&[tree.path()], &Limits::default());
    assert_eq!(
        record.lines(tree.path()),
        [
            ".DS_Store: ignored: left behind by an operating system",
            "._a: ignored: left behind by an operating system",
            ".hidden: found \"h\"",
            "__MACOSX: ignored: left behind by an operating system",
            "sub/thumbs.DB: ignored: left behind by an operating system",
        ]
    );
}

#[test]
fn names_that_are_not_text_are_followed_exactly() {
    let tree = tempfile::tempdir().unwrap();
    let folder = tree.path().join(std::ffi::OsString::from_vec(b"f\xff".to_vec()));
    plant(&folder, &[("new\nline", b"1"), ("-rf", b"2")]);
    let record = Record::of(&[tree.path()], &Limits::default());
    assert_eq!(record.lines(tree.path()), ["f�/-rf: found \"2\"", "f�/new�line: found \"1\""]);
    assert_eq!(record.events[0].0.on_disk(), Some(folder.join("-rf").as_path()));
}

#[test]
fn folders_too_deep_are_refused_and_the_rest_is_met() {
    let tree = tree(&[("1/2/file", b"2"), ("1/2/3/file", b"3"), ("1/2/3/4/file", b"4"), ("2/file", b"1")]);
    let record = Record::of(&[tree.path()], &Limits { max_depth: 2, ..Limits::default() });
    assert_eq!(
        record.short(tree.path()),
        ["1/2/file: found \"2\"", "1/2/3: refused: it lies more than 2 folders deep", "2/file: found \"1\""]
    );
}

#[test]
fn a_way_longer_than_any_path_may_be_is_walked_to_its_end() {
    let tree = tempfile::tempdir().unwrap();
    let name = "d".repeat(200);
    let open =
        |at: &Path| rustix::fs::openat(rustix::fs::CWD, at, rustix::fs::OFlags::DIRECTORY, 0.into()).unwrap();
    let mut folder = open(tree.path());
    for _ in 0..50 {
        rustix::fs::mkdirat(&folder, &name, 0o700.into()).unwrap();
        folder = rustix::fs::openat(&folder, &name, rustix::fs::OFlags::DIRECTORY, 0.into()).unwrap();
    }
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
    rustix::fs::openat(&folder, "end", flags, 0o600.into()).unwrap();
    let record = Record::of(&[tree.path()], &Limits::default());
    assert_eq!(record.events.len(), 1);
    assert!(record.lines(tree.path())[0].ends_with("/end: found \"\""));
}

#[test]
fn files_beyond_the_limits_and_paths_to_nothing_are_refused() {
    let tree = tree(&[("ten", b"0123456789"), ("eleven", b"0123456789+")]);
    let limits = Limits { max_file_bytes: 10, ..Limits::default() };
    let record = Record::of(&[tree.path(), &tree.path().join("nothing")], &limits);
    assert_eq!(
        record.lines(tree.path()),
        [
            "eleven: refused: it is larger than 10 bytes, the most that one instance may have",
            "ten: found \"0123456789\"",
            "nothing: refused: it cannot be read: No such file or directory (os error 2); \
             check that it is there and that this user may read it",
        ]
    );
}

#[test]
fn archives_that_are_not_read_are_named() {
    let tree = tree(&[("a.dcm", b"\x1F\x8B\x08 gzip"), ("b", b"7z\xBC\xAF\x27\x1C")]);
    let record = Record::of(&[tree.path()], &Limits::default());
    assert_eq!(
        record.lines(tree.path()),
        [
            "a.dcm: refused: it is a gzip archive; unpack it first and import the folder",
            "b: refused: it is a 7-Zip archive; unpack it first and import the folder",
        ]
    );
}
