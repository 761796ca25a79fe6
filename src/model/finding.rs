//! Findings: what a person should look at.

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// The same Study Instance UID came under two patients. On each of the study's rows.
    StudyUnderTwoPatients,
    /// One patient came under two names.
    PatientTwoNames,
    /// One patient came with two birth dates.
    PatientTwoBirthDates,
    /// The data set does not walk to its end.
    InstanceDamaged,
    /// The same SOP Instance UID came with other bytes before.
    InstanceDiffers,
}

impl FindingKind {
    const ALL: [Self; 5] = [
        Self::StudyUnderTwoPatients,
        Self::PatientTwoNames,
        Self::PatientTwoBirthDates,
        Self::InstanceDamaged,
        Self::InstanceDiffers,
    ];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StudyUnderTwoPatients => "study_under_two_patients",
            Self::PatientTwoNames => "patient_two_names",
            Self::PatientTwoBirthDates => "patient_two_birth_dates",
            Self::InstanceDamaged => "instance_damaged",
            Self::InstanceDiffers => "instance_differs",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What it is about.
    #[must_use]
    pub fn subject_kind(self) -> SubjectKind {
        match self {
            Self::StudyUnderTwoPatients => SubjectKind::Study,
            Self::PatientTwoNames | Self::PatientTwoBirthDates => SubjectKind::Patient,
            Self::InstanceDamaged | Self::InstanceDiffers => SubjectKind::Instance,
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A patient.
    Patient,
    /// A study.
    Study,
    /// An instance.
    Instance,
}

impl SubjectKind {
    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Study => "study",
            Self::Instance => "instance",
        }
    }
}

/// A finding about to be raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// What was found.
    pub kind: FindingKind,
    /// The id of the patient, study or instance.
    pub subject: String,
    /// Both values, where two do not agree.
    pub detail: serde_json::Value,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The row's id.
    pub id: String,
    /// What was found.
    pub kind: FindingKind,
    /// The id of the patient, study or instance.
    pub subject: String,
    /// Both values, where two do not agree.
    pub detail: serde_json::Value,
    /// When.
    pub found_at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_as_it_is_written() {
        for kind in FindingKind::ALL {
            assert_eq!(FindingKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(FindingKind::parse("else"), None);
    }
}
