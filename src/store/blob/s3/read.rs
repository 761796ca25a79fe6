//! Reading an object at any offset. Who reads on from where the last read ended is served from one answer
//! that stays open, so that a whole object costs few requests.

use super::{Bucket, failed};
use imaging::seal::ReadAt;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The most one answer carries for a reader who goes on.
const AHEAD_BYTES: u64 = 32 << 20;
/// An answer that brings nothing for so long is asked for again.
const SILENT_FOR: Duration = Duration::from_secs(30);
/// How often an answer that broke off is asked for again without a byte having come.
const ATTEMPTS: u32 = 5;

/// An object that is there.
pub(super) struct Object {
    bucket: Bucket,
    key: String,
    len: u64,
    ahead: Mutex<Ahead>,
}

/// Where the last read ended, and the answer that goes on there.
struct Ahead {
    next: u64,
    answer: Option<Answer>,
}

type Answer = Pin<Box<dyn AsyncRead + Send>>;

impl Object {
    pub(super) fn new(bucket: Bucket, key: &str, len: u64) -> Self {
        // Nobody has read up to here yet, so that the first read asks for no more than it wants.
        let ahead = Ahead { next: u64::MAX, answer: None };
        Self { bucket, key: key.to_owned(), len, ahead: Mutex::new(ahead) }
    }

    async fn fill(&self, buf: &mut [u8], offset: u64, ahead: &mut Ahead) -> io::Result<()> {
        let reading_on = ahead.next == offset;
        if !reading_on {
            ahead.answer = None;
        }
        let (mut filled, mut failures) = (0, 0);
        while filled < buf.len() {
            let at = offset + filled as u64;
            let answer = match ahead.answer.take() {
                Some(answer) => Ok(answer),
                None => self.ask(self.wanted(at, buf.len() - filled, reading_on)).await,
            };
            match more(answer, &mut buf[filled..]).await {
                Ok((read, answer)) => {
                    (filled, failures) = (filled + read, 0);
                    // An answer that is at its end says so by giving nothing.
                    ahead.answer = (read > 0).then_some(answer);
                }
                Err(error) if failures + 1 == ATTEMPTS => return Err(error),
                Err(_) => {
                    failures += 1;
                    tokio::time::sleep(Duration::from_millis(100 << failures)).await;
                }
            }
        }
        ahead.next = offset + filled as u64;
        if !reading_on {
            ahead.answer = None;
        }
        Ok(())
    }

    fn wanted(&self, at: u64, bytes: usize, reading_on: bool) -> Range<u64> {
        let least = at.saturating_add(bytes as u64);
        let end = if reading_on { least.max(at.saturating_add(AHEAD_BYTES)) } else { least };
        at..end.min(self.len)
    }

    async fn ask(&self, bytes: Range<u64>) -> io::Result<Answer> {
        let range = format!("bytes={}-{}", bytes.start, bytes.end.saturating_sub(1));
        let request = self.bucket.client.get_object().bucket(&self.bucket.name).key(&self.key).range(range);
        let answer = request.send().await.map_err(|error| failed("reading an object", &error))?;
        if answer.content_length.and_then(|length| u64::try_from(length).ok())
            != Some(bytes.end - bytes.start)
        {
            return Err(io::Error::other("S3 does not answer with the range that was asked for"));
        }
        Ok(Box::pin(answer.body.into_async_read()))
    }
}

async fn more(answer: io::Result<Answer>, buf: &mut [u8]) -> io::Result<(usize, Answer)> {
    let mut answer = answer?;
    let read = tokio::time::timeout(SILENT_FOR, answer.read(buf)).await.map_err(io::Error::from)??;
    Ok((read, answer))
}

impl ReadAt for Object {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        if offset.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        self.bucket.runtime.block_on(self.fill(buf, offset, &mut ahead))
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.len)
    }
}
