//! Putting jobs, in the transaction that makes them necessary.

use crate::ids::new_id;
use crate::model::{NewJob, Twin};
use crate::store::StoreError;
use crate::store::db::{Many, Tx, Value};
use imaging::chance::Chance;
use std::collections::BTreeMap;

const HEAD: &str = "INSERT INTO jobs \
    (id, kind, payload, node, dedup_key, state, run_at, tries, max_tries, epoch, created_at)";

const POSTPONE: Many = Many {
    head: HEAD,
    width: 11,
    tail: "ON CONFLICT (kind, dedup_key, coalesce(node, '')) WHERE state = 'ready' AND dedup_key IS NOT NULL \
           DO UPDATE SET run_at = CASE WHEN excluded.run_at > jobs.run_at THEN excluded.run_at \
           ELSE jobs.run_at END",
};

const HASTEN: Many = Many {
    head: HEAD,
    width: 11,
    tail: "ON CONFLICT (kind, dedup_key, coalesce(node, '')) WHERE state = 'ready' AND dedup_key IS NOT NULL \
           DO UPDATE SET run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at \
           ELSE jobs.run_at END",
};

/// Puts jobs. Where one with the same kind, node and key waits already, only its time moves.
///
/// # Errors
/// If the database refuses or fails.
pub async fn put(tx: &mut Tx, jobs: &[NewJob], chance: &dyn Chance) -> Result<(), StoreError> {
    for (twin, many) in [(Twin::Postpone, POSTPONE), (Twin::Hasten, HASTEN)] {
        let jobs = distinct(jobs.iter().filter(|job| job.twin == twin), twin);
        if jobs.is_empty() {
            continue;
        }
        let now = tx.now_ms().await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(jobs.len() * many.width);
        for job in jobs {
            values.extend([new_id(now, chance).into(), job.kind.into(), Value::from(&job.payload)]);
            values.extend([Value::from(job.node.as_ref()), job.dedup_key.as_ref().into(), "ready".into()]);
            values
                .extend([now.saturating_add(job.delay_ms), 0, job.max_tries.into(), 0, now].map(Value::from));
        }
        tx.execute_many(&many, values).await?;
    }
    Ok(())
}

/// One statement must not meet the same row twice; and two nodes must not wait for each other's.
fn distinct<'j>(jobs: impl Iterator<Item = &'j NewJob>, twin: Twin) -> Vec<&'j NewJob> {
    let mut alone = Vec::new();
    let mut keyed: BTreeMap<(&str, &str, Option<&String>), &NewJob> = BTreeMap::new();
    for job in jobs {
        let Some(key) = &job.dedup_key else {
            alone.push(job);
            continue;
        };
        let kept = keyed.entry((job.kind, key, job.node.as_ref())).or_insert(job);
        let replaces = match twin {
            Twin::Postpone => job.delay_ms > kept.delay_ms,
            Twin::Hasten => job.delay_ms < kept.delay_ms,
        };
        if replaces {
            *kept = job;
        }
    }
    alone.extend(keyed.into_values());
    alone
}
