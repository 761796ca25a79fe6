//! A package's bytes: any range of the ZIP, from where they lie, in constant memory.
//!
//! No thread is held while a slow recipient reads: each block is produced on a thread that may block, one
//! block ahead of what is being sent, and before it is given away the link is looked at again.

use super::blocks::Blocks;
use super::ranges::{Wanted, wanted};
use crate::audit::disclosures::{self, DisclosureError};
use crate::clock::Clock;
use crate::desk::link::{self, Caller, LinkSession};
use crate::desk::package::{self, OpenError, OpenPackage, PackageReader};
use crate::jobs::put;
use crate::model::audit::Actor;
use crate::model::job::hand_over_package;
use crate::model::link::Deed;
use crate::model::{NewDisclosure, Package};
use crate::store::blob::BlobStore;
use crate::store::blob::s3::HandOverBucket;
use crate::store::db::{Db, Tx};
use crate::store::{self, StoreError, packages, requests};
use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::response::Builder;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use futures_util::stream;
use imaging::chance::Chance;
use imaging::seal::MasterKeys;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A package is not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The link is one to look, not to save.
    #[error("this link does not include the right to download")]
    MayNotDownload,
    /// There is no package behind the link (any more).
    #[error("there is no package behind this link")]
    NoPackage,
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// The package does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its bytes cannot be read.
    #[error("the package cannot be read")]
    Read(#[from] io::Error),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Answer(#[from] axum::http::Error),
}

/// What is asked for, by whom.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// `GET` or `HEAD`.
    pub method: &'a Method,
    /// All its headers.
    pub headers: &'a HeaderMap,
    /// Who asks.
    pub caller: Caller<'a>,
}

/// How a package leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// By this answer, from this byte on.
    From(u64),
    /// All of it, from the object store.
    ByBucket,
}

/// Sends packages.
#[derive(Clone)]
pub struct PackageSender {
    /// The database.
    pub db: Db,
    /// Where archives and layouts are.
    pub blobs: Arc<dyn BlobStore>,
    /// What opens them.
    pub keys: Arc<MasterKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub chance: Arc<dyn Chance>,
    /// Where packages are fetched from instead, if they are.
    pub bucket: Option<HandOverBucket>,
}

impl PackageSender {
    /// The package behind a link, or the part of it that is asked for.
    ///
    /// # Errors
    /// [`SendError`]; nothing has left then.
    pub async fn send(&self, session: &LinkSession, asked: Asked<'_>) -> Result<Response, SendError> {
        if !session.grant.rights.download {
            return Err(SendError::MayNotDownload);
        }
        let package = packages::get(&self.db, &session.grant.package).await?.ok_or(SendError::NoPackage)?;
        let request = requests::get(&self.db, &package.request).await?.ok_or(SendError::NoPackage)?;
        let file_name = format!("{}.zip", request.reference);
        let (etag, len) = (format!("\"{}\"", package.etag), package.zip_bytes);
        let answer = headers(&etag, &file_name);
        let wanted = wanted(asked.headers, &etag, len);
        let range = match wanted {
            Wanted::NotModified => return Ok(answer.status(StatusCode::NOT_MODIFIED).body(Body::empty())?),
            Wanted::Unsatisfiable => {
                let answer = answer.status(StatusCode::RANGE_NOT_SATISFIABLE);
                return Ok(answer.header(CONTENT_RANGE, format!("bytes */{len}")).body(Body::empty())?);
            }
            Wanted::Part(ref part) => part.clone(),
            Wanted::Whole => 0..len,
        };
        if asked.method == Method::GET
            && let Some(url) = self.url(&package, &file_name).await
        {
            return self.redirect(session, &package, asked.caller, &url).await;
        }
        let answer = match wanted {
            Wanted::Part(_) => answer
                .status(StatusCode::PARTIAL_CONTENT)
                .header(CONTENT_RANGE, format!("bytes {}-{}/{len}", range.start, range.end - 1)),
            _ => answer,
        };
        let answer = answer.header(CONTENT_LENGTH, range.end - range.start);
        if asked.method == Method::HEAD {
            return Ok(answer.body(Body::empty())?);
        }
        let open = package::open(&self.db, &self.blobs, &self.keys, &package).await?;
        Ok(answer.body(self.body(session, &package, asked.caller, &open, range).await?)?)
    }

    /// Puts the disclosure on record; nothing leaves before that is committed.
    async fn begin(
        &self,
        session: &LinkSession,
        package: &Package,
        caller: Caller<'_>,
        leaving: Leaves,
    ) -> Result<String, SendError> {
        let (grant, now_ms) = (&session.grant, self.clock.now_ms());
        let new = disclosure_of(session, package);
        let actor = Actor::Recipient { grant: grant.id.clone() };
        let mut tx = self.db.begin().await?;
        let disclosure = disclosures::begin(&mut tx, actor, &new, now_ms, &*self.chance).await?;
        if leaving == Leaves::ByBucket {
            match disclosures::hand_over(&mut tx, &disclosure, now_ms, &*self.chance).await {
                // All of it left in this session before, by ourselves: that is on record already.
                Ok(()) | Err(DisclosureError::Refused(_)) => {}
                Err(DisclosureError::Store(error)) => return Err(error.into()),
            }
        }
        if !self.goes_on(&mut tx, &disclosure, leaving).await? {
            link::note(&mut tx, &grant.id, Deed::Downloaded, caller, now_ms).await?;
        }
        tx.commit().await?;
        Ok(disclosure)
    }

    /// Whether a part goes on with what left in this session before: a download that broke off is one, not two.
    async fn goes_on(&self, tx: &mut Tx, disclosure: &str, leaving: Leaves) -> Result<bool, StoreError> {
        let begun = store::disclosures::get(tx, disclosure).await?;
        let left = begun.is_some_and(|begun| begun.left.bytes() > 0);
        Ok(left && matches!(leaving, Leaves::From(start) if start > 0))
    }

    async fn body(
        &self,
        session: &LinkSession,
        package: &Package,
        caller: Caller<'_>,
        open: &OpenPackage,
        range: Range<u64>,
    ) -> Result<Body, SendError> {
        let reader = open.range(range.clone())?;
        let disclosure = self.begin(session, package, caller, Leaves::From(range.start)).await?;
        let leaving = Leaving {
            sender: self.clone(),
            session: session.clone(),
            disclosure,
            left: range.start..range.start,
        };
        let blocks = Blocks::default();
        let flow = Flow { next: Some(produce(reader, &blocks)), blocks, leaving };
        Ok(Body::from_stream(stream::try_unfold(flow, |flow| flow.block())))
    }

    /// The URL to fetch a package by, if packages are fetched and this one is where they are. Whatever is in
    /// the way there, this service can send it too.
    async fn url(&self, package: &Package, file_name: &str) -> Option<String> {
        let bucket = self.bucket.as_ref()?;
        match package::hand_over::url(bucket, package, file_name, &*self.clock).await {
            Ok(Some(url)) => return Some(url),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a package cannot be offered from the object store"),
        }
        if let Err(error) = self.put_upload(package).await {
            tracing::warn!(%error, "a package is not going to be uploaded");
        }
        None
    }

    async fn put_upload(&self, package: &Package) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        put(&mut tx, &[hand_over_package(&package.id)], &*self.chance).await?;
        tx.commit().await
    }

    async fn redirect(
        &self,
        session: &LinkSession,
        package: &Package,
        caller: Caller<'_>,
        url: &str,
    ) -> Result<Response, SendError> {
        self.begin(session, package, caller, Leaves::ByBucket).await?;
        let answer = Response::builder().status(StatusCode::SEE_OTHER).header(LOCATION, url);
        Ok(answer.header(CACHE_CONTROL, "no-store").body(Body::empty())?)
    }
}

/// What is put on record before anything of a package leaves in a session, once for all of it.
pub(super) fn disclosure_of(session: &LinkSession, package: &Package) -> NewDisclosure {
    let grant = &session.grant;
    NewDisclosure {
        request: grant.request.clone(),
        delivery: grant.delivery.clone(),
        what: "package",
        what_id: package.id.clone(),
        session: session.id.clone(),
        recipient: grant.recipient.clone(),
        whole_bytes: package.zip_bytes,
    }
}

fn headers(etag: &str, file_name: &str) -> Builder {
    Response::builder()
        .header(ETAG, etag)
        .header(ACCEPT_RANGES, "bytes")
        .header(CONTENT_TYPE, "application/zip")
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\""))
        .header(CACHE_CONTROL, "private, no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
}

type Produced = io::Result<(PackageReader, Bytes)>;

/// Produces the next block on a thread that may block; an empty one at the end.
fn produce(mut reader: PackageReader, blocks: &Blocks) -> JoinHandle<Produced> {
    let blocks = blocks.clone();
    tokio::task::spawn_blocking(move || {
        let left = usize::try_from(reader.left()).unwrap_or(usize::MAX);
        let block = blocks.filled(left, |block| reader.read_exact(block))?;
        Ok((reader, block))
    })
}

/// A package on its way.
struct Flow {
    next: Option<JoinHandle<Produced>>,
    blocks: Blocks,
    leaving: Leaving,
}

impl Flow {
    async fn block(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let Some(next) = self.next.take() else { return Ok(None) };
        let (reader, block) = next.await.map_err(io::Error::other)?.inspect_err(|error| {
            let error = error as &dyn std::error::Error;
            tracing::error!(error, "a package cannot be read on: the download ends early");
        })?;
        if block.is_empty() {
            return Ok(None);
        }
        self.leaving.permitted().await?;
        self.next = (reader.left() > 0).then(|| produce(reader, &self.blocks));
        self.leaving.left.end += block.len() as u64;
        Ok(Some((block, self)))
    }
}

/// What leaves in one answer. When the answer is over, however it ends, what left is noted.
struct Leaving {
    sender: PackageSender,
    session: LinkSession,
    disclosure: String,
    left: Range<u64>,
}

impl Leaving {
    /// Asks whether the link still stands.
    async fn permitted(&self) -> io::Result<()> {
        let asked = link::may_go_on(&self.sender.db, &self.session, self.sender.clock.now_ms()).await;
        match asked {
            Ok(true) => Ok(()),
            Ok(false) => Err(io::Error::other("the link was taken back or has ended")),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let (sender, disclosure) = (self.sender.clone(), std::mem::take(&mut self.disclosure));
        let left = self.left.clone();
        tokio::spawn(async move {
            if let Err(error) = note_left(&sender, &disclosure, left).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(disclosure, error, "what left of a package could not be noted");
            }
        });
    }
}

async fn note_left(sender: &PackageSender, disclosure: &str, left: Range<u64>) -> Result<(), StoreError> {
    let mut tx = sender.db.begin().await?;
    disclosures::note_range(&mut tx, disclosure, left, sender.clock.now_ms(), &*sender.chance).await?;
    tx.commit().await
}
