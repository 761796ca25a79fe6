//! Today: to collect, to refund, to approve, to bank, not zero and why.

use super::{state_name, state_sign};
use crate::desk::authorization::Action;
use crate::desk::billing;
use crate::model::charge::ProposalKind;
use crate::money::billing::{ChargeLine, Open, Overview};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{Sign, day, dollars, moment};
use crate::web::staff::{Means, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;

#[derive(Template)]
#[template(path = "billing/today.html")]
pub(super) struct Today {
    pub frame: Frame,
    pub title: String,
    pub problem: Option<String>,
    pub to_collect: Vec<Line>,
    pub to_refund: Vec<Line>,
    pub to_approve: Vec<ProposalLine>,
    pub states: Vec<StateLine>,
    pub not_zero: Vec<NotZeroLine>,
    pub to_close: Option<DayLine>,
    pub closed: Vec<(String, String)>,
    pub exported: Vec<BatchLine>,
    pub may_collect: bool,
    pub may_export: bool,
}

/// A charge in a list.
pub(super) struct Line {
    pub path: String,
    pub reference: String,
    pub amount: String,
    pub state: Sign,
    pub since: String,
}

/// A proposal that waits.
pub(super) struct ProposalLine {
    pub charge: Line,
    pub kind: &'static str,
    pub reason: String,
    pub at: String,
}

/// Charges in one state.
pub(super) struct StateLine {
    pub path: String,
    pub name: &'static str,
    pub charges: u64,
    pub sum: String,
}

/// An account that is not zero.
pub(super) struct NotZeroLine {
    pub account: String,
    pub sum: String,
    pub why: &'static str,
}

/// A day to count.
pub(super) struct DayLine {
    pub on: String,
    pub date: String,
    pub counts: Vec<CountLine>,
}

/// What should be there of a means of payment.
pub(super) struct CountLine {
    pub name: &'static str,
    pub field: &'static str,
    pub expected: String,
    pub expected_plain: String,
}

/// An export that was made.
pub(super) struct BatchLine {
    pub id: String,
    pub on: String,
    pub transfers: u64,
    pub total: String,
}

/// `GET /billing`
pub async fn page(State(means): State<Means>, staff: Staff) -> Result<Response, PageError> {
    show(&means, &staff, None).await
}

/// The page, with what was not done if something was not.
pub(super) async fn show(
    means: &Means,
    staff: &Staff,
    problem: Option<String>,
) -> Result<Response, PageError> {
    let site = &means.house.site;
    let overview = billing::overview(&means.db, &staff.acting(means), site).await?;
    let refused = problem.is_some();
    let title = format!("Billing, {}", day(site.today(means.clock.now_ms())));
    let page = answer(&Today::of(staff, title, overview, &site.zone, problem))?;
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

impl Today {
    fn of(
        staff: &Staff,
        title: String,
        overview: Overview,
        zone: &TimeZone,
        problem: Option<String>,
    ) -> Self {
        let lines = |charges: Vec<ChargeLine>| charges.into_iter().map(|each| Line::of(each, zone)).collect();
        Self {
            frame: staff.frame("/billing"),
            title,
            problem,
            to_collect: lines(overview.to_collect),
            to_refund: lines(overview.to_refund),
            to_approve: overview
                .to_approve
                .into_iter()
                .map(|(proposal, charge)| ProposalLine {
                    charge: Line::of(charge, zone),
                    kind: kind(proposal.kind),
                    reason: proposal.reason,
                    at: moment(proposal.proposed_at, zone),
                })
                .collect(),
            states: overview
                .by_state
                .into_iter()
                .map(|sum| StateLine {
                    path: format!("/billing/charges?state={}", sum.state),
                    name: state_name(&sum.state),
                    charges: sum.charges,
                    sum: dollars(sum.cents),
                })
                .collect(),
            not_zero: overview
                .not_zero
                .into_iter()
                .map(|open| NotZeroLine {
                    account: open.account.as_str().replace('_', " "),
                    sum: dollars(open.cents),
                    why: why(open.why),
                })
                .collect(),
            to_close: overview.to_close.map(|count| DayLine {
                on: count.on.to_string(),
                date: day(count.on),
                counts: count.counts.iter().map(CountLine::of).collect(),
            }),
            closed: overview
                .closed
                .into_iter()
                .map(|closing| {
                    let sum = closing.counts.iter().map(|count| count.counted_cents).sum();
                    (day(closing.accounting_on), dollars(sum))
                })
                .collect(),
            exported: overview
                .exported
                .into_iter()
                .map(|batch| BatchLine {
                    on: day(batch.made_on),
                    transfers: batch.transfers,
                    total: dollars(batch.total_cents),
                    id: batch.id,
                })
                .collect(),
            may_collect: staff.may(Action::CollectCharges),
            may_export: staff.may(Action::ExportLedger),
        }
    }
}

impl Line {
    pub(super) fn of(charge: ChargeLine, zone: &TimeZone) -> Self {
        Self {
            path: format!("/billing/charges/{}", charge.id),
            amount: dollars(charge.amount.get()),
            state: state_sign(&charge.state),
            since: moment(charge.quoted_at, zone),
            reference: charge.reference,
        }
    }
}

impl CountLine {
    fn of(count: &crate::model::transfer::Count) -> Self {
        use crate::model::PaidBy;
        let (name, field) = match count.paid_by {
            PaidBy::Cash => ("Cash", "cash"),
            PaidBy::Check => ("Checks", "check"),
            PaidBy::Card => ("Card terminal", "card"),
        };
        let expected = count.expected_cents();
        Self {
            name,
            field,
            expected: dollars(expected),
            expected_plain: crate::model::money::decimal(expected),
        }
    }
}

/// What is proposed, in a word.
pub(super) fn kind(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::Waiver => "Waiver",
        ProposalKind::Refund => "Refund",
    }
}

fn why(why: Open) -> &'static str {
    match why {
        Open::ToCollect => "Patients have not paid yet: collect",
        Open::ToPayIn => "In the drawer: pay in to the bank",
        Open::ToBePaidOut => "Cards: the processor pays it out",
        Open::Disputed => "Card holders dispute it",
        Open::ToRefund => "Refunds approved: give them back",
        Open::ToTender => "Due or paid, and the parcel has not left yet",
    }
}
