//! Reading an instance back, from any place in it.

use super::log::Log;
use super::record::{ChunkBuffer, HEADER_BYTES, Header, IngestId, PAYLOAD_BYTES, RECORD_BYTES};
use super::segment::Segment;
use super::{Position, SpoolError, io};
use crate::disk::BLOCK_BYTES;
use crate::seal::Broken;
use std::io::Read;
use std::sync::Arc;

/// An instance's bytes. Holds its segments, so that they stay while it is read.
pub struct SpoolReader {
    buffer: ChunkBuffer,
    positions: Vec<Position>,
    segments: Vec<Arc<Segment>>,
    id: IngestId,
    /// Bytes before the instance begins: the label and its length.
    label_bytes: usize,
    /// The record in the buffer, and what of its payload is still to be given out.
    current: usize,
    at: usize,
    end: usize,
    last: bool,
}

impl SpoolReader {
    pub(super) fn open(log: &Log, positions: &[Position]) -> Result<(Vec<u8>, Self), SpoolError> {
        let segments = log.segments(positions)?;
        let mut reader = Self {
            buffer: ChunkBuffer::new()?,
            positions: positions.to_vec(),
            segments,
            id: IngestId([0; 16]),
            label_bytes: 0,
            current: 0,
            at: 0,
            end: 0,
            last: false,
        };
        let first = reader.load(0)?;
        reader.id = first.id;
        let label = reader.take_label()?;
        Ok((label, reader))
    }

    /// The instance's ingest id.
    #[must_use]
    pub fn id(&self) -> IngestId {
        self.id
    }

    fn take_label(&mut self) -> Result<Vec<u8>, SpoolError> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length > PAYLOAD_BYTES {
            return Err(self.damaged(0));
        }
        let mut label = vec![0; length];
        self.fill(&mut label)?;
        self.label_bytes = 4 + length;
        Ok(label)
    }

    fn fill(&mut self, mut buf: &mut [u8]) -> Result<(), SpoolError> {
        while !buf.is_empty() {
            match self.next_bytes(buf)? {
                0 => return Err(self.damaged(self.current)),
                read => buf = &mut buf[read..],
            }
        }
        Ok(())
    }

    fn next_bytes(&mut self, buf: &mut [u8]) -> Result<usize, SpoolError> {
        while self.at == self.end {
            if self.last {
                return Ok(0);
            }
            self.load(self.current + 1)?;
        }
        let part = buf.len().min(self.end - self.at);
        buf[..part].copy_from_slice(&self.buffer.payload()[self.at..self.at + part]);
        self.at += part;
        Ok(part)
    }

    /// Goes to `offset` of the instance. Costs one record, wherever that is: all but the last are full.
    ///
    /// # Errors
    /// If the record there does not open; beyond the end, reading gives nothing.
    pub fn seek(&mut self, offset: u64) -> Result<(), SpoolError> {
        let place = offset.saturating_add(self.label_bytes as u64);
        let record = usize::try_from(place / PAYLOAD_BYTES as u64).unwrap_or(usize::MAX);
        let within = usize::try_from(place % PAYLOAD_BYTES as u64).unwrap_or(0);
        self.load(record.min(self.positions.len() - 1))?;
        self.at = if record < self.positions.len() { within.min(self.end) } else { self.end };
        Ok(())
    }

    fn load(&mut self, index: usize) -> Result<Header, SpoolError> {
        let (Some(Position(generation, offset)), Some(segment)) =
            (self.positions.get(index).copied(), self.segments.get(index))
        else {
            return Err(self.damaged(index.min(self.positions.len().saturating_sub(1))));
        };
        let broken = |source| SpoolError::Damaged { generation, offset, source };
        let read = |buf: &mut [u8], at| segment.file.read_at(buf, at).map_err(io("read a record"));
        read(self.buffer.record(BLOCK_BYTES), offset)?;
        let header = Header::parse(self.buffer.record(HEADER_BYTES)).ok_or(broken(Broken))?;
        let record_bytes = header.record_bytes().min(RECORD_BYTES);
        if record_bytes > BLOCK_BYTES {
            read(&mut self.buffer.record(record_bytes)[BLOCK_BYTES..], offset + BLOCK_BYTES as u64)?;
        }
        let header = self.buffer.open(offset, &segment.cipher).map_err(broken)?;
        let ours = self.label_bytes == 0 || header.id == self.id;
        let last = index + 1 == self.positions.len();
        let whole = header.last == last && (last || header.payload_bytes == PAYLOAD_BYTES);
        if !ours || !whole || header.generation != generation || usize::try_from(header.number) != Ok(index) {
            return Err(broken(Broken));
        }
        (self.current, self.at, self.end, self.last) = (index, 0, header.payload_bytes, header.last);
        Ok(header)
    }

    fn damaged(&self, index: usize) -> SpoolError {
        let Position(generation, offset) = self.positions.get(index).copied().unwrap_or(Position(0, 0));
        SpoolError::Damaged { generation, offset, source: Broken }
    }
}

impl Read for SpoolReader {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.next_bytes(buf).map_err(std::io::Error::other)
    }
}
