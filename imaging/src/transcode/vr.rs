//! Value representations where the source gives none, and the order of bytes in each.

use crate::index::{Tag, Vr};
use dicom::core::VR;
use dicom::core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom::dictionary_std::StandardDataDictionary;

pub(super) const OW: Vr = Vr(*b"OW");
pub(super) const SQ: Vr = Vr(*b"SQ");
pub(super) const UN: Vr = Vr(*b"UN");

/// What an element of Implicit VR Little Endian is by the dictionary (PS3.6, PS3.5 §A.1). What only its creator
/// knows is unknown here too, and so is what the dictionary does not have (§6.2.2). `signed` says whether pixels
/// are: some values are numbers of the same kind.
pub(super) fn of_implicit(tag: Tag, signed: bool) -> Vr {
    let is_creator = tag.0 % 2 == 1 && (0x10..=0xFF).contains(&tag.1);
    if is_creator {
        return Vr(*b"LO");
    }
    let entry = StandardDataDictionary.by_tag(tag).filter(|_| tag.0.is_multiple_of(2));
    let vr = match entry.map(|entry| entry.vr()) {
        Some(VirtualVr::Exact(vr)) => vr,
        Some(VirtualVr::Xs) if signed => VR::SS,
        Some(VirtualVr::Xs) => VR::US,
        Some(VirtualVr::Ox | VirtualVr::Px | VirtualVr::Lt) => VR::OW,
        _ => VR::UN,
    };
    Vr(vr.to_bytes())
}

/// How many bytes of a value change places together when the order of bytes does (PS3.5 §7.3).
pub(super) fn unit_bytes(vr: Vr) -> usize {
    match &vr.0 {
        b"AT" | b"OW" | b"SS" | b"US" => 2,
        b"FL" | b"OF" | b"OL" | b"SL" | b"UL" => 4,
        b"FD" | b"OD" | b"OV" | b"SV" | b"UV" => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_what_the_dictionary_says_or_unknown() {
        let of = |group, element, signed| of_implicit(Tag(group, element), signed).0;
        assert_eq!(of(0x0010, 0x0010, false), *b"PN");
        assert_eq!(of(0x0009, 0x0010, false), *b"LO", "a private creator");
        assert_eq!(of(0x0009, 0x1001, false), *b"UN", "a private element");
        assert_eq!(of(0x0008, 0x9999, false), *b"UN", "nothing the dictionary has");
        assert_eq!((of(0x0028, 0x0106, false), of(0x0028, 0x0106, true)), (*b"US", *b"SS"));
        assert_eq!((of(0x6002, 0x3000, false), of(0x7FE0, 0x0010, false)), (*b"OW", *b"OW"));
    }
}
