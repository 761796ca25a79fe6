//! A batch of arrivals, with each patient, study and series in it once.

use crate::model::arrival::plain;
use crate::model::{ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy};
use std::borrow::Cow;
use std::collections::HashMap;

/// A batch. Indexes refer to the lists before.
#[derive(Default)]
pub(super) struct Batch<'a> {
    pub patients: Vec<PatientOfBatch>,
    pub studies: Vec<StudyOfBatch>,
    pub series: Vec<SeriesOfBatch>,
    pub instances: Vec<InstanceOfBatch<'a>>,
}

/// A patient: of each attribute the first value that is not empty.
pub(super) struct PatientOfBatch {
    pub key: String,
    pub values: ArrivedPatient,
    /// Every name there is in the batch.
    pub names: Vec<String>,
    /// Every birth date there is in the batch.
    pub birth_dates: Vec<String>,
}

/// A study of a patient.
pub(super) struct StudyOfBatch {
    pub patient: usize,
    pub values: ArrivedStudy,
    pub first_arrival_at: i64,
    pub last_arrival_at: i64,
}

/// A series of a study.
pub(super) struct SeriesOfBatch {
    pub study: usize,
    pub values: ArrivedSeries,
}

/// An instance of a series.
pub(super) struct InstanceOfBatch<'a> {
    pub series: usize,
    pub sop_instance_uid: Cow<'a, str>,
    pub arrived: &'a ArrivedInstance,
}

#[derive(Default)]
struct Seen<'a> {
    patients: HashMap<String, usize>,
    studies: HashMap<(usize, Cow<'a, str>), usize>,
    series: HashMap<(usize, Cow<'a, str>), usize>,
}

impl<'a> Batch<'a> {
    pub fn of(arrivals: impl IntoIterator<Item = &'a ArrivedInstance>) -> Self {
        let (mut batch, mut seen) = (Self::default(), Seen::default());
        for arrived in arrivals {
            let series = match batch.instances.last() {
                Some(last) if same_series(last.arrived, arrived) => last.series,
                _ => batch.place(arrived, &mut seen),
            };
            let study = &mut batch.studies[batch.series[series].study];
            study.first_arrival_at = study.first_arrival_at.min(arrived.received_at);
            study.last_arrival_at = study.last_arrival_at.max(arrived.received_at);
            let sop_instance_uid = plain(&arrived.sop_instance_uid);
            batch.instances.push(InstanceOfBatch { series, sop_instance_uid, arrived });
        }
        batch
    }

    /// Finds or makes the places of an instance's patient, study and series.
    fn place(&mut self, arrived: &'a ArrivedInstance, seen: &mut Seen<'a>) -> usize {
        let key = arrived.patient.key(&arrived.study.study_instance_uid);
        let patient = *seen.patients.entry(key).or_insert_with_key(|key| {
            let (names, birth_dates) = (Vec::new(), Vec::new());
            let values = ArrivedPatient::default();
            push(&mut self.patients, PatientOfBatch { key: key.clone(), values, names, birth_dates })
        });
        self.patients[patient].fill(&arrived.patient);

        let study_key = (patient, plain(&arrived.study.study_instance_uid));
        let study = *seen.studies.entry(study_key).or_insert_with(|| {
            let (at, values) = (arrived.received_at, ArrivedStudy::default());
            push(
                &mut self.studies,
                StudyOfBatch { patient, values, first_arrival_at: at, last_arrival_at: at },
            )
        });
        fill_study(&mut self.studies[study].values, &arrived.study);

        let series_key = (study, plain(&arrived.series.series_instance_uid));
        let series = *seen.series.entry(series_key).or_insert_with(|| {
            push(&mut self.series, SeriesOfBatch { study, values: ArrivedSeries::default() })
        });
        fill_series(&mut self.series[series].values, &arrived.series);
        series
    }
}

fn same_series(one: &ArrivedInstance, other: &ArrivedInstance) -> bool {
    one.series == other.series && one.study == other.study && one.patient == other.patient
}

fn push<T>(list: &mut Vec<T>, item: T) -> usize {
    list.push(item);
    list.len() - 1
}

impl PatientOfBatch {
    fn fill(&mut self, arrived: &ArrivedPatient) {
        let values = &mut self.values;
        for (value, came) in [
            (&mut values.issuer, &arrived.issuer),
            (&mut values.id, &arrived.id),
            (&mut values.name, &arrived.name),
            (&mut values.birth_date, &arrived.birth_date),
            (&mut values.sex, &arrived.sex),
        ] {
            fill(value, came);
        }
        remember(&mut self.names, &arrived.name);
        remember(&mut self.birth_dates, &arrived.birth_date);
    }
}

fn fill_study(values: &mut ArrivedStudy, arrived: &ArrivedStudy) {
    for (value, came) in [
        (&mut values.study_instance_uid, &arrived.study_instance_uid),
        (&mut values.date, &arrived.date),
        (&mut values.time, &arrived.time),
        (&mut values.accession_number, &arrived.accession_number),
        (&mut values.study_id, &arrived.study_id),
        (&mut values.description, &arrived.description),
        (&mut values.referring_physician, &arrived.referring_physician),
    ] {
        fill(value, came);
    }
}

fn fill_series(values: &mut ArrivedSeries, arrived: &ArrivedSeries) {
    for (value, came) in [
        (&mut values.series_instance_uid, &arrived.series_instance_uid),
        (&mut values.modality, &arrived.modality),
        (&mut values.description, &arrived.description),
    ] {
        fill(value, came);
    }
    values.number = values.number.or(arrived.number);
}

fn fill(value: &mut String, came: &str) {
    if value.is_empty() {
        plain(came).as_ref().clone_into(value);
    }
}

fn remember(values: &mut Vec<String>, came: &str) {
    let came = plain(came);
    if !came.is_empty() && !values.iter().any(|value| *value == came) {
        values.push(came.into_owned());
    }
}
