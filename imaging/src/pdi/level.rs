//! Where records of a directory may stand, and what they need.

use super::directory::Record;
use crate::dicomdir::{Key, PATIENT, RecordType, SERIES, STUDY};
use crate::index::Tag;
use dicom::dictionary_std::tags as t;

/// Where a record stands (PS3.3 table F.4-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Patient,
    Study,
    Series,
    File(RecordType),
}

impl Level {
    pub(super) fn of(record: &Record) -> Option<Self> {
        match record.text(t::DIRECTORY_RECORD_TYPE) {
            "PATIENT" => Some(Self::Patient),
            "STUDY" => Some(Self::Study),
            "SERIES" => Some(Self::Series),
            word => RecordType::named(word).map(Self::File),
        }
    }

    pub(super) fn may_be_below(self, above: Option<Self>) -> bool {
        match self {
            Self::Patient => above.is_none(),
            Self::Study => above == Some(Self::Patient),
            Self::Series => above == Some(Self::Study),
            Self::File(record) if record.is_of_no_patient() => above.is_none(),
            Self::File(_) => above == Some(Self::Series),
        }
    }

    pub(super) fn is_leaf(self) -> bool {
        matches!(self, Self::File(_))
    }

    pub(super) fn keys(self) -> &'static [Key] {
        match self {
            Self::Patient => PATIENT,
            Self::Study => STUDY,
            Self::Series => SERIES,
            Self::File(record) => record.keys(),
        }
    }

    /// The element that says which one it is.
    pub(super) fn identity(self) -> Tag {
        match self {
            Self::Patient => t::PATIENT_ID,
            Self::Study => t::STUDY_INSTANCE_UID,
            Self::Series => t::SERIES_INSTANCE_UID,
            Self::File(_) => t::REFERENCED_SOP_INSTANCE_UID_IN_FILE,
        }
    }
}
