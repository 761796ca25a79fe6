//! The head of a disc: what it is, in the clear, and the slots that hold its data key
//! (`docs/sealed-disc.md` §3 and §4).

use super::part::{DiscId, MAX_PARTS};
use crate::opening_code::OpeningCode;
use crate::seal::DataKey;
use crate::seal::aead::{Aead, Fast, NONCE_BYTES, TAG_BYTES};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use sha2::{Digest, Sha256};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Rounds of PBKDF2-HMAC-SHA-256 for new discs, as many as OWASP asks of chosen passwords; codes are drawn at random.
pub(crate) const ITERATIONS: u32 = 600_000;
/// Plain bytes of a full segment on new discs.
pub(crate) const SEGMENT_BYTES: u32 = 4 * 1024 * 1024;
/// Index lengths and segment lengths are multiples of this.
pub(crate) const GRAIN_BYTES: u32 = 64 * 1024;

const MAGIC: &[u8; 8] = b"FRDISC1\0";
const HEADER_BYTES: usize = 112;
const SLOT_BYTES: usize = NONCE_BYTES + 32 + TAG_BYTES;
const SUM_BYTES: usize = 32;
const MAX_SLOTS: usize = 8;
/// PBKDF2-HMAC-SHA-256, the one key derivation there is.
const KDF: u8 = 2;

type Slot = [u8; SLOT_BYTES];
pub(crate) type Salt = [u8; 32];

/// What a disc says of itself in the clear. Nothing of it is about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) disc: DiscId,
    pub(crate) slots: u8,
    pub(crate) iterations: u32,
    pub(crate) segment_bytes: u32,
    pub(crate) index_bytes: u32,
    pub(crate) body_parts: u32,
    pub(crate) salt: Salt,
    pub(crate) recipe_digest: [u8; 32],
}

impl Header {
    pub(crate) fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..24].copy_from_slice(&self.disc);
        bytes[24] = KDF;
        bytes[25] = self.slots;
        bytes[28..32].copy_from_slice(&self.iterations.to_be_bytes());
        bytes[32..36].copy_from_slice(&self.segment_bytes.to_be_bytes());
        bytes[36..40].copy_from_slice(&self.index_bytes.to_be_bytes());
        bytes[40..44].copy_from_slice(&self.body_parts.to_be_bytes());
        bytes[48..80].copy_from_slice(&self.salt);
        bytes[80..].copy_from_slice(&self.recipe_digest);
        bytes
    }

    /// The header these bytes are, if it is one that this program can work with.
    fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let number = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let header = Self {
            disc: bytes[8..24].try_into().ok()?,
            slots: bytes[25],
            iterations: number(28),
            segment_bytes: number(32),
            index_bytes: number(36),
            body_parts: number(40),
            salt: bytes[48..80].try_into().ok()?,
            recipe_digest: bytes[80..].try_into().ok()?,
        };
        let grained = |bytes: u32| bytes > 0 && bytes.is_multiple_of(GRAIN_BYTES);
        let known = header.to_bytes() == *bytes
            && (1..=MAX_SLOTS).contains(&usize::from(header.slots))
            && (ITERATIONS..=10_000_000).contains(&header.iterations)
            && grained(header.segment_bytes)
            && header.segment_bytes <= SEGMENT_BYTES
            && grained(header.index_bytes)
            && (1..=MAX_PARTS).contains(&header.body_parts);
        known.then_some(header)
    }

    /// `H`: the digest that everything on the disc is bound to.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// Plain bytes of an index part, or none if there is no such part.
    pub(crate) fn index_part_bytes(&self, number: u32) -> Option<u32> {
        let start = number.checked_mul(self.segment_bytes)?;
        self.index_bytes.checked_sub(start).filter(|left| *left > 0).map(|left| left.min(self.segment_bytes))
    }

    /// How many parts the index has.
    pub(crate) fn index_parts(&self) -> u32 {
        self.index_bytes.div_ceil(self.segment_bytes)
    }
}

/// A head: a header, and the slots in which its codes' keys hold the data key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) header: Header,
    slots: Vec<Slot>,
}

/// No slot opens with this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the opening code of this disc")]
pub struct WrongCode;

impl Head {
    /// Locks `data_key` with the keys of the codes that are to open the disc: as many as the header says.
    pub(crate) fn lock(
        header: Header,
        data_key: &DataKey,
        code_keys: &[DataKey],
        nonces: &[[u8; NONCE_BYTES]],
    ) -> Self {
        let bound_to = header.to_bytes();
        let slots = (0_u8..).zip(code_keys).zip(nonces).map(|((number, key), nonce)| {
            let mut sealed = Zeroizing::new(*data_key.bytes());
            let tag = Fast::new(key).seal(nonce, &slot_data(&bound_to, number), &mut *sealed);
            let mut slot = [0; SLOT_BYTES];
            slot[..NONCE_BYTES].copy_from_slice(nonce);
            slot[NONCE_BYTES..NONCE_BYTES + 32].copy_from_slice(&*sealed);
            slot[NONCE_BYTES + 32..].copy_from_slice(&tag);
            slot
        });
        Self { slots: slots.collect(), header }
    }

    /// The data key, with a key derived from a code.
    pub(crate) fn unlock(&self, code_key: &DataKey) -> Result<DataKey, WrongCode> {
        let (cipher, bound_to) = (Fast::new(code_key), self.header.to_bytes());
        (0_u8..)
            .zip(&self.slots)
            .find_map(|(number, slot)| {
                let mut slot = Zeroizing::new(*slot);
                let (nonce, sealed) = slot.split_at_mut(NONCE_BYTES);
                let nonce: [u8; NONCE_BYTES] = (&*nonce).try_into().ok()?;
                let plain = cipher.open(&nonce, &slot_data(&bound_to, number), sealed).ok()?;
                Some(DataKey::from_bytes((&*plain).try_into().ok()?))
            })
            .ok_or(WrongCode)
    }

    /// The content of the head's part.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.header.to_bytes().to_vec();
        self.slots.iter().for_each(|slot| bytes.extend_from_slice(slot));
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// The head that this content of its part is; none if it is damaged or of a later format.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (told, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
        if Sha256::digest(told).as_slice() != sum {
            return None;
        }
        let (header, slots) = told.split_first_chunk()?;
        let header = Header::from_bytes(header)?;
        let slots: Option<Vec<Slot>> = slots.chunks(SLOT_BYTES).map(|slot| slot.try_into().ok()).collect();
        let slots = slots.filter(|slots| slots.len() == usize::from(header.slots))?;
        Some(Self { header, slots })
    }
}

fn slot_data(header: &[u8; HEADER_BYTES], number: u8) -> Vec<u8> {
    [header.as_slice(), b"slot", &[number]].concat()
}

/// A code's key. Takes a while, on purpose.
pub(crate) fn code_key(code: &OpeningCode, salt: &Salt, iterations: u32) -> DataKey {
    let mut key = Zeroizing::new([0; 32]);
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(PBKDF2_HMAC_SHA256, iterations, salt, code.reveal().as_bytes(), &mut *key);
    DataKey::from_bytes(*key)
}
