//! What a sealed disc is made of, kept so that the same disc can be built whenever one is burned.

use super::KeptKey;

/// The seal of a delivery's discs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscSeal {
    /// The row's id. A disc set names it.
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
    /// When it was made.
    pub made_at: i64,
}
