//! AES-256-GCM (NIST SP 800-38D) behind a trait small enough to have two implementations.

use super::{Broken, DataKey};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 12;
/// Bytes a tag adds to what is sealed.
pub const TAG_BYTES: usize = 16;

/// One key's cipher. A nonce must never be used twice with one key: callers derive it from a
/// position or a counter.
pub trait Aead: Send + Sync {
    /// Encrypts `data` in place and returns its tag.
    fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], data: &mut [u8]) -> [u8; TAG_BYTES];

    /// Decrypts `sealed`, which ends with its tag, in place and returns the plain part.
    ///
    /// # Errors
    /// [`Broken`] if key, nonce, associated data, ciphertext or tag are not those it was sealed with.
    fn open<'a>(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], Broken>;
}

/// The cipher for hot paths: aws-lc-rs, linked for TLS anyway and ten times faster where the
/// processor has vector AES.
pub struct Fast(LessSafeKey);

impl Fast {
    /// The cipher of `key`.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a DataKey is 32 bytes by its type")]
    pub fn new(key: &DataKey) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.bytes()).expect("32 bytes")))
    }
}

impl Aead for Fast {
    #[expect(clippy::expect_used, reason = "fails only beyond 64 GiB, and no caller's buffer comes near")]
    fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], data: &mut [u8]) -> [u8; TAG_BYTES] {
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), data)
            .expect("within the cipher's limits");
        let mut bytes = [0; TAG_BYTES];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    fn open<'a>(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], Broken> {
        self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), sealed).map_err(|_| Broken)
    }
}

/// The cipher in plain Rust: `aes-gcm`.
pub struct Portable(aes_gcm::Aes256Gcm);

impl Portable {
    /// The cipher of `key`.
    #[must_use]
    pub fn new(key: &DataKey) -> Self {
        Self(aes_gcm::Aes256Gcm::new(key.bytes().into()))
    }
}

impl Aead for Portable {
    #[expect(clippy::expect_used, reason = "fails only beyond 64 GiB, and no caller's buffer comes near")]
    fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], data: &mut [u8]) -> [u8; TAG_BYTES] {
        self.0
            .encrypt_inout_detached(nonce.into(), aad, data.into())
            .expect("within the cipher's limits")
            .into()
    }

    fn open<'a>(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], Broken> {
        let plain_bytes = sealed.len().checked_sub(TAG_BYTES).ok_or(Broken)?;
        let (data, tag) = sealed.split_at_mut(plain_bytes);
        let tag: [u8; TAG_BYTES] = (&*tag).try_into().map_err(|_| Broken)?;
        self.0
            .decrypt_inout_detached(nonce.into(), aad, (&mut *data).into(), &tag.into())
            .map_err(|_| Broken)?;
        Ok(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_either_cipher_seals_the_other_opens(
            key: [u8; 32], nonce: [u8; 12], aad: Vec<u8>, plain: Vec<u8>,
        ) {
            let key = DataKey::from_bytes(key);
            let ciphers: [Box<dyn Aead>; 2] = [Box::new(Fast::new(&key)), Box::new(Portable::new(&key))];
            for (sealer, opener) in [(0, 1), (1, 0)] {
                let mut sealed = plain.clone();
                let tag = ciphers[sealer].seal(&nonce, &aad, &mut sealed);
                sealed.extend_from_slice(&tag);
                let mut untouched = sealed.clone();
                prop_assert_eq!(ciphers[opener].open(&nonce, &aad, &mut untouched).unwrap(), &plain[..]);
                sealed[0] ^= 1;
                prop_assert_eq!(ciphers[opener].open(&nonce, &aad, &mut sealed), Err(Broken));
            }
        }
    }
}
