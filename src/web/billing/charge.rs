//! A charge: how far it is, what can be done, and every transfer of it.

use super::today::kind;
use super::{clerk, problem, state_sign};
use crate::desk::authorization::Action;
use crate::model::charge::{ChargeState, ProposalKind};
use crate::model::{Actor, PaidBy, User};
use crate::money::billing::{self, ChargeHistory};
use crate::money::{MoneyError, fee};
use crate::store::users;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{Fact, Sign, day, dollars, moment};
use crate::web::staff::{Means, Staff};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "billing/charge.html")]
pub(super) struct ChargePage {
    pub frame: Frame,
    pub path: String,
    pub reference: String,
    pub amount: String,
    pub state: Sign,
    pub problem: Option<String>,
    pub facts: Vec<Fact>,
    pub basis: Vec<(String, String)>,
    pub proposal: Option<ProposalView>,
    pub can: Can,
    pub transfers: Vec<TransferLine>,
}

/// What this reader can do with it now.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Can {
    pub collect: bool,
    pub repay: bool,
    pub void: bool,
    pub propose_waiver: bool,
    pub propose_refund: bool,
}

/// A proposal that waits.
pub(super) struct ProposalView {
    pub kind: &'static str,
    pub step: &'static str,
    pub reason: String,
    pub by: String,
    pub may_approve: bool,
    pub is_own: bool,
}

/// A transfer.
pub(super) struct TransferLine {
    pub on: String,
    pub why: String,
    pub debit: String,
    pub credit: String,
    pub amount: String,
    pub by: String,
}

/// `GET /billing/charges/{charge}`
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Path(charge): Path<String>,
) -> Result<Response, PageError> {
    show(&means, &staff, &charge, None).await
}

async fn show(
    means: &Means,
    staff: &Staff,
    charge: &str,
    problem: Option<String>,
) -> Result<Response, PageError> {
    staff.require(Action::SeeCharges)?;
    let history = billing::history(&means.db, charge).await?.ok_or(PageError::NotFound)?;
    let colleagues = users::list(&means.db).await?;
    answer(&ChargePage::of(means, staff, history, &colleagues, problem))
}

impl ChargePage {
    fn of(
        means: &Means,
        staff: &Staff,
        history: ChargeHistory,
        colleagues: &[User],
        problem: Option<String>,
    ) -> Self {
        let ChargeHistory { charge, proposal, transfers } = history;
        let zone = &means.house.site.zone;
        let name = |actor: &Actor| match actor {
            Actor::User { id } => colleagues
                .iter()
                .find(|user| user.id == *id)
                .map_or_else(|| "a former colleague".to_owned(), |user| user.name.clone()),
            Actor::Operator { name } => name.clone(),
            _ => "Filmroom".to_owned(),
        };
        Self {
            frame: staff.frame("/billing"),
            path: format!("/billing/charges/{}", charge.id),
            amount: dollars(charge.amount.get()),
            state: state_sign(&charge.state),
            problem,
            facts: facts(&charge.state, &name, moment(charge.quoted_at, zone)),
            basis: charge.basis.iter().map(|line| (line.label.clone(), dollars(line.cents.get()))).collect(),
            can: Can::of(&charge.state, staff, proposal.is_some()),
            proposal: proposal.map(|proposal| ProposalView {
                kind: kind(proposal.kind),
                step: match proposal.kind {
                    ProposalKind::Waiver => "approve-waiver",
                    ProposalKind::Refund => "approve-refund",
                },
                reason: proposal.reason,
                by: name(&proposal.proposed_by),
                may_approve: staff.may(Action::ApproveRelief),
                is_own: proposal.proposed_by == *staff.actor(),
            }),
            transfers: transfers
                .into_iter()
                .map(|transfer| TransferLine {
                    on: day(transfer.accounting_on),
                    why: transfer.movement.as_str().replace('_', " "),
                    debit: transfer.movement.debit().as_str().replace('_', " "),
                    credit: transfer.movement.credit().as_str().replace('_', " "),
                    amount: dollars(transfer.amount.get()),
                    by: name(&transfer.actor),
                })
                .collect(),
            reference: charge.reference,
        }
    }
}

impl Can {
    fn of(state: &ChargeState, staff: &Staff, is_proposed: bool) -> Self {
        let (collects, proposes) = (staff.may(Action::CollectCharges), staff.may(Action::ProposeRelief));
        let is_open = matches!(state, ChargeState::Open);
        Self {
            collect: collects && is_open,
            repay: collects && matches!(state, ChargeState::Refunding { .. }),
            void: collects && (is_open || matches!(state, ChargeState::Quoted)),
            propose_waiver: proposes && !is_proposed && is_open,
            propose_refund: proposes && !is_proposed && matches!(state, ChargeState::Paid { .. }),
        }
    }
}

fn facts(state: &ChargeState, name: &dyn Fn(&Actor) -> String, quoted_at: String) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Told", quoted_at)];
    let paid = match state {
        ChargeState::Paid { payment, .. }
        | ChargeState::Refunding { payment, .. }
        | ChargeState::Refunded { payment, .. }
        | ChargeState::Disputed { payment, .. }
        | ChargeState::WrittenOff { payment, .. } => Some(payment),
        _ => None,
    };
    facts.extend(paid.map(|payment| {
        let how = format!(
            "{}, receipt {}, taken by {}",
            payment.paid_by.as_str(),
            payment.receipt,
            name(&payment.by)
        );
        Fact::new("Paid", how)
    }));
    match state {
        ChargeState::Waived { waiver, .. } => {
            facts.push(Fact::new(
                "Waived",
                format!("{}, approved by {}", waiver.reason(), name(waiver.approved_by())),
            ));
        }
        ChargeState::Refunding { refund, .. } | ChargeState::Refunded { refund, .. } => {
            facts.push(Fact::new(
                "Refund",
                format!("{}, approved by {}", refund.reason(), name(refund.approved_by())),
            ));
        }
        ChargeState::Void { reason } => facts.push(Fact::new("Void", reason)),
        ChargeState::Disputed { dispute, .. } | ChargeState::WrittenOff { dispute, .. } => {
            facts.push(Fact::new("Dispute", dispute));
        }
        _ => {}
    }
    facts
}

/// `POST /billing/charges/{charge}/{step}`
pub async fn step(
    State(means): State<Means>,
    staff: Staff,
    Path((charge, step)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let clerk = clerk(&means, &staff, right_for(&step)?)?;
    let (reason, receipt) = (fields.text("reason"), fields.text("receipt"));
    let mut tx = means.db.begin().await?;
    let done: Result<(), MoneyError> = async {
        match step.as_str() {
            "collect" => drop(fee::collect(&mut tx, &clerk, &charge, paid_by(&fields)?, receipt).await?),
            "refund-paid" => {
                drop(fee::refund_paid(&mut tx, &clerk, &charge, paid_by(&fields)?, receipt).await?);
            }
            "propose-waiver" => drop(fee::propose_waiver(&mut tx, &clerk, &charge, reason).await?),
            "propose-refund" => drop(fee::propose_refund(&mut tx, &clerk, &charge, reason).await?),
            "approve-waiver" => drop(fee::approve_waiver(&mut tx, &clerk, &charge).await?),
            "approve-refund" => drop(fee::approve_refund(&mut tx, &clerk, &charge).await?),
            "decline" => fee::decline(&mut tx, &clerk, &charge).await?,
            _ => drop(fee::void(&mut tx, &clerk, &charge, reason).await?),
        }
        Ok(())
    }
    .await;
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/billing/charges/{charge}")).into_response())
        }
        Err(error) => {
            drop(tx);
            let page = show(&means, &staff, &charge, Some(problem(error)?)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn right_for(step: &str) -> Result<Action, PageError> {
    Ok(match step {
        "collect" | "refund-paid" | "void" => Action::CollectCharges,
        "propose-waiver" | "propose-refund" => Action::ProposeRelief,
        "approve-waiver" | "approve-refund" | "decline" => Action::ApproveRelief,
        _ => return Err(PageError::NotFound),
    })
}

/// What was paid with, as a form says it.
pub(super) fn paid_by(fields: &Fields) -> Result<PaidBy, MoneyError> {
    PaidBy::parse(fields.text("paid_by")).ok_or(MoneyError::Unfit { what: "what it was paid with", most: 5 })
}
