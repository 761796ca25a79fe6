//! Discs of Secure DICOM files: opened by OpenSSL and by this program, and files that OpenSSL secured.

use crate::common::{self, Site, corpus};
use crate::peers;
use crate::plain::{import, in_folder};
use imaging::opening_code::OpeningCode;
use imaging::samples;
use imaging::secure_media::{SecureError, Unlocker};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CODE: &str = "abacus-zoom-outfit-velcro-crumb-sixtieth";
/// id-digestedData, as an element.
const DIGESTED_DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x05";

/// What OpenSSL makes of a file with these words; nothing if it is not installed.
fn openssl(words: &[&str], file: &Path, to: &Path) -> Option<Vec<u8>> {
    let [file_name, to_name] = [file, to].map(|path| path.to_str().unwrap());
    let words = [&["cms", "-binary", "-in", file_name, "-out", to_name], words].concat();
    let ran = peers::run("openssl", &words, to.parent().unwrap())?;
    assert_eq!(ran.code, Some(0), "{}: {}{}", file.display(), ran.out, ran.err);
    Some(fs::read(to).unwrap())
}

/// An element of BER of indefinite length, around what is there.
fn around(tag: u8, inner: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], inner, &[0, 0]].concat()
}

/// The file in a Secure DICOM file, by OpenSSL alone: decrypted, and its digest verified.
fn by_openssl(secure: &Path, scratch: &Path) -> Option<Vec<u8>> {
    let [digested, wrapped, file] = ["digested", "wrapped", "file"].map(|name| scratch.join(name));
    let words = ["-decrypt", "-inform", "DER", "-pwri_password", CODE];
    let content = openssl(&words, secure, &digested)?;
    // It verifies nothing that does not say what it is.
    fs::write(&wrapped, around(0x30, &[DIGESTED_DATA, &around(0xA0, &content)].concat())).unwrap();
    openssl(&["-digest_verify", "-inform", "DER"], &wrapped, &file)
}

/// A disc of these studies, and the folder its files were copied to, by 7-Zip.
fn disc(site: &Site, studies: &[&str]) -> (PathBuf, Option<PathBuf>) {
    let (image, code) = (site.path("secure.iso"), site.path("code"));
    fs::write(&code, CODE).unwrap();
    let mut words = vec!["package", "disc", "--secure", "--json", "--several-patients"];
    words.extend(studies.iter().flat_map(|uid| ["--study", uid]));
    words.extend(["--passphrase-file", code.to_str().unwrap(), "--out", image.to_str().unwrap()]);
    let report = site.json(&words);
    assert_eq!(report["passphrase"], json!(null));
    assert!(report["profile"].as_str().unwrap().starts_with("STD-GEN-SEC-"), "{report}");
    let copied = peers::unpack(&image, &site.path("copied"));
    (image, copied)
}

fn relative(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    common::files(folder).keys().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

#[test]
fn openssl_opens_every_file_and_finds_what_this_program_saves() {
    let (site, ct, clip) = (Site::new(), samples::ct(3, 5), samples::ultrasound_cine(5));
    import(&site, &[ct.clone(), clip.clone()]);
    let (image, copied) = disc(&site, &[&ct.study_instance_uid, &clip.study_instance_uid]);
    let [image, code, out] =
        [image, site.path("code"), site.path("out")].map(|path| path.to_str().unwrap().to_owned());
    let opened = site.json(&["disc", "open", "--json", &image, "--passphrase-file", &code, "--out", &out]);
    assert_eq!(opened["lost"], json!([]));
    let saved = relative(Path::new(&out));
    assert_eq!(saved.len(), 3 + 1 + 4, "{:?}", saved.keys());
    let verified = site.json(&["disc", "verify", "--json", &image, "--passphrase-file", &code]);
    assert_eq!((&verified["faults"], &verified["instances"]), (&json!([]), &json!(4)));
    assert!(verified["profile"].as_str().unwrap().contains("STD-GEN-SEC"), "{verified}");
    if let Some(read) = peers::python("file_set.py", &[&out], Path::new(&out), Some("pydicom")) {
        assert_eq!(read["files"].as_array().unwrap().len(), 4);
    }
    for (program, words) in
        [("isoinfo", vec!["-d", "-i", &image]), ("7z", vec!["t", "-bso0", "-bsp0", &image])]
    {
        let ran = peers::run(program, &words, &site.path(""));
        assert!(ran.is_none_or(|ran| ran.code == Some(0)), "{program}");
    }
    let Some(copied) = copied else { return };
    for (name, on_disc) in relative(&copied) {
        if name.ends_with(".HTM") || name.ends_with(".TXT") {
            assert_eq!(saved[&name], on_disc);
            for study in [&ct, &clip] {
                let text = String::from_utf8(on_disc.clone()).unwrap();
                assert!(!text.contains(&study.patient.id) && !text.contains(&study.study_instance_uid));
            }
            continue;
        }
        let Some(file) = by_openssl(&copied.join(&name), &site.path("")) else { continue };
        assert!(file == saved[&name], "{name}");
    }
    site.assert_sound();
    assert_eq!(site.files("blobs").len(), 2, "the disc's own archives are gone");
}

#[test]
fn damage_and_a_wrong_code_are_told_apart_and_nothing_that_is_damaged_is_saved() {
    let (site, ct) = (Site::new(), samples::ct(2, 5));
    import(&site, std::slice::from_ref(&ct));
    let (image, copied) = disc(&site, &[&ct.study_instance_uid]);
    let (image, code, out) = (image.to_str().unwrap(), site.path("code"), site.path("out"));
    let [code, out] = [&code, &out].map(|path| path.to_str().unwrap());
    let unnamed = site.run(&["disc", "verify", image]);
    assert!(unnamed.code == Some(1) && unnamed.err.contains("--passphrase-file"), "{}", unnamed.err);
    let Some(copied) = copied else { return };
    let name = "DICOM/PA000001/ST000001/SE000001/IM000002";
    let mut file = fs::read(copied.join(name)).unwrap();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    fs::remove_file(copied.join(name)).unwrap();
    fs::write(copied.join(name), file).unwrap();
    let words = ["disc", "open", "--json", copied.to_str().unwrap(), "--passphrase-file", code, "--out", out];
    let opened = site.run(&words);
    assert_eq!(opened.code, Some(3), "{}", opened.err);
    assert_eq!(opened.json()["lost"][0]["path"], name);
    assert!(!Path::new(out).join(name).exists());
    assert_eq!(
        site.run(&["disc", "verify", copied.to_str().unwrap(), "--passphrase-file", code]).code,
        Some(3)
    );
    fs::write(code, "outfit-zoom-abacus-velcro-crumb-sixtieth").unwrap();
    let refused = site.run(&["disc", "verify", image, "--passphrase-file", code]);
    assert!(refused.code == Some(1) && refused.err.contains("the code does not open"), "{}", refused.err);
}

#[test]
fn what_openssl_secured_opens_whatever_its_lengths_are() {
    let scratch = tempfile::tempdir().unwrap();
    let (plain, secure) = (scratch.path().join("plain"), scratch.path().join("secure"));
    let content: Vec<u8> = (0..300_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    fs::write(&plain, &content).unwrap();
    let digested = scratch.path().join("digested");
    let made = ["-digest_create", "-md", "sha256", "-outform", "DER"];
    let Some(_) = openssl(&made, &plain, &digested) else { return };
    let unlocker = Unlocker::new(&OpeningCode::parse(CODE).unwrap());
    for more in [&["-aes256"][..], &["-aes128", "-stream"], &["-aes192", "-indef"]] {
        let words = [&["-encrypt", "-outform", "DER", "-pwri_password", CODE], more].concat();
        let secured = openssl(&words, &digested, &secure).unwrap();
        let mut opened = Vec::new();
        unlocker.read(secured.as_slice(), &mut opened).unwrap();
        assert!(opened == content, "{more:?}");
    }
    // Without a digest nothing shows that it is whole.
    let bare = ["-encrypt", "-outform", "DER", "-aes256", "-pwri_password", CODE];
    let bare = openssl(&bare, &plain, &secure).unwrap();
    assert!(unlocker.read(bare.as_slice(), &mut Vec::new()).is_err());
    let changed = ["-encrypt", "-outform", "DER", "-aes256", "-pwri_password", "another"];
    let other = openssl(&changed, &digested, &secure).unwrap();
    assert!(matches!(unlocker.read(other.as_slice(), &mut Vec::new()), Err(SecureError::Code)));
}

#[test]
fn real_files_are_the_same_after_openssl_opened_them() {
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    let names = in_folder(&folder, "pydicom_small");
    for name in &names {
        site.run(&["import", "--json", folder.join(name).to_str().unwrap()]);
    }
    let studies = site.json(&["studies", "--json"]);
    let mut opened = 0;
    for study in studies.as_array().unwrap().iter().take(12) {
        let uid = study["study_instance_uid"].as_str().unwrap();
        let [secure, plain, code] = ["secure.iso", "plain.iso", "code"].map(|name| site.path(name));
        fs::write(&code, CODE).unwrap();
        let words = |kind, out: &Path| {
            let out = out.to_str().unwrap().to_owned();
            ["package", "disc", kind, "--json", "--several-patients", "--study", uid, "--out"]
                .map(str::to_owned)
                .into_iter()
                .chain([out])
                .collect::<Vec<String>>()
        };
        let run = |words: Vec<String>, more: &[&str]| {
            let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
            site.run(&words).code
        };
        let code = code.to_str().unwrap();
        let made = run(words("--plain", &plain), &[]);
        assert_eq!(run(words("--secure", &secure), &["--passphrase-file", code]), made, "{uid}");
        if made != Some(0) {
            continue;
        }
        let [Some(secure_files), Some(plain_files)] =
            [(&secure, "s"), (&plain, "p")].map(|(image, name)| peers::unpack(image, &site.path(name)))
        else {
            return;
        };
        for (name, plain) in relative(&plain_files).iter().filter(|(name, _)| name.starts_with("DICOM/")) {
            let Some(file) = by_openssl(&secure_files.join(name), &site.path("")) else { return };
            assert!(file == *plain, "{uid} {name}");
            opened += 1;
        }
        for path in [&secure, &plain] {
            fs::remove_file(path).unwrap();
        }
        for folder in [secure_files, plain_files] {
            fs::remove_dir_all(folder).unwrap();
        }
    }
    assert!(opened > 8, "only {opened}");
}
