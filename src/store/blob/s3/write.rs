//! Writing an object: one request if it is small, else part by part, in memory for two parts.

use super::{Bucket, Encryption, failed, status};
use crate::store::blob::{BlobError, BlobWriter};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ServerSideEncryption};
use std::io::{self, Write};
use tokio::task::JoinHandle;

/// Bytes of every part but the last. Ten thousand, the most there may be, are 78 GiB.
pub(super) const PART_BYTES: usize = 8 << 20;
const MOST_PARTS: i32 = 10_000;

/// What an object is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// A blob: only if there is none of its key.
    Blob,
    /// A package to be fetched: it may be written again, with the same bytes.
    Zip,
}

impl As {
    fn if_none_match(self) -> Option<String> {
        (self == Self::Blob).then(|| "*".to_owned())
    }

    fn content_type(self) -> Option<String> {
        (self == Self::Zip).then(|| "application/zip".to_owned())
    }

    /// What the provider encrypts it with, and the key it uses. Blobs are sealed by us.
    fn encryption(self, bucket: &Bucket) -> (Option<ServerSideEncryption>, Option<String>) {
        match bucket.encryption.as_ref().filter(|_| self == Self::Zip) {
            None => (None, None),
            Some(Encryption::Aes256) => (Some(ServerSideEncryption::Aes256), None),
            Some(Encryption::Kms(key)) => (Some(ServerSideEncryption::AwsKms), key.clone()),
        }
    }
}

/// An object being written.
pub(super) struct Upload {
    bucket: Bucket,
    key: String,
    written_as: As,
    /// What comes next, at most a part.
    part: Vec<u8>,
    written: u64,
    state: State,
}

enum State {
    /// Nothing was sent yet.
    Small,
    /// Parts were sent.
    Parts(Parts),
    /// Something failed: nothing more is taken.
    Failed,
    /// The object is there.
    Finished,
}

struct Parts {
    upload_id: String,
    sent: Vec<CompletedPart>,
    /// The part that is on its way while the next one is collected.
    sending: Option<JoinHandle<io::Result<CompletedPart>>>,
}

impl Upload {
    pub(super) fn new(bucket: Bucket, key: &str, written_as: As) -> Self {
        let (key, part) = (key.to_owned(), Vec::with_capacity(PART_BYTES));
        Self { bucket, key, written_as, part, written: 0, state: State::Small }
    }

    /// Sends what was collected as a part of its own.
    fn send_part(&mut self) -> io::Result<()> {
        let state = std::mem::replace(&mut self.state, State::Failed);
        let mut parts = match state {
            State::Small => Parts { upload_id: self.begin()?, sent: Vec::new(), sending: None },
            State::Parts(parts) => parts,
            State::Failed | State::Finished => return Err(io::Error::other("this upload failed before")),
        };
        let sent = self.wait_for(&mut parts).and_then(|()| {
            let number = i32::try_from(parts.sent.len() + 1).unwrap_or(i32::MAX);
            if number > MOST_PARTS { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(number) }
        });
        let number = match sent {
            Ok(number) => number,
            Err(error) => {
                self.give_up(parts);
                return Err(error);
            }
        };
        let bytes = std::mem::replace(&mut self.part, Vec::with_capacity(PART_BYTES));
        self.written += bytes.len() as u64;
        let request = self.bucket.client.upload_part().bucket(&self.bucket.name).key(&self.key);
        let request = request.upload_id(&parts.upload_id).part_number(number).body(ByteStream::from(bytes));
        parts.sending = Some(self.bucket.runtime.spawn(async move {
            let sent = request.send().await.map_err(|error| failed("uploading a part", &error))?;
            Ok(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build())
        }));
        self.state = State::Parts(parts);
        Ok(())
    }

    fn begin(&self) -> io::Result<String> {
        let (encryption, encryption_key) = self.written_as.encryption(&self.bucket);
        let request = self.bucket.client.create_multipart_upload().bucket(&self.bucket.name).key(&self.key);
        let request = request
            .set_content_type(self.written_as.content_type())
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(encryption_key);
        let begun = self.bucket.runtime.block_on(request.send());
        let begun = begun.map_err(|error| failed("beginning an upload", &error))?;
        begun.upload_id.ok_or_else(|| io::Error::other("S3 gives the upload no id"))
    }

    fn wait_for(&self, parts: &mut Parts) -> io::Result<()> {
        if let Some(sending) = parts.sending.take() {
            let sent = self.bucket.runtime.block_on(sending).map_err(io::Error::other)??;
            parts.sent.push(sent);
        }
        Ok(())
    }

    fn put(&self, bytes: Vec<u8>) -> Result<(), BlobError> {
        let (encryption, encryption_key) = self.written_as.encryption(&self.bucket);
        let request = self.bucket.client.put_object().bucket(&self.bucket.name).key(&self.key);
        let request = request
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(encryption_key)
            .set_if_none_match(self.written_as.if_none_match())
            .set_content_type(self.written_as.content_type())
            .body(ByteStream::from(bytes));
        match self.bucket.runtime.block_on(request.send()) {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(412) => Err(BlobError::Taken),
            Err(error) => Err(failed("writing an object", &error).into()),
        }
    }

    fn complete(&mut self, mut parts: Parts) -> Result<(), BlobError> {
        let completed = self.wait_for(&mut parts).map_err(BlobError::from).and_then(|()| {
            let all = CompletedMultipartUpload::builder().set_parts(Some(parts.sent.clone())).build();
            let request =
                self.bucket.client.complete_multipart_upload().bucket(&self.bucket.name).key(&self.key);
            let request = request
                .upload_id(&parts.upload_id)
                .set_if_none_match(self.written_as.if_none_match())
                .multipart_upload(all);
            match self.bucket.runtime.block_on(request.send()) {
                Ok(_) => Ok(()),
                Err(error) if status(&error) == Some(412) => Err(BlobError::Taken),
                Err(error) => Err(failed("completing an upload", &error).into()),
            }
        });
        if completed.is_err() {
            self.give_up(parts);
        }
        completed
    }

    /// Has the server throw away what was sent. Not waited for: whoever gives up may be in a hurry, and
    /// deleting the key does it again.
    fn give_up(&self, parts: Parts) {
        let (bucket, key) = (self.bucket.clone(), self.key.clone());
        self.bucket.runtime.spawn(async move {
            if let Some(sending) = parts.sending {
                sending.abort();
            }
            if let Err(error) = bucket.abort(&key, &parts.upload_id).await {
                tracing::warn!(%error, "an unfinished upload was left in S3 until its key is deleted");
            }
        });
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full part waits for a further byte: an object of one part needs no upload in parts.
        if self.part.len() == PART_BYTES && !bytes.is_empty() {
            self.send_part()?;
        }
        let taken = bytes.len().min(PART_BYTES - self.part.len());
        self.part.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: a part that is not full may only be the last one.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl BlobWriter for Upload {
    fn finish(mut self: Box<Self>) -> Result<u64, BlobError> {
        if !matches!(self.state, State::Small) {
            self.send_part()?;
        }
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Small => {
                let bytes = std::mem::take(&mut self.part);
                self.written = bytes.len() as u64;
                self.put(bytes)?;
            }
            State::Parts(parts) => self.complete(parts)?,
            State::Failed | State::Finished => {
                return Err(io::Error::other("this upload failed before").into());
            }
        }
        self.state = State::Finished;
        Ok(self.written)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let State::Parts(parts) = std::mem::replace(&mut self.state, State::Failed) {
            self.give_up(parts);
        }
    }
}
