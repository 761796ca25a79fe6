//! Deflated data sets (PS3.5 §A.5): inflated on the way to the parser, never held.

use super::parser::{Parser, WalkError};
use super::walker::Limits;
use flate2::{Decompress, FlushDecompress, Status};

const WINDOW_BYTES: usize = 64 * 1024;

/// Inflates what arrives and passes it on.
pub(super) struct Inflater {
    stream: Decompress,
    window: Box<[u8]>,
    limits: Limits,
    ended: bool,
}

impl Inflater {
    pub(super) fn new(limits: Limits) -> Self {
        let window = vec![0; WINDOW_BYTES].into_boxed_slice();
        Self { stream: Decompress::new(false), window, limits, ended: false }
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8], parser: &mut Parser) -> Result<(), WalkError> {
        loop {
            if self.ended {
                // One zero byte makes the length even; more of them fill a block.
                let padding = bytes.iter().all(|byte| *byte == 0);
                return if padding {
                    Ok(())
                } else {
                    Err(WalkError::TrailingGarbage { position: parser.position() })
                };
            }
            let (taken, given) = (self.stream.total_in(), self.stream.total_out());
            let status = self
                .stream
                .decompress(bytes, &mut self.window, FlushDecompress::None)
                .map_err(|_| WalkError::Inflate)?;
            let used = usize::try_from(self.stream.total_in() - taken).map_err(|_| WalkError::Inflate)?;
            let made = usize::try_from(self.stream.total_out() - given).map_err(|_| WalkError::Inflate)?;
            bytes = &bytes[used..];
            self.check_limits()?;
            parser.feed(&self.window[..made])?;
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

    pub(super) fn finish(&self) -> Result<(), WalkError> {
        if self.ended { Ok(()) } else { Err(WalkError::InflateTruncated) }
    }
}
