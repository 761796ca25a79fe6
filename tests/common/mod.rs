//! What the end-to-end tests share: the real program on free ports with a data directory of its own, its
//! commands, and what it keeps.

#![expect(dead_code, reason = "each test file uses a part of this")]

pub mod corpus;
pub mod kept;
pub mod line;
pub mod made;
pub mod postgres;
pub mod s3;
pub mod send;
pub mod service;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// No command takes longer than this on a machine that is not broken.
const AT_MOST: Duration = Duration::from_secs(300);

/// The value of an environment variable that steers the tests.
#[expect(clippy::disallowed_methods, reason = "how tests run is the tester's business")]
pub fn told(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Writes past the test harness, which shows what a passing test prints to nobody.
pub fn say(words: &str) {
    std::io::stderr().write_all(format!("{words}\n").as_bytes()).unwrap();
}

/// Says that a test is skipped; where nothing may be skipped, fails.
pub fn skipped(why: &str) {
    assert!(
        told("FILMROOM_TEST_REQUIRE").is_none_or(|required| required != "1"),
        "nothing may be skipped: {why}"
    );
    say(&format!("SKIPPED: {why}"));
}

/// Whether a program is there to be run.
pub fn installed(program: &str) -> bool {
    let probe = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if probe.is_err() {
        skipped(&format!("{program} is not installed"));
    }
    probe.is_ok()
}

/// A Python that has a module; `None`, said aloud, if there is none.
pub fn python(module: &str) -> Option<String> {
    let python = told("FILMROOM_TEST_PYTHON").unwrap_or_else(|| "python3".to_owned());
    let probe =
        Command::new(&python).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
    if probe.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    skipped(&format!("no {module}; set FILMROOM_TEST_PYTHON to a Python that has it"));
    None
}

/// A library of its own, in a folder that goes when the test ends.
pub struct Site {
    folder: tempfile::TempDir,
    settings: BTreeMap<String, String>,
}

impl Site {
    /// An empty library with small segments, on any free ports.
    pub fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), settings: BTreeMap::new() };
        fs::write(site.path("filmroom.toml"), "").unwrap();
        site.with("HTTP__LISTEN", "127.0.0.1:0")
            .with("DIMSE__LISTEN", "127.0.0.1:0")
            .with("SPOOL__SEGMENT_MIB", "8")
            .with("SPOOL__PREPARED_SEGMENTS", "1")
            .with("SPOOL__MIN_FREE_MIB", "16")
            .with("SPOOL__MIN_FREE_PERCENT", "0")
            .with("SETTLE__QUIET_SECONDS", "1")
            .with("LOG__FORMAT", "json")
    }

    /// The same, configured otherwise: `with("SETTLE__QUIET_SECONDS", "1")`.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.settings.insert(format!("FILMROOM__{key}"), value.to_owned());
        self
    }

    /// The same, with rows in a database and bytes in the buckets of an S3 server.
    pub fn in_the_cloud(self, database: &str, endpoint: &str) -> Self {
        self.with("DATABASE__URL", database)
            .with("BLOBS__STORE", "s3")
            .with("BLOBS__S3__ENDPOINT", endpoint)
            .with("BLOBS__S3__REGION", "us-east-1")
            .with("BLOBS__S3__BUCKET", "archives")
            .with("BLOBS__S3__PACKAGES_BUCKET", "packages")
            .with("BLOBS__S3__ACCESS_KEY_ID", s3::KEY_ID)
            .with("BLOBS__S3__SECRET_ACCESS_KEY", s3::SECRET)
            .with("LINKS__DELIVERY", "presigned")
    }

    /// A place in the folder that goes with the site.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The program with these arguments, after `before` (another program that runs it).
    pub fn command(&self, before: &[&str], arguments: &[&str]) -> Command {
        let words: Vec<&str> = before.iter().copied().chain([env!("CARGO_BIN_EXE_filmroom")]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(arguments).envs(&self.settings).stdin(Stdio::null());
        command.arg("--config").arg(self.path("filmroom.toml")).arg("--data").arg(self.data());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.command(&[], arguments), self.folder.path())
    }

    /// Runs a command that must succeed and gives its JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "filmroom {}: {}{}", arguments.join(" "), ran.out, ran.err);
        ran.json()
    }

    /// `filmroom check` finds nothing amiss.
    pub fn assert_sound(&self) -> Value {
        let report = self.json(&["check", "--json"]);
        assert_eq!(report["problems"], serde_json::json!([]));
        report
    }

    /// The files below a folder of the data directory, with their lengths.
    pub fn files(&self, below: &str) -> BTreeMap<PathBuf, u64> {
        files(&self.data().join(below)).into_iter().map(|(path, meta)| (path, meta.len())).collect()
    }
}

/// All files below a folder.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, fs::Metadata> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path(), meta);
            }
        }
    }
    found
}

/// How a command ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// The most memory it had.
    pub peak_kib: u64,
    pub took: Duration,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Runs a command to its end, or kills it when it hangs. Its output goes through files in `folder`, so
/// that it never waits for a reader.
pub fn run(command: &mut Command, folder: &Path) -> Ran {
    let (out, err) =
        (tempfile::NamedTempFile::new_in(folder).unwrap(), tempfile::NamedTempFile::new_in(folder).unwrap());
    let file = |named: &tempfile::NamedTempFile| named.reopen().unwrap();
    let begun = Instant::now();
    let mut child = command.stdout(file(&out)).stderr(file(&err)).spawn().unwrap();
    let mut peak_kib = 0;
    let ended = loop {
        peak_kib = peak_kib.max(peak_of(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > AT_MOST {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let read = |named: &tempfile::NamedTempFile| {
        String::from_utf8_lossy(&fs::read(named.path()).unwrap()).into_owned()
    };
    let ran = Ran {
        code: ended.and_then(|status| status.code()),
        out: read(&out),
        err: read(&err),
        peak_kib,
        took: begun.elapsed(),
    };
    assert!(ended.is_some(), "{command:?} hangs: {}{}", ran.out, ran.err);
    ran
}

/// The most memory a running process had so far, as the kernel counts it.
fn peak_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Waits for a child, and kills it after a while.
pub fn wait(child: &mut Child, at_most: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < at_most {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// Tries until it holds.
pub fn until(what: &str, at_most: Duration, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < at_most, "in vain for {at_most:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
