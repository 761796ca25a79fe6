//! Reading BER as it comes, of definite or indefinite length (X.690 §8.1).

use super::SecureError;
use super::der::OCTETS;
use std::io::{self, Read};

/// Set in the tag of what has parts.
const HAS_PARTS: u8 = 0x20;
/// Bytes of a short element: a key, a salt, an identifier.
const MOST_VALUE_BYTES: u64 = 4096;
/// Bytes passed over at once: certificates of other recipients.
const MOST_PASSED_BYTES: u64 = 1 << 20;

/// What has parts and was entered: where it ends, if its head says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level(Option<u64>);

/// Elements of a stream, one after the other.
pub(super) struct Ber<R> {
    input: R,
    position: u64,
    /// A tag that was looked at.
    next: Option<u8>,
}

impl<R: Read> Ber<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, position: 0, next: None }
    }

    /// Enters what has this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Result<Level, SecureError> {
        let length = self.head(tag)?;
        Ok(Level(length.map(|length| self.position.saturating_add(length))))
    }

    /// The tag of the next part; nothing at the end, which is then passed.
    pub(super) fn next_in(&mut self, level: Level) -> Result<Option<u8>, SecureError> {
        match level.0 {
            Some(end) if self.position == end && self.next.is_none() => Ok(None),
            Some(end) if self.position > end => Err(SecureError::Damaged("a part ends beyond what holds it")),
            _ => match self.peek()? {
                0 if level.0.is_none() => self.head(0).map(|_| None),
                tag => Ok(Some(tag)),
            },
        }
    }

    /// Leaves what was entered: there must be nothing more in it.
    pub(super) fn leave(&mut self, level: Level) -> Result<(), SecureError> {
        match self.next_in(level)? {
            None => Ok(()),
            Some(_) => Err(SecureError::Damaged("there is more than there should be")),
        }
    }

    /// Leaves what was entered, whatever is left in it.
    pub(super) fn leave_rest(&mut self, level: Level) -> Result<(), SecureError> {
        while let Some(tag) = self.next_in(level)? {
            self.pass(tag)?;
        }
        Ok(())
    }

    /// The value of an element that has this tag and no parts.
    pub(super) fn value(&mut self, tag: u8) -> Result<Vec<u8>, SecureError> {
        let length = self.head(tag)?.filter(|length| *length <= MOST_VALUE_BYTES);
        let length = length.ok_or(SecureError::Unsupported("an element is too long"))?;
        let mut value = vec![0; usize::try_from(length).unwrap_or_default()];
        self.read(&mut value)?;
        Ok(value)
    }

    /// Passes over an element.
    pub(super) fn pass(&mut self, tag: u8) -> Result<(), SecureError> {
        match self.head(tag)? {
            Some(length) if length <= MOST_PASSED_BYTES => {
                let passed = io::copy(&mut self.input.by_ref().take(length), &mut io::sink());
                self.position += passed.map_err(SecureError::reading)?;
                Ok(())
            }
            Some(_) => Err(SecureError::Unsupported("an element is too long")),
            None => self.leave_rest(Level(None)),
        }
    }

    /// The octets of a string, which may come in pieces; `plain` is its tag if it does not.
    pub(super) fn octets(&mut self, plain: u8) -> Result<Octets<'_, R>, SecureError> {
        let tag = self.peek()?;
        let level = match tag == plain {
            true => None,
            false => Some(self.enter(plain | HAS_PARTS)?),
        };
        let left = if level.is_none() { self.definite(plain)? } else { 0 };
        Ok(Octets { ber: self, level, left })
    }

    /// That nothing follows.
    pub(super) fn end(mut self) -> Result<(), SecureError> {
        match self.input.read(&mut [0]).map_err(SecureError::reading)? {
            0 if self.next.is_none() => Ok(()),
            _ => Err(SecureError::Damaged("something follows its end")),
        }
    }

    fn peek(&mut self) -> Result<u8, SecureError> {
        if let Some(tag) = self.next {
            return Ok(tag);
        }
        let mut tag = [0];
        self.read(&mut tag)?;
        self.next = Some(tag[0]);
        Ok(tag[0])
    }

    /// Reads the head of an element; its length, if it says so.
    fn head(&mut self, tag: u8) -> Result<Option<u64>, SecureError> {
        if self.peek()? != tag {
            return Err(SecureError::Damaged("an element is not where it should be"));
        }
        self.next = None;
        let mut first = [0];
        self.read(&mut first)?;
        match first[0] {
            0x80 if tag & HAS_PARTS != 0 => Ok(None),
            short @ 0..0x80 => Ok(Some(short.into())),
            long @ 0x81..=0x88 => {
                let mut bytes = [0; 8];
                self.read(&mut bytes[8 - usize::from(long - 0x80)..])?;
                Ok(Some(u64::from_be_bytes(bytes)))
            }
            _ => Err(SecureError::Damaged("a length cannot be read")),
        }
    }

    fn definite(&mut self, tag: u8) -> Result<u64, SecureError> {
        self.head(tag)?.ok_or(SecureError::Damaged("a length cannot be read"))
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<(), SecureError> {
        self.input.read_exact(buf).map_err(SecureError::reading)?;
        self.position += buf.len() as u64;
        Ok(())
    }
}

/// The octets of a string.
pub(super) struct Octets<'b, R> {
    ber: &'b mut Ber<R>,
    /// Where its pieces end, if it comes in pieces.
    level: Option<Level>,
    /// Of the piece that is read.
    left: u64,
}

impl<R: Read> Octets<'_, R> {
    fn next_piece(&mut self) -> Result<bool, SecureError> {
        let Some(level) = self.level else { return Ok(false) };
        match self.ber.next_in(level)? {
            Some(OCTETS) => {
                self.left = self.ber.definite(OCTETS)?;
                Ok(true)
            }
            Some(_) => Err(SecureError::Damaged("a piece of the content is none")),
            None => {
                self.level = None;
                Ok(false)
            }
        }
    }
}

impl<R: Read> Read for Octets<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            if !self.next_piece().map_err(io::Error::other)? {
                return Ok(0);
            }
        }
        let wanted = usize::try_from(self.left).map_or(buf.len(), |left| buf.len().min(left));
        let read = self.ber.input.read(&mut buf[..wanted])?;
        if read == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        self.ber.position += read as u64;
        Ok(read)
    }
}
