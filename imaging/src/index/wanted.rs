//! The top-level elements the index keeps: identity, what people search by, and every key a
//! DICOMDIR record of any type may need (PS3.3 Annex F, PS3.11 tables D.3-2 and H.3-2).

use dicom::core::Tag;
use dicom::dictionary_std::tags as t;

/// How the value of a wanted element is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of the default repertoire: codes, numbers, dates, UIDs.
    Plain,
    /// Text in the instance's character set.
    Text,
    /// A person's name, in the instance's character set (PS3.5 §6.2.1).
    Person,
    /// Unsigned 16-bit numbers.
    Short,
    /// Unsigned 32-bit numbers.
    Long,
    /// Items.
    Sequence,
}

impl Kind {
    /// How many bytes of a value are kept.
    pub(super) fn kept_bytes(self) -> usize {
        if self == Self::Sequence { 16 * 1024 } else { 1024 }
    }
}

/// Text elements that are too long or too private to be of use in an index are not here.
const WANTED: &[(Tag, Kind)] = &[
    (t::SPECIFIC_CHARACTER_SET, Kind::Plain),
    (t::IMAGE_TYPE, Kind::Plain),
    (t::INSTANCE_CREATION_DATE, Kind::Plain),
    (t::INSTANCE_CREATION_TIME, Kind::Plain),
    (t::SOP_CLASS_UID, Kind::Plain),
    (t::SOP_INSTANCE_UID, Kind::Plain),
    (t::STUDY_DATE, Kind::Plain),
    (t::SERIES_DATE, Kind::Plain),
    (t::CONTENT_DATE, Kind::Plain),
    (t::ACQUISITION_DATE_TIME, Kind::Plain),
    (t::STUDY_TIME, Kind::Plain),
    (t::SERIES_TIME, Kind::Plain),
    (t::CONTENT_TIME, Kind::Plain),
    (t::ACCESSION_NUMBER, Kind::Text),
    (t::MODALITY, Kind::Plain),
    (t::MANUFACTURER, Kind::Text),
    (t::INSTITUTION_NAME, Kind::Text),
    (t::INSTITUTION_ADDRESS, Kind::Text),
    (t::REFERRING_PHYSICIAN_NAME, Kind::Person),
    (t::STUDY_DESCRIPTION, Kind::Text),
    (t::SERIES_DESCRIPTION, Kind::Text),
    (t::PERFORMING_PHYSICIAN_NAME, Kind::Person),
    (t::REFERENCED_SERIES_SEQUENCE, Kind::Sequence),
    (t::REFERENCED_IMAGE_SEQUENCE, Kind::Sequence),
    (t::REFERENCED_IMAGE_EVIDENCE_SEQUENCE, Kind::Sequence),
    (t::PATIENT_NAME, Kind::Person),
    (t::PATIENT_ID, Kind::Text),
    (t::ISSUER_OF_PATIENT_ID, Kind::Text),
    (t::PATIENT_BIRTH_DATE, Kind::Plain),
    (t::PATIENT_SEX, Kind::Plain),
    (t::BODY_PART_EXAMINED, Kind::Plain),
    (t::ACQUISITION_TIME_SYNCHRONIZED, Kind::Plain),
    (t::STUDY_INSTANCE_UID, Kind::Plain),
    (t::SERIES_INSTANCE_UID, Kind::Plain),
    (t::STUDY_ID, Kind::Text),
    (t::SERIES_NUMBER, Kind::Plain),
    (t::INSTANCE_NUMBER, Kind::Plain),
    (t::IMAGE_POSITION_PATIENT, Kind::Plain),
    (t::IMAGE_ORIENTATION_PATIENT, Kind::Plain),
    (t::FRAME_OF_REFERENCE_UID, Kind::Plain),
    (t::SYNCHRONIZATION_FRAME_OF_REFERENCE_UID, Kind::Plain),
    (t::IMPLANT_NAME, Kind::Text),
    (t::IMPLANT_PART_NUMBER, Kind::Text),
    (t::SAMPLES_PER_PIXEL, Kind::Short),
    (t::PHOTOMETRIC_INTERPRETATION, Kind::Plain),
    (t::NUMBER_OF_FRAMES, Kind::Plain),
    (t::ROWS, Kind::Short),
    (t::COLUMNS, Kind::Short),
    (t::PIXEL_SPACING, Kind::Plain),
    (t::BITS_ALLOCATED, Kind::Short),
    (t::LOSSY_IMAGE_COMPRESSION_RATIO, Kind::Plain),
    (t::DATA_POINT_ROWS, Kind::Long),
    (t::DATA_POINT_COLUMNS, Kind::Long),
    (t::CONCEPT_NAME_CODE_SEQUENCE, Kind::Sequence),
    (t::VERIFYING_OBSERVER_SEQUENCE, Kind::Sequence),
    (t::COMPLETION_FLAG, Kind::Plain),
    (t::VERIFICATION_FLAG, Kind::Plain),
    (t::CONTENT_SEQUENCE, Kind::Sequence),
    (t::HL7_INSTANCE_IDENTIFIER, Kind::Text),
    (t::DOCUMENT_TITLE, Kind::Text),
    (t::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, Kind::Text),
    (t::CALIBRATION_IMAGE, Kind::Plain),
    (t::IMPLANT_SIZE, Kind::Text),
    (t::CONTENT_LABEL, Kind::Plain),
    (t::CONTENT_DESCRIPTION, Kind::Text),
    (t::PRESENTATION_CREATION_DATE, Kind::Plain),
    (t::PRESENTATION_CREATION_TIME, Kind::Plain),
    (t::CONTENT_CREATOR_NAME, Kind::Person),
    (t::BLENDING_SEQUENCE, Kind::Sequence),
    (t::HANGING_PROTOCOL_NAME, Kind::Text),
    (t::HANGING_PROTOCOL_DESCRIPTION, Kind::Text),
    (t::HANGING_PROTOCOL_LEVEL, Kind::Plain),
    (t::HANGING_PROTOCOL_CREATOR, Kind::Text),
    (t::HANGING_PROTOCOL_CREATION_DATE_TIME, Kind::Plain),
    (t::HANGING_PROTOCOL_DEFINITION_SEQUENCE, Kind::Sequence),
    (t::HANGING_PROTOCOL_USER_IDENTIFICATION_CODE_SEQUENCE, Kind::Sequence),
    (t::NUMBER_OF_PRIORS_REFERENCED, Kind::Short),
    (t::IMPLANT_ASSEMBLY_TEMPLATE_NAME, Kind::Text),
    (t::IMPLANT_ASSEMBLY_TEMPLATE_ISSUER, Kind::Text),
    (t::PROCEDURE_TYPE_CODE_SEQUENCE, Kind::Sequence),
    (t::IMPLANT_TEMPLATE_GROUP_NAME, Kind::Text),
    (t::IMPLANT_TEMPLATE_GROUP_ISSUER, Kind::Text),
    (t::DOSE_SUMMATION_TYPE, Kind::Plain),
    (t::STRUCTURE_SET_LABEL, Kind::Text),
    (t::STRUCTURE_SET_DATE, Kind::Plain),
    (t::STRUCTURE_SET_TIME, Kind::Plain),
    (t::TREATMENT_DATE, Kind::Plain),
    (t::TREATMENT_TIME, Kind::Plain),
    (t::RT_PLAN_LABEL, Kind::Text),
    (t::RT_PLAN_DATE, Kind::Plain),
    (t::RT_PLAN_TIME, Kind::Plain),
    (t::USER_CONTENT_LABEL, Kind::Text),
    (t::USER_CONTENT_LONG_LABEL, Kind::Text),
];

/// How to read this top-level element, if the index keeps it.
pub(super) fn kind_of(tag: Tag) -> Option<Kind> {
    WANTED.binary_search_by_key(&tag, |(tag, _)| *tag).ok().map(|at| WANTED[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_a_binary_search_needs() {
        assert!(WANTED.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(kind_of(t::PATIENT_NAME), Some(Kind::Person));
        assert_eq!(kind_of(t::PIXEL_DATA), None);
    }

    #[test]
    fn the_table_agrees_with_the_dictionary() {
        use dicom::core::VR;
        use dicom::core::dictionary::{DataDictionary, DataDictionaryEntry};
        for (tag, kind) in WANTED {
            let vr = dicom::dictionary_std::StandardDataDictionary.by_tag(*tag).unwrap().vr().relaxed();
            let expected = match vr {
                VR::PN => Kind::Person,
                VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC => Kind::Text,
                VR::SQ => Kind::Sequence,
                VR::US => Kind::Short,
                VR::UL => Kind::Long,
                _ => Kind::Plain,
            };
            assert_eq!(*kind, expected, "{tag}");
        }
    }
}
