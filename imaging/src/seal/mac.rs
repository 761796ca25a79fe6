//! Authentication of short texts: HMAC-SHA-256 (RFC 2104, FIPS 180-4).

use super::DataKey;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};

/// The code of these parts, in their order, under `key`. Where one part ends is part of it.
#[must_use]
pub fn mac(key: &DataKey, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::with_key(&Key::new(HMAC_SHA256, key.bytes()));
    for part in parts {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    }
    let mut code = [0; 32];
    code.copy_from_slice(context.sign().as_ref());
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart_and_so_are_keys() {
        let key = |byte| DataKey::from_bytes([byte; 32]);
        let code = mac(&key(1), &[b"1970-01-02", b"ABCD"]);
        assert_eq!(code, mac(&key(1), &[b"1970-01-02", b"ABCD"]));
        assert_ne!(code, mac(&key(1), &[b"1970-01-02A", b"BCD"]));
        assert_ne!(code, mac(&key(2), &[b"1970-01-02", b"ABCD"]));
    }
}
