//! Packages handed over by the object store itself: uploaded once, fetched by a signed URL.
//!
//! These objects are not sealed by us, so that a browser can save them: they lie in a bucket of their own
//! with the provider's encryption, and the provider's lifecycle rule deletes them after a day.

use super::write::{As, Upload};
use super::{Bucket, S3Settings, failed};
use crate::store::blob::{BlobError, BlobKey, BlobWriter};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::ExpirationStatus;
use std::io;
use std::time::{Duration, UNIX_EPOCH};
use tokio::runtime::Handle;

/// How a package is offered for fetching.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The name a browser saves it under: ASCII, without quotes.
    pub file_name: &'a str,
    /// The moment the URL is signed, in ms since 1970.
    pub now_ms: i64,
    /// How long it is good for; at most seven days.
    pub good_for: Duration,
}

/// The bucket packages are handed over from.
#[derive(Clone)]
pub struct HandOverBucket(Bucket);

impl HandOverBucket {
    /// The bucket, which must exist; waits on `runtime` where it blocks.
    #[must_use]
    pub fn new(settings: &S3Settings, runtime: Handle) -> Self {
        Self(Bucket::new(settings, runtime))
    }

    /// The length of a package that is there, or nothing.
    ///
    /// # Errors
    /// If the server fails.
    pub async fn length(&self, key: &BlobKey) -> io::Result<Option<u64>> {
        self.0.length(key.as_str()).await
    }

    /// Whether a rule of the bucket lets packages expire; nothing if the server does not say.
    pub async fn expires(&self) -> Option<bool> {
        let asked = self.0.client.get_bucket_lifecycle_configuration().bucket(&self.0.name).send().await;
        match asked {
            Ok(known) => Some(
                known
                    .rules()
                    .iter()
                    .any(|rule| *rule.status() == ExpirationStatus::Enabled && rule.expiration().is_some()),
            ),
            Err(error) if error.code() == Some("NoSuchLifecycleConfiguration") => Some(false),
            Err(_) => None,
        }
    }

    /// Ends uploads of a package that somebody began and did not finish. Blocks.
    ///
    /// # Errors
    /// If the server fails.
    pub fn end_uploads(&self, key: &BlobKey) -> Result<(), BlobError> {
        Ok(self.0.runtime.block_on(self.0.abort_uploads(key.as_str()))?)
    }

    /// Begins to write a ZIP. One that is there is replaced when this one is finished.
    #[must_use]
    pub fn write_zip(&self, key: &BlobKey) -> Box<dyn BlobWriter> {
        Box::new(Upload::new(self.0.clone(), key.as_str(), As::Zip))
    }

    /// Deletes a package, so that URLs signed before lead nowhere. Blocks.
    ///
    /// # Errors
    /// If the server fails.
    pub fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        Ok(self.0.runtime.block_on(self.0.delete(key.as_str()))?)
    }

    /// A URL that fetches a package and nothing else, for a while (Signature Version 4 in the query).
    ///
    /// # Errors
    /// If it cannot be signed: the time is before 1970 or `good_for` too long.
    pub async fn sign(&self, key: &BlobKey, offer: &Offer<'_>) -> io::Result<String> {
        let since_1970 = Duration::from_millis(u64::try_from(offer.now_ms).map_err(io::Error::other)?);
        let config = PresigningConfig::builder()
            .start_time(UNIX_EPOCH + since_1970)
            .expires_in(offer.good_for)
            .build()
            .map_err(io::Error::other)?;
        let request = self.0.client.get_object().bucket(&self.0.name).key(key.as_str());
        let signed = request
            .response_content_disposition(format!("attachment; filename=\"{}\"", offer.file_name))
            .response_content_type("application/zip")
            .response_cache_control("private, no-store")
            .presigned(config)
            .await
            .map_err(|error| failed("signing a URL", &error))?;
        Ok(signed.uri().to_owned())
    }
}
