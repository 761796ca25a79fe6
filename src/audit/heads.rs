//! Daily heads: the end of the chain on each day, signed, with a copy outside the database.
//!
//! Whoever can write to the database can compute the chain anew, but not the signatures, and not the files
//! that were fetched away meanwhile.

use crate::hex::{hex, unhex};
use crate::ids::new_id;
use crate::model::audit::{AuditKey, DailyHead, Seal};
use crate::store::StoreError;
use crate::store::audit;
use crate::store::db::{Db, Tx};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use imaging::chance::Chance;
use imaging::seal::aead::{Aead, Fast, NONCE_BYTES};
use imaging::seal::key::UnwrapError;
use imaging::seal::{DataKey, MasterKeys, WrappedKey};
use jiff::civil::Date;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// A daily head could not be signed or written.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signing key does not open.
    #[error("the key audit heads are signed with cannot be unwrapped")]
    Unwrap(#[from] UnwrapError),
    /// What was unwrapped is no key.
    #[error("the key audit heads are signed with is damaged")]
    Damaged,
    /// The file outside.
    #[error("the audit head cannot be written to {path}: see that the folder is there and has room")]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The key daily heads are signed with: Ed25519, its seed sealed by a data key that seals nothing else.
pub struct SigningKey {
    id: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The newest key; the first time, a fresh one.
    ///
    /// # Errors
    /// [`HeadsError`], if it cannot be read or kept.
    pub async fn open(tx: &mut Tx, keys: &MasterKeys, chance: &dyn Chance) -> Result<Self, HeadsError> {
        match audit::keys(&mut *tx).await?.pop() {
            Some(row) => Self::unsealed(row, keys),
            None => Self::make(tx, keys, chance).await,
        }
    }

    fn unsealed(mut row: AuditKey, keys: &MasterKeys) -> Result<Self, HeadsError> {
        let key = keys.unwrap(&owner(&row.id), &wrapped(&row)?)?;
        let seed = Fast::new(&key).open(&ONCE, row.id.as_bytes(), &mut row.sealed_seed);
        let pair = seed.ok().and_then(|seed| Ed25519KeyPair::from_seed_unchecked(seed).ok());
        row.sealed_seed.zeroize();
        Ok(Self { id: row.id, pair: pair.ok_or(HeadsError::Damaged)? })
    }

    async fn make(tx: &mut Tx, keys: &MasterKeys, chance: &dyn Chance) -> Result<Self, HeadsError> {
        let id = new_id(tx.now_ms().await?, chance);
        let mut seed = Zeroizing::new([0; 32]);
        chance.fill(&mut *seed);
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| HeadsError::Damaged)?;
        let key = DataKey::fresh(chance);
        let tag = Fast::new(&key).seal(&ONCE, id.as_bytes(), &mut *seed);
        let row = AuditKey {
            id: id.clone(),
            public_key: hex(pair.public_key().as_ref()),
            sealed_seed: [seed.as_slice(), tag.as_slice()].concat(),
            key: keys.wrap(&owner(&id), &key, chance).into(),
        };
        audit::add_key(tx, &row).await?;
        Ok(Self { id, pair })
    }

    /// The head of a day whose last seal is `seal`.
    #[must_use]
    pub fn sign(&self, day: Date, seal: &Seal) -> DailyHead {
        let signed = DailyHead::signed(day, seal.number, &seal.hash);
        DailyHead {
            day,
            number: seal.number,
            hash: seal.hash.clone(),
            key: self.id.clone(),
            signature: hex(self.pair.sign(signed.as_bytes()).as_ref()),
        }
    }
}

/// Wraps the data key of every signing key anew by the current master key.
///
/// # Errors
/// [`HeadsError`]; what was not rewrapped still opens with the retired master key.
pub async fn rewrap(tx: &mut Tx, keys: &MasterKeys, chance: &dyn Chance) -> Result<(), HeadsError> {
    for row in audit::keys(&mut *tx).await? {
        let key = keys.unwrap(&owner(&row.id), &wrapped(&row)?)?;
        audit::rewrap_key(tx, &row.id, &keys.wrap(&owner(&row.id), &key, chance).into()).await?;
    }
    Ok(())
}

/// The data key seals one seed, once.
const ONCE: [u8; NONCE_BYTES] = [0; NONCE_BYTES];

fn owner(id: &str) -> Vec<u8> {
    format!("audit key {id}").into_bytes()
}

fn wrapped(row: &AuditKey) -> Result<WrappedKey, HeadsError> {
    row.key.wrapped().ok_or(HeadsError::Damaged)
}

/// Whether a head was signed by the key with this public half.
pub(super) fn is_signed(head: &DailyHead, public_key: &str) -> bool {
    let (Some(public), Some(signature)) = (unhex::<32>(public_key), unhex::<64>(&head.signature)) else {
        return false;
    };
    let signed = DailyHead::signed(head.day, head.number, &head.hash);
    UnparsedPublicKey::new(&ED25519, public).verify(signed.as_bytes(), &signature).is_ok()
}

/// Writes a file for each head that has none in `folder` yet: `2026-03-15.json`.
///
/// # Errors
/// [`HeadsError`]; the next try goes on where this one ended.
pub(super) async fn write_missing(db: &Db, folder: &Path) -> Result<(), HeadsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| HeadsError::Write { path, source }
    };
    let heads = audit::heads(db).await?;
    if heads.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    for head in heads {
        let path = folder.join(format!("{}.json", head.day));
        if !path.exists() {
            let text = serde_json::to_string_pretty(&head).unwrap_or_default();
            write_whole(&path, &text).map_err(failed(&path))?;
        }
    }
    Ok(())
}

/// A file is there whole or not at all.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let unfinished = path.with_extension("unfinished");
    let mut file = std::fs::File::create(&unfinished)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    std::fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// The heads kept as files in a folder, the oldest first.
///
/// # Errors
/// If the folder or a file in it cannot be read.
pub(super) fn read_files(folder: &Path) -> io::Result<Vec<DailyHead>> {
    let mut heads = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            heads.push(serde_json::from_str::<DailyHead>(&std::fs::read_to_string(&path)?)?);
        }
    }
    heads.sort_by_key(|head| head.day);
    Ok(heads)
}
