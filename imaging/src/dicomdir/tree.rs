//! Records as a tree: patients, their studies, their series, their instances.

use super::record::{Key, Need, PATIENT, SERIES, STUDY};
use super::value::{Value, of_key, verification};
use super::{Keys, RecordType};
use crate::package::{Contents, File};
use dicom::dictionary_std::tags as t;
use std::collections::HashSet;

/// A record and the records below it.
pub(super) struct Node {
    pub kind: &'static str,
    pub values: Vec<Value>,
    pub lower: Vec<Node>,
}

/// An instance that a directory may refer to.
struct Referable<'c> {
    file: File<'c>,
    record: RecordType,
}

impl<'c> Referable<'c> {
    fn of(file: File<'c>) -> Option<Self> {
        Some(Self { record: file.instance.record()?, file })
    }
}

/// The records at the root: patients, then what is of no patient.
pub(super) fn roots(contents: &Contents) -> Vec<Node> {
    let all: Vec<Referable<'_>> = contents.files().filter_map(Referable::of).collect();
    let (of_none, of_patients): (Vec<_>, Vec<_>) =
        all.iter().partition(|file| file.record.is_of_no_patient());
    let patients: Vec<_> = same(&of_patients, |one, next| std::ptr::eq(one.patient, next.patient)).collect();
    let mut ids = PatientIds::of(&patients);
    let numbered = patients.iter().enumerate();
    let mut roots: Vec<Node> =
        numbered.map(|(at, files)| patient(files, at + 1, &ids.distinct(at))).collect();
    roots.extend(of_none.iter().enumerate().map(|(at, file)| leaf(file, at + 1)));
    roots
}

fn patient(files: &[&Referable<'_>], number: usize, id: &str) -> Node {
    let mut values = values(PATIENT, files, number);
    values.retain(|value| value.tag != t::PATIENT_ID);
    values.push(Value::text(t::PATIENT_ID, id));
    let studies = same(files, |one, next| std::ptr::eq(one.study, next.study)).enumerate();
    let lower = studies.map(|(at, files)| study(files, at + 1)).collect();
    Node { kind: "PATIENT", values, lower }
}

fn study(files: &[&Referable<'_>], number: usize) -> Node {
    let mut values = values(STUDY, files, number);
    values.extend(files.first().map(|first| Value::text(t::STUDY_INSTANCE_UID, &first.file.study.uid)));
    let all = same(files, |one, next| std::ptr::eq(one.series, next.series)).enumerate();
    let lower = all.map(|(at, files)| series(files, at + 1)).collect();
    Node { kind: "STUDY", values, lower }
}

fn series(files: &[&Referable<'_>], number: usize) -> Node {
    let mut values = values(SERIES, files, number);
    values.extend(files.first().map(|first| Value::text(t::SERIES_INSTANCE_UID, &first.file.series.uid)));
    let lower = files.iter().enumerate().map(|(at, file)| leaf(file, at + 1)).collect();
    Node { kind: "SERIES", values, lower }
}

fn leaf(referable: &Referable<'_>, number: usize) -> Node {
    let File { id, instance, .. } = &referable.file;
    let mut values = values(referable.record.keys(), &[referable], number);
    if referable.record == RecordType::SrDocument {
        values.extend(verification(&instance.keys));
    }
    values.extend([
        Value::text(t::REFERENCED_FILE_ID, &id.value()),
        Value::text(t::REFERENCED_SOP_CLASS_UID_IN_FILE, &instance.sop_class_uid),
        Value::text(t::REFERENCED_SOP_INSTANCE_UID_IN_FILE, &instance.sop_instance_uid),
        Value::text(t::REFERENCED_TRANSFER_SYNTAX_UID_IN_FILE, &instance.transfer_syntax_uid),
    ]);
    Node { kind: referable.record.word(), values, lower: Vec::new() }
}

/// What the record of these files says, taken from the first of them that says it.
fn values(keys: &[Key], files: &[&Referable<'_>], number: usize) -> Vec<Value> {
    keys.iter().filter_map(|key| of_key(*key, all_keys(files), number)).collect()
}

fn all_keys<'f>(files: &'f [&Referable<'_>]) -> impl Iterator<Item = &'f Keys> + Clone {
    files.iter().map(|referable| &referable.file.instance.keys)
}

/// Runs of files that belong to the same.
fn same<'f, 'c>(
    files: &'f [&'f Referable<'c>],
    belong: impl Fn(&File<'c>, &File<'c>) -> bool,
) -> impl Iterator<Item = &'f [&'f Referable<'c>]> {
    files.chunk_by(move |one, next| belong(&one.file, &next.file))
}

/// Patient IDs as a directory needs them: none empty, and no two patients with the same (PS3.3 §F.5.1).
struct PatientIds {
    own: Vec<Option<String>>,
    taken: HashSet<String>,
}

impl PatientIds {
    fn of(patients: &[&[&Referable<'_>]]) -> Self {
        let own = |files: &&[&Referable<'_>]| {
            let id = of_key((t::PATIENT_ID, Need::WhenThere), all_keys(files), 0)?;
            String::from_utf8(id.bytes).ok()
        };
        Self { own: patients.iter().map(own).collect(), taken: HashSet::new() }
    }

    /// The patient's own ID; if there is none, or another patient's is the same, one that nobody has.
    fn distinct(&mut self, at: usize) -> String {
        let own = self.own.get(at).cloned().flatten();
        if let Some(own) = own.clone().filter(|own| self.taken.insert(own.clone())) {
            return own;
        }
        let stem = own.map_or("UNKNOWN".to_owned(), |own| own.chars().take(48).collect());
        let mut number = at + 1;
        loop {
            let id = format!("{stem}-{number}");
            let is_anyones = self.own.iter().flatten().any(|own| *own == id);
            if !is_anyones && self.taken.insert(id.clone()) {
                return id;
            }
            number += 1;
        }
    }
}
