//! An instance that has arrived: what the spool remembers of it, and what the index is told.

use crate::ids;
use crate::model::{ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, Source};
use imaging::index::{Description, Header, Identity, Note};
use imaging::spool::{IngestId, Position, Spooled};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
            patient: patient(description),
        }
    }
}

fn patient(description: Description) -> ArrivedPatient {
    ArrivedPatient {
        issuer: description.issuer_of_patient_id.unwrap_or_default(),
        id: description.patient_id.unwrap_or_default(),
        name: description.patient_name.unwrap_or_default(),
        birth_date: description.patient_birth_date.unwrap_or_default(),
        sex: description.patient_sex.unwrap_or_default(),
    }
}

fn study(study_instance_uid: String, description: &Description) -> ArrivedStudy {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
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
        modality: description.modality.clone().unwrap_or_default(),
        number: number(description.series_number.as_deref()),
        description: description.series_description.clone().unwrap_or_default(),
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
