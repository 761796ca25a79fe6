//! The end of a day: counting, paying in, exporting.

use super::{paid_by, problem, today};
use crate::desk::authorization::Action;
use crate::desk::billing::{self, BillingError};
use crate::model::{Cents, PaidBy};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::staff::{Means, Staff};
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;

/// `POST /billing/close`: a day was counted.
pub async fn close(
    State(means): State<Means>,
    staff: Staff,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::CollectCharges)?;
    let counted = counted(&fields);
    let (Ok(on), Some(counted)) = (fields.text("on").parse::<Date>(), counted) else {
        let words = "Give each amount in dollars and cents, such as 45.00.".to_owned();
        return today::show(&means, &staff, Some(words)).await;
    };
    let reason = fields.given("reason");
    let mut tx = means.db.begin().await?;
    let done = billing::close_day(
        &mut tx,
        &staff.acting(&means),
        &means.house.site,
        on,
        &counted,
        reason.as_deref(),
    )
    .await;
    if done.is_ok() {
        tx.commit().await?;
    }
    seen(&means, &staff, done.map(drop)).await
}

/// What was counted of each means of payment; an empty field is nothing. More may have been given back than taken.
fn counted(fields: &Fields) -> Option<Vec<(PaidBy, i64)>> {
    let amount = |paid_by: PaidBy| match fields.text(paid_by.as_str()) {
        "" | "0" | "0.00" => Some((paid_by, 0)),
        text => match text.strip_prefix(['-', '−']) {
            Some(given_back) => Cents::parse(given_back).map(|cents| (paid_by, -cents.get())),
            None => Cents::parse(text).map(|cents| (paid_by, cents.get())),
        },
    };
    PaidBy::ALL.into_iter().map(amount).collect()
}

/// `POST /billing/deposits`: money was paid in to the bank.
pub async fn deposit(
    State(means): State<Means>,
    staff: Staff,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::CollectCharges)?;
    let Some(amount) = Cents::parse(fields.text("amount")) else {
        let words = "Give the amount in dollars and cents, such as 45.00.".to_owned();
        return today::show(&means, &staff, Some(words)).await;
    };
    let mut tx = means.db.begin().await?;
    let done = match paid_by(&fields) {
        Ok(paid_by) => {
            let (acting, slip) = (staff.acting(&means), fields.text("slip"));
            billing::deposit(&mut tx, &acting, &means.house.site, paid_by, amount, slip).await
        }
        Err(error) => Err(error),
    };
    if done.is_ok() {
        tx.commit().await?;
    }
    seen(&means, &staff, done.map(drop)).await
}

/// `POST /billing/exports`: everything up to today goes into a file.
pub async fn export(
    State(means): State<Means>,
    staff: Staff,
    Posted(_): Posted,
) -> Result<Response, PageError> {
    let acting = staff.acting(&means);
    let mut tx = means.db.begin().await?;
    let done = billing::export_ledger(&mut tx, &acting, &means.house.site, acting.today).await;
    if done.is_ok() {
        tx.commit().await?;
    }
    seen(&means, &staff, done.map(drop)).await
}

/// Shows what was done, or what was in the way.
async fn seen(means: &Means, staff: &Staff, done: Result<(), BillingError>) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to("/billing").into_response()),
        Err(error) => today::show(means, staff, Some(problem(error)?)).await,
    }
}

/// `GET /billing/exports/{batch}`: the file, byte for byte as it was made.
pub async fn file(
    State(means): State<Means>,
    staff: Staff,
    Path(batch): Path<String>,
) -> Result<Response, PageError> {
    let found = billing::exported(&means.db, &staff.acting(&means), &batch).await?;
    let name = format!("attachment; filename=\"{}.csv\"", found.id);
    let name = HeaderValue::try_from(name).map_err(|error| PageError::Broken(error.to_string()))?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], found.content).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_read_and_what_was_given_back_is_less_than_nothing() {
        let read = |text: &str| {
            let fields = vec![("cash".to_owned(), text.to_owned())];
            counted(&Fields::of(fields)).map(|counted| counted[0].1)
        };
        for (text, cents) in
            [("", 0), ("0", 0), ("45", 4_500), ("$45.00", 4_500), ("-45.00", -4_500), ("−$5", -500)]
        {
            assert_eq!(read(text), Some(cents), "{text}");
        }
        for text in ["x", "--5", "4.5", "-"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
