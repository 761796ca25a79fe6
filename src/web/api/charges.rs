//! Charges and the books.

use super::Call;
use super::call::Body;
use super::problem::Problem;
use crate::desk::authorization::Action;
use crate::desk::billing::{self as desk, BillingError, ChargeDeed};
use crate::model::transfer::{Closing, ExportBatch};
use crate::model::{Cents, PaidBy, Site, Transfer};
use crate::money::billing::{ChargeHistory, Overview};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to collect, to refund, to approve and to close at a site, and what is in its books.
#[utoipa::path(get, path = "/api/v1/sites/{site}/billing", params(("site" = String, Path)),
    responses((status = 200, body = Overview)), security(("token" = [])))]
pub(super) async fn overview(call: Call, Path(site): Path<String>) -> Result<Json<Overview>, Problem> {
    call.permit(Action::SeeCharges)?;
    Ok(Json(desk::overview(&call.means.db, &call.acting(), of_site(&call, &site)?).await?))
}

/// A charge with every transfer posted for it.
#[utoipa::path(get, path = "/api/v1/charges/{charge}", params(("charge" = String, Path)),
    responses((status = 200, body = ChargeHistory)), security(("token" = [])))]
pub(super) async fn show(call: Call, Path(charge): Path<String>) -> Result<Json<ChargeHistory>, Problem> {
    Ok(Json(desk::history(&call.means.db, &call.acting(), &charge).await?))
}

/// Does something with a charge; the charge with its transfers as it is then.
#[utoipa::path(post, path = "/api/v1/charges/{charge}/deeds", params(("charge" = String, Path)),
    request_body = ChargeDeed, responses((status = 200, body = ChargeHistory)), security(("token" = [])))]
pub(super) async fn act(
    call: Call,
    Path(charge): Path<String>,
    Body(deed): Body<ChargeDeed>,
) -> Result<Json<ChargeHistory>, Problem> {
    let mut tx = call.begin().await?;
    desk::act_on_charge(&mut tx, &call.acting(), &call.means.parcels.sites, &charge, deed).await?;
    tx.commit().await?;
    let history = crate::money::billing::history(&call.means.db, &charge).await?;
    Ok(Json(history.ok_or_else(|| Problem::not_found("charge"))?))
}

/// What was counted at the end of a day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DayEnd {
    /// Which day.
    on: Date,
    /// Cash, in cents.
    cash_cents: i64,
    /// Checks, in cents.
    check_cents: i64,
    /// What the card terminal's batch says, in cents.
    card_cents: i64,
    /// Why it differs from what the ledger expects.
    reason: Option<String>,
}

/// Closes a day.
#[utoipa::path(post, path = "/api/v1/sites/{site}/closings", params(("site" = String, Path)),
    request_body = DayEnd, responses((status = 201, body = Closing)), security(("token" = [])))]
pub(super) async fn close(
    call: Call,
    Path(site): Path<String>,
    Body(day): Body<DayEnd>,
) -> Result<(StatusCode, Json<Closing>), Problem> {
    call.permit(Action::CollectCharges)?;
    let (site, mut tx) = (of_site(&call, &site)?, call.begin().await?);
    let counted =
        [(PaidBy::Cash, day.cash_cents), (PaidBy::Check, day.check_cents), (PaidBy::Card, day.card_cents)];
    let reason = day.reason.as_deref();
    let closing = desk::close_day(&mut tx, &call.acting(), site, day.on, &counted, reason).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(closing)))
}

/// What was paid in to the bank.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Deposit {
    /// Cash, checks, or what the card processor paid out.
    paid_by: PaidBy,
    /// How much, in cents.
    cents: Cents,
    /// The number of the bank's slip.
    slip: String,
}

/// Pays in to the bank.
#[utoipa::path(post, path = "/api/v1/sites/{site}/deposits", params(("site" = String, Path)),
    request_body = Deposit, responses((status = 201, body = Transfer)), security(("token" = [])))]
pub(super) async fn deposit(
    call: Call,
    Path(site): Path<String>,
    Body(given): Body<Deposit>,
) -> Result<(StatusCode, Json<Transfer>), Problem> {
    call.permit(Action::CollectCharges)?;
    let (site, mut tx) = (of_site(&call, &site)?, call.begin().await?);
    let Deposit { paid_by, cents, slip } = given;
    let transfer = desk::deposit(&mut tx, &call.acting(), site, paid_by, cents, &slip).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(transfer)))
}

/// Up to which day transfers are exported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Until {
    /// That day.
    until: Date,
}

/// Exports what is in no earlier batch.
#[utoipa::path(post, path = "/api/v1/sites/{site}/exports", params(("site" = String, Path)),
    request_body = Until, responses((status = 201, body = ExportBatch)), security(("token" = [])))]
pub(super) async fn export(
    call: Call,
    Path(site): Path<String>,
    Body(given): Body<Until>,
) -> Result<(StatusCode, Json<ExportBatch>), Problem> {
    call.permit(Action::ExportLedger)?;
    let (site, mut tx) = (of_site(&call, &site)?, call.begin().await?);
    let batch = desk::export_ledger(&mut tx, &call.acting(), site, given.until).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(batch)))
}

/// A batch, byte for byte as it was exported.
#[utoipa::path(get, path = "/api/v1/exports/{batch}", params(("batch" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv")), security(("token" = [])))]
pub(super) async fn exported(
    call: Call,
    Path(batch): Path<String>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let batch = desk::exported(&call.means.db, &call.acting(), &batch).await?;
    let name = format!("attachment; filename=\"{}.csv\"", batch.id);
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], batch.content))
}

fn of_site<'c>(call: &'c Call, site: &str) -> Result<&'c Site, BillingError> {
    call.means.parcels.sites.get(site).ok_or(BillingError::NotFound { what: "site" })
}
