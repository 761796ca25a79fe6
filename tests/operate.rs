//! What whoever runs it relies on: settings, probes, keys, checks, and what is not in the log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Site, kept, send};
use imaging::samples::{self, SampleStudy};
use serde_json::Value;
use std::fs;

/// A library that holds a small study in an archive.
fn with_a_study() -> Site {
    let site = Site::new();
    let (study, files) = (samples::ct(3, 7), site.path("files"));
    fs::create_dir(&files).unwrap();
    (0..3).for_each(|index| send::write_file(&files.join(format!("{index}.dcm")), &study, index));
    let report = site.json(&["import", "--json", files.to_str().unwrap()]);
    assert_eq!(report["kept"], 3, "{report}");
    site
}

/// What `check` finds amiss: each problem's subject and words.
fn problems(site: &Site) -> Vec<(String, String)> {
    let ran = site.run(&["check", "--json"]);
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    let report = ran.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (text(&found["about"]), text(&found["what"])))
        .collect()
}

fn the_blob(site: &Site) -> std::path::PathBuf {
    let blobs: Vec<_> = site.files("blobs").into_keys().collect();
    assert_eq!(blobs.len(), 1, "{blobs:?}");
    blobs[0].clone()
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let site = Site::new().with("SPOOL__SEGMENT_MEGABYTES", "8");
    let ran = site.run(&["studies"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.to_lowercase().contains("segment_megabytes"), "{}", ran.err);

    let site = Site::new();
    fs::write(site.path("filmroom.toml"), "[dimse]\nlisten_adress = \"127.0.0.1:1\"\n").unwrap();
    let ran = site.run(&["serve"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("listen_adress") && ran.err.contains("filmroom.toml"), "{}", ran.err);
}

#[test]
fn the_probes_say_that_it_lives_and_whether_it_can_take_anything() {
    let site = Site::new();
    let service = site.serve();
    assert_eq!(service.get("/healthz").0, 200);
    let (status, body) = service.get("/readyz");
    let ready: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &ready["ready"]), (200, &Value::Bool(true)));
    assert_eq!(service.get("/").0, 404);
    service.stop();
}

#[test]
fn a_disk_that_is_too_full_is_not_ready_with_the_reason_and_refuses_what_is_sent() {
    let site = Site::new().with("SPOOL__MIN_FREE_MIB", "1000000000");
    let service = site.begin_to_serve(&[]);
    let (status, body) = service.get("/readyz");
    assert_eq!(status, 503, "{body}");
    let ready: Value = serde_json::from_str(&body).unwrap();
    let spool = ready["checks"].as_array().unwrap().iter().find(|check| check["name"] == "spool").unwrap();
    assert!(spool["problem"].as_str().unwrap().contains("free"), "{spool}");
    assert_eq!(service.get("/healthz").0, 200);

    let study = samples::ct(1, 1);
    let mut scu = send::associate(service.dimse, &study).unwrap();
    assert_eq!(send::store(&mut scu, &study, 0, &study.dataset(0).unwrap()).unwrap(), 0xA700);
    scu.release().unwrap();
    service.stop();

    let file = site.path("one.dcm");
    send::write_file(&file, &study, 0);
    let ran = site.run(&["import", "--json", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.json()["files"][0]["reason"].as_str().unwrap().contains("free"), "{}", ran.out);
}

#[test]
fn keys_are_exported_lost_recovered_and_rotated_and_every_image_still_opens() {
    let site = with_a_study();
    // Something that waits in the spool must outlive the keys' adventures as well.
    let site = site.with("SETTLE__QUIET_SECONDS", "3600");
    let waiting = samples::xray(8);
    let service = site.serve();
    send::send(service.dimse, &waiting);
    service.kill();

    let (safe, key) = (site.path("safe.key"), site.data().join("master.key"));
    assert_eq!(site.run(&["keys", "export", "--to", safe.to_str().unwrap()]).code, Some(0));
    assert_eq!(fs::read(&safe).unwrap(), fs::read(&key).unwrap());
    let again = site.run(&["keys", "export", "--to", safe.to_str().unwrap()]);
    assert_eq!(again.code, Some(1), "an exported key is not overwritten");

    fs::remove_file(&key).unwrap();
    for command in [["serve"].as_slice(), &["check"], &["studies"], &["keys", "rotate"]] {
        let ran = site.run(command);
        assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.out);
        assert!(ran.err.contains("master.key") && ran.err.contains("keys recover"), "{}", ran.err);
        assert!(!key.exists(), "no new key is made where images are kept");
    }

    assert_eq!(site.run(&["keys", "recover", "--from", safe.to_str().unwrap()]).code, Some(0));
    let report = site.assert_sound();
    assert_eq!(report["archived_instances"], 3, "{report}");
    // Whether or not the index heard of it before the service was killed, it is there.
    let waits = report["spooled_instances"].as_u64().unwrap() + report["awaiting_index"].as_u64().unwrap();
    assert_eq!(waits, 1, "{report}");

    for _ in 0..2 {
        let ran = site.run(&["keys", "rotate"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        site.assert_sound();
    }
    assert_ne!(fs::read(&safe).unwrap(), fs::read(&key).unwrap());
    let shown = site.run(&["keys", "show"]).out;
    assert_eq!(shown.matches("retired ").count(), 2, "{shown}");

    let site = site.with("SETTLE__QUIET_SECONDS", "0");
    let service = site.serve();
    send::send(service.dimse, &samples::ct(2, 9));
    // What waited is settled with the next that touches its study.
    send::send(service.dimse, &waiting);
    kept::settled(&site);
    service.stop();
    let report = site.assert_sound();
    assert_eq!(report["archived_instances"], 6, "{report}");
    assert_eq!(kept::read_back(&site).len(), 6);
    let told = site.run(&["audit", "export"]).out;
    for (action, times) in [("keys.exported", 1), ("keys.rotated", 2)] {
        assert_eq!(told.matches(&format!("\"{action}\"")).count(), times, "{action}: {told}");
    }
}

#[test]
fn check_names_a_flipped_byte() {
    let site = with_a_study();
    let blob = the_blob(&site);
    let whole = fs::read(&blob).unwrap();
    for at in [10, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&blob, flipped).unwrap();
        let found = problems(&site);
        assert!(
            !found.is_empty() && found.iter().all(|(about, _)| about.contains("archive ")),
            "{at}: {found:?}"
        );
    }
    fs::write(&blob, whole).unwrap();
    site.assert_sound();
}

#[test]
fn check_names_a_missing_and_a_stray_blob() {
    let site = with_a_study();
    let blob = the_blob(&site);
    let aside = site.path("aside");
    fs::rename(&blob, &aside).unwrap();
    let found = problems(&site);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.starts_with("archive "), "{found:?}");

    fs::copy(&aside, &blob).unwrap();
    let name = blob.file_name().unwrap().to_str().unwrap();
    let other = format!("{}0000", &name[..name.len() - 4]);
    fs::rename(&aside, blob.with_file_name(&other)).unwrap();
    let found = problems(&site);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.starts_with("blob ") && found[0].0.contains(&other), "{found:?}");
}

#[test]
fn check_names_an_instance_whose_bytes_in_the_spool_are_damaged() {
    let site = Site::new().with("SETTLE__QUIET_SECONDS", "3600");
    let service = site.serve();
    send::send(service.dimse, &samples::ct(2, 3));
    kept_in_spool(&site, 2);
    service.stop();
    site.assert_sound();
    let segments = site.files("spool").into_keys().filter(|path| path.to_string_lossy().contains("seg-"));
    for segment in segments {
        let mut bytes = fs::read(&segment).unwrap();
        // Past the header block and the records' own headers, within the first record's bytes.
        bytes[40_000] ^= 1;
        fs::write(&segment, bytes).unwrap();
    }
    let found = problems(&site);
    assert!(found.iter().any(|(about, _)| about.starts_with("instance ")), "{found:?}");
}

fn kept_in_spool(site: &Site, instances: u64) {
    common::until("arrivals are indexed", std::time::Duration::from_secs(30), || {
        let studies = site.json(&["studies", "--json"]);
        studies.as_array().unwrap().iter().map(|study| study["instances"].as_u64().unwrap()).sum::<u64>()
            == instances
    });
}

/// What may not be read in a log: names in every script, identifiers, descriptions, dates of birth.
fn personal(study: &SampleStudy) -> Vec<String> {
    let patient = &study.patient;
    let parts = patient.name.split(['^', '=']).filter(|part| !part.is_empty()).map(str::to_owned);
    let rest = [
        &patient.id,
        &patient.birth_date,
        &study.study_description,
        &study.series_description,
        &study.accession_number,
    ];
    parts.chain(rest.into_iter().cloned()).collect()
}

#[test]
fn no_log_line_and_no_error_names_a_patient() {
    let site = Site::new().with("LOG__LEVEL", "debug");
    let studies = [samples::ct(2, 5), samples::xray(5), samples::ultrasound_cine(5)];
    let service = site.serve();
    for study in &studies {
        send::send(service.dimse, study);
    }
    provoke(&service, &studies[0]);
    kept::settled(&site);
    let log = service.log.clone();
    service.stop();

    let mut said = vec![fs::read_to_string(log).unwrap()];
    let file = site.path("cut.dcm");
    send::write_file(&file, &studies[1], 0);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let ran = site.run(&["import", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    said.extend([ran.out, ran.err]);
    for blob in site.files("blobs").into_keys() {
        let mut bytes = fs::read(&blob).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&blob, bytes).unwrap();
    }
    let ran = site.run(&["check"]);
    assert_eq!(ran.code, Some(3));
    said.extend([ran.out, ran.err]);

    for text in &said {
        for word in studies.iter().flat_map(personal) {
            let line = text.lines().find(|line| line.contains(&word));
            assert!(line.is_none(), "{word:?} is said: {}", line.unwrap_or_default());
        }
    }
    assert!(said[0].lines().count() > 20, "the log says something:\n{}", said[0]);
}

/// Makes the service say why it refuses things.
fn provoke(service: &common::service::Service, study: &SampleStudy) {
    let mut scu = send::associate(service.dimse, study).unwrap();
    let data_set = study.dataset(0).unwrap();
    let class = study.instances[0].sop_class_uid;
    let syntax = study.instances[0].transfer_syntax_uid;
    assert_eq!(scu.store(class, "1.2.3", syntax, &data_set).unwrap(), 0xA900);
    // Too little of it to say which study it is of.
    assert_eq!(send::store(&mut scu, study, 0, &data_set[..400]).unwrap(), 0xC000);
    // The same instance with other bytes, and one cut off with the connection.
    let mut other = data_set.clone();
    let last = other.len() - 1;
    other[last] ^= 1;
    assert_eq!(send::store(&mut scu, study, 0, &other).unwrap(), 0);
    drop(scu);
}
