//! A charge: how far it is, what can be done, and every transfer of it.

use super::today::kind;
use super::{paid_by, problem, state_sign};
use crate::desk::authorization::Action;
use crate::desk::billing::{self, BillingError, ChargeDeed};
use crate::desk::parcel_outlook::outlook;
use crate::model::charge::{ChargeState, ProposalKind};
use crate::model::site::Site;
use crate::model::{Actor, Language, PaidBy, Payment, User};
use crate::money::billing::ChargeHistory;
use crate::notify::catalogs::Texts;
use crate::store::{deliveries, requests, users};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::fee::{ComesWords, lines};
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::{Fact, Sign, day, dollars, moment, who};
use crate::web::staff::{Means, Staff};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "billing/charge.html")]
pub(super) struct ChargePage {
    pub frame: Frame,
    pub path: String,
    pub reference: String,
    pub sees_books: bool,
    pub amount: String,
    pub state: Sign,
    pub dispute: Option<String>,
    pub problem: Option<String>,
    pub facts: Vec<Fact>,
    pub basis: Vec<(String, String)>,
    pub comes: ComesWords,
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
    pub dispute: bool,
    pub end_dispute: bool,
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
    let history = billing::history(&means.db, &staff.acting(means), charge).await?;
    let colleagues = users::list(&means.db).await?;
    let delivery = deliveries::get(&means.db, &history.charge.delivery).await?.ok_or(PageError::NotFound)?;
    let request = requests::get(&means.db, &delivery.request).await?.ok_or(PageError::NotFound)?;
    let site = means.house.site_of(&request);
    let outlook = outlook(&means.db, &means.parcels, &site, &delivery).await?;
    let english = Texts::of(Language::English);
    let comes = outlook.map(|outlook| ComesWords::of(english, &outlook.comes)).unwrap_or_default();
    answer(&ChargePage::of(&site, staff, (history, comes), &colleagues, problem))
}

impl ChargePage {
    fn of(
        site: &Site,
        staff: &Staff,
        (history, comes): (ChargeHistory, ComesWords),
        colleagues: &[User],
        problem: Option<String>,
    ) -> Self {
        let ChargeHistory { charge, proposal, transfers } = history;
        let zone = &site.zone;
        let name = |actor: &Actor| who(actor, colleagues);
        Self {
            frame: staff.frame("/billing"),
            path: format!("/billing/charges/{}", charge.id),
            amount: dollars(charge.amount.get()),
            state: state_sign(&charge.state),
            sees_books: staff.may(Action::SeeCharges),
            dispute: match &charge.state {
                ChargeState::Disputed { dispute, .. } => Some(dispute.clone()),
                _ => None,
            },
            problem,
            facts: facts(&charge.state, &name, moment(charge.quoted_at, zone)),
            basis: lines(&charge.basis),
            comes,
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
        let is_proposable = |kind| proposes && !is_proposed && state.allows(kind);
        let by_card = |payment: &Payment| payment.paid_by == PaidBy::Card;
        Self {
            collect: collects && matches!(state, ChargeState::Open),
            repay: collects && matches!(state, ChargeState::Refunding { .. }),
            void: collects && state.is_voidable(),
            propose_waiver: is_proposable(ProposalKind::Waiver),
            propose_refund: is_proposable(ProposalKind::Refund),
            dispute: collects && matches!(state, ChargeState::Paid { payment, .. } if by_card(payment)),
            end_dispute: collects && matches!(state, ChargeState::Disputed { .. }),
        }
    }

    /// Whether it is nothing at all.
    pub(super) fn is_nothing(self) -> bool {
        let Self { collect, repay, void, propose_waiver, propose_refund, dispute, end_dispute } = self;
        ![collect, repay, void, propose_waiver, propose_refund, dispute, end_dispute].contains(&true)
    }
}

fn facts(state: &ChargeState, name: &dyn Fn(&Actor) -> String, quoted_at: String) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Told", quoted_at)];
    facts.extend(state.payment().map(|payment| {
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

/// What is done with one charge.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The fee is taken.
    Collect,
    /// What was to be given back is.
    Refund,
    /// It should not have been there.
    Void,
    /// Somebody asks to let it off.
    ProposeWaiver,
    /// Another person lets it off.
    ApproveWaiver,
    /// Somebody asks to give it back.
    ProposeRefund,
    /// Another person has it given back.
    ApproveRefund,
    /// Another person says no.
    Decline,
    /// A card holder takes the payment back.
    Dispute,
    /// That was decided for us.
    WinDispute,
    /// It was decided against us.
    LoseDispute,
}

/// `POST /billing/charges/{charge}/{step}`
pub async fn step(
    State(means): State<Means>,
    staff: Staff,
    Path((charge, step)): Path<(String, Step)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let mut tx = means.db.begin().await?;
    let done = match deed(step, &fields) {
        Ok(deed) => {
            let acting = staff.acting(&means);
            billing::act_on_charge(&mut tx, &acting, &means.parcels.sites, &charge, deed).await
        }
        // Only a form about money can be misread.
        Err(misread) => {
            staff.require(Action::CollectCharges)?;
            Err(misread)
        }
    };
    match done {
        Ok(_) => {
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

/// What a form says is to be done.
fn deed(step: Step, fields: &Fields) -> Result<ChargeDeed, BillingError> {
    let [reason, receipt, dispute] =
        ["reason", "receipt", "dispute"].map(|field| fields.text(field).to_owned());
    Ok(match step {
        Step::Collect => ChargeDeed::Collect { paid_by: paid_by(fields)?, receipt },
        Step::Refund => ChargeDeed::Refund { paid_by: paid_by(fields)?, receipt },
        Step::Void => ChargeDeed::Void { reason },
        Step::ProposeWaiver => ChargeDeed::ProposeWaiver { reason },
        Step::ApproveWaiver => ChargeDeed::ApproveWaiver,
        Step::ProposeRefund => ChargeDeed::ProposeRefund { reason },
        Step::ApproveRefund => ChargeDeed::ApproveRefund,
        Step::Decline => ChargeDeed::Decline,
        Step::Dispute => ChargeDeed::Dispute { dispute },
        Step::WinDispute => ChargeDeed::WinDispute { dispute },
        Step::LoseDispute => ChargeDeed::LoseDispute { dispute },
    })
}
