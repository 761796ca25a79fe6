//! A disc image as an answer: whole, or from where it broke off, in constant memory.

use axum::body::{Body, Bytes as Piece};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How much is read at once.
const PIECE_BYTES: usize = 256 * 1024;
/// Pieces read ahead of the line.
const AHEAD: usize = 4;

/// The bytes of something that is made when it is read.
pub trait Bytes: Send + Sync {
    /// Reads a range, front to back. May block.
    ///
    /// # Errors
    /// If it cannot be made.
    fn range(&self, bytes: Range<u64>) -> io::Result<Box<dyn Read + Send>>;
}

/// An image cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Its seal or what it is made of is not as it was when it was planned.
    #[error("the image of this disc cannot be made: {0}")]
    Unmade(String),
    /// Something it is made of cannot be read.
    #[error("what the image of this disc is made of cannot be read")]
    Unreadable(#[from] io::Error),
}

/// Answers with the bytes, or with those from where `Range: bytes=N-` says.
pub(super) fn respond(bytes: Arc<dyn Bytes>, length: u64, tag: &str, headers: &HeaderMap) -> Response {
    let asked = headers.get(RANGE).map(|range| range.to_str().ok().and_then(|range| begin_of(range, length)));
    let tag = format!("\"{tag}\"");
    let (status, begin) = match asked {
        None => (StatusCode::OK, 0),
        Some(Some(begin)) => (StatusCode::PARTIAL_CONTENT, begin),
        Some(None) => {
            let all = format!("bytes */{length}");
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, all)]).into_response();
        }
    };
    let mut answer = (
        status,
        [
            (CONTENT_TYPE, "application/x-iso9660-image".to_owned()),
            (CONTENT_LENGTH, (length - begin).to_string()),
            (ACCEPT_RANGES, "bytes".to_owned()),
            (CACHE_CONTROL, "no-store".to_owned()),
            (ETAG, tag),
        ],
        body(bytes, begin..length),
    )
        .into_response();
    let range = format!("bytes {begin}-{}/{length}", length.saturating_sub(1));
    if let (StatusCode::PARTIAL_CONTENT, Ok(range)) = (status, range.parse()) {
        answer.headers_mut().insert(CONTENT_RANGE, range);
    }
    answer
}

/// Where `bytes=N-` begins; a station asks for nothing else.
fn begin_of(range: &str, length: u64) -> Option<u64> {
    let begin = range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
    (begin < length).then_some(begin)
}

fn body(bytes: Arc<dyn Bytes>, range: Range<u64>) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = send(&*bytes, range, &sender) {
            tracing::error!(%error, "a disc image broke off");
            // Whoever listened may be gone.
            drop(sender.blocking_send(Err(error)));
        }
    });
    Body::from_stream(stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    }))
}

fn send(bytes: &dyn Bytes, range: Range<u64>, to: &mpsc::Sender<io::Result<Piece>>) -> io::Result<()> {
    let mut source = bytes.range(range)?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        if (&mut source).take(limit).read_to_end(&mut piece)? == 0 {
            return Ok(());
        }
        if to.blocking_send(Ok(piece.into())).is_err() {
            // The station went away; it will ask again.
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_begins_within_the_image_or_is_refused() {
        assert_eq!(begin_of("bytes=0-", 10), Some(0));
        assert_eq!(begin_of("bytes=9-", 10), Some(9));
        for wrong in ["bytes=10-", "bytes=-5", "bytes=0-5", "bytes=0-,3-", "0-", "bytes=x-"] {
            assert_eq!(begin_of(wrong, 10), None, "{wrong}");
        }
    }
}
