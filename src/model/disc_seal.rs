//! What a sealed disc is made of, kept so that the same disc can be built whenever one is burned.

use super::KeptKey;

/// The seal of a delivery's discs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscSeal {
    /// The row's id. A disc set's recipe names it.
    pub id: String,
    /// The release request.
    pub request: String,
    /// The delivery.
    pub delivery: String,
    /// The package it is made from, whose archives hold its bytes.
    pub package: String,
    /// The sealed layouts, in the blob store.
    pub blob_key: String,
    /// What opens them.
    pub key: KeptKey,
    /// The opening code, sealed; nothing once it was destroyed.
    pub code: Option<SealedCode>,
    /// When it was made.
    pub made_at: i64,
}

/// An opening code as a row keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCode {
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// The key that opens them.
    pub key: KeptKey,
}
