//! A fee on paper: what it is made of beside the free ways before it is paid, a receipt after.

use crate::desk::billing;
use crate::desk::parcel_outlook::outlook;
use crate::model::Language;
use crate::notify::catalogs::Texts;
use crate::store::{deliveries, requests};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::fee::{ComesWords, lines, standing};
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::dollars;
use crate::web::staff::{Means, Staff};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

#[derive(Template)]
#[template(path = "paper/fee.html")]
struct FeePaper {
    frame: Frame,
    large: bool,
    back: String,
    title: String,
    date: String,
    to: Vec<String>,
    reference: String,
    basis: Vec<(String, String)>,
    amount: String,
    standing: Vec<String>,
    comes: String,
    reasons: Vec<String>,
}

/// `GET /billing/charges/{charge}/paper`: a quote, or a receipt once it was paid.
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Path(charge): Path<String>,
) -> Result<Response, PageError> {
    let charge = billing::history(&means.db, &staff.acting(&means), &charge).await?.charge;
    let request = requests::get(&means.db, &charge.request).await?.ok_or(PageError::NotFound)?;
    let delivery = deliveries::get(&means.db, &charge.delivery).await?.ok_or(PageError::NotFound)?;
    let site = means.house.site_of(&request);
    let t = Texts::of(request.language.parse::<Language>().unwrap_or_default());
    let comes = outlook(&means.db, &means.parcels, &site, &delivery).await?;
    let comes = comes.map(|outlook| ComesWords::of(t, &outlook.comes)).unwrap_or_default();
    let back = format!("/billing/charges/{}", charge.id);
    answer(&FeePaper {
        frame: Frame::public(t, site.clone(), &back),
        large: false,
        back,
        title: t.say(if charge.state.payment().is_some() { "fee-receipt" } else { "fee-quote" }),
        date: t.date(site.today(means.clock.now_ms())),
        to: vec![delivery.recipient],
        basis: lines(&charge.basis),
        amount: dollars(charge.amount.get()),
        standing: standing(t, &site, &charge.state),
        comes: comes.words,
        reasons: comes.reasons,
        reference: charge.reference,
    })
}
