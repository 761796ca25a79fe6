use super::value::fit_text;
use super::*;
use crate::index::Tag;
use crate::package::{Contents, Instance, Patient, Series, Study};
use dicom::core::VR;
use dicom::dictionary_std::tags as t;
use dicom::object::{DefaultDicomObject, InMemDicomObject};
use proptest::prelude::*;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const SR: &str = "1.2.840.10008.5.1.4.1.1.88.33";

fn instance(class: &str, keys: &[(&str, &str)]) -> Instance {
    let keys: serde_json::Map<_, _> =
        keys.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).into())).collect();
    Instance {
        sop_instance_uid: "1.3.1".into(),
        sop_class_uid: class.into(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
        number: None,
        keys: Keys::parse(&serde_json::Value::from(keys).to_string()).unwrap(),
        object: 0,
        member: crate::archive::Member {
            offset: 0,
            stored_bytes: 0,
            method: crate::archive::Method::Stored,
            source_bytes: 0,
            crc32: 0,
            sha256: [0; 32],
            dataset_sha256: [0; 32],
        },
    }
}

fn series(uid: &str, instances: Vec<Instance>) -> Series {
    Series { uid: uid.into(), modality: String::new(), number: None, description: String::new(), instances }
}

fn study(uid: &str, series: Vec<Series>) -> Study {
    let (date, description, accession_number) = Default::default();
    Study { uid: uid.into(), date, description, accession_number, series }
}

fn patient(studies: Vec<Study>) -> Patient {
    let (id, issuer, name, birth_date) = Default::default();
    Patient { id, issuer, name, birth_date, studies }
}

/// A patient with one series of these.
fn one_series(instances: Vec<Instance>) -> Patient {
    patient(vec![study("1.2.1", vec![series("1.2.1.1", instances)])])
}

fn directory_of(patients: Vec<Patient>) -> Vec<u8> {
    let contents = Contents::new(patients, Vec::new()).unwrap();
    directory(&FileSet { id: "FILMROOM", uid: "2.25.1" }, &contents).unwrap()
}

fn read(bytes: &[u8]) -> DefaultDicomObject {
    dicom::object::from_reader(bytes).unwrap()
}

fn text(record: &InMemDicomObject, tag: Tag) -> Option<String> {
    record
        .element_opt(tag)
        .unwrap()
        .map(|element| element.to_str().unwrap().trim_end_matches(['\0', ' ']).to_owned())
}

fn number(object: &InMemDicomObject, tag: Tag) -> usize {
    object.element(tag).unwrap().to_int::<usize>().unwrap()
}

/// A record as a reader that follows offsets finds it: its type, and those below it.
#[derive(Debug, Clone, PartialEq)]
struct Found(String, Vec<Found>);

/// Follows offsets through the bytes, as the standard says they are meant.
fn walk(bytes: &[u8]) -> Vec<Found> {
    let object = read(bytes);
    let items = object.element_opt(t::DIRECTORY_RECORD_SEQUENCE).unwrap().and_then(|e| e.items());
    let items = items.unwrap_or_default();
    // Items lie one after the other: where the one of a number begins follows from their lengths.
    let mut places = std::collections::HashMap::new();
    let mut at = bytes.windows(8).position(|w| w[..6] == *b"\x04\0\x20\x12SQ").unwrap() + 12;
    for item in items {
        assert_eq!(bytes[at..at + 4], *b"\xFE\xFF\x00\xE0");
        places.insert(at, item);
        at += 8 + u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
    }
    assert_eq!(at, bytes.len());
    fn chain(mut at: usize, places: &std::collections::HashMap<usize, &InMemDicomObject>) -> Vec<Found> {
        let mut found = Vec::new();
        while at != 0 {
            let record = places[&at];
            assert_eq!(number(record, t::RECORD_IN_USE_FLAG), 0xFFFF);
            let lower = number(record, t::OFFSET_OF_REFERENCED_LOWER_LEVEL_DIRECTORY_ENTITY);
            found.push(Found(text(record, t::DIRECTORY_RECORD_TYPE).unwrap(), chain(lower, places)));
            at = number(record, t::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD);
        }
        found
    }
    let places: std::collections::HashMap<usize, &InMemDicomObject> = places.into_iter().collect();
    let first = number(&object, t::OFFSET_OF_THE_FIRST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY);
    let last = number(&object, t::OFFSET_OF_THE_LAST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY);
    if last != 0 {
        assert_eq!(number(places[&last], t::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD), 0);
    }
    chain(first, &places)
}

fn records(bytes: &[u8]) -> Vec<InMemDicomObject> {
    read(bytes).element(t::DIRECTORY_RECORD_SEQUENCE).unwrap().items().unwrap().to_vec()
}

#[test]
fn values_come_from_the_instances_in_utf_8() {
    let keys = [
        ("00100010", "Müller^Jürgen"),
        ("00100020", "17"),
        ("00080020", "20260315"),
        ("00080030", "093000"),
        ("00200010", "S1"),
        ("00080060", "CT"),
        ("00200011", "3"),
        ("00200013", "7"),
        ("00280010", "0002"),
        ("0020000D", "1.9.9"),
    ];
    let records = records(&directory_of(vec![one_series(vec![instance(CT, &keys)])]));
    assert_eq!(text(&records[0], t::PATIENT_NAME).as_deref(), Some("Müller^Jürgen"));
    assert_eq!(text(&records[0], t::SPECIFIC_CHARACTER_SET).as_deref(), Some("ISO_IR 192"));
    assert_eq!(text(&records[1], t::SPECIFIC_CHARACTER_SET), None);
    assert_eq!(text(&records[1], t::STUDY_INSTANCE_UID).as_deref(), Some("1.2.1"));
    assert_eq!(text(&records[2], t::SERIES_NUMBER).as_deref(), Some("3"));
    assert_eq!(number(&records[3], t::ROWS), 512);
    let id = text(&records[3], t::REFERENCED_FILE_ID);
    assert_eq!(id.as_deref(), Some("DICOM\\PA000001\\ST000001\\SE000001\\IM000001"));
}

#[test]
fn what_the_standard_demands_is_invented_and_patients_stay_apart() {
    let number_17 = [("00100020", "17")];
    let patients = vec![
        one_series(vec![instance(CT, &[]), instance(CT, &[])]),
        one_series(vec![instance(SR, &number_17)]),
        one_series(vec![instance(CT, &number_17)]),
    ];
    let bytes = directory_of(patients.clone());
    let records = records(&bytes);
    let of = |kind: &str, tag: Tag| -> Vec<String> {
        let of_kind =
            records.iter().filter(|record| text(record, t::DIRECTORY_RECORD_TYPE).as_deref() == Some(kind));
        of_kind.map(|record| text(record, tag).unwrap()).collect()
    };
    assert_eq!(of("PATIENT", t::PATIENT_ID), ["UNKNOWN-1", "17", "17-3"]);
    assert_eq!(of("STUDY", t::STUDY_DATE), ["19000101"; 3]);
    assert_eq!(of("SERIES", t::MODALITY), ["OT"; 3]);
    assert_eq!(of("IMAGE", t::INSTANCE_NUMBER), ["1", "2", "1"]);
    assert_eq!(of("SR DOCUMENT", t::COMPLETION_FLAG), ["PARTIAL"]);
    let concept =
        records.iter().find_map(|record| record.element_opt(t::CONCEPT_NAME_CODE_SEQUENCE).unwrap());
    assert_eq!(text(&concept.unwrap().items().unwrap()[0], t::CODE_MEANING).as_deref(), Some("Not stated"));
    assert_eq!(bytes, directory_of(patients), "what is invented is the same again");
}

#[test]
fn an_empty_file_set_has_a_directory_without_records() {
    assert_eq!(walk(&directory_of(Vec::new())), []);
}

#[test]
fn a_verified_report_says_when_it_was_verified_last() {
    let item = |time: &str| {
        let mut element = b"\x40\0\x30\xA0DT\x0E\0".to_vec();
        element.extend(time.as_bytes());
        let mut item = b"\xFE\xFF\x00\xE0".to_vec();
        item.extend(u32::try_from(element.len()).unwrap().to_le_bytes());
        item.extend(element);
        item
    };
    let observers = [item("20260301120000"), item("20260315093000"), item("20251231000000")].concat();
    let observers: String = observers.iter().map(|byte| format!("{byte:02X}")).collect();
    let of = |keys: &[(&str, &str)]| {
        let records = records(&directory_of(vec![one_series(vec![instance(SR, keys)])]));
        text(&records[3], t::VERIFICATION_DATE_TIME)
    };
    let (flag, date) = (("0040A493", "VERIFIED"), ("00080023", "20260401"));
    assert_eq!(of(&[flag, date, ("0040A073", &observers)]).as_deref(), Some("20260315093000"));
    assert_eq!(of(&[flag, date]).as_deref(), Some("20260401"));
    assert_eq!(of(&[date, ("0040A073", &observers)]), None);
}

#[test]
fn a_hanging_protocol_stands_beside_the_patients() {
    let protocol = one_series(vec![instance("1.2.840.10008.5.1.4.38.1", &[])]);
    let patients = vec![protocol, one_series(vec![instance(CT, &[])])];
    let kinds: Vec<String> = walk(&directory_of(patients)).into_iter().map(|found| found.0).collect();
    assert_eq!(kinds, ["PATIENT", "HANGING PROTOCOL"]);
}

#[test]
fn a_sop_class_has_its_record_or_none() {
    for (class, record) in [
        (CT, Some("IMAGE")),
        (SR, Some("SR DOCUMENT")),
        ("1.2.840.10008.5.1.4.1.1.66.4", Some("IMAGE")),
        ("1.2.840.10008.5.1.4.1.1.88.59", Some("KEY OBJECT DOC")),
        ("1.2.840.10008.5.1.4.1.1.481.5", Some("RT PLAN")),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", Some("WAVEFORM")),
        ("1.2.840.10008.5.1.4.1.1.91.1", None),
        ("1.2.840.10008.5.1.4.1.1.9", None),
        ("1.2.840.10008.5.1.4.1.1.999.1", None),
        ("1.2.840.10008.1.3.10", None),
        ("1.3.12.2.1107.5.9.1", None),
    ] {
        assert_eq!(RecordType::of(class).map(RecordType::word), record, "{class}");
    }
}

#[test]
fn values_are_made_to_fit_or_left_out() {
    for (vr, text, fitted) in [
        (VR::DA, "2004.01.19", Some("20040119")),
        (VR::DA, "20041319", None),
        (VR::DA, "yesterday", None),
        (VR::TM, "09:30:00", Some("093000")),
        (VR::TM, "0930.5", None),
        (VR::TM, "253000", None),
        (VR::TM, "235960", Some("235960")),
        (VR::DT, "20260315093000.5+0100", Some("20260315093000.5+0100")),
        (VR::IS, " 0012", Some("12")),
        (VR::IS, "12a", None),
        (VR::DS, "1.5\\-2e3", Some("1.5\\-2e3")),
        (VR::DS, "nan", None),
        (VR::CS, "mr", Some("MR")),
        (VR::CS, "ORIGINAL\\PRIMARY\\\\X", Some("ORIGINAL\\PRIMARY\\\\X")),
        (VR::CS, "SEVENTEEN_LETTERS", None),
        (VR::SH, "a name of more than sixteen", Some("a name of more t")),
        (VR::LO, "a\\b\n", Some("a/b")),
        (VR::PN, "A^B=C=D=E", Some("A^B=C=D")),
        (VR::UI, "1.2..3", None),
        (VR::UI, "9.99.999", None),
        (VR::UI, "1.02.3", None),
        (VR::UI, "2.25.0.7", Some("2.25.0.7")),
        (VR::LO, "  ", None),
    ] {
        assert_eq!(fit_text(vr, text).as_deref(), fitted, "{vr:?} {text:?}");
    }
}

#[test]
fn what_a_directory_may_not_refer_to_is_left_out_of_it() {
    let private = instance("1.3.12.2.1107.5.9.1", &[]);
    let walked = walk(&directory_of(vec![one_series(vec![private.clone(), instance(CT, &[])])]));
    assert_eq!(walked[0].1[0].1[0].1, [Found("IMAGE".into(), Vec::new())]);
    assert_eq!(walk(&directory_of(vec![one_series(vec![private])])), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_follows_the_offsets_finds_every_record_in_its_place(
        shape in prop::collection::vec(prop::collection::vec(prop::collection::vec(1..4_usize, 1..3), 1..3), 0..4),
        texts in prop::collection::vec(".{0,80}", 8),
    ) {
        let tags = ["00100010", "00100020", "00080020", "00080030", "00200010", "00081030", "00080060", "00080080"];
        let keys: Vec<(&str, &str)> = tags.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let (mut patients, mut expected) = (Vec::new(), Vec::new());
        for studies in &shape {
            let (mut made, mut found) = (Vec::new(), Vec::new());
            for (s, all) in studies.iter().enumerate() {
                let image = Found("IMAGE".into(), Vec::new());
                let leaves = |number: &usize| vec![instance(CT, &keys); *number];
                let uid = |e: usize| format!("1.2.{s}.{e}");
                made.push(study(&s.to_string(), all.iter().enumerate().map(|(e, n)| series(&uid(e), leaves(n))).collect()));
                let below = all.iter().map(|number| Found("SERIES".into(), vec![image.clone(); *number]));
                found.push(Found("STUDY".into(), below.collect()));
            }
            patients.push(patient(made));
            expected.push(Found("PATIENT".into(), found));
        }
        prop_assert_eq!(walk(&directory_of(patients)), expected);
    }
}
