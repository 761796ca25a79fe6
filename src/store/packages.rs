//! The repository of packages. A package and the archives it needs are written together and never changed;
//! only which version is handed out moves on.

use crate::model::Archive;
use crate::model::package::{NewPackage, Package, PackageCounts};
use crate::store::StoreError;
use crate::store::db::{Many, Read, Row, SqlSafeStr, Tx, Value, composed, list, read_all};
use crate::store::keys::kept_key;

const COLUMNS: &str = "SELECT id, request, version, is_current, contents_digest, etag, zip_bytes, studies, series, instances, \
    withheld, blob_key, data_key, master_key_id, frozen_at FROM packages WHERE ";

const PIN: Many =
    Many { head: "INSERT INTO package_archives (package, number, archive)", width: 3, tail: "" };

/// Keeps a package as the next version of its request, to be handed out from now on; the version.
///
/// # Errors
/// If an archive is not there, or the database fails.
pub async fn keep(tx: &mut Tx, package: &NewPackage, now_ms: i64) -> Result<u64, StoreError> {
    let NewPackage { id, request, contents_digest, etag, zip_bytes, counts, blob_key, key, archives } =
        package;
    let before = "UPDATE packages SET is_current = 0 WHERE request = $1 AND is_current = 1";
    tx.execute(before, [request.into()]).await?;
    let last = "SELECT coalesce(max(version), 0) AS version FROM packages WHERE request = $1";
    let version = tx.fetch_one(last, [request.into()]).await?.u64("version")? + 1;
    let sql = "INSERT INTO packages (id, request, version, is_current, contents_digest, etag, zip_bytes, \
               studies, series, instances, withheld, blob_key, data_key, master_key_id, frozen_at) \
               VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let PackageCounts { studies, series, instances, withheld } = *counts;
    let mut params: Vec<Value<'_>> = vec![id.into(), request.into(), version.into()];
    params.extend([contents_digest, etag].map(Value::from));
    params.extend([*zip_bytes, studies, series, instances, withheld].map(Value::from));
    params.extend([blob_key.into(), key.data_key.as_slice().into(), (&key.master_key_id).into()]);
    params.push(now_ms.into());
    tx.execute(sql, params).await?;
    let pins = (0_u64..).zip(archives);
    let pins = pins.flat_map(|(number, archive)| [id.into(), number.into(), archive.into()]);
    tx.execute_many(&PIN, pins.collect()).await?;
    Ok(version)
}

/// A package.
///
/// # Errors
/// If the database fails.
pub async fn get(reader: impl Read, id: &str) -> Result<Option<Package>, StoreError> {
    Ok(select(reader, "id = $1", vec![id.into()]).await?.pop())
}

/// The package of a request that is handed out.
///
/// # Errors
/// If the database fails.
pub async fn current_of(reader: impl Read, request: &str) -> Result<Option<Package>, StoreError> {
    Ok(select(reader, "request = $1 AND is_current = 1", vec![request.into()]).await?.pop())
}

/// Which of these requests have a package that is handed out.
///
/// # Errors
/// If the database fails.
pub async fn frozen_among(mut reader: impl Read, requests: &[&str]) -> Result<Vec<String>, StoreError> {
    let among = reader.dialect().in_list("request", 1);
    let sql = format!("SELECT request FROM packages WHERE is_current = 1 AND {among}");
    let rows = reader.rows(composed(sql), vec![list(requests.iter().copied())]).await?;
    read_all(rows, "packages", |row| row.text("request"))
}

/// The package whose layout has this name in the blob store.
///
/// # Errors
/// If the database fails.
pub async fn by_blob_key(reader: impl Read, blob_key: &str) -> Result<Option<Package>, StoreError> {
    Ok(select(reader, "blob_key = $1", vec![blob_key.into()]).await?.pop())
}

/// A page through every package: at most `limit` with ids after `after` (`""` to begin).
///
/// # Errors
/// If the database fails.
pub async fn after(reader: impl Read, after: &str, limit: u32) -> Result<Vec<Package>, StoreError> {
    select(reader, "id > $1 ORDER BY id LIMIT $2", vec![after.into(), limit.into()]).await
}

/// The archives a package's bytes lie in, in the order its layout numbers them.
///
/// # Errors
/// If the database fails.
pub async fn archives_of(mut reader: impl Read, package: &str) -> Result<Vec<Archive>, StoreError> {
    let sql = "SELECT a.id, a.study, a.node, a.state, a.blob_key, a.data_key, a.master_key_id, a.blob_bytes, \
               a.plain_bytes, a.source_bytes, a.created_at, a.kept_at FROM package_archives p \
               JOIN archives a ON a.id = p.archive WHERE p.package = $1 ORDER BY p.number";
    let rows = reader.rows(sql.into_sql_str(), vec![package.into()]).await?;
    read_all(rows, "archives", super::archives::read)
}

/// The requests whose package in hand has instances of a study, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn requests_with(mut reader: impl Read, study: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT p.request FROM packages p JOIN package_archives o ON o.package = p.id \
               JOIN archives a ON a.id = o.archive WHERE a.study = $1 AND p.is_current = 1 ORDER BY p.request";
    let rows = reader.rows(sql.into_sql_str(), vec![study.into()]).await?;
    read_all(rows, "packages", |row| row.text(0))
}

async fn select(
    mut reader: impl Read,
    condition: &str,
    params: Vec<Value<'_>>,
) -> Result<Vec<Package>, StoreError> {
    let rows = reader.rows(composed(format!("{COLUMNS}{condition}")), params).await?;
    read_all(rows, "packages", read)
}

fn read(row: &Row) -> Result<Package, StoreError> {
    Ok(Package {
        id: row.text("id")?,
        request: row.text("request")?,
        version: row.u64("version")?,
        current: row.flag("is_current")?,
        contents_digest: row.text("contents_digest")?,
        etag: row.text("etag")?,
        zip_bytes: row.u64("zip_bytes")?,
        counts: PackageCounts {
            studies: row.u64("studies")?,
            series: row.u64("series")?,
            instances: row.u64("instances")?,
            withheld: row.u64("withheld")?,
        },
        blob_key: row.text("blob_key")?,
        key: kept_key(row)?,
        frozen_at: row.i64("frozen_at")?,
    })
}
