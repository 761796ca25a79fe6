//! Studies as they are listed, and instances as they are kept.

use super::arrival::Source;

/// A patient as first heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// The row's id.
    pub id: String,
    /// Issuer of Patient ID.
    pub issuer: String,
    /// Patient ID.
    pub patient_id: String,
    /// Patient's Name, all groups.
    pub name: String,
    /// Patient's Birth Date.
    pub birth_date: String,
    /// Patient's Sex.
    pub sex: String,
}

/// A study in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudySummary {
    /// The row's id.
    pub id: String,
    /// Whose it is.
    pub patient: Patient,
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Study Date.
    pub study_date: String,
    /// Study Time.
    pub study_time: String,
    /// Accession Number.
    pub accession_number: String,
    /// Study ID.
    pub study_id: String,
    /// Study Description.
    pub description: String,
    /// Referring Physician's Name.
    pub referring_physician: String,
    /// When the first instance was received.
    pub first_arrival_at: i64,
    /// When the last one was.
    pub last_arrival_at: i64,
    /// When all of it was in archives; nothing while an instance is in a spool.
    pub settled_at: Option<i64>,
    /// The modalities of its series, sorted, each once.
    pub modalities: Vec<String>,
    /// How many series it has.
    pub series_count: u64,
    /// How many instances, each SOP Instance UID counted once.
    pub instance_count: u64,
}

impl StudySummary {
    /// Where a list goes on after this study.
    #[must_use]
    pub fn cursor(&self) -> StudyCursor {
        StudyCursor { study_date: self.study_date.clone(), id: self.id.clone() }
    }
}

/// A place in a list of studies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyCursor {
    /// The date of the last study shown.
    pub study_date: String,
    /// Its id.
    pub id: String,
}

/// Which studies to list. All conditions must hold; newest study date first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StudyFilter {
    /// Patient ID, exactly.
    pub patient_id: Option<String>,
    /// Issuer of Patient ID, exactly.
    pub issuer: Option<String>,
    /// The beginning of any group of any name the patient came under, as typed.
    pub name: Option<String>,
    /// Accession Number, exactly.
    pub accession_number: Option<String>,
    /// Not before this Study Date, `YYYYMMDD`.
    pub study_date_from: Option<String>,
    /// Not after this Study Date, `YYYYMMDD`.
    pub study_date_to: Option<String>,
    /// Study Instance UID, exactly.
    pub study_instance_uid: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// Only what comes after this place in the list.
    pub before: Option<StudyCursor>,
}

/// An instance as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
    /// The ingest id.
    pub id: String,
    /// The row of its study.
    pub study: String,
    /// The row of its series.
    pub series: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Modality of the series.
    pub modality: String,
    /// Series Number.
    pub series_number: Option<i64>,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// Transfer Syntax UID.
    pub transfer_syntax_uid: String,
    /// Instance Number.
    pub instance_number: Option<i64>,
    /// When it was received.
    pub received_at: i64,
    /// Who sent it.
    pub source: Source,
    /// Length of the whole Part 10 file.
    pub size_bytes: u64,
    /// Length of its preamble and file meta information.
    pub header_bytes: u64,
    /// Whether that header was written by us.
    pub header_is_ours: bool,
    /// Whether this is the arrival of its SOP Instance that is handed out.
    pub current: bool,
    /// Whether its data set does not walk to its end.
    pub damaged: bool,
    /// What a DICOMDIR needs to know, as JSON.
    pub keys: String,
    /// What was wrong with it.
    pub notes: Vec<String>,
    /// Where the bytes are.
    pub place: Place,
}

/// Where the bytes of an instance are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the spool of a node.
    Spool(Spooled),
    /// In a study archive.
    Archive {
        /// The archive's row.
        archive: String,
        /// Its member.
        member: SettledInstance,
    },
}

/// Bytes in a spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Whose spool.
    pub node: String,
    /// The first segment generation that holds some.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// Where exactly, as JSON.
    pub extents: String,
}

/// How a member of an archive is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberMethod {
    /// Raw deflate.
    Deflate,
    /// As it is, where deflate does not help.
    Stored,
}

impl MemberMethod {
    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deflate => "deflate",
            Self::Stored => "stored",
        }
    }

    /// The method of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Deflate, Self::Stored].into_iter().find(|method| method.as_str() == word)
    }
}

/// An instance that became a member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledInstance {
    /// The ingest id.
    pub id: String,
    /// Where in the unsealed archive the member begins.
    pub member_offset: u64,
    /// How long it is there.
    pub member_bytes: u64,
    /// How it is kept.
    pub member_method: MemberMethod,
    /// CRC-32 of the whole Part 10 file.
    pub crc32: u32,
    /// SHA-256 of the same, in hex.
    pub sha256: String,
    /// SHA-256 of what follows the header, in hex.
    pub dataset_sha256: String,
}

/// How much the library holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Patients.
    pub patients: u64,
    /// Studies.
    pub studies: u64,
    /// Series.
    pub series: u64,
    /// Instances, every arrival that is kept counted.
    pub instances: u64,
    /// Of these, the ones still in a spool.
    pub spooled: u64,
}
