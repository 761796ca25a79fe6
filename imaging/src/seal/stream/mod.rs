//! One object under one key: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online
//! Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015, §7) over AES-256-GCM.
//!
//! ```text
//! header, 16 bytes in the clear   magic "FRSEAL1\0" · nonce prefix (7 random bytes) · 0
//! segment 0, 1, 2 …               65,536 plain bytes sealed, then a 16-byte tag
//! last segment                    0 to 65,536 plain bytes sealed, then a 16-byte tag
//! ```
//!
//! A segment's nonce is the prefix, its number (32 bits, big-endian) and one byte that is 1 for the
//! last segment, else 0; the header is its associated data. So a segment opens only in its own place of
//! its own object, and the end of an object only as its end: whatever is cut, appended, moved or
//! changed is found out. An empty object is one empty last segment; a longer one never ends with an
//! empty segment. Every length follows from the plain length ([`sealed_len`]), and any range is read
//! by opening the segments it lies in.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{SealedRange, SealedReader, UnsealError};
pub use write::SealWriter;

use super::aead::{NONCE_BYTES, TAG_BYTES};

/// Plain bytes of every segment but the last.
pub const SEGMENT_BYTES: usize = 64 * 1024;
/// Bytes before the first segment.
pub const HEADER_BYTES: usize = 16;

const MAGIC: [u8; 8] = *b"FRSEAL1\0";
const PREFIX_BYTES: usize = 7;
const SEALED_SEGMENT_BYTES: usize = SEGMENT_BYTES + TAG_BYTES;

type Header = [u8; HEADER_BYTES];

/// The length of a sealed object that holds `plain_len` bytes.
#[must_use]
pub const fn sealed_len(plain_len: u64) -> u64 {
    let segments = plain_len.div_ceil(SEGMENT_BYTES as u64);
    let segments = if segments == 0 { 1 } else { segments };
    plain_len.saturating_add(segments * TAG_BYTES as u64).saturating_add(HEADER_BYTES as u64)
}

/// The plain length and number of segments of a sealed object this long; none if none has this length.
fn plain_len_and_segments(sealed_len: u64) -> Option<(u64, u64)> {
    let body = sealed_len.checked_sub(HEADER_BYTES as u64)?;
    let segments = body.div_ceil(SEALED_SEGMENT_BYTES as u64);
    let plain_len = body.checked_sub(segments * TAG_BYTES as u64)?;
    (self::sealed_len(plain_len) == sealed_len).then_some((plain_len, segments))
}

fn nonce(header: &Header, segment: u32, last: bool) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[..PREFIX_BYTES].copy_from_slice(&header[MAGIC.len()..MAGIC.len() + PREFIX_BYTES]);
    nonce[PREFIX_BYTES..NONCE_BYTES - 1].copy_from_slice(&segment.to_be_bytes());
    nonce[NONCE_BYTES - 1] = u8::from(last);
    nonce
}
