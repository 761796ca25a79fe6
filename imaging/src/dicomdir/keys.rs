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

    /// Lets go of every key but these.
    pub fn keep_only(&mut self, tags: &[Tag]) {
        let names: Vec<String> = tags.iter().map(|tag| name(*tag)).collect();
        self.0.retain(|key, _| names.contains(key));
    }

    /// A text, decoded and without padding; several values stay separated by `\`.
    #[must_use]
    pub fn text(&self, tag: Tag) -> Option<&str> {
        self.0.get(&name(tag)).map(String::as_str)
    }

    /// The little-endian bytes of numbers, or the items of a sequence in Explicit VR Little Endian.
    pub(super) fn bytes(&self, tag: Tag) -> Option<Vec<u8>> {
        let digits = self.text(tag)?.as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        if digits.len() % 2 == 0 { digits.chunks(2).map(byte).collect() } else { None }
    }
}

/// What rows call a tag.
fn name(tag: Tag) -> String {
    format!("{:04X}{:04X}", tag.0, tag.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_kept_is_there_afterwards() {
        let mut keys = Keys::parse(r#"{"00080080":"General","00280008":"3","0020000D":"1.2"}"#).unwrap();
        keys.keep_only(&[Tag(0x0008, 0x0080), Tag(0x0028, 0x0008), Tag(0x0010, 0x0010)]);
        assert_eq!(keys.text(Tag(0x0008, 0x0080)), Some("General"));
        assert_eq!((keys.text(Tag(0x0028, 0x0008)), keys.text(Tag(0x0020, 0x000D))), (Some("3"), None));
    }
}
