//! Sealing: AES-256-GCM in one construction everywhere.
//!
//! [`key`] holds keys and how data keys are wrapped by a master key; [`aead`] is the cipher behind
//! a small trait with two implementations, each the other's test oracle; [`stream`] seals one object
//! of any length in segments, so that any range of it can be read.

pub mod aead;
pub mod key;
mod mac;
mod read_at;
pub mod stream;

pub use aead::{Aead, TAG_BYTES};
pub use key::{DataKey, MasterKey, MasterKeyId, MasterKeys, WrappedKey};
pub use mac::mac;
pub use read_at::ReadAt;
pub use stream::{SealWriter, SealedRange, SealedReader, UnsealError, sealed_len};

/// Sealed bytes did not open: they were changed, cut, moved, or belong to another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open with this key: they were changed, cut or moved")]
pub struct Broken;
