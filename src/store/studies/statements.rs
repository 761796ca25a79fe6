//! The statements that put arrivals: what is there already stays, what was empty is filled in.

use crate::store::db::Many;

pub(super) const PUT_PATIENTS: Many = Many {
    head: "INSERT INTO patients \
           (id, patient_key, issuer_of_patient_id, patient_id, name, birth_date, sex, created_at)",
    width: 8,
    tail: "ON CONFLICT (patient_key) DO UPDATE SET \
           name = CASE patients.name WHEN '' THEN excluded.name ELSE patients.name END, \
           birth_date = CASE patients.birth_date WHEN '' THEN excluded.birth_date ELSE patients.birth_date END, \
           sex = CASE patients.sex WHEN '' THEN excluded.sex ELSE patients.sex END \
           RETURNING id, patient_key, name, birth_date",
};

pub(super) const PUT_NAMES: Many = Many {
    head: "INSERT INTO patient_names (name_folded, patient)",
    width: 2,
    tail: "ON CONFLICT (name_folded, patient) DO NOTHING",
};

pub(super) const PUT_STUDIES: Many = Many {
    head: "INSERT INTO studies \
           (id, patient, study_instance_uid, study_date, study_time, accession_number, study_id, \
           description, referring_physician, first_arrival_at, last_arrival_at)",
    width: 11,
    tail: "ON CONFLICT (study_instance_uid, patient) DO UPDATE SET \
           study_date = CASE studies.study_date WHEN '' THEN excluded.study_date ELSE studies.study_date END, \
           study_time = CASE studies.study_time WHEN '' THEN excluded.study_time ELSE studies.study_time END, \
           accession_number = CASE studies.accession_number WHEN '' THEN excluded.accession_number \
           ELSE studies.accession_number END, \
           study_id = CASE studies.study_id WHEN '' THEN excluded.study_id ELSE studies.study_id END, \
           description = CASE studies.description WHEN '' THEN excluded.description \
           ELSE studies.description END, \
           referring_physician = CASE studies.referring_physician WHEN '' THEN excluded.referring_physician \
           ELSE studies.referring_physician END, \
           last_arrival_at = CASE WHEN excluded.last_arrival_at > studies.last_arrival_at \
           THEN excluded.last_arrival_at ELSE studies.last_arrival_at END, \
           settled_at = NULL \
           RETURNING id, patient, study_instance_uid",
};

pub(super) const PUT_SERIES: Many = Many {
    head: "INSERT INTO series (id, study, series_instance_uid, modality, series_number, description)",
    width: 6,
    tail: "ON CONFLICT (study, series_instance_uid) DO UPDATE SET \
           modality = CASE series.modality WHEN '' THEN excluded.modality ELSE series.modality END, \
           series_number = coalesce(series.series_number, excluded.series_number), \
           description = CASE series.description WHEN '' THEN excluded.description ELSE series.description END \
           RETURNING id, study, series_instance_uid",
};

pub(super) const PUT_INSTANCES: Many = Many {
    head: "INSERT INTO instances \
           (id, study, series, sop_instance_uid, sop_class_uid, transfer_syntax_uid, instance_number, \
           received_at, source, size_bytes, header_bytes, header_is_ours, is_current, keys, notes, node, \
           spool_first, spool_last, extents)",
    width: 19,
    tail: "ON CONFLICT (id) DO NOTHING",
};
