//! What a picture depends on, read up to the pixel data (PS3.3 §C.7.6.3, §C.11).

use super::elements::Elements;
use super::{MOST_FRAME_BYTES, RenderError};
use crate::index::{EXPLICIT_BIG, Encoding, Head, IMPLICIT_LITTLE, Vr, is_deflated};
use dicom::core::Tag;
use dicom::dictionary_std::tags;
use flate2::read::DeflateDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::str::FromStr;

/// More than any value that is wanted has: a palette of 65,536 entries of 16 bits.
const MOST_VALUE_BYTES: u32 = 1 << 17;
/// Frames by an extended offset table: a million.
const MOST_OFFSET_BYTES: u32 = 8 << 20;
const PREAMBLE_BYTES: usize = 128;

/// How stored values become grey (PS3.3 §C.11.2.1.2, §C.11.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub centre: f64,
    pub width: f64,
    pub function: Function,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Function {
    #[default]
    Linear,
    LinearExact,
    Sigmoid,
}

/// Colours of stored values from `first` on, 8 bits each (PS3.3 §C.7.6.3.1.5, §C.7.6.3.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette {
    pub first: i64,
    pub entries: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// White is the greatest value, or the least.
    Grey {
        inverted: bool,
    },
    Palette,
    Rgb,
    Ybr,
    /// Two pixels share their colour.
    Ybr422,
}

/// An image as its header describes it.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub transfer_syntax_uid: String,
    pub encoding: Encoding,
    pub rows: u16,
    pub columns: u16,
    pub frames: u32,
    pub samples: u16,
    pub colours: Colours,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    /// The lowest bit of a sample in its cell.
    pub lowest_bit: u16,
    pub signed: bool,
    pub by_plane: bool,
    pub slope: f64,
    pub intercept: f64,
    pub window: Option<Window>,
    pub palettes: Option<[Palette; 3]>,
    /// Where frames begin among the fragments, by an extended offset table (PS3.3 §C.7.6.3.1.8).
    pub offsets: Vec<u64>,
    /// Length of the pixel data; nothing: they come in fragments.
    pub native_bytes: Option<u64>,
    /// Whether bytes are swapped in pairs: samples of 8 bits in big-endian words.
    pub in_words: bool,
}

impl Image {
    /// Bytes of a frame that was decoded: samples by pixel, each in whole bytes.
    pub(crate) fn decoded_bytes(&self) -> u64 {
        let pixels = u64::from(self.rows) * u64::from(self.columns);
        pixels * u64::from(self.samples) * u64::from(self.bits_allocated / 8)
    }

    /// Bits of a frame that is not compressed.
    pub(crate) fn frame_bits(&self) -> u64 {
        let pixels = u64::from(self.rows) * u64::from(self.columns);
        let samples = if self.colours == Colours::Ybr422 { 2 } else { u64::from(self.samples) };
        pixels * samples * u64::from(self.bits_allocated)
    }
}

/// A file as far as its pixels, and what it says of them.
pub(crate) struct Survey<'r> {
    pub transfer_syntax_uid: String,
    /// The element that holds pixels, whose head was read; nothing: the data set has ended.
    pub pixels: Option<Head>,
    /// What is read next.
    pub elements: Elements<Box<dyn Read + 'r>>,
    wanted: Wanted,
}

impl Survey<'_> {
    /// What the pixels are to be read by.
    ///
    /// # Errors
    /// [`RenderError`] if there are none, or none that can be drawn.
    pub(crate) fn image(&self) -> Result<Image, RenderError> {
        match &self.pixels {
            None => Err(RenderError::NoImage),
            Some(head) if head.tag == tags::PIXEL_DATA => {
                self.wanted.image(self.transfer_syntax_uid.clone(), self.elements.encoding, head)
            }
            Some(head) => Err(RenderError::Unsupported { tag: head.tag }),
        }
    }

    /// Whether there was such an element before the pixels, and not an empty one.
    pub(crate) fn says(&self, tag: Tag) -> bool {
        self.wanted.said.contains(&tag)
    }

    /// The first number of an element that matters to pixels.
    pub(crate) fn short(&self, tag: Tag) -> Option<u16> {
        self.wanted.short(tag)
    }
}

/// Reads a file to where its pixels begin.
pub(super) fn read<'r>(file: impl Read + 'r) -> Result<(Image, Elements<Box<dyn Read + 'r>>), RenderError> {
    let survey = survey(file)?;
    Ok((survey.image()?, survey.elements))
}

/// Reads a file to where its pixels begin, or to its end if it has none.
///
/// # Errors
/// [`RenderError`] if it is no Part 10 file, or its elements cannot be followed.
pub(crate) fn survey<'r>(file: impl Read + 'r) -> Result<Survey<'r>, RenderError> {
    let (transfer_syntax_uid, mut elements) = data_set(file)?;
    let mut wanted = Wanted::default();
    let pixels = loop {
        let Some(head) = elements.head()? else { break None };
        match head.tag {
            tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA => break Some(head),
            _ => wanted.take(&head, &mut elements)?,
        }
    };
    Ok(Survey { transfer_syntax_uid, pixels, elements, wanted })
}

/// The transfer syntax of a file, and the elements of its data set.
///
/// # Errors
/// [`RenderError`] if it is no Part 10 file, or has no data set.
pub(crate) fn data_set<'r>(
    mut file: impl Read + 'r,
) -> Result<(String, Elements<Box<dyn Read + 'r>>), RenderError> {
    let mut start = [0; PREAMBLE_BYTES + 4];
    file.read_exact(&mut start)?;
    if !start.ends_with(b"DICM") {
        return Err(RenderError::Damaged("it does not begin as a Part 10 file"));
    }
    let mut meta = Elements::new(file, Encoding::ExplicitLittle);
    let transfer_syntax_uid = transfer_syntax(&mut meta)?;
    let input: Box<dyn Read + 'r> = match is_deflated(&transfer_syntax_uid) {
        true => Box::new(DeflateDecoder::new(meta.into_input())),
        false => Box::new(meta.into_input()),
    };
    let mut elements = Elements::new(input, declared(&transfer_syntax_uid));
    let first = elements.peek()?.ok_or(RenderError::Damaged("there is no data set"))?;
    elements.encoding = elements.encoding.shown_by(&first, true);
    Ok((transfer_syntax_uid, elements))
}

/// The transfer syntax of the file meta information, which is read to its end.
fn transfer_syntax(meta: &mut Elements<impl Read>) -> Result<String, RenderError> {
    let mut transfer_syntax_uid = String::new();
    while meta.peek()?.is_some_and(|next| next.starts_with(&[2, 0])) {
        let Some(head) = meta.head()? else { break };
        let value = meta.value(&head, 1024)?;
        if head.tag == tags::TRANSFER_SYNTAX_UID {
            text(&value).clone_into(&mut transfer_syntax_uid);
        }
    }
    Ok(transfer_syntax_uid)
}

fn declared(transfer_syntax_uid: &str) -> Encoding {
    match transfer_syntax_uid {
        IMPLICIT_LITTLE => Encoding::ImplicitLittle,
        EXPLICIT_BIG => Encoding::ExplicitBig,
        _ => Encoding::ExplicitLittle,
    }
}

/// The elements that matter, as they stand.
#[derive(Debug, Default)]
struct Wanted {
    shorts: BTreeMap<Tag, Vec<u16>>,
    texts: BTreeMap<Tag, String>,
    tables: BTreeMap<Tag, Vec<u8>>,
    offsets: Vec<u64>,
    /// Every element that has a value.
    said: BTreeSet<Tag>,
}

impl Wanted {
    fn take<R: Read>(&mut self, head: &Head, elements: &mut Elements<R>) -> Result<(), RenderError> {
        if head.length > 0 {
            self.said.insert(head.tag);
        }
        match head.tag {
            tags::SAMPLES_PER_PIXEL
            | tags::PLANAR_CONFIGURATION
            | tags::ROWS
            | tags::COLUMNS
            | tags::BITS_ALLOCATED
            | tags::BITS_STORED
            | tags::HIGH_BIT
            | tags::PIXEL_REPRESENTATION
            | tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR
            | tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR
            | tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR => {
                let encoding = elements.encoding;
                let value = elements.value(head, MOST_VALUE_BYTES)?;
                let shorts = value.as_chunks::<2>().0.iter().map(|bytes| encoding.u16(*bytes));
                self.shorts.insert(head.tag, shorts.collect());
            }
            tags::PHOTOMETRIC_INTERPRETATION
            | tags::NUMBER_OF_FRAMES
            | tags::WINDOW_CENTER
            | tags::WINDOW_WIDTH
            | tags::VOILUT_FUNCTION
            | tags::RESCALE_INTERCEPT
            | tags::RESCALE_SLOPE
            | tags::PRESENTATION_LUT_SHAPE => {
                let value = elements.value(head, MOST_VALUE_BYTES)?;
                self.texts.insert(head.tag, text(&value).to_owned());
            }
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA
            | tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA
            | tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA => {
                let value = elements.value(head, MOST_VALUE_BYTES)?;
                self.tables.insert(head.tag, value);
            }
            tags::EXTENDED_OFFSET_TABLE => {
                let value = elements.value(head, MOST_OFFSET_BYTES)?;
                self.offsets =
                    value.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
            }
            _ => elements.skip(head)?,
        }
        Ok(())
    }

    fn short(&self, tag: Tag) -> Option<u16> {
        self.shorts.get(&tag)?.first().copied()
    }

    /// The first number of a decimal or integer string.
    fn number<N: FromStr>(&self, tag: Tag) -> Option<N> {
        self.texts.get(&tag)?.split('\\').next()?.trim().parse().ok()
    }

    fn finite(&self, tag: Tag) -> Option<f64> {
        self.number(tag).filter(|number: &f64| number.is_finite())
    }

    fn says(&self, tag: Tag, word: &str) -> bool {
        self.texts.get(&tag).is_some_and(|text| text == word)
    }

    fn image(
        &self,
        transfer_syntax_uid: String,
        encoding: Encoding,
        pixels: &Head,
    ) -> Result<Image, RenderError> {
        let needed = |tag| self.short(tag).filter(|value| *value > 0).ok_or(RenderError::Unsupported { tag });
        let (rows, columns) = (needed(tags::ROWS)?, needed(tags::COLUMNS)?);
        let samples = self.short(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
        let colours = self.colours(samples)?;
        let (bits_allocated, bits_stored, lowest_bit) = self.bits()?;
        let palettes = match colours {
            Colours::Palette => Some(self.palettes(encoding)?),
            _ => None,
        };
        let image = Image {
            transfer_syntax_uid,
            encoding,
            rows,
            columns,
            frames: self.number(tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1),
            samples,
            colours,
            bits_allocated,
            bits_stored,
            lowest_bit,
            signed: self.short(tags::PIXEL_REPRESENTATION) == Some(1),
            by_plane: samples == 3 && self.short(tags::PLANAR_CONFIGURATION) == Some(1),
            slope: self.finite(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0),
            intercept: self.finite(tags::RESCALE_INTERCEPT).unwrap_or_default(),
            window: self.window(),
            palettes,
            offsets: self.offsets.clone(),
            in_words: encoding == Encoding::ExplicitBig
                && pixels.vr == Some(Vr(*b"OW"))
                && bits_allocated == 8,
            native_bytes: (pixels.length != u32::MAX).then_some(pixels.length.into()),
        };
        let bytes = image.frame_bits().div_ceil(8);
        if bytes > MOST_FRAME_BYTES { Err(RenderError::TooLarge { bytes }) } else { Ok(image) }
    }

    fn colours(&self, samples: u16) -> Result<Colours, RenderError> {
        let tag = tags::PHOTOMETRIC_INTERPRETATION;
        let inverse = self.says(tags::PRESENTATION_LUT_SHAPE, "INVERSE");
        let interpretation = self.texts.get(&tag).map(String::as_str).unwrap_or_default();
        match (interpretation, samples) {
            ("MONOCHROME1", 1) => Ok(Colours::Grey { inverted: true }),
            ("MONOCHROME2" | "", 1) => Ok(Colours::Grey { inverted: inverse }),
            ("PALETTE COLOR", 1) => Ok(Colours::Palette),
            // What is compressed decodes to RGB, whatever it was in between.
            ("RGB" | "YBR_RCT" | "YBR_ICT" | "", 3) => Ok(Colours::Rgb),
            ("YBR_FULL", 3) => Ok(Colours::Ybr),
            ("YBR_FULL_422", 3) => Ok(Colours::Ybr422),
            _ => Err(RenderError::Unsupported { tag }),
        }
    }

    /// Bits allocated, bits stored, and the lowest bit of a sample.
    fn bits(&self) -> Result<(u16, u16, u16), RenderError> {
        let allocated = self.short(tags::BITS_ALLOCATED).unwrap_or(8);
        if !matches!(allocated, 1 | 8 | 16 | 32) {
            return Err(RenderError::Unsupported { tag: tags::BITS_ALLOCATED });
        }
        let stored = self.short(tags::BITS_STORED).unwrap_or(allocated);
        if !(1..=allocated).contains(&stored) {
            return Err(RenderError::Unsupported { tag: tags::BITS_STORED });
        }
        let high = self.short(tags::HIGH_BIT).unwrap_or(stored - 1);
        let lowest = (high + 1).checked_sub(stored).filter(|_| high < allocated);
        let lowest = lowest.ok_or(RenderError::Unsupported { tag: tags::HIGH_BIT })?;
        Ok((allocated, stored, lowest))
    }

    fn window(&self) -> Option<Window> {
        let function = match self.texts.get(&tags::VOILUT_FUNCTION).map(String::as_str) {
            Some("LINEAR_EXACT") => Function::LinearExact,
            Some("SIGMOID") => Function::Sigmoid,
            _ => Function::Linear,
        };
        let width = self.finite(tags::WINDOW_WIDTH).filter(|width| *width > 0.0)?;
        Some(Window { centre: self.finite(tags::WINDOW_CENTER)?, width, function })
    }

    fn palettes(&self, encoding: Encoding) -> Result<[Palette; 3], RenderError> {
        Ok([
            self.palette(
                encoding,
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            self.palette(
                encoding,
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            self.palette(
                encoding,
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
        ])
    }

    /// A table of 8 or of 16 bits, of which the upper eight are what can be shown.
    fn palette(&self, encoding: Encoding, descriptor: Tag, data: Tag) -> Result<Palette, RenderError> {
        let unsupported = |tag| move || RenderError::Unsupported { tag };
        let described = self.shorts.get(&descriptor).and_then(|shorts| shorts.get(..3));
        let [count, first, _bits] =
            described.and_then(|three| three.try_into().ok()).ok_or_else(unsupported(descriptor))?;
        // 0 stands for 65,536.
        let count = if count == 0 { 65_536 } else { usize::from(count) };
        let table = self.tables.get(&data).ok_or_else(unsupported(data))?;
        // Where pixels are signed, so is the first value; what an unsigned image has is below 32,768.
        let signed = self.short(tags::PIXEL_REPRESENTATION) == Some(1);
        let first = if signed { i64::from(first.cast_signed()) } else { i64::from(first) };
        let entries: Vec<u8> = if table.len() >= 2 * count {
            let shorts = table.as_chunks::<2>().0.iter().map(|bytes| encoding.u16(*bytes));
            // Writers of 8 bits in 16 fill one byte or the other.
            let shift = if shorts.clone().take(count).all(|entry| entry <= 0xFF) { 0 } else { 8 };
            shorts.take(count).map(|entry| (entry >> shift).to_le_bytes()[0]).collect()
        } else {
            table.iter().copied().take(count).collect()
        };
        if entries.is_empty() {
            Err(RenderError::Unsupported { tag: data })
        } else {
            Ok(Palette { first, entries })
        }
    }
}

/// A text without what pads it.
fn text(value: &[u8]) -> &str {
    std::str::from_utf8(value).unwrap_or_default().trim_matches([' ', '\0'])
}
