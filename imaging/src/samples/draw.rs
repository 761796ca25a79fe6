//! The few things the pictures share.

use crate::chance::{Chance as _, SeededChance};

/// The nearest whole number in `0..=max`.
#[expect(clippy::cast_possible_truncation, reason = "clamped to what the type holds first")]
pub(super) fn nearest(value: f64, max: u16) -> u16 {
    value.round().clamp(0.0, f64::from(max)) as u16
}

/// `count` bytes of noise that belong to `seed`.
pub(super) fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    SeededChance::new(seed).fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn numbers_are_rounded_and_kept_in_range() {
        assert_eq!(nearest(2.5, 10), 3);
        assert_eq!(nearest(-2.5, 10), 0);
        assert_eq!(nearest(70_000.0, 4095), 4095);
        assert_eq!(nearest(f64::NAN, 10), 0);
    }
}
