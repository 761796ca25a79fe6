//! What rows with secrets in them are written with.

use imaging::chance::Chance;
use imaging::seal::MasterKeys;

/// Keys, chance and the time, for one transaction.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// What wraps data keys.
    pub keys: &'a MasterKeys,
    /// For ids, keys and tokens.
    pub chance: &'a dyn Chance,
    /// The time, in ms since 1970.
    pub now_ms: i64,
}
