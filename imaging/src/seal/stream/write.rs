//! Sealing: what is written becomes segments.

use super::{HEADER_BYTES, Header, MAGIC, PREFIX_BYTES, SEALED_SEGMENT_BYTES, SEGMENT_BYTES, nonce};
use crate::chance::Chance;
use crate::seal::DataKey;
use crate::seal::aead::{Aead, Fast};
use std::io::{self, Write};

/// Seals what is written to it. Until [`SealWriter::finish`] the object has no end and does not open.
///
/// After an error it takes nothing more: sealing a segment twice would use its nonce twice.
pub struct SealWriter<W: Write> {
    sink: W,
    cipher: Fast,
    header: Header,
    segment: Vec<u8>,
    segments: u64,
    sealed_bytes: u64,
    failed: bool,
}

impl<W: Write> SealWriter<W> {
    /// Starts an object in `sink`. `key` must be fresh: it seals this object and nothing else.
    ///
    /// # Errors
    /// If the header cannot be written.
    pub fn new(mut sink: W, key: &DataKey, chance: &dyn Chance) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES];
        header[..MAGIC.len()].copy_from_slice(&MAGIC);
        chance.fill(&mut header[MAGIC.len()..MAGIC.len() + PREFIX_BYTES]);
        sink.write_all(&header)?;
        Ok(Self {
            sink,
            cipher: Fast::new(key),
            header,
            segment: Vec::with_capacity(SEALED_SEGMENT_BYTES),
            segments: 0,
            sealed_bytes: HEADER_BYTES as u64,
            failed: false,
        })
    }

    /// Seals the last segment and flushes: gives back the sink, and how many bytes it was given.
    ///
    /// # Errors
    /// If the sink fails, or failed before.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        self.seal_segment(true)?;
        self.sink.flush()?;
        Ok((self.sink, self.sealed_bytes))
    }

    fn seal_segment(&mut self, last: bool) -> io::Result<()> {
        self.refuse_after_failure()?;
        self.failed = true;
        let number = u32::try_from(self.segments).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let tag = self.cipher.seal(&nonce(&self.header, number, last), &self.header, &mut self.segment);
        self.segment.extend_from_slice(&tag);
        self.sink.write_all(&self.segment)?;
        self.sealed_bytes += self.segment.len() as u64;
        self.segments += 1;
        self.segment.clear();
        self.failed = false;
        Ok(())
    }

    fn refuse_after_failure(&self) -> io::Result<()> {
        if self.failed { Err(io::Error::other("sealing failed before and cannot go on")) } else { Ok(()) }
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.refuse_after_failure()?;
        // A full segment waits for a further byte: only then is it known not to be the last.
        if self.segment.len() == SEGMENT_BYTES && !bytes.is_empty() {
            self.seal_segment(false)?;
        }
        let taken = bytes.len().min(SEGMENT_BYTES - self.segment.len());
        self.segment.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Flushes the sink. A segment that is not full stays here: it cannot be sealed yet.
    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
