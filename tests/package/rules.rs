//! What a package holds and what it does not, and when there is none.

use crate::common::{Site, kept, made, send};
use crate::peers;
use imaging::manifest::Manifest;
use imaging::samples::{self, SampleStudy};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

fn import(site: &Site, study: &SampleStudy, indexes: std::ops::Range<usize>) {
    let folder = tempfile::tempdir().unwrap();
    for index in indexes.clone() {
        send::write_file(&folder.path().join(format!("{index}.dcm")), study, index);
    }
    let report = site.json(&["import", "--json", folder.path().to_str().unwrap()]);
    assert_eq!(report["kept"], indexes.len(), "{report}");
}

fn package(site: &Site, name: &str, arguments: &[&str]) -> (PathBuf, serde_json::Value) {
    let out = site.path(name);
    let report =
        site.json(&[&["package", "zip", "--json", "--out", out.to_str().unwrap()], arguments].concat());
    (out, report)
}

fn entry(zip: &Path, name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn manifest(zip: &Path) -> Manifest {
    serde_json::from_slice(&entry(zip, "MANIFEST.TXT")).unwrap()
}

#[test]
fn a_late_instance_is_in_the_next_package_and_the_manifest_is_signed_by_the_hospital() {
    let (site, study) = (Site::new(), samples::ct(4, 7));
    let uid = study.study_instance_uid.as_str();
    import(&site, &study, 0..3);
    let (first, report) = package(&site, "first.zip", &["--study", uid]);
    assert_eq!(report["counts"]["instances"], 3);
    import(&site, &study, 3..4);
    let (second, later) = package(&site, "second.zip", &["--study", uid]);
    assert_eq!(later["counts"]["instances"], 4);
    assert_ne!(report["etag"], later["etag"]);
    peers::assert_all_read(&second);
    assert_eq!(manifest(&first).counts.instances, 3);
    let manifest = manifest(&second);
    for instance in &manifest.patients[0].studies[0].series[0].instances {
        assert_eq!(kept::sha256(&entry(&second, &instance.file)), instance.sha256);
    }

    let key = site.run(&["keys", "show"]).out;
    let key = &key[key.find("-----BEGIN").unwrap()..key.find("-----END").unwrap() + 24];
    fs::write(site.path("hospital.pem"), key).unwrap();
    for (changed, verdict) in [(false, Some(0)), (true, Some(1))] {
        let mut text = entry(&second, "MANIFEST.TXT");
        text[40] ^= u8::from(changed);
        fs::write(site.path("MANIFEST.TXT"), text).unwrap();
        fs::write(site.path("MANIFEST.SIG"), entry(&second, "MANIFEST.SIG")).unwrap();
        let arguments =
            "pkeyutl -verify -pubin -inkey hospital.pem -rawin -in MANIFEST.TXT -sigfile MANIFEST.SIG";
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let Some(ran) = peers::run("openssl", &arguments, &site.path("")) else { return };
        assert_eq!(ran.code, verdict, "{}{}", ran.out, ran.err);
    }
}

#[test]
fn a_damaged_instance_stays_out_until_it_is_accepted() {
    let site = Site::new();
    let service = site.serve();
    let (whole, mut cut) = (made::instance("1.2.77", 1, 400, 1), made::instance("1.2.77", 2, 400, 2));
    cut.data_set.truncate(cut.data_set.len() - 7);
    let mut scu = made::associate(service.dimse).unwrap();
    assert_eq!(made::store(&mut scu, &whole).unwrap(), 0);
    assert_eq!(made::store(&mut scu, &cut).unwrap(), 0);
    scu.release().unwrap();
    service.stop();

    let (zip, report) = package(&site, "careful.zip", &["--study", "1.2.77"]);
    assert_eq!((&report["counts"]["instances"], &report["counts"]["withheld"]), (&1.into(), &1.into()));
    assert_eq!(manifest(&zip).withheld[0].sop_instance_uid, cut.uid);
    assert!(String::from_utf8(entry(&zip, "README.TXT")).unwrap().contains("NOT HERE"));

    let studies = site.json(&["studies", "--json", "--instances"]);
    let kept = studies[0]["kept"].as_array().unwrap();
    let damaged = kept.iter().find(|instance| instance["damaged"] == true).unwrap();
    let id = damaged["ingest_id"].as_str().unwrap();
    let (_, report) = package(&site, "all.zip", &["--study", "1.2.77", "--accept-damaged", id]);
    assert_eq!((&report["counts"]["instances"], &report["counts"]["withheld"]), (&2.into(), &0.into()));
}

#[test]
fn what_is_not_meant_is_refused_and_leaves_no_file() {
    let (site, one, other) = (Site::new(), samples::ct(1, 1), samples::xray(2));
    import(&site, &one, 0..1);
    import(&site, &other, 0..1);
    let out = site.path("package.zip");
    let package = |studies: &[&str]| {
        let uids = studies.iter().flat_map(|uid| ["--study", uid]);
        let arguments: Vec<&str> =
            ["package", "zip", "--out", out.to_str().unwrap()].into_iter().chain(uids).collect();
        site.run(&arguments)
    };
    let (one, other) = (one.study_instance_uid.as_str(), other.study_instance_uid.as_str());
    for (studies, why) in [(vec![one, other], "2 patients"), (vec!["1.2.3.4"], "no study 1.2.3.4")] {
        let ran = package(&studies);
        assert!(ran.code == Some(1) && ran.err.contains(why), "{}", ran.err);
        assert!(!out.exists());
    }
    assert_eq!(package(&[one]).code, Some(0));
    let ran = package(&[other]);
    assert!(ran.code == Some(1) && ran.err.contains("not overwritten"), "{}", ran.err);
    let left: Vec<_> = fs::read_dir(site.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{left:?}");
}
