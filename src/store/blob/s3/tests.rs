use super::server::{KEY_ID, S3Server, SECRET};
use super::write::PART_BYTES;
use super::*;
use crate::clock::{Clock, SystemClock};
use crate::store::blob::contract;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn settings(server: &S3Server, bucket: &str) -> S3Settings {
    S3Settings { bucket: bucket.into(), ..elsewhere(server.endpoint(), None) }
}

/// Runs blocking work against a fresh server.
async fn with_server<T: Send + 'static>(
    work: impl FnOnce(Arc<S3Server>, S3Blobs) -> T + Send + 'static,
) -> T {
    let server = Arc::new(S3Server::start().await);
    let blobs = S3Blobs::new(&settings(&server, "archives"), Handle::current());
    tokio::task::spawn_blocking(move || work(server, blobs)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds() {
    with_server(|_, blobs| contract::holds_for(&blobs)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_several_parts_are_written_once_and_read_on_from_anywhere() {
    with_server(|server, blobs| {
        let (key, bytes) = (contract::key(90), contract::sample(2 * PART_BYTES + 7, 90));
        let mut rival = blobs.create(&key).unwrap();
        rival.write_all(&contract::sample(PART_BYTES + 1, 91)).unwrap();
        assert_eq!(contract::put(&blobs, &key, &bytes).unwrap(), bytes.len() as u64);
        assert!(matches!(rival.finish(), Err(BlobError::Taken)));
        assert!(contract::get(&blobs, &key).unwrap() == bytes);

        let blob = blobs.open(&key).unwrap();
        let mut piece = vec![0; 1 << 20];
        for start in [3, 3 + (1 << 20), 3 + (2 << 20), 100, PART_BYTES, PART_BYTES + (1 << 20)] {
            blob.read_at(&mut piece, start as u64).unwrap();
            assert!(piece == bytes[start..start + piece.len()], "at {start}");
        }
        blobs.delete(&key).unwrap();
        let left = server.files_of("archives");
        assert!(!left.iter().any(|name| name.contains(key.as_str())), "{left:?}");
        // Whoever came second gives up what they sent, a moment later.
        while !server.unfinished().is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_drops_connections_is_asked_again() {
    with_server(|server, blobs| {
        let (key, bytes) = (contract::key(92), contract::sample(PART_BYTES + 1, 92));
        server.refuses.store(2, Ordering::SeqCst);
        contract::put(&blobs, &key, &bytes).unwrap();
        assert!(contract::get(&blobs, &key).unwrap() == bytes);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_refused_and_not_shown() {
    with_server(|server, _| {
        let settings = S3Settings {
            secret_access_key: Zeroizing::new("another".into()),
            ..settings(&server, "archives")
        };
        let blobs = S3Blobs::new(&settings, Handle::current());
        let refused = contract::put(&blobs, &contract::key(93), b"x").unwrap_err().to_string();
        assert!(refused.contains("403") && !refused.contains("another"), "{refused}");
    })
    .await;
}

/// The status and the whole answer of a request for `path` of the server, with one header.
async fn fetch(server: &S3Server, path: &str, header: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let host = server.address;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_url_fetches_one_package_for_an_hour_and_nothing_else() {
    let server = Arc::new(S3Server::start().await);
    let packages = HandOverBucket::new(&settings(&server, "packages"), Handle::current());
    let key = contract::key(95);
    let writing = (packages.clone(), key.clone());
    let written = tokio::task::spawn_blocking(move || {
        for text in ["an earlier try", "PK the package"] {
            let mut writer = writing.0.write_zip(&writing.1);
            writer.write_all(text.as_bytes()).unwrap();
            writer.finish().unwrap();
        }
    });
    written.await.unwrap();
    assert_eq!(packages.length(&key).await.unwrap(), Some(14));

    let now_ms = SystemClock.now_ms();
    let hour = Duration::from_secs(3_600);
    let offer = Offer { file_name: "FR-1234-5678.zip", now_ms, good_for: hour };
    let url = packages.sign(&key, &offer).await.unwrap();
    let path = url.strip_prefix(&format!("http://{}", server.address)).unwrap().to_owned();
    let (status, answer) = fetch(&server, &path, "Range: bytes=3-").await;
    assert_eq!(status, 206, "{answer}");
    assert!(answer.ends_with("the package"), "{answer}");
    let answer = answer.to_ascii_lowercase();
    assert!(answer.contains("content-disposition: attachment; filename=\"fr-1234-5678.zip\""), "{answer}");
    assert!(answer.contains("content-type: application/zip"), "{answer}");

    let late = Offer { now_ms: now_ms - 3_601_000, ..offer };
    let late = packages.sign(&key, &late).await.unwrap();
    let late = late.strip_prefix(&format!("http://{}", server.address)).unwrap().to_owned();
    let other = path.replace(key.as_str(), contract::key(96).as_str());
    let unsigned = path.split('?').next().unwrap().to_owned();
    let longer = path.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000");
    let renamed = path.replace("FR-1234-5678", "FR-8765-4321");
    assert!(longer != path && renamed != path && other != path);
    for refused in [late, other, unsigned, longer, renamed] {
        assert_eq!(fetch(&server, &refused, "Accept: */*").await.0, 403, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_writer_that_went_away_left_is_ended_by_the_next() {
    let server = Arc::new(S3Server::start().await);
    let packages = HandOverBucket::new(&settings(&server, "packages"), Handle::current());
    let ending = tokio::task::spawn_blocking(move || {
        let (key, other) = (contract::key(97), contract::key(98));
        for key in [&key, &other] {
            let mut writer = packages.write_zip(key);
            writer.write_all(&contract::sample(PART_BYTES + 1, 97)).unwrap();
            // Whoever is killed clears nothing up.
            std::mem::forget(writer);
        }
        let parts = |left: &[String]| left.iter().filter(|name| name.ends_with(".part-1")).count();
        let mut before = server.unfinished();
        while parts(&before) < 2 {
            std::thread::sleep(Duration::from_millis(20));
            before = server.unfinished();
        }
        packages.end_uploads(&key).unwrap();
        let between = server.unfinished();
        packages.delete(&other).unwrap();
        (before, between, server.unfinished())
    });
    let (before, between, after) = ending.await.unwrap();
    assert!(!between.is_empty() && between.len() < before.len(), "only those of one package are ended");
    assert_eq!(after, [""; 0]);
}

/// A server that answers everything so; what it is asked, one head after the other.
async fn answering(status: &str, body: &str) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (heads, asked) = tokio::sync::mpsc::unbounded_channel();
    let answer = format!(
        "HTTP/1.1 {status}\r\nETag: \"0\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            heads.send(String::from_utf8(head).unwrap().to_ascii_lowercase()).unwrap_or_default();
        }
    });
    (address, asked)
}

fn elsewhere(endpoint: String, encryption: Option<Encryption>) -> S3Settings {
    S3Settings {
        endpoint: Some(endpoint),
        region: "us-east-1".into(),
        bucket: "packages".into(),
        access_key_id: KEY_ID.into(),
        secret_access_key: Zeroizing::new(SECRET.into()),
        encryption,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packages_are_uploaded_with_the_encryption_that_is_configured_and_blobs_without() {
    let (endpoint, mut asked) = answering("200 OK", "").await;
    let kms = Encryption::Kms(Some("our-key".into()));
    for (encryption, expected) in [
        (None, ""),
        (Some(Encryption::Aes256), "x-amz-server-side-encryption: aes256\r\n"),
        (Some(kms), "x-amz-server-side-encryption-aws-kms-key-id: our-key\r\n"),
    ] {
        let packages = HandOverBucket::new(&elsewhere(endpoint.clone(), encryption), Handle::current());
        let written = tokio::task::spawn_blocking(move || packages.write_zip(&contract::key(97)).finish());
        written.await.unwrap().unwrap();
        let head = asked.recv().await.unwrap();
        assert!(head.starts_with("put ") && head.contains(expected), "{head}");
        assert_eq!(head.contains("server-side-encryption"), !expected.is_empty(), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_packages_expire_is_known_where_the_server_says_so() {
    let rule = |status: &str, what: &str| {
        format!(
            "<LifecycleConfiguration><Rule><ID>a</ID><Status>{status}</Status><Filter/>{what}</Rule>\
             </LifecycleConfiguration>"
        )
    };
    let day = "<Expiration><Days>1</Days></Expiration>";
    let aborts = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
                  </AbortIncompleteMultipartUpload>";
    let error = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    for (status, body, expected) in [
        ("200 OK", rule("Enabled", day), Some(true)),
        ("200 OK", rule("Disabled", day), Some(false)),
        ("200 OK", rule("Enabled", aborts), Some(false)),
        ("404 Not Found", error("NoSuchLifecycleConfiguration"), Some(false)),
        ("403 Forbidden", error("AccessDenied"), None),
        ("501 Not Implemented", error("NotImplemented"), None),
    ] {
        let (endpoint, _asked) = answering(status, &body).await;
        let packages = HandOverBucket::new(&elsewhere(endpoint, None), Handle::current());
        assert_eq!(packages.expires().await, expected, "{status} {body}");
    }
}
