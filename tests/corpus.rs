//! Real files of every kind, and broken ones, through the real program: each is kept whole or refused with
//! a reason, none is lost in silence.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::corpus::{self, Listed};
use common::kept::{self, Kept, sha256, sha256_of};
use common::{Ran, Site, files};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const MOST_MEMORY_KIB: u64 = 256 << 10;
const LONGEST: Duration = Duration::from_secs(180);

/// What became of a file, or of something inside one.
struct Became {
    outcome: String,
    reason: String,
    ingest_id: String,
}

/// The report by file, and by what is inside it. Nothing is in there twice.
fn by_name(report: &Value, folder: &Path) -> BTreeMap<(String, Option<String>), Became> {
    let mut became = BTreeMap::new();
    for file in report["files"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let path = PathBuf::from(text(&file["name"]["path"]));
        let path = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        let inside = file["name"].get("inside").map(text);
        let outcome = Became {
            outcome: text(&file["outcome"]),
            reason: text(&file["reason"]),
            ingest_id: text(&file["ingest_id"]),
        };
        let before = became.insert((path.clone(), inside.clone()), outcome);
        assert!(before.is_none(), "{path} {inside:?} is accounted for twice");
    }
    became
}

fn import(site: &Site, folder: &Path, code: i32) -> Ran {
    let ran = site.run(&["import", "--json", folder.to_str().unwrap()]);
    assert_eq!(ran.code, Some(code), "{}{}", ran.out, ran.err);
    assert!(ran.peak_kib > 0 && ran.peak_kib <= MOST_MEMORY_KIB, "{} KiB of memory", ran.peak_kib);
    assert!(ran.took < LONGEST, "{:?}", ran.took);
    ran
}

/// Path, length and time of change of everything in a folder.
fn state_of(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let files = files(folder).into_iter();
    files.map(|(path, meta)| (path, meta.len(), meta.modified().unwrap())).collect()
}

/// Whether a row's verdict was met, and if not, how.
fn fault_in_verdict(row: &Listed, became: &BTreeMap<(String, Option<String>), Became>) -> Option<String> {
    let Some(own) = became.get(&(row.file.clone(), None)) else {
        return Some("not accounted for".to_owned());
    };
    let inside = || became.iter().filter(|((path, inside), _)| *path == row.file && inside.is_some());
    let any_kept = own.outcome == "kept" || inside().any(|(_, one)| one.outcome == "kept");
    let any_refused = own.outcome == "refused" || inside().any(|(_, one)| one.outcome == "refused");
    match row.verdict.as_str() {
        "keep" if !any_kept => Some(format!("to be kept, {}: {}", own.outcome, own.reason)),
        "refuse" if any_kept => Some("to be refused, kept".to_owned()),
        "refuse" if !any_refused => Some(format!("to be refused, {}", own.outcome)),
        "keep" | "refuse" | "either" => None,
        other => Some(format!("the list has no verdict {other:?}")),
    }
}

/// What was kept of a file is that file; where its header was wrong or missing, its data set.
fn fault_in_bytes(source: &[u8], kept: &Kept) -> Option<String> {
    if !kept.row.header_is_ours {
        return (kept.sha256 != sha256(source)).then(|| "it comes back with other bytes".to_owned());
    }
    let data_set_bytes = usize::try_from(kept.row.size_bytes - kept.row.header_bytes).unwrap();
    let Some(header_bytes) = source.len().checked_sub(data_set_bytes) else {
        return Some("it comes back with more bytes than it had".to_owned());
    };
    let (header, data_set) = source.split_at(header_bytes);
    if kept.data_set_sha256 != sha256(data_set) {
        return Some("its data set comes back with other bytes".to_owned());
    }
    // What was left out is a header, not part of a data set: nothing, or preamble and group 0002.
    let is_header = header.is_empty()
        || header.get(128..132) == Some(b"DICM".as_slice())
        || header.starts_with(&[2, 0])
        || header.starts_with(b"DICM");
    (!is_header).then(|| format!("{header_bytes} bytes are missing from its beginning"))
}

/// Which of the kept arrivals a file is: itself, or the one it only repeats.
fn found<'k>(
    own: &Became,
    kept: &'k [Kept],
    by_id: &HashMap<&str, &'k Kept>,
    source: &[u8],
) -> Option<&'k Kept> {
    let itself = by_id.get(own.ingest_id.as_str()).copied();
    itself.or_else(|| kept.iter().find(|kept| fault_in_bytes(source, kept).is_none()))
}

#[test]
fn every_real_file_is_kept_byte_for_byte_and_every_broken_one_refused_with_a_reason() {
    let Some(folder) = corpus::folder() else { return };
    let before = state_of(&folder);
    let site = Site::new();
    let ran = import(&site, &folder, 3);
    let report = ran.json();
    let became = by_name(&report, &folder);
    let on_disk: Vec<String> = files(&folder)
        .into_keys()
        .map(|path| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned())
        .collect();
    let accounted: Vec<String> =
        became.keys().filter(|(_, inside)| inside.is_none()).map(|(path, _)| path.clone()).collect();
    assert_eq!(accounted.len(), on_disk.len(), "each file is accounted for once");
    assert!(on_disk.iter().all(|path| became.contains_key(&(path.clone(), None))));

    let mut faults: Vec<String> = Vec::new();
    for ((path, inside), one) in &became {
        if one.outcome == "refused" && one.reason.trim().len() < 8 {
            faults.push(format!("{path} {inside:?}: refused for {:?}", one.reason));
        }
    }
    let rows = corpus::listed(&folder);
    let (kept, mut whole, mut data_sets) = (kept::read_back(&site), 0, 0);
    let by_id: HashMap<&str, &Kept> = kept.iter().map(|kept| (kept.row.id.as_str(), kept)).collect();
    for row in &rows {
        assert_eq!(
            sha256_of(&folder.join(&row.file)),
            row.sha256,
            "{} is not the file that is listed",
            row.file
        );
        let mut fault = fault_in_verdict(row, &became);
        let own = &became[&(row.file.clone(), None)];
        if fault.is_none() && own.outcome == "kept" {
            let source = fs::read(folder.join(&row.file)).unwrap();
            fault = match found(own, &kept, &by_id, &source) {
                None => Some("kept, and not found again".to_owned()),
                Some(kept) => fault_in_bytes(&source, kept),
            };
            let ours = found(own, &kept, &by_id, &source).is_some_and(|kept| kept.row.header_is_ours);
            (whole, data_sets) = if ours { (whole, data_sets + 1) } else { (whole + 1, data_sets) };
        }
        faults.extend(fault.map(|fault| format!("{} ({}): {fault}", row.file, row.verdict)));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert_eq!(state_of(&folder), before, "nothing is written where files are read");
    common::say(&format!(
        "corpus: {} files: {whole} kept byte for byte, {data_sets} with a new header, {} refusals, {} passed over; \
         {} MiB at most, {:.1} s",
        on_disk.len(),
        report["refused"],
        report["ignored"],
        ran.peak_kib >> 10,
        ran.took.as_secs_f32()
    ));
}

#[test]
fn what_is_listed_agrees_with_what_is_read_back() {
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    import(&site, &folder.join("ts"), 0);
    let listed = site.json(&["studies", "--instances", "--json", "--limit", "100000"]);
    let instances = listed.as_array().unwrap().iter().flat_map(|study| study["kept"].as_array().unwrap());
    let listed: BTreeMap<String, String> = instances
        .map(|one| {
            (one["ingest_id"].as_str().unwrap().to_owned(), one["sha256"].as_str().unwrap().to_owned())
        })
        .collect();
    let read: BTreeMap<String, String> =
        kept::read_back(&site).into_iter().map(|kept| (kept.row.id, kept.sha256)).collect();
    assert_eq!(listed, read);
    assert!(read.len() > 20, "{}", read.len());
}

#[test]
fn importing_everything_again_adds_nothing_and_all_of_it_is_sound() {
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    let first = import(&site, &folder, 3).json();
    let report = site.assert_sound();
    assert_eq!(report["spooled_instances"], 0, "{report}");
    let list = ["studies", "--instances", "--json", "--limit", "100000"];
    let (listed, blobs) = (site.json(&list), site.files("blobs"));

    let second = import(&site, &folder, 3).json();
    for count in ["kept", "refused", "ignored"] {
        assert_eq!(second[count], first[count], "{count}");
    }
    assert_eq!(site.files("blobs"), blobs, "no archive was added or changed");
    assert_eq!(site.json(&list), listed);
    assert_eq!(site.assert_sound()["bytes"], report["bytes"]);
}
