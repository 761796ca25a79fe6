//! A record: a clear header, a sealed payload, a tag, zeros up to a whole block.
//!
//! | bytes | what |
//! |---|---|
//! | 0–3 | `FRC1` |
//! | 4–7 | payload bytes, little endian |
//! | 8–15 | generation of the segment |
//! | 16–31 | ingest id |
//! | 32–35 | chunk number |
//! | 36 | 1 if this is the instance's last chunk |
//! | 37–63 | zero |
//!
//! The header is associated data; the nonce is the record's offset in its segment, whose key is used
//! for one generation only, so no nonce ever meets two payloads.

use super::{SpoolError, io, whole_blocks};
use crate::seal::Broken;
use crate::seal::aead::{Aead, NONCE_BYTES, TAG_BYTES};
use memmap2::MmapMut;

/// Bytes of a record's header.
pub const HEADER_BYTES: usize = 64;
/// A record's largest size on disk.
pub const RECORD_BYTES: usize = 1 << 20;
/// The most payload a record carries. All of an instance's records but the last are this full.
pub const PAYLOAD_BYTES: usize = RECORD_BYTES - HEADER_BYTES - TAG_BYTES;

const MAGIC: [u8; 4] = *b"FRC1";

/// Our own name for one arrival: 128 bits, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IngestId(pub [u8; 16]);

/// What a record's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of payload.
    pub payload_bytes: usize,
    /// The segment's generation when it was written.
    pub generation: u64,
    /// The instance it belongs to.
    pub id: IngestId,
    /// Its place among the instance's records, from 0.
    pub number: u32,
    /// Whether the instance ends with it.
    pub last: bool,
}

impl Header {
    /// Reads a header; `None` if these bytes are not one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_BYTES] = bytes.get(..HEADER_BYTES)?.try_into().ok()?;
        let payload_bytes = usize::try_from(u32::from_le_bytes(bytes[4..8].try_into().ok()?)).ok()?;
        let header = Self {
            payload_bytes,
            generation: u64::from_le_bytes(bytes[8..16].try_into().ok()?),
            id: IngestId(bytes[16..32].try_into().ok()?),
            number: u32::from_le_bytes(bytes[32..36].try_into().ok()?),
            last: bytes[36] == 1,
        };
        (payload_bytes <= PAYLOAD_BYTES && header.to_bytes() == *bytes).then_some(header)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a payload is at most a mebibyte")]
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&(self.payload_bytes as u32).to_le_bytes());
        bytes[8..16].copy_from_slice(&self.generation.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.id.0);
        bytes[32..36].copy_from_slice(&self.number.to_le_bytes());
        bytes[36] = u8::from(self.last);
        bytes
    }

    /// The record's size on disk.
    #[must_use]
    pub fn record_bytes(&self) -> usize {
        whole_blocks(HEADER_BYTES + self.payload_bytes + TAG_BYTES)
    }
}

fn nonce(offset: u64) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[NONCE_BYTES - 8..].copy_from_slice(&offset.to_be_bytes());
    nonce
}

/// Room for one record, reused from instance to instance.
///
/// Mapped rather than allocated: it is page-aligned as direct I/O needs, and its memory goes back to
/// the system the moment an association ends.
pub struct ChunkBuffer(MmapMut);

impl ChunkBuffer {
    /// A buffer of [`RECORD_BYTES`]; pages cost memory only once touched.
    ///
    /// # Errors
    /// If the system gives no memory.
    pub fn new() -> Result<Self, SpoolError> {
        MmapMut::map_anon(RECORD_BYTES).map(Self).map_err(io("map a buffer"))
    }

    /// The place for payload, all of it.
    pub(crate) fn payload(&mut self) -> &mut [u8] {
        &mut self.0[HEADER_BYTES..HEADER_BYTES + PAYLOAD_BYTES]
    }

    /// Seals the payload in place for `offset` and returns the record, whole blocks of it.
    pub(crate) fn seal(&mut self, header: Header, offset: u64, cipher: &dyn Aead) -> &[u8] {
        let record = &mut self.0[..header.record_bytes()];
        let (clear, rest) = record.split_at_mut(HEADER_BYTES);
        clear.copy_from_slice(&header.to_bytes());
        let (payload, rest) = rest.split_at_mut(header.payload_bytes);
        let tag = cipher.seal(&nonce(offset), clear, payload);
        rest[..TAG_BYTES].copy_from_slice(&tag);
        // What stands there is an earlier instance's payload, in the clear.
        rest[TAG_BYTES..].fill(0);
        record
    }

    /// Room for the record of `record_bytes` to be read into.
    pub(crate) fn record(&mut self, record_bytes: usize) -> &mut [u8] {
        &mut self.0[..record_bytes]
    }

    /// Opens the record that was read in; its payload is then at [`ChunkBuffer::payload`].
    pub(crate) fn open(&mut self, offset: u64, cipher: &dyn Aead) -> Result<Header, Broken> {
        let header = Header::parse(&self.0[..]).ok_or(Broken)?;
        let (clear, rest) = self.0.split_at_mut(HEADER_BYTES);
        let sealed = rest.get_mut(..header.payload_bytes + TAG_BYTES).ok_or(Broken)?;
        cipher.open(&nonce(offset), clear, sealed)?;
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;
    use crate::disk::BLOCK_BYTES;
    use crate::seal::DataKey;
    use crate::seal::aead::Fast;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn header(payload_bytes: usize) -> Header {
        Header { payload_bytes, generation: 3, id: IngestId([5; 16]), number: 0, last: true }
    }

    fn cipher() -> Fast {
        Fast::new(&DataKey::fresh(&SeededChance::new(1)))
    }

    /// A buffer with the sealed record of `payload` for `offset` in it.
    fn sealed(payload: &[u8], offset: u64) -> ChunkBuffer {
        let mut buffer = ChunkBuffer::new().unwrap();
        buffer.payload()[..payload.len()].copy_from_slice(payload);
        buffer.seal(header(payload.len()), offset, &cipher());
        buffer
    }

    fn opens(buffer: &mut ChunkBuffer, offset: u64) -> Option<Vec<u8>> {
        let header = buffer.open(offset, &cipher()).ok()?;
        Some(buffer.payload()[..header.payload_bytes].to_vec())
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_header_that_says_other_than_they_do(
            magic: bool,
            zeros: bool,
            mut bytes in vec(any::<u8>(), 0..=2 * HEADER_BYTES),
        ) {
            if let (true, Some(begin)) = (magic, bytes.get_mut(..4)) {
                begin.copy_from_slice(&MAGIC);
            }
            if let (true, Some(end)) = (zeros, bytes.get_mut(37..HEADER_BYTES)) {
                end.fill(0);
                bytes[36] &= 1;
                bytes[6] &= 0x1F;
                bytes[7] = 0;
            }
            if let Some(header) = Header::parse(&bytes) {
                prop_assert_eq!(&header.to_bytes()[..], &bytes[..HEADER_BYTES]);
                prop_assert!(header.payload_bytes <= PAYLOAD_BYTES);
                prop_assert!(header.record_bytes() >= HEADER_BYTES + header.payload_bytes + TAG_BYTES);
                prop_assert!(header.record_bytes() <= RECORD_BYTES);
                prop_assert!(header.record_bytes().is_multiple_of(BLOCK_BYTES));
            }
        }

        #[test]
        fn what_was_sealed_opens_and_with_any_bit_changed_or_elsewhere_it_does_not(
            payload in vec(any::<u8>(), 0..6000),
            offset in 0..1_u64 << 40,
            at in any::<prop::sample::Index>(),
            bit in 0..8,
        ) {
            let mut buffer = sealed(&payload, offset);
            let whole = HEADER_BYTES + payload.len() + TAG_BYTES;
            let record = buffer.record(whole).to_vec();
            prop_assert_eq!(opens(&mut buffer, offset), Some(payload));
            buffer.record(whole).copy_from_slice(&record);
            prop_assert_eq!(opens(&mut buffer, offset + 1), None);
            buffer.record(whole).copy_from_slice(&record);
            buffer.record(whole)[at.index(whole)] ^= 1_u8 << bit;
            prop_assert_eq!(opens(&mut buffer, offset), None);
        }

        #[test]
        fn a_record_never_opens_with_another_length_than_it_was_sealed_with(
            payload in vec(any::<u8>(), 0..3000),
            claimed in prop_oneof![any::<u32>(), 0..8192_u32, 0xF_FF00..0x10_0100_u32],
        ) {
            prop_assume!(usize::try_from(claimed) != Ok(payload.len()));
            let mut buffer = sealed(&payload, 4096);
            buffer.record(HEADER_BYTES)[4..8].copy_from_slice(&claimed.to_le_bytes());
            prop_assert_eq!(opens(&mut buffer, 4096), None);
        }

        #[test]
        fn no_bytes_open_as_a_record(bytes in vec(any::<u8>(), HEADER_BYTES..5000), claimed in 0..6000_u32) {
            let mut buffer = ChunkBuffer::new().unwrap();
            buffer.record(bytes.len()).copy_from_slice(&bytes);
            prop_assert_eq!(opens(&mut buffer, 0), None);
            let claimed = usize::try_from(claimed).unwrap();
            buffer.record(HEADER_BYTES).copy_from_slice(&header(claimed).to_bytes());
            prop_assert_eq!(opens(&mut buffer, 0), None);
        }
    }
}
