//! What the conformance statement promises, asked by pynetdicom and dcmtk.

use crate::common::{self, Site, kept};
use crate::peer::{item, item_of, job, python, status};
use imaging::samples::{self, CT_IMAGE_STORAGE, EXPLICIT_VR_LE};
use serde_json::{Value, json};
use std::process::Command;

const VERIFICATION: &str = "1.2.840.10008.1.1";
const IMPLICIT_VR_LE: &str = "1.2.840.10008.1.2";
const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
const STUDY_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
const PRIVATE: &str = "1.3.6.1.4.1.9999.1.2.3";

fn negotiate(contexts: &Value) -> Value {
    json!({ "job": "negotiate", "contexts": contexts })
}

#[test]
fn dcmtk_and_pynetdicom_get_their_echo() {
    let site = Site::new();
    let service = site.serve();
    if common::installed("echoscu") {
        let mut command = Command::new("echoscu");
        let port = service.dimse.port().to_string();
        let ran = common::run(command.args(["-aec", "FILMROOM", "127.0.0.1", &port]), &site.path(""));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
    }
    if let Some(python) = python() {
        let mut asked = negotiate(&json!([[VERIFICATION, [IMPLICIT_VR_LE]]]));
        asked["echo"] = json!(true);
        let told = job(&python, &site, &service, &asked);
        assert_eq!(told["answers"][0]["echo"], "0000", "{told}");
    }
    service.stop();
}

#[test]
fn contexts_are_accepted_one_by_one_as_the_statement_says() {
    let Some(python) = python() else { return };
    let site = Site::new();
    let service = site.serve();
    let asked = json!([
        [CT_IMAGE_STORAGE, [JPEG_BASELINE, IMPLICIT_VR_LE, EXPLICIT_VR_LE]],
        [CT_IMAGE_STORAGE, [JPEG_BASELINE, IMPLICIT_VR_LE]],
        [CT_IMAGE_STORAGE, [PRIVATE]],
        [PRIVATE, [EXPLICIT_VR_LE]],
        [STUDY_ROOT_FIND, [IMPLICIT_VR_LE]],
    ]);
    let told = job(&python, &site, &service, &negotiate(&asked));
    let contexts = told["answers"][0]["contexts"].as_array().unwrap();
    let chosen: Vec<&str> = contexts.iter().filter_map(|context| context["syntax"].as_str()).collect();
    assert_eq!(chosen, [EXPLICIT_VR_LE, JPEG_BASELINE, PRIVATE, EXPLICIT_VR_LE]);
    let refused: Vec<(&str, u64)> = contexts
        .iter()
        .filter(|context| context["result"] != 0)
        .map(|context| (context["abstract"].as_str().unwrap(), context["result"].as_u64().unwrap()))
        .collect();
    assert_eq!(refused, [(STUDY_ROOT_FIND, 3)], "abstract syntax not supported");

    let many: Vec<Value> =
        (0..128).map(|number| json!([CT_IMAGE_STORAGE, [format!("{PRIVATE}.{number}")]])).collect();
    let told = job(&python, &site, &service, &negotiate(&json!(many)));
    let contexts = told["answers"][0]["contexts"].as_array().unwrap();
    assert_eq!(contexts.iter().filter(|context| context["result"] == 0).count(), 128);
    service.stop();
}

#[test]
fn an_instance_in_a_private_transfer_syntax_is_kept_as_it_is() {
    let Some(python) = python() else { return };
    let site = Site::new();
    let service = site.serve();
    let study = samples::ct(1, 1);
    let mut sent = item(&site, &study, 0);
    sent["syntax"] = json!(PRIVATE);
    assert_eq!(status(&python, &site, &service, &sent), "0000");
    kept::settled(&site);
    service.stop();
    let kept = kept::read_back(&site);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].row.transfer_syntax_uid, PRIVATE);
    assert_eq!(kept[0].data_set_sha256, kept::sha256(&study.dataset(0).unwrap()));
}

#[test]
fn a_wrong_called_title_and_a_stranger_are_rejected_for_good() {
    let Some(python) = python() else { return };
    let site = Site::new().with("DIMSE__CALLING_AE_TITLES", "[\"CT1\", \"MR2\"]");
    let service = site.serve();
    let ask = |calling: &str, called: &str| {
        let mut asked = negotiate(&json!([[VERIFICATION, [IMPLICIT_VR_LE]]]));
        (asked["calling"], asked["called"]) = (json!(calling), json!(called));
        job(&python, &site, &service, &asked)["answers"][0].clone()
    };
    assert_eq!(ask("MR2", "FILMROOM")["outcome"], "accepted");
    let rejected = |reason: u64| json!({ "outcome": "rejected", "result": 1, "source": 1, "reason": reason });
    assert_eq!(ask("MR2", "OTHER"), rejected(7), "called AE title not recognized");
    assert_eq!(ask("PEER", "FILMROOM"), rejected(3), "calling AE title not recognized");
    service.stop();
}

#[test]
fn one_association_too_many_is_told_to_come_again() {
    let Some(python) = python() else { return };
    let site = Site::new().with("DIMSE__MAX_ASSOCIATIONS", "3");
    let service = site.serve();
    let mut asked = negotiate(&json!([[VERIFICATION, [IMPLICIT_VR_LE]]]));
    asked["associations"] = json!(4);
    let told = job(&python, &site, &service, &asked);
    let answers = told["answers"].as_array().unwrap();
    assert!(answers[..3].iter().all(|answer| answer["outcome"] == "accepted"), "{told}");
    // Transient, by the service provider (presentation), local limit exceeded.
    assert_eq!(answers[3], json!({ "outcome": "rejected", "result": 2, "source": 3, "reason": 2 }));
    asked["associations"] = json!(3);
    common::until("those who left have made room", std::time::Duration::from_secs(10), || {
        let told = job(&python, &site, &service, &asked);
        told["answers"].as_array().unwrap().iter().all(|answer| answer["outcome"] == "accepted")
    });
    service.stop();
}

#[test]
fn who_says_nothing_is_cut_off() {
    let Some(python) = python() else { return };
    let site = Site::new().with("DIMSE__IDLE_SECONDS", "2");
    let service = site.serve();
    let asked = json!({ "job": "idle", "contexts": [[VERIFICATION, [IMPLICIT_VR_LE]]] });
    let told = job(&python, &site, &service, &asked);
    assert_eq!(told["outcome"], "aborted");
    let seconds = told["seconds"].as_f64().unwrap();
    assert!((1.5..10.0).contains(&seconds), "{seconds} s");
    service.stop();
}

#[test]
fn what_is_not_what_it_says_or_says_too_little_is_refused_by_status() {
    let Some(python) = python() else { return };
    let site = Site::new();
    let service = site.serve();
    let study = samples::ct(1, 1);
    let data_set = study.dataset(0).unwrap();
    let other = item_of(&site, "1.2.3.4", CT_IMAGE_STORAGE, &data_set);
    assert_eq!(status(&python, &site, &service, &other), "A900");
    let class = item_of(&site, &study.instances[0].sop_instance_uid, PRIVATE, &data_set);
    assert_eq!(status(&python, &site, &service, &class), "A900");
    let mut nowhere = study.clone();
    nowhere.study_instance_uid = String::new();
    assert_eq!(status(&python, &site, &service, &item(&site, &nowhere, 0)), "C000");
    let noise = item_of(&site, "1.2.3.4", CT_IMAGE_STORAGE, &[0x5A; 5000]);
    assert_eq!(status(&python, &site, &service, &noise), "C000");
    assert_eq!(status(&python, &site, &service, &item(&site, &study, 0)), "0000");
    kept::settled(&site);
    service.stop();
    assert_eq!(kept::read_back(&site).len(), 1, "what was refused is not kept");
    site.assert_sound();
}

#[test]
fn what_is_too_large_is_refused_and_the_association_goes_on() {
    let Some(python) = python() else { return };
    let site = Site::new().with("LIMITS__MAX_INSTANCE_MIB", "1");
    let service = site.serve();
    let (large, small) = (samples::xray(1), samples::ct(1, 1));
    let (mut first, mut then) = (item(&site, &large, 0), item(&site, &small, 0));
    (first["name"], then["name"]) = (json!("large"), json!("small"));
    let told = job(&python, &site, &service, &json!({ "job": "store", "items": [first, then] }));
    assert_eq!(told, json!({ "statuses": { "large": "A700", "small": "0000" }, "associations": 1 }));
    service.stop();
}

#[test]
fn an_instance_that_is_aborted_halfway_was_never_there() {
    let Some(python) = python() else { return };
    let site = Site::new();
    let service = site.serve();
    let study = samples::xray(1);
    let sent = item(&site, &study, 0);
    let told = job(&python, &site, &service, &json!({ "job": "abort", "items": [sent] }));
    let count = |name: &str| told[name].as_u64().unwrap();
    assert!(count("sent") > 10 && count("sent") < count("fragments"), "{told}");
    assert_eq!(site.json(&["studies", "--json"]), json!([]));
    assert_eq!(status(&python, &site, &service, &sent), "0000", "and can be sent again");
    kept::settled(&site);
    service.stop();
    let kept = kept::read_back(&site);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].data_set_sha256, kept::sha256(&study.dataset(0).unwrap()));
    site.assert_sound();
}
