//! Secrets that pass through, and how they are kept.

use crate::hex::hex;
use imaging::chance::Chance;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A password or a token. It is wiped when dropped and not shown by accident.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret somebody sent.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// A fresh token: 256 random bits in hex after `prefix`.
    #[must_use]
    pub(super) fn fresh(prefix: &str, chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        chance.fill(&mut *bytes);
        Self(Zeroizing::new(format!("{prefix}{}", hex(&*bytes))))
    }

    /// The secret itself, for the one place it goes to.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// How a token is kept: it has so many random bits that a plain hash does.
    pub(super) fn hash(&self) -> String {
        hash_of(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub(super) fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
