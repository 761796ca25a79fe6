//! The walker: what a receiver feeds and a settler asks.

use super::element::Encoding;
use super::header::Header;
use super::inflate::Inflater;
use super::note::{Note, Notes};
use super::parser::{Parser, PixelData, WalkError};
use dicom::dictionary_std::uids;

/// How far a deflated data set may inflate. What is inflated is only walked, never held: the limits
/// bound the time an attacker's bytes can cost, and what a reader of our packages would have to bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Inflated bytes never to be passed. 4 GiB: twice what one uncompressed value may hold in practice.
    pub inflated_bytes: u64,
    /// Inflated bytes up to which the ratio is not questioned: an all but empty segmentation deflates
    /// a thousandfold and is fine. 256 MiB.
    pub unquestioned_bytes: u64,
    /// Inflated bytes for each stored one that are believed beyond that. 200.
    pub inflate_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated_bytes: 4 << 30, unquestioned_bytes: 256 << 20, inflate_ratio: 200 }
    }
}

/// Follows one data set as its bytes arrive, in constant memory.
pub struct Walker {
    parser: Parser,
    inflater: Option<Box<Inflater>>,
    expects: Expects,
    stored_bytes: u64,
    failed: Option<WalkError>,
}

impl std::fmt::Debug for Walker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Walker({} bytes in, {:?})", self.stored_bytes, self.parser.header)
    }
}

/// The form of pixel data a transfer syntax asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Native,
    Encapsulated,
    Either,
}

/// A data set that was walked to its end and found whole.
#[derive(Debug)]
pub struct Walked {
    /// What was read of it.
    pub header: Header,
    /// What was odd about it, each finding once.
    pub notes: Vec<Note>,
    /// The form of its pixel data.
    pub pixel_data: PixelData,
    /// How it was really encoded.
    pub encoding: Encoding,
    /// Bytes fed, with any trailing padding.
    pub stored_bytes: u64,
    /// Bytes of the data set itself, inflated where it was deflated, without trailing zeros.
    pub data_set_bytes: u64,
}

impl Walker {
    /// A walker for a data set in this transfer syntax (PS3.5 Annex A). Every syntax that is not
    /// Implicit VR, Big Endian or deflated is Explicit VR Little Endian, also an unknown one; if the
    /// first element shows another encoding, that one is followed and noted.
    #[must_use]
    pub fn new(transfer_syntax_uid: &str) -> Self {
        Self::with_limits(transfer_syntax_uid, Limits::default())
    }

    /// [`Walker::new`] with other limits on inflating.
    #[must_use]
    pub fn with_limits(transfer_syntax_uid: &str, limits: Limits) -> Self {
        let syntax = transfer_syntax_uid;
        let encoding = match syntax {
            IMPLICIT_LITTLE | GE_PRIVATE => Encoding::ImplicitLittle,
            EXPLICIT_BIG => Encoding::ExplicitBig,
            _ => Encoding::ExplicitLittle,
        };
        Self {
            parser: Parser::new(encoding),
            inflater: is_deflated(syntax).then(|| Box::new(Inflater::new(limits))),
            expects: Expects::of(syntax),
            stored_bytes: 0,
            failed: None,
        }
    }

    /// Takes the next bytes. Values that are not kept cost a subtraction, whatever their size.
    ///
    /// # Errors
    /// Why these bytes cannot belong to a data set; the same error answers every later call.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), WalkError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.stored_bytes += bytes.len() as u64;
        let fed = match &mut self.inflater {
            None => self.parser.feed(bytes),
            Some(inflater) => inflater.feed(bytes, &mut self.parser),
        };
        self.failed = fed.as_ref().err().cloned();
        fed
    }

    /// What was read so far.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.parser.header
    }

    /// Whether a top-level element after group 0020 was reached, so that the identity is settled.
    #[must_use]
    pub fn header_complete(&self) -> bool {
        self.parser.header_complete()
    }

    /// The form of the pixel data, as far as the walk has come.
    #[must_use]
    pub fn pixel_data(&self) -> &PixelData {
        &self.parser.pixels
    }

    /// What was odd so far; text is only judged by [`Walker::finish`].
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        self.parser.notes.as_slice()
    }

    /// What was read so far and what was odd about it, for who need not walk on.
    #[must_use]
    pub fn into_parts(self) -> (Header, Vec<Note>) {
        (self.parser.header, self.parser.notes.into_vec())
    }

    /// Whether the bytes fed are a whole data set. May be asked again, to the same answer.
    pub(crate) fn end(&mut self) -> Result<(), WalkError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if let Some(inflater) = &self.inflater {
            inflater.finish(&mut self.parser)?;
        }
        self.parser.finish()
    }

    /// Ends the walk: the bytes fed are all there are.
    ///
    /// # Errors
    /// The error of an earlier [`Walker::feed`], or why the bytes fed are not a whole data set:
    /// they end inside an element, a sequence, or the deflated stream.
    pub fn finish(mut self) -> Result<Walked, WalkError> {
        self.end()?;
        let data_set_bytes = self.parser.position();
        let Parser { header, pixels, notes, .. } = self.parser;
        let notes = review(notes, &header, &pixels, self.expects);
        Ok(Walked {
            encoding: header.encoding(),
            header,
            notes: notes.into_vec(),
            pixel_data: pixels,
            stored_bytes: self.stored_bytes,
            data_set_bytes,
        })
    }
}

/// Adds what only the whole header and the pixel data together can show.
fn review(mut notes: Notes, header: &Header, pixels: &PixelData, expects: Expects) -> Notes {
    for note in header.findings() {
        notes.add(note);
    }
    match (pixels, expects) {
        (PixelData::Native { .. }, Expects::Encapsulated) => notes.add(Note::NativePixels),
        (PixelData::Encapsulated { .. }, Expects::Native) => notes.add(Note::EncapsulatedPixels),
        _ => {}
    }
    if let PixelData::Native { bytes } = pixels
        && header.least_pixel_bytes().is_some_and(|least| *bytes < least)
    {
        notes.add(Note::PixelDataShort);
    }
    notes
}

pub(crate) const IMPLICIT_LITTLE: &str = uids::IMPLICIT_VR_LITTLE_ENDIAN;
pub(crate) const EXPLICIT_LITTLE: &str = uids::EXPLICIT_VR_LITTLE_ENDIAN;
pub(crate) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
pub(crate) const DEFLATED: &str = uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN;
/// Implicit VR Little Endian with big-endian pixels, private to GE.
const GE_PRIVATE: &str = "1.2.840.113619.5.2";

/// Whether the whole data set is deflated (PS3.5 §A.5, §A.7, §A.9).
pub(crate) fn is_deflated(syntax: &str) -> bool {
    matches!(syntax, DEFLATED | uids::JPIP_REFERENCED_DEFLATE | uids::JPIPHTJ2K_REFERENCED_DEFLATE)
}

impl Expects {
    fn of(syntax: &str) -> Self {
        match syntax {
            IMPLICIT_LITTLE | EXPLICIT_LITTLE | EXPLICIT_BIG | DEFLATED | GE_PRIVATE => Self::Native,
            uids::RLE_LOSSLESS => Self::Encapsulated,
            _ if syntax.starts_with("1.2.840.10008.1.2.4.") => Self::Encapsulated,
            _ => Self::Either,
        }
    }
}
