//! Data keys as rows keep them.

use crate::hex::unhex;
use imaging::seal::{MasterKeyId, WrappedKey};

/// A data key, wrapped by a master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// The wrapped key.
    pub data_key: Vec<u8>,
    /// The master key that wraps it, in hex.
    pub master_key_id: String,
}

/// A few bytes, sealed as a row keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBytes {
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// The key that opens them.
    pub key: KeptKey,
}

impl From<WrappedKey> for KeptKey {
    fn from(wrapped: WrappedKey) -> Self {
        Self { data_key: wrapped.bytes.to_vec(), master_key_id: wrapped.master.to_string() }
    }
}

impl KeptKey {
    /// The wrapped key; nothing if the row holds none.
    #[must_use]
    pub fn wrapped(&self) -> Option<WrappedKey> {
        let master = unhex(&self.master_key_id).map(MasterKeyId)?;
        let bytes = self.data_key.as_slice().try_into().ok()?;
        Some(WrappedKey { master, bytes })
    }
}
