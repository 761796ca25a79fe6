//! What is to be on a disc, and whether it is.

use crate::medium::SECTOR_BYTES;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

/// [`SECTOR_BYTES`] as a length in memory.
const SECTOR: usize = 2048;
const _: () = assert!(SECTOR as u64 == SECTOR_BYTES);

/// How much is read at once: enough for a drive to stream, little enough to forget.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;

/// A SHA-256, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Digest(pub [u8; 32]);

/// A text that is no SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 is 64 hex digits")]
pub struct NotADigest;

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sha256Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Sha256Digest {
    type Error = NotADigest;

    fn try_from(text: String) -> Result<Self, NotADigest> {
        text.parse()
    }
}

impl From<Sha256Digest> for String {
    fn from(digest: Sha256Digest) -> Self {
        digest.to_string()
    }
}

/// A disc image: how long it is and what its bytes hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Facts", into = "Facts")]
pub struct Image {
    bytes: u64,
    sha256: Sha256Digest,
}

/// The form in which an image's facts travel.
#[derive(Serialize, Deserialize)]
struct Facts {
    bytes: u64,
    sha256: Sha256Digest,
}

/// An image that no drive takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a disc image is one or more whole sectors of {SECTOR_BYTES} bytes, this one has {bytes} bytes")]
pub struct NotSectors {
    /// Its length.
    pub bytes: u64,
}

impl Image {
    /// An image of so many bytes.
    ///
    /// # Errors
    /// [`NotSectors`] if it is empty or ends within a sector.
    pub fn new(bytes: u64, sha256: Sha256Digest) -> Result<Self, NotSectors> {
        if bytes == 0 || !bytes.is_multiple_of(SECTOR_BYTES) {
            return Err(NotSectors { bytes });
        }
        Ok(Self { bytes, sha256 })
    }

    /// The facts of an image that is at hand, read to its end.
    ///
    /// # Errors
    /// If it cannot be read, or is not whole sectors.
    pub fn of(mut source: impl Read) -> io::Result<Self> {
        let (bytes, sha256) = digest(&mut source, u64::MAX, &mut |_| {})?;
        Self::new(bytes, sha256).map_err(io::Error::other)
    }

    /// How long it is.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many sectors that is.
    #[must_use]
    pub fn sectors(&self) -> u64 {
        self.bytes / SECTOR_BYTES
    }

    /// What its bytes hash to.
    #[must_use]
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Reads the image back from a disc, no further than its length, and says whether it is this one.
    /// `progress` is told how many bytes are read so far.
    ///
    /// # Errors
    /// If the disc cannot be read. One that is too short is not this image, which is no error.
    pub fn is_on(&self, disc: &mut dyn Read, progress: &mut dyn FnMut(u64)) -> io::Result<bool> {
        Ok(digest(disc, self.bytes, progress)? == (self.bytes, self.sha256))
    }
}

impl TryFrom<Facts> for Image {
    type Error = NotSectors;

    fn try_from(facts: Facts) -> Result<Self, NotSectors> {
        Self::new(facts.bytes, facts.sha256)
    }
}

impl From<Image> for Facts {
    fn from(image: Image) -> Self {
        Self { bytes: image.bytes, sha256: image.sha256 }
    }
}

fn digest(
    source: &mut dyn Read,
    at_most: u64,
    progress: &mut dyn FnMut(u64),
) -> io::Result<(u64, Sha256Digest)> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let (mut source, mut bytes) = (source.take(at_most), 0);
    loop {
        let read = read_full(&mut source, &mut piece)?;
        if read == 0 {
            return Ok((bytes, Sha256Digest(hash.finalize().into())));
        }
        hash.update(&piece[..read]);
        bytes += read as u64;
        progress(bytes);
    }
}

/// The first sector, counted from 0, in which a disc is not what it should be. Both are read in step and no
/// further than `image` is long; a disc that ends early or cannot be read differs there.
///
/// # Errors
/// If the source cannot be read.
pub fn first_difference(
    image: &Image,
    disc: &mut dyn Read,
    source: &mut dyn Read,
) -> io::Result<Option<u64>> {
    let mut source = source.take(image.bytes);
    let (mut found, mut expected) = ([0; SECTOR], [0; SECTOR]);
    for sector in 0..image.sectors() {
        source.read_exact(&mut expected)?;
        if disc.read_exact(&mut found).is_err() || found != expected {
            return Ok(Some(sector));
        }
    }
    Ok(None)
}

/// Reads until `buf` is full or the source ends; how much that was.
pub(crate) fn read_full(source: &mut (impl Read + ?Sized), buf: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buf.len() {
        match source.read(&mut buf[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Hashes what passes through.
pub(crate) struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    pub(crate) fn sha256(self) -> Sha256Digest {
        Sha256Digest(self.hash.finalize().into())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.hash.update(&buf[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sectors(count: u8) -> Vec<u8> {
        (0..count).flat_map(|sector| [sector; SECTOR]).collect()
    }

    fn is_on(image: &Image, disc: &[u8]) -> bool {
        image.is_on(&mut &disc[..], &mut |_| {}).unwrap()
    }

    #[test]
    fn an_image_is_on_a_disc_that_begins_with_it() {
        let bytes = sectors(40);
        let image = Image::of(&bytes[..]).unwrap();
        assert_eq!(image.sectors(), 40);
        assert!(is_on(&image, &bytes));
        assert!(is_on(&image, &[&bytes[..], &[0; 4096]].concat()), "run-out blocks do not count");
        assert!(!is_on(&image, &bytes[..39 * 2048]));
        assert!(!is_on(&image, &[]));
    }

    #[test]
    fn the_first_differing_sector_is_named() {
        let bytes = sectors(40);
        let image = Image::of(&bytes[..]).unwrap();
        for sector in [0, 1, 17, 39] {
            let mut damaged = bytes.clone();
            damaged[sector * 2048 + 5] ^= 1;
            damaged[40 * 2048 - 1] ^= 1;
            assert!(!is_on(&image, &damaged));
            let first = first_difference(&image, &mut &damaged[..], &mut &bytes[..]).unwrap();
            assert_eq!(first, Some(sector as u64));
            let short = first_difference(&image, &mut &bytes[..sector * 2048 + 9], &mut &bytes[..]).unwrap();
            assert_eq!(short, Some(sector as u64));
        }
        assert_eq!(first_difference(&image, &mut &bytes[..], &mut &bytes[..]).unwrap(), None);
    }

    #[test]
    fn what_is_not_whole_sectors_is_no_image() {
        assert!(Image::of(&[0; 2049][..]).is_err());
        assert!(Image::of(&[][..]).is_err());
    }

    #[test]
    fn the_facts_of_an_image_travel_as_json() {
        let image = Image::of(&sectors(3)[..]).unwrap();
        let json = serde_json::to_string(&image).unwrap();
        assert_eq!(serde_json::from_str::<Image>(&json).unwrap(), image);
        assert!(serde_json::from_str::<Image>(&json.replace("6144", "6145")).is_err());
    }
}
