//! Signatures: Ed25519 (RFC 8032), so that whoever has the public key can tell what this program wrote from
//! what somebody else did.
//!
//! A signing key follows from a master key by HKDF-SHA-256 (RFC 5869): it is kept, exported and recovered
//! with it, and there is nothing more to keep. After a rotation new signatures have a new key; the public
//! keys of retired master keys go on verifying what they signed.

use crate::seal::MasterKey;
use aws_lc_rs::digest;
use aws_lc_rs::hkdf;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const LABEL: &[u8] = b"filmroom signing key 1";
/// What comes before the key in a SubjectPublicKeyInfo (RFC 8410 §4).
const SPKI: [u8; 12] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// The key could not be derived: the cryptographic library refused to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key could not be derived")]
pub struct Underivable;

/// Signs.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The signing key that belongs to a master key.
    ///
    /// # Errors
    /// [`Underivable`], which no input causes.
    pub fn of(master: &MasterKey) -> Result<Self, Underivable> {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(master.secret());
        let expanded = secret.expand(&[LABEL], hkdf::HKDF_SHA256).map_err(|_| Underivable)?;
        expanded.fill(&mut *seed).map_err(|_| Underivable)?;
        Ed25519KeyPair::from_seed_unchecked(&*seed).map(Self).map_err(|_| Underivable)
    }

    /// Signs these bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.0.sign(bytes).as_ref());
        signature
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(key)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

/// Verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Names the key: the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.spki());
        digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// As a PEM file, the form `openssl` reads (RFC 7468, RFC 8410).
    #[must_use]
    pub fn pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(self.spki()))
    }

    /// Whether the holder of the key signed exactly these bytes.
    #[must_use]
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, signature).is_ok()
    }

    fn spki(&self) -> Vec<u8> {
        [&SPKI[..], &self.0].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::MasterKeyId;

    fn key(byte: u8) -> SigningKey {
        SigningKey::of(&MasterKey::from_parts(MasterKeyId([0; 8]), [byte; 32])).unwrap()
    }

    #[test]
    fn only_the_bytes_that_were_signed_and_only_by_this_key() {
        let signature = key(1).sign(b"manifest");
        assert!(key(1).public().verifies(b"manifest", &signature));
        assert!(!key(1).public().verifies(b"manifesT", &signature));
        assert!(!key(2).public().verifies(b"manifest", &signature));
        assert!(!key(1).public().verifies(b"manifest", &signature[..63]));
        assert_ne!(key(1).public().id(), key(2).public().id());
    }

    #[test]
    fn a_key_does_not_change_from_one_version_to_the_next() {
        // HKDF-SHA-256 of 32 bytes of 1, no salt, and the label, by `hmac` of Python and `openssl pkey`.
        assert_eq!(key(1).public().id(), "df7383a6f80f4801");
    }
}
