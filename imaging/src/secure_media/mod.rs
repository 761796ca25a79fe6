//! Secure DICOM files and discs of them: what other programs open with a code (PS3.10 §7.4, PS3.15 Annex D.1).
//!
//! A Secure DICOM file is a DICOM file in the Cryptographic Message Syntax (RFC 5652): an EnvelopedData whose content is
//! a DigestedData whose content is the file. The content's key is wrapped in one that PBKDF2 derives from a code (RFC
//! 3211). On a disc every DICOM file and the DICOMDIR is one (PS3.11 §D.3.5, §H.3.5); they share the salt, so that a
//! reader derives once.
//!
//! ```text
//! EnvelopedData      version 3
//!   PasswordRecipientInfo   PBKDF2, HMAC-SHA-256, 600,000 rounds; id-alg-PWRI-KEK with AES-256-CBC
//!   EncryptedContentInfo    AES-256-CBC of the DER of
//!     DigestedData   SHA-256 of the DICOM file, which it holds
//! ```
//!
//! The digest lies inside the encryption and CBC has no tag: a change is found when a file was read to its end, not
//! before. What is sealed in our own format is checked before it is used ([`crate::disc`]).
//!
//! DER and BER are written and read here, since no library does so in constant memory for files of gigabytes.
//!
//! ```
//! use imaging::chance::OsChance;
//! use imaging::opening_code::{Form, OpeningCode};
//! use imaging::secure_media::{Locker, SecureError, Unlocker};
//!
//! let code = OpeningCode::generate(Form::Words, &OsChance);
//! let file = b"a DICOM file".as_slice();
//! let mut secure = Vec::new();
//! Locker::new(&code, &OsChance)?.write(file, file.len() as u64, &mut secure, &OsChance)?;
//!
//! let mut opened = Vec::new();
//! Unlocker::new(&code).read(secure.as_slice(), &mut opened)?;
//! assert_eq!(opened, file);
//! let other = OpeningCode::generate(Form::Words, &OsChance);
//! let refused = Unlocker::new(&other).read(secure.as_slice(), &mut Vec::new());
//! assert!(matches!(refused, Err(SecureError::Code)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ber;
mod cipher;
mod der;
mod disc;
mod key;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use disc::Unlocked;
pub use read::Unlocker;
pub use write::Locker;

use crate::disc::CopyError;
use std::io;

/// Object identifiers, encoded (X.690 §8.19).
mod oid {
    /// id-data (RFC 5652 §4).
    pub const DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
    /// id-envelopedData (RFC 5652 §6.1).
    pub const ENVELOPED_DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03";
    /// id-digestedData (RFC 5652 §7).
    pub const DIGESTED_DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x05";
    /// id-PBKDF2 (RFC 8018 §A.2).
    pub const PBKDF2: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x05\x0C";
    /// What id-hmacWithSHA1 and its sisters begin with (RFC 8018 §B.1).
    pub const HMAC: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x02";
    /// id-hmacWithSHA256.
    pub const HMAC_SHA256: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x02\x09";
    /// id-alg-PWRI-KEK (RFC 3211 §2.3).
    pub const PWRI_KEK: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x03\x09";
    /// What id-aes128-CBC and its sisters begin with (RFC 3565 §4.1).
    pub const AES: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01";
    /// id-aes256-CBC.
    pub const AES256_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2A";
    /// id-sha256 (RFC 5754 §2).
    pub const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
    /// id-sha384.
    pub const SHA384: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x02";
    /// id-sha512.
    pub const SHA512: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03";
}

/// A Secure DICOM file does not open.
#[derive(Debug, thiserror::Error)]
pub enum SecureError {
    /// It cannot be read, or ends too early.
    #[error("the file cannot be read to its end")]
    Read(#[source] io::Error),
    /// What it is written to failed.
    #[error("it could not be written")]
    Sink(#[source] io::Error),
    /// It is none.
    #[error("the file is no Secure DICOM file")]
    NotSecure,
    /// It is made in a way that is not known here.
    #[error("the file is secured in a way that is not known here: {0}")]
    Unsupported(&'static str),
    /// There is no way in by a code.
    #[error("the file opens with a certificate, not with a code")]
    NoCode,
    /// The code is not this file's; or the key that it opens is damaged, which looks the same.
    #[error("the code does not open the file")]
    Code,
    /// It is not as it was written.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
}

impl From<CopyError> for SecureError {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Read(error) => Self::Read(error),
            CopyError::Sink(error) => Self::Sink(error),
        }
    }
}

impl SecureError {
    /// What went wrong while a file was read: an end that comes too early is damage.
    fn reading(error: io::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(found) => return found,
            Err(error) => error,
        };
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early"),
            io::ErrorKind::InvalidData => Self::Damaged("its last block is no end"),
            _ => Self::Read(error),
        }
    }
}
