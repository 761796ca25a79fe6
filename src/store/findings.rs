//! The repository of findings.

use crate::ids::new_id;
use crate::model::{Finding, FindingKind, NewFinding};
use crate::store::StoreError;
use crate::store::db::{Many, Read, Row, Tx, Value, composed, list as listed, read_all};
use imaging::chance::Chance;

const RAISE: Many = Many {
    head: "INSERT INTO findings (id, kind, subject_kind, subject, detail, found_at)",
    width: 6,
    tail: "ON CONFLICT (subject, kind) DO NOTHING",
};

/// Raises findings. One of a kind there is already about the same subject stays as it is.
///
/// # Errors
/// If the database fails.
pub async fn raise(
    tx: &mut Tx,
    findings: &[NewFinding],
    now_ms: i64,
    chance: &dyn Chance,
) -> Result<(), StoreError> {
    let mut order: Vec<&NewFinding> = findings.iter().collect();
    order.sort_by_key(|finding| (finding.subject.as_str(), finding.kind.as_str()));
    let mut values: Vec<Value<'_>> = Vec::with_capacity(order.len() * RAISE.width);
    for finding in order {
        values.push(new_id(now_ms, chance).into());
        values.extend([finding.kind.as_str(), finding.kind.subject_kind().as_str()].map(Value::from));
        values.extend([Value::from(&finding.subject), finding.detail.to_string().into(), now_ms.into()]);
    }
    tx.execute_many(&RAISE, values).await.map(drop)
}

/// What was found about any of these patients, studies and instances, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list<'s>(
    mut reader: impl Read,
    subjects: impl IntoIterator<Item = &'s str>,
) -> Result<Vec<Finding>, StoreError> {
    let among = reader.dialect().in_list("subject", 1);
    let sql = format!(
        "SELECT id, kind, subject, detail, found_at FROM findings WHERE {among} ORDER BY found_at, id"
    );
    let rows = reader.rows(composed(sql), vec![listed(subjects)]).await?;
    read_all(rows, "findings", read)
}

fn read(row: &Row) -> Result<Finding, StoreError> {
    let kind = FindingKind::parse(&row.text("kind")?);
    Ok(Finding {
        id: row.text("id")?,
        kind: kind.ok_or_else(|| row.inconsistent("kind"))?,
        subject: row.text("subject")?,
        detail: row.json("detail")?,
        found_at: row.i64("found_at")?,
    })
}
