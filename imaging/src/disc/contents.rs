//! What goes on a disc: a package's instances and papers, in the disc's terms.

use super::index::{
    FORMAT, FileEntry, Index, InstanceEntry, OtherDisc, OtherStudy, PatientEntry, SeriesEntry, StudyEntry,
    hex,
};
use crate::archive::Method;
use crate::index::Tag;
use crate::layout::Layout;
use crate::package::{self, Paper};
use sha2::{Digest, Sha256};

const STUDY_TIME: Tag = Tag(0x0008, 0x0030);
const SEX: Tag = Tag(0x0010, 0x0040);
const ROWS: Tag = Tag(0x0028, 0x0010);

/// A file that goes on a disc.
#[derive(Debug, Clone)]
pub struct DiscFile {
    /// Where it goes in a saved copy; components are separated by `/`.
    pub path: String,
    /// How its bytes are kept.
    pub method: Method,
    /// Bytes of the file itself.
    pub source_bytes: u64,
    /// SHA-256 of the file itself.
    pub sha256: [u8; 32],
    /// Its bytes as they are kept.
    pub content: Layout,
}

/// All that goes on one disc.
#[derive(Debug, Clone)]
pub struct DiscContents {
    /// The date the package was frozen, `YYYY-MM-DD`.
    pub made_on: String,
    /// Which disc of its set this is, from 1.
    pub number: u32,
    /// How many discs its set has.
    pub of: u32,
    /// The files: instances in viewing order, then what goes with them.
    pub files: Vec<DiscFile>,
    /// The list; its instances name files by their place in `files`.
    pub patients: Vec<PatientEntry>,
    /// What is on the other discs of the set.
    pub others: Vec<OtherDisc>,
}

impl DiscContents {
    /// A package on one disc. Instances are taken over as they lie in their archives; an instance's object
    /// in the layout is its own ([`package::Instance::object`]).
    #[must_use]
    pub fn of(package: &package::Contents, papers: &[Paper], made_on: &str) -> Self {
        let instances = package.files().map(|package::File { id, instance, .. }| {
            let member = &instance.member;
            let mut content = Layout::new();
            content.extent(instance.object, member.offset, member.stored_bytes);
            DiscFile {
                path: id.path().to_owned(),
                method: member.method,
                source_bytes: member.source_bytes,
                sha256: member.sha256,
                content,
            }
        });
        let papers = papers.iter().map(|Paper { name, bytes }| {
            let mut content = Layout::new();
            content.literal(bytes);
            DiscFile {
                path: name.clone(),
                method: Method::Stored,
                source_bytes: content.len(),
                sha256: Sha256::digest(bytes).into(),
                content,
            }
        });
        let files = instances.chain(papers).collect();
        let mut places = 0..;
        let patients = package.patients().iter().map(|patient| patient_entry(patient, &mut places)).collect();
        Self { made_on: made_on.to_owned(), number: 1, of: 1, files, patients, others: Vec::new() }
    }

    /// The same as one of a set: which it is, from 1, and what is on all of its discs.
    #[must_use]
    pub fn in_set(self, number: u32, all: &[OtherDisc]) -> Self {
        let of = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let others = all.iter().filter(|disc| disc.number != number).cloned().collect();
        Self { number, of, others, ..self }
    }

    /// The body, as long as its files.
    #[must_use]
    pub fn body(&self) -> Layout {
        let mut body = Layout::new();
        for file in &self.files {
            body.append(&file.content);
        }
        body
    }

    pub(crate) fn index(&self, blind: [u8; 32], recipe: [u8; 32]) -> Index {
        let mut body_bytes = 0;
        let mut files = Vec::with_capacity(self.files.len());
        for DiscFile { path, method, source_bytes, sha256, content } in &self.files {
            files.push(FileEntry {
                path: path.clone(),
                offset: body_bytes,
                bytes: content.len(),
                method: *method,
                source_bytes: *source_bytes,
                sha256: *sha256,
            });
            body_bytes += content.len();
        }
        Index {
            format: FORMAT.to_owned(),
            blind: hex::write(&blind),
            recipe: hex::write(&recipe),
            made_on: self.made_on.clone(),
            number: self.number,
            of: self.of,
            body_bytes,
            files,
            patients: self.patients.clone(),
            others: self.others.clone(),
        }
    }
}

/// What the other discs of a set say of the one that has these.
#[must_use]
pub fn other_disc(number: u32, contents: &package::Contents) -> OtherDisc {
    let studies = contents.patients().iter().flat_map(|patient| &patient.studies);
    let other_study = |study: &package::Study| {
        let mut modalities: Vec<String> = study.series.iter().map(|series| series.modality.clone()).collect();
        modalities.sort_unstable();
        modalities.dedup();
        OtherStudy {
            uid: study.uid.clone(),
            date: study.date.clone(),
            description: study.description.clone(),
            modalities,
            instances: study.series.iter().map(|series| series.instances.len() as u64).sum(),
        }
    };
    OtherDisc { number, studies: studies.map(other_study).collect() }
}

/// `places` counts instances as the package lists them.
fn patient_entry(patient: &package::Patient, places: &mut impl Iterator<Item = usize>) -> PatientEntry {
    let study_entry = |study: &package::Study| StudyEntry {
        uid: study.uid.clone(),
        date: study.date.clone(),
        time: first_text(&study.series, STUDY_TIME),
        description: study.description.clone(),
        accession: study.accession_number.clone(),
        series: study.series.iter().map(|series| series_entry(series, places)).collect(),
    };
    PatientEntry {
        id: patient.id.clone(),
        name: patient.name.clone(),
        birth_date: patient.birth_date.clone(),
        sex: first_text(patient.studies.iter().flat_map(|study| &study.series), SEX),
        studies: patient.studies.iter().map(study_entry).collect(),
    }
}

fn series_entry(series: &package::Series, places: &mut impl Iterator<Item = usize>) -> SeriesEntry {
    let instance_entry = |(instance, file): (&package::Instance, usize)| InstanceEntry {
        file,
        uid: instance.sop_instance_uid.clone(),
        class: instance.sop_class_uid.clone(),
        syntax: instance.transfer_syntax_uid.clone(),
        number: number(instance.number),
        frames: frames(instance),
    };
    SeriesEntry {
        uid: series.uid.clone(),
        modality: series.modality.clone(),
        number: number(series.number),
        description: series.description.clone(),
        instances: series.instances.iter().zip(places).map(instance_entry).collect(),
    }
}

/// What the first instance says; empty if nothing.
fn first_text<'a>(series: impl IntoIterator<Item = &'a package::Series>, tag: Tag) -> String {
    let first = series.into_iter().find_map(|series| series.instances.first());
    first.and_then(|instance| instance.keys.text(tag)).unwrap_or_default().to_owned()
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// Without rows there are no pixels.
fn frames(instance: &package::Instance) -> u32 {
    instance.keys.text(ROWS).map_or(0, |_| instance.frames())
}
