//! Writing one instance.

use super::log::Log;
use super::record::{ChunkBuffer, Header, IngestId, PAYLOAD_BYTES};
use super::segment::{Hold, Segment};
use super::{Position, SpoolError, io};
use std::sync::Arc;

/// Takes one instance's bytes. Dropped without [`Writer::commit`], it never was: what was written so
/// far lacks its last record and is not found again.
pub struct Writer<'a> {
    log: &'a Log,
    buffer: &'a mut ChunkBuffer,
    id: IngestId,
    filled: usize,
    bytes: u64,
    positions: Vec<Position>,
    /// The segments written to, kept from being recycled meanwhile.
    segments: Vec<Arc<Segment>>,
}

/// A durable instance.
pub struct Spooled {
    /// Where its records lie, in order.
    pub positions: Vec<Position>,
    /// Its bytes, without the label.
    pub bytes: u64,
    /// Keeps its segments until the index knows it.
    pub hold: Hold,
}

impl<'a> Writer<'a> {
    pub(super) fn begin(
        log: &'a Log,
        buffer: &'a mut ChunkBuffer,
        id: IngestId,
        label: &[u8],
    ) -> Result<Self, SpoolError> {
        let mut writer =
            Self { log, buffer, id, filled: 0, bytes: 0, positions: Vec::new(), segments: Vec::new() };
        let length = u32::try_from(label.len()).map_err(|source| SpoolError::Io {
            doing: "take a label",
            source: std::io::Error::other(source),
        })?;
        writer.write(&length.to_le_bytes())?;
        writer.write(label)?;
        writer.bytes = 0;
        Ok(writer)
    }

    /// Room for the next bytes, never empty. Put some there, then tell [`Writer::advance`].
    ///
    /// # Errors
    /// If a full record could not be written.
    pub fn room(&mut self) -> Result<&mut [u8], SpoolError> {
        if self.filled == PAYLOAD_BYTES {
            self.write_record(false)?;
        }
        Ok(&mut self.buffer.payload()[self.filled..])
    }

    /// `bytes` of the room now belong to the instance.
    pub fn advance(&mut self, bytes: usize) {
        self.filled = (self.filled + bytes).min(PAYLOAD_BYTES);
        self.bytes += bytes as u64;
    }

    /// Copies bytes in.
    ///
    /// # Errors
    /// As [`Writer::room`].
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), SpoolError> {
        while !bytes.is_empty() {
            let room = self.room()?;
            let part = room.len().min(bytes.len());
            room[..part].copy_from_slice(&bytes[..part]);
            bytes = &bytes[part..];
            self.advance(part);
        }
        Ok(())
    }

    /// Bytes of the instance so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes what is left with the mark of the last record, and returns when all of it is durable.
    ///
    /// # Errors
    /// If writing or syncing failed: the instance must then not be acknowledged.
    pub fn commit(mut self) -> Result<Spooled, SpoolError> {
        self.write_record(true)?;
        for segment in &self.segments {
            segment.sync()?;
        }
        Ok(Spooled { positions: self.positions, bytes: self.bytes, hold: Hold::on(self.segments) })
    }

    fn write_record(&mut self, last: bool) -> Result<(), SpoolError> {
        let number = u32::try_from(self.positions.len()).unwrap_or(u32::MAX);
        let mut header = Header { payload_bytes: self.filled, generation: 0, id: self.id, number, last };
        let (segment, offset) = self.log.reserve(header.record_bytes())?;
        header.generation = segment.generation;
        let record = self.buffer.seal(header, offset, &segment.cipher);
        segment.file.write_at(record, offset).map_err(io("write a record"))?;
        self.positions.push(Position(segment.generation, offset));
        if self.segments.last().is_none_or(|last| last.generation != segment.generation) {
            self.segments.push(segment);
        }
        self.filled = 0;
        Ok(())
    }
}
