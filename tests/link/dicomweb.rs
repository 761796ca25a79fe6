//! The images of a link for programs: over DICOMweb, to a client of it that others made.

use crate::common::{python, run};
use crate::pages::{ALL, entered, serve, two_studies};
use crate::visitor::Visitor;
use filmroom::model::Rights;
use imaging::samples;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const ROOT: &str = "/r/dicom-web/studies";

/// The address of the first instance of a study, as the list has it.
async fn first_of(visitor: &mut Visitor, study: &str) -> String {
    let list = visitor.get(&format!("{ROOT}/{study}/instances")).await;
    assert_eq!((list.status, list.header("content-type")), (200, Some("application/dicom+json")));
    let list: Value = serde_json::from_str(&list.body).unwrap();
    let uid = |tag: &str| list[0][tag]["Value"][0].as_str().unwrap().to_owned();
    format!("{ROOT}/{study}/series/{}/instances/{}", uid("0020000E"), uid("00080018"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_gets_headers_and_frames_as_they_are_in_the_files() {
    let Some(python) = python("dicomweb_client") else { return };
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let visitor = entered(address, &token, &code).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/dicomweb.py");
    let (ct, clip) = (samples::ct(10, 11), samples::ultrasound_cine(11));
    for (study, modality, instances, frames) in
        [(&ct.study_instance_uid, "CT", 10, 1), (&clip.study_instance_uid, "US", 1, 30)]
    {
        let mut client = Command::new(&python);
        client.arg(&script).args([&format!("http://{address}/r/dicom-web"), visitor.cookie(), study]);
        let folder = tempfile::tempdir().unwrap();
        let ran = tokio::task::spawn_blocking(move || run(&mut client, folder.path())).await.unwrap();
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let seen = ran.json();
        let seen = seen.as_array().unwrap();
        assert_eq!((seen.len(), &seen[0][0], &seen[0][1]), (instances, &modality.into(), &frames.into()));
    }
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_for_those_who_may_keep_them_and_nothing_else_is_there_for_anyone() {
    let (desk, package) = two_studies().await;
    let address = serve(&desk).await;
    let study = samples::ct(10, 11).study_instance_uid;
    let looks = Rights { view: true, download: false, share: false };
    let (token, code) = desk.link(&package, looks).await;
    let mut looking = entered(address, &token, &code).await;
    let place = first_of(&mut looking, &study).await;
    let drawn = looking.get(&format!("{place}/frames/1/rendered")).await;
    assert_eq!((drawn.status, drawn.header("content-type")), (200, Some("image/jpeg")));
    for files in [place.clone(), format!("{place}/metadata"), format!("{place}/frames/1")] {
        assert_eq!(looking.get(&files).await.status, 403, "{files}");
    }
    assert!(!looking.get("/r/images/1/1").await.body.contains("data-viewer"), "the viewer takes files");

    let (token, code) = desk.link(&package, ALL).await;
    let mut keeping = entered(address, &token, &code).await;
    assert!(keeping.get("/r/images/1/1").await.body.contains("data-viewer"));
    assert_eq!(keeping.get(&place).await.status, 200);
    for (path, status) in [
        (format!("{place}/frames/2"), 404),
        (format!("{place}/frames/0"), 400),
        (format!("{place}/frames/1,1"), 400),
        (format!("{place}/frames/2/rendered"), 404),
        (format!("{place}1"), 404),
        (format!("{ROOT}/1.2.3/instances"), 404),
        (place.replace(&study, "1.2.3"), 404),
    ] {
        assert_eq!(keeping.get(&path).await.status, status, "{path}");
    }
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_link_does_not_reach_is_not_found_by_its_name() {
    let (desk, package) = two_studies().await;
    let other = samples::ct(2, 77);
    desk.receive(&other, 0..2).await;
    let address = serve(&desk).await;
    let (token, code) = desk.link(&package, ALL).await;
    let mut visitor = entered(address, &token, &code).await;
    let list = visitor.get(&format!("{ROOT}/{}/instances", other.study_instance_uid)).await;
    assert_eq!(list.status, 404);
    let nobody = Visitor::at(address).get(&format!("{ROOT}/{}/instances", other.study_instance_uid)).await;
    assert_eq!((nobody.status, nobody.location()), (303, Some("/r?again=1")));
    desk.end().await;
}
