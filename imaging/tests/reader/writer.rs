//! Data sets made by hand.

use imaging::index::{Encoding, Tag};

pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const BIG: &str = "1.2.840.10008.1.2.2";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub const BASELINE: &str = "1.2.840.10008.1.2.4.50";
pub const UNDEFINED: u32 = u32::MAX;

/// Writes elements in one of the encodings.
pub struct Writer {
    encoding: Encoding,
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Nothing yet.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, bytes: Vec::new() }
    }

    /// A 16-bit number.
    pub fn short(mut self, number: u16) -> Self {
        let big = self.encoding == Encoding::ExplicitBig;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    /// A 32-bit number.
    pub fn long(mut self, number: u32) -> Self {
        let big = self.encoding == Encoding::ExplicitBig;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    /// Bytes as they are.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The head of an element.
    pub fn head(self, tag: Tag, vr: &[u8; 2], length: u32) -> Self {
        let head = self.short(tag.0).short(tag.1);
        if head.encoding == Encoding::ImplicitLittle || tag.0 == 0xFFFE {
            return head.long(length);
        }
        match vr {
            b"OB" | b"OW" | b"SQ" | b"UN" | b"UT" => head.raw(vr).short(0).long(length),
            _ => head.raw(vr).short(u16::try_from(length).unwrap()),
        }
    }

    /// An element.
    pub fn element(self, tag: Tag, vr: &[u8; 2], value: &[u8]) -> Self {
        self.head(tag, vr, u32::try_from(value.len()).unwrap()).raw(value)
    }

    /// The head of an item.
    pub fn item(self, length: u32) -> Self {
        self.head(Tag(0xFFFE, 0xE000), b"  ", length)
    }

    /// An item's delimiter.
    pub fn item_end(self) -> Self {
        self.head(Tag(0xFFFE, 0xE00D), b"  ", 0)
    }

    /// A sequence's delimiter.
    pub fn sequence_end(self) -> Self {
        self.head(Tag(0xFFFE, 0xE0DD), b"  ", 0)
    }

    /// The elements every instance has.
    pub fn instance(encoding: Encoding) -> Self {
        Self::new(encoding)
            .element(Tag(0x0008, 0x0005), b"CS", b"ISO_IR 100")
            .element(Tag(0x0008, 0x0016), b"UI", b"1.2.840.10008.5.1.4.1.1.7\0")
            .element(Tag(0x0008, 0x0018), b"UI", b"1.2.3.4\0")
            .element(Tag(0x0008, 0x0050), b"SH", b" A1 ")
            .element(Tag(0x0010, 0x0010), b"PN", b"B\xE9^Al ")
            .element(Tag(0x0020, 0x000D), b"UI", b"1.2\0")
            .element(Tag(0x0020, 0x000E), b"UI", b"1.2.3\0")
    }

    /// Uncompressed pixel data and what goes before them.
    pub fn pixels(self, bytes: usize) -> Self {
        let rows = self.short_element(Tag(0x0028, 0x0010), 16);
        rows.element(Tag(0x7FE0, 0x0010), b"OW", &vec![7; bytes])
    }

    /// An element of one 16-bit number.
    pub fn short_element(self, tag: Tag, number: u16) -> Self {
        self.head(tag, b"US", 2).short(number)
    }

    /// A sequence of undefined length with one such item in each other, `depth` deep.
    pub fn nested(mut self, depth: usize) -> Self {
        for _ in 0..depth {
            self = self.head(Tag(0x0040, 0xA730), b"SQ", UNDEFINED).item(UNDEFINED);
        }
        for _ in 0..depth {
            self = self.item_end().sequence_end();
        }
        self
    }
}
