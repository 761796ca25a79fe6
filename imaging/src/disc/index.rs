//! The index of a disc: what is on it and where (`docs/sealed-disc.md` §6).

use super::head::GRAIN_BYTES;
use crate::archive::Method;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

pub(crate) const FORMAT: &str = "filmroom disc 1";

/// What is on a disc. Every text is as the images' headers have it, decoded; empty if there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub(crate) format: String,
    pub(crate) blind: String,
    pub(crate) recipe: String,
    /// The date the package was frozen, `YYYY-MM-DD`.
    pub made_on: String,
    /// Which disc of its set this is, from 1.
    pub number: u32,
    /// How many discs its set has.
    pub of: u32,
    /// Bytes of all files as placed.
    pub body_bytes: u64,
    /// Every file, in the order in which they lie in the body.
    pub files: Vec<FileEntry>,
    /// Patients, with their studies, series and instances.
    pub patients: Vec<PatientEntry>,
    /// What is on the other discs of the set, by number; empty if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherDisc>,
}

/// Another disc of the set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherDisc {
    /// Which disc of the set, from 1.
    pub number: u32,
    /// What is on it.
    pub studies: Vec<OtherStudy>,
}

/// A study on another disc, or a part of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherStudy {
    /// Study Instance UID.
    pub uid: String,
    /// Study Date, `YYYYMMDD`.
    pub date: String,
    /// Study Description.
    pub description: String,
    /// Its modalities, each once.
    pub modalities: Vec<String>,
    /// How many instances of it are there.
    pub instances: u64,
}

/// A file on the disc.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Where it goes in a saved copy; components are separated by `/`.
    pub path: String,
    /// Where it begins in the body.
    pub offset: u64,
    /// Bytes it takes there.
    pub bytes: u64,
    /// How it is kept there.
    #[serde(with = "method")]
    pub method: Method,
    /// Bytes of the file itself.
    pub source_bytes: u64,
    /// SHA-256 of the file itself.
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

/// A patient in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientEntry {
    /// Patient ID (0010,0020).
    pub id: String,
    /// Patient's Name (0010,0010), as DICOM writes it.
    pub name: String,
    /// Patient's Birth Date (0010,0030), `YYYYMMDD`.
    pub birth_date: String,
    /// Patient's Sex (0010,0040).
    pub sex: String,
    /// By date.
    pub studies: Vec<StudyEntry>,
}

/// A study in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyEntry {
    /// Study Instance UID.
    pub uid: String,
    /// Study Date, `YYYYMMDD`.
    pub date: String,
    /// Study Time, `HHMMSS…`.
    pub time: String,
    /// Study Description.
    pub description: String,
    /// Accession Number.
    pub accession: String,
    /// Its series.
    pub series: Vec<SeriesEntry>,
}

/// A series in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesEntry {
    /// Series Instance UID.
    pub uid: String,
    /// Modality.
    pub modality: String,
    /// Series Number.
    pub number: String,
    /// Series Description.
    pub description: String,
    /// In viewing order.
    pub instances: Vec<InstanceEntry>,
}

/// An instance in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceEntry {
    /// Which of the files it is, from 0.
    pub file: usize,
    /// SOP Instance UID.
    pub uid: String,
    /// SOP Class UID.
    pub class: String,
    /// Transfer Syntax UID.
    pub syntax: String,
    /// Instance Number.
    pub number: String,
    /// Frames; 0 if it has no pixels.
    pub frames: u32,
}

impl Index {
    /// All instances in the list.
    pub fn instances(&self) -> impl Iterator<Item = &InstanceEntry> {
        self.patients.iter().flat_map(|p| &p.studies).flat_map(|s| &s.series).flat_map(|s| &s.instances)
    }

    /// The plain bytes of the index stream.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.resize(bytes.len().next_multiple_of(GRAIN_BYTES as usize), b' ');
        Ok(bytes)
    }

    /// The index that these plain bytes are, for a body of so many bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, BadIndex> {
        let index: Self = serde_json::from_slice(bytes).map_err(|_| BadIndex::Form)?;
        if index.format != FORMAT {
            return Err(BadIndex::Form);
        }
        index.check()?;
        Ok(index)
    }

    /// Whether what it says can be: no gaps, no way out of the folder it is saved to.
    pub(crate) fn check(&self) -> Result<(), BadIndex> {
        let mut end = 0_u64;
        let mut paths = HashSet::new();
        for file in &self.files {
            if file.offset != end {
                return Err(BadIndex::Places);
            }
            end = end.checked_add(file.bytes).ok_or(BadIndex::Places)?;
            if !is_safe(&file.path) || !paths.insert(file.path.to_ascii_uppercase()) {
                return Err(BadIndex::Path);
            }
        }
        if end != self.body_bytes || self.instances().any(|instance| instance.file >= self.files.len()) {
            return Err(BadIndex::Places);
        }
        Ok(())
    }
}

/// What an index says cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadIndex {
    /// It is not an index, or one of a later format.
    #[error("the index is not of a format this program knows")]
    Form,
    /// Its files do not fill the body, or an instance is no file.
    #[error("the index does not agree with itself about where the files are")]
    Places,
    /// A path leads elsewhere, or two are the same.
    #[error("the index has a path that cannot be used")]
    Path,
}

/// Whether a path stays in its folder on every system.
fn is_safe(path: &str) -> bool {
    let safe = |component: &str| {
        let (stem, ending) = component.split_once('.').unwrap_or((component, "x"));
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        component.len() <= 64 && plain(stem) && plain(ending)
    };
    path.split('/').count() <= 8 && path.split('/').all(safe)
}

mod method {
    use crate::archive::Method;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(method: &Method, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match method {
            Method::Deflate => "deflate",
            Method::Stored => "stored",
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Method, D::Error> {
        match <std::borrow::Cow<'de, str>>::deserialize(from)?.as_ref() {
            "deflate" => Ok(Method::Deflate),
            "stored" => Ok(Method::Stored),
            _ => Err(D::Error::custom("neither deflate nor stored")),
        }
    }
}

pub(crate) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// 32 bytes as 64 digits.
    pub(crate) fn write(bytes: &[u8; 32]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&write(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        let digit = |at: usize| char::from(*text.as_bytes().get(at)?).to_digit(16);
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let value = digit(2 * at).zip(digit(2 * at + 1)).map(|(high, low)| high * 16 + low);
            *byte = value
                .and_then(|value| u8::try_from(value).ok())
                .filter(|_| text.len() == 64)
                .ok_or_else(|| D::Error::custom("not a SHA-256"))?;
        }
        Ok(bytes)
    }
}
