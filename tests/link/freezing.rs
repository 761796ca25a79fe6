use crate::desk::Desk;
use crate::web::{ask, serve};
use filmroom::model::Rights;
use filmroom::store::{links, packages};
use imaging::samples;
use std::time::Duration;

const TO_SAVE: Rights = Rights { view: true, download: true, share: false };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_instance_makes_a_new_version_and_never_a_mix() {
    let (desk, study) = (Desk::new().await, samples::ct(5, 3));
    desk.receive(&study, 0..4).await;
    let first = desk.freeze(1).await;
    let session = desk.entered(&first, TO_SAVE).await;
    let at = serve(desk.sender(), session.clone()).await;
    assert_eq!(ask(at, "GET", "/", &["Range: bytes=0-999"]).status, 206);

    // Frozen again without a change it stays what it is.
    desk.freeze(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(packages::current_of(desk.db(), &desk.request.id).await.unwrap().unwrap(), first);

    desk.receive(&study, 4..5).await;
    desk.serving.taking.settle_now(&mut |_| {}).await.unwrap();
    let second = desk.frozen(2).await;
    assert_eq!((first.counts.instances, second.counts.instances), (4, 5));
    assert_ne!(first.etag, second.etag);
    let grant = links::get(desk.db(), &session.grant.id).await.unwrap().unwrap();
    assert_eq!(grant.package, second.id, "the link opens the new version");

    // Who goes on with a part of the old version is given the whole of the new one.
    let again = desk.entered(&second, TO_SAVE).await;
    let at = serve(desk.sender(), again).await;
    let whole = ask(at, "GET", "/", &["Range: bytes=1000-", &format!("If-Range: \"{}\"", first.etag)]);
    assert_eq!((whole.status, whole.header("content-length")), (200, second.zip_bytes.to_string().as_str()));
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_of_several_studies_has_all_of_each_and_its_blob_is_accounted_for() {
    let desk = Desk::new().await;
    desk.receive(&samples::ct(3, 4), 0..3).await;
    desk.receive(&samples::xray(5), 0..1).await;
    let package = desk.freeze(1).await;
    assert_eq!((package.counts.studies, package.counts.series, package.counts.instances), (2, 2, 4));
    assert_eq!(packages::archives_of(desk.db(), &package.id).await.unwrap().len(), 2);
    desk.end().await;
}
