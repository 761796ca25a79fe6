//! What a disc is made of, kept so that the same disc can be built whenever one is burned.

use super::KeptKey;

/// What the discs of a delivery are made of, sealed.
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
    /// The sealed archive, in the blob store, in which the files of plain and secured discs lie; nothing for sealed discs,
    /// whose files lie in the package's archives.
    pub files_key: Option<String>,
    /// When it was made.
    pub made_at: i64,
}
