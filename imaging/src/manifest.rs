//! The manifest: what a package holds, for whoever wants to know whether all of it arrived.
//!
//! `MANIFEST.TXT` is JSON in UTF-8. It counts every study, series and instance, and has the length and the
//! SHA-256 of every file of the package but itself and its signature. `MANIFEST.SIG` is the Ed25519 signature
//! (64 bytes, RFC 8032) of its exact bytes. With the hospital's public key, as `filmroom keys show` prints
//! it, anyone can check both:
//!
//! ```text
//! openssl pkeyutl -verify -pubin -inkey hospital.pem -rawin -in MANIFEST.TXT -sigfile MANIFEST.SIG
//! sha256sum DICOM/PA000001/ST000001/SE000001/IM000001
//! ```
//!
//! `signed_with` names the key by the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo.

use crate::package::{Contents, Counts, Instance, Paper, Patient, Series, Study, Withheld};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The manifest's name in a package.
pub const NAME: &str = "MANIFEST.TXT";
/// The name of its signature.
pub const SIGNATURE_NAME: &str = "MANIFEST.SIG";

/// What [`Manifest::format`] says.
pub const FORMAT: &str = "filmroom-manifest-1";

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// When the package was made, RFC 3339.
    pub created_at: String,
    /// The key it is signed with.
    pub signed_with: String,
    /// How much it holds.
    pub counts: Counts,
    /// What it holds.
    pub patients: Vec<ListedPatient>,
    /// What it does not hold although it is of these studies.
    pub withheld: Vec<Withheld>,
    /// What it holds besides.
    pub papers: Vec<ListedPaper>,
}

/// A patient in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPatient {
    /// Patient ID.
    pub id: String,
    /// Its issuer.
    pub issuer: String,
    /// Patient's Name.
    pub name: String,
    /// Patient's Birth Date, `YYYYMMDD`.
    pub birth_date: String,
    /// Its studies.
    pub studies: Vec<ListedStudy>,
}

/// A study in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedStudy {
    /// Study Instance UID.
    pub uid: String,
    /// Study Date, `YYYYMMDD`.
    pub date: String,
    /// Study Description.
    pub description: String,
    /// Accession Number.
    pub accession_number: String,
    /// Its series.
    pub series: Vec<ListedSeries>,
}

/// A series in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSeries {
    /// Series Instance UID.
    pub uid: String,
    /// Modality.
    pub modality: String,
    /// Series Number.
    pub number: Option<i64>,
    /// Series Description.
    pub description: String,
    /// Its instances.
    pub instances: Vec<ListedInstance>,
}

/// An instance in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedInstance {
    /// SOP Instance UID.
    pub uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// Transfer Syntax UID.
    pub transfer_syntax_uid: String,
    /// Its file, with `/` between folders.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// Whether the DICOMDIR refers to it.
    pub in_directory: bool,
}

/// A file in a manifest that is not an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPaper {
    /// Its name.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of a package with these instances and these other files.
    #[must_use]
    pub fn of(contents: &Contents, papers: &[Paper], created_at: &str, signed_with: &str) -> Self {
        let mut names = contents.files().map(|file| file.id.path().to_owned());
        Self {
            format: FORMAT.to_owned(),
            created_at: created_at.to_owned(),
            signed_with: signed_with.to_owned(),
            counts: contents.counts(),
            patients: contents.patients().iter().map(|patient| listed(patient, &mut names)).collect(),
            withheld: contents.withheld().to_vec(),
            papers: papers.iter().map(listed_paper).collect(),
        }
    }

    /// The bytes of `MANIFEST.TXT`.
    ///
    /// # Errors
    /// None that its contents could cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// `names` gives the files of all instances in their order.
fn listed(patient: &Patient, names: &mut impl Iterator<Item = String>) -> ListedPatient {
    let Patient { id, issuer, name, birth_date, studies } = patient.clone();
    let studies = studies.iter().map(|study| listed_study(study, names)).collect();
    ListedPatient { id, issuer, name, birth_date, studies }
}

fn listed_study(study: &Study, names: &mut impl Iterator<Item = String>) -> ListedStudy {
    ListedStudy {
        uid: study.uid.clone(),
        date: study.date.clone(),
        description: study.description.clone(),
        accession_number: study.accession_number.clone(),
        series: study.series.iter().map(|series| listed_series(series, names)).collect(),
    }
}

fn listed_series(series: &Series, names: &mut impl Iterator<Item = String>) -> ListedSeries {
    ListedSeries {
        uid: series.uid.clone(),
        modality: series.modality.clone(),
        number: series.number,
        description: series.description.clone(),
        instances: series
            .instances
            .iter()
            .zip(names)
            .map(|(instance, name)| listed_instance(instance, name))
            .collect(),
    }
}

fn listed_instance(instance: &Instance, file: String) -> ListedInstance {
    ListedInstance {
        uid: instance.sop_instance_uid.clone(),
        sop_class_uid: instance.sop_class_uid.clone(),
        transfer_syntax_uid: instance.transfer_syntax_uid.clone(),
        file,
        bytes: instance.member.source_bytes,
        sha256: hex(&instance.member.sha256),
        in_directory: instance.record().is_some(),
    }
}

fn listed_paper(paper: &Paper) -> ListedPaper {
    ListedPaper {
        file: paper.name.clone(),
        bytes: paper.bytes.len() as u64,
        sha256: hex(&Sha256::digest(&paper.bytes)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
