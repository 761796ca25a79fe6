//! The samples read back by a DICOM library that did not lay them out.

use std::collections::BTreeSet;

use dicom::dictionary_std::tags;

use super::*;

fn read(study: &SampleStudy, index: usize) -> InMemDicomObject {
    let bytes = study.dataset(index).unwrap();
    InMemDicomObject::read_dataset_with_ts(bytes.as_slice(), &EXPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap()
}

fn text(object: &InMemDicomObject, tag: dicom::core::Tag) -> String {
    object.element(tag).unwrap().to_str().unwrap().into_owned()
}

fn numbers(object: &InMemDicomObject, tag: dicom::core::Tag) -> Vec<f64> {
    object.element(tag).unwrap().to_multi_float64().unwrap()
}

#[test]
fn data_sets_say_what_the_study_says() {
    for study in [ct(3, 1), xray(1), ultrasound_cine(1)] {
        let object = read(&study, 0);
        let instance = &study.instances[0];
        assert_eq!(text(&object, tags::PATIENT_NAME), study.patient.name);
        assert_eq!(text(&object, tags::PATIENT_ID), study.patient.id);
        assert_eq!(text(&object, tags::STUDY_INSTANCE_UID), study.study_instance_uid);
        assert_eq!(text(&object, tags::SERIES_INSTANCE_UID), study.series_instance_uid);
        assert_eq!(text(&object, tags::ACCESSION_NUMBER), study.accession_number);
        assert_eq!(text(&object, tags::SOP_CLASS_UID), instance.sop_class_uid);
        assert_eq!(text(&object, tags::SOP_INSTANCE_UID), instance.sop_instance_uid);
        assert_eq!(text(&object, tags::MODALITY), study.modality);
    }
}

#[test]
fn the_three_patients_differ_and_two_need_their_script() {
    let studies = [ct(1, 1), xray(1), ultrasound_cine(1)];
    let ids: BTreeSet<_> = studies.iter().map(|study| study.patient.id.clone()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(studies[0].patient.name, "حداد^ليلى");
    assert_eq!(studies[1].patient.name.split('=').count(), 3);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_uids() {
    assert_eq!(ct(4, 9), ct(4, 9));
    assert_eq!(ct(4, 9).dataset(2).unwrap(), ct(4, 9).dataset(2).unwrap());
    assert_ne!(ct(4, 9).study_instance_uid, ct(4, 10).study_instance_uid);
    assert_ne!(ct(4, 9).dataset(1).unwrap(), ct(4, 9).dataset(2).unwrap());
}

#[test]
fn uids_are_distinct_and_well_formed() {
    let study = ct(200, 3);
    let mut seen = BTreeSet::from([study.study_instance_uid.clone(), study.series_instance_uid.clone()]);
    seen.extend(study.instances.iter().map(|instance| instance.sop_instance_uid.clone()));
    seen.insert(xray(3).study_instance_uid);
    assert_eq!(seen.len(), 203);
    for uid in seen {
        let digits = uid.strip_prefix("2.25.").unwrap();
        assert!(uid.len() <= 64 && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()));
    }
}

#[test]
fn slices_are_evenly_spaced_along_the_normal_of_one_frame_of_reference() {
    let study = ct(60, 5);
    let first = read(&study, 0);
    let spacing = numbers(&first, tags::SLICE_THICKNESS)[0];
    let mut before = numbers(&first, tags::IMAGE_POSITION_PATIENT);
    for index in 1..4 {
        let object = read(&study, index);
        let here = numbers(&object, tags::IMAGE_POSITION_PATIENT);
        assert_eq!(here[..2], before[..2]);
        assert!((here[2] - before[2] - spacing).abs() < 1e-4);
        assert_eq!(text(&object, tags::FRAME_OF_REFERENCE_UID), text(&first, tags::FRAME_OF_REFERENCE_UID));
        before = here;
    }
    let pixels = numbers(&first, tags::PIXEL_SPACING)[0];
    assert!((numbers(&first, tags::IMAGE_POSITION_PATIENT)[0] + 255.5 * pixels).abs() < 1e-4);
}

#[test]
fn ct_values_are_hounsfield_units_after_rescaling() {
    let study = ct(61, 5);
    let object = read(&study, 30);
    let intercept = numbers(&object, tags::RESCALE_INTERCEPT)[0];
    let bytes = object.element(tags::PIXEL_DATA).unwrap().to_bytes().unwrap();
    assert_eq!(bytes.len(), 512 * 512 * 2);
    let mean = |left: usize, top: usize| {
        let block = (0..64).map(|i| ((top + i / 8) * 512 + left + i % 8) * 2);
        let sum: f64 = block.map(|at| f64::from(i16::from_le_bytes([bytes[at], bytes[at + 1]]))).sum();
        sum / 64.0 + intercept
    };
    assert!((mean(4, 4) + 1000.0).abs() < 6.0, "air");
    assert!((mean(252, 252) - 35.0).abs() < 6.0, "brain");
    assert!((mean(196, 252) - 5.0).abs() < 6.0, "ventricle");
}

#[test]
fn a_missing_instance_is_refused() {
    assert!(matches!(xray(1).dataset(1), Err(SampleError::NoSuchInstance(1))));
    assert_eq!(ct(0, 1).instances.len(), 1);
}
