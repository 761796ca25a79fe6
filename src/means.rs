//! What rows with secrets in them are written with.

use crate::model::SealedBytes;
use imaging::chance::Chance;
use imaging::seal::{DataKey, MasterKeys, SealWriter, SealedReader};
use std::io::{self, Write};

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

impl Means<'_> {
    /// Seals a few bytes under a key of their own, which is bound to `owner`.
    #[must_use]
    pub fn seal(&self, owner: &[u8], plain: &[u8]) -> SealedBytes {
        let key = DataKey::fresh(self.chance);
        let sealed = SealWriter::new(Vec::new(), &key, self.chance)
            .and_then(|mut writer| writer.write_all(plain).and_then(|()| writer.finish()));
        #[expect(clippy::expect_used, reason = "memory takes whatever is written to it")]
        let (sealed, _) = sealed.expect("memory takes whatever is written to it");
        SealedBytes { sealed, key: self.keys.wrap(owner, &key, self.chance).into() }
    }
}

/// Opens what [`Means::seal`] sealed.
///
/// # Errors
/// If the key is another owner's or its master key is gone, or the bytes were changed.
pub fn unseal(keys: &MasterKeys, owner: &[u8], bytes: &SealedBytes) -> io::Result<Vec<u8>> {
    let wrapped = bytes.key.wrapped().ok_or_else(|| io::Error::other("its row holds no key"))?;
    let key = keys.unwrap(owner, &wrapped).map_err(io::Error::other)?;
    let mut reader = SealedReader::open(bytes.sealed.as_slice(), &key)?;
    let mut plain = vec![0; usize::try_from(reader.plain_len()).map_err(io::Error::other)?];
    reader.read_at(&mut plain, 0)?;
    Ok(plain)
}
