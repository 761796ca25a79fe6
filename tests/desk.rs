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

/// Nothing is approved before the comparison was shown: the fingerprint printed with it.
fn comparison_shown(site: &Site, approve: &[&str], given: &str) -> String {
    let ran = site.run(approve);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.contains(given) && ran.err.contains("nothing was approved"), "{}{}", ran.out, ran.err);
    let (_, fingerprint) = ran.out.rsplit_once("fingerprint ").unwrap();
    fingerprint.trim().to_owned()
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
    let uid = study.study_instance_uid.as_str();
    let approve = ["request", "approve", reference, "--as", "ann", "--study", uid, "--seen", "photo_id"];
    let fingerprint = comparison_shown(&site, &approve, &patient);
    done(&site, &[approve.as_slice(), &["--compared", &fingerprint]].concat());
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
    let unsaid = site.run(&approve);
    assert_eq!(unsaid.code, Some(2), "how the requester was known is not assumed: {}", unsaid.err);
    let approve = [approve.as_slice(), &["--seen", "signature"]].concat();
    let fingerprint = comparison_shown(&site, &approve, "Somebody Else");
    let ran = site.run(&[approve.as_slice(), &["--compared", &fingerprint]].concat());
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("the patients differ"), "{}", ran.err);
    let other = format!("{}=licence seen", "0".repeat(64));
    let ran = site.run(&[approve.as_slice(), &["--compared", &other]].concat());
    assert_eq!(ran.code, Some(1), "a reason holds for the comparison it was given for");
    let shown = site.json(&["request", "show", reference.trim(), "--json"]);
    assert_eq!(shown["state"]["state"], "submitted", "all of it or nothing: {shown}");
    let reason = format!("{fingerprint}=married name, licence seen");
    done(&site, &[approve.as_slice(), &["--compared", &reason]].concat());
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
    let listed = done(&site, &["token", "list"]);
    assert!(listed.contains("bea  burner  until revoked") && !listed.contains("frt_"), "{listed}");
    let id = listed.split(' ').next().unwrap();
    done(&site, &["token", "revoke", id]);
    assert_eq!(done(&site, &["token", "list"]), "");
    assert_eq!(site.run(&["token", "revoke", id]).code, Some(1), "it was revoked before");
    done(&site, &["user", "deactivate", "bea"]);
    assert!(done(&site, &["user", "list"]).contains("bea  Bea  burn  may not sign in"));
    let late = site.run(&["token", "new", "--user", "bea", "--purpose", "burner"]);
    assert!(late.code == Some(1) && late.err.contains("no active user"), "{}", late.err);
}
