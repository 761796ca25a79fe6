//! The instances of a study as a search tells them (PS3.18 §10.6.3).

use crate::desk::pictures::Shelf;
use imaging::dicomweb::key;
use imaging::index::Tag;
use imaging::package::{Instance, Series};
use serde_json::{Map, Value, json};

/// Series in the order of the package, and instances in the order to be looked at.
pub(super) fn instances(shelf: &Shelf<'_>) -> Vec<Value> {
    let series = shelf.study.series.iter();
    series.flat_map(|series| series.instances.iter().map(|one| instance(shelf, series, one))).collect()
}

fn instance(shelf: &Shelf<'_>, series: &Series, instance: &Instance) -> Value {
    let Shelf { patient, study, .. } = shelf;
    let mut told = Told(Map::new());
    told.put(Tag(0x0008, 0x0005), "CS", "ISO_IR 192");
    told.put(Tag(0x0008, 0x0016), "UI", &instance.sop_class_uid);
    told.put(Tag(0x0008, 0x0018), "UI", &instance.sop_instance_uid);
    told.put(Tag(0x0008, 0x0020), "DA", &study.date);
    told.put(Tag(0x0008, 0x0050), "SH", &study.accession_number);
    told.put(Tag(0x0008, 0x0060), "CS", &series.modality);
    told.put(Tag(0x0008, 0x1030), "LO", &study.description);
    told.put(Tag(0x0008, 0x103E), "LO", &series.description);
    told.put(Tag(0x0008, 0x3002), "UI", &instance.transfer_syntax_uid);
    told.name(Tag(0x0010, 0x0010), &patient.name);
    told.put(Tag(0x0010, 0x0020), "LO", &patient.id);
    told.put(Tag(0x0010, 0x0030), "DA", &patient.birth_date);
    told.put(Tag(0x0020, 0x000D), "UI", &study.uid);
    told.put(Tag(0x0020, 0x000E), "UI", &series.uid);
    told.number(Tag(0x0020, 0x0011), series.number);
    told.number(Tag(0x0020, 0x0013), instance.number);
    if instance.record() == Some(imaging::dicomdir::RecordType::Image) {
        told.number(Tag(0x0028, 0x0008), Some(i64::from(instance.frames())));
    }
    Value::Object(told.0)
}

/// What is told of an instance. What is not known is not told.
struct Told(Map<String, Value>);

impl Told {
    fn put(&mut self, tag: Tag, vr: &str, value: &str) {
        if !value.is_empty() {
            self.0.insert(key(tag), json!({ "vr": vr, "Value": [value] }));
        }
    }

    fn number(&mut self, tag: Tag, value: Option<i64>) {
        if let Some(value) = value {
            self.0.insert(key(tag), json!({ "vr": "IS", "Value": [value] }));
        }
    }

    /// A name's groups by what they are called (PS3.18 §F.2.2).
    fn name(&mut self, tag: Tag, name: &str) {
        let groups = ["Alphabetic", "Ideographic", "Phonetic"].into_iter().zip(name.split('='));
        let groups = groups.filter(|(_, group)| !group.is_empty());
        let groups: Map<String, Value> = groups.map(|(kind, group)| (kind.into(), group.into())).collect();
        if !groups.is_empty() {
            self.0.insert(key(tag), json!({ "vr": "PN", "Value": [groups] }));
        }
    }
}
