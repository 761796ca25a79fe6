//! Frozen packages: the layout of the ZIP, sealed and kept, so that it stays the same byte for byte whatever
//! this program later thinks a package should look like.
//!
//! ```text
//! magic "FRPKG1\0\0" · number of segments (u64)
//! a segment: kind (1 literal, 2 extent, 3 zeros) · length (u64) · of an extent: object (u32), offset (u64)
//! the bytes of all literals, in their order
//! ```
//!
//! Numbers are little-endian. The object of an extent is the place of its archive in `package_archives`.

use super::Archived;
use crate::model::Package;
use crate::store::blob::BlobStore;
use crate::store::db::Db;
use crate::store::keys::Holder;
use crate::store::sealed::{SealedError, SealedObject};
use crate::store::{StoreError, packages};
use imaging::layout::{Layout, LayoutReader, Segment};
use imaging::seal::MasterKeys;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

const MAGIC: [u8; 8] = *b"FRPKG1\0\0";

/// A frozen package cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// Its layout does not open.
    #[error("the package's layout")]
    Sealed(#[from] SealedError),
    /// The row or the layout is not as this program writes them.
    #[error("the package cannot be understood: {0}")]
    Inconsistent(&'static str),
    /// The thread that opened it ended early.
    #[error("opening the package was given up")]
    Thread(#[from] tokio::task::JoinError),
}

/// Writes a layout.
pub(in crate::desk) fn write(layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let count = layout.segments().count() as u64;
    out.write_all(&MAGIC)?;
    out.write_all(&count.to_le_bytes())?;
    for (segment, len) in layout.segments() {
        match segment {
            Segment::Literal(_) => out.write_all(&[1])?,
            Segment::Extent { .. } => out.write_all(&[2])?,
            Segment::Zeros => out.write_all(&[3])?,
        }
        out.write_all(&len.to_le_bytes())?;
        if let Segment::Extent { object, offset } = segment {
            out.write_all(&object.to_le_bytes())?;
            out.write_all(&offset.to_le_bytes())?;
        }
    }
    let mut start = 0;
    for (segment, len) in layout.segments() {
        if matches!(segment, Segment::Literal(_)) {
            let no_objects: [&[u8]; 0] = [];
            io::copy(&mut layout.range(start..start + len, no_objects)?, out)?;
        }
        start += len;
    }
    Ok(())
}

/// Reads what [`write`] wrote.
pub(in crate::desk) fn read(mut bytes: &[u8]) -> Option<Layout> {
    if take::<8>(&mut bytes)? != MAGIC {
        return None;
    }
    let count = u64::from_le_bytes(take(&mut bytes)?);
    let mut segments = Vec::new();
    for _ in 0..count {
        let [kind] = take(&mut bytes)?;
        let len = u64::from_le_bytes(take(&mut bytes)?);
        segments.push(match kind {
            1 => (Segment::Literal(0), len),
            2 => {
                let object = u32::from_le_bytes(take(&mut bytes)?);
                (Segment::Extent { object, offset: u64::from_le_bytes(take(&mut bytes)?) }, len)
            }
            3 => (Segment::Zeros, len),
            _ => return None,
        });
    }
    let mut layout = Layout::new();
    for (segment, len) in segments {
        match segment {
            Segment::Literal(_) => {
                let (literal, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
                bytes = rest;
                layout.literal(literal)
            }
            Segment::Extent { object, offset } => layout.extent(object, offset, len),
            Segment::Zeros => layout.zeros(len),
        };
    }
    bytes.is_empty().then_some(layout)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

/// A package whose bytes can be read, any range of them.
#[derive(Clone)]
pub struct OpenPackage {
    layout: Arc<Layout>,
    archived: Arc<dyn Fn() -> Archived + Send + Sync>,
}

/// A range of a package, front to back. Reading blocks.
pub type PackageReader = LayoutReader<Arc<Layout>, Archived>;

impl OpenPackage {
    /// Length of the ZIP.
    #[must_use]
    pub fn zip_bytes(&self) -> u64 {
        self.layout.len()
    }

    /// A range of it. Nothing is opened yet.
    ///
    /// # Errors
    /// `UnexpectedEof` if it is not within the file.
    pub fn range(&self, bytes: Range<u64>) -> io::Result<PackageReader> {
        LayoutReader::new(Arc::clone(&self.layout), bytes, (self.archived)())
    }
}

/// Opens a package.
///
/// # Errors
/// [`OpenError`]
pub async fn open(
    db: &Db,
    blobs: &Arc<dyn BlobStore>,
    keys: &Arc<MasterKeys>,
    package: &Package,
) -> Result<OpenPackage, OpenError> {
    let archives = packages::archives_of(db, &package.id).await?;
    let object = SealedObject {
        blob_key: package.blob_key.clone(),
        key: package.key.clone(),
        owner: Holder::Package.owner(&package.id),
    };
    let (store, master) = (Arc::clone(blobs), Arc::clone(keys));
    let bytes = tokio::task::spawn_blocking(move || object.read(&*store, &master)).await??;
    let layout = read(&bytes).ok_or(OpenError::Inconsistent("its layout"))?;
    if layout.len() != package.zip_bytes {
        return Err(OpenError::Inconsistent("its layout has another length"));
    }
    let (blobs, keys) = (Arc::clone(blobs), Arc::clone(keys));
    let archived = move || Archived::new(Arc::clone(&blobs), Arc::clone(&keys), archives.clone());
    Ok(OpenPackage { layout: Arc::new(layout), archived: Arc::new(archived) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout(parts: &[(u8, Vec<u8>, u32, u64)]) -> Layout {
        let mut layout = Layout::new();
        for (kind, bytes, object, number) in parts {
            match kind {
                0 => layout.literal(bytes),
                1 => layout.extent(*object, *number, bytes.len() as u64),
                _ => layout.zeros(*number),
            };
        }
        layout
    }

    proptest! {
        #[test]
        fn a_layout_comes_back_as_it_was_written_and_a_cut_one_does_not(
            parts in prop::collection::vec(
                (0_u8..3, prop::collection::vec(any::<u8>(), 0..40), any::<u32>(), 0_u64..1 << 40), 0..30)
        ) {
            let (layout, mut bytes) = (layout(&parts), Vec::new());
            write(&layout, &mut bytes).unwrap();
            prop_assert_eq!(read(&bytes), Some(layout));
            bytes.pop();
            prop_assert_eq!(read(&bytes), None);
        }
    }
}
