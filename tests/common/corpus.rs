//! The real files, which are not part of the project: found by `FILMROOM_CORPUS`, else in
//! `../shared/dicom` beside the workspace.

use std::fs;
use std::path::{Path, PathBuf};

/// A row of the list of files.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its path in the corpus.
    pub file: String,
    pub sha256: String,
    /// `keep`, `refuse` or `either`.
    pub verdict: String,
}

/// Where the files are; `None`, said aloud, if they are not.
pub fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/dicom");
    let folder = super::told("FILMROOM_CORPUS").map_or_else(beside, PathBuf::from);
    if !folder.join("MANIFEST.tsv").is_file() {
        super::skipped("no test files; set FILMROOM_CORPUS to the folder that holds MANIFEST.tsv");
        return None;
    }
    Some(folder.canonicalize().unwrap())
}

/// The list of files.
pub fn listed(folder: &Path) -> Vec<Listed> {
    let manifest = fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let mut lines = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let columns = lines.next().unwrap();
    let column = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let (file, sha256, verdict) = (column("file"), column("sha256"), column("verdict"));
    lines
        .map(|line| Listed {
            file: line[file].to_owned(),
            sha256: line[sha256].to_owned(),
            verdict: line[verdict].to_owned(),
        })
        .collect()
}
