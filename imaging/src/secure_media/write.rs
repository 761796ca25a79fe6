//! Writing Secure DICOM files.

use super::cipher::{BLOCK_BYTES, Encrypting, Key, encrypted_bytes};
use super::der::{
    CONTEXT, CONTEXT_OCTETS, NULL, OBJECT_IDENTIFIER, OCTETS, SEQUENCE, SET, begun, element, integer,
};
use super::key::{Derivation, ITERATIONS, wrap};
use super::{SecureError, oid};
use crate::chance::Chance;
use crate::opening_code::OpeningCode;
use aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA256;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
const DIGEST_BYTES: u64 = 32;
/// Bytes of a file at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Writes Secure DICOM files that one code opens.
pub struct Locker {
    derivation: Derivation,
    wrapping: Key,
}

impl Locker {
    /// Derives the key of a code, under a fresh salt: a tenth of a second.
    ///
    /// # Errors
    /// Hardly: [`SecureError::Unsupported`] if there is no key of this length.
    pub fn new(code: &OpeningCode, chance: &dyn Chance) -> Result<Self, SecureError> {
        let mut salt = vec![0; SALT_BYTES];
        chance.fill(&mut salt);
        let derivation =
            Derivation { salt, iterations: ITERATIONS, key_bytes: KEY_BYTES, algorithm: PBKDF2_HMAC_SHA256 };
        let wrapping = derivation.key(code.reveal())?;
        Ok(Self { derivation, wrapping })
    }

    /// Writes a file of so many bytes, under a key of its own. In constant memory.
    ///
    /// # Errors
    /// [`SecureError::Read`] if the file has other than so many bytes, or cannot be read; [`SecureError::Sink`].
    pub fn write(
        &self,
        mut file: impl Read,
        bytes: u64,
        sink: &mut dyn Write,
        chance: &dyn Chance,
    ) -> Result<(), SecureError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let (mut iv, mut wrapping_iv) = ([0; BLOCK_BYTES], [0; BLOCK_BYTES]);
        chance.fill(&mut *key);
        chance.fill(&mut iv);
        chance.fill(&mut wrapping_iv);
        let wrapped = wrap(&self.wrapping, wrapping_iv, &*key, chance);
        let recipient = self.recipient(wrapping_iv, &wrapped);
        let before = before_file(bytes);
        let content_bytes = before.len() as u64 + bytes + AFTER_FILE.len() as u64 + DIGEST_BYTES;
        let head = enveloped(&recipient, iv, encrypted_bytes(content_bytes));
        sink.write_all(&head).map_err(SecureError::Sink)?;
        let key = Key::of(&*key).ok_or(SecureError::Unsupported("the length of the key"))?;
        let mut content = Encrypting::new(&key, iv, sink);
        content.write_all(&before).map_err(SecureError::Sink)?;
        let digest = copy(&mut file, bytes, &mut content)?;
        content.write_all(AFTER_FILE).map_err(SecureError::Sink)?;
        content.write_all(&digest).map_err(SecureError::Sink)?;
        content.finish().map_err(SecureError::Sink)
    }

    /// PasswordRecipientInfo (RFC 5652 §6.2.4).
    fn recipient(&self, iv: [u8; BLOCK_BYTES], wrapped: &[u8]) -> Vec<u8> {
        let Derivation { salt, iterations, .. } = &self.derivation;
        let hmac = element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[oid::HMAC_SHA256]), &[NULL, 0]]);
        let key_bytes = integer(u32::try_from(KEY_BYTES).unwrap_or_default());
        let parameters =
            element(SEQUENCE, &[&element(OCTETS, &[salt]), &integer(*iterations), &key_bytes, &hmac]);
        let derivation = element(CONTEXT, &[&element(OBJECT_IDENTIFIER, &[oid::PBKDF2]), &parameters]);
        let cipher = aes(iv);
        let wrapping = element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[oid::PWRI_KEK]), &cipher]);
        let version = integer(0);
        element(CONTEXT | 3, &[&version, &derivation, &wrapping, &element(OCTETS, &[wrapped])])
    }
}

fn aes(iv: [u8; BLOCK_BYTES]) -> Vec<u8> {
    element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[oid::AES256_CBC]), &element(OCTETS, &[&iv])])
}

/// All before so many encrypted bytes, with which it ends.
fn enveloped(recipient: &[u8], iv: [u8; BLOCK_BYTES], encrypted: u64) -> Vec<u8> {
    let content = begun(CONTEXT_OCTETS, &[], encrypted);
    let kind = element(OBJECT_IDENTIFIER, &[oid::DIGESTED_DATA]);
    let content = begun(SEQUENCE, &[&kind, &aes(iv), &content], encrypted);
    let recipients = element(SET, &[recipient]);
    let data = begun(SEQUENCE, &[&integer(3), &recipients, &content], encrypted);
    let data = begun(CONTEXT, &[&data], encrypted);
    begun(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[oid::ENVELOPED_DATA]), &data], encrypted)
}

/// What follows the file: the head of its digest.
const AFTER_FILE: &[u8] = &[OCTETS, 32];

/// DigestedData (RFC 5652 §7) up to the file in it.
fn before_file(bytes: u64) -> Vec<u8> {
    let file = begun(OCTETS, &[], bytes);
    let file = begun(CONTEXT, &[&file], bytes);
    let kind = element(OBJECT_IDENTIFIER, &[oid::DATA]);
    let content = begun(SEQUENCE, &[&kind, &file], bytes);
    let digest = element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[oid::SHA256])]);
    begun(SEQUENCE, &[&integer(0), &digest, &content], bytes + AFTER_FILE.len() as u64 + DIGEST_BYTES)
}

/// Copies exactly so many bytes, and digests them.
fn copy(file: &mut dyn Read, bytes: u64, sink: &mut dyn Write) -> Result<[u8; 32], SecureError> {
    let (mut sha256, mut left) = (Sha256::new(), bytes);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece) {
            Ok(0) if left == 0 => return Ok(sha256.finalize().into()),
            Ok(read) if read > 0 && read as u64 <= left => {
                sha256.update(&piece[..read]);
                sink.write_all(&piece[..read]).map_err(SecureError::Sink)?;
                left -= read as u64;
            }
            Ok(_) => return Err(SecureError::Read(io::Error::other("it has another length than was said"))),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(SecureError::Read(error)),
        }
    }
}
