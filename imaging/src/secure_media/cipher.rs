//! AES-CBC over streams (RFC 3565), padded as RFC 5652 §6.3 has it.

use aes::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

pub(super) const BLOCK_BYTES: usize = 16;
/// Bytes encrypted or decrypted at a time: whole blocks.
const PIECE_BYTES: usize = 64 * 1024;

pub(super) type Iv = [u8; BLOCK_BYTES];

/// A key of one of the three lengths.
pub(super) enum Key {
    Aes128(Zeroizing<[u8; 16]>),
    Aes192(Zeroizing<[u8; 24]>),
    Aes256(Zeroizing<[u8; 32]>),
}

impl Key {
    /// A key of 16, 24 or 32 bytes; nothing of others.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            16 => Some(Self::Aes128(Zeroizing::new(bytes.try_into().ok()?))),
            24 => Some(Self::Aes192(Zeroizing::new(bytes.try_into().ok()?))),
            32 => Some(Self::Aes256(Zeroizing::new(bytes.try_into().ok()?))),
            _ => None,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Aes128(_) => 16,
            Self::Aes192(_) => 24,
            Self::Aes256(_) => 32,
        }
    }

    pub(super) fn encrypting(&self, iv: Iv) -> Encryptor {
        match self {
            Self::Aes128(key) => Encryptor::Aes128(cbc::Encryptor::new(&(**key).into(), &iv.into())),
            Self::Aes192(key) => Encryptor::Aes192(cbc::Encryptor::new(&(**key).into(), &iv.into())),
            Self::Aes256(key) => Encryptor::Aes256(cbc::Encryptor::new(&(**key).into(), &iv.into())),
        }
    }

    pub(super) fn decrypting(&self, iv: Iv) -> Decryptor {
        match self {
            Self::Aes128(key) => Decryptor::Aes128(cbc::Decryptor::new(&(**key).into(), &iv.into())),
            Self::Aes192(key) => Decryptor::Aes192(cbc::Decryptor::new(&(**key).into(), &iv.into())),
            Self::Aes256(key) => Decryptor::Aes256(cbc::Decryptor::new(&(**key).into(), &iv.into())),
        }
    }
}

pub(super) enum Encryptor {
    Aes128(cbc::Encryptor<Aes128>),
    Aes192(cbc::Encryptor<Aes192>),
    Aes256(cbc::Encryptor<Aes256>),
}

impl Encryptor {
    /// Encrypts whole blocks in place.
    pub(super) fn encrypt(&mut self, bytes: &mut [u8]) {
        let (blocks, _) = Block::<Aes256>::slice_as_chunks_mut(bytes);
        match self {
            Self::Aes128(cipher) => cipher.encrypt_blocks(blocks),
            Self::Aes192(cipher) => cipher.encrypt_blocks(blocks),
            Self::Aes256(cipher) => cipher.encrypt_blocks(blocks),
        }
    }
}

pub(super) enum Decryptor {
    Aes128(cbc::Decryptor<Aes128>),
    Aes192(cbc::Decryptor<Aes192>),
    Aes256(cbc::Decryptor<Aes256>),
}

impl Decryptor {
    /// Decrypts whole blocks in place.
    pub(super) fn decrypt(&mut self, bytes: &mut [u8]) {
        let (blocks, _) = Block::<Aes256>::slice_as_chunks_mut(bytes);
        match self {
            Self::Aes128(cipher) => cipher.decrypt_blocks(blocks),
            Self::Aes192(cipher) => cipher.decrypt_blocks(blocks),
            Self::Aes256(cipher) => cipher.decrypt_blocks(blocks),
        }
    }
}

/// Bytes that so many become when they are encrypted: there is always padding.
pub(super) fn encrypted_bytes(bytes: u64) -> u64 {
    (bytes / BLOCK_BYTES as u64 + 1) * BLOCK_BYTES as u64
}

/// Encrypts what is written to it.
pub(super) struct Encrypting<'w> {
    cipher: Encryptor,
    /// What waits for a whole piece.
    waiting: Vec<u8>,
    sink: &'w mut dyn Write,
}

impl<'w> Encrypting<'w> {
    pub(super) fn new(key: &Key, iv: Iv, sink: &'w mut dyn Write) -> Self {
        Self { cipher: key.encrypting(iv), waiting: Vec::with_capacity(PIECE_BYTES), sink }
    }

    /// Writes what is left, padded.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let padding = BLOCK_BYTES - self.waiting.len() % BLOCK_BYTES;
        let length = self.waiting.len() + padding;
        self.waiting.resize(length, u8::try_from(padding).unwrap_or_default());
        self.pass()
    }

    fn pass(&mut self) -> io::Result<()> {
        self.cipher.encrypt(&mut self.waiting);
        self.sink.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl Write for Encrypting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE_BYTES - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        if self.waiting.len() == PIECE_BYTES {
            self.pass()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Decrypts what is read from it, up to the padding.
pub(super) struct Decrypting<R> {
    cipher: Decryptor,
    input: R,
    /// Encrypted bytes that may be the last.
    ahead: Vec<u8>,
    /// Decrypted bytes, and how many of them were read.
    ready: Vec<u8>,
    read: usize,
    ended: bool,
}

impl<R: Read> Decrypting<R> {
    pub(super) fn new(key: &Key, iv: Iv, input: R) -> Self {
        let cipher = key.decrypting(iv);
        Self { cipher, input, ahead: Vec::new(), ready: Vec::new(), read: 0, ended: false }
    }

    /// Decrypts the next piece: all that is known not to be the last block, and at the end that.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = (PIECE_BYTES + BLOCK_BYTES - self.ahead.len()) as u64;
        self.ended = (self.input.by_ref().take(wanted).read_to_end(&mut self.ahead)? as u64) < wanted;
        let kept = if self.ended { 0 } else { BLOCK_BYTES };
        if !self.ahead.len().is_multiple_of(BLOCK_BYTES) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.ready.clear();
        self.ready.extend(self.ahead.drain(..self.ahead.len() - kept));
        self.read = 0;
        self.cipher.decrypt(&mut self.ready);
        if self.ended {
            let padding = self.ready.last().copied().map_or(0, usize::from);
            let (end, padded) = (self.ready.len(), padding.clamp(1, BLOCK_BYTES));
            let from = end.checked_sub(padded).ok_or(io::ErrorKind::UnexpectedEof)?;
            if padded != padding || self.ready[from..].iter().any(|byte| usize::from(*byte) != padding) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.ready.truncate(from);
        }
        Ok(())
    }
}

impl<R: Read> Read for Decrypting<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.read == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let taken = buf.len().min(self.ready.len() - self.read);
        buf[..taken].copy_from_slice(&self.ready[self.read..][..taken]);
        self.read += taken;
        Ok(taken)
    }
}
