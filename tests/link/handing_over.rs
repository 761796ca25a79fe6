use crate::common::s3::S3Server;
use crate::desk::Desk;
use crate::web::{ask, serve};
use filmroom::model::{DisclosureState, Rights};
use filmroom::store::blob::BlobKey;
use filmroom::store::disclosures;
use imaging::samples;
use std::sync::atomic::Ordering;
use std::time::Duration;

const TO_SAVE: Rights = Rights { view: true, download: true, share: false };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_in_the_cloud_is_fetched_from_there_by_a_url_and_is_the_same() {
    let server = S3Server::start().await;
    let (desk, study) = (Desk::in_the_cloud(&server).await, samples::ct(20, 11));
    desk.receive(&study, 0..20).await;
    server.refuses.store(3, Ordering::SeqCst);
    let package = desk.freeze(1).await;
    let (key, bucket) = (BlobKey::new(&package.id).unwrap(), desk.bucket.clone().unwrap());
    for _ in 0..200 {
        if bucket.length(&key).await.unwrap() == Some(package.zip_bytes) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!server.files_of("archives").is_empty(), "archives and layouts are in the bucket too");

    let session = desk.entered(&package, TO_SAVE).await;
    let mut through = desk.sender();
    through.bucket = None;
    let streamed = ask(serve(through, session).await, "GET", "/", &[]).all();
    assert_eq!(streamed.len() as u64, package.zip_bytes);

    let fetching = desk.entered(&package, TO_SAVE).await;
    let session = fetching.id.clone();
    let at = serve(desk.sender(), fetching).await;
    let redirected = ask(at, "GET", "/", &[]);
    assert_eq!((redirected.status, redirected.header("cache-control")), (303, "no-store"));
    let url = redirected.header("location").strip_prefix(&server.endpoint()).unwrap().to_owned();
    assert!(!url.contains("Doe") && url.contains("X-Amz-Expires=3600"), "{url}");
    let fetched = ask(server.address, "GET", &url, &[]);
    assert_eq!(
        fetched.header("content-disposition"),
        format!("attachment; filename=\"{}.zip\"", desk.request.reference)
    );
    assert!(fetched.all() == streamed);
    let tampered = url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200");
    assert_eq!(ask(server.address, "GET", &tampered, &[]).status, 403);

    let disclosed = disclosures::of_request(desk.db(), &desk.request.id).await.unwrap();
    let handed_over = disclosed.iter().find(|one| one.session == session).unwrap();
    assert_eq!(handed_over.state, DisclosureState::HandedOver);

    // What the provider's rule deleted is sent by the service meanwhile, and uploaded again.
    let gone = bucket.clone();
    tokio::task::spawn_blocking(move || gone.delete(&key).unwrap()).await.unwrap();
    assert!(ask(at, "GET", "/", &[]).all() == streamed);
    let mut status = 200;
    for _ in 0..200 {
        status = ask(at, "GET", "/", &["Range: bytes=0-0"]).status;
        if status == 303 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 303);
    desk.end().await;
}
