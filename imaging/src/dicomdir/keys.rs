//! What the index keeps of an instance, as a directory reads it.

use crate::index::Tag;
use std::collections::BTreeMap;

/// The keys of one instance, as [`crate::index::Header::keys`] gives them and rows keep them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(BTreeMap<String, String>);

impl Keys {
    /// Reads the JSON a row keeps.
    ///
    /// # Errors
    /// If it is not an object of texts.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }

    /// A text, decoded and without padding; several values stay separated by `\`.
    #[must_use]
    pub fn text(&self, tag: Tag) -> Option<&str> {
        self.0.get(&format!("{:04X}{:04X}", tag.0, tag.1)).map(String::as_str)
    }

    /// The little-endian bytes of numbers, or the items of a sequence in Explicit VR Little Endian.
    pub(super) fn bytes(&self, tag: Tag) -> Option<Vec<u8>> {
        let digits = self.text(tag)?.as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        if digits.len() % 2 == 0 { digits.chunks(2).map(byte).collect() } else { None }
    }
}
