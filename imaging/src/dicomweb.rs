//! What a web service tells of a file besides the file itself: its header as DICOM JSON, its frames as they are kept
//! (PS3.18 §10.4, Annex F).
//!
//! ```
//! use imaging::dicomweb::{metadata, stored_frames};
//! use imaging::files::{MetaHeader, meta_header};
//! use imaging::samples;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let study = samples::ct(1, 7);
//! let instance = &study.instances[0];
//! let mut file = meta_header(&MetaHeader {
//!     sop_class_uid: instance.sop_class_uid,
//!     sop_instance_uid: &instance.sop_instance_uid,
//!     transfer_syntax_uid: instance.transfer_syntax_uid,
//!     source_ae_title: None,
//! });
//! file.extend(study.dataset(0)?);
//!
//! let header = metadata(file.as_slice(), "instances/1/frames")?;
//! assert_eq!(header["00080060"]["Value"][0], "CT");
//! assert_eq!(header["7FE00010"]["BulkDataURI"], "instances/1/frames");
//! let stored = stored_frames(file.as_slice(), &[0])?;
//! assert_eq!(stored.frames[0].len(), 512 * 512 * 2);
//! # Ok(())
//! # }
//! ```

use crate::index::{EXPLICIT_BIG, EXPLICIT_LITTLE};
use crate::render::{Elements, Fragments, Image, MOST_FRAME_BYTES, RenderError, survey};
use dicom::core::Tag;
use dicom::dictionary_std::tags;
use dicom::object::OpenFileOptions;
use serde_json::{Map, Value, json};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longest header that is told: all of it is in memory. Longer ones hold what is no header, such as pixels of their own.
const MOST_HEADER_BYTES: u64 = 64 << 20;

/// A header cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// It cannot be followed.
    #[error("the header cannot be read")]
    Read(#[source] Box<dicom::object::ReadError>),
    /// It holds what JSON has no form for.
    #[error("the header has a value that DICOM JSON cannot hold")]
    Json,
}

/// The header of a Part 10 file as an object of DICOM JSON (PS3.18 Annex F), texts in UTF-8. In the place of pixels
/// is where they are fetched. What follows the pixels is not told.
///
/// # Errors
/// [`MetadataError`]
pub fn metadata(file: impl Read, pixels: &str) -> Result<Map<String, Value>, MetadataError> {
    let object = OpenFileOptions::new().read_until(tags::PIXEL_DATA);
    let object = object.from_reader(file.take(MOST_HEADER_BYTES));
    let object = object.map_err(|error| MetadataError::Read(Box::new(error)))?;
    let transfer_syntax = object.meta().transfer_syntax().trim_end_matches('\0').to_owned();
    // Values of a kind that their representation rules out make it panic.
    let told = catch_unwind(AssertUnwindSafe(|| dicom_json::to_value(object.into_inner())));
    let Ok(Ok(Value::Object(mut told))) = told else { return Err(MetadataError::Json) };
    if told.contains_key(&key(tags::SPECIFIC_CHARACTER_SET)) {
        told.insert(key(tags::SPECIFIC_CHARACTER_SET), json!({"vr": "CS", "Value": ["ISO_IR 192"]}));
    }
    if let Some(bits) = told.get(&key(tags::BITS_ALLOCATED)) {
        let vr = if bits["Value"][0].as_u64() > Some(8) { "OW" } else { "OB" };
        told.insert(key(tags::PIXEL_DATA), json!({"vr": vr, "BulkDataURI": pixels}));
    }
    told.insert(key(tags::AVAILABLE_TRANSFER_SYNTAX_UID), json!({"vr": "UI", "Value": [transfer_syntax]}));
    Ok(told)
}

/// A tag as DICOM JSON names its attribute: eight hexadecimal digits (PS3.18 §F.2.2).
#[must_use]
pub fn key(tag: Tag) -> String {
    format!("{:04X}{:04X}", tag.0, tag.1)
}

/// Frames as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFrames {
    /// What they are encoded in. Frames that are not compressed are little-endian.
    pub transfer_syntax_uid: String,
    /// In the order they were asked for.
    pub frames: Vec<Vec<u8>>,
}

/// Frames of a Part 10 file by their numbers from 0, ascending. Those before the last are passed over.
///
/// # Errors
/// [`RenderError`] if there is no such frame, if frames do not begin with a byte of their own or are big-endian, or
/// if they are more than [`MOST_FRAME_BYTES`] together.
pub fn stored_frames(file: impl Read, wanted: &[u32]) -> Result<StoredFrames, RenderError> {
    let survey = survey(file)?;
    let image = survey.image()?;
    if let Some(frame) = wanted.iter().copied().find(|frame| *frame >= image.frames) {
        return Err(RenderError::NoSuchFrame { frame, frames: image.frames });
    }
    let mut pixels = survey.elements;
    let frames = match image.native_bytes {
        None => fragmented(&image, &mut pixels, wanted)?,
        Some(bytes) => native(&image, bytes, &mut pixels, wanted)?,
    };
    let transfer_syntax_uid = match image.native_bytes {
        None => image.transfer_syntax_uid,
        Some(_) => EXPLICIT_LITTLE.to_owned(),
    };
    Ok(StoredFrames { transfer_syntax_uid, frames })
}

fn fragmented<R: Read>(
    image: &Image,
    pixels: &mut Elements<R>,
    wanted: &[u32],
) -> Result<Vec<Vec<u8>>, RenderError> {
    let (mut fragments, mut at) = (Fragments::begin(image, pixels)?, 0);
    let (mut frames, mut left) = (Vec::with_capacity(wanted.len()), MOST_FRAME_BYTES);
    for number in wanted {
        while at < *number {
            fragments.pass_frame()?;
            at += 1;
        }
        let frame = fragments.frame()?;
        at += 1;
        left = less(left, frame.len() as u64)?;
        frames.push(frame);
    }
    Ok(frames)
}

fn native<R: Read>(
    image: &Image,
    bytes: u64,
    pixels: &mut Elements<R>,
    wanted: &[u32],
) -> Result<Vec<Vec<u8>>, RenderError> {
    let bits = image.frame_bits();
    if !bits.is_multiple_of(8) || image.transfer_syntax_uid == EXPLICIT_BIG {
        return Err(RenderError::Unsupported { tag: tags::PIXEL_DATA });
    }
    let (length, mut at) = (bits / 8, 0);
    let (mut frames, mut left) = (Vec::with_capacity(wanted.len()), MOST_FRAME_BYTES);
    for number in wanted {
        let start = u64::from(*number) * length;
        if start + length > bytes {
            return Err(RenderError::Damaged("the pixel data is shorter than its header says"));
        }
        left = less(left, length)?;
        pixels.pass(start - at)?;
        frames.push(pixels.bytes(length)?);
        at = start + length;
    }
    Ok(frames)
}

fn less(left: u64, bytes: u64) -> Result<u64, RenderError> {
    left.checked_sub(bytes).ok_or(RenderError::TooLarge { bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{MetaHeader, meta_header};
    use crate::samples;

    fn file(study: &samples::SampleStudy, number: usize) -> Vec<u8> {
        let instance = &study.instances[number];
        let mut file = meta_header(&MetaHeader {
            sop_class_uid: instance.sop_class_uid,
            sop_instance_uid: &instance.sop_instance_uid,
            transfer_syntax_uid: instance.transfer_syntax_uid,
            source_ae_title: None,
        });
        file.extend(study.dataset(number).unwrap());
        file
    }

    #[test]
    fn frames_of_a_clip_come_alone_and_in_their_order() {
        let clip = file(&samples::ultrasound_cine(7), 0);
        let count = survey(clip.as_slice()).unwrap().image().unwrap().frames;
        let each: Vec<Vec<u8>> =
            (0..count).map(|at| stored_frames(clip.as_slice(), &[at]).unwrap().frames.remove(0)).collect();
        assert!(each.len() > 1 && each[0] != each[1]);
        let some = stored_frames(clip.as_slice(), &[1, count - 1]).unwrap();
        assert_eq!(some.frames, [each[1].clone(), each[count as usize - 1].clone()]);
        let beyond = stored_frames(clip.as_slice(), &[0, count]);
        assert!(matches!(beyond, Err(RenderError::NoSuchFrame { frame, .. }) if frame == count));
    }

    #[test]
    fn a_cut_file_has_no_frame_and_no_header() {
        let ct = file(&samples::ct(1, 7), 0);
        assert!(stored_frames(&ct[..ct.len() - 100], &[0]).is_err());
        assert!(matches!(metadata(&ct[..200], ""), Err(MetadataError::Read(_))));
    }
}
