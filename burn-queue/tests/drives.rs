//! Drives that write real bytes: the folder that plays one, and `xorriso` writing to a file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use burn_queue::{Bearer, Code, Drive, DriveError, Image, OpticalDrive, StdioDrive, Tray};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};

const SECTORS: usize = 1_000;

fn disc() -> Code {
    Code::new(Bearer::Disc, 42)
}

fn bytes() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..SECTORS * 2048).map(|_| next()).collect()
}

fn burn(drive: &mut dyn Drive, image: &Image, source: &mut dyn Read) -> Result<(), DriveError> {
    drive.burn(disc(), image, source, &mut |_| ControlFlow::Continue(()))
}

fn is_on(drive: &mut dyn Drive, image: &Image) -> bool {
    image.is_on(&mut drive.read_back(disc(), image).unwrap(), &mut |_| {}).unwrap()
}

/// What every drive must do, given where its disc's bytes lie.
fn behaves_like_a_drive(drive: &mut dyn Drive, file: &Path) {
    let bytes = bytes();
    let image = Image::of(&bytes[..]).unwrap();
    assert!(matches!(drive.tray().unwrap(), Tray::Blank(_)));
    let mut seen = Vec::new();
    let mut watch = |done| {
        seen.push(done);
        ControlFlow::Continue(())
    };
    drive.burn(disc(), &image, &mut &bytes[..], &mut watch).unwrap();
    assert!(seen.is_sorted() && seen.len() > 10, "{seen:?}");
    assert_eq!(seen.last(), Some(&image.bytes()));
    let written = std::fs::read(file).unwrap();
    assert!(written.starts_with(&bytes), "the disc is not what was sent");
    // A drive may fill its last block.
    assert!(written[bytes.len()..].iter().all(|byte| *byte == 0));
    assert!(is_on(drive, &image));

    let mut damaged = bytes;
    damaged[700 * 2048] ^= 1;
    std::fs::write(file, damaged).unwrap();
    assert!(!is_on(drive, &image));
    drive.eject().unwrap();
}

/// What every drive must do when the image does not come, or somebody stops it.
fn gives_up_in_words(drive: &mut dyn Drive, file: &Path) {
    let bytes = bytes();
    let image = Image::of(&bytes[..]).unwrap();
    let mut broken = bytes[..500 * 2048].chain(Failing);
    assert!(matches!(burn(drive, &image, &mut broken), Err(DriveError::Source(_))));
    take_out(file);
    assert!(matches!(burn(drive, &image, &mut &bytes[..500]), Err(DriveError::Source(_))), "it is too short");
    take_out(file);
    let stopped = drive.burn(disc(), &image, &mut &bytes[..], &mut |done| match done {
        0..1_000_000 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    });
    assert!(matches!(stopped, Err(DriveError::Stopped)));
    assert!(!is_on(drive, &image));
}

/// A burn that failed early may have left nothing.
fn take_out(file: &Path) {
    drop(std::fs::remove_file(file));
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("cable unplugged"))
    }
}

#[test]
fn a_folder_plays_a_drive() {
    let folder = tempfile::tempdir().unwrap();
    let mut drive = StdioDrive::new(folder.path().join("discs")).unwrap();
    let file = drive.path_of(disc());
    behaves_like_a_drive(&mut drive, &file);
    std::fs::remove_file(&file).unwrap();
    gives_up_in_words(&mut drive, &file);
}

#[test]
fn a_written_disc_of_the_folder_is_never_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut drive = StdioDrive::new(folder.path()).unwrap();
    let bytes = bytes();
    let image = Image::of(&bytes[..]).unwrap();
    burn(&mut drive, &image, &mut &bytes[..]).unwrap();
    assert!(matches!(burn(&mut drive, &image, &mut &bytes[..]), Err(DriveError::Drive(_))));
    assert!(is_on(&mut drive, &image));
}

#[test]
fn xorriso_writes_and_reads_back_what_it_is_given() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("disc");
    let mut drive = OpticalDrive::new(format!("stdio:{}", file.display()));
    behaves_like_a_drive(&mut drive, &file);
    assert_eq!(drive.tray().unwrap(), Tray::Written);
    std::fs::remove_file(&file).unwrap();
    gives_up_in_words(&mut drive, &file);
}

#[test]
fn a_drive_that_is_not_there_is_said_to_be_so() {
    if !installed() {
        return;
    }
    let mut drive = OpticalDrive::new("stdio:/nowhere/at/all/disc");
    let bytes = bytes();
    let image = Image::of(&bytes[..]).unwrap();
    let refused = burn(&mut drive, &image, &mut &bytes[..]).unwrap_err();
    assert!(matches!(refused, DriveError::Program { .. } | DriveError::Drive(_)), "{refused:?}");
}

fn installed() -> bool {
    let probe = Command::new("xorriso").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if probe.is_err() {
        assert!(!required(), "xorriso is required and not installed");
        // Past the test harness, which shows what a passing test prints to nobody.
        io::stderr().write_all(b"SKIPPED: xorriso is not installed\n").unwrap();
    }
    probe.is_ok()
}

#[expect(clippy::disallowed_methods, reason = "how tests run is the tester's business")]
fn required() -> bool {
    std::env::var("FILMROOM_TEST_REQUIRE").is_ok_and(|required| required == "1")
}
