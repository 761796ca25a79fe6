//! Packages: what a link hands over, frozen.

use super::KeptKey;

/// How much a package holds, as page, label and manifest all say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageCounts {
    /// Studies.
    pub studies: u64,
    /// Series.
    pub series: u64,
    /// Instances.
    pub instances: u64,
    /// Instances left out, for the reasons its manifest gives.
    pub withheld: u64,
}

/// A package to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPackage {
    /// The row's id.
    pub id: String,
    /// The request it fulfils.
    pub request: String,
    /// Digest of what is in it, in hex: equal whenever the same is frozen again.
    pub contents_digest: String,
    /// Digest of the layout, in hex: equal for equal bytes.
    pub etag: String,
    /// Length of the ZIP.
    pub zip_bytes: u64,
    /// What is in it.
    pub counts: PackageCounts,
    /// The sealed layout, in the blob store.
    pub blob_key: String,
    /// What opens it.
    pub key: KeptKey,
    /// The archives its bytes lie in, by the numbers the layout gives them. They stay while it does.
    pub archives: Vec<String>,
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The row's id.
    pub id: String,
    /// The request it fulfils.
    pub request: String,
    /// 1, 2, …: a late instance makes a new version.
    pub version: u64,
    /// Whether it is the version that is handed out.
    pub current: bool,
    /// Digest of what is in it, in hex.
    pub contents_digest: String,
    /// Digest of the layout, in hex.
    pub etag: String,
    /// Length of the ZIP.
    pub zip_bytes: u64,
    /// What is in it.
    pub counts: PackageCounts,
    /// The sealed layout, in the blob store.
    pub blob_key: String,
    /// What opens it.
    pub key: KeptKey,
    /// When it was frozen.
    pub frozen_at: i64,
}
