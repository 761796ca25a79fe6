//! Records as a tree: patients, their studies, their series, their instances.

use super::Reference;
use super::keys::Keys;
use super::record::{Key, PATIENT, SERIES, STUDY};
use super::value::{Value, of_key};
use dicom::dictionary_std::tags as t;
use std::collections::{HashMap, HashSet};

/// A record and the records below it.
pub(super) struct Node {
    pub kind: &'static str,
    pub values: Vec<Value>,
    pub lower: Vec<Node>,
}

/// The records at the root, in the order their first instances come in; those of no patient last.
pub(super) fn roots(files: &[Reference<'_>]) -> Vec<Node> {
    let (of_none, of_patients): (Vec<_>, Vec<_>) =
        files.iter().partition(|file| file.record.is_of_no_patient());
    let patients = grouped(of_patients, |file| file.patient);
    let mut ids = PatientIds::of(&patients);
    let mut roots: Vec<Node> =
        patients.iter().enumerate().map(|(at, files)| patient(files, at, &mut ids)).collect();
    roots.extend(of_none.iter().enumerate().map(|(at, file)| leaf(file, at + 1)));
    roots
}

fn patient(files: &[&Reference<'_>], at: usize, ids: &mut PatientIds) -> Node {
    let mut values = values(PATIENT, files, at + 1);
    values.retain(|value| value.tag != t::PATIENT_ID);
    values.push(Value::text(t::PATIENT_ID, &ids.distinct(at)));
    let studies = grouped(files.to_vec(), |file| file.study_instance_uid);
    let lower = studies.iter().enumerate().map(|(at, files)| study(files, at + 1)).collect();
    Node { kind: "PATIENT", values, lower }
}

fn study(files: &[&Reference<'_>], number: usize) -> Node {
    let mut values = values(STUDY, files, number);
    values.extend(files.first().map(|file| Value::text(t::STUDY_INSTANCE_UID, file.study_instance_uid)));
    let all = grouped(files.to_vec(), |file| file.series_instance_uid);
    let lower = all.iter().enumerate().map(|(at, files)| series(files, at + 1)).collect();
    Node { kind: "STUDY", values, lower }
}

fn series(files: &[&Reference<'_>], number: usize) -> Node {
    let mut values = values(SERIES, files, number);
    values.extend(files.first().map(|file| Value::text(t::SERIES_INSTANCE_UID, file.series_instance_uid)));
    let lower = files.iter().enumerate().map(|(at, file)| leaf(file, at + 1)).collect();
    Node { kind: "SERIES", values, lower }
}

fn leaf(file: &Reference<'_>, number: usize) -> Node {
    let mut values = values(file.record.keys(), &[file], number);
    values.extend([
        Value::text(t::REFERENCED_FILE_ID, &file.file_id.value()),
        Value::text(t::REFERENCED_SOP_CLASS_UID_IN_FILE, file.sop_class_uid),
        Value::text(t::REFERENCED_SOP_INSTANCE_UID_IN_FILE, file.sop_instance_uid),
        Value::text(t::REFERENCED_TRANSFER_SYNTAX_UID_IN_FILE, file.transfer_syntax_uid),
    ]);
    Node { kind: file.record.word(), values, lower: Vec::new() }
}

fn values(keys: &[Key], files: &[&Reference<'_>], number: usize) -> Vec<Value> {
    let instances = files.iter().map(|file| file.keys);
    keys.iter().filter_map(|key| of_key(*key, instances.clone(), number)).collect()
}

/// Files of the same `key` together, in the order the keys first come in.
fn grouped<'f, 'r>(
    files: Vec<&'f Reference<'r>>,
    key: impl Fn(&Reference<'r>) -> &'r str,
) -> Vec<Vec<&'f Reference<'r>>> {
    let (mut groups, mut places) = (Vec::<Vec<_>>::new(), HashMap::new());
    for file in files {
        let place = *places.entry(key(file)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(file),
            None => groups.push(vec![file]),
        }
    }
    groups
}

/// Patient IDs as a directory needs them: none empty, and no two patients with the same (PS3.3 §F.5.1).
struct PatientIds {
    own: Vec<Option<String>>,
    taken: HashSet<String>,
}

impl PatientIds {
    fn of(patients: &[Vec<&Reference<'_>>]) -> Self {
        let own = |files: &Vec<&Reference<'_>>| {
            let keys: Vec<&Keys> = files.iter().map(|file| file.keys).collect();
            let id = of_key((t::PATIENT_ID, super::record::Need::WhenThere), keys.into_iter(), 0)?;
            String::from_utf8(id.bytes).ok()
        };
        let own: Vec<Option<String>> = patients.iter().map(own).collect();
        Self { taken: HashSet::new(), own }
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
