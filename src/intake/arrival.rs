//! An instance that has arrived: what the spool remembers of it, and what the index is told.

use crate::hex::hex;
use crate::ids;
use crate::model::{ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, Source};
use imaging::archive::digest;
use imaging::index::{Description, Header, Identity, Note};
use imaging::spool::{IngestId, Position, Spooled};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Characters of a text that are kept in the index as they are.
const LONGEST: usize = 200;

/// What is written before an instance's bytes in the spool, so that it can be adopted from there alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// When its first byte came, UTC milliseconds.
    pub received_at: i64,
    /// Where it came from.
    pub source: Source,
    /// The encoding of its data set.
    pub transfer_syntax_uid: String,
    /// Where its data set begins, in bytes.
    pub header_bytes: u32,
    /// Whether the file meta header was made here.
    pub header_is_ours: bool,
    /// What was odd about the file it came in.
    pub notes: Vec<Note>,
    /// Its UIDs, where they were known when its first byte came. A file's may not all be in its data set.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// Its SOP Class UID as the sender named it, which the data set may lack.
    #[serde(default)]
    pub sop_class_uid: Option<String>,
}

impl Label {
    /// The label as the spool keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of strings and numbers always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a label back; `None` if it is not one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// A durable instance on its way to the index.
///
/// It carries what was read of it as it stood; what people call it is decoded by the indexer, so that
/// the acknowledgement does not wait for that.
pub struct Arrival {
    /// Our name for it.
    pub id: IngestId,
    /// What the spool remembers of it.
    pub label: Label,
    /// Its UIDs.
    pub identity: Identity,
    /// Its header.
    pub header: Header,
    /// What was odd about its data set.
    pub notes: Vec<Note>,
    /// Where it lies, held there.
    pub spooled: Spooled,
}

impl Arrival {
    /// What the index is told of an instance in the spool of `node`.
    #[must_use]
    pub fn row(&self, node: &str) -> ArrivedInstance {
        let description = self.header.description();
        let generations = || self.spooled.positions.iter().map(|position| position.0);
        let identity = self.identity.clone();
        ArrivedInstance {
            id: ids::hyphenated(&self.id.0),
            node: node.to_owned(),
            received_at: self.label.received_at,
            source: self.label.source.clone(),
            sop_instance_uid: identity.sop_instance_uid,
            sop_class_uid: identity.sop_class_uid,
            transfer_syntax_uid: self.label.transfer_syntax_uid.clone(),
            instance_number: number(description.instance_number.as_deref()),
            size_bytes: self.spooled.bytes,
            header_bytes: self.label.header_bytes.into(),
            header_is_ours: self.label.header_is_ours,
            keys: Value::Object(self.header.keys()).to_string(),
            notes: self.label.notes.iter().chain(&self.notes).map(|note| note.code().to_owned()).collect(),
            spool_first: generations().min().unwrap_or_default(),
            spool_last: generations().max().unwrap_or_default(),
            extents: positions_to_json(&self.spooled.positions),
            series: series(identity.series_instance_uid, &description),
            study: study(identity.study_instance_uid, &description),
            patient: patient(&description),
        }
    }
}

fn patient(description: &Description) -> ArrivedPatient {
    ArrivedPatient {
        issuer: bounded(description.issuer_of_patient_id.as_deref()),
        id: bounded(description.patient_id.as_deref()),
        name: bounded(description.patient_name.as_deref()),
        birth_date: bounded(description.patient_birth_date.as_deref()),
        sex: bounded(description.patient_sex.as_deref()),
    }
}

fn study(study_instance_uid: String, description: &Description) -> ArrivedStudy {
    let text = |value: &Option<String>| bounded(value.as_deref());
    ArrivedStudy {
        study_instance_uid,
        date: text(&description.study_date),
        time: text(&description.study_time),
        accession_number: text(&description.accession_number),
        study_id: text(&description.study_id),
        description: text(&description.study_description),
        referring_physician: text(&description.referring_physician_name),
    }
}

fn series(series_instance_uid: String, description: &Description) -> ArrivedSeries {
    ArrivedSeries {
        series_instance_uid,
        modality: bounded(description.modality.as_deref()),
        number: number(description.series_number.as_deref()),
        description: bounded(description.series_description.as_deref()),
    }
}

/// A text that an index can hold: PostgreSQL's take no more than 2.7 kB in a row, and one instance must
/// never keep the rest of its batch out. DICOM allows 64 characters for most of these; one that is much
/// longer is cut, with a digest of the whole so that no two different ones become the same.
fn bounded(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(LONGEST).collect();
    match digest(&mut text.as_bytes(), 0) {
        Ok(digest) => format!("{beginning}…{}", hex(&digest.sha256[..8])),
        // Reading from memory does not fail.
        Err(_) => beginning,
    }
}

/// An integer string; what senders put there instead is no number.
fn number(text: Option<&str>) -> Option<i64> {
    text?.trim().parse().ok()
}

/// Positions as rows keep them.
#[must_use]
pub fn positions_to_json(positions: &[Position]) -> String {
    // Pairs of numbers always have a JSON form.
    serde_json::to_string(positions).unwrap_or_default()
}

/// Positions back from a row; `None` if they are none.
#[must_use]
pub fn positions_from_json(text: &str) -> Option<Vec<Position>> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_no_index_could_hold_is_cut_and_two_of_them_stay_apart() {
        let (one, other) = ("片".repeat(1000), format!("{}x", "片".repeat(999)));
        let (one, other) = (bounded(Some(&one)), bounded(Some(&other)));
        assert!(one.len() < 700 && one.starts_with("片片"));
        assert_ne!(one, other);
        assert_eq!(bounded(Some("Doe^Jane")), "Doe^Jane");
        assert_eq!(bounded(None), "");
    }
}
