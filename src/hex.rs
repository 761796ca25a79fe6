//! Bytes as hex digits: how rows, key files and reports write digests, ids and keys.

/// Two lower-case digits a byte. Made in one piece, so that of a secret no copy is left behind.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([digit(byte >> 4), digit(byte & 0xf)]);
    }
    text
}

/// The bytes that are written so; `None` if they are not `N`, or not hex digits.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_digits() {
        let bytes = [0x00, 0x0f, 0xf0, 0xa5];
        assert_eq!(hex(&bytes), "000ff0a5");
        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        assert_eq!(unhex("FF"), Some([0xff]));
    }

    #[test]
    fn what_is_not_hex_is_no_bytes() {
        for text in ["", "0", "000", "0g", "+1", "é"] {
            assert_eq!(unhex::<1>(text), None, "{text:?}");
        }
    }
}
