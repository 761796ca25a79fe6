//! Answers of several parts (RFC 2387, PS3.18 §8.6.1.2), and files that go into one while they are read.

use super::super::Means;
use super::super::inside::Inside;
use crate::desk::link::{self, LinkSession};
use crate::desk::pictures::PictureError;
use crate::hex::hex;
use crate::web::plumbing::errors::PageError;
use crate::words::in_words;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use imaging::chance::Chance;
use std::io::{self, Read};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Bytes of a file sent at a time, and how many times that is read ahead.
const PIECE_BYTES: u64 = 256 * 1024;
const PIECES_AHEAD: usize = 4;
/// Whoever takes nothing for so long gets no more.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the parts of an answer are set apart.
pub(super) struct Multipart {
    parts: &'static str,
    boundary: String,
}

impl Multipart {
    pub(super) fn new(parts: &'static str, chance: &dyn Chance) -> Self {
        let mut bytes = [0; 16];
        chance.fill(&mut bytes);
        Self { parts, boundary: hex(&bytes) }
    }

    /// What comes before a part's bytes.
    pub(super) fn head(&self, transfer_syntax: &str) -> String {
        let Self { parts, boundary } = self;
        format!("\r\n--{boundary}\r\nContent-Type: {parts}; transfer-syntax={transfer_syntax}\r\n\r\n")
    }

    /// What comes after the last part.
    pub(super) fn tail(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }

    pub(super) fn answer(&self, body: Body) -> Response {
        let Self { parts, boundary } = self;
        let kind = format!("multipart/related; type=\"{parts}\"; boundary={boundary}");
        ([(CONTENT_TYPE, kind)], body).into_response()
    }
}

/// Where a file's bytes go, and where they come out.
pub(super) fn pieces() -> (Sink, Receiver<Bytes>) {
    let (sender, receiver) = channel(PIECES_AHEAD);
    (Sink { sender, handle: Handle::current() }, receiver)
}

/// Takes files, on a thread that may block.
pub(super) struct Sink {
    sender: Sender<Bytes>,
    handle: Handle,
}

impl Sink {
    /// Takes a file to its end.
    pub(super) fn take(self, file: &mut dyn Read) -> io::Result<()> {
        loop {
            let mut piece = Vec::new();
            if file.take(PIECE_BYTES).read_to_end(&mut piece)? == 0 {
                return Ok(());
            }
            let sending = timeout(PATIENCE, self.sender.send(piece.into()));
            match self.handle.block_on(sending) {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}

type Reading = JoinHandle<Result<io::Result<()>, PictureError>>;

/// A file on its way to who asked.
pub(super) struct Passing {
    means: Means,
    session: LinkSession,
    /// Its first bytes, until they were given away.
    first: Option<Bytes>,
    pieces: Receiver<Bytes>,
    reading: Reading,
}

impl Passing {
    /// Waits for its first bytes: a file that cannot be read at all is no answer.
    pub(super) async fn begin(
        means: &Means,
        inside: &Inside,
        mut pieces: Receiver<Bytes>,
        reading: Reading,
    ) -> Result<Self, PageError> {
        let first = pieces.recv().await;
        if first.is_none() {
            let read = reading.await.map_err(PictureError::from)??;
            let why =
                read.err().map_or_else(|| "an instance has no bytes".to_owned(), |error| in_words(&error));
            return Err(PageError::Broken(why));
        }
        Ok(Self { means: means.clone(), session: inside.session.clone(), first, pieces, reading })
    }

    /// All of it between `head` and `tail`. What ends early ends without its `tail`.
    pub(super) fn body(self, head: String, tail: String) -> Body {
        let around = |text: String| stream::once(async move { Ok::<_, io::Error>(Bytes::from(text)) });
        Body::from_stream(around(head).chain(stream::try_unfold(self, Self::next)).chain(around(tail)))
    }

    /// The next bytes. The link is looked at again before they are given away.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let piece = match self.first.take() {
            Some(first) => Some(first),
            None => self.pieces.recv().await,
        };
        let Some(piece) = piece else {
            let read = self.reading.await.map_err(io::Error::other)?;
            return read.map_err(io::Error::other)?.map(|()| None);
        };
        let (db, now_ms) = (&self.means.sender.db, self.means.now_ms());
        if link::may_go_on(db, &self.session, now_ms).await.map_err(io::Error::other)? {
            Ok(Some((piece, self)))
        } else {
            Err(io::Error::other("the link was taken back or has ended"))
        }
    }
}
