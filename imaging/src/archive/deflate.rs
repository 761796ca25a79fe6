//! Deflating: which library, which level, and when not to.

use flate2::{Compress, Compression, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor};
use std::io::{self, Write};

/// The longest file that is held in memory and deflated in one go. Nearly all CT, MR and ultrasound
/// instances and most radiographs are shorter; two buffers of it are the price.
pub(super) const WHOLE_BYTES: usize = 16 << 20;

/// How much of a longer file is tried before all of it is deflated.
const PROBE_BYTES: usize = 1 << 20;

/// Deflated bytes handed on at a time while streaming.
const STREAM_BYTES: usize = 256 * 1024;

/// libdeflate level for files that are held in memory. It comes within 0.3 % (CT) to 2.2 % (MR) of the
/// size zlib's level 6 gives, in two fifths of its time. The next level saves 0.5 to 2 % and takes half as
/// long again.
const WHOLE_LEVEL: i32 = 1;

/// zlib-rs level for files that are streamed, which libdeflate cannot do. Its level 1 leaves 16-bit pixels
/// over a third larger; levels 3 to 6 save at most 2 % and take up to two fifths longer.
const STREAM_LEVEL: u32 = 2;

/// Deflates one file after the other with the same buffers.
pub(super) struct Deflater {
    whole: Compressor,
    stream: Compress,
    deflated: Vec<u8>,
}

impl Deflater {
    pub(super) fn new() -> Self {
        Self {
            whole: Compressor::new(CompressionLvl::new(WHOLE_LEVEL).unwrap_or_default()),
            stream: Compress::new(Compression::new(STREAM_LEVEL), false),
            deflated: vec![0; WHOLE_BYTES],
        }
    }

    /// The deflated form of a file of at most [`WHOLE_BYTES`]; none where that does not help.
    pub(super) fn deflate_whole(&mut self, file: &[u8]) -> Option<&[u8]> {
        // A file not much longer than the probe is its own probe.
        if file.len() > 2 * PROBE_BYTES && !self.helps(file) {
            return None;
        }
        let deflated_bytes = self.deflate_if_smaller(file)?;
        Some(&self.deflated[..deflated_bytes])
    }

    /// Whether deflating helps, judged by how the file begins.
    pub(super) fn helps(&mut self, file: &[u8]) -> bool {
        self.deflate_if_smaller(&file[..file.len().min(PROBE_BYTES)]).is_some()
    }

    /// Deflates if that saves at least one byte in fifty; inflating at every reading costs more than less.
    fn deflate_if_smaller(&mut self, bytes: &[u8]) -> Option<usize> {
        let worth_it = bytes.len() - bytes.len().div_ceil(50);
        self.whole.deflate_compress(bytes, &mut self.deflated[..worth_it]).ok()
    }

    /// Starts a file that is streamed.
    pub(super) fn start_stream(&mut self) {
        self.stream.reset();
    }

    /// Deflates a further piece of it.
    pub(super) fn stream(&mut self, mut piece: &[u8], sink: &mut dyn Write) -> io::Result<()> {
        while !piece.is_empty() {
            let before = self.stream.total_in();
            self.step(piece, FlushCompress::None, sink)?;
            piece = &piece[advanced(before, self.stream.total_in())..];
        }
        Ok(())
    }

    /// Ends it.
    pub(super) fn end_stream(&mut self, sink: &mut dyn Write) -> io::Result<()> {
        while self.step(&[], FlushCompress::Finish, sink)? != Status::StreamEnd {}
        Ok(())
    }

    fn step(&mut self, piece: &[u8], flush: FlushCompress, sink: &mut dyn Write) -> io::Result<Status> {
        let before = self.stream.total_out();
        let status = self.stream.compress(piece, &mut self.deflated[..STREAM_BYTES], flush)?;
        sink.write_all(&self.deflated[..advanced(before, self.stream.total_out())])?;
        Ok(status)
    }
}

/// How far a total went: bounded by the buffer it counts, so it is an index.
pub(super) fn advanced(before: u64, after: u64) -> usize {
    usize::try_from(after - before).unwrap_or(usize::MAX)
}
