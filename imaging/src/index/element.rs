//! The head of one data element: tag, value representation and length (PS3.5 §7.1).

use dicom::core::Tag;

/// The length that says "until the delimiter" (PS3.5 §7.1.1).
pub(super) const UNDEFINED: u32 = u32::MAX;
pub(crate) const ITEM: Tag = Tag(0xFFFE, 0xE000);
pub(super) const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
pub(super) const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
pub(super) const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);

/// The longest head: tag, representation, two reserved bytes, 32-bit length.
pub(super) const HEAD_BYTES: usize = 12;
/// Enough of a head to tell its encoding.
pub(crate) const SNIFF_BYTES: usize = 8;

/// A misplaced representation whose implied length is above this is no element but garbage.
const BELIEVABLE_LENGTH: u32 = 1 << 30;

/// How the elements of a data set are written (PS3.5 §7.1, §7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Implicit VR Little Endian.
    ImplicitLittle,
    /// Explicit VR Little Endian; also every encapsulated transfer syntax.
    ExplicitLittle,
    /// Explicit VR Big Endian (retired).
    ExplicitBig,
}

impl Encoding {
    /// Whether elements name their value representation.
    #[must_use]
    pub fn is_explicit(self) -> bool {
        self != Self::ImplicitLittle
    }

    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self == Self::ExplicitBig { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self == Self::ExplicitBig { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    /// The encoding the head of a first element shows, whatever was declared. `whole_set` is true
    /// for the first element of a data set, where byte order can be told from the low group number.
    pub(crate) fn shown_by(self, head: &[u8; SNIFF_BYTES], whole_set: bool) -> Self {
        let [g0, g1, _, _, v0, v1, ..] = *head;
        let big = match (g0, g1) {
            (0xFE, 0xFF) => false,
            (0xFF, 0xFE) => true,
            // Data sets begin with a group below 0100H: one of its bytes is zero, the other is not.
            (0, 1..) if whole_set => true,
            (1.., 0) if whole_set => false,
            _ => self == Self::ExplicitBig,
        };
        let delimiter = matches!((g0, g1), (0xFE, 0xFF) | (0xFF, 0xFE));
        let explicit = match (delimiter, Vr([v0, v1])) {
            // Delimiters carry no representation, and an unknown one made of letters is still one.
            (true, _) => self.is_explicit(),
            (false, vr) => vr.is_known() || (self.is_explicit() && !vr.cannot_be_one()),
        };
        match (explicit, big) {
            (true, true) => Self::ExplicitBig,
            (true, false) => Self::ExplicitLittle,
            // There is no big-endian form without representations.
            (false, true) if delimiter => Self::ExplicitBig,
            (false, true) => self,
            (false, false) => Self::ImplicitLittle,
        }
    }
}

/// The two characters of a value representation as they stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vr(pub [u8; 2]);

impl Vr {
    /// Whether the standard defines it (PS3.5 §6.2).
    pub(crate) fn is_known(self) -> bool {
        self.has_long_length() || self.is_known_short()
    }

    /// Whether it is followed by two reserved bytes and a 32-bit length (PS3.5 table 7.1-1).
    pub(crate) fn has_long_length(self) -> bool {
        matches!(
            &self.0,
            b"OB"
                | b"OD"
                | b"OF"
                | b"OL"
                | b"OV"
                | b"OW"
                | b"SQ"
                | b"SV"
                | b"UC"
                | b"UN"
                | b"UR"
                | b"UT"
                | b"UV"
        )
    }

    fn is_known_short(self) -> bool {
        matches!(
            &self.0,
            b"AE"
                | b"AS"
                | b"AT"
                | b"CS"
                | b"DA"
                | b"DS"
                | b"DT"
                | b"FD"
                | b"FL"
                | b"IS"
                | b"LO"
                | b"LT"
                | b"PN"
                | b"SH"
                | b"SL"
                | b"SS"
                | b"ST"
                | b"TM"
                | b"UI"
                | b"UL"
                | b"US"
        )
    }

    /// Fillers some writers put where they knew no representation; a 16-bit length follows.
    fn is_filler(self) -> bool {
        self.0.iter().all(|byte| matches!(byte, 0 | b' ' | b'?' | b'-'))
    }

    fn cannot_be_one(self) -> bool {
        !self.is_filler() && !self.0.iter().all(u8::is_ascii_uppercase)
    }
}

/// The head of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub tag: Tag,
    /// As it stood; `None` where the encoding has none.
    pub vr: Option<Vr>,
    pub length: u32,
    /// Bytes the head takes: 8 or 12.
    pub bytes: usize,
    /// The representation is not one of the standard's.
    pub odd_vr: bool,
    /// What stands here cannot be an element.
    pub garbage: bool,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` if more bytes are needed.
    pub(crate) fn read(encoding: Encoding, bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<SNIFF_BYTES>()?;
        let [t0, t1, t2, t3, l0, l1, l2, l3] = *head;
        let tag = Tag(encoding.u16([t0, t1]), encoding.u16([t2, t3]));
        let long = encoding.u32([l0, l1, l2, l3]);
        let plain = Self { tag, vr: None, length: long, bytes: 8, odd_vr: false, garbage: false };
        if tag.0 == 0xFFFE || !encoding.is_explicit() {
            return Some(plain);
        }
        let vr = Vr([l0, l1]);
        let short = Self { vr: Some(vr), length: encoding.u16([l2, l3]).into(), ..plain };
        if vr.is_known_short() {
            return Some(short);
        }
        if vr.is_filler() && tag != PIXEL_DATA {
            return Some(Self { odd_vr: true, ..short });
        }
        if vr.is_filler() || vr.cannot_be_one() {
            // An element that slipped in without a representation: read it as Implicit VR does.
            let garbage = long > BELIEVABLE_LENGTH && long != UNDEFINED;
            return Some(Self { odd_vr: true, garbage, ..plain });
        }
        // Representations to come will have 32-bit lengths (PS3.5 §6.2, note on new VRs).
        let length = encoding.u32(*rest.first_chunk::<4>()?);
        Some(Self { vr: Some(vr), length, bytes: HEAD_BYTES, odd_vr: !vr.is_known(), ..plain })
    }

    /// Whether an undefined length means fragments of a compressed stream (PS3.5 §A.4), not items.
    pub(crate) fn holds_fragments(&self) -> bool {
        match self.vr {
            Some(Vr(vr)) => vr[0] == b'O',
            None => self.tag == PIXEL_DATA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_head_is_read() {
        let short = Head::read(Encoding::ExplicitLittle, b"\x10\0\x20\0LO\x04\0").unwrap();
        assert_eq!((short.tag, short.length, short.bytes), (Tag(0x10, 0x20), 4, 8));
        assert_eq!(Head::read(Encoding::ExplicitLittle, b"\xE0\x7F\x10\0OW\0\0\x01\0\0"), None);
        let long = Head::read(Encoding::ExplicitBig, b"\x7F\xE0\0\x10OW\0\0\0\0\x01\0").unwrap();
        assert_eq!((long.tag, long.length, long.bytes), (PIXEL_DATA, 256, 12));
        let implicit = Head::read(Encoding::ImplicitLittle, b"\x10\0\x20\0\x04\0\0\0").unwrap();
        assert_eq!((implicit.length, implicit.vr), (4, None));
    }

    #[test]
    fn unknown_representations_are_guessed_by_their_look() {
        let filler = Head::read(Encoding::ExplicitLittle, b"\x09\0\x10\x10??\x04\0").unwrap();
        assert!(filler.odd_vr && filler.length == 4 && filler.bytes == 8);
        let letters = Head::read(Encoding::ExplicitLittle, b"\x09\0\x10\x10ZZ\0\0\x04\0\0\0").unwrap();
        assert!(letters.odd_vr && letters.length == 4 && letters.bytes == 12);
        let none = Head::read(Encoding::ExplicitLittle, b"\x09\0\x10\x10\x04\x01\0\0").unwrap();
        assert!(none.odd_vr && none.length == 0x104 && none.bytes == 8);
        assert!(Head::read(Encoding::ExplicitLittle, &[0xAA; 8]).unwrap().garbage);
    }

    #[test]
    fn a_first_element_shows_its_encoding() {
        let declared = Encoding::ExplicitLittle;
        assert_eq!(declared.shown_by(b"\x08\0\x05\0CS\x0A\0", true), Encoding::ExplicitLittle);
        assert_eq!(declared.shown_by(b"\x08\0\x05\0\x0A\0\0\0", true), Encoding::ImplicitLittle);
        assert_eq!(declared.shown_by(b"\0\x08\0\x05CS\0\x0A", true), Encoding::ExplicitBig);
        assert_eq!(
            Encoding::ImplicitLittle.shown_by(b"\x08\0\x05\0CS\x0A\0", true),
            Encoding::ExplicitLittle
        );
        assert_eq!(Encoding::ExplicitBig.shown_by(b"\x08\0\x05\0CS\x0A\0", true), Encoding::ExplicitLittle);
    }
}
