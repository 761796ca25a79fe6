//! What is done to a request from its page. Each step is a form; what is refused is said on the page, and
//! what was done is seen on it.

use super::request::{find_request, show};
use super::{Means, Staff};
use crate::desk::DeskError;
use crate::desk::authorization::Action;
use crate::desk::request as desk;
use crate::desk::stopped;
use crate::model::ReleaseRequest;
use crate::model::request::{Basis, Expiry, Ground, IdentitySeen, Received, Standing};
use crate::store::db::Tx;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::show::sentence;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;

/// A step on a request: who takes it, on which, with what form.
pub(super) struct Taken<'t> {
    pub means: &'t Means,
    pub staff: &'t Staff,
    pub request: &'t ReleaseRequest,
    pub fields: &'t Fields,
    pub tx: &'t mut Tx,
}

/// Takes a step in a transaction of its own, and shows the request again; with what was in the way, if
/// something was.
pub(super) async fn take(
    action: Action,
    (means, staff, reference, fields): (Means, Staff, String, Fields),
    step: impl AsyncFnOnce(Taken<'_>) -> Result<(), DeskError>,
) -> Result<Response, PageError> {
    staff.require(action)?;
    let request = find_request(&means, &reference).await?;
    let mut tx = means.db.begin().await?;
    let taken = Taken { means: &means, staff: &staff, request: &request, fields: &fields, tx: &mut tx };
    match step(taken).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/staff/requests/{}", request.reference)).into_response())
        }
        Err(refused) => {
            drop(tx);
            not_done(&means, &staff, &reference, fields, refused).await
        }
    }
}

/// The request again, with what was in the way; a page of its own for what is no refusal.
pub(super) async fn not_done(
    means: &Means,
    staff: &Staff,
    reference: &str,
    fields: Fields,
    refused: DeskError,
) -> Result<Response, PageError> {
    if !matches!(
        refused,
        DeskError::Refused(_)
            | DeskError::Approval(_)
            | DeskError::Extension(_)
            | DeskError::Address(_)
            | DeskError::Invalid { .. }
    ) {
        return Err(refused.into());
    }
    let page = show(means, staff, reference, fields, Some(said(&refused))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What was in the way, with fields called as the forms call them.
fn said(refused: &DeskError) -> String {
    match refused {
        DeskError::Invalid { field, why } => format!("{}: {}", label(field), sentence(why)),
        other => sentence(&other.to_string()),
    }
}

/// The label of a field on the request's page.
fn label(field: &str) -> &'static str {
    match field {
        "way" => "How",
        "rights" => "With a link they may",
        "recipient" => "Who receives it",
        "email" => "E-mail",
        "address" | "street" => "Street",
        "city" => "City",
        "state" => "State",
        "zip" => "ZIP",
        "address_reason" => "Why the address is right",
        "good_for_days" => "Good for, in days",
        "phone" => "Telephone",
        "code_route" => "How the code gets there",
        "disc" => "The disc",
        "warned" => "The warning",
        "code_phone" => "Number on file",
        "code_address" => "Address on file",
        "identity" => "What shows who they are",
        "note" => "Note",
        "basis" => "By what right",
        "representation" => "What shows the representation",
        "purpose" => "What for",
        "signed_on" => "Signed on",
        "expires_on" => "Good until",
        "ground" => "Ground of the denial",
        "words" => "In words",
        "searched" => "Where it was looked for",
        "told_where" => "Where they were told to ask",
        "received_on" => "Received on",
        "until" => "New date",
        "acknowledged" => "Why this is the right patient all the same",
        "how" => "How it was seen to",
        "of" => "The other's reference",
        _ => "Why",
    }
}

fn invalid(field: &'static str, why: &'static str) -> DeskError {
    DeskError::Invalid { field, why }
}

/// A date as a browser sends it.
pub(super) fn date(fields: &Fields, name: &'static str) -> Result<Date, DeskError> {
    fields.text(name).parse().map_err(|_| invalid(name, "give a date"))
}

macro_rules! step {
    ($(#[$doc:meta])* $name:ident: $action:ident, $taken:ident => $work:expr) => {
        $(#[$doc])*
        pub async fn $name(
            State(means): State<Means>,
            staff: Staff,
            Path(reference): Path<String>,
            Posted(fields): Posted,
        ) -> Result<Response, PageError> {
            take(Action::$action, (means, staff, reference, fields), async |$taken: Taken<'_>| $work).await
        }
    };
}

step! {
    /// `POST …/identity`: the requester is who they say.
    verify_identity: VerifyIdentity, taken => {
        let seen = seen(taken.fields)?;
        desk::verify_identity(taken.tx, &taken.staff.acting(taken.means), &taken.request.id, seen).await?;
        Ok(())
    }
}

fn seen(fields: &Fields) -> Result<IdentitySeen, DeskError> {
    Ok(match fields.text("seen") {
        "photo_id" => IdentitySeen::PhotoId,
        "copy_of_photo_id" => IdentitySeen::CopyOfPhotoId,
        "signature" => IdentitySeen::Signature,
        "call_back" => IdentitySeen::CallBack,
        "portal" => IdentitySeen::Portal,
        "other" => IdentitySeen::Other {
            words: fields.given("words").ok_or(invalid("note", "say what shows who they are"))?,
        },
        _ => return Err(invalid("identity", "choose what shows who they are")),
    })
}

step! {
    /// `POST …/need-information`: something is missing.
    need_information: DecideRequest, taken => {
        let (acting, reason) = (taken.staff.acting(taken.means), taken.fields.text("reason"));
        desk::need_information(taken.tx, &acting, &taken.request.id, reason).await?;
        Ok(())
    }
}

step! {
    /// `POST …/information-came`: what was missing is there.
    take_information: DecideRequest, taken => {
        desk::take_information(taken.tx, &taken.staff.acting(taken.means), &taken.request.id).await?;
        Ok(())
    }
}

step! {
    /// `POST …/studies`: those that were ticked are what was asked for.
    choose_studies: ChooseStudies, taken => {
        let acting = taken.staff.acting(taken.means);
        for study in taken.fields.all("study") {
            desk::choose_study(taken.tx, &acting, &taken.request.id, study, Standing::Released).await?;
        }
        Ok(())
    }
}

/// What is done with one study of a request.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StudyStep {
    /// It does not belong there.
    Drop,
    /// It is to leave.
    Release,
    /// It is to stay.
    Withhold,
    /// Its patient was compared.
    Check,
}

/// `POST …/studies/{study}/{what}`: something about one study.
pub async fn change_study(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, study, step)): Path<(String, String, StudyStep)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    take(Action::ChooseStudies, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let Taken { means, staff, request, fields, tx } = taken;
        let (acting, id) = (staff.acting(means), request.id.as_str());
        match step {
            StudyStep::Drop => desk::drop_study(tx, &acting, id, &study).await,
            StudyStep::Release => desk::choose_study(tx, &acting, id, &study, Standing::Released).await,
            StudyStep::Withhold => {
                let reason = fields.text("reason").to_owned();
                desk::choose_study(tx, &acting, id, &study, Standing::Withheld { reason }).await
            }
            StudyStep::Check => {
                let acknowledged = fields.given("acknowledged");
                let fingerprint = fields.text("fingerprint");
                desk::check_patient(tx, &acting, id, &study, fingerprint, acknowledged.as_deref()).await
            }
        }
    })
    .await
}

step! {
    /// `POST …/approve`: the images may leave.
    approve: DecideRequest, taken => {
        let basis = basis(taken.fields)?;
        desk::approve(taken.tx, &taken.staff.acting(taken.means), &taken.request.id, basis).await?;
        Ok(())
    }
}

fn basis(fields: &Fields) -> Result<Basis, DeskError> {
    let recipient = fields.text("recipient").to_owned();
    Ok(match fields.text("basis") {
        "patient_access" => Basis::PatientAccess { representation: fields.given("representation") },
        "third_party_directive" => {
            Basis::ThirdPartyDirective { recipient, signed_on: date(fields, "signed_on")? }
        }
        "authorization" => Basis::Authorization {
            recipient,
            purpose: fields.text("purpose").to_owned(),
            expires: Expiry::On { day: date(fields, "expires_on")? },
            signed_on: date(fields, "signed_on")?,
        },
        _ => return Err(invalid("basis", "say by what right the images leave")),
    })
}

step! {
    /// `POST …/deny`: they may not.
    deny: DecideRequest, taken => {
        let fields = taken.fields;
        let ground = serde_json::from_value::<Ground>(fields.text("ground").into());
        let ground = ground.map_err(|_| invalid("ground", "choose the ground of the denial"))?;
        let acting = taken.staff.acting(taken.means);
        desk::deny(taken.tx, &acting, &taken.request.id, ground, fields.text("words")).await?;
        Ok(())
    }
}

step! {
    /// `POST …/no-records`: there is nothing to release.
    find_no_records: DecideRequest, taken => {
        let (searched, told_where) = (taken.fields.text("searched"), taken.fields.text("told_where"));
        let acting = taken.staff.acting(taken.means);
        desk::find_no_records(taken.tx, &acting, &taken.request.id, searched, told_where).await?;
        Ok(())
    }
}

step! {
    /// `POST …/withdraw`: the requester takes it back.
    withdraw: WithdrawRequest, taken => {
        let (acting, words) = (taken.staff.acting(taken.means), taken.fields.text("words"));
        desk::withdraw(taken.tx, &acting, &taken.request.id, words).await?;
        Ok(())
    }
}

step! {
    /// `POST …/reopen`: it is taken up again.
    reopen: DecideRequest, taken => {
        let (acting, reason) = (taken.staff.acting(taken.means), taken.fields.text("reason"));
        desk::reopen(taken.tx, &acting, &taken.request.id, reason).await?;
        Ok(())
    }
}

step! {
    /// `POST …/extend`: the one extension, in writing.
    extend: DecideRequest, taken => {
        let until = date(taken.fields, "until")?;
        let (acting, reason) = (taken.staff.acting(taken.means), taken.fields.text("reason"));
        desk::extend(taken.tx, &acting, &taken.request.id, until, reason).await?;
        Ok(())
    }
}

step! {
    /// `POST …/received`: the day it reached the hospital is corrected.
    change_received: DecideRequest, taken => {
        let by = serde_json::from_value(taken.fields.text("received_by").into());
        let received = Received {
            on: date(taken.fields, "received_on")?,
            by: by.unwrap_or(taken.request.received.by),
        };
        let (acting, reason) = (taken.staff.acting(taken.means), taken.fields.text("reason"));
        desk::change_received(taken.tx, &acting, &taken.request.id, received, reason).await?;
        Ok(())
    }
}

step! {
    /// `POST …/duplicate`: it is the same as another.
    close_as_duplicate: DecideRequest, taken => {
        let other = taken.fields.text("of").parse().map_err(|_| invalid("of", "this is not a reference"))?;
        let acting = taken.staff.acting(taken.means);
        desk::close_as_duplicate(taken.tx, &acting, &taken.request.id, &other).await?;
        Ok(())
    }
}

/// `POST …/stopped/{job}/retry`: work that stopped is tried again.
pub async fn retry(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, job)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    take(Action::ResumeWork, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let acting = taken.staff.acting(taken.means);
        stopped::try_again(taken.tx, &acting, &taken.request.id, &job).await
    })
    .await
}

/// `POST …/stopped/{job}/set-aside`: it was seen to another way.
pub async fn set_aside(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, job)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    take(Action::ResumeWork, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let (acting, how) = (taken.staff.acting(taken.means), taken.fields.text("how"));
        stopped::set_aside(taken.tx, &acting, (&taken.request.id, &job), how).await
    })
    .await
}
