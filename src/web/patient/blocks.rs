//! The blocks one download is made in: a few, used again and again.
//!
//! Mapped, so that their memory goes back to the system with the download; those of many downloads would stay with
//! the allocator of whichever thread made them. Used again, because a fresh one costs a fault for each of its pages.

use axum::body::Bytes;
use memmap2::MmapMut;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes produced, checked and sent at a time.
pub(super) const BLOCK_BYTES: usize = 512 * 1024;

/// The blocks of one download. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Blocks(Arc<Mutex<Vec<MmapMut>>>);

impl Blocks {
    /// A block that `fill` fills to `len` bytes, at most [`BLOCK_BYTES`]. It comes back when it was sent.
    pub(super) fn filled(
        &self,
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> io::Result<()>,
    ) -> io::Result<Bytes> {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let block = free.map_or_else(|| MmapMut::map_anon(BLOCK_BYTES), Ok)?;
        let mut lent = Lent { block: Some(block), len: len.min(BLOCK_BYTES), home: self.clone() };
        fill(lent.bytes_mut())?;
        Ok(Bytes::from_owner(lent))
    }
}

/// A block on its way.
struct Lent {
    /// There until it is dropped.
    block: Option<MmapMut>,
    len: usize,
    home: Blocks,
}

impl Lent {
    fn bytes_mut(&mut self) -> &mut [u8] {
        self.block.as_mut().map_or(&mut [], |block| &mut block[..self.len])
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.block.as_ref().map_or(&[], |block| &block[..self.len])
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
            self.home.0.lock().unwrap_or_else(PoisonError::into_inner).push(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_was_sent_is_filled_again_and_one_on_its_way_is_left_alone() {
        let blocks = Blocks::default();
        let fill = |with: u8| {
            move |block: &mut [u8]| {
                block.fill(with);
                Ok(())
            }
        };
        let first = blocks.filled(3, fill(1)).unwrap();
        let second = blocks.filled(BLOCK_BYTES + 1, fill(2)).unwrap();
        assert_eq!((first.as_ref(), second.len()), (&[1, 1, 1][..], BLOCK_BYTES));
        let place = first.as_ptr();
        drop(first);
        let third = blocks.filled(2, fill(3)).unwrap();
        assert_eq!((third.as_ref(), third.as_ptr()), (&[3, 3][..], place));
        assert!(second.iter().all(|byte| *byte == 2));
    }
}
