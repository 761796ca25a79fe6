//! The page on a sealed disc: its bundle is what its sources give, and its own tests pass, in real browsers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::kept::read_back;
use common::{Site, corpus, installed, send, skipped};
use imaging::samples;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Where the page is made, if it can be made here.
fn workshop() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("imaging/viewer");
    if !installed("node") || !installed("npm") {
        return None;
    }
    if !folder.join("node_modules").is_dir() {
        skipped("the viewer's tools are not installed; run `npm ci` in imaging/viewer");
        return None;
    }
    Some(folder)
}

/// Browsers at work side by side make each other wait, and their tests with them.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs a command in the page's folder; what it prints is what is wrong.
fn run(command: &mut Command) {
    let Some(folder) = workshop() else { return };
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let ran = command.current_dir(folder).output().unwrap();
    drop(alone);
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    for line in err.lines().filter(|line| line.starts_with("SKIPPED")) {
        common::say(line);
    }
    assert!(ran.status.success(), "{out}{err}");
}

fn script(name: &str) {
    run(Command::new("npm").args(["run", "--silent", name]));
}

#[test]
fn the_page_that_goes_on_discs_is_what_its_sources_give() {
    script("check");
}

#[test]
fn the_page_opens_shows_and_saves_in_real_browsers() {
    script("test");
}

/// Puts everything that a library keeps on one disc, and the files of its image into a folder.
fn burn(site: &Site) -> (PathBuf, PathBuf, PathBuf) {
    let [code, image, folder, expected] =
        ["code.txt", "disc.iso", "disc", "expected.json"].map(|name| site.path(name));
    fs::write(&code, "garland outfit unsmooth sixtieth crumb velcro\n").unwrap();
    let mut kept = read_back(site);
    kept.retain(|kept| kept.row.current && !kept.row.damaged);
    let mut studies: Vec<&str> = kept.iter().map(|kept| kept.study_instance_uid.as_str()).collect();
    studies.sort_unstable();
    studies.dedup();
    let mut arguments = vec!["package", "disc", "--several-patients", "--json"];
    arguments.extend(["--out", image.to_str().unwrap(), "--passphrase-file", code.to_str().unwrap()]);
    arguments.extend(studies.iter().flat_map(|study| ["--study", study]));
    let report = site.json(&arguments);
    assert_eq!(report["counts"]["instances"], kept.len());
    let sums: Vec<&str> = kept.iter().map(|kept| kept.sha256.as_str()).collect();
    fs::write(&expected, serde_json::to_vec(&sums).unwrap()).unwrap();
    fs::create_dir(&folder).unwrap();
    let unpacked = Command::new("bsdtar").arg("-xf").arg(&image).arg("-C").arg(&folder).status().unwrap();
    assert!(unpacked.success());
    (folder, code, expected)
}

/// Two patients' studies of one UID, as copies made for teaching have it.
fn write_twins(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let one = samples::ct(2, 77);
    let mut other = one.clone();
    other.patient.id = "ANOTHER".into();
    for instance in &mut other.instances {
        instance.sop_instance_uid.push_str(".9");
    }
    for (study, name) in [(&one, "one"), (&other, "other")] {
        (0..2).for_each(|index| send::write_file(&folder.join(format!("{name}-{index}.dcm")), study, index));
    }
}

#[test]
fn a_disc_of_real_studies_opens_in_browsers_and_gives_back_what_came_in() {
    let Some(corpus) = corpus::folder() else { return };
    if workshop().is_none() || !installed("bsdtar") {
        return;
    }
    let site = Site::new();
    let made = site.path("made");
    write_twins(&made);
    let mut folders =
        ["pydicom_small", "sop", "study_philips_mr", "ts"].map(|folder| corpus.join(folder)).to_vec();
    folders.push(made);
    let mut arguments = vec!["import", "--json"];
    arguments.extend(folders.iter().map(|folder| folder.to_str().unwrap()));
    assert!(site.run(&arguments).json()["kept"].as_u64().unwrap() > 100);
    let (folder, code, expected) = burn(&site);
    run(Command::new("node").arg("test/burnt.js").arg(folder).arg(code).arg(expected));
}
