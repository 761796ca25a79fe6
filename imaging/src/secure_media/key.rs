//! From a code to the key of a file's content (RFC 3211, RFC 8018 §5.2).

use super::cipher::{BLOCK_BYTES, Iv, Key};
use super::{SecureError, oid};
use crate::chance::Chance;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA384, PBKDF2_HMAC_SHA512};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Rounds of PBKDF2, where files are written.
pub(super) const ITERATIONS: u32 = 600_000;
/// More than this would keep a reader waiting for minutes: nobody writes it.
pub(super) const MOST_ITERATIONS: u32 = 10_000_000;
/// Bytes before a key that is wrapped: its length, and its first three bytes turned around.
const CHECK_BYTES: usize = 4;

/// How a key is derived from a code.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Derivation {
    pub salt: Vec<u8>,
    pub iterations: u32,
    pub key_bytes: usize,
    pub algorithm: pbkdf2::Algorithm,
}

/// The algorithm of an encoded identifier (RFC 8018 §B.1).
pub(super) fn algorithm(identifier: &[u8]) -> Option<pbkdf2::Algorithm> {
    match identifier.strip_prefix(oid::HMAC)? {
        [7] => Some(PBKDF2_HMAC_SHA1),
        [9] => Some(PBKDF2_HMAC_SHA256),
        [10] => Some(PBKDF2_HMAC_SHA384),
        [11] => Some(PBKDF2_HMAC_SHA512),
        _ => None,
    }
}

impl Derivation {
    /// The key that wraps keys. A code has nothing but letters, digits and hyphens, as PS3.15 §D.1 wants it.
    pub(super) fn key(&self, code: &str) -> Result<Key, SecureError> {
        let rounds = NonZeroU32::new(self.iterations).filter(|rounds| rounds.get() <= MOST_ITERATIONS);
        let rounds = rounds.ok_or(SecureError::Unsupported("the number of rounds"))?;
        let mut bytes = Zeroizing::new(vec![0; self.key_bytes]);
        pbkdf2::derive(self.algorithm, rounds, &self.salt, code.as_bytes(), &mut bytes);
        Key::of(&bytes).ok_or(SecureError::Unsupported("the length of the key"))
    }
}

/// Wraps a key (RFC 3211 §2.3.1): with what checks it, padded, encrypted twice over.
pub(super) fn wrap(wrapping: &Key, iv: Iv, key: &[u8], chance: &dyn Chance) -> Vec<u8> {
    let length = (CHECK_BYTES + key.len()).next_multiple_of(BLOCK_BYTES).max(2 * BLOCK_BYTES);
    let mut wrapped = vec![u8::try_from(key.len()).unwrap_or_default()];
    wrapped.extend(key.iter().take(CHECK_BYTES - 1).map(|byte| !byte));
    wrapped.extend_from_slice(key);
    let filled = wrapped.len();
    wrapped.resize(length, 0);
    chance.fill(&mut wrapped[filled..]);
    // The second time goes on where the first ended.
    let mut cipher = wrapping.encrypting(iv);
    cipher.encrypt(&mut wrapped);
    cipher.encrypt(&mut wrapped);
    wrapped
}

/// The key that was wrapped (RFC 3211 §2.3.2).
pub(super) fn unwrap(wrapping: &Key, iv: Iv, wrapped: &[u8]) -> Result<Key, SecureError> {
    let (blocks, rest) = wrapped.as_chunks::<BLOCK_BYTES>();
    let ([.., before, last], []) = (blocks, rest) else {
        return Err(SecureError::Damaged("its key is not whole"));
    };
    let mut bytes = Zeroizing::new(wrapped.to_vec());
    let mut end = *last;
    wrapping.decrypting(*before).decrypt(&mut end);
    // The last block of the first time is what the second began from.
    let inner = bytes.len() - BLOCK_BYTES;
    wrapping.decrypting(end).decrypt(&mut bytes[..inner]);
    bytes[inner..].copy_from_slice(&end);
    wrapping.decrypting(iv).decrypt(&mut bytes);
    let (check, rest) = bytes.split_first_chunk::<CHECK_BYTES>().ok_or(SecureError::Code)?;
    let key = rest.get(..usize::from(check[0])).ok_or(SecureError::Code)?;
    let turned: Vec<u8> = key.iter().take(CHECK_BYTES - 1).map(|byte| !byte).collect();
    verify_slices_are_equal(&check[1..], &turned).map_err(|_| SecureError::Code)?;
    Key::of(key).ok_or(SecureError::Code)
}
