//! What a study's settling changes: where bytes are, which arrival counts, what was a duplicate.

use crate::model::{FindingKind, NewFinding, SettledInstance};
use crate::store::db::{Many, Tx, Value, composed, expect_one_row};
use crate::store::{StoreError, findings};
use imaging::chance::Chance;
use serde_json::json;

/// `coalesce` keeps PostgreSQL, which believes the spool to be empty whenever it has last looked at a
/// settled library, from reading all of the spool for every row.
const SETTLE: Many = Many {
    head: "UPDATE instances SET node = NULL, spool_first = NULL, spool_last = NULL, extents = NULL, \
           archive = v.column3, member_offset = v.column4, member_bytes = v.column5, \
           member_method = v.column6, crc32 = v.column7, sha256 = v.column8, dataset_sha256 = v.column9 FROM (",
    width: 9,
    tail: ") AS v WHERE instances.id = v.column1 AND coalesce(instances.node, '') = v.column2 AND instances.archive IS NULL",
};

/// Moves instances from the spool of `node` into `archive`. Every one of them must be in that spool.
///
/// # Errors
/// [`StoreError::WrongCount`] if one is not, or if the database fails.
pub async fn settled(
    tx: &mut Tx,
    archive: &str,
    node: &str,
    instances: &[SettledInstance],
) -> Result<(), StoreError> {
    let mut values: Vec<Value<'_>> = Vec::with_capacity(instances.len() * SETTLE.width);
    for instance in instances {
        values.extend([Value::from(&instance.id), node.into(), archive.into()]);
        values.extend([instance.member_offset, instance.member_bytes].map(Value::from));
        values.extend([instance.member_method.as_str().into(), instance.crc32.into()]);
        values.extend([&instance.sha256, &instance.dataset_sha256].map(Value::from));
    }
    let expected = u64::try_from(instances.len()).unwrap_or(u64::MAX);
    let found = tx.execute_many(&SETTLE, values).await?;
    if found == expected {
        Ok(())
    } else {
        Err(StoreError::WrongCount { table: "instances", expected, found })
    }
}

/// Notes that a study is settled, if none of its instances is in a spool; says whether that is so.
///
/// # Errors
/// If there is no such study, or the database fails.
pub async fn note_settled(tx: &mut Tx, study: &str, now_ms: i64) -> Result<bool, StoreError> {
    lock(tx, study).await?;
    let sql = "UPDATE studies SET settled_at = $2 WHERE id = $1 \
               AND NOT EXISTS (SELECT 1 FROM instances WHERE study = $1 AND node IS NOT NULL)";
    Ok(tx.execute(sql, [study.into(), now_ms.into()]).await? == 1)
}

/// When all of a study was in archives; nothing while an instance is in a spool. Nobody changes that before
/// this transaction ends.
///
/// # Errors
/// If there is no such study, or the database fails.
pub async fn hold_settled(tx: &mut Tx, study: &str) -> Result<Option<i64>, StoreError> {
    lock(tx, study).await?;
    let sql = "SELECT settled_at FROM studies WHERE id = $1";
    tx.fetch_one(sql, [study.into()]).await?.of("studies").opt_i64("settled_at")
}

/// Whoever indexes an arrival writes the study's row first. Holding it makes the statements that follow
/// see every arrival there is.
async fn lock(tx: &mut Tx, study: &str) -> Result<(), StoreError> {
    let sql = format!("SELECT id FROM studies WHERE id = $1{}", tx.dialect().for_update());
    let row = tx.fetch_optional(composed(sql), [study.into()]).await?;
    row.map(drop).ok_or(StoreError::Missing { table: "studies" })
}

/// Drops a spooled arrival that is the same as another, which must be kept; it stays [`super::known`].
///
/// If it was the current one, the other is from now on: which of two arrivals was indexed first, settled
/// first or bears the older id are three different questions.
///
/// # Errors
/// If it is not spooled, or the other one is not there or still spooled; or if the database fails.
pub async fn drop_duplicate(tx: &mut Tx, id: &str, same_as: &str, now_ms: i64) -> Result<(), StoreError> {
    let remember = "INSERT INTO dropped (ingest_id, same_as, sop_instance_uid, dropped_at) \
                    SELECT d.id, k.id, d.sop_instance_uid, $3 FROM instances d JOIN instances k \
                    ON k.study = d.study AND k.sop_instance_uid = d.sop_instance_uid AND k.id <> d.id \
                    WHERE d.id = $1 AND k.id = $2";
    let remembered = tx.execute(remember, [id.into(), same_as.into(), now_ms.into()]).await?;
    expect_one_row("instances", remembered)?;
    let hand_over = "UPDATE instances SET is_current = 1 WHERE id = $2 AND archive IS NOT NULL \
                     AND EXISTS (SELECT 1 FROM instances d WHERE d.id = $1 AND d.is_current = 1)";
    if tx.execute(hand_over, [id.into(), same_as.into()]).await? == 1 {
        tx.execute("UPDATE instances SET is_current = 0 WHERE id = $1", [id.into()]).await?;
    }
    let delete = "DELETE FROM instances WHERE id = $1 AND is_current = 0 AND node IS NOT NULL";
    let deleted = tx.execute(delete, [id.into()]).await?;
    expect_one_row("instances", deleted)
}

/// Forgets duplicates dropped before `before_ms`: once their segments are recycled, no scan meets them.
///
/// # Errors
/// If the database fails.
pub async fn forget_dropped(tx: &mut Tx, before_ms: i64) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM dropped WHERE dropped_at < $1", [before_ms.into()]).await
}

/// Flags an instance whose data set does not walk to its end, adds why to its notes, and raises the
/// finding.
///
/// # Errors
/// If there is no such instance, or the database fails.
pub async fn mark_damaged(
    tx: &mut Tx,
    id: &str,
    note: &str,
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), StoreError> {
    add_notes(tx, id, &[note.to_owned()]).await?;
    let flag = "UPDATE instances SET damaged = 1 WHERE id = $1";
    expect_one_row("instances", tx.execute(flag, [id.into()]).await?)?;
    let (kind, subject) = (FindingKind::InstanceDamaged, id.to_owned());
    let finding = NewFinding { kind, subject, detail: json!({ "note": note }) };
    findings::raise(tx, &[finding], now_ms, chance).await
}

/// Adds to an instance's notes what is not among them.
///
/// # Errors
/// If there is no such instance, or the database fails.
pub async fn add_notes(tx: &mut Tx, id: &str, new: &[String]) -> Result<(), StoreError> {
    let sql = format!("SELECT notes FROM instances WHERE id = $1{}", tx.dialect().for_update());
    let row = tx.fetch_optional(composed(sql), [id.into()]).await?;
    let row = row.ok_or(StoreError::Missing { table: "instances" })?.of("instances");
    let mut notes: Vec<String> = row.json("notes")?;
    for note in new {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    let notes = serde_json::Value::from(notes).to_string();
    let changed =
        tx.execute("UPDATE instances SET notes = $2 WHERE id = $1", [id.into(), notes.into()]).await?;
    expect_one_row("instances", changed)
}
