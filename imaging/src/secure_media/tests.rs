//! Files that come back, and files that were changed and do not.

use super::*;
use crate::chance::{OsChance, SeededChance};
use crate::disc::{Listing, Medium};
use crate::opening_code::{Form, OpeningCode};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::LazyLock;

/// One code for all: each derivation takes a tenth of a second, and much more where nothing is optimised.
static CODE: LazyLock<OpeningCode> = LazyLock::new(|| OpeningCode::generate(Form::Digits, &OsChance));
static LOCKER: LazyLock<Locker> = LazyLock::new(|| Locker::new(&CODE, &OsChance).unwrap());
static UNLOCKER: LazyLock<Unlocker> = LazyLock::new(|| Unlocker::new(&CODE));

fn secured(file: &[u8]) -> Vec<u8> {
    let mut secure = Vec::new();
    LOCKER.write(file, file.len() as u64, &mut secure, &OsChance).unwrap();
    secure
}

fn opened(secure: &[u8]) -> Result<Vec<u8>, SecureError> {
    let mut file = Vec::new();
    UNLOCKER.read(secure, &mut file).map(|_| file)
}

#[test]
fn a_file_of_any_length_comes_back() {
    for bytes in [0, 1, 15, 16, 17, 100, 127, 128, 65_535, 65_536, 200_000] {
        let file: Vec<u8> = (0..bytes).map(|at: u32| at.to_le_bytes()[0]).collect();
        let secure = secured(&file);
        assert!(Unlocker::is_secure(&secure[..64]));
        assert_eq!(opened(&secure).unwrap(), file, "{bytes}");
    }
}

#[test]
fn the_same_file_never_looks_the_same() {
    assert_ne!(secured(b"a file"), secured(b"a file"));
}

#[test]
fn the_same_chance_writes_the_same_bytes() {
    let written = || {
        let chance = SeededChance::new(7);
        let mut secure = Vec::new();
        Locker::new(&CODE, &chance).unwrap().write(b"a file".as_slice(), 6, &mut secure, &chance).unwrap();
        secure
    };
    assert_eq!(written(), written());
}

#[test]
fn another_code_opens_nothing_and_other_files_are_none_of_these() {
    let other = Unlocker::new(&OpeningCode::generate(Form::Digits, &OsChance));
    assert!(matches!(other.read(secured(b"a file").as_slice(), &mut Vec::new()), Err(SecureError::Code)));
    for none in [b"".as_slice(), b"DICM", &[0x30, 0x80], &[0; 200]] {
        assert!(!Unlocker::is_secure(none));
        assert!(matches!(opened(none), Err(SecureError::NotSecure)), "{none:?}");
    }
}

#[test]
fn a_file_of_another_length_than_was_said_is_not_written() {
    for said in [5, 7] {
        let written = LOCKER.write(b"a file".as_slice(), said, &mut Vec::new(), &OsChance);
        assert!(matches!(written, Err(SecureError::Read(_))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Wherever a byte is another, the file does not come back as it was; nothing panics, and nothing is allocated
    /// for what a length claims. Where the change means nothing, as in the version, the file may open, unchanged.
    #[test]
    fn a_changed_file_is_never_taken_for_another(at: prop::sample::Index, by in 1_u8..) {
        static SECURE: LazyLock<Vec<u8>> = LazyLock::new(|| secured(&[7; 1000]));
        let mut secure = SECURE.clone();
        let at = at.index(secure.len());
        // Other rounds and salts would each be derived: they give another key, and nothing else.
        prop_assume!(!(40..110).contains(&at));
        secure[at] ^= by;
        if let Ok(file) = opened(&secure) {
            prop_assert_eq!(file, vec![7; 1000]);
        }
    }

    #[test]
    fn a_cut_file_is_damaged(at: prop::sample::Index) {
        static SECURE: LazyLock<Vec<u8>> = LazyLock::new(|| secured(&[7; 1000]));
        prop_assert!(opened(&SECURE[..at.index(SECURE.len())]).is_err());
    }
}

/// A disc in memory.
struct InMemory(BTreeMap<&'static str, Vec<u8>>);

impl Medium for InMemory {
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Listing for InMemory {
    fn paths(&self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().map(ToString::to_string).collect())
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn io::Read + '_>> {
        let file = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(file.as_slice()))
    }
}

/// Takes nothing.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn papers_of_a_disc_are_read_as_they_are_and_an_image_that_nobody_secured_is_refused() {
    let image = [[0; 128].as_slice(), b"DICM", &[1; 70_000]].concat();
    let paper = vec![b'p'; 70_000];
    let files = [("SECURED", secured(&image)), ("README.TXT", paper.clone()), ("CLEAR", image.clone())];
    let disc = Unlocked::new(InMemory(files.into()), Unlocker::new(&CODE));
    for (path, file) in [("SECURED", &image), ("README.TXT", &paper)] {
        let mut read = Vec::new();
        assert_eq!(disc.write(path, &mut read).unwrap(), file.len() as u64);
        assert!(read == *file && disc.file(path, 200).unwrap() == file[..200], "{path}");
        assert!(
            matches!(disc.write(path, &mut Full), Err(SecureError::Sink(_))),
            "{path}: a full disk is no damage"
        );
    }
    assert!(matches!(disc.write("CLEAR", &mut Vec::new()), Err(SecureError::NotSecure)));
    assert!(disc.file("CLEAR", 200).is_err());
}
