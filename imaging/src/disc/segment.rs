//! The segments of index and body: sealed in place, each for its own place on its own disc
//! (`docs/sealed-disc.md` §4 and §5).

use super::head::Header;
use super::part::{PartName, Stream};
use crate::seal::aead::{Aead, Fast, NONCE_BYTES, TAG_BYTES};
use crate::seal::{Broken, DataKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

/// Seals and opens the segments of one stream of one disc.
pub(crate) struct Segments {
    cipher: Fast,
    bound_to: [u8; 32],
    stream: Stream,
    last: u32,
}

impl Segments {
    /// Those of the index.
    pub(crate) fn of_index(header: &Header, data_key: &DataKey) -> Self {
        let last = header.index_parts() - 1;
        Self::new(header, data_key, Stream::Index, b"filmroom disc index", last)
    }

    /// Those of the body.
    pub(crate) fn of_body(header: &Header, data_key: &DataKey) -> Self {
        Self::new(header, data_key, Stream::Body, b"filmroom disc body", header.body_parts - 1)
    }

    fn new(header: &Header, data_key: &DataKey, stream: Stream, info: &[u8], last: u32) -> Self {
        let bound_to = header.digest();
        Self { cipher: Fast::new(&stream_key(&bound_to, data_key, info)), bound_to, stream, last }
    }

    /// Seals what is in `segment` but its last 16 bytes, which are to take the tag.
    pub(crate) fn seal(&self, number: u32, segment: &mut [u8]) -> Result<(), Broken> {
        let plain_bytes = segment.len().checked_sub(TAG_BYTES).ok_or(Broken)?;
        let (plain, tag) = segment.split_at_mut(plain_bytes);
        tag.copy_from_slice(&self.cipher.seal(&self.nonce(number), &self.data(number), plain));
        Ok(())
    }

    /// Opens a segment and leaves its plain bytes in `segment`.
    pub(crate) fn open(&self, number: u32, segment: &mut Vec<u8>) -> Result<(), Broken> {
        let plain_bytes = self.cipher.open(&self.nonce(number), &self.data(number), segment)?.len();
        segment.truncate(plain_bytes);
        Ok(())
    }

    fn nonce(&self, number: u32) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(number == self.last);
        nonce
    }

    fn data(&self, number: u32) -> Vec<u8> {
        let name = PartName { stream: self.stream, number };
        [self.bound_to.as_slice(), name.to_string().as_bytes()].concat()
    }
}

#[expect(clippy::expect_used, reason = "32 bytes are far below HKDF's limit of 8,160")]
pub(crate) fn stream_key(bound_to: &[u8; 32], data_key: &DataKey, info: &[u8]) -> DataKey {
    let mut key = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, bound_to)
        .extract(data_key.bytes())
        .expand(&[info], HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *key))
        .expect("32 bytes of HKDF");
    DataKey::from_bytes(*key)
}
