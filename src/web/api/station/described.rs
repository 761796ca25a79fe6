//! What a station and the service say to each other, as `/api/openapi.json` describes it. The types themselves are those
//! of `burn_queue`, which knows no HTTP.

use utoipa::ToSchema;

/// A station's try at a disc.
#[derive(ToSchema)]
pub struct StationAttempt {
    /// Counts the leases of this disc, from 1.
    pub number: u32,
    /// The station.
    pub station: String,
}

/// A disc to be burned.
#[derive(ToSchema)]
pub struct StationWork {
    /// The disc's code.
    pub disc: String,
    /// Its place in its set: which disc, of how many.
    pub place: [u32; 2],
    /// The right to burn it.
    pub attempt: StationAttempt,
    /// What goes on it.
    pub image: StationImage,
    /// `cd`, `dvd`, `dvd-dl` or `bd`.
    pub medium: String,
    /// How long the lease is, in milliseconds; it is renewed at a third of that.
    pub lease_ms: u32,
}

/// What goes on a disc.
#[derive(ToSchema)]
pub struct StationImage {
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// How a burn ended.
#[derive(ToSchema)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum StationReport {
    /// The disc was read back and is what it should be.
    Verified,
    /// It is not; it is written off.
    Failed {
        /// What went wrong.
        reason: String,
    },
}
