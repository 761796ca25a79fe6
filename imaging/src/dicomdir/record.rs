//! Which record a SOP class has, and what keys a record of that type holds (PS3.3 §F.5; the keys that
//! only PS3.11 tables D.3-2 and H.3-2 ask for are among those held when there).

use super::record::Need::{Always, OrEmpty, WhenThere};
use crate::index::Tag;
use dicom::dictionary_std::tags as t;

/// How much a record needs a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Type 1: invented if missing.
    Always,
    /// Type 2: empty if missing.
    OrEmpty,
    /// Type 1C or 3: left out if missing.
    WhenThere,
}

/// A key of a record.
pub(crate) type Key = (Tag, Need);

pub(crate) const PATIENT: &[Key] = &[
    (t::PATIENT_NAME, OrEmpty),
    (t::PATIENT_ID, Always),
    (t::PATIENT_BIRTH_DATE, WhenThere),
    (t::PATIENT_SEX, WhenThere),
];

pub(crate) const STUDY: &[Key] = &[
    (t::STUDY_DATE, Always),
    (t::STUDY_TIME, Always),
    (t::ACCESSION_NUMBER, OrEmpty),
    (t::STUDY_DESCRIPTION, OrEmpty),
    (t::STUDY_ID, Always),
];

pub(crate) const SERIES: &[Key] = &[
    (t::MODALITY, Always),
    (t::INSTITUTION_NAME, WhenThere),
    (t::INSTITUTION_ADDRESS, WhenThere),
    (t::SERIES_DESCRIPTION, WhenThere),
    (t::PERFORMING_PHYSICIAN_NAME, WhenThere),
    (t::SERIES_NUMBER, Always),
];

const IMAGE: &[Key] = &[
    (t::IMAGE_TYPE, WhenThere),
    (t::ACQUISITION_DATE_TIME, WhenThere),
    (t::REFERENCED_IMAGE_SEQUENCE, WhenThere),
    (t::ACQUISITION_TIME_SYNCHRONIZED, WhenThere),
    (t::INSTANCE_NUMBER, Always),
    (t::IMAGE_POSITION_PATIENT, WhenThere),
    (t::IMAGE_ORIENTATION_PATIENT, WhenThere),
    (t::FRAME_OF_REFERENCE_UID, WhenThere),
    (t::SYNCHRONIZATION_FRAME_OF_REFERENCE_UID, WhenThere),
    (t::NUMBER_OF_FRAMES, WhenThere),
    (t::ROWS, WhenThere),
    (t::COLUMNS, WhenThere),
    (t::PIXEL_SPACING, WhenThere),
    (t::LOSSY_IMAGE_COMPRESSION_RATIO, WhenThere),
    (t::CALIBRATION_IMAGE, WhenThere),
];

const SPECTROSCOPY: &[Key] = &[
    (t::IMAGE_TYPE, Always),
    (t::CONTENT_DATE, Always),
    (t::CONTENT_TIME, Always),
    (t::REFERENCED_IMAGE_EVIDENCE_SEQUENCE, WhenThere),
    (t::INSTANCE_NUMBER, Always),
    (t::NUMBER_OF_FRAMES, Always),
    (t::ROWS, Always),
    (t::COLUMNS, Always),
    (t::DATA_POINT_ROWS, Always),
    (t::DATA_POINT_COLUMNS, Always),
];

const PRESENTATION: &[Key] = &[
    (t::REFERENCED_SERIES_SEQUENCE, WhenThere),
    (t::INSTANCE_NUMBER, Always),
    (t::CONTENT_LABEL, Always),
    (t::CONTENT_DESCRIPTION, OrEmpty),
    (t::PRESENTATION_CREATION_DATE, Always),
    (t::PRESENTATION_CREATION_TIME, Always),
    (t::CONTENT_CREATOR_NAME, OrEmpty),
    (t::BLENDING_SEQUENCE, WhenThere),
];

const SR_DOCUMENT: &[Key] = &[
    (t::CONTENT_DATE, Always),
    (t::CONTENT_TIME, Always),
    (t::INSTANCE_NUMBER, Always),
    (t::CONCEPT_NAME_CODE_SEQUENCE, Always),
    (t::COMPLETION_FLAG, Always),
    (t::VERIFICATION_FLAG, Always),
    (t::CONTENT_SEQUENCE, WhenThere),
];

const KEY_OBJECT: &[Key] = &[
    (t::CONTENT_DATE, Always),
    (t::CONTENT_TIME, Always),
    (t::INSTANCE_NUMBER, Always),
    (t::CONCEPT_NAME_CODE_SEQUENCE, Always),
    (t::CONTENT_SEQUENCE, WhenThere),
];

const DATED: &[Key] = &[(t::CONTENT_DATE, Always), (t::CONTENT_TIME, Always)];

const DATED_AND_NUMBERED: &[Key] =
    &[(t::CONTENT_DATE, Always), (t::CONTENT_TIME, Always), (t::INSTANCE_NUMBER, Always)];

/// Content Identification of objects that are about images.
const LABELLED: &[Key] = &[
    (t::CONTENT_DATE, Always),
    (t::CONTENT_TIME, Always),
    (t::INSTANCE_NUMBER, Always),
    (t::CONTENT_LABEL, Always),
    (t::CONTENT_DESCRIPTION, OrEmpty),
    (t::CONTENT_CREATOR_NAME, OrEmpty),
];

const ENCAPSULATED: &[Key] = &[
    (t::CONTENT_DATE, OrEmpty),
    (t::CONTENT_TIME, OrEmpty),
    (t::INSTANCE_NUMBER, Always),
    (t::CONCEPT_NAME_CODE_SEQUENCE, OrEmpty),
    (t::HL7_INSTANCE_IDENTIFIER, WhenThere),
    (t::DOCUMENT_TITLE, OrEmpty),
    (t::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, Always),
];

const RT_DOSE: &[Key] = &[(t::INSTANCE_NUMBER, Always), (t::DOSE_SUMMATION_TYPE, Always)];

const RT_STRUCTURE_SET: &[Key] = &[
    (t::INSTANCE_NUMBER, Always),
    (t::STRUCTURE_SET_LABEL, Always),
    (t::STRUCTURE_SET_DATE, OrEmpty),
    (t::STRUCTURE_SET_TIME, OrEmpty),
];

const RT_PLAN: &[Key] = &[
    (t::INSTANCE_NUMBER, Always),
    (t::RT_PLAN_LABEL, Always),
    (t::RT_PLAN_DATE, OrEmpty),
    (t::RT_PLAN_TIME, OrEmpty),
];

const RT_TREATMENT: &[Key] =
    &[(t::INSTANCE_NUMBER, Always), (t::TREATMENT_DATE, OrEmpty), (t::TREATMENT_TIME, OrEmpty)];

const RADIOTHERAPY: &[Key] = &[
    (t::INSTANCE_NUMBER, Always),
    (t::CONTENT_DESCRIPTION, OrEmpty),
    (t::CONTENT_CREATOR_NAME, OrEmpty),
    (t::USER_CONTENT_LABEL, WhenThere),
    (t::USER_CONTENT_LONG_LABEL, WhenThere),
];

const ASSESSMENT: &[Key] = &[
    (t::INSTANCE_CREATION_DATE, Always),
    (t::INSTANCE_CREATION_TIME, OrEmpty),
    (t::INSTANCE_NUMBER, Always),
];

const HANGING_PROTOCOL: &[Key] = &[
    (t::HANGING_PROTOCOL_NAME, Always),
    (t::HANGING_PROTOCOL_DESCRIPTION, Always),
    (t::HANGING_PROTOCOL_LEVEL, Always),
    (t::HANGING_PROTOCOL_CREATOR, Always),
    (t::HANGING_PROTOCOL_CREATION_DATE_TIME, Always),
    (t::HANGING_PROTOCOL_DEFINITION_SEQUENCE, Always),
    (t::HANGING_PROTOCOL_USER_IDENTIFICATION_CODE_SEQUENCE, OrEmpty),
    (t::NUMBER_OF_PRIORS_REFERENCED, Always),
];

const PALETTE: &[Key] = &[(t::CONTENT_LABEL, Always), (t::CONTENT_DESCRIPTION, OrEmpty)];

const IMPLANT: &[Key] = &[
    (t::MANUFACTURER, Always),
    (t::IMPLANT_NAME, Always),
    (t::IMPLANT_PART_NUMBER, Always),
    (t::IMPLANT_SIZE, WhenThere),
];

const IMPLANT_ASSEMBLY: &[Key] = &[
    (t::MANUFACTURER, Always),
    (t::IMPLANT_ASSEMBLY_TEMPLATE_NAME, Always),
    (t::IMPLANT_ASSEMBLY_TEMPLATE_ISSUER, WhenThere),
    (t::PROCEDURE_TYPE_CODE_SEQUENCE, Always),
];

const IMPLANT_GROUP: &[Key] =
    &[(t::IMPLANT_TEMPLATE_GROUP_NAME, Always), (t::IMPLANT_TEMPLATE_GROUP_ISSUER, Always)];

macro_rules! record_types {
    ($($(#[doc = $doc:literal])+ $name:ident, $word:literal, $keys:expr;)+) => {
        /// The type of a record that refers to a file (PS3.3 table F.3-3, (0004,1430)).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RecordType {
            $($(#[doc = $doc])+ $name,)+
        }

        impl RecordType {
            /// (0004,1430) Directory Record Type.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The type that (0004,1430) names; `None` if a directory of ours has none such.
            pub(crate) fn named(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)+
                    _ => None,
                }
            }

            pub(crate) fn keys(self) -> &'static [Key] {
                match self {
                    $(Self::$name => $keys,)+
                }
            }
        }
    };
}

record_types! {
    /// An image, single or multi-frame, or a map or segmentation with pixels.
    Image, "IMAGE", IMAGE;
    /// MR spectroscopy.
    Spectroscopy, "SPECTROSCOPY", SPECTROSCOPY;
    /// A presentation state.
    Presentation, "PRESENTATION", PRESENTATION;
    /// A waveform.
    Waveform, "WAVEFORM", DATED_AND_NUMBERED;
    /// A structured report.
    SrDocument, "SR DOCUMENT", SR_DOCUMENT;
    /// A key object selection.
    KeyObjectDocument, "KEY OBJECT DOC", KEY_OBJECT;
    /// Raw data.
    RawData, "RAW DATA", DATED_AND_NUMBERED;
    /// A spatial registration.
    Registration, "REGISTRATION", LABELLED;
    /// Spatial fiducials.
    Fiducial, "FIDUCIAL", LABELLED;
    /// A real world value mapping.
    ValueMap, "VALUE MAP", LABELLED;
    /// A surface segmentation.
    Surface, "SURFACE", LABELLED;
    /// Measurements of eyes and lenses.
    Measurement, "MEASUREMENT", LABELLED;
    /// Results of tractography.
    Tract, "TRACT", LABELLED;
    /// A surface scan.
    SurfaceScan, "SURFACE SCAN", DATED;
    /// A stereometric relationship.
    Stereometric, "STEREOMETRIC", &[];
    /// An assessment of content.
    Assessment, "ASSESSMENT", ASSESSMENT;
    /// A PDF, CDA or 3D model.
    EncapsulatedDocument, "ENCAP DOC", ENCAPSULATED;
    /// A radiotherapy dose.
    RtDose, "RT DOSE", RT_DOSE;
    /// A radiotherapy structure set.
    RtStructureSet, "RT STRUCTURE SET", RT_STRUCTURE_SET;
    /// A radiotherapy plan.
    RtPlan, "RT PLAN", RT_PLAN;
    /// A record of radiotherapy given.
    RtTreatmentRecord, "RT TREAT RECORD", RT_TREATMENT;
    /// Radiotherapy of the second generation.
    Radiotherapy, "RADIOTHERAPY", RADIOTHERAPY;
    /// An instruction to deliver radiotherapy.
    Plan, "PLAN", &[];
    /// A hanging protocol; of no patient.
    HangingProtocol, "HANGING PROTOCOL", HANGING_PROTOCOL;
    /// A colour palette; of no patient.
    Palette, "PALETTE", PALETTE;
    /// An implant template; of no patient.
    Implant, "IMPLANT", IMPLANT;
    /// An assembly of implant templates; of no patient.
    ImplantAssembly, "IMPLANT ASSY", IMPLANT_ASSEMBLY;
    /// A group of implant templates; of no patient.
    ImplantGroup, "IMPLANT GROUP", IMPLANT_GROUP;
}

impl RecordType {
    /// The record of a SOP class; `None` for one that a directory does not refer to: private, retired with its
    /// record type, or so new that its record (ANNOTATION, WF PRESENTATION) makes readers in use give up the
    /// whole file-set. Such a file is carried all the same.
    #[must_use]
    pub fn of(sop_class_uid: &str) -> Option<Self> {
        let below = sop_class_uid.strip_prefix("1.2.840.10008.5.1.4.")?;
        match below.strip_prefix("1.1.") {
            Some(storage) => {
                of_storage(storage).or_else(|| of_radiotherapy(storage)).or_else(|| of_image(storage))
            }
            None => Some(match below {
                "34.7" | "34.10" => Self::Plan,
                "38.1" => Self::HangingProtocol,
                "39.1" => Self::Palette,
                "43.1" => Self::Implant,
                "44.1" => Self::ImplantAssembly,
                "45.1" => Self::ImplantGroup,
                _ => return None,
            }),
        }
    }

    /// Whether its record stands beside patients' and not below one.
    #[must_use]
    pub fn is_of_no_patient(self) -> bool {
        matches!(
            self,
            Self::HangingProtocol
                | Self::Palette
                | Self::Implant
                | Self::ImplantAssembly
                | Self::ImplantGroup
        )
    }
}

// The classes below `1.2.840.10008.5.1.4.1.1.`, by what follows.

fn of_storage(class: &str) -> Option<RecordType> {
    Some(match class {
        "4.2" => RecordType::Spectroscopy,
        "9.1.1" | "9.1.2" | "9.1.3" | "9.1.4" | "9.2.1" | "9.3.1" | "9.4.1" | "9.4.2" | "9.5.1" | "9.6.1"
        | "9.6.2" | "9.7.1" | "9.7.2" | "9.7.3" | "9.7.4" | "9.8.1" | "601.5" => RecordType::Waveform,
        "11.1" | "11.2" | "11.3" | "11.4" | "11.5" | "11.6" | "11.7" | "11.8" | "11.9" | "11.10"
        | "11.11" | "11.12" | "131" => RecordType::Presentation,
        "66" => RecordType::RawData,
        "66.1" | "66.3" => RecordType::Registration,
        "66.2" => RecordType::Fiducial,
        "66.5" => RecordType::Surface,
        "66.6" => RecordType::Tract,
        "67" => RecordType::ValueMap,
        "68.1" | "68.2" => RecordType::SurfaceScan,
        "77.1.5.3" => RecordType::Stereometric,
        "78.1" | "78.2" | "78.3" | "78.4" | "78.5" | "78.7" | "78.8" | "80.1" => RecordType::Measurement,
        "78.6" | "79.1" | "88.11" | "88.22" | "88.33" | "88.34" | "88.35" | "88.40" | "88.50" | "88.65"
        | "88.67" | "88.68" | "88.69" | "88.70" | "88.71" | "88.72" | "88.73" | "88.74" | "88.75"
        | "88.76" | "88.77" => RecordType::SrDocument,
        "88.59" => RecordType::KeyObjectDocument,
        "90.1" => RecordType::Assessment,
        "104.1" | "104.2" | "104.3" | "104.4" | "104.5" => RecordType::EncapsulatedDocument,
        _ => return None,
    })
}

fn of_radiotherapy(class: &str) -> Option<RecordType> {
    Some(match class.strip_prefix("481.")? {
        "2" => RecordType::RtDose,
        "3" => RecordType::RtStructureSet,
        "4" | "6" | "7" | "9" => RecordType::RtTreatmentRecord,
        "5" | "8" => RecordType::RtPlan,
        "10" | "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" | "20" | "21" | "22" => {
            RecordType::Radiotherapy
        }
        "25" => RecordType::Plan,
        _ => return None,
    })
}

/// Classes with pixels: what the standard calls images, maps, volumes and segmentations.
fn of_image(class: &str) -> Option<RecordType> {
    const IMAGES: [&str; 81] = [
        "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "2", "2.1", "2.2", "2.3", "2.4", "2.5", "3",
        "3.1", "4", "4.1", "4.3", "4.4", "5", "6", "6.1", "6.2", "6.3", "7", "7.1", "7.2", "7.3", "7.4",
        "12.1", "12.1.1", "12.2", "12.2.1", "12.3", "13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5", "14.1",
        "14.2", "20", "30", "66.4", "66.7", "66.8", "77.1", "77.1.1", "77.1.1.1", "77.1.2", "77.1.2.1",
        "77.1.3", "77.1.4", "77.1.4.1", "77.1.5.1", "77.1.5.2", "77.1.5.4", "77.1.5.5", "77.1.5.6",
        "77.1.5.7", "77.1.5.8", "77.1.6", "77.1.7", "77.1.8", "77.1.9", "77.2", "81.1", "82.1", "128",
        "128.1", "130", "481.1", "481.23", "481.24", "501.1", "501.2.1", "501.2.2", "601.1", "601.2",
        "601.3", "601.4",
    ];
    IMAGES.contains(&class).then_some(RecordType::Image)
}
