//! Follows the structure of a data set that arrives in pieces (PS3.5 §7).
//!
//! Whatever has a length is passed over by that length, sequences and items too: a private
//! sequence of defined length may hold anything. Only what ends at a delimiter has to be followed,
//! and that with a stack of our own, so that depth costs a few bytes and has a limit.

use super::element::{
    Encoding, HEAD_BYTES, Head, ITEM, ITEM_END, PIXEL_DATA, SEQUENCE_END, SNIFF_BYTES, UNDEFINED, Vr,
};
use super::header::Header;
use super::note::{Note, Notes};
use super::wanted;
use dicom::core::Tag;
use dicom::dictionary_std::tags;

/// Open sequences and items together: 128 sequences within each other, far beyond any real file.
const DEEPEST: usize = 256;

/// How much is kept of the first compressed frame: enough to recognise the codec by its markers.
const CODESTREAM_BYTES: usize = 4096;

/// Why bytes are not a whole data set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// The bytes end inside a value.
    #[error("the data end inside element {tag}: {missing} bytes of its value are missing")]
    Truncated {
        /// The element, or the item, whose value is cut.
        tag: Tag,
        /// Bytes its length promises that never came.
        missing: u64,
    },
    /// The bytes end inside an element's tag or length.
    #[error("the data end inside the head of an element, {position} bytes into the data set")]
    HeadTruncated {
        /// Where that element begins, in bytes of the (inflated) data set.
        position: u64,
    },
    /// The bytes end before the delimiter of a sequence or of the pixel data.
    #[error("the data end before the delimiter that closes {tag}")]
    Unclosed {
        /// The top-level element that is still open.
        tag: Tag,
    },
    /// Something other than an item stands in a sequence or among fragments.
    #[error("{found} stands in {tag} where only an item may")]
    NotAnItem {
        /// The sequence.
        tag: Tag,
        /// What stands there.
        found: Tag,
    },
    /// What stands here cannot be an element.
    #[error("{position} bytes into the data set there is something that cannot be an element")]
    NotAnElement {
        /// Where, in bytes of the (inflated) data set.
        position: u64,
    },
    /// Something other than padding follows the data set.
    #[error("unknown data follow the data set, which ends after {position} bytes")]
    TrailingGarbage {
        /// Where the data set ends, in bytes of the (inflated) data set.
        position: u64,
    },
    /// Sequences nest deeper than anything real.
    #[error("sequences and items nest more than {limit} deep")]
    TooDeep {
        /// The limit on open sequences and items together.
        limit: usize,
    },
    /// There is no element at all.
    #[error("there is no data set")]
    Empty,
    /// A deflated data set that does not inflate (PS3.5 §A.5).
    #[error("the deflated data set is damaged: it does not inflate")]
    Inflate,
    /// A deflated data set that stops before its end (PS3.5 §A.5).
    #[error("the deflated data set ends too early")]
    InflateTruncated,
    /// A deflated data set that inflates beyond the limits of [`super::Limits`].
    #[error(
        "the deflated data set inflates to more than {limit} bytes, which is not believable for its size"
    )]
    InflatesTooFar {
        /// The limit it passed, in bytes.
        limit: u64,
    },
}

/// The form of the pixel data (7FE0,0010), as far as the walk has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PixelData {
    /// None yet.
    #[default]
    Absent,
    /// Uncompressed, of this many bytes.
    Native {
        /// The length of the value in bytes.
        bytes: u64,
    },
    /// Fragments of a compressed stream (PS3.5 §A.4).
    Encapsulated {
        /// The first bytes of the first fragment after the offset table, at most 4 KiB.
        codestream: Vec<u8>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Sequence,
    Item,
    /// Compressed pixel data; counts the items seen: the first is the offset table.
    Fragments(u32),
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    open: Open,
    tag: Tag,
    encoding: Encoding,
    /// Whether the first head in it has shown the encoding.
    settled: bool,
}

/// Where passing bytes are copied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    Nothing,
    Value,
    Codestream,
}

/// The state of a walk over plain (inflated) bytes.
#[derive(Debug)]
pub(super) struct Parser {
    top: Frame,
    frames: Vec<Frame>,
    /// The beginning of a head whose end has not arrived.
    partial: [u8; HEAD_BYTES],
    partial_bytes: usize,
    /// Bytes of the current value still to come.
    value_left: u64,
    value_tag: Tag,
    position: u64,
    last_tag: Option<Tag>,
    only_zeros: bool,
    keeping: Keeping,
    header_complete: bool,
    pub(super) header: Header,
    pub(super) pixels: PixelData,
    pub(super) notes: Notes,
}

impl Parser {
    pub(super) fn new(declared: Encoding) -> Self {
        let top = Frame { open: Open::Item, tag: Tag(0, 0), encoding: declared, settled: false };
        Self {
            top,
            frames: Vec::new(),
            partial: [0; HEAD_BYTES],
            partial_bytes: 0,
            value_left: 0,
            value_tag: top.tag,
            position: 0,
            last_tag: None,
            only_zeros: false,
            keeping: Keeping::Nothing,
            header_complete: false,
            header: Header::new(declared),
            pixels: PixelData::Absent,
            notes: Notes::default(),
        }
    }

    /// Whether the elements that make up the identity have all gone past.
    pub(super) fn header_complete(&self) -> bool {
        self.header_complete
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), WalkError> {
        while !bytes.is_empty() {
            let used = if self.value_left > 0 {
                self.pass_value(bytes)
            } else if self.only_zeros {
                self.pass_zeros(bytes)?
            } else {
                self.pass_head(bytes)?
            };
            bytes = &bytes[used..];
        }
        Ok(())
    }

    fn pass_value(&mut self, bytes: &[u8]) -> usize {
        let used = usize::try_from(self.value_left).map_or(bytes.len(), |left| left.min(bytes.len()));
        if self.keeping != Keeping::Nothing {
            self.keep(&bytes[..used]);
        }
        self.value_left -= used as u64;
        self.position += used as u64;
        if self.value_left == 0 {
            self.value_ended();
        }
        used
    }

    /// A kept value ends with its bytes, unless it is a sequence that is still open.
    fn value_ended(&mut self) {
        if self.keeping == Keeping::Codestream || self.frames.is_empty() {
            self.keeping = Keeping::Nothing;
        }
    }

    fn pass_zeros(&mut self, bytes: &[u8]) -> Result<usize, WalkError> {
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(WalkError::TrailingGarbage { position: self.position });
        }
        Ok(bytes.len())
    }

    fn pass_head(&mut self, bytes: &[u8]) -> Result<usize, WalkError> {
        if self.partial_bytes == 0
            && let Some(whole) = bytes.first_chunk::<HEAD_BYTES>()
        {
            let whole = *whole;
            self.settle_encoding(&whole);
            return match Head::read(self.frame().encoding, &whole) {
                Some(head) => self.enter(head, &whole).map(|()| head.bytes),
                None => Err(WalkError::NotAnElement { position: self.position }),
            };
        }
        self.partial[self.partial_bytes] = bytes[0];
        self.partial_bytes += 1;
        if self.partial_bytes < SNIFF_BYTES {
            return Ok(1);
        }
        let so_far = self.partial;
        self.settle_encoding(&so_far);
        if let Some(head) = Head::read(self.frame().encoding, &so_far[..self.partial_bytes]) {
            self.partial_bytes = 0;
            self.enter(head, &so_far)?;
        }
        Ok(1)
    }

    fn frame(&self) -> &Frame {
        self.frames.last().unwrap_or(&self.top)
    }

    /// The first head in a data set, a sequence or an item shows how it is really encoded.
    fn settle_encoding(&mut self, bytes: &[u8; HEAD_BYTES]) {
        let whole_set = self.frames.is_empty();
        let frame = self.frames.last_mut().unwrap_or(&mut self.top);
        if frame.settled {
            return;
        }
        frame.settled = true;
        let Some(head) = bytes.first_chunk::<SNIFF_BYTES>() else { return };
        let shown = frame.encoding.shown_by(head, whole_set);
        if shown == frame.encoding {
            return;
        }
        frame.encoding = shown;
        self.notes.add(if whole_set { Note::EncodingDiffers } else { Note::ItemEncodingDiffers });
        if whole_set {
            self.header.set_encoding(shown);
        }
    }

    /// Takes a head whose bytes are the first `head.bytes` of `raw`.
    fn enter(&mut self, head: Head, raw: &[u8; HEAD_BYTES]) -> Result<(), WalkError> {
        let closes_kept = head.tag == SEQUENCE_END && self.frames.len() == 1;
        if self.keeping == Keeping::Value && !closes_kept {
            self.keep(&raw[..head.bytes]);
        }
        self.position += head.bytes as u64;
        match (self.frame().open, head.tag) {
            (Open::Item, ITEM_END) => self.end_item(),
            (Open::Item, SEQUENCE_END) => self.end_sequence_in_item(),
            (Open::Item, _) => return self.element(head),
            (Open::Sequence, ITEM) => return self.item(head),
            (Open::Fragments(seen), ITEM) if head.length != UNDEFINED => self.fragment(head, seen),
            (_, SEQUENCE_END) => self.close(),
            (_, ITEM_END) => self.notes.add(Note::UnexpectedDelimiter),
            (_, found) => return Err(WalkError::NotAnItem { tag: self.frame().tag, found }),
        }
        Ok(())
    }

    fn close(&mut self) {
        self.frames.pop();
        if self.frames.is_empty() {
            self.keeping = Keeping::Nothing;
        }
    }

    fn end_item(&mut self) {
        if self.frames.is_empty() {
            self.notes.add(Note::UnexpectedDelimiter);
        } else {
            self.close();
        }
    }

    fn end_sequence_in_item(&mut self) {
        if self.frames.is_empty() {
            return self.notes.add(Note::UnexpectedDelimiter);
        }
        self.notes.add(Note::MissingDelimiter);
        self.close();
        self.close();
    }

    fn item(&mut self, head: Head) -> Result<(), WalkError> {
        if head.length == UNDEFINED {
            return self.open(Open::Item, self.frame().tag, self.frame().encoding);
        }
        self.expect_value(head);
        Ok(())
    }

    fn fragment(&mut self, head: Head, seen: u32) {
        if let Some(Frame { open: Open::Fragments(count), .. }) = self.frames.last_mut() {
            *count = seen.saturating_add(1);
        }
        let of_the_image = self.frames.len() == 1 && self.frame().tag == PIXEL_DATA;
        if of_the_image && seen == 1 && self.keeping == Keeping::Nothing && head.length > 0 {
            self.keeping = Keeping::Codestream;
        }
        self.expect_value(head);
    }

    fn element(&mut self, head: Head) -> Result<(), WalkError> {
        let at = self.position - head.bytes as u64;
        if self.frames.is_empty() {
            let nothing_but_zeros =
                head.tag == Tag(0, 0) && head.length == 0 && head.vr.is_none_or(|vr| vr == Vr([0; 2]));
            if nothing_but_zeros && self.last_tag.is_some() {
                self.position = at;
                self.only_zeros = true;
                self.notes.add(Note::TrailingZeros);
                return Ok(());
            }
        }
        if head.garbage || head.tag == ITEM || (head.tag == Tag(0, 0) && self.last_tag.is_none()) {
            return Err(WalkError::NotAnElement { position: at });
        }
        if head.odd_vr {
            self.notes.add(Note::UnknownVr);
        }
        if self.frames.is_empty() {
            self.top_level(head);
        }
        if head.length != UNDEFINED {
            self.expect_value(head);
            return Ok(());
        }
        let inside = match head.vr {
            // What is unknown was copied from an implicit encoding as it stood (PS3.5 §6.2.2).
            Some(Vr([b'U', b'N'])) => Encoding::ImplicitLittle,
            _ => self.frame().encoding,
        };
        self.open(if head.holds_fragments() { Open::Fragments(0) } else { Open::Sequence }, head.tag, inside)
    }

    fn top_level(&mut self, head: Head) {
        if self.last_tag.is_some_and(|last| head.tag < last) {
            self.notes.add(Note::TagsOutOfOrder);
        }
        self.last_tag = Some(head.tag);
        self.header_complete |= head.tag > Tag(0x0020, 0xFFFF);
        if head.tag == tags::PIXEL_DATA {
            self.pixels = match head.length {
                UNDEFINED => PixelData::Encapsulated { codestream: Vec::new() },
                length => PixelData::Native { bytes: length.into() },
            };
        }
        let Some(kind) = wanted::kind_of(head.tag) else { return };
        if self.header.begin(head.tag, kind) {
            self.keeping = Keeping::Value;
        } else {
            self.notes.add(Note::DuplicateElement);
        }
    }

    fn expect_value(&mut self, head: Head) {
        if head.length % 2 == 1 {
            self.notes.add(Note::OddLength);
        }
        self.value_left = head.length.into();
        self.value_tag = head.tag;
        if head.length == 0 {
            self.value_ended();
        }
    }

    fn open(&mut self, open: Open, tag: Tag, encoding: Encoding) -> Result<(), WalkError> {
        if self.frames.len() == DEEPEST {
            return Err(WalkError::TooDeep { limit: DEEPEST });
        }
        self.frames.push(Frame { open, tag, encoding, settled: false });
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        match (self.keeping, &mut self.pixels) {
            (Keeping::Value, _) if !self.header.keep(bytes) => self.notes.add(Note::ValueCut),
            (Keeping::Codestream, PixelData::Encapsulated { codestream }) => {
                let room = CODESTREAM_BYTES - codestream.len();
                codestream.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            _ => {}
        }
    }

    /// Says whether the bytes fed make a whole data set.
    pub(super) fn finish(&mut self) -> Result<(), WalkError> {
        if self.value_left > 0 {
            return Err(WalkError::Truncated { tag: self.value_tag, missing: self.value_left });
        }
        if let Some(outermost) = self.frames.first() {
            return Err(WalkError::Unclosed { tag: outermost.tag });
        }
        if self.last_tag.is_none() && self.partial_bytes == 0 {
            return Err(WalkError::Empty);
        }
        if self.partial_bytes > 0 {
            let zeros = self.partial[..self.partial_bytes].iter().all(|byte| *byte == 0);
            if !zeros || self.last_tag.is_none() {
                return Err(WalkError::HeadTruncated { position: self.position });
            }
            self.notes.add(Note::TrailingZeros);
        }
        self.header_complete = true;
        Ok(())
    }
}
