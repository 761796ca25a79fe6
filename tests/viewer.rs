//! The page on a sealed disc: its bundle is what its sources give, and its own tests pass, in real browsers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{installed, skipped};
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Runs a script of the page's `package.json`; what it prints is what is wrong.
fn run(script: &str) {
    let Some(folder) = workshop() else { return };
    let ran = Command::new("npm").args(["run", "--silent", script]).current_dir(folder).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    for line in err.lines().filter(|line| line.starts_with("SKIPPED")) {
        common::say(line);
    }
    assert!(ran.status.success(), "{out}{err}");
}

#[test]
fn the_page_that_goes_on_discs_is_what_its_sources_give() {
    run("check");
}

#[test]
fn the_page_opens_shows_and_saves_in_real_browsers() {
    run("test");
}
