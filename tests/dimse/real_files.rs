//! Everything of the real files that a C-STORE can carry.

use crate::common::corpus;
use crate::common::kept::{self, sha256};
use crate::common::{self, Site};
use crate::peer;
use imaging::files::FileReader;
use imaging::index::Limits;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A data set of the corpus as it is sent.
struct Sent {
    name: String,
    item: Value,
    uid: String,
    syntax: String,
    sha256: String,
}

/// A listed file as an item; `None` if it is no instance, or does not say which.
fn item(folder: &Path, file: &str) -> Option<Sent> {
    let source = fs::read(folder.join(file)).unwrap();
    let mut reader = FileReader::open(source.as_slice(), Limits::default()).ok()?;
    let (info, says) = (reader.info().clone(), reader.header().identity());
    if says.ok()? != info.identity {
        return None;
    }
    let (mut bytes, mut piece) = (0, vec![0; 1 << 16]);
    loop {
        match reader.read(&mut piece).ok()? {
            0 => break,
            read => bytes += read,
        }
    }
    let data_set_bytes = bytes - usize::try_from(info.header_bytes).unwrap();
    let offset = source.len() - data_set_bytes;
    let (uid, syntax) = (info.identity.sop_instance_uid, info.transfer_syntax_uid);
    let item = json!({
        "name": file, "path": folder.join(file), "offset": offset,
        "class": info.identity.sop_class_uid, "uid": uid, "syntax": syntax,
    });
    Some(Sent { name: file.to_owned(), item, uid, syntax, sha256: sha256(&source[offset..]) })
}

#[test]
fn every_real_instance_is_taken_from_pynetdicom_and_comes_back_with_the_bytes_as_sent() {
    let (Some(folder), Some(python)) = (corpus::folder(), peer::python()) else { return };
    let rows = corpus::listed(&folder).into_iter().filter(|row| row.verdict == "keep");
    let sent: Vec<Sent> = rows.filter_map(|row| item(&folder, &row.file)).collect();
    let site = Site::new();
    let service = site.serve();
    let items: Vec<&Value> = sent.iter().map(|sent| &sent.item).collect();
    let told = peer::job(&python, &site, &service, &json!({ "job": "store", "items": items }));
    let statuses: BTreeMap<String, String> = serde_json::from_value(told["statuses"].clone()).unwrap();
    let refused: Vec<_> = statuses.iter().filter(|(_, status)| *status != "0000").collect();
    assert!(refused.is_empty(), "{refused:?}\nThe service said:\n{}", service.said());
    assert_eq!(statuses.len(), sent.len());
    kept::settled(&site);
    service.stop();
    site.assert_sound();

    let kept: BTreeSet<_> = kept::read_back(&site)
        .into_iter()
        .map(|kept| (kept.row.sop_instance_uid, kept.row.transfer_syntax_uid, kept.data_set_sha256))
        .collect();
    let lost: Vec<&str> = sent
        .iter()
        .filter(|sent| !kept.contains(&(sent.uid.clone(), sent.syntax.clone(), sent.sha256.clone())))
        .map(|sent| sent.name.as_str())
        .collect();
    assert!(lost.is_empty(), "acknowledged, and not there as sent: {lost:?}");
    let syntaxes: BTreeSet<&str> = sent.iter().map(|sent| sent.syntax.as_str()).collect();
    assert!(sent.len() > 340 && syntaxes.len() > 15, "{} in {} syntaxes", sent.len(), syntaxes.len());
    common::say(&format!(
        "pynetdicom: {} instances in {} transfer syntaxes over {} associations, {} different ones kept as sent",
        sent.len(),
        syntaxes.len(),
        told["associations"],
        kept.len()
    ));
}

/// What dcmtk's report says of each file: its path and the status it was answered with.
fn reported(report: &str) -> Vec<(PathBuf, String)> {
    let value = |line: &str| line.split_once(": ").map(|(_, value)| value.trim().to_owned()).unwrap();
    let (mut found, mut path) = (Vec::new(), PathBuf::new());
    for line in report.lines() {
        if line.starts_with("Filename      :") {
            path = PathBuf::from(value(line));
        } else if line.starts_with("DIMSE Status  :") {
            found.push((path.clone(), value(line)));
        }
    }
    found
}

/// The SOP Instance UID in a file's data set, which is the one dcmtk sends.
fn uid_of(path: &Path) -> String {
    let reader = FileReader::open(File::open(path).unwrap(), Limits::default()).unwrap();
    reader.info().identity.sop_instance_uid.clone()
}

#[test]
fn what_dcmtk_can_send_of_the_real_files_is_taken_and_listed() {
    if !common::installed("dcmsend") {
        return;
    }
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    let service = site.serve();
    let report = site.path("report");
    let mut command = Command::new("dcmsend");
    command.args([
        "-aec",
        "FILMROOM",
        "--no-halt",
        "--decompress-never",
        "--no-uid-checks",
        "+sd",
        "+r",
        "+crf",
    ]);
    command.arg(&report).args(["127.0.0.1", &service.dimse.port().to_string()]);
    let folders = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    command.args(
        folders.filter(|path| path.is_dir() && !path.ends_with("broken") && !path.ends_with("LICENSES")),
    );
    let ran = common::run(&mut command, &site.path(""));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let reported = reported(&String::from_utf8_lossy(&fs::read(&report).unwrap()));
    kept::settled(&site);
    service.stop();
    site.assert_sound();

    let success = |(_, status): &&(PathBuf, String)| status.starts_with("0x0000");
    let taken: BTreeSet<String> = reported.iter().filter(success).map(|(path, _)| uid_of(path)).collect();
    let kept: BTreeSet<String> =
        kept::read_back(&site).into_iter().map(|kept| kept.row.sop_instance_uid).collect();
    let lost: Vec<_> = taken.difference(&kept).collect();
    assert!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
    // What is not taken says no Study UID, or another identity than its file's header, which dcmtk repeats.
    let strange: Vec<_> = reported
        .iter()
        .filter(|(_, status)| {
            !["0x0000", "0xa900", "0xc000", "<not sent>"].iter().any(|own| status.starts_with(own))
        })
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
    let count = |status: &str| reported.iter().filter(|(_, own)| own.starts_with(status)).count();
    assert!(count("0x0000") > 300, "{} taken", count("0x0000"));
    common::say(&format!(
        "dcmtk: {} taken, {} with A900, {} with C000, {} that it could not send",
        count("0x0000"),
        count("0xa900"),
        count("0xc000"),
        count("<not sent>")
    ));
}
