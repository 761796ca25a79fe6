//! Sealed discs through the real program: written, checked, opened by it and by an independent reader, and
//! what is wrong with one told apart.

use crate::common::{Ran, Site, corpus, files, kept, send};
use crate::peers;
use imaging::manifest::Manifest;
use imaging::samples::{self, SampleStudy};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn import(site: &Site, study: &SampleStudy) {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..study.instances.len() {
        send::write_file(&folder.path().join(format!("{index}.dcm")), study, index);
    }
    site.json(&["import", "--json", folder.path().to_str().unwrap()]);
}

/// Writes a disc of these studies, and puts its opening code in a file.
fn write(site: &Site, name: &str, arguments: &[&str]) -> (PathBuf, PathBuf, Value) {
    let image = site.path(name);
    let words = ["package", "disc", "--json", "--several-patients", "--out", image.to_str().unwrap()];
    let report = site.json(&[&words, arguments].concat());
    let code = site.path(&format!("{name}.code"));
    fs::write(&code, report["passphrase"].as_str().unwrap()).unwrap();
    (image, code, report)
}

fn open(site: &Site, disc: &Path, code: &Path, out: &Path) -> Ran {
    let [disc, code, out] = [disc, code, out].map(|path| path.to_str().unwrap());
    site.run(&["disc", "open", disc, "--passphrase-file", code, "--out", out, "--json"])
}

fn verify(site: &Site, disc: &Path, code: &Path) -> Ran {
    let [disc, code] = [disc, code].map(|path| path.to_str().unwrap());
    site.run(&["disc", "verify", disc, "--passphrase-file", code, "--json"])
}

/// The files below a folder, with their SHA-256.
fn sums(folder: &Path) -> BTreeMap<String, String> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files(folder).into_keys().map(|path| (name(&path), kept::sha256_of(&path))).collect()
}

/// What the manifest says there is, its own two files apart.
fn listed(folder: &Path) -> BTreeMap<String, String> {
    let manifest: Manifest = serde_json::from_slice(&fs::read(folder.join("MANIFEST.TXT")).unwrap()).unwrap();
    let studies = manifest.patients.iter().flat_map(|patient| &patient.studies);
    let instances = studies.flat_map(|study| &study.series).flat_map(|series| &series.instances);
    let instances = instances.map(|instance| (instance.file.clone(), instance.sha256.clone()));
    instances.chain(manifest.papers.iter().map(|paper| (paper.file.clone(), paper.sha256.clone()))).collect()
}

fn without_manifest(mut files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    files.retain(|name, _| !name.starts_with("MANIFEST"));
    files
}

#[test]
fn every_kept_file_comes_off_a_disc_as_it_came_in_by_our_reader_and_by_an_independent_one() {
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    assert_eq!(site.run(&["import", "--json", folder.to_str().unwrap()]).code, Some(3));
    let studies = site.json(&["studies", "--json", "--limit", "100000"]);
    let uid = |study: &Value| study["study_instance_uid"].as_str().unwrap().to_owned();
    let uids: BTreeSet<String> = studies.as_array().unwrap().iter().map(uid).collect();
    let arguments: Vec<&str> = uids.iter().flat_map(|uid| ["--study", uid]).collect();
    let (image, code, report) = write(&site, "all.iso", &arguments);
    assert_eq!(report["bytes"], fs::metadata(&image).unwrap().len());

    let saved = site.path("saved");
    let ran = open(&site, &image, &code, &saved);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let found = sums(&saved);
    assert_eq!(without_manifest(found.clone()), listed(&saved));
    let kept = kept::read_back(&site).into_iter().filter(|kept| kept.row.current && !kept.row.damaged);
    let mut kept: Vec<String> = kept.map(|kept| kept.sha256).collect();
    let instances = found.iter().filter(|(name, _)| name.starts_with("DICOM/"));
    let mut on_disc: Vec<String> = instances.map(|(_, sum)| sum.clone()).collect();
    kept.sort();
    on_disc.sort();
    assert_eq!(on_disc, kept);

    for (program, arguments) in [
        ("isoinfo", ["-l", "-i", image.to_str().unwrap()].as_slice()),
        ("xorriso", &["-indev", image.to_str().unwrap(), "-find", "/"]),
    ] {
        if let Some(ran) = peers::run(program, arguments, &site.path("")) {
            assert!(
                ran.code == Some(0) && ran.out.contains("B0000000.JS"),
                "{program}: {}{}",
                ran.out,
                ran.err
            );
        }
    }
    let Some(copied) = peers::unpack(&image, &site.path("copied")) else { return };
    let again = site.path("again");
    let [from, code, to] = [&copied, &code, &again].map(|path| path.to_str().unwrap());
    let Some(index) = peers::python("open_disc.py", &[from, code, to], &site.path(""), Some("cryptography"))
    else {
        return;
    };
    assert!(index["files"].as_array().unwrap().len() == found.len() && sums(&again) == found);
}

#[test]
fn the_independent_reader_agrees_with_the_test_vectors() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sealed-disc.md");
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--vectors", page.to_str().unwrap()];
    peers::python("open_disc.py", &arguments, folder.path(), Some("cryptography"));
}

#[test]
fn a_wrong_code_and_a_missing_a_damaged_and_a_foreign_part_are_told_apart() {
    let (site, study, other) = (Site::new(), samples::ct(120, 3), samples::ct(3, 4));
    import(&site, &study);
    import(&site, &other);
    let (image, code, _) = write(&site, "disc.iso", &["--study", &study.study_instance_uid]);
    let (foreign, foreign_code, _) = write(&site, "foreign.iso", &["--study", &other.study_instance_uid]);
    let whole = verify(&site, &image, &code);
    assert_eq!((whole.code, &whole.json()["lost"]), (Some(0), &serde_json::json!([])), "{}", whole.err);
    assert_eq!(whole.json()["page"], "ours");
    let wrong = verify(&site, &image, &foreign_code);
    assert!(wrong.code == Some(1) && wrong.err.contains("not the opening code"), "{}", wrong.err);
    fs::write(site.path("slip"), fs::read_to_string(&code).unwrap().replacen('-', "x-", 1)).unwrap();
    let slip = verify(&site, &image, &site.path("slip"));
    assert!(slip.code == Some(1) && slip.err.contains("word 1 is not one"), "{}", slip.err);

    let (Some(copied), Some(foreign)) =
        (peers::unpack(&image, &site.path("a")), peers::unpack(&foreign, &site.path("b")))
    else {
        return;
    };
    let part = copied.join("DATA/B0000001.JS");
    let good = fs::read(&part).unwrap();
    let mut damaged = good.clone();
    damaged[2_000_000] ^= 1;
    let foreign_part = fs::read(foreign.join("DATA/B0000000.JS")).unwrap();
    for (bytes, fault) in
        [(None, "missing"), (Some(&damaged), "damaged"), (Some(&foreign_part), "from another disc")]
    {
        drop(fs::remove_file(&part));
        if let Some(bytes) = bytes {
            fs::write(&part, bytes).unwrap();
        }
        let saved = site.path(fault);
        let ran = open(&site, &copied, &code, &saved);
        assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
        let report = ran.json();
        let bad = serde_json::json!([{ "part": 2, "file": "DATA/B0000001.JS", "fault": fault }]);
        assert_eq!(report["bad_parts"], bad);
        // What does not lie in the bad part is saved, and nothing else.
        let lost = report["lost"].as_array().unwrap();
        assert!(
            !lost.is_empty() && lost.iter().all(|lost| !saved.join(lost["path"].as_str().unwrap()).exists())
        );
        let saved = sums(&saved);
        assert_eq!(report["files"], saved.len() + lost.len());
        assert!(!saved.is_empty());
    }
    fs::write(&part, good).unwrap();
    let index = copied.join("INDEX.HTM");
    for (page, exit, said) in [("<h1>Another</h1>", 0, "another"), ("", 3, "missing")] {
        fs::write(&index, page).unwrap();
        let ran = verify(&site, &copied, &code);
        assert_eq!((ran.code, &ran.json()["page"]), (Some(exit), &said.into()), "{}", ran.out);
    }
    fs::remove_file(&index).unwrap();
    assert_eq!(verify(&site, &copied, &code).code, Some(3));
    fs::remove_file(copied.join("DATA/H0000000.JS")).unwrap();
    let headless = verify(&site, &copied, &code);
    assert!(headless.code == Some(1) && headless.err.contains("H0000000.JS) is missing"), "{}", headless.err);
}

#[test]
fn a_disc_is_sealed_with_a_given_code_and_refused_where_it_does_not_fit_or_the_code_is_chosen() {
    let (site, study) = (Site::new(), samples::ct(3, 5));
    import(&site, &study);
    let out = site.path("given.iso");
    let code = site.path("code");
    let package = |typed: &str| {
        fs::write(&code, typed).unwrap();
        let [out, code] = [&out, &code].map(|path| path.to_str().unwrap());
        let words = ["package", "disc", "--study", &study.study_instance_uid, "--out", out];
        site.run(&[&words, ["--passphrase-file", code, "--media", "cd"].as_slice()].concat())
    };
    let refused = package("Summer2026");
    assert!(refused.code == Some(1) && !out.exists(), "{}", refused.err);
    assert!(!refused.err.contains("Summer"), "{}", refused.err);
    let ran = package("abacus zoom outfit velcro crumb sixtieth");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!ran.out.contains("abacus"), "a code that was given is not repeated");
    assert_eq!(verify(&site, &out, &code).code, Some(0));
    let image = fs::read(&out).unwrap();
    let patient = study.patient.name.as_bytes();
    assert!(!image.windows(patient.len()).any(|window| window == patient));
}
