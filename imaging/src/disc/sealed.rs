//! Sealing: contents become parts, each of which can be made at any time, alone.

use super::contents::DiscContents;
use super::head::{Head, Header, ITERATIONS, SEGMENT_BYTES, Salt, code_key};
use super::index::{BadIndex, Index, hex};
use super::part::MAX_PARTS;
use crate::chance::Chance;
use crate::layout::Layout;
use crate::opening_code::OpeningCode;
use crate::seal::DataKey;
use crate::seal::aead::NONCE_BYTES;
use sha2::{Digest, Sha256};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::{io, thread};

/// Why a disc was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Its index would not be one that a reader takes.
    #[error(transparent)]
    Index(#[from] BadIndex),
    /// There is more than the format has room for.
    #[error("there is more than a disc can hold")]
    TooLong,
    /// What is kept of a disc is not what was once kept.
    #[error("what is kept of this disc was changed: it cannot be built again")]
    NotKept,
    /// The same keys would seal other bytes.
    #[error("the disc was sealed with other contents: what changed makes a new disc")]
    OtherContents,
    /// The thread that derives a code's key failed or could not be started.
    #[error("the opening code's key could not be derived")]
    Derivation(#[source] io::Error),
}

/// The codes of a disc to be, becoming keys: that takes a quarter of a second and goes on by itself.
#[derive(Debug)]
pub struct Lock {
    salt: Salt,
    nonces: Vec<[u8; NONCE_BYTES]>,
    deriving: JoinHandle<Vec<DataKey>>,
}

impl Lock {
    /// Starts to derive the keys of one to eight codes, each of which is to open the disc.
    ///
    /// # Errors
    /// [`SealError::Derivation`] if no thread can be started.
    pub fn begin(codes: Vec<OpeningCode>, chance: &dyn Chance) -> Result<Self, SealError> {
        let salt: Salt = random(chance);
        let nonces = codes.iter().map(|_| random(chance)).collect();
        let derive = move || codes.iter().map(|code| code_key(code, &salt, ITERATIONS)).collect();
        let deriving = thread::Builder::new().spawn(derive).map_err(SealError::Derivation)?;
        Ok(Self { salt, nonces, deriving })
    }

    fn slots(&self) -> u8 {
        u8::try_from(self.nonces.len()).unwrap_or(u8::MAX)
    }

    fn finish(self, header: Header, data_key: &DataKey) -> Result<Head, SealError> {
        let failed = |_| SealError::Derivation(io::Error::other("the thread panicked"));
        let code_keys = self.deriving.join().map_err(failed)?;
        Ok(Head::lock(header, data_key, &code_keys, &self.nonces))
    }
}

/// What must be kept of a disc so that the same one can be built again: bytes, never to be made anew.
#[derive(Clone)]
pub struct KeptSeal {
    /// The head. It is in the clear on the disc.
    pub head: Vec<u8>,
    /// The plain index. It says whose images these are.
    pub index: Vec<u8>,
    /// The key of all that is sealed on the disc.
    pub data_key: DataKey,
}

/// A sealed disc: everything is decided, nothing is made yet but the index.
pub struct SealedDisc {
    pub(crate) header: Header,
    pub(crate) data_key: DataKey,
    pub(crate) index: Vec<u8>,
    /// The body, as long as its parts.
    pub(crate) body: Layout,
    /// Which disc of its set it is, from 1, and of how many.
    pub(crate) place: (u32, u32),
    head: Mutex<HeadState>,
}

enum HeadState {
    Locking(Lock),
    Locked(Head),
    /// Its thread panicked.
    Lost,
}

impl SealedDisc {
    /// Seals contents under a fresh key. `identity` names the objects that the files' bytes lie in: a
    /// name never means other bytes.
    ///
    /// # Errors
    /// [`SealError::Index`] or [`SealError::TooLong`] if there can be no such disc.
    pub fn seal(
        contents: &DiscContents,
        identity: impl Fn(u32) -> String,
        lock: Lock,
        chance: &dyn Chance,
    ) -> Result<Self, SealError> {
        Self::seal_in_segments(contents, identity, lock, chance, SEGMENT_BYTES)
    }

    pub(crate) fn seal_in_segments(
        contents: &DiscContents,
        identity: impl Fn(u32) -> String,
        lock: Lock,
        chance: &dyn Chance,
        segment_bytes: u32,
    ) -> Result<Self, SealError> {
        let mut body = contents.body();
        let place = (contents.number, contents.of);
        let index = contents.index(random(chance), body.digest(identity));
        index.check()?;
        let index = index.to_bytes().map_err(|_| BadIndex::Form)?;
        let header = Header {
            disc: random(chance),
            slots: lock.slots(),
            iterations: ITERATIONS,
            segment_bytes,
            index_bytes: u32::try_from(index.len()).map_err(|_| SealError::TooLong)?,
            body_parts: parts_of(body.len(), segment_bytes).ok_or(SealError::TooLong)?,
            salt: lock.salt,
            recipe_digest: Sha256::digest(&index).into(),
        };
        fill_up(&mut body, &header);
        let data_key = DataKey::fresh(chance);
        Ok(Self { header, data_key, index, body, place, head: Mutex::new(HeadState::Locking(lock)) })
    }

    /// The same disc again, from what was kept of it and the same contents.
    ///
    /// # Errors
    /// [`SealError::NotKept`] if what was kept was changed, [`SealError::OtherContents`] if these are not
    /// the bytes that were sealed.
    pub fn rebuild(
        kept: KeptSeal,
        contents: &DiscContents,
        identity: impl Fn(u32) -> String,
    ) -> Result<Self, SealError> {
        Self::rebuild_body(kept, contents.body(), identity)
    }

    /// The same disc again, for who kept its [body](DiscContents::body) and not what that was made from.
    ///
    /// # Errors
    /// As [`SealedDisc::rebuild`].
    pub fn rebuild_body(
        kept: KeptSeal,
        mut body: Layout,
        identity: impl Fn(u32) -> String,
    ) -> Result<Self, SealError> {
        let head = Head::from_bytes(&kept.head).ok_or(SealError::NotKept)?;
        let header = head.header.clone();
        if Sha256::digest(&kept.index).as_slice() != header.recipe_digest {
            return Err(SealError::NotKept);
        }
        let index = Index::from_bytes(&kept.index).map_err(|_| SealError::NotKept)?;
        if index.recipe != hex::write(&body.digest(identity)) {
            return Err(SealError::OtherContents);
        }
        fill_up(&mut body, &header);
        let head = Mutex::new(HeadState::Locked(head));
        let place = (index.number, index.of);
        Ok(Self { header, data_key: kept.data_key, index: kept.index, body, place, head })
    }

    /// What must be kept to build it again. Waits for the keys of the codes.
    ///
    /// # Errors
    /// [`SealError::Derivation`] if they could not be derived.
    pub fn kept(&self) -> Result<KeptSeal, SealError> {
        Ok(KeptSeal { head: self.head()?, index: self.index.clone(), data_key: self.data_key.clone() })
    }

    /// The head's bytes. Waits for the keys of the codes.
    pub(crate) fn head(&self) -> Result<Vec<u8>, SealError> {
        let mut state = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let head = match std::mem::replace(&mut *state, HeadState::Lost) {
            HeadState::Locking(lock) => lock.finish(self.header.clone(), &self.data_key)?,
            HeadState::Locked(head) => head,
            HeadState::Lost => return Err(SealError::Derivation(io::Error::other("it failed before"))),
        };
        let bytes = head.to_bytes();
        *state = HeadState::Locked(head);
        Ok(bytes)
    }
}

/// How many parts a body of so many bytes has: at least one.
pub(crate) fn parts_of(body_bytes: u64, segment_bytes: u32) -> Option<u32> {
    let parts = body_bytes.div_ceil(u64::from(segment_bytes)).max(1);
    u32::try_from(parts).ok().filter(|parts| *parts <= MAX_PARTS)
}

fn fill_up(body: &mut Layout, header: &Header) {
    let whole = u64::from(header.body_parts) * u64::from(header.segment_bytes);
    body.zeros(whole.saturating_sub(body.len()));
}

fn random<const N: usize>(chance: &dyn Chance) -> [u8; N] {
    let mut bytes = [0; N];
    chance.fill(&mut bytes);
    bytes
}
