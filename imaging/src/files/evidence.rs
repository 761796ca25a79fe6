//! What a data set without a trustworthy header shows of its own transfer syntax.

use crate::index::{
    DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, Encoding, Head, IMPLICIT_LITTLE, PixelData, SNIFF_BYTES,
};
use dicom::dictionary_std::uids;
use flate2::{Decompress, FlushDecompress};

/// The transfer syntax to begin walking bytes of unknown encoding with; `None` if they do not begin
/// like a data set.
pub(super) fn first_guess(bytes: &[u8]) -> Option<&'static str> {
    match beginning(bytes) {
        Some(Encoding::ImplicitLittle) => Some(IMPLICIT_LITTLE),
        Some(Encoding::ExplicitLittle) => Some(EXPLICIT_LITTLE),
        Some(Encoding::ExplicitBig) => Some(EXPLICIT_BIG),
        None => begins_deflated(bytes).then_some(DEFLATED),
    }
}

/// Whether a data set begins with the elements only a DICOMDIR has (PS3.3 §F.3.2).
pub(super) fn begins_like_directory(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first_chunk::<SNIFF_BYTES>() else { return false };
    let encoding = Encoding::ExplicitLittle.shown_by(first, true);
    Head::read(encoding, bytes).is_some_and(|head| head.tag.0 == 0x0004)
}

/// The encoding of bytes that begin like a data set: with an element of a low group.
fn beginning(bytes: &[u8]) -> Option<Encoding> {
    let encoding = Encoding::ExplicitLittle.shown_by(bytes.first_chunk::<SNIFF_BYTES>()?, true);
    let head = Head::read(encoding, bytes)?;
    let likely = match head.vr {
        Some(vr) => vr.is_known() && head.tag.0 <= 0x0028,
        // Character set, image type and dates, whichever comes first, are short.
        None => matches!(head.tag.0, 0x0004 | 0x0008) && head.length < 0x1_0000,
    };
    likely.then_some(encoding)
}

fn begins_deflated(bytes: &[u8]) -> bool {
    let mut start = [0; 16];
    let mut stream = Decompress::new(false);
    let inflated = stream.decompress(bytes, &mut start, FlushDecompress::None);
    inflated.is_ok()
        && stream.total_out() == start.len() as u64
        && beginning(&start) == Some(Encoding::ExplicitLittle)
}

/// The transfer syntax of a data set that was walked to its pixel data, as far as it shows.
pub(super) fn syntax(encoding: Encoding, pixels: &PixelData) -> Option<&'static str> {
    match (encoding, pixels) {
        (Encoding::ExplicitLittle, PixelData::Encapsulated { codestream }) => codec(codestream),
        (_, PixelData::Encapsulated { .. }) => None,
        (Encoding::ImplicitLittle, _) => Some(IMPLICIT_LITTLE),
        (Encoding::ExplicitLittle, _) => Some(EXPLICIT_LITTLE),
        (Encoding::ExplicitBig, _) => Some(EXPLICIT_BIG),
    }
}

/// Recognises a codec by the markers at the start of a compressed frame.
fn codec(stream: &[u8]) -> Option<&'static str> {
    match stream {
        [0xFF, 0x4F, 0xFF, 0x51, ..] => jpeg_2000(stream),
        // Some writers put the whole JP2 file in, boxes and all (ISO 15444-1 Annex I).
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => {
            let at = stream.windows(4).position(|start| start == [0xFF, 0x4F, 0xFF, 0x51])?;
            jpeg_2000(&stream[at..])
        }
        [0xFF, 0xD8, ..] => jpeg(stream),
        // RLE (PS3.5 §G.5): a count of segments, then the first one's offset, right after the table.
        [1..=15, 0, 0, 0, 64, 0, 0, 0, ..] => Some(uids::RLE_LOSSLESS),
        _ => None,
    }
}

/// The marker segments of a JPEG-like stream after its first marker, up to where they are cut.
fn segments(stream: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = stream.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        while let [0xFF, 0xFF, after @ ..] = rest {
            rest = &rest[rest.len() - after.len() - 1..];
        }
        let [0xFF, marker, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let payload = rest.get(4..2 + length)?;
        rest = &rest[2 + length..];
        Some((marker, payload))
    })
}

/// ISO 10918 and ISO 14495: the frame marker says the process, the scan header the rest.
fn jpeg(stream: &[u8]) -> Option<&'static str> {
    let frame = segments(stream)
        .find_map(|(marker, _)| matches!(marker, 0xC0 | 0xC1 | 0xC3 | 0xF7).then_some(marker))?;
    let scan = || {
        let (_, scan) = segments(stream).find(|(marker, _)| *marker == 0xDA)?;
        let components = usize::from(*scan.first()?);
        // Predictor in lossless JPEG, NEAR in JPEG-LS.
        scan.get(1 + 2 * components).copied()
    };
    match frame {
        0xC0 => Some(uids::JPEG_BASELINE8_BIT),
        0xC1 => Some(uids::JPEG_EXTENDED12_BIT),
        0xC3 if scan()? == 1 => Some(uids::JPEG_LOSSLESS_SV1),
        0xC3 => Some(uids::JPEG_LOSSLESS),
        _ if scan()? == 0 => Some(uids::JPEGLS_LOSSLESS),
        _ => Some(uids::JPEGLS_NEAR_LOSSLESS),
    }
}

/// ISO 15444: a capability marker says high throughput, the coding style whether it is reversible.
fn jpeg_2000(stream: &[u8]) -> Option<&'static str> {
    let high_throughput = segments(stream).any(|(marker, _)| marker == 0x50);
    let (_, style) = segments(stream).find(|(marker, _)| *marker == 0x52)?;
    let reversible = *style.get(9)? == 1;
    Some(match (high_throughput, reversible) {
        (false, true) => uids::JPEG2000_LOSSLESS,
        (false, false) => uids::JPEG2000,
        (true, true) => uids::HTJ2K_LOSSLESS,
        (true, false) => uids::HTJ2K,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_are_told_by_their_markers() {
        let scan = |frame: u8, value: u8| {
            [
                &[0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 1, 2, 0xFF, 0xFF, frame, 0, 3, 8, 0xFF, 0xDA, 0, 8, 1, 1, 0]
                    [..],
                &[value, 0, 0],
            ]
            .concat()
        };
        assert_eq!(codec(&scan(0xC0, 0)), Some("1.2.840.10008.1.2.4.50"));
        assert_eq!(codec(&scan(0xC1, 0)), Some("1.2.840.10008.1.2.4.51"));
        assert_eq!(codec(&scan(0xC3, 1)), Some("1.2.840.10008.1.2.4.70"));
        assert_eq!(codec(&scan(0xC3, 4)), Some("1.2.840.10008.1.2.4.57"));
        assert_eq!(codec(&scan(0xF7, 0)), Some("1.2.840.10008.1.2.4.80"));
        assert_eq!(codec(&scan(0xF7, 2)), Some("1.2.840.10008.1.2.4.81"));
        assert_eq!(codec(b"\x03\0\0\0\x40\0\0\0"), Some("1.2.840.10008.1.2.5"));
        assert_eq!(codec(b"\0\0\x01\xB3"), None);
    }

    #[test]
    fn a_data_set_shows_how_it_begins() {
        assert_eq!(first_guess(b"\x08\0\x05\0CS\x0A\0ISO_IR 100"), Some(EXPLICIT_LITTLE));
        assert_eq!(first_guess(b"\x08\0\x05\0\x0A\0\0\0ISO_IR 100"), Some(IMPLICIT_LITTLE));
        assert_eq!(first_guess(b"\0\x08\0\x05CS\0\x0AISO_IR 100"), Some(EXPLICIT_BIG));
        assert_eq!(first_guess(b"<html><body>"), None);
        assert_eq!(first_guess(&[0; 512]), None);
    }
}
