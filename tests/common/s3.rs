//! An S3 server in this process, which really checks signatures, for tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Whom it lets in.
pub const KEY_ID: &str = "filmroom";
/// The secret for it.
pub const SECRET: &str = "only-a-test";

/// A running server with the buckets `archives` and `packages`.
pub struct S3Server {
    /// Where it is.
    pub address: SocketAddr,
    /// Connections it will drop at once before it serves again.
    pub refuses: Arc<AtomicU64>,
    folder: TempDir,
}

impl S3Server {
    /// Starts it on the current runtime.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for bucket in ["archives", "packages"] {
            std::fs::create_dir(folder.path().join(bucket)).unwrap();
        }
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = service.build();
        let root = folder.path().to_owned();
        // A server does what it began, whoever hangs up meanwhile.
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let listed = uploads(&root, &request);
            let answering = listed.is_none().then(|| tokio::spawn(Service::call(&service, request)));
            async move {
                match (answering, listed) {
                    (Some(answering), _) => answering.await.unwrap(),
                    (None, listed) => Ok(Response::new(Body::from(listed.unwrap_or_default()))),
                }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let refuses = Arc::new(AtomicU64::new(0));
        let refusing = Arc::clone(&refuses);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let left =
                    refusing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if left.is_ok() {
                    continue;
                }
                let service = service.clone();
                tokio::spawn(async move {
                    // A client that goes away is none of the server's business.
                    drop(
                        auto::Builder::new(TokioExecutor::new())
                            .serve_connection(TokioIo::new(stream), service)
                            .await,
                    );
                });
            }
        });
        Self { address, refuses, folder }
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Names of what uploads left that were neither completed nor aborted.
    pub fn unfinished(&self) -> Vec<String> {
        let listed = std::fs::read_dir(self.folder.path()).unwrap();
        let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".upload")).collect()
    }

    /// Names of the objects and of everything else that lies in a bucket's folder.
    pub fn files_of(&self, bucket: &str) -> Vec<String> {
        let listed = std::fs::read_dir(self.folder.path().join(bucket)).unwrap();
        listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// The uploads of a key that are not finished, if that is what is asked: the file system behind the server knows them
/// and does not list them.
fn uploads(root: &Path, request: &Request<Incoming>) -> Option<String> {
    let query = request.uri().query().filter(|_| request.method() == "GET")?;
    if !query.split('&').any(|field| field.starts_with("uploads")) {
        return None;
    }
    let key = query.split('&').find_map(|field| field.strip_prefix("prefix="))?;
    let bucket = request.uri().path().trim_matches('/');
    let [of_bucket, of_key] = [bucket, key].map(|name| URL_SAFE_NO_PAD.encode(name));
    let before = format!(".bucket-{of_bucket}.object-{of_key}.upload-");
    let names =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let ids =
        names.filter_map(|name| Some(name.strip_prefix(&before)?.strip_suffix(".metadata.json")?.to_owned()));
    let listed: String =
        ids.map(|id| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>")).collect();
    Some(format!("<ListMultipartUploadsResult>{listed}</ListMultipartUploadsResult>"))
}
