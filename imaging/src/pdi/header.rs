//! What a Part 10 file says of itself: in its file meta information, and in its data set.

use crate::files::is_part_10;
use crate::index::{Encoding, Tag};
use crate::render::{Elements, data_set};
use dicom::dictionary_std::tags as t;
use std::collections::BTreeMap;

/// Enough of a file to come past its UIDs.
pub(super) const HEADER_BYTES: u64 = 1 << 20;
const META_AT: usize = 132;
/// More than any value that is looked at has.
const MOST_VALUE_BYTES: u32 = 1 << 16;

/// Values by tag, without what pads them.
#[derive(Debug, Default)]
pub(super) struct Header {
    values: BTreeMap<Tag, Vec<u8>>,
    /// Where the data set begins.
    pub data_at: u32,
}

impl Header {
    /// Reads the beginning of a file; `None` if it is no Part 10 file.
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        let mut header = Self::meta(file)?;
        let (_, mut elements) = data_set(file).ok()?;
        while let Ok(Some(head)) = elements.head() {
            if head.tag > t::SOP_INSTANCE_UID {
                break;
            }
            header.values.insert(head.tag, elements.value(&head, MOST_VALUE_BYTES).ok()?);
        }
        Some(header)
    }

    /// Reads group 0002 alone.
    pub(super) fn meta(file: &[u8]) -> Option<Self> {
        if !is_part_10(file) {
            return None;
        }
        let mut elements = Elements::new(file.get(META_AT..)?, Encoding::ExplicitLittle);
        let mut values = BTreeMap::new();
        while elements.peek().ok()?.is_some_and(|next| next.starts_with(&[2, 0])) {
            let head = elements.head().ok()??;
            values.insert(head.tag, elements.value(&head, MOST_VALUE_BYTES).ok()?);
        }
        let data_at = u32::try_from(META_AT as u64 + elements.position).ok()?;
        Some(Self { values, data_at })
    }

    pub(super) fn bytes(&self, tag: Tag) -> &[u8] {
        self.values.get(&tag).map(Vec::as_slice).unwrap_or_default()
    }

    /// A UID or a code; empty if there is none.
    pub(super) fn text(&self, tag: Tag) -> &str {
        plain_text(self.bytes(tag))
    }
}

/// A text of the default repertoire without what pads it; empty if it is none.
pub(super) fn plain_text(value: &[u8]) -> &str {
    std::str::from_utf8(value).unwrap_or_default().trim_matches([' ', '\0'])
}
