//! Deciding on requests.

use super::scope::compare_patients;
use super::{delivery, note, step, text};
use crate::desk::authorization::Action;
use crate::desk::{Acting, DeskError};
use crate::model::job::advance_request;
use crate::model::request::{
    Approval, Basis, Extension, Ground, IdentityCheck, IdentitySeen, ReleaseRequest,
};
use crate::model::{Reference, RequestState};
use crate::store::db::Tx;
use crate::store::{jobs, requests};
use jiff::civil::Date;
use serde_json::json;

/// The requester was found to be who they say.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it is not the time.
pub async fn verify_identity(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    seen: IdentitySeen,
) -> Result<ReleaseRequest, DeskError> {
    let by = acting.permit_user(Action::VerifyIdentity)?.id.clone();
    let seen = match seen {
        IdentitySeen::Other { words } => IdentitySeen::Other { words: text::prose("words", &words)? },
        seen => seen,
    };
    let detail = json!({ "seen": seen });
    let identity = IdentityCheck { seen, by, at: acting.now_ms };
    step(tx, acting, id, "request.identity_verified", detail, |request| {
        Ok(request.state.clone().verify_identity(identity)?)
    })
    .await
}

/// Approves a request for the studies in its scope. Its deliveries may begin.
///
/// # Errors
/// [`DeskError::Approval`] with the first thing that is missing; or if whoever acts may not.
pub async fn approve(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    basis: Basis,
) -> Result<ReleaseRequest, DeskError> {
    let by = acting.permit_user(Action::DecideRequest)?.id.clone();
    let basis = usable(basis)?;
    let before = requests::get_to_change(tx, id).await?;
    let scope = requests::scope(&mut *tx, id).await?;
    let compared = compare_patients(&mut *tx, &before, &scope).await?;
    let checks: Vec<_> = compared.into_iter().map(|compared| compared.check).collect();
    let detail = json!({
        "basis": basis.as_str(),
        "studies": scope.released().collect::<Vec<_>>(),
        "withheld": scope.0.len() - scope.released().count(),
    });
    let approval = Approval::of(&before, &scope, &checks, basis, (&by, acting.now_ms, acting.today))?;
    let approved = step(tx, acting, id, "request.approved", detail, |request| {
        Ok(request.state.clone().approve(approval)?)
    })
    .await?;
    jobs::put(tx, &[advance_request(id)], acting.chance).await?;
    Ok(approved)
}

fn usable(basis: Basis) -> Result<Basis, DeskError> {
    let recipient = |text: &str| text::line("recipient", text);
    Ok(match basis {
        Basis::PatientAccess { representation } => Basis::PatientAccess {
            representation: text::optional_line("representation", representation.as_deref())?,
        },
        Basis::ThirdPartyDirective { recipient: to, signed_on } => {
            Basis::ThirdPartyDirective { recipient: recipient(&to)?, signed_on }
        }
        Basis::Authorization { recipient: to, purpose, expires, signed_on } => Basis::Authorization {
            recipient: recipient(&to)?,
            purpose: text::prose("purpose", &purpose)?,
            expires,
            signed_on,
        },
    })
}

/// Refuses a request to the requester.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it was decided on.
pub async fn deny(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    ground: Ground,
    words: &str,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    let words = text::prose("words", words)?;
    let detail = json!({ "ground": ground, "reviewable": ground.is_reviewable() });
    end(tx, acting, id, ("request.denied", detail), |state| state.deny(ground, words)).await
}

/// Asks the requester for something. The clock runs on.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it was decided on.
pub async fn need_information(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    reason: &str,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    let reason = text::prose("reason", reason)?;
    step(tx, acting, id, "request.information_needed", json!({ "reason": reason }), |request| {
        Ok(request.state.clone().need_information(reason.clone())?)
    })
    .await
}

/// What the requester was asked for came.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or nothing was asked for.
pub async fn take_information(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    step(tx, acting, id, "request.information_came", json!(null), |request| {
        Ok(request.state.clone().take_information()?)
    })
    .await
}

/// Closes a request for which there is nothing to release.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it was decided on.
pub async fn find_no_records(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    searched: &str,
    told_where: &str,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    let (searched, told) = (text::prose("searched", searched)?, text::prose("told_where", told_where)?);
    let event = ("request.no_records", json!({ "searched": searched, "told_where": told }));
    end(tx, acting, id, event, |state| state.find_no_records(searched.clone(), told.clone())).await
}

/// Closes a request that is the same as another.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, there is no other of this reference, or it was decided on.
pub async fn close_as_duplicate(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    other: &Reference,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    let other = requests::by_reference(&mut *tx, other).await?.filter(|other| other.id != id);
    let other = other.ok_or(DeskError::NotFound { what: "other release request" })?.id;
    let event = ("request.closed_as_duplicate", json!({ "of": other }));
    end(tx, acting, id, event, |state| state.close_as_duplicate(other.clone())).await
}

/// The requester takes it back.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it has ended.
pub async fn withdraw(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    words: &str,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit(Action::WithdrawRequest)?;
    let words = text::prose("words", words)?;
    end(tx, acting, id, ("request.withdrawn", json!(null)), |state| state.withdraw(words)).await
}

/// A request comes to an end without being fulfilled, and with it every delivery that is open. The job puts
/// an end to what hangs on those.
async fn end(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    (action, detail): (&'static str, serde_json::Value),
    change: impl FnOnce(RequestState) -> Result<RequestState, crate::model::Refused>,
) -> Result<ReleaseRequest, DeskError> {
    let ended = step(tx, acting, id, action, detail, |request| Ok(change(request.state.clone())?)).await?;
    delivery::cancel_open(tx, acting, id, "the request has ended").await?;
    jobs::put(tx, &[advance_request(id)], acting.chance).await?;
    Ok(ended)
}

/// Takes a request up again that had ended.
///
/// # Errors
/// [`DeskError`] if whoever acts may not, or it has not ended.
pub async fn reopen(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    reason: &str,
) -> Result<ReleaseRequest, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    let reason = text::prose("reason", reason)?;
    step(tx, acting, id, "request.reopened", json!({ "reason": reason }), |request| {
        Ok(request.state.clone().reopen(reason.clone())?)
    })
    .await
}

/// Extends a request's date, once, told the requester in writing today.
///
/// # Errors
/// [`DeskError::Extension`] if the law does not let it; or if whoever acts may not, or it was decided on.
pub async fn extend(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    until: Date,
    reason: &str,
) -> Result<Extension, DeskError> {
    acting.permit_user(Action::DecideRequest)?;
    let request = requests::get_to_change(tx, id).await?;
    if !request.state.is_undecided() {
        return Err(request.state.refuses("extended").into());
    }
    let extension = Extension { until, reason: text::prose("reason", reason)?, told_on: acting.today };
    let before = request.extension.as_ref();
    let extension = request.deadlines().extend(before, request.mammography, extension)?;
    requests::change_clock(tx, id, &request.received, request.mammography, Some(&extension)).await?;
    note(tx, acting, id, "request.extended", json!(extension)).await?;
    Ok(extension)
}
