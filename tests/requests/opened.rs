//! What recipients get, opened: it holds exactly what came in.

use crate::common::{Ran, Site, kept, send};
use imaging::samples::SampleStudy;
use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::Path;

/// The path of the link that was mailed for a request.
pub fn link_of(site: &Site, reference: &str) -> String {
    let mails = site.files("mail").into_keys();
    let mut mails =
        mails.map(|path| fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("=3D", "="));
    let mail = mails.find(|mail| mail.contains(reference)).unwrap();
    format!("/l/{}", mail.lines().find_map(|line| line.split_once("/l/")).unwrap().1.trim())
}

/// A ZIP archive holds each instance of a study once, as it came in.
pub fn assert_zip_holds(site: &Site, name: &str, zip: Vec<u8>, study: &SampleStudy) {
    let out = site.path(&format!("{name}-saved"));
    zip::ZipArchive::new(Cursor::new(zip)).unwrap().extract(&out).unwrap();
    assert_holds(&out.join("DICOM"), study);
}

/// A disc opens with its code to each instance of a study once, as it came in.
pub fn assert_disc_holds(site: &Site, name: &str, image: &Path, code: &str, study: &SampleStudy) {
    let out = site.path(&format!("{name}-opened"));
    let opened = open_disc(site, image, code, &out);
    assert_eq!(opened.code, Some(0), "{}{}", opened.out, opened.err);
    assert_holds(&out.join("DICOM"), study);
}

/// Tries to open a disc with a code.
pub fn open_disc(site: &Site, image: &Path, code: &str, out: &Path) -> Ran {
    let file = site.path("opening.code");
    fs::write(&file, code).unwrap();
    let [image, out, file] = [image, out, &file].map(|path| path.to_str().unwrap());
    site.run(&["disc", "open", image, "--out", out, "--passphrase-file", file])
}

fn assert_holds(folder: &Path, study: &SampleStudy) {
    let saved = kept::data_sets_below(folder);
    assert_eq!(saved.len(), study.instances.len(), "each once");
    assert_eq!(BTreeSet::from_iter(saved), send::data_sets(study));
}
