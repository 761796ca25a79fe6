//! A package on several discs: each opens alone, by this program and by an independent reader, and all of them together
//! are the package.

use crate::common::{self, Site, files, installed, python, run};
use crate::desk::Desk;
use burn_queue::SECTOR_BYTES;
use filmroom::desk::package::{Archived, DiscPackage, Making, recipe, sealed_discs};
use filmroom::model::StudyFilter;
use filmroom::store::studies;
use imaging::chance::OsChance;
use imaging::disc::{DiscObjects, Lock, split};
use imaging::opening_code::{Form, OpeningCode};
use imaging::samples;
use imaging::sign::SigningKey;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A small disc: there is room for one of the studies, with the page and the tables.
const DISC_BYTES: u64 = 4_096 * SECTOR_BYTES;
const NOW_MS: i64 = 1_790_000_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_discs_of_a_set_open_one_by_one_with_one_code_and_hold_the_package_together() {
    let made: Vec<samples::SampleStudy> = [31, 32, 33].map(|seed| samples::ct(10, seed)).into();
    let desk = Desk::new().await;
    for study in &made {
        desk.receive(study, 0..10).await;
    }
    // Settles them, too.
    desk.freeze(1).await;
    let sender = desk.sender();
    let mut tx = sender.db.begin().await.unwrap();
    let released =
        studies::list(&mut tx, &StudyFilter { limit: 10, ..StudyFilter::default() }).await.unwrap();
    let recipe = recipe(&mut tx, &released, &HashSet::new()).await.unwrap();
    drop(tx);
    let code = OpeningCode::generate(Form::Digits, &OsChance);
    let signing = SigningKey::of(sender.keys.current()).unwrap();
    let making =
        Making { now_ms: NOW_MS, zone: TimeZone::UTC, institution: None, key: &signing, others: Vec::new() };
    let lock = Lock::begin(vec![code.clone()], &OsChance).unwrap();
    let discs = sealed_discs(&recipe, &making, (&code, lock), DISC_BYTES, &OsChance).unwrap();
    assert_eq!(discs.len(), split(&recipe.contents, DISC_BYTES).unwrap().len());
    assert_eq!(discs.len(), 3);
    let site = Site::new();
    let code_file = site.path("code");
    fs::write(&code_file, code.reveal()).unwrap();
    let archived =
        Archived::new(Arc::clone(&sender.blobs), Arc::clone(&sender.keys), recipe.archives.clone());
    let mut instances = BTreeSet::new();
    for (number, DiscPackage { disc, image, contents, .. }) in (1_u32..).zip(discs) {
        let [iso, saved, copied, again] =
            ["iso", "saved", "copied", "again"].map(|name| site.path(&format!("{number}.{name}")));
        let mut bytes = Vec::new();
        let mut parts = DiscObjects::new(disc, archived.again());
        image.range(0..image.len(), &mut parts).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes.len() as u64 <= DISC_BYTES && (bytes.len() as u64).is_multiple_of(SECTOR_BYTES));
        fs::write(&iso, bytes).unwrap();
        let [iso, saved, code_file] = [&iso, &saved, &code_file].map(|path| path.to_str().unwrap());
        let opened =
            site.json(&["disc", "open", "--json", iso, "--passphrase-file", code_file, "--out", saved]);
        assert_eq!(opened["lost"], serde_json::json!([]));
        assert_eq!((&opened["number"], &opened["of"]), (&number.into(), &3.into()));
        let names = || files(Path::new(saved)).into_keys().map(|path| path.to_str().unwrap().to_owned());
        let images: Vec<String> = names().filter(|name| name.contains("/DICOM/")).collect();
        assert_eq!(images.len() as u64, contents.counts().instances);
        instances.extend(images.iter().map(|name| common::kept::sha256_of(Path::new(name))));
        for (program, words) in [("isoinfo", vec!["-d", "-i", iso]), ("7z", vec!["t", "-bso0", "-bsp0", iso])]
        {
            if installed(program) {
                let ran = run(Command::new(program).args(&words), &site.path(""));
                assert!(ran.code == Some(0), "{program}: {}{}", ran.out, ran.err);
                let label = format!("FILMROOM_{number}_OF_3");
                assert!(program != "isoinfo" || ran.out.contains(&label), "{}", ran.out);
            }
        }
        let into = format!("-o{}", copied.display());
        run(Command::new("7z").args(["x", "-bso0", "-bsp0", &into, iso]), &site.path(""));
        let readme = fs::read_to_string(copied.join("README.TXT")).unwrap();
        assert!(readme.contains(&format!("This is disc {number} of 3.")), "{readme}");
        let Some(python) = python("cryptography") else { continue };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/open_disc.py");
        let ran =
            run(Command::new(python).arg(script).args([&copied, &code_file.into(), &again]), &site.path(""));
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let index: Value = ran.json();
        let others = index["others"].as_array().unwrap();
        let numbers: Vec<u64> = others.iter().map(|other| other["number"].as_u64().unwrap()).collect();
        let wanted: Vec<u64> = (1..=3).filter(|other| *other != u64::from(number)).collect();
        assert_eq!((&index["number"], numbers), (&number.into(), wanted));
        let studies = others.iter().flat_map(|other| other["studies"].as_array().unwrap());
        let elsewhere: u64 = studies.map(|study| study["instances"].as_u64().unwrap()).sum();
        assert_eq!(elsewhere + contents.counts().instances, 30);
    }
    assert_eq!(instances.len(), 30, "every instance is on one of them");
    desk.end().await;
}
