//! What arrives: one instance, with what its data set says about patient, study and series.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Who sent an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A C-STORE.
    Dimse {
        /// The caller's AE title.
        calling_ae: String,
        /// The AE title it called.
        called_ae: String,
    },
    /// A file that was imported.
    File {
        /// Its name, without folders.
        name: String,
    },
}

/// What an instance says about its patient. Texts are empty where the attribute is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrivedPatient {
    /// Issuer of Patient ID (0010,0021).
    pub issuer: String,
    /// Patient ID (0010,0020).
    pub id: String,
    /// Patient's Name (0010,0010), all groups.
    pub name: String,
    /// Patient's Birth Date (0010,0030).
    pub birth_date: String,
    /// Patient's Sex (0010,0040).
    pub sex: String,
}

impl ArrivedPatient {
    /// What two instances of the same patient have in common: issuer and Patient ID. Instances without
    /// a Patient ID belong together by study only, so that no two nameless patients become one.
    #[must_use]
    pub fn key(&self, study_instance_uid: &str) -> String {
        if plain(&self.id).is_empty() {
            return format!("study:{}", plain(study_instance_uid));
        }
        format!("{}\u{1f}{}", plain(&self.issuer), plain(&self.id))
    }
}

/// What an instance says about its study. Texts are empty where the attribute is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrivedStudy {
    /// Study Instance UID (0020,000D).
    pub study_instance_uid: String,
    /// Study Date (0008,0020), `YYYYMMDD`.
    pub date: String,
    /// Study Time (0008,0030).
    pub time: String,
    /// Accession Number (0008,0050).
    pub accession_number: String,
    /// Study ID (0020,0010).
    pub study_id: String,
    /// Study Description (0008,1030).
    pub description: String,
    /// Referring Physician's Name (0008,0090).
    pub referring_physician: String,
}

/// What an instance says about its series. Texts are empty where the attribute is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrivedSeries {
    /// Series Instance UID (0020,000E).
    pub series_instance_uid: String,
    /// Modality (0008,0060).
    pub modality: String,
    /// Series Number (0020,0011).
    pub number: Option<i64>,
    /// Series Description (0008,103E).
    pub description: String,
}

/// An instance that is durable in a node's spool and not yet indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedInstance {
    /// The ingest id, which the spool's records carry.
    pub id: String,
    /// The node whose spool has the bytes.
    pub node: String,
    /// When the last byte came.
    pub received_at: i64,
    /// Who sent it.
    pub source: Source,
    /// Its patient.
    pub patient: ArrivedPatient,
    /// Its study.
    pub study: ArrivedStudy,
    /// Its series.
    pub series: ArrivedSeries,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// SOP Class UID (0008,0016).
    pub sop_class_uid: String,
    /// Transfer Syntax UID.
    pub transfer_syntax_uid: String,
    /// Instance Number (0020,0013).
    pub instance_number: Option<i64>,
    /// Length of the whole Part 10 file.
    pub size_bytes: u64,
    /// Length of its preamble and file meta information.
    pub header_bytes: u64,
    /// Whether that header was written by us.
    pub header_is_ours: bool,
    /// What a DICOMDIR needs to know, as JSON.
    pub keys: String,
    /// What was wrong with it.
    pub notes: Vec<String>,
    /// The first segment generation that holds bytes of it.
    pub spool_first: u64,
    /// The last one.
    pub spool_last: u64,
    /// Where in the spool its bytes are, as JSON.
    pub extents: String,
}

/// A text without control characters: senders pad with NUL, which PostgreSQL cannot keep, and U+001F
/// separates the parts of a patient's key.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte < b' ') {
        Cow::Owned(text.chars().filter(|c| !c.is_control()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(issuer: &str, id: &str) -> ArrivedPatient {
        ArrivedPatient { issuer: issuer.into(), id: id.into(), ..ArrivedPatient::default() }
    }

    #[test]
    fn the_same_number_of_two_issuers_is_two_patients() {
        assert_ne!(patient("A", "17").key("1.2"), patient("B", "17").key("1.2"));
        assert_eq!(patient("A", "17").key("1.2"), patient("A", "17").key("1.3"));
    }

    #[test]
    fn patients_without_an_id_are_never_merged() {
        assert_ne!(patient("A", "").key("1.2"), patient("A", "").key("1.3"));
        assert_ne!(patient("", "\u{1}").key("1.2"), patient("", "\u{2}").key("1.3"));
        assert_ne!(patient("", "").key("1.2"), patient("", "study:1.2").key("1.2"));
    }

    #[test]
    fn control_characters_cannot_move_the_border_between_issuer_and_id() {
        assert_ne!(patient("a\u{1f}b", "c").key("1"), patient("a", "b\u{1f}c").key("1"));
        assert_eq!(plain("1.2.3\0"), "1.2.3");
    }
}
