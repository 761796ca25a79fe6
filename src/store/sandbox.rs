//! The sandbox carrier's own books. Nothing but the sandbox reads them, as nobody reads a real carrier's.

use crate::model::Service;
use crate::model::shipment::Recipient;
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, Value, composed, read_all};
use jiff::civil::Date;

const COLUMNS: &str = "SELECT tracking_number, customer_reference, service, ship_on, address, made_at, collected_at, \
    cancelled_at FROM sandbox_parcels WHERE";

/// A parcel the sandbox knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Its number.
    pub tracking_number: String,
    /// What its label has as the shipper's own reference.
    pub customer_reference: String,
    /// How fast it goes.
    pub service: Service,
    /// The day on its label.
    pub ship_on: Date,
    /// Where it goes.
    pub to: Recipient,
    /// When the label was made.
    pub made_at: i64,
    /// When the courier came for it.
    pub collected_at: Option<i64>,
    /// When the label was given back.
    pub cancelled_at: Option<i64>,
}

/// Writes a parcel.
///
/// # Errors
/// If its number was given away, or the database fails.
pub async fn insert(tx: &mut Tx, parcel: &Parcel) -> Result<(), StoreError> {
    let sql = "INSERT INTO sandbox_parcels (tracking_number, customer_reference, service, ship_on, address, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let params = [
        Value::from(&parcel.tracking_number),
        (&parcel.customer_reference).into(),
        parcel.service.as_str().into(),
        parcel.ship_on.to_string().into(),
        serde_json::json!(parcel.to).to_string().into(),
        parcel.made_at.into(),
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The parcel with this number.
///
/// # Errors
/// If the database fails.
pub async fn get(mut reader: impl Read, tracking_number: &str) -> Result<Option<Parcel>, StoreError> {
    let sql = composed(format!("{COLUMNS} tracking_number = $1"));
    let row = reader.row(sql, vec![tracking_number.into()]).await?;
    row.map(|row| read(&row.of("sandbox_parcels"))).transpose()
}

/// The parcels with this reference, those whose labels were given back too.
///
/// # Errors
/// If the database fails.
pub async fn by_reference(mut reader: impl Read, reference: &str) -> Result<Vec<Parcel>, StoreError> {
    let sql = composed(format!("{COLUMNS} customer_reference = $1 ORDER BY tracking_number"));
    read_all(reader.rows(sql, vec![reference.into()]).await?, "sandbox_parcels", read)
}

/// The courier comes, if he did not before and the label was not given back.
///
/// # Errors
/// If the database fails.
pub async fn collect(tx: &mut Tx, tracking_number: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE sandbox_parcels SET collected_at = $2 \
               WHERE tracking_number = $1 AND collected_at IS NULL AND cancelled_at IS NULL";
    tx.execute(sql, [tracking_number.into(), now_ms.into()]).await.map(drop)
}

/// The label is given back, if the courier did not come yet; whether it is now.
///
/// # Errors
/// If the database fails.
pub async fn cancel(tx: &mut Tx, tracking_number: &str, now_ms: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE sandbox_parcels SET cancelled_at = coalesce(cancelled_at, $2) \
               WHERE tracking_number = $1 AND collected_at IS NULL";
    Ok(tx.execute(sql, [tracking_number.into(), now_ms.into()]).await? == 1)
}

fn read(row: &Row) -> Result<Parcel, StoreError> {
    Ok(Parcel {
        tracking_number: row.text("tracking_number")?,
        customer_reference: row.text("customer_reference")?,
        service: Service::parse(&row.text("service")?).ok_or_else(|| row.inconsistent("service"))?,
        ship_on: row.parsed("ship_on")?,
        to: row.json("address")?,
        made_at: row.i64("made_at")?,
        collected_at: row.opt_i64("collected_at")?,
        cancelled_at: row.opt_i64("cancelled_at")?,
    })
}
