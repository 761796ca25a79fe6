//! Reading Secure DICOM files: ours, and those of other programs that a code opens.

use super::ber::{Ber, Level};
use super::cipher::{Decrypting, Iv, Key};
use super::der::{CONTEXT, CONTEXT_OCTETS, INTEGER, OBJECT_IDENTIFIER, OCTETS, SEQUENCE, SET};
use super::key::{Derivation, algorithm, unwrap};
use super::{SecureError, oid};
use crate::opening_code::OpeningCode;
use aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Bytes of a file at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Opens the Secure DICOM files of a disc with its code. Files that share a salt cost one derivation.
pub struct Unlocker {
    code: Zeroizing<String>,
    /// The key that was derived last.
    derived: Mutex<Option<(Derivation, Arc<Key>)>>,
}

/// Who may open a file by a code, and how.
struct Recipient {
    derivation: Derivation,
    iv: Iv,
    wrapped: Vec<u8>,
}

impl Unlocker {
    /// For a code as it was generated.
    #[must_use]
    pub fn new(code: &OpeningCode) -> Self {
        Self { code: Zeroizing::new(code.reveal().to_owned()), derived: Mutex::new(None) }
    }

    /// Whether a file begins as a Secure DICOM file does; its first 64 bytes are enough.
    #[must_use]
    pub fn is_secure(start: &[u8]) -> bool {
        let begins = || -> Result<bool, SecureError> {
            let mut ber = Ber::new(start);
            ber.enter(SEQUENCE)?;
            Ok(ber.value(OBJECT_IDENTIFIER)? == oid::ENVELOPED_DATA)
        };
        begins().unwrap_or(false)
    }

    /// Writes the file that is in a Secure DICOM file, and says how many bytes it has. In constant memory.
    ///
    /// # Errors
    /// [`SecureError`]; what was written is then of no use: damage is known at the end.
    pub fn read(&self, secure: impl Read, sink: &mut dyn Write) -> Result<u64, SecureError> {
        let mut ber = Ber::new(secure);
        let info = ber.enter(SEQUENCE).map_err(|_| SecureError::NotSecure)?;
        if ber.value(OBJECT_IDENTIFIER).map_err(|_| SecureError::NotSecure)? != oid::ENVELOPED_DATA {
            return Err(SecureError::NotSecure);
        }
        let held = ber.enter(CONTEXT)?;
        let data = ber.enter(SEQUENCE)?;
        ber.value(INTEGER)?;
        if ber.next_in(data)? == Some(CONTEXT) {
            ber.pass(CONTEXT)?;
        }
        let recipient = recipient(&mut ber)?;
        let content = ber.enter(SEQUENCE)?;
        ber.value(OBJECT_IDENTIFIER)?;
        let (key_bytes, iv) = aes(&mut ber)?;
        let wrapping = self.wrapping(&recipient.derivation)?;
        let key = unwrap(&wrapping, recipient.iv, &recipient.wrapped)?;
        if key.bytes() != key_bytes {
            return Err(SecureError::Damaged("its key has another length than its cipher"));
        }
        let bytes = digested(Decrypting::new(&key, iv, ber.octets(CONTEXT_OCTETS)?), sink)?;
        ber.leave(content)?;
        ber.leave_rest(data)?;
        ber.leave(held)?;
        ber.leave(info)?;
        ber.end()?;
        Ok(bytes)
    }

    fn wrapping(&self, derivation: &Derivation) -> Result<Arc<Key>, SecureError> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, key)) = &*derived
            && known == derivation
        {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(derivation.key(&self.code)?);
        *derived = Some((derivation.clone(), Arc::clone(&key)));
        Ok(key)
    }
}

/// The first recipient that opens it by a code.
fn recipient(ber: &mut Ber<impl Read>) -> Result<Recipient, SecureError> {
    let recipients = ber.enter(SET)?;
    let mut found = None;
    while let Some(tag) = ber.next_in(recipients)? {
        if tag != CONTEXT | 3 || found.is_some() {
            ber.pass(tag)?;
            continue;
        }
        let recipient = ber.enter(tag)?;
        ber.value(INTEGER)?;
        let Some(CONTEXT) = ber.next_in(recipient)? else {
            return Err(SecureError::Unsupported("its key is not derived from a code"));
        };
        let derivation = derivation(ber)?;
        let wrapping = ber.enter(SEQUENCE)?;
        if ber.value(OBJECT_IDENTIFIER)? != oid::PWRI_KEK {
            return Err(SecureError::Unsupported("how its key is wrapped"));
        }
        let (key_bytes, iv) = aes(ber)?;
        ber.leave(wrapping)?;
        let wrapped = ber.value(OCTETS)?;
        ber.leave(recipient)?;
        found = Some(Recipient { derivation: Derivation { key_bytes, ..derivation }, iv, wrapped });
    }
    found.ok_or(SecureError::NoCode)
}

/// KeyDerivationAlgorithm. How long the key is, its cipher says.
fn derivation(ber: &mut Ber<impl Read>) -> Result<Derivation, SecureError> {
    let outer = ber.enter(CONTEXT)?;
    if ber.value(OBJECT_IDENTIFIER)? != oid::PBKDF2 {
        return Err(SecureError::Unsupported("how its key is derived"));
    }
    let parameters = ber.enter(SEQUENCE)?;
    let salt = ber.value(OCTETS)?;
    let iterations = number(&ber.value(INTEGER)?)?;
    let mut derivation = Derivation { salt, iterations, key_bytes: 0, algorithm: PBKDF2_HMAC_SHA1 };
    if ber.next_in(parameters)? == Some(INTEGER) {
        ber.value(INTEGER)?;
    }
    if ber.next_in(parameters)?.is_some() {
        let hmac = ber.enter(SEQUENCE)?;
        let known = algorithm(&ber.value(OBJECT_IDENTIFIER)?);
        derivation.algorithm = known.ok_or(SecureError::Unsupported("how its key is derived"))?;
        ber.leave_rest(hmac)?;
        ber.leave(parameters)?;
    }
    ber.leave(outer)?;
    Ok(derivation)
}

/// AES-CBC with its initialization vector; how many bytes its key has.
fn aes(ber: &mut Ber<impl Read>) -> Result<(usize, Iv), SecureError> {
    let cipher = ber.enter(SEQUENCE)?;
    let identifier = ber.value(OBJECT_IDENTIFIER)?;
    let key_bytes = match identifier.strip_prefix(oid::AES) {
        Some([2]) => 16,
        Some([22]) => 24,
        Some([42]) => 32,
        _ => return Err(SecureError::Unsupported("its cipher")),
    };
    let iv = ber.value(OCTETS)?.try_into().map_err(|_| SecureError::Damaged("an initialization vector"))?;
    ber.leave(cipher)?;
    Ok((key_bytes, iv))
}

fn number(bytes: &[u8]) -> Result<u32, SecureError> {
    let mut value = [0; 4];
    let bytes = bytes.strip_prefix(&[0]).unwrap_or(bytes);
    let place =
        value.len().checked_sub(bytes.len()).ok_or(SecureError::Unsupported("the number of rounds"))?;
    value[place..].copy_from_slice(bytes);
    Ok(u32::from_be_bytes(value))
}

/// DigestedData, bare or in a ContentInfo of its own: RFC 5652 leaves room for both.
fn digested(content: impl Read, sink: &mut dyn Write) -> Result<u64, SecureError> {
    let mut ber = Ber::new(content);
    let mut outer: Vec<Level> = Vec::new();
    let mut data = ber.enter(SEQUENCE)?;
    if ber.next_in(data)? == Some(OBJECT_IDENTIFIER) {
        if ber.value(OBJECT_IDENTIFIER)? != oid::DIGESTED_DATA {
            return Err(SecureError::Unsupported("it is signed, or nothing shows that it is whole"));
        }
        outer = vec![data, ber.enter(CONTEXT)?];
        data = ber.enter(SEQUENCE)?;
    }
    ber.value(INTEGER)?;
    let algorithm = ber.enter(SEQUENCE)?;
    let identifier = ber.value(OBJECT_IDENTIFIER)?;
    ber.leave_rest(algorithm)?;
    let encapsulated = ber.enter(SEQUENCE)?;
    ber.value(OBJECT_IDENTIFIER)?;
    let file = ber.enter(CONTEXT)?;
    let (bytes, digest) = match identifier.as_slice() {
        oid::SHA256 => copied::<Sha256>(ber.octets(OCTETS)?, sink),
        oid::SHA384 => copied::<Sha384>(ber.octets(OCTETS)?, sink),
        oid::SHA512 => copied::<Sha512>(ber.octets(OCTETS)?, sink),
        _ => return Err(SecureError::Unsupported("its digest")),
    }?;
    ber.leave(file)?;
    ber.leave(encapsulated)?;
    let said = ber.value(OCTETS)?;
    ber.leave(data)?;
    outer.into_iter().rev().try_for_each(|level| ber.leave(level))?;
    ber.end()?;
    if said == digest { Ok(bytes) } else { Err(SecureError::Damaged("it has another digest than it says")) }
}

fn copied<D: Digest>(mut file: impl Read, sink: &mut dyn Write) -> Result<(u64, Vec<u8>), SecureError> {
    let (mut digest, mut bytes) = (D::new(), 0);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut piece).map_err(SecureError::reading)?;
        if read == 0 {
            return Ok((bytes, digest.finalize().to_vec()));
        }
        digest.update(&piece[..read]);
        sink.write_all(&piece[..read]).map_err(SecureError::Sink)?;
        bytes += read as u64;
    }
}
