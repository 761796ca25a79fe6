//! Real files in Explicit VR Little Endian, pixel for pixel and element for element what pydicom reads in both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "common/mod.rs"]
mod common;

use common::{Ran, corpus};
use imaging::files::FileReader;
use imaging::index::{Identity, Limits};
use imaging::transcode::{Into, Plan, TranscodeError};
use std::fs;
use std::path::Path;
use std::process::Command;

/// JPEG Baseline and Extended.
const LOSING: [&str; 2] = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"];
/// Decoders round otherwise, and draw halved colours out otherwise.
const MOST_APART: i64 = 12;

/// A file as the library keeps it, and what it is known by; nothing if it is not taken.
fn kept(source: &[u8]) -> Option<(Vec<u8>, Identity)> {
    let mut reader = FileReader::open(source, Limits::default()).ok()?;
    let (identity, mut kept, mut buf) = (reader.info().identity.clone(), Vec::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut buf).ok()? {
            0 => return Some((kept, identity)),
            count => kept.extend_from_slice(&buf[..count]),
        }
    }
}

fn transcode(file: &[u8], identity: &Identity) -> Result<Vec<u8>, TranscodeError> {
    let mut written = Vec::new();
    Plan::of(file, identity, Into::Uncompressed)?.write(file, &mut written)?;
    Ok(written)
}

#[test]
fn every_real_file_is_the_same_image_afterwards_or_is_refused_by_name() {
    let Some(folder) = corpus::folder() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let (mut pairs, mut refused) = (Vec::new(), Vec::new());
    for (number, listed) in corpus::listed(&folder).iter().enumerate() {
        let Some((file, identity)) = kept(&fs::read(folder.join(&listed.file)).unwrap()) else { continue };
        let paths = ["before", "after"].map(|when| scratch.path().join(format!("{number}.{when}")));
        match transcode(&file, &identity) {
            Ok(written) => {
                fs::write(&paths[0], &file).unwrap();
                fs::write(&paths[1], &written).unwrap();
                let [before, after] = paths.map(|path| path.to_str().unwrap().to_owned());
                pairs.push([listed.file.clone(), before, after]);
            }
            Err(refusal) => refused.push(format!("{}: {refusal}", listed.file)),
        }
    }
    assert!(pairs.len() > 330, "{} transcoded, refused:\n{}", pairs.len(), refused.join("\n"));
    let list = scratch.path().join("pairs.json");
    fs::write(&list, serde_json::to_vec(&pairs).unwrap()).unwrap();
    let Some(ran) = python("same_image.py", &list) else { return };
    for verdict in ran.json().as_array().unwrap() {
        assert_eq!(verdict["different"], serde_json::json!([]), "{verdict}");
        let apart = verdict["apart"].as_i64().unwrap_or_default();
        let syntax = verdict["from"].as_str().unwrap();
        if LOSING.contains(&syntax) {
            assert!((0..=MOST_APART).contains(&apart) && verdict["lossy"] == "01", "{verdict}");
        } else {
            // Its header says lossless, and its frames are not.
            let mislabelled = verdict["name"] == "sop/sample-op.dcm";
            assert!(apart == 0 || (mislabelled && apart == 1), "{verdict}");
        }
    }
}

fn python(script: &str, argument: &Path) -> Option<Ran> {
    let python = common::python("pydicom")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script);
    let ran = common::run(Command::new(python).arg(script).arg(argument), argument.parent().unwrap());
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    Some(ran)
}
