//! The list a package is made from.

use crate::archive::Member;
use crate::dicomdir::{Keys, RecordType};
use crate::index::Tag;
use serde::{Deserialize, Serialize};

/// The most records below one: as many as six digits number.
const MOST: usize = 999_999;

/// More patients, or studies, series or instances in one, than file names have numbers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a package has at most {MOST} patients, and as many studies, series and instances in each")]
pub struct TooMany;

/// Patients in their order, with all a package holds of them. Texts are empty where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    patients: Vec<Patient>,
    withheld: Vec<Withheld>,
}

/// A patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// (0010,0020) Patient ID.
    pub id: String,
    /// (0010,0021) Issuer of Patient ID.
    pub issuer: String,
    /// (0010,0010) Patient's Name, with `^` between components and `=` between groups.
    pub name: String,
    /// (0010,0030) Patient's Birth Date, `YYYYMMDD`.
    pub birth_date: String,
    /// In the order to be shown.
    pub studies: Vec<Study>,
}

/// A study of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Study {
    /// (0020,000D) Study Instance UID.
    pub uid: String,
    /// (0008,0020) Study Date, `YYYYMMDD`.
    pub date: String,
    /// (0008,1030) Study Description.
    pub description: String,
    /// (0008,0050) Accession Number.
    pub accession_number: String,
    /// In the order to be shown.
    pub series: Vec<Series>,
}

/// A series of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// (0020,000E) Series Instance UID.
    pub uid: String,
    /// (0008,0060) Modality.
    pub modality: String,
    /// (0020,0011) Series Number.
    pub number: Option<i64>,
    /// (0008,103E) Series Description.
    pub description: String,
    /// In the order to be shown.
    pub instances: Vec<Instance>,
}

const NUMBER_OF_FRAMES: Tag = Tag(0x0028, 0x0008);

/// An instance of a series: a Part 10 file as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// (0008,0018) SOP Instance UID.
    pub sop_instance_uid: String,
    /// (0008,0016) SOP Class UID.
    pub sop_class_uid: String,
    /// (0002,0010) Transfer Syntax UID.
    pub transfer_syntax_uid: String,
    /// (0020,0013) Instance Number.
    pub number: Option<i64>,
    /// What the index keeps of it.
    pub keys: Keys,
    /// Which archive it lies in, by the number a layout gives it.
    pub object: u32,
    /// Where it lies there, how long it is, and its digests.
    pub member: Member,
}

impl Instance {
    /// Its record in a DICOMDIR; `None` if that may not refer to it.
    #[must_use]
    pub fn record(&self) -> Option<RecordType> {
        RecordType::of(&self.sop_class_uid)
    }

    /// (0028,0008) Number of Frames, 1 where it says none; no more than it has bytes, whatever it claims.
    #[must_use]
    pub fn frames(&self) -> u32 {
        let claimed = self.keys.text(NUMBER_OF_FRAMES).and_then(|text| text.trim().parse().ok());
        let most = u32::try_from(self.member.source_bytes).unwrap_or(u32::MAX);
        claimed.unwrap_or(1).min(most).max(1)
    }
}

/// An instance of a released study that the package does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// (0020,000D) Study Instance UID.
    pub study_instance_uid: String,
    /// (0020,000E) Series Instance UID.
    pub series_instance_uid: String,
    /// (0008,0018) SOP Instance UID.
    pub sop_instance_uid: String,
    /// Why not.
    pub reason: Reason,
}

/// Why an instance is not in a package although its study is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its data set does not walk to its end, and nobody accepted it as it is.
    Damaged,
}

/// How much a package holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Patients.
    pub patients: u64,
    /// Studies.
    pub studies: u64,
    /// Series.
    pub series: u64,
    /// Instances.
    pub instances: u64,
    /// Bytes of all instances as files.
    pub bytes: u64,
    /// Instances of these studies that are not in it.
    pub withheld: u64,
}

/// The place of a file in a file-set: one to eight components of one to eight characters, `A`–`Z`, `0`–`9`,
/// `_` (PS3.10 §8.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(String);

impl FileId {
    /// By the number, from 1, of patient, study, series and instance.
    fn numbered([patient, study, series, instance]: [usize; 4]) -> Self {
        Self(format!("DICOM/PA{patient:06}/ST{study:06}/SE{series:06}/IM{instance:06}"))
    }

    /// As a path with `/` between components: its name in a ZIP archive.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0
    }

    /// As (0004,1500) Referenced File ID says it, with `\` between components.
    #[must_use]
    pub fn value(&self) -> String {
        self.0.replace('/', "\\")
    }
}

/// An instance with all it belongs to.
#[derive(Debug, Clone)]
pub struct File<'c> {
    /// Its name in the package.
    pub id: FileId,
    /// Whose it is.
    pub patient: &'c Patient,
    /// Its study.
    pub study: &'c Study,
    /// Its series.
    pub series: &'c Series,
    /// Itself.
    pub instance: &'c Instance,
}

impl Contents {
    /// These patients; `withheld` is what their studies have besides.
    ///
    /// # Errors
    /// [`TooMany`] if names would run out.
    pub fn new(patients: Vec<Patient>, withheld: Vec<Withheld>) -> Result<Self, TooMany> {
        let studies = || patients.iter().flat_map(|patient| &patient.studies);
        let series = || studies().flat_map(|study| &study.series);
        let most = [
            patients.len(),
            patients.iter().map(|patient| patient.studies.len()).max().unwrap_or_default(),
            studies().map(|study| study.series.len()).max().unwrap_or_default(),
            series().map(|series| series.instances.len()).max().unwrap_or_default(),
        ];
        if most.iter().any(|number| *number > MOST) { Err(TooMany) } else { Ok(Self { patients, withheld }) }
    }

    /// Whose instances they are.
    #[must_use]
    pub fn patients(&self) -> &[Patient] {
        &self.patients
    }

    /// Every instance, in the order of [`Self::files`], to be changed in place.
    pub fn instances_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        let studies = self.patients.iter_mut().flat_map(|patient| &mut patient.studies);
        studies.flat_map(|study| &mut study.series).flat_map(|series| &mut series.instances)
    }

    /// Lets go of what the index keeps of each instance but for these keys: a directory cannot be made any more, and
    /// much less memory is held.
    pub fn keep_only(&mut self, tags: &[Tag]) {
        self.instances_mut().for_each(|instance| instance.keys.keep_only(tags));
    }

    /// What the package does not hold.
    #[must_use]
    pub fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }

    /// Every instance, in the order to be shown, under the name it has in the package.
    pub fn files(&self) -> impl Iterator<Item = File<'_>> {
        self.patients.iter().enumerate().flat_map(|(p, patient)| {
            patient.studies.iter().enumerate().flat_map(move |(s, study)| {
                study.series.iter().enumerate().flat_map(move |(e, series)| {
                    series.instances.iter().enumerate().map(move |(i, instance)| {
                        let id = FileId::numbered([p + 1, s + 1, e + 1, i + 1]);
                        File { id, patient, study, series, instance }
                    })
                })
            })
        })
    }

    /// How much that is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { withheld: self.withheld.len() as u64, ..Counts::default() };
        counts.patients = self.patients.len() as u64;
        for study in self.patients.iter().flat_map(|patient| &patient.studies) {
            counts.studies += 1;
            counts.series += study.series.len() as u64;
            for instance in study.series.iter().flat_map(|series| &series.instances) {
                counts.instances += 1;
                counts.bytes += instance.member.source_bytes;
            }
        }
        counts
    }
}
