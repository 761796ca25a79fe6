//! Deflated data sets (PS3.5 §A.5): inflated on the way to the parser, never held.

use super::note::Note;
use super::parser::{Parser, WalkError};
use super::walker::Limits;
use flate2::{Decompress, FlushDecompress, Status};

const WINDOW_BYTES: usize = 64 * 1024;
const GZIP_TRAILER_BYTES: usize = 8;

/// Inflates what arrives and passes it on.
pub(super) struct Inflater {
    stream: Decompress,
    window: Box<[u8]>,
    limits: Limits,
    ended: bool,
    trailer: Trailer,
}

/// What follows the stream: nothing, zeros, or the checksum and length of a gzip member (RFC 1952
/// §2.3.1) that some writers leave behind.
#[derive(Default)]
struct Trailer {
    start: [u8; GZIP_TRAILER_BYTES],
    bytes: usize,
}

impl Trailer {
    /// Takes bytes after the stream; false if they cannot be any of these.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let (start, rest) = bytes.split_at(bytes.len().min(GZIP_TRAILER_BYTES - self.bytes));
        self.start[self.bytes..self.bytes + start.len()].copy_from_slice(start);
        self.bytes += start.len();
        rest.iter().all(|byte| *byte == 0)
    }

    fn is_zeros(&self) -> bool {
        self.start.iter().all(|byte| *byte == 0)
    }

    fn is_of_gzip(&self, inflated: u64) -> bool {
        self.bytes == GZIP_TRAILER_BYTES && self.start[4..] == inflated.to_le_bytes()[..4]
    }
}

impl Inflater {
    pub(super) fn new(limits: Limits) -> Self {
        let window = vec![0; WINDOW_BYTES].into_boxed_slice();
        Self { stream: Decompress::new(false), window, limits, ended: false, trailer: Trailer::default() }
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8], parser: &mut Parser) -> Result<(), WalkError> {
        loop {
            if self.ended {
                // One zero byte makes the length even; more of them fill a block.
                let known = self.trailer.take(bytes);
                return if known {
                    Ok(())
                } else {
                    Err(WalkError::TrailingGarbage { position: parser.position() })
                };
            }
            let (taken, given) = (self.stream.total_in(), self.stream.total_out());
            let inflated = self.stream.decompress(bytes, &mut self.window, FlushDecompress::None);
            let used = usize::try_from(self.stream.total_in() - taken).map_err(|_| WalkError::Inflate)?;
            let made = usize::try_from(self.stream.total_out() - given).map_err(|_| WalkError::Inflate)?;
            bytes = &bytes[used..];
            self.check_limits()?;
            // What came out before the stream broke is looked at first, so that it breaks alike however it arrives.
            parser.feed(&self.window[..made])?;
            let status = inflated.map_err(|_| WalkError::Inflate)?;
            self.ended = status == Status::StreamEnd;
            let idle = used == 0 && made == 0;
            // A full window may have left more inside than the input shows.
            if !self.ended && (idle || (bytes.is_empty() && made < self.window.len())) {
                return Ok(());
            }
        }
    }

    fn check_limits(&self) -> Result<(), WalkError> {
        let (stored, inflated) = (self.stream.total_in(), self.stream.total_out());
        if inflated > self.limits.inflated_bytes {
            return Err(WalkError::InflatesTooFar { limit: self.limits.inflated_bytes });
        }
        if inflated > self.limits.unquestioned_bytes && inflated / stored.max(1) > self.limits.inflate_ratio {
            return Err(WalkError::InflatesTooFar { limit: self.limits.unquestioned_bytes });
        }
        Ok(())
    }

    pub(super) fn finish(&self, parser: &mut Parser) -> Result<(), WalkError> {
        if !self.ended {
            return Err(WalkError::InflateTruncated);
        }
        if self.trailer.is_zeros() {
            return Ok(());
        }
        if !self.trailer.is_of_gzip(self.stream.total_out()) {
            return Err(WalkError::TrailingGarbage { position: parser.position() });
        }
        parser.notes.add(Note::GzipTrailer);
        Ok(())
    }
}
