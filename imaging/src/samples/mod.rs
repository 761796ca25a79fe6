//! Sample studies, made by calculation: fictional patients, valid DICOM, the same bytes for the
//! same seed.
//!
//! A demonstration must not need anybody's images, and a test must know what every pixel should
//! be. Each study satisfies the mandatory modules of its Information Object Definition (PS3.3
//! A.3 CT, A.26 Digital X-Ray, A.7 Ultrasound Multi-frame). Pixels are drawn when a data set is
//! asked for, so that a study of a thousand slices costs the memory of one.

mod cine;
mod draw;
mod hand;
mod head;
mod header;

use std::fmt::Write as _;

use dicom::object::{InMemDicomObject, WriteError};
use dicom::transfer_syntax::entries::EXPLICIT_VR_LITTLE_ENDIAN;

use crate::chance::{Chance as _, SeededChance};

/// CT Image Storage (PS3.4 table B.5-1).
pub const CT_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
/// Digital X-Ray Image Storage - For Presentation (PS3.4 table B.5-1).
pub const DX_IMAGE_STORAGE_FOR_PRESENTATION: &str = "1.2.840.10008.5.1.4.1.1.1.1";
/// Ultrasound Multi-frame Image Storage (PS3.4 table B.5-1).
pub const US_MULTIFRAME_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.3.1";
/// Explicit VR Little Endian (PS3.5 A.2): how every sample data set is encoded.
pub const EXPLICIT_VR_LE: &str = "1.2.840.10008.1.2.1";

/// A fictional patient (PS3.3 C.7.1.1 Patient Module).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePatient {
    /// Patient's Name (0010,0010): component groups alphabetic=ideographic=phonetic (PS3.5 6.2.1).
    pub name: String,
    /// Patient ID (0010,0020).
    pub id: String,
    /// Issuer of Patient ID (0010,0021).
    pub issuer: String,
    /// Patient's Birth Date (0010,0030), `YYYYMMDD`.
    pub birth_date: String,
    /// Patient's Sex (0010,0040): `F`, `M` or `O`.
    pub sex: String,
}

/// One instance of a sample study; [`SampleStudy::dataset`] makes its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleInstance {
    /// SOP Class UID (0008,0016).
    pub sop_class_uid: &'static str,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// The encoding of the data set (PS3.5 annex A).
    pub transfer_syntax_uid: &'static str,
    /// Instance Number (0020,0013), from 1.
    pub instance_number: usize,
}

/// A study of one series. What a test changes here is what the data sets then say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleStudy {
    /// Whose study it is.
    pub patient: SamplePatient,
    /// Study Instance UID (0020,000D).
    pub study_instance_uid: String,
    /// Study ID (0020,0010).
    pub study_id: String,
    /// Accession Number (0008,0050).
    pub accession_number: String,
    /// Study Date (0008,0020), `YYYYMMDD`.
    pub study_date: String,
    /// Study Time (0008,0030), `HHMMSS`.
    pub study_time: String,
    /// Study Description (0008,1030).
    pub study_description: String,
    /// Modality (0008,0060).
    pub modality: &'static str,
    /// Series Instance UID (0020,000E).
    pub series_instance_uid: String,
    /// Series Description (0008,103E).
    pub series_description: String,
    /// Body Part Examined (0018,0015).
    pub body_part: &'static str,
    /// The instances in order.
    pub instances: Vec<SampleInstance>,
    frame_of_reference_uid: String,
    noise_seed: u64,
    picture: Picture,
}

/// Why a sample could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The study has fewer instances.
    #[error("the sample study has no instance at index {0}")]
    NoSuchInstance(usize),
    /// The data set could not be encoded.
    #[error("a sample data set could not be encoded")]
    Encode(#[source] Box<WriteError>),
}

/// What is to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picture {
    Head { slices: u16 },
    Hand,
    Cine,
}

/// What the three kinds of study do not have in common, beside their pictures.
struct Kind {
    picture: Picture,
    sop_class_uid: &'static str,
    modality: &'static str,
    body_part: &'static str,
    study_description: &'static str,
    series_description: &'static str,
    name: &'static str,
    number: u32,
    birth_date: &'static str,
    sex: &'static str,
}

/// A CT of the head: a three-dimensional Shepp–Logan phantom in Hounsfield units, cut into
/// `slices` axial images of 512×512 over 216 mm (at least one). The patient's name is Arabic.
#[must_use]
pub fn ct(slices: u16, seed: u64) -> SampleStudy {
    let slices = slices.max(1);
    let kind = Kind {
        picture: Picture::Head { slices },
        sop_class_uid: CT_IMAGE_STORAGE,
        modality: "CT",
        body_part: "HEAD",
        study_description: "CT head without contrast",
        series_description: "Axial brain",
        name: "حداد^ليلى",
        number: 10_001,
        birth_date: "19680412",
        sex: "F",
    };
    study(&kind, usize::from(slices), seed)
}

/// A digital X-ray of a left hand, one frame of 2500×3000 at 12 bits. The patient's name is
/// Japanese, in three component groups.
#[must_use]
pub fn xray(seed: u64) -> SampleStudy {
    let kind = Kind {
        picture: Picture::Hand,
        sop_class_uid: DX_IMAGE_STORAGE_FOR_PRESENTATION,
        modality: "DX",
        body_part: "HAND",
        study_description: "X-ray left hand",
        series_description: "Left hand PA",
        name: "Aoki^Haruka=青木^遥=あおき^はるか",
        number: 10_002,
        birth_date: "19911103",
        sex: "F",
    };
    study(&kind, 1, seed)
}

/// A colour ultrasound clip of a beating chamber: one multi-frame instance, 30 frames of 640×480 RGB.
#[must_use]
pub fn ultrasound_cine(seed: u64) -> SampleStudy {
    let kind = Kind {
        picture: Picture::Cine,
        sop_class_uid: US_MULTIFRAME_IMAGE_STORAGE,
        modality: "US",
        body_part: "HEART",
        study_description: "Echocardiogram",
        series_description: "Apical view, colour",
        name: "Lindqvist^Åsa^Marta",
        number: 10_003,
        birth_date: "19791224",
        sex: "F",
    };
    study(&kind, 1, seed)
}

impl SampleStudy {
    /// The data set of the instance at `index`, encoded in Explicit VR Little Endian without a
    /// file meta header: what a C-STORE carries (PS3.7 9.1.1).
    ///
    /// # Errors
    /// If there is no such instance, or a changed field cannot be encoded.
    pub fn dataset(&self, index: usize) -> Result<Vec<u8>, SampleError> {
        let instance = self.instances.get(index).ok_or(SampleError::NoSuchInstance(index))?;
        let object = self.object(instance, index);
        let mut bytes = Vec::new();
        object
            .write_dataset_with_ts(&mut bytes, &EXPLICIT_VR_LITTLE_ENDIAN.erased())
            .map_err(|error| SampleError::Encode(Box::new(error)))?;
        Ok(bytes)
    }

    fn object(&self, instance: &SampleInstance, index: usize) -> InMemDicomObject {
        let mut object = header::common(self, instance);
        match self.picture {
            Picture::Head { slices } => {
                let slice = head::Slice { index, of: slices };
                head::describe(&mut object, &slice, &self.frame_of_reference_uid);
                head::draw(&mut object, &slice, self.noise_seed);
            }
            Picture::Hand => {
                hand::describe(&mut object);
                hand::draw(&mut object, self.noise_seed);
            }
            Picture::Cine => {
                cine::describe(&mut object);
                cine::draw(&mut object, self.noise_seed);
            }
        }
        object
    }
}

fn study(kind: &Kind, instances: usize, seed: u64) -> SampleStudy {
    // The patient's number keeps the kinds apart: the same seed gives each kind other UIDs.
    let chance = SeededChance::new(seed ^ (u64::from(kind.number) << 40));
    SampleStudy {
        patient: SamplePatient {
            name: kind.name.to_owned(),
            id: format!("FRS-{}", kind.number),
            issuer: "FILMROOM SAMPLES".to_owned(),
            birth_date: kind.birth_date.to_owned(),
            sex: kind.sex.to_owned(),
        },
        study_instance_uid: uid(&chance),
        study_id: format!("S{}", chance.next_u64() % 1_000_000),
        accession_number: format!("A{:010}", chance.next_u64() % 10_000_000_000),
        study_date: format!("2025{:02}{:02}", chance.next_u64() % 12 + 1, chance.next_u64() % 28 + 1),
        study_time: format!("{:02}{:02}00", chance.next_u64() % 12 + 7, chance.next_u64() % 60),
        study_description: kind.study_description.to_owned(),
        modality: kind.modality,
        series_instance_uid: uid(&chance),
        series_description: kind.series_description.to_owned(),
        body_part: kind.body_part,
        frame_of_reference_uid: uid(&chance),
        noise_seed: chance.next_u64(),
        picture: kind.picture,
        instances: (1..=instances).map(|number| instance(kind, number, &chance)).collect(),
    }
}

fn instance(kind: &Kind, instance_number: usize, chance: &SeededChance) -> SampleInstance {
    SampleInstance {
        sop_class_uid: kind.sop_class_uid,
        sop_instance_uid: uid(chance),
        transfer_syntax_uid: EXPLICIT_VR_LE,
        instance_number,
    }
}

/// A UID from a random UUID (PS3.5 B.2): `2.25.` and its value in decimal.
fn uid(chance: &SeededChance) -> String {
    let mut bytes = [0; 16];
    chance.fill(&mut bytes);
    // Version 4, variant 1 (RFC 9562 5.4): only then is it a UUID.
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    format!("2.25.{}", u128::from_be_bytes(bytes))
}

/// Decimal Strings (PS3.5 6.2, at most 16 characters each) as one value of several.
fn decimals(values: &[f64]) -> String {
    let mut text = String::new();
    for value in values {
        if !text.is_empty() {
            text.push('\\');
        }
        // Writing to a String does not fail; what could not be written would be missing and seen.
        write!(text, "{value:.6}").unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests;
