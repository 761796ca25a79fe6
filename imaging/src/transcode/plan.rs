//! What is to be done to an instance, and doing it.

use super::recode::Recoder;
use super::{Target, TranscodeError};
use crate::files::{MetaHeader, meta_header};
use crate::index::{EXPLICIT_LITTLE, Identity, Tag, Vr, write_element};
use crate::render::{Colours, Fragments, Image, data_set, decode, decoded_colours, survey};
use dicom::dictionary_std::{tags, uids};
use dicom::encoding::TransferSyntaxIndex;
use dicom::transfer_syntax::TransferSyntaxRegistry;
use std::collections::BTreeMap;
use std::io::{Read, Write};

/// Syntaxes that cannot but lose, or may have lost where the header does not say that they did not.
const LOSING: [&str; 6] = [
    uids::JPEG_BASELINE8_BIT,
    uids::JPEG_EXTENDED12_BIT,
    uids::JPEG2000,
    uids::JPEG2000MC,
    uids::HTJ2K,
    uids::JPEGLS_NEAR_LOSSLESS,
];

/// How one instance is transcoded.
#[derive(Debug)]
pub struct Plan {
    target: Target,
    transfer_syntax_uid: String,
    header: Vec<u8>,
    /// Elements that are written in place of the source's, or left out.
    edits: BTreeMap<Tag, Option<Vec<u8>>>,
    /// The image whose frames are decoded; nothing: pixels are copied.
    decoded: Option<Image>,
    /// Whether pixels are signed numbers, and how many bits each takes.
    signed: bool,
    bits_allocated: u16,
}

impl Plan {
    /// Decides on a Part 10 file, which is read to where its pixels begin. `identity` is what it is known by.
    ///
    /// # Errors
    /// [`TranscodeError`] if it cannot be transcoded, as far as that can be told by its header.
    pub fn of(file: impl Read, identity: &Identity, target: Target) -> Result<Self, TranscodeError> {
        let survey = survey(file)?;
        let source = survey.transfer_syntax_uid.as_str();
        if TransferSyntaxRegistry.get(source).is_none() {
            return Err(TranscodeError::Syntax { transfer_syntax_uid: source.to_owned() });
        }
        if survey.says(tags::PIXEL_DATA_PROVIDER_URL) {
            return Err(TranscodeError::Elsewhere(tags::PIXEL_DATA_PROVIDER_URL));
        }
        let is_compressed = survey.pixels.is_some_and(|head| head.length == u32::MAX);
        let decoded = match target {
            Target::Uncompressed if is_compressed => Some(survey.image()?),
            _ => None,
        };
        let transfer_syntax_uid = match target {
            Target::Uncompressed => EXPLICIT_LITTLE,
            Target::Itself => source,
        };
        let mut edits = BTreeMap::new();
        for (tag, uid) in [
            (tags::SOP_CLASS_UID, &identity.sop_class_uid),
            (tags::SOP_INSTANCE_UID, &identity.sop_instance_uid),
            (tags::STUDY_INSTANCE_UID, &identity.study_instance_uid),
            (tags::SERIES_INSTANCE_UID, &identity.series_instance_uid),
        ] {
            if !survey.says(tag) {
                edits.insert(tag, element(tag, *b"UI", uid.as_bytes()));
            }
        }
        if let Some(image) = &decoded {
            edits.extend(edits_of_decoded(image)?);
            if LOSING.contains(&source) && !survey.says(tags::LOSSY_IMAGE_COMPRESSION) {
                let tag = tags::LOSSY_IMAGE_COMPRESSION;
                edits.insert(tag, element(tag, *b"CS", b"01"));
            }
        }
        Ok(Self {
            target,
            header: meta_header(&MetaHeader {
                sop_class_uid: &identity.sop_class_uid,
                sop_instance_uid: &identity.sop_instance_uid,
                transfer_syntax_uid,
                source_ae_title: None,
            }),
            transfer_syntax_uid: transfer_syntax_uid.to_owned(),
            edits,
            decoded,
            signed: survey.short(tags::PIXEL_REPRESENTATION) == Some(1),
            bits_allocated: survey.short(tags::BITS_ALLOCATED).unwrap_or(8),
        })
    }

    /// The transfer syntax it will have.
    #[must_use]
    pub fn transfer_syntax_uid(&self) -> &str {
        &self.transfer_syntax_uid
    }

    /// Bytes before the data set, as it will be written.
    #[must_use]
    pub fn header_bytes(&self) -> u64 {
        self.header.len() as u64
    }

    /// Writes it. `file` is the file that [`Plan::of`] was given, from its first byte again.
    ///
    /// # Errors
    /// [`TranscodeError`]; what was written is then of no use.
    pub fn write(&self, file: impl Read, out: &mut dyn Write) -> Result<(), TranscodeError> {
        let (_, elements) = data_set(file)?;
        let keeps_fragments = self.target == Target::Itself;
        let mut recoder = Recoder { elements, sink: out, signed: self.signed, keeps_fragments };
        recoder.put(&self.header)?;
        let mut edits = self.edits.iter().peekable();
        while let Some(head) = recoder.elements.head()? {
            while let Some((_, edit)) = edits.next_if(|(tag, _)| **tag <= head.tag) {
                edit.as_ref().map_or(Ok(()), |edit| recoder.put(edit))?;
            }
            match (&self.decoded, head.tag) {
                (_, tag) if tag.1 == 0 || self.edits.contains_key(&tag) => recoder.elements.skip(&head)?,
                (Some(image), tags::PIXEL_DATA) => decode_frames(image, &mut recoder)?,
                (None, tags::PIXEL_DATA) if head.length == u32::MAX => recoder.fragments(&head)?,
                (_, tags::PIXEL_DATA) => recoder.pixels(&head, self.bits_allocated)?,
                _ => recoder.element(&head)?,
            }
        }
        edits.filter_map(|(_, edit)| edit.as_ref()).try_for_each(|edit| recoder.put(edit))
    }
}

/// What the header of an image says once its frames are decoded (PS3.3 §C.7.6.3.1.2, §C.7.6.3.1.3).
fn edits_of_decoded(image: &Image) -> Result<BTreeMap<Tag, Option<Vec<u8>>>, TranscodeError> {
    let mut edits = BTreeMap::from([
        (tags::EXTENDED_OFFSET_TABLE, None),
        (tags::EXTENDED_OFFSET_TABLE_LENGTHS, None),
        (tags::ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH, None),
    ]);
    if image.samples > 1 {
        let colours: &[u8] = match decoded_colours(image)? {
            Colours::Ybr | Colours::Ybr422 => b"YBR_FULL",
            _ => b"RGB",
        };
        let interpretation = tags::PHOTOMETRIC_INTERPRETATION;
        edits.insert(interpretation, element(interpretation, *b"CS", colours));
        let planes = tags::PLANAR_CONFIGURATION;
        edits.insert(planes, element(planes, *b"US", &[0, 0]));
    }
    Ok(edits)
}

/// A short element; none of these is too long to be written.
fn element(tag: Tag, vr: [u8; 2], value: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    write_element(&mut bytes, tag, Some(Vr(vr)), value).map(|()| bytes)
}

/// Writes the pixels of all frames as one value, each frame decoded when the one before it is written.
fn decode_frames<R: Read>(image: &Image, recoder: &mut Recoder<'_, R>) -> Result<(), TranscodeError> {
    let bytes = u64::from(image.frames) * image.decoded_bytes();
    let padded = bytes.next_multiple_of(2);
    let length = u32::try_from(padded).ok().filter(|length| *length != u32::MAX);
    let length = length.ok_or(TranscodeError::TooLong { bytes })?;
    let vr = if image.bits_allocated > 8 { *b"OW" } else { *b"OB" };
    recoder.head(tags::PIXEL_DATA, Vr(vr), length)?;
    let mut fragments = Fragments::begin(image, &mut recoder.elements)?;
    for _ in 0..image.frames {
        let (samples, _) = decode(image, fragments.frame()?)?;
        recoder.sink.write_all(&samples).map_err(TranscodeError::Sink)?;
    }
    fragments.pass_all()?;
    if padded > bytes { recoder.put(&[0]) } else { Ok(()) }
}
