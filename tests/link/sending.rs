use crate::common::kept::sha256;
use crate::desk::Desk;
use crate::web::{ask, serve};
use filmroom::model::{DisclosureState, Rights};
use filmroom::store::disclosures;
use imaging::files::FileReader;
use imaging::index::Limits;
use imaging::samples;
use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::time::Duration;

const TO_SAVE: Rights = Rights { view: true, download: true, share: false };

/// The digests of the data sets in a ZIP, after each entry was held against its CRC-32.
fn data_sets(zip: &[u8]) -> BTreeSet<String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut digests = BTreeSet::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let mut file = Vec::new();
        entry.read_to_end(&mut file).unwrap();
        if entry.name().unwrap().starts_with("DICOM/") {
            let header = FileReader::open(file.as_slice(), Limits::default()).unwrap().info().header_bytes;
            digests.insert(sha256(&file[usize::try_from(header).unwrap()..]));
        }
    }
    digests
}

/// Waits until the only disclosure of the request is in this state; the bytes that left.
async fn disclosed(desk: &Desk, state: DisclosureState) -> u64 {
    for _ in 0..100 {
        let found = disclosures::of_request(desk.db(), &desk.request.id).await.unwrap();
        match found.as_slice() {
            [one] if one.state == state => return one.left.bytes(),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    panic!("no disclosure is {state:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_in_leaves_whole_and_a_download_cut_and_resumed_20_times_is_identical() {
    let (desk, study) = (Desk::new().await, samples::ct(12, 7));
    desk.receive(&study, 0..12).await;
    let package = desk.freeze(1).await;
    assert_eq!((package.counts.studies, package.counts.instances, package.counts.withheld), (1, 12, 0));
    let session = desk.entered(&package, TO_SAVE).await;
    let at = serve(desk.sender(), session).await;
    let (etag, len) = (format!("\"{}\"", package.etag), package.zip_bytes);

    let head = ask(at, "HEAD", "/", &[]);
    assert_eq!((head.status, head.header("content-length")), (200, len.to_string().as_str()));
    assert!(disclosures::of_request(desk.db(), &desk.request.id).await.unwrap().is_empty());

    let (mut parts, cut) = (Vec::new(), len / 20 + 1);
    for number in 0..20 {
        let range = format!("Range: bytes={}-", parts.len());
        let mut answer = ask(at, "GET", "/", &[&range, &format!("If-Range: {etag}")]);
        assert_eq!((answer.status, answer.header("etag")), (206, etag.as_str()), "part {number}");
        let expected = format!("bytes {}-{}/{len}", parts.len(), len - 1);
        assert_eq!(answer.header("content-range"), expected);
        parts.extend(answer.read(cut));
    }
    assert_eq!(parts.len() as u64, len);
    let whole = ask(at, "GET", "/", &[]);
    assert_eq!((whole.status, whole.header("content-type")), (200, "application/zip"));
    assert!(whole.header("content-disposition").contains(&format!("{}.zip", desk.request.reference)));
    assert!(whole.all() == parts);
    let sent: BTreeSet<String> = (0..12).map(|index| sha256(&study.dataset(index).unwrap())).collect();
    assert_eq!(data_sets(&parts), sent);
    assert_eq!(disclosed(&desk, DisclosureState::Completed).await, len);

    let suffix = ask(at, "GET", "/", &["Range: bytes=-22"]);
    assert_eq!((suffix.status, suffix.all()), (206, parts[parts.len() - 22..].to_vec()));
    let past = ask(at, "GET", "/", &[&format!("Range: bytes={len}-")]);
    assert_eq!((past.status, past.header("content-range")), (416, format!("bytes */{len}").as_str()));
    let other = ask(at, "GET", "/", &["Range: bytes=5-", "If-Range: \"another\""]);
    assert_eq!((other.status, other.header("content-length")), (200, len.to_string().as_str()));
    assert_eq!(ask(at, "GET", "/", &[&format!("If-None-Match: {etag}")]).status, 304);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_taken_back_in_the_middle_of_a_download_ends_it() {
    let (desk, study) = (Desk::new().await, samples::ct(96, 8));
    desk.receive(&study, 0..96).await;
    let package = desk.freeze(1).await;
    let session = desk.entered(&package, TO_SAVE).await;
    let at = serve(desk.sender(), session.clone()).await;
    let mut answer = ask(at, "GET", "/", &[]);
    let begun = answer.read(100_000);
    desk.revoke(&session).await;
    let rest = answer.all();
    assert_eq!(begun.len(), 100_000);
    assert!(begun.len() as u64 + (rest.len() as u64) < package.zip_bytes, "of {}", package.zip_bytes);
    let noted = disclosed(&desk, DisclosureState::Begun);
    assert!(noted.await < package.zip_bytes);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_look_at_is_not_one_to_save() {
    let (desk, study) = (Desk::new().await, samples::xray(9));
    desk.receive(&study, 0..1).await;
    let package = desk.freeze(1).await;
    let looking = desk.entered(&package, Rights { view: true, download: false, share: false }).await;
    let at = serve(desk.sender(), looking).await;
    assert_eq!(ask(at, "GET", "/", &[]).status, 403);
    assert!(disclosures::of_request(desk.db(), &desk.request.id).await.unwrap().is_empty());
    desk.end().await;
}
