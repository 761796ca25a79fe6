//! The demonstration, as the front page says to run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::kept::{sha256, sha256_of};
use common::{Site, kept, send};
use imaging::samples;
use serde_json::Value;
use std::collections::BTreeSet;

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
    assert_written_as_sent(&told);
    let report = site.assert_sound();
    assert_eq!(report["archived_instances"], u64::from(SLICES) + 2);
    let listed = site.json(&["studies", "--json"]);

    let again = site.json(&["demo", "--exit", "--json"]);
    assert_eq!(again["studies"], told["studies"]);
    assert_eq!(site.json(&["studies", "--json"]), listed);
    assert_eq!(again["requests"].as_array().unwrap().len(), 4, "requests are carried again");
    assert_eq!(site.assert_sound()["archives"], report["archives"]);
}

/// What is written out is what was sent.
fn assert_written_as_sent(told: &Value) {
    let written = kept::data_sets_below(told["written"]["folder"].as_str().unwrap().as_ref());
    assert_eq!(BTreeSet::from_iter(written), send::data_sets(&samples::ct(SLICES, SEED)));
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
