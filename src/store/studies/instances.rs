//! Questions about instances.

use crate::model::{InstanceRow, MemberMethod, Place, SettledInstance, Spooled, Totals};
use crate::store::StoreError;
use crate::store::db::{Read, Row, SqlSafeStr, Value, composed, list, read_all};
use std::collections::{BTreeSet, HashSet};

const COLUMNS: &str = "SELECT i.id, i.study, i.series, i.sop_instance_uid, i.sop_class_uid, \
    i.transfer_syntax_uid, i.instance_number, i.received_at, i.source, i.size_bytes, i.header_bytes, \
    i.header_is_ours, i.is_current, i.damaged, i.keys, i.notes, i.node, i.spool_first, i.spool_last, \
    i.extents, i.archive, i.member_offset, i.member_bytes, i.member_method, i.crc32, i.sha256, \
    i.dataset_sha256, r.series_instance_uid, r.modality, r.series_number \
    FROM instances i JOIN series r ON r.id = i.series WHERE ";

/// The order a study is read in: by series, then by image.
const IN_ORDER: &str = " ORDER BY r.series_number NULLS LAST, r.series_instance_uid, \
    i.instance_number NULLS LAST, i.sop_instance_uid, i.id";

/// Which of these ingest ids are indexed, or were and have been dropped as duplicates.
///
/// # Errors
/// If the database fails.
pub async fn known<'i>(
    mut reader: impl Read,
    ids: impl IntoIterator<Item = &'i str>,
) -> Result<HashSet<String>, StoreError> {
    let dialect = reader.dialect();
    let (indexed, dropped) = (dialect.in_list("id", 1), dialect.in_list("ingest_id", 1));
    let sql = format!(
        "SELECT id FROM instances WHERE {indexed} UNION ALL SELECT ingest_id FROM dropped WHERE {dropped}"
    );
    let rows = reader.rows(composed(sql), vec![list(ids)]).await?;
    read_all(rows, "instances", |row| row.text(0)).map(HashSet::from_iter)
}

/// The instance of an ingest id.
///
/// # Errors
/// If the database fails.
pub async fn instance(reader: impl Read, id: &str) -> Result<Option<InstanceRow>, StoreError> {
    Ok(select(reader, "i.id = $1", vec![id.into()]).await?.pop())
}

/// Every instance of a study, in the order it is read in, older arrivals of a SOP Instance included.
///
/// # Errors
/// If the database fails.
pub async fn instances_of(reader: impl Read, study: &str) -> Result<Vec<InstanceRow>, StoreError> {
    select(reader, "i.study = $1", vec![study.into()]).await
}

/// The instances of a study whose bytes are in the spool of `node`, in the order it is read in.
///
/// # Errors
/// If the database fails.
pub async fn spooled_of(reader: impl Read, study: &str, node: &str) -> Result<Vec<InstanceRow>, StoreError> {
    select(reader, "i.node = $1 AND i.study = $2", vec![node.into(), study.into()]).await
}

/// The segment generations of a node's spool that hold bytes nobody else has.
///
/// # Errors
/// If the database fails.
pub async fn generations_in_use(mut reader: impl Read, node: &str) -> Result<BTreeSet<u64>, StoreError> {
    let sql = "SELECT DISTINCT spool_first, spool_last FROM instances WHERE node = $1";
    let rows = reader.rows(sql.into_sql_str(), vec![node.into()]).await?;
    let ranges = read_all(rows, "instances", |row| Ok((row.u64("spool_first")?, row.u64("spool_last")?)))?;
    Ok(ranges.into_iter().flat_map(|(first, last)| first..=last).collect())
}

/// How much the library holds.
///
/// # Errors
/// If the database fails.
pub async fn totals(mut reader: impl Read) -> Result<Totals, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM patients) AS patients, (SELECT count(*) FROM studies) AS studies, \
               (SELECT count(*) FROM series) AS series, (SELECT count(*) FROM instances) AS instances, \
               (SELECT count(*) FROM instances WHERE node IS NOT NULL) AS spooled";
    let row = reader.row(sql.into_sql_str(), Vec::new()).await?;
    let row = row.ok_or(StoreError::Missing { table: "instances" })?.of("instances");
    Ok(Totals {
        patients: row.u64("patients")?,
        studies: row.u64("studies")?,
        series: row.u64("series")?,
        instances: row.u64("instances")?,
        spooled: row.u64("spooled")?,
    })
}

pub(super) async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<InstanceRow>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}{IN_ORDER}")), params).await?;
    read_all(rows, "instances", read)
}

fn read(row: &Row) -> Result<InstanceRow, StoreError> {
    Ok(InstanceRow {
        id: row.text("id")?,
        study: row.text("study")?,
        series: row.text("series")?,
        series_instance_uid: row.text("series_instance_uid")?,
        modality: row.text("modality")?,
        series_number: row.opt_i64("series_number")?,
        sop_instance_uid: row.text("sop_instance_uid")?,
        sop_class_uid: row.text("sop_class_uid")?,
        transfer_syntax_uid: row.text("transfer_syntax_uid")?,
        instance_number: row.opt_i64("instance_number")?,
        received_at: row.i64("received_at")?,
        source: row.json("source")?,
        size_bytes: row.u64("size_bytes")?,
        header_bytes: row.u64("header_bytes")?,
        header_is_ours: row.flag("header_is_ours")?,
        current: row.flag("is_current")?,
        damaged: row.flag("damaged")?,
        keys: row.text("keys")?,
        notes: row.json("notes")?,
        place: place(row)?,
    })
}

/// The bytes are in a spool or in an archive, never in both or in neither.
fn place(row: &Row) -> Result<Place, StoreError> {
    match (row.opt_text("node")?, row.opt_text("archive")?) {
        (Some(node), None) => {
            let (first, last) = (row.u64("spool_first")?, row.u64("spool_last")?);
            Ok(Place::Spool(Spooled { node, first, last, extents: row.text("extents")? }))
        }
        (None, Some(archive)) => Ok(Place::Archive { archive, member: member(row)? }),
        _ => Err(row.inconsistent("archive")),
    }
}

fn member(row: &Row) -> Result<SettledInstance, StoreError> {
    let method = MemberMethod::parse(&row.text("member_method")?);
    Ok(SettledInstance {
        id: row.text("id")?,
        member_offset: row.u64("member_offset")?,
        member_bytes: row.u64("member_bytes")?,
        member_method: method.ok_or_else(|| row.inconsistent("member_method"))?,
        crc32: row.u32("crc32")?,
        sha256: row.text("sha256")?,
        dataset_sha256: row.text("dataset_sha256")?,
    })
}
