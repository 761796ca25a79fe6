//! What arrives becomes rows: a handful of statements for a batch, however many instances it has.

use super::batch::{Batch, InstanceOfBatch, PatientOfBatch};
use super::statements::{PUT_INSTANCES, PUT_NAMES, PUT_PATIENTS, PUT_SERIES, PUT_STUDIES};
use crate::ids::new_id;
use crate::model::arrival::plain;
use crate::model::{ArrivedInstance, FindingKind, NewFinding, name};
use crate::store::db::{Gate, Tx, Value, composed, list, read_all};
use crate::store::{StoreError, findings};
use imaging::chance::Chance;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

/// A study that got instances, which are in the spool of `node`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TouchedStudy {
    /// The study's row.
    pub study_id: String,
    /// The node.
    pub node: String,
}

/// Indexes instances that are durable in a spool, and names the studies they belong to. Those indexed
/// before, or dropped as duplicates since, change nothing.
///
/// Of patient, study and series the values that came first stay and empty ones are filled in. A study
/// under two patients, and a patient with two names or birth dates, raise findings.
///
/// # Errors
/// If the database refuses or fails.
pub async fn index_arrivals(
    tx: &mut Tx,
    arrivals: &[ArrivedInstance],
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<Vec<TouchedStudy>, StoreError> {
    let mut known = super::known(&mut *tx, arrivals.iter().map(|arrived| arrived.id.as_str())).await?;
    let unknown = arrivals.iter().filter(|arrived| known.insert(arrived.id.clone()));
    let batch = Batch::of(unknown);
    if batch.instances.is_empty() {
        return Ok(Vec::new());
    }
    let mut indexing = Indexing { tx, batch, now_ms, chance, findings: Vec::new() };
    let patients = indexing.put_patients().await?;
    let studies = indexing.put_studies(&patients).await?;
    let series = indexing.put_series(&studies).await?;
    indexing.put_instances(&studies, &series).await?;
    let Indexing { tx, batch, findings, .. } = indexing;
    findings::raise(tx, &findings, now_ms, chance).await?;
    Ok(touched(&batch, &studies))
}

struct Indexing<'t, 'a> {
    tx: &'t mut Tx,
    batch: Batch<'a>,
    now_ms: i64,
    chance: &'t dyn Chance,
    findings: Vec<NewFinding>,
}

struct StudyPut {
    id: String,
    is_new: bool,
}

impl Indexing<'_, '_> {
    /// Rows are put in the order of their keys, so that two nodes never wait for each other in a ring.
    async fn put_patients(&mut self) -> Result<Vec<String>, StoreError> {
        let order = sorted(&self.batch.patients, |patient| &patient.key);
        let mut values = Vec::with_capacity(order.len() * PUT_PATIENTS.width);
        for patient in order.iter().map(|&at| &self.batch.patients[at]) {
            let came = &patient.values;
            values.push(new_id(self.now_ms, self.chance).into());
            values.extend([&patient.key, &came.issuer, &came.id, &came.name].map(Value::from));
            values.extend([&came.birth_date, &came.sex].map(Value::from));
            values.push(self.now_ms.into());
        }
        let mut ids = HashMap::new();
        for row in self.tx.fetch_many(&PUT_PATIENTS, values).await? {
            let row = row.of("patients");
            let stored = StoredPatient { id: row.text(0)?, name: row.text(2)?, birth_date: row.text(3)? };
            ids.insert(row.text(1)?, stored);
        }
        let stored = self.batch.patients.iter().map(|patient| take(&mut ids, &patient.key, "patients"));
        let stored: Vec<StoredPatient> = stored.collect::<Result<_, _>>()?;
        let both = || self.batch.patients.iter().zip(&stored);
        self.findings.extend(both().flat_map(|(came, stored)| disagreements(came, stored)));
        let names: BTreeSet<(String, &str)> =
            both().flat_map(|(came, stored)| names_of(came, &stored.id)).collect();
        let names = names.into_iter().flat_map(|(folded, patient)| [folded.into(), patient.into()]).collect();
        self.tx.execute_many(&PUT_NAMES, names).await?;
        Ok(stored.into_iter().map(|patient| patient.id).collect())
    }

    async fn put_studies(&mut self, patients: &[String]) -> Result<Vec<StudyPut>, StoreError> {
        let key = |at: usize| {
            let study = &self.batch.studies[at];
            (study.values.study_instance_uid.as_str(), patients[study.patient].as_str())
        };
        let mut order: Vec<usize> = (0..self.batch.studies.len()).collect();
        order.sort_unstable_by_key(|&at| key(at));
        let mut fresh = HashSet::new();
        let mut values = Vec::with_capacity(order.len() * PUT_STUDIES.width);
        for study in order.iter().map(|&at| &self.batch.studies[at]) {
            let (came, id) = (&study.values, new_id(self.now_ms, self.chance));
            fresh.insert(id.clone());
            values.extend([id.into(), Value::from(&patients[study.patient])]);
            values.extend([&came.study_instance_uid, &came.date, &came.time].map(Value::from));
            values.extend([&came.accession_number, &came.study_id, &came.description].map(Value::from));
            values.push(Value::from(&came.referring_physician));
            values.extend([study.first_arrival_at, study.last_arrival_at].map(Value::from));
        }
        let mut ids = HashMap::new();
        for row in self.tx.fetch_many(&PUT_STUDIES, values).await? {
            let row = row.of("studies");
            ids.insert((row.text(2)?, row.text(1)?), row.text(0)?);
        }
        let mut put = Vec::with_capacity(order.len());
        for study in &self.batch.studies {
            let key = (study.values.study_instance_uid.clone(), patients[study.patient].clone());
            let id = take(&mut ids, &key, "studies")?;
            put.push(StudyPut { is_new: fresh.contains(&id), id });
        }
        self.find_studies_under_two_patients(&put).await?;
        Ok(put)
    }

    /// Only a study that is new can be the second of its UID. Two nodes could each put one of them and
    /// not see the other's; so whoever looks, looks alone.
    async fn find_studies_under_two_patients(&mut self, put: &[StudyPut]) -> Result<(), StoreError> {
        let new = self.batch.studies.iter().zip(put).filter(|(_, put)| put.is_new);
        let uids: Vec<&str> = new.map(|(study, _)| study.values.study_instance_uid.as_str()).collect();
        if uids.is_empty() {
            return Ok(());
        }
        self.tx.pass_alone(Gate::NewStudies).await?;
        let among = self.tx.dialect().in_list("study_instance_uid", 1);
        let sql = format!("SELECT id, study_instance_uid FROM studies WHERE {among} ORDER BY id");
        let mut rows_of_uid: HashMap<String, Vec<String>> = HashMap::new();
        for row in self.tx.fetch_all(composed(sql), [list(uids)]).await? {
            rows_of_uid.entry(row.text(1)?).or_default().push(row.text(0)?);
        }
        for (uid, studies) in rows_of_uid.into_iter().filter(|(_, studies)| studies.len() > 1) {
            let detail = json!({ "study_instance_uid": uid, "studies": studies });
            let kind = FindingKind::StudyUnderTwoPatients;
            let on = |subject| NewFinding { kind, subject, detail: detail.clone() };
            self.findings.extend(studies.into_iter().map(on));
        }
        Ok(())
    }

    async fn put_series(&mut self, studies: &[StudyPut]) -> Result<Vec<String>, StoreError> {
        let mut order: Vec<usize> = (0..self.batch.series.len()).collect();
        order.sort_unstable_by_key(|&at| {
            let series = &self.batch.series[at];
            (studies[series.study].id.as_str(), series.values.series_instance_uid.as_str())
        });
        let mut values = Vec::with_capacity(order.len() * PUT_SERIES.width);
        for series in order.iter().map(|&at| &self.batch.series[at]) {
            let came = &series.values;
            values.push(new_id(self.now_ms, self.chance).into());
            values.extend(
                [&studies[series.study].id, &came.series_instance_uid, &came.modality].map(Value::from),
            );
            values.extend([came.number.into(), Value::from(&came.description)]);
        }
        let mut ids = HashMap::new();
        for row in self.tx.fetch_many(&PUT_SERIES, values).await? {
            let row = row.of("series");
            ids.insert((row.text(1)?, row.text(2)?), row.text(0)?);
        }
        let key = |at: usize| {
            let series = &self.batch.series[at];
            (studies[series.study].id.clone(), series.values.series_instance_uid.clone())
        };
        (0..order.len()).map(|at| take(&mut ids, &key(at), "series")).collect()
    }

    async fn put_instances(&mut self, studies: &[StudyPut], series: &[String]) -> Result<(), StoreError> {
        let mut current = self.current_of(studies).await?;
        let mut values = Vec::with_capacity(self.batch.instances.len() * PUT_INSTANCES.width);
        for instance in &self.batch.instances {
            let study = self.batch.series[instance.series].study;
            let arrived = instance.arrived;
            let is_current = current.insert((study, instance.sop_instance_uid.to_string()));
            values.extend([&arrived.id, &studies[study].id, &series[instance.series]].map(Value::from));
            values.push(Value::from(instance.sop_instance_uid.as_ref()));
            values.push(plain(&arrived.sop_class_uid).into());
            values.push(plain(&arrived.transfer_syntax_uid).into());
            values.extend([arrived.instance_number.into(), arrived.received_at.into()]);
            values.push(json_text(&arrived.source, "source")?);
            values.extend([arrived.size_bytes, arrived.header_bytes].map(Value::from));
            values.extend([arrived.header_is_ours, is_current].map(Value::from));
            values.push(Value::from(&arrived.keys));
            values.push(json_text(&arrived.notes, "notes")?);
            values.push(Value::from(&arrived.node));
            values.extend([arrived.spool_first, arrived.spool_last].map(Value::from));
            values.push(Value::from(&arrived.extents));
        }
        self.tx.execute_many(&PUT_INSTANCES, values).await.map(drop)
    }

    /// The SOP Instances of the batch that have a current arrival already. Studies put just now have none.
    async fn current_of(&mut self, studies: &[StudyPut]) -> Result<HashSet<(usize, String)>, StoreError> {
        let study_of = |series: usize| self.batch.series[series].study;
        let older = self.batch.instances.iter().filter(|instance| !studies[study_of(instance.series)].is_new);
        let uids: Vec<&str> = older.map(|instance| instance.sop_instance_uid.as_ref()).collect();
        if uids.is_empty() {
            return Ok(HashSet::new());
        }
        let places: HashMap<&str, usize> =
            studies.iter().enumerate().map(|(at, put)| (put.id.as_str(), at)).collect();
        let among = self.tx.dialect().in_list("sop_instance_uid", 1);
        let sql = format!("SELECT study, sop_instance_uid FROM instances WHERE {among} AND is_current = 1");
        let rows = self.tx.fetch_all(composed(sql), [list(uids)]).await?;
        let pairs = read_all(rows, "instances", |row| Ok((row.text(0)?, row.text(1)?)))?;
        let ours = |(study, uid): (String, String)| Some((*places.get(study.as_str())?, uid));
        Ok(pairs.into_iter().filter_map(ours).collect())
    }
}

struct StoredPatient {
    id: String,
    name: String,
    birth_date: String,
}

fn disagreements(came: &PatientOfBatch, stored: &StoredPatient) -> Vec<NewFinding> {
    let kept = name::folded(&stored.name);
    let other_name = came.names.iter().find(|other| name::folded(other) != kept);
    let other_date = came.birth_dates.iter().find(|other| **other != stored.birth_date);
    let on_patient = |kind, kept: &str, other: &String| NewFinding {
        kind,
        subject: stored.id.clone(),
        detail: json!({ "kept": kept, "came": other }),
    };
    let names = other_name.map(|other| on_patient(FindingKind::PatientTwoNames, &stored.name, other));
    let dates =
        other_date.map(|other| on_patient(FindingKind::PatientTwoBirthDates, &stored.birth_date, other));
    names.into_iter().chain(dates).collect()
}

fn names_of<'p>(came: &PatientOfBatch, patient: &'p str) -> Vec<(String, &'p str)> {
    came.names.iter().flat_map(|name| name::groups(name)).map(|group| (group, patient)).collect()
}

fn touched(batch: &Batch<'_>, studies: &[StudyPut]) -> Vec<TouchedStudy> {
    let of =
        |instance: &InstanceOfBatch<'_>| (batch.series[instance.series].study, instance.arrived.node.clone());
    let distinct: BTreeSet<(usize, String)> = batch.instances.iter().map(of).collect();
    distinct.into_iter().map(|(at, node)| TouchedStudy { study_id: studies[at].id.clone(), node }).collect()
}

fn sorted<T, K: Ord + ?Sized>(items: &[T], key: impl Fn(&T) -> &K) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_unstable_by(|&one, &other| key(&items[one]).cmp(key(&items[other])));
    order
}

/// Takes what a statement returned for `key`: it returns a row for every tuple.
fn take<K: Hash + Eq, V>(rows: &mut HashMap<K, V>, key: &K, table: &'static str) -> Result<V, StoreError> {
    rows.remove(key).ok_or(StoreError::Missing { table })
}

fn json_text(value: &impl serde::Serialize, column: &str) -> Result<Value<'static>, StoreError> {
    let text = serde_json::to_string(value);
    text.map(Value::from)
        .map_err(|_| StoreError::Inconsistent { table: "instances", column: column.to_owned() })
}
