//! pynetdicom, by a script that does one job at a time.

use crate::common::{self, Site, service::Service};
use imaging::samples::SampleStudy;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// A Python that has pynetdicom; `None`, said aloud, if there is none.
pub fn python() -> Option<String> {
    common::python("pynetdicom")
}

/// Has pynetdicom do a job with the service, and gives what came of it.
pub fn job(python: &str, site: &Site, service: &Service, job: &Value) -> Value {
    let mut job = job.clone();
    job["host"] = json!("127.0.0.1");
    job["port"] = json!(service.dimse.port());
    let (input, folder) = (site.path("job.json"), site.path(""));
    fs::write(&input, job.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/send.py");
    let mut command = Command::new(python);
    let ran = common::run(command.arg(script).stdin(File::open(&input).unwrap()), &folder);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    ran.json()
}

/// An instance of a sample study as an item to send, its data set in a file of its own.
pub fn item(site: &Site, study: &SampleStudy, index: usize) -> Value {
    let instance = &study.instances[index];
    item_of(site, &instance.sop_instance_uid, instance.sop_class_uid, &study.dataset(index).unwrap())
}

/// A data set as an item to send.
pub fn item_of(site: &Site, uid: &str, class: &str, data_set: &[u8]) -> Value {
    let path = site.path(&format!("item-{uid}-{}", data_set.len()));
    fs::write(&path, data_set).unwrap();
    let syntax = imaging::samples::EXPLICIT_VR_LE;
    json!({ "name": "it", "path": path, "offset": 0, "class": class, "uid": uid, "syntax": syntax })
}

/// Sends one item and gives the status.
pub fn status(python: &str, site: &Site, service: &Service, item: &Value) -> String {
    let told = job(python, site, service, &json!({ "job": "store", "items": [item] }));
    told["statuses"]["it"].as_str().unwrap().to_owned()
}
