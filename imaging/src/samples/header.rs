//! The modules every sample has: Patient, General Study, General Series, General Equipment,
//! General Image, SOP Common (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.7.6.1, C.12.1).

use dicom::core::{DataElement, PrimitiveValue, Tag, VR};
use dicom::dictionary_std::tags;
use dicom::object::InMemDicomObject;

use super::{SampleInstance, SampleStudy};

/// What the data sets of all samples begin with.
pub(super) fn common(study: &SampleStudy, instance: &SampleInstance) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    put_patient_and_study(&mut object, study);
    put_series_and_equipment(&mut object, study);
    put_instance(&mut object, study, instance);
    object
}

/// Puts elements whose values are text, or numbers written as text.
pub(super) fn put_texts(object: &mut InMemDicomObject, elements: &[(Tag, VR, &str)]) {
    for (tag, vr, text) in elements {
        object.put_str(*tag, *vr, *text);
    }
}

/// Puts elements of VR US.
pub(super) fn put_shorts(object: &mut InMemDicomObject, elements: &[(Tag, u16)]) {
    for (tag, value) in elements {
        object.put(DataElement::new(*tag, VR::US, PrimitiveValue::from(*value)));
    }
}

fn put_patient_and_study(object: &mut InMemDicomObject, study: &SampleStudy) {
    let patient = &study.patient;
    put_texts(
        object,
        &[
            (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
            (tags::PATIENT_NAME, VR::PN, &patient.name),
            (tags::PATIENT_ID, VR::LO, &patient.id),
            (tags::ISSUER_OF_PATIENT_ID, VR::LO, &patient.issuer),
            (tags::PATIENT_BIRTH_DATE, VR::DA, &patient.birth_date),
            (tags::PATIENT_SEX, VR::CS, &patient.sex),
            (tags::STUDY_INSTANCE_UID, VR::UI, &study.study_instance_uid),
            (tags::STUDY_DATE, VR::DA, &study.study_date),
            (tags::STUDY_TIME, VR::TM, &study.study_time),
            (tags::REFERRING_PHYSICIAN_NAME, VR::PN, "Okafor^Ngozi^^Dr"),
            (tags::STUDY_ID, VR::SH, &study.study_id),
            (tags::ACCESSION_NUMBER, VR::SH, &study.accession_number),
            (tags::STUDY_DESCRIPTION, VR::LO, &study.study_description),
        ],
    );
}

fn put_series_and_equipment(object: &mut InMemDicomObject, study: &SampleStudy) {
    put_texts(
        object,
        &[
            (tags::MODALITY, VR::CS, study.modality),
            (tags::SERIES_INSTANCE_UID, VR::UI, &study.series_instance_uid),
            (tags::SERIES_NUMBER, VR::IS, "1"),
            (tags::SERIES_DATE, VR::DA, &study.study_date),
            (tags::SERIES_TIME, VR::TM, &study.study_time),
            (tags::SERIES_DESCRIPTION, VR::LO, &study.series_description),
            (tags::BODY_PART_EXAMINED, VR::CS, study.body_part),
            (tags::MANUFACTURER, VR::LO, "Filmroom"),
            (tags::MANUFACTURER_MODEL_NAME, VR::LO, "Sample generator"),
            (tags::DEVICE_SERIAL_NUMBER, VR::LO, "1"),
            (tags::SOFTWARE_VERSIONS, VR::LO, env!("CARGO_PKG_VERSION")),
            (tags::INSTITUTION_NAME, VR::LO, "Sample Hospital"),
            (tags::STATION_NAME, VR::SH, "SAMPLE"),
        ],
    );
}

fn put_instance(object: &mut InMemDicomObject, study: &SampleStudy, instance: &SampleInstance) {
    put_texts(
        object,
        &[
            (tags::SOP_CLASS_UID, VR::UI, instance.sop_class_uid),
            (tags::SOP_INSTANCE_UID, VR::UI, &instance.sop_instance_uid),
            (tags::INSTANCE_NUMBER, VR::IS, &instance.instance_number.to_string()),
            (tags::INSTANCE_CREATION_DATE, VR::DA, &study.study_date),
            (tags::INSTANCE_CREATION_TIME, VR::TM, &study.study_time),
            (tags::CONTENT_DATE, VR::DA, &study.study_date),
            (tags::CONTENT_TIME, VR::TM, &study.study_time),
            (tags::ACQUISITION_DATE, VR::DA, &study.study_date),
            (tags::ACQUISITION_TIME, VR::TM, &study.study_time),
            (tags::ACQUISITION_NUMBER, VR::IS, "1"),
        ],
    );
}
