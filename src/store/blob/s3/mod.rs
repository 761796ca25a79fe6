//! Blobs as objects of a bucket of any server that speaks S3.
//!
//! The contract is blocking and the protocol's client is not: every call here waits on a runtime's handle,
//! so callers must be on threads that may block, never in a task. Requests are signed (Signature Version 4)
//! with static keys; the bucket stands in the path, which every server understands.

mod hand_over;
mod read;
#[cfg(test)]
#[path = "../../../../tests/common/s3.rs"]
mod server;
#[cfg(test)]
mod tests;
mod write;

pub use hand_over::{HandOverBucket, Offer};

use super::{BlobError, BlobKey, BlobStore, BlobWriter};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use imaging::seal::ReadAt;
use std::io;
use std::time::Duration;
use tokio::runtime::Handle;
use write::{As, Upload};
use zeroize::Zeroizing;

/// A request is tried so often, for about a minute in all …
const ATTEMPTS: u32 = 10;
/// … with at most this long between two tries.
const MOST_BACKOFF: Duration = Duration::from_secs(20);
/// How long a connection may take to be made.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long one try may take until the answer begins; a part of 8 MiB then goes at 70 kB/s or more.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// Where a bucket is, and who we are there.
#[derive(Clone)]
pub struct S3Settings {
    /// The server's address; none means the provider's own for the region.
    pub endpoint: Option<String>,
    /// The region requests are signed for.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The name of the access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Zeroizing<String>,
    /// What the provider is asked to encrypt packages with; none leaves it to the bucket.
    pub encryption: Option<Encryption>,
}

/// Encryption by the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// With keys the provider keeps.
    Aes256,
    /// With a key of its key service: this one, or the account's own.
    Kms(Option<String>),
}

/// One bucket, and a runtime to wait on.
#[derive(Clone)]
struct Bucket {
    client: Client,
    name: String,
    encryption: Option<Encryption>,
    runtime: Handle,
}

impl Bucket {
    fn new(settings: &S3Settings, runtime: Handle) -> Self {
        let secret = settings.secret_access_key.as_str();
        let who = Credentials::new(settings.access_key_id.as_str(), secret, None, None, "configuration");
        let retry = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(MOST_BACKOFF);
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT_WITHIN).operation_attempt_timeout(ANSWER_WITHIN);
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(who)
            .force_path_style(true)
            .retry_config(retry)
            .timeout_config(timeouts.build())
            // A reader that waits for a slow recipient is not a stalled server.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // What is sealed is checked by its tags; a further checksum is one that some servers refuse.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        config.set_endpoint_url(settings.endpoint.clone());
        let (client, name) = (Client::from_conf(config.build()), settings.bucket.clone());
        Self { client, name, encryption: settings.encryption.clone(), runtime }
    }

    /// The length of an object, or nothing if there is none.
    async fn length(&self, key: &str) -> io::Result<Option<u64>> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(head) => match head.content_length.map(u64::try_from) {
                Some(Ok(length)) => Ok(Some(length)),
                _ => Err(io::Error::other("S3 does not say how long the object is")),
            },
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed("looking for an object", &error)),
        }
    }

    /// Deletes an object, and what writers that went away left of it.
    async fn delete(&self, key: &str) -> io::Result<()> {
        self.abort_uploads(key).await?;
        let deleted = self.client.delete_object().bucket(&self.name).key(key).send().await;
        match deleted {
            Err(error) if status(&error) != Some(404) => Err(failed("deleting an object", &error)),
            _ => Ok(()),
        }
    }

    async fn abort_uploads(&self, key: &str) -> io::Result<()> {
        let listed = self.client.list_multipart_uploads().bucket(&self.name).prefix(key).send().await;
        let listed = match listed {
            Ok(listed) => listed,
            // A server that cannot list uploads has to end forgotten ones by a rule of its own.
            Err(error) if status(&error) == Some(501) => return Ok(()),
            Err(error) => return Err(failed("listing uploads", &error)),
        };
        for upload in listed.uploads() {
            if let (true, Some(id)) = (upload.key() == Some(key), upload.upload_id()) {
                self.abort(key, id).await?;
            }
        }
        Ok(())
    }

    async fn abort(&self, key: &str, upload_id: &str) -> io::Result<()> {
        let request = self.client.abort_multipart_upload().bucket(&self.name).key(key).upload_id(upload_id);
        match request.send().await {
            Err(error) if status(&error) != Some(404) => Err(failed("aborting an upload", &error)),
            _ => Ok(()),
        }
    }
}

/// A blob store in a bucket of its own.
///
/// A blob appears when its upload is completed, on the condition that there is none of its key
/// (`If-None-Match: *`). What a crashed writer left of a large one is aborted when its key is deleted.
#[derive(Clone)]
pub struct S3Blobs(Bucket);

impl S3Blobs {
    /// The store in this bucket, which must exist. Waits on `runtime`; nothing is asked of the server yet.
    #[must_use]
    pub fn new(settings: &S3Settings, runtime: Handle) -> Self {
        Self(Bucket::new(settings, runtime))
    }
}

impl BlobStore for S3Blobs {
    fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        match self.0.runtime.block_on(self.0.length(key.as_str()))? {
            Some(_) => Err(BlobError::Taken),
            None => Ok(Box::new(Upload::new(self.0.clone(), key.as_str(), As::Blob))),
        }
    }

    fn open(&self, key: &BlobKey) -> Result<Box<dyn ReadAt>, BlobError> {
        let length = self.0.runtime.block_on(self.0.length(key.as_str()))?.ok_or(BlobError::NotFound)?;
        Ok(Box::new(read::Object::new(self.0.clone(), key.as_str(), length)))
    }

    fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        Ok(self.0.runtime.block_on(self.0.delete(key.as_str()))?)
    }

    fn list(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError> {
        let mut pages = self.0.client.list_objects_v2().bucket(&self.0.name).into_paginator().send();
        while let Some(page) = self.0.runtime.block_on(pages.next()) {
            let page = page.map_err(|error| failed("listing objects", &error))?;
            for object in page.contents() {
                let key = object.key().and_then(|key| BlobKey::new(key).ok());
                let bytes = object.size().and_then(|bytes| u64::try_from(bytes).ok());
                if let (Some(key), Some(bytes)) = (key, bytes) {
                    visit(key, bytes);
                }
            }
        }
        Ok(())
    }
}

/// The status the server answered with, if it answered.
fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

/// What went wrong, without anything that was sent.
fn failed<E>(doing: &str, error: &SdkError<E>) -> io::Error
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let why = match (error.code(), status(error)) {
        (Some(code), Some(status)) => format!("{status} {code}"),
        (None, Some(status)) => status.to_string(),
        _ => DisplayErrorContext(error).to_string(),
    };
    io::Error::other(format!("{doing} in S3: {why}"))
}
