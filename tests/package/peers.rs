//! Other people's programs.

use crate::common::{self, Ran, installed};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a program in a folder; `None`, said aloud, if it is not installed.
pub fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<Ran> {
    installed(program).then(|| common::run(Command::new(program).args(arguments).current_dir(folder), folder))
}

/// Has every program at hand read a ZIP archive to its end, and find nothing amiss.
pub fn assert_all_read(zip: &Path) {
    let folder = zip.parent().unwrap();
    let path = zip.to_str().unwrap();
    for (program, arguments) in [
        ("unzip", vec!["-tqq", path]),
        ("7z", vec!["t", "-bso0", "-bsp0", path]),
        ("bsdtar", vec!["-tf", path]),
    ] {
        if let Some(ran) = run(program, &arguments, folder) {
            assert!(ran.code == Some(0) && ran.err.is_empty(), "{program}: {}{}", ran.out, ran.err);
        }
    }
    let read = python("read_zip.py", &[path, "whole"], folder, None);
    assert!(read.is_none_or(|read| read["broken"].is_null()));
}

/// Runs a script of `tests/peers`, which needs a module, and gives the JSON it prints.
pub fn python(script: &str, arguments: &[&str], folder: &Path, module: Option<&str>) -> Option<Value> {
    let python = common::python(module.unwrap_or("zipfile"))?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script);
    let ran = common::run(Command::new(python).arg(script).args(arguments).current_dir(folder), folder);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    Some(ran.json())
}

/// Copies a disc to a folder.
pub fn unpack(image: &Path, folder: &Path) -> Option<PathBuf> {
    let into = format!("-o{}", folder.display());
    let arguments = ["x", "-bso0", "-bsp0", &into, image.to_str().unwrap()];
    let ran = run("7z", &arguments, image.parent().unwrap())?;
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    Some(folder.to_owned())
}

/// Errors that are the instances' own: their UIDs, which a directory must repeat, and their geometry; and one
/// where dicom3tools wants what an instance without evidence cannot have.
pub fn is_of_the_instance(error: &str) -> bool {
    ["UID", "Orientation vector", "<ReferencedImageEvidenceSequence>", "invalid data values for Value Rep"]
        .iter()
        .any(|known| error.contains(known))
}
