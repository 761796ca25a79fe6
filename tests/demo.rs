//! The demonstration, as the front page says to run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::Site;
use common::kept::{sha256, sha256_of};
use imaging::files::FileReader;
use imaging::index::Limits;
use imaging::samples;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// What the demonstration sends.
const SLICES: u16 = 64;
const SEED: u64 = 2026;

#[test]
fn the_demonstration_keeps_three_studies_gives_one_back_and_doubles_nothing_when_repeated() {
    let site = Site::new();
    let told = site.json(&["demo", "--exit", "--json"]);
    let studies = told["studies"].as_array().unwrap();
    let kinds: Vec<&str> = studies.iter().map(|study| study["modality"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["CT", "DX", "US"]);
    for study in studies {
        let (source, sealed) =
            (study["source_bytes"].as_u64().unwrap(), study["archive_bytes"].as_u64().unwrap());
        assert!(sealed > 0 && sealed < source, "{source} bytes became {sealed}");
    }
    assert_eq!(told["requests"], serde_json::json!([]));
    assert_written_as_sent(&told);
    let report = site.assert_sound();
    assert_eq!(report["archived_instances"], u64::from(SLICES) + 2);
    let (listed, blobs) = (site.json(&["studies", "--json"]), site.files("blobs"));

    let again = site.json(&["demo", "--exit", "--json"]);
    assert_eq!(again["studies"], told["studies"]);
    assert_eq!(site.json(&["studies", "--json"]), listed);
    assert_eq!(site.files("blobs"), blobs);
    site.assert_sound();
}

/// What is written out is what was sent.
fn assert_written_as_sent(told: &Value) {
    let study = samples::ct(SLICES, SEED);
    let sent: BTreeSet<String> =
        (0..study.instances.len()).map(|index| sha256(&study.dataset(index).unwrap())).collect();
    let mut written = BTreeSet::new();
    for entry in fs::read_dir(told["written"]["folder"].as_str().unwrap()).unwrap() {
        let file = fs::read(entry.unwrap().path()).unwrap();
        let header = FileReader::open(file.as_slice(), Limits::default()).unwrap().info().header_bytes;
        written.insert(sha256(&file[header as usize..]));
    }
    assert_eq!(written, sent);
    assert_eq!(told["written"]["files"], u64::from(SLICES));
}

#[test]
fn without_json_the_demonstration_tells_a_person_what_became_of_each_study() {
    let site = Site::new();
    let ran = site.run(&["demo", "--exit"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for words in [
        "durable before it was acknowledged",
        "settled into sealed archives",
        "kept ",
        "compared with its digest",
    ] {
        assert!(ran.out.contains(words), "{words:?} is not said:\n{}", ran.out);
    }
    assert_eq!(sha256_of(&site.path("filmroom.toml")), sha256(b""), "nothing is written beside the data");
}
