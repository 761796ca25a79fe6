//! Keys: a fresh data key for every object, wrapped by a master key that has an id.

use super::Broken;
use super::aead::{Aead, NONCE_BYTES, Portable, TAG_BYTES};
use crate::chance::Chance;
use zeroize::{Zeroize, ZeroizeOnDrop};

const KEY_BYTES: usize = 32;

/// The 256-bit key of one object, used for nothing else. Wiped from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DataKey([u8; KEY_BYTES]);

impl DataKey {
    /// A fresh key.
    #[must_use]
    pub fn fresh(chance: &dyn Chance) -> Self {
        let mut bytes = [0; KEY_BYTES];
        chance.fill(&mut bytes);
        Self(bytes)
    }

    /// The key that consists of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The key itself, for who seals it into something else.
    #[must_use]
    pub fn secret(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// Names a master key without revealing it: eight random bytes, written as sixteen hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MasterKeyId(pub [u8; 8]);

impl std::fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A master key: wraps data keys and nothing else.
#[derive(Debug, Clone)]
pub struct MasterKey {
    /// The name rows and headers know it by.
    pub id: MasterKeyId,
    key: DataKey,
}

impl MasterKey {
    /// A fresh master key with a fresh id.
    #[must_use]
    pub fn fresh(chance: &dyn Chance) -> Self {
        let mut id = [0; 8];
        chance.fill(&mut id);
        Self { id: MasterKeyId(id), key: DataKey::fresh(chance) }
    }

    /// The master key with this id that consists of these bytes.
    #[must_use]
    pub fn from_parts(id: MasterKeyId, bytes: [u8; KEY_BYTES]) -> Self {
        Self { id, key: DataKey::from_bytes(bytes) }
    }

    /// The secret itself, for the one place that writes it to its custody.
    #[must_use]
    pub fn secret(&self) -> &[u8; KEY_BYTES] {
        self.key.bytes()
    }
}

/// Bytes of a wrapped key: nonce, ciphertext, tag.
pub const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// A data key sealed by a master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The master key that opens it.
    pub master: MasterKeyId,
    /// Nonce, ciphertext and tag.
    pub bytes: [u8; WRAPPED_BYTES],
}

/// A wrapped key could not be unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// The key that wrapped it is not among the master keys at hand.
    #[error("master key {0} is not at hand: recover it from where it was exported to")]
    NoMasterKey(MasterKeyId),
    /// The wrapped key, or what it is bound to, was changed.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// The master keys at hand: one wraps, all unwrap.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    current: MasterKey,
    retired: Vec<MasterKey>,
}

impl MasterKeys {
    /// `current` wraps; `retired` only unwrap what they once wrapped.
    #[must_use]
    pub fn new(current: MasterKey, retired: Vec<MasterKey>) -> Self {
        Self { current, retired }
    }

    /// The key that wraps.
    #[must_use]
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// Keys that only unwrap.
    #[must_use]
    pub fn retired(&self) -> &[MasterKey] {
        &self.retired
    }

    /// Seals `key`, bound to `owner` (the object it belongs to): it cannot be moved to another.
    #[must_use]
    pub fn wrap(&self, owner: &[u8], key: &DataKey, chance: &dyn Chance) -> WrappedKey {
        let mut nonce = [0; NONCE_BYTES];
        chance.fill(&mut nonce);
        let mut sealed = *key.bytes();
        let tag = Portable::new(&self.current.key).seal(&nonce, owner, &mut sealed);
        let mut bytes = [0; WRAPPED_BYTES];
        bytes[..NONCE_BYTES].copy_from_slice(&nonce);
        bytes[NONCE_BYTES..NONCE_BYTES + KEY_BYTES].copy_from_slice(&sealed);
        bytes[NONCE_BYTES + KEY_BYTES..].copy_from_slice(&tag);
        WrappedKey { master: self.current.id, bytes }
    }

    /// Opens a key that was wrapped for `owner`.
    ///
    /// # Errors
    /// [`UnwrapError::NoMasterKey`] without the key that wrapped it, [`UnwrapError::Broken`] if it
    /// was changed or belongs to another owner.
    pub fn unwrap(&self, owner: &[u8], wrapped: &WrappedKey) -> Result<DataKey, UnwrapError> {
        let master = std::iter::once(&self.current)
            .chain(&self.retired)
            .find(|key| key.id == wrapped.master)
            .ok_or(UnwrapError::NoMasterKey(wrapped.master))?;
        let mut bytes = wrapped.bytes;
        let (nonce, sealed) = bytes.split_at_mut(NONCE_BYTES);
        let nonce: [u8; NONCE_BYTES] = (&*nonce).try_into().map_err(|_| Broken)?;
        let plain = Portable::new(&master.key).open(&nonce, owner, sealed)?;
        let key = <[u8; KEY_BYTES]>::try_from(&*plain).map_err(|_| Broken)?;
        bytes.zeroize();
        Ok(DataKey(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;

    #[test]
    fn a_wrapped_key_opens_only_for_its_owner_and_its_master_key() {
        let chance = SeededChance::new(1);
        let (old, new) = (MasterKey::fresh(&chance), MasterKey::fresh(&chance));
        let key = DataKey::fresh(&chance);
        let wrapped = MasterKeys::new(old.clone(), vec![]).wrap(b"archive 1", &key, &chance);

        let rotated = MasterKeys::new(new.clone(), vec![old]);
        assert_eq!(rotated.unwrap(b"archive 1", &wrapped).unwrap().bytes(), key.bytes());
        assert_eq!(rotated.unwrap(b"archive 2", &wrapped).unwrap_err(), UnwrapError::Broken(Broken));
        let without = MasterKeys::new(new, vec![]);
        assert_eq!(
            without.unwrap(b"archive 1", &wrapped).unwrap_err(),
            UnwrapError::NoMasterKey(wrapped.master)
        );
    }
}
