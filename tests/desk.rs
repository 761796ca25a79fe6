//! The desk at the command line: people let in, a request taken in and approved, and what the audit says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Site, send};
use imaging::samples::{self, SampleStudy};
use serde_json::Value;
use std::fs;

/// A library that holds a study, and a clerk of the release desk.
fn with_a_clerk() -> (Site, SampleStudy) {
    let site = Site::new();
    let (study, files) = (samples::ct(2, 7), site.path("files"));
    fs::create_dir(&files).unwrap();
    (0..2).for_each(|index| send::write_file(&files.join(format!("{index}.dcm")), &study, index));
    done(&site, &["import", files.to_str().unwrap()]);
    let password = site.path("password");
    fs::write(&password, "correct horse battery staple\n").unwrap();
    let password = password.to_str().unwrap();
    let add = ["user", "add", "ann", "--name", "Ann Clerk", "--role", "release", "--password-file", password];
    done(&site, &add);
    (site, study)
}

fn done(site: &Site, arguments: &[&str]) -> String {
    let ran = site.run(arguments);
    assert_eq!(ran.code, Some(0), "filmroom {}: {}{}", arguments.join(" "), ran.out, ran.err);
    ran.out
}

/// A person's name as people write it, and their birth date as forms do.
fn as_given(study: &SampleStudy) -> (String, String) {
    let (family, given) = study.patient.name.split_once('^').unwrap();
    let (year, rest) = study.patient.birth_date.split_at(4);
    (format!("{given} {family}").replace('^', " "), format!("{year}-{}-{}", &rest[..2], &rest[2..]))
}

#[test]
fn a_letter_becomes_an_approved_request_and_all_of_it_is_on_record() {
    let (site, study) = with_a_clerk();
    let (patient, birth_date) = as_given(&study);
    let new = ["request", "new", "--as", "ann", "--patient", &patient, "--birth-date", &birth_date];
    let wish = ["--wish", "for my doctor", "--received-on", "2026-01-05", "--received-by", "mail"];
    let reference = done(&site, &[new.as_slice(), &wish].concat());
    let reference = reference.trim();
    let listed = site.json(&["request", "list", "--json"]);
    assert_eq!((&listed[0]["reference"], &listed[0]["due_on"]), (&reference.into(), &"2026-02-04".into()));
    done(&site, &["request", "approve", reference, "--as", "ann", "--study", &study.study_instance_uid]);
    let shown = site.json(&["request", "show", reference, "--json"]);
    assert_eq!(shown["state"]["state"], "approved", "{shown}");
    assert_eq!(shown["waits_for"], "delivery_choice");
    let story: Vec<&Value> =
        shown["timeline"].as_array().unwrap().iter().map(|happened| &happened["action"]).collect();
    assert_eq!(story.last().unwrap(), &"request.approved");

    // The service seals what the commands recorded.
    let service = site.serve();
    common::until("every event is sealed", std::time::Duration::from_secs(30), || {
        let verified = site.json(&["audit", "verify", "--json"]);
        verified["unsealed"] == 0 && verified["events"].as_u64() >= Some(6)
    });
    service.stop();
    let exported = done(&site, &["audit", "export"]);
    let exported: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&exported[0]["number"], &exported[0]["event"]["action"]), (&1.into(), &"user.added".into()));
    let all = exported.iter().map(Value::to_string).collect::<String>();
    assert!(!all.contains(&patient) && !all.contains(&birth_date), "no name or birth date is in the audit");
}

#[test]
fn somebody_elses_images_are_not_approved_without_a_reason() {
    let (site, study) = with_a_clerk();
    let (_, birth_date) = as_given(&study);
    let new = ["request", "new", "--as", "ann", "--patient", "Somebody Else", "--birth-date", &birth_date];
    let reference = done(&site, &[new.as_slice(), &["--wish", "all"]].concat());
    let approve =
        ["request", "approve", reference.trim(), "--as", "ann", "--study", &study.study_instance_uid];
    let ran = site.run(&approve);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("the patients differ"), "{}", ran.err);
    let shown = site.json(&["request", "show", reference.trim(), "--json"]);
    assert_eq!(shown["state"]["state"], "submitted", "all of it or nothing: {shown}");
    let reason = ["--acknowledge", "married name, licence seen"];
    done(&site, &[approve.as_slice(), &reason].concat());
}

#[test]
fn a_user_needs_the_right_and_a_token_is_shown_once() {
    let (site, _) = with_a_clerk();
    let password = site.path("password");
    let password = password.to_str().unwrap();
    let bea = ["user", "add", "bea", "--name", "Bea", "--role", "burn", "--password-file", password];
    done(&site, &bea);
    let ran = site.run(&[
        "request",
        "new",
        "--as",
        "bea",
        "--patient",
        "J Doe",
        "--birth-date",
        "1970-01-02",
        "--wish",
        "x",
    ]);
    assert!(ran.code == Some(1) && ran.err.contains("does not let you submit"), "{}", ran.err);
    let twice = site.run(&bea);
    assert!(twice.code == Some(1) && twice.err.contains("taken"), "{}", twice.err);
    assert!(done(&site, &["user", "list"]).contains("bea  Bea  burn"));
    fs::write(site.path("short"), "short").unwrap();
    let short = site.run(&["user", "passwd", "bea", "--password-file", site.path("short").to_str().unwrap()]);
    assert!(short.code == Some(1) && short.err.contains("15"), "{}", short.err);
    let token = done(&site, &["token", "new", "--user", "bea", "--purpose", "burner"]);
    assert!(token.starts_with("frt_") && token.trim().len() == 68, "{token}");
}
