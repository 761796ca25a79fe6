//! The disc as an image, and an image as a disc.

use super::open::{Listing, Medium};
use super::part;
use super::readme::readme;
use super::sealed::SealedDisc;
use crate::iso9660::{self, IsoError, Volume};
use crate::layout::Layout;
use crate::seal::ReadAt;
use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::ops::Range;

/// Bytes read at a time.
const PIECE_BYTES: usize = 1 << 20;
/// The page that opens a disc, made from `imaging/viewer`, which [`crate::viewer`] is made from too.
pub const INDEX_HTM: &[u8] = include_bytes!("../../viewer/dist/index.htm");

impl SealedDisc {
    /// The image of the disc: its extents are read from [`super::DiscObjects`]. The head, which waits for
    /// the keys of the codes, lies last. `questions` says whom to ask about it, a line each.
    ///
    /// # Errors
    /// [`IsoError::TooLong`] if there is more than an image can hold.
    pub fn image(&self, volume: &Volume, index_htm: &[u8], questions: &[String]) -> Result<Layout, IsoError> {
        let (readme, contact) =
            (readme(self.place, questions), part::contact_file(&self.header.disc, questions));
        let clear = [
            ("INDEX.HTM".to_owned(), index_htm),
            ("README.TXT".to_owned(), readme.as_bytes()),
            (part::CONTACT_PATH.to_owned(), &contact.map_err(|_| IsoError::TooLong)?),
        ];
        let mut files = Vec::new();
        for (name, bytes) in clear {
            let mut file = Layout::new();
            file.literal(bytes);
            files.push((name, file));
        }
        files.extend(self.part_files());
        iso9660::image(volume, files)
    }
}

/// A disc in an image, or in a drive: whatever can be read at any place.
pub struct DiscImage<S> {
    image: S,
    files: HashMap<String, Range<u64>>,
}

impl<S: ReadAt> DiscImage<S> {
    /// Finds the files in an image.
    ///
    /// # Errors
    /// `InvalidData` if it is no ISO 9660 image; else if it cannot be read.
    pub fn open(image: S) -> io::Result<Self> {
        let files = iso9660::files(&image)?;
        Ok(Self { image, files })
    }

    /// How many bytes of its files are behind the end of the image: it was cut short.
    ///
    /// # Errors
    /// If the image's length cannot be told.
    pub fn missing_bytes(&self) -> io::Result<u64> {
        let end = self.files.values().map(|place| place.end).max().unwrap_or_default();
        Ok(end.saturating_sub(self.image.len()?))
    }
}

impl<S: ReadAt> Listing for DiscImage<S> {
    fn paths(&self) -> io::Result<Vec<String>> {
        Ok(self.files.keys().cloned().collect())
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        let place = self.files.get(path).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(BufReader::with_capacity(PIECE_BYTES, Extent { image: &self.image, place })))
    }
}

/// The bytes of a file in an image.
struct Extent<'i, S> {
    image: &'i S,
    /// What was not read yet.
    place: Range<u64>,
}

impl<S: ReadAt> Read for Extent<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.place.end - self.place.start;
        let taken = usize::try_from(left).map_or(buf.len(), |left| buf.len().min(left));
        self.image.read_at(&mut buf[..taken], self.place.start)?;
        self.place.start += taken as u64;
        Ok(taken)
    }
}

impl<S: ReadAt> Medium for DiscImage<S> {
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let place = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        let bytes = (place.end - place.start).min(limit);
        let mut file = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
        self.image.read_at(&mut file, place.start)?;
        Ok(file)
    }
}
