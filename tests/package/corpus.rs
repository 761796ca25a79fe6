//! Every real file that is kept, in one package.

use crate::common::{Site, corpus, kept};
use crate::peers;
use imaging::manifest::{ListedInstance, Manifest};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// Everything the library has, as one ZIP archive.
fn package_all(site: &Site) -> std::path::PathBuf {
    let studies = site.json(&["studies", "--json", "--limit", "100000"]);
    let uids: BTreeSet<&str> = studies
        .as_array()
        .unwrap()
        .iter()
        .map(|study| study["study_instance_uid"].as_str().unwrap())
        .collect();
    let out = site.path("all.zip");
    let mut arguments =
        vec!["package", "zip", "--json", "--several-patients", "--out", out.to_str().unwrap()];
    uids.into_iter().for_each(|uid| arguments.extend(["--study", uid]));
    site.json(&arguments);
    out
}

/// Unpacks an archive and gives the SHA-256 of every file in it.
fn unpack(zip: &Path, into: &Path) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let (name, mut bytes) = (entry.name().unwrap().into_owned(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        fs::create_dir_all(into.join(&name).parent().unwrap()).unwrap();
        fs::write(into.join(&name), &bytes).unwrap();
        files.insert(name, kept::sha256(&bytes));
    }
    files
}

fn instances(manifest: &Manifest) -> Vec<&ListedInstance> {
    let studies = manifest.patients.iter().flat_map(|patient| &patient.studies);
    studies.flat_map(|study| &study.series).flat_map(|series| &series.instances).collect()
}

#[test]
fn every_kept_file_is_in_the_package_as_it_came_and_every_reader_opens_it() {
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    let imported = site.run(&["import", "--json", folder.to_str().unwrap()]);
    assert_eq!(imported.code, Some(3), "{}", imported.err);
    let zip = package_all(&site);
    peers::assert_all_read(&zip);

    let unpacked = site.path("unpacked");
    let files = unpack(&zip, &unpacked);
    let manifest: Manifest =
        serde_json::from_slice(&fs::read(unpacked.join("MANIFEST.TXT")).unwrap()).unwrap();
    let listed = instances(&manifest);
    assert!(listed.len() > 300, "{} instances", listed.len());
    for instance in &listed {
        assert_eq!(files.get(&instance.file), Some(&instance.sha256), "{}", instance.file);
    }
    for paper in &manifest.papers {
        assert_eq!(files.get(&paper.file), Some(&paper.sha256), "{}", paper.file);
    }
    assert_eq!(files.len(), listed.len() + manifest.papers.len() + 2, "the manifest counts every file");

    // What is handed out is what the library keeps, of which another test says that it is what came in.
    let handed_out = kept::read_back(&site).into_iter().filter(|kept| kept.row.current && !kept.row.damaged);
    let mut expected: Vec<String> = handed_out.map(|kept| kept.sha256).collect();
    let mut found: Vec<String> = listed.iter().map(|instance| instance.sha256.clone()).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);

    directory_is_accepted(&unpacked, &listed);
}

fn directory_is_accepted(folder: &Path, listed: &[&ListedInstance]) {
    if let Some(ran) = peers::run("dcdirdmp", &["-p", "DICOMDIR"], folder) {
        let errors: Vec<&str> =
            ran.err.lines().filter(|line| line.to_lowercase().contains("error")).collect();
        assert!(ran.code == Some(0) && errors.is_empty(), "{errors:?}");
    }
    if let Some(ran) = peers::run("dciodvfy", &["DICOMDIR"], folder) {
        let errors: Vec<&str> = ran
            .err
            .lines()
            .filter(|line| line.starts_with("Error") && !peers::is_of_the_instance(line))
            .collect();
        assert!(ran.err.contains("BasicDirectory"), "{}", ran.err);
        assert_eq!(errors, [] as [&str; 0]);
    }
    let Some(read) = peers::python("file_set.py", &[folder.to_str().unwrap()], folder, Some("pydicom"))
    else {
        return;
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let referred: BTreeMap<String, String> = read["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (text(&file["file"]), text(&file["uid"])))
        .collect();
    let in_directory = listed.iter().filter(|instance| instance.in_directory);
    let expected: BTreeMap<String, String> =
        in_directory.map(|instance| (instance.file.clone(), instance.uid.clone())).collect();
    assert_eq!(referred, expected);
    assert!(expected.len() < listed.len(), "some classes have no record");
}
