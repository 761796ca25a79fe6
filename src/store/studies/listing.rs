//! Lists of studies.
//!
//! First the ids of a page are found, from indexes alone; then what is shown of them is read. A search
//! for a name has two ways. A rare one leads from its patients to their studies. A common one would
//! lead to half the library, to be sorted and thrown away; it is cheaper to go through the studies,
//! newest first, and see whose they are until the page is full. Engines do not know which it is.

use crate::model::{Patient, StudyFilter, StudySummary, name};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Value, composed, list as listed, read_all};
use std::collections::HashMap;

/// The studies that meet a filter, newest study date first.
///
/// # Errors
/// If the database fails.
pub async fn list(mut reader: impl Read, filter: &StudyFilter) -> Result<Vec<StudySummary>, StoreError> {
    let name = NameSearch::of(&mut reader, filter).await?;
    let (sql, params) = page_sql(filter, name.as_ref());
    let rows = reader.rows(composed(sql), params).await?;
    let ids = read_all(rows, "studies", |row| row.text(0))?;
    by_ids(reader, &ids).await
}

/// The studies of these ids, in this order; one that there is none of is left out.
///
/// # Errors
/// If the database fails.
pub async fn by_ids(mut reader: impl Read, ids: &[String]) -> Result<Vec<StudySummary>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut studies = summaries(&mut reader, ids).await?;
    count_series(&mut reader, ids, &mut studies).await?;
    count_instances(&mut reader, ids, &mut studies).await?;
    Ok(ids.iter().filter_map(|id| studies.remove(id)).collect())
}

/// Names more patients have than this are common.
const RARE: u32 = 2_000;

/// The beginning of a name, folded, and whether it is a common one.
struct NameSearch {
    from: String,
    to: String,
    common: bool,
}

impl NameSearch {
    /// What a filter searches for; an empty name is none.
    async fn of(reader: &mut impl Read, filter: &StudyFilter) -> Result<Option<Self>, StoreError> {
        let from = filter.name.as_deref().map(name::folded).unwrap_or_default();
        if from.is_empty() {
            return Ok(None);
        }
        let to = name::after_prefix(&from);
        let sql = "SELECT count(*) FROM (SELECT 1 FROM patient_names \
                   WHERE name_folded >= $1 AND name_folded < $2 LIMIT $3) AS some_names";
        let params = vec![Value::from(&from), Value::from(&to), (RARE + 1).into()];
        let row = reader.row(sql.into_sql_str(), params).await?;
        let found = row.ok_or(StoreError::Missing { table: "patient_names" })?.u32(0)?;
        Ok(Some(Self { from, to, common: found > RARE }))
    }
}

/// The statement that finds the ids of a page.
#[derive(Default)]
struct Page<'f> {
    conditions: Vec<String>,
    params: Vec<Value<'f>>,
}

impl<'f> Page<'f> {
    /// A parameter's placeholder.
    fn param(&mut self, value: impl Into<Value<'f>>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    fn equal(&mut self, column: &str, value: Option<&'f String>) {
        if let Some(value) = value {
            let param = self.param(value);
            self.conditions.push(format!("{column} = {param}"));
        }
    }
}

fn page_sql<'f>(filter: &'f StudyFilter, name: Option<&'f NameSearch>) -> (String, Vec<Value<'f>>) {
    let mut page = Page::default();
    if let Some(name) = name {
        find_name(&mut page, name);
    }
    find_patients(&mut page, filter);
    page.equal("s.study_instance_uid", filter.study_instance_uid.as_ref());
    if filter.accession_number.is_some() {
        page.equal("s.accession_number", filter.accession_number.as_ref());
        page.conditions.push("s.accession_number <> ''".to_owned());
    }
    if let Some(from) = &filter.study_date_from {
        let from = page.param(from);
        page.conditions.push(format!("s.study_date >= {from}"));
    }
    if let Some(to) = &filter.study_date_to {
        let to = page.param(to);
        page.conditions.push(format!("s.study_date <= {to}"));
    }
    if let Some(cursor) = &filter.before {
        let (date, id) = (page.param(&cursor.study_date), page.param(&cursor.id));
        page.conditions.push(format!("(s.study_date, s.id) < ({date}, {id})"));
    }
    let limit = page.param(filter.limit);
    let conditions = page.conditions.join(" AND ");
    let wheres = if conditions.is_empty() { "" } else { " WHERE " };
    let sql = format!(
        "SELECT s.id FROM studies s{wheres}{conditions} ORDER BY s.study_date DESC, s.id DESC LIMIT {limit}"
    );
    (sql, page.params)
}

/// Counting, where `EXISTS` would say the same, keeps PostgreSQL from turning the second way into the
/// first.
fn find_name<'f>(page: &mut Page<'f>, name: &'f NameSearch) {
    let (from, to) = (page.param(&name.from), page.param(&name.to));
    let matches = format!("name_folded >= {from} AND name_folded < {to}");
    page.conditions.push(if name.common {
        format!("(SELECT count(*) FROM patient_names n WHERE n.patient = s.patient AND {matches}) > 0")
    } else {
        format!("s.patient IN (SELECT patient FROM patient_names WHERE {matches})")
    });
}

/// A Patient ID leads from the patient to the studies; an issuer alone says too little to begin with.
fn find_patients<'f>(page: &mut Page<'f>, filter: &'f StudyFilter) {
    match (&filter.patient_id, &filter.issuer) {
        (Some(patient_id), issuer) => {
            let patient_id = page.param(patient_id);
            let issuer = issuer.as_ref().map(|issuer| page.param(issuer));
            let of_issuer = issuer.map(|issuer| format!(" AND issuer_of_patient_id = {issuer}"));
            page.conditions.push(format!(
                "s.patient IN (SELECT id FROM patients WHERE patient_id = {patient_id}{})",
                of_issuer.unwrap_or_default()
            ));
        }
        (None, Some(issuer)) => {
            let issuer = page.param(issuer);
            page.conditions.push(format!(
                "EXISTS (SELECT 1 FROM patients p WHERE p.id = s.patient AND p.issuer_of_patient_id = {issuer})"
            ));
        }
        (None, None) => {}
    }
}

async fn summaries(
    reader: &mut impl Read,
    ids: &[String],
) -> Result<HashMap<String, StudySummary>, StoreError> {
    let among = reader.dialect().in_list("s.id", 1);
    let sql = format!(
        "SELECT s.id, s.study_instance_uid, s.study_date, s.study_time, s.accession_number, s.study_id, \
         s.description, s.referring_physician, s.first_arrival_at, s.last_arrival_at, s.settled_at, \
         p.id AS patient, p.issuer_of_patient_id, p.patient_id, p.name, p.birth_date, p.sex \
         FROM studies s JOIN patients p ON p.id = s.patient WHERE {among}"
    );
    let rows = reader.rows(composed(sql), vec![listed(ids.iter().map(String::as_str))]).await?;
    read_all(rows, "studies", |row| summary(row).map(|study| (study.id.clone(), study)))
        .map(|studies| studies.into_iter().collect())
}

fn summary(row: &Row) -> Result<StudySummary, StoreError> {
    Ok(StudySummary {
        id: row.text("id")?,
        patient: Patient {
            id: row.text("patient")?,
            issuer: row.text("issuer_of_patient_id")?,
            patient_id: row.text("patient_id")?,
            name: row.text("name")?,
            birth_date: row.text("birth_date")?,
            sex: row.text("sex")?,
        },
        study_instance_uid: row.text("study_instance_uid")?,
        study_date: row.text("study_date")?,
        study_time: row.text("study_time")?,
        accession_number: row.text("accession_number")?,
        study_id: row.text("study_id")?,
        description: row.text("description")?,
        referring_physician: row.text("referring_physician")?,
        first_arrival_at: row.i64("first_arrival_at")?,
        last_arrival_at: row.i64("last_arrival_at")?,
        settled_at: row.opt_i64("settled_at")?,
        modalities: Vec::new(),
        series_count: 0,
        instance_count: 0,
    })
}

async fn count_series(
    reader: &mut impl Read,
    ids: &[String],
    studies: &mut HashMap<String, StudySummary>,
) -> Result<(), StoreError> {
    let among = reader.dialect().in_list("study", 1);
    let sql = format!(
        "SELECT study, modality, count(*) FROM series WHERE {among} GROUP BY study, modality ORDER BY modality"
    );
    for row in reader.rows(composed(sql), vec![listed(ids.iter().map(String::as_str))]).await? {
        let (row, modality) = (row.of("series"), 1);
        if let Some(study) = studies.get_mut(&row.text(0)?) {
            study.series_count += row.u64(2)?;
            study.modalities.extend(Some(row.text(modality)?).filter(|modality| !modality.is_empty()));
        }
    }
    Ok(())
}

async fn count_instances(
    reader: &mut impl Read,
    ids: &[String],
    studies: &mut HashMap<String, StudySummary>,
) -> Result<(), StoreError> {
    let among = reader.dialect().in_list("study", 1);
    let sql =
        format!("SELECT study, count(*) FROM instances WHERE {among} AND is_current = 1 GROUP BY study");
    for row in reader.rows(composed(sql), vec![listed(ids.iter().map(String::as_str))]).await? {
        let row = row.of("instances");
        if let Some(study) = studies.get_mut(&row.text(0)?) {
            study.instance_count = row.u64(1)?;
        }
    }
    Ok(())
}
