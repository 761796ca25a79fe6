//! The pages in a real browser: a script signs in, walks them, and lets axe-core look at each.

use super::DeskAtWork;
use super::walk::{BY_FEDEX, chosen, taken_in};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "a test is configured by its environment")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What the test needs that may not be installed; says so loudly where it is not.
fn tools() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = Command::new("chromium").arg("--version").output().is_ok();
    let missing = if !folder.join("node_modules/puppeteer-core").exists() {
        "tests/browser/node_modules is not there: npm ci --prefix tests/browser"
    } else if !chromium {
        "chromium is not installed"
    } else {
        return Some(folder);
    };
    assert!(told("FILMROOM_TEST_REQUIRE").is_none(), "nothing may be skipped: {missing}");
    writeln!(std::io::stderr(), "SKIPPED: {missing}").unwrap();
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_finds_every_page_whole_and_accessible() {
    let Some(folder) = tools() else { return };
    let desk = DeskAtWork::begin().await;
    let mut release = desk.signed_in("release").await;
    let decided = taken_in(&mut release).await;
    for (step, fields) in [("identity", [("seen", "photo_id")]), ("approve", [("basis", "patient_access")])] {
        let answer = release.post(&format!("{decided}/{step}"), &fields).await;
        if step == "identity" {
            chosen(&mut release, &decided).await;
        } else {
            assert_eq!(answer.status, 303, "{}", answer.body);
        }
    }
    let answer = release.post(&format!("{decided}/deliveries"), &BY_FEDEX).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    desk.clock.advance(86_400_000);
    taken_in(&mut desk.signed_in("release").await).await;
    let mut walk = Command::new("node");
    walk.arg(folder.join("walk.mjs")).current_dir(&folder);
    walk.env("FILMROOM_URL", format!("http://{}", desk.address)).env("FILMROOM_REQUEST", &decided);
    walk.env("FILMROOM_PASSWORD", super::PASSWORD);
    let ran = tokio::task::spawn_blocking(move || walk.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}
