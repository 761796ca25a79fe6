//! Choosing deliveries, and saying how their codes get there.

use super::request::find_request;
use super::steps::{Taken, take};
use super::{Means, Staff};
use crate::desk::DeskError;
use crate::desk::authorization::Action;
use crate::desk::request::{self as desk, NewDelivery};
use crate::desk::seal;
use crate::model::delivery::{CodeForm, CodeRoute, Destination, DiscForm, PostalAddress};
use crate::model::{Delivery, ReleaseRequest, Rights};
use crate::store::db::Tx;
use crate::store::{deliveries, discs};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::page;
use crate::web::plumbing::paper::{Opens, Slip};
use axum::extract::{Path, State};
use axum::response::Response;
use burn_queue::DiscState;

/// What a patient is told before a plain disc is chosen; on record with the choice.
pub(super) const PLAIN_WARNING: &str =
    "A plain disc is not encrypted. Whoever finds it can see your images, your name and your birth date.";

/// `POST …/deliveries`: a further one, or one instead of another.
pub async fn choose(
    State(means): State<Means>,
    staff: Staff,
    Path(reference): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::ChooseDelivery)?;
    let site = means.house.site_of(&find_request(&means, &reference).await?);
    // The carrier is asked before the transaction begins: it may take its time.
    let checked = match new_delivery(&fields) {
        Ok(new) => desk::check_delivery(&means.parcels, &staff.acting(&means), &site, new).await,
        Err(error) => Err(error),
    };
    take(Action::ChooseDelivery, (means, staff, reference, fields), async |taken: Taken<'_>| {
        let acting = taken.staff.acting(taken.means);
        let new = checked?;
        match taken.fields.given("instead") {
            None => desk::choose_delivery(taken.tx, &acting, &taken.request.id, new).await?,
            Some(before) => {
                is_of(taken.tx, taken.request, &before).await?;
                desk::switch_delivery(taken.tx, &acting, &before, new).await?
            }
        };
        Ok(())
    })
    .await
}

/// `POST …/deliveries/{delivery}/code-route`
pub async fn confirm_code_route(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, delivery)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    step_of((means, staff, reference, fields), &delivery, async |taken: Taken<'_>| {
        desk::confirm_code_route(taken.tx, &taken.staff.acting(taken.means), &delivery).await
    })
    .await
}

/// `POST …/deliveries/{delivery}/cancel`
pub async fn cancel(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, delivery)): Path<(String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    step_of((means, staff, reference, fields), &delivery, async |taken: Taken<'_>| {
        let (acting, reason) = (taken.staff.acting(taken.means), taken.fields.text("reason"));
        desk::cancel_delivery(taken.tx, &acting, &delivery, reason).await?;
        Ok(())
    })
    .await
}

/// `POST …/deliveries/{delivery}/opening-code`: the code that opens the discs, on a slip of its own.
pub async fn show_opening_code(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, delivery)): Path<(String, String)>,
    Posted(_): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::ChooseDelivery)?;
    let request = find_request(&means, &reference).await?;
    let mut tx = means.db.begin().await?;
    let chosen = is_of(&mut tx, &request, &delivery).await?;
    let code = seal::show_code(&mut tx, &staff.acting(&means), &means.keys, &delivery).await?;
    let set = discs::set_of_delivery(&mut tx, &delivery).await?;
    tx.commit().await?;
    let form = chosen.destination.disc();
    let (Some(code), Some(set), Some(form)) = (code, set, form) else { return Err(PageError::NotFound) };
    let all = discs::of_set(&means.db, &set.id).await?;
    let wanted = all.iter().filter(|disc| !matches!(disc.state, DiscState::Spoiled { .. }));
    let printed: Vec<String> = wanted.map(|disc| disc.code.to_string()).collect();
    let language = request.language.parse().unwrap_or_default();
    let back = format!("/staff/requests/{reference}");
    let opens = Opens::discs(&printed, form);
    page(&Slip::of(means.house.site_of(&request), (language, false, &back), &reference, code.reveal(), opens))
}

/// A step of one of the request's deliveries.
async fn step_of(
    form: (Means, Staff, String, Fields),
    delivery: &str,
    step: impl AsyncFnOnce(Taken<'_>) -> Result<(), DeskError>,
) -> Result<Response, PageError> {
    take(Action::ChooseDelivery, form, async |taken: Taken<'_>| {
        is_of(taken.tx, taken.request, delivery).await?;
        step(taken).await
    })
    .await
}

/// The delivery, which must be of the request whose page it was on.
async fn is_of(tx: &mut Tx, request: &ReleaseRequest, delivery: &str) -> Result<Delivery, DeskError> {
    match deliveries::get(tx, delivery).await? {
        Some(found) if found.request == request.id => Ok(found),
        _ => Err(DeskError::NotFound { what: "delivery" }),
    }
}

fn new_delivery(fields: &Fields) -> Result<NewDelivery, DeskError> {
    let invalid = |field, why| DeskError::Invalid { field, why };
    let disc = || disc_form(fields);
    let destination = match fields.text("way") {
        "link" => Destination::Link {
            email: fields.given("email"),
            rights: rights(fields.text("rights"))?,
            good_for_days: days(fields)?,
        },
        "mail" => Destination::Mail { address: address(fields), disc: disc()? },
        "fed_ex" => {
            let phone = fields.text("phone").to_owned();
            Destination::FedEx { address: address(fields), phone, disc: disc()? }
        }
        "desk" => Destination::Desk { disc: disc()? },
        _ => return Err(invalid("way", "choose how the images get there")),
    };
    let is_plain = matches!(destination.disc(), Some(DiscForm::Plain { .. }));
    let code_route = match fields.text("code_route") {
        _ if is_plain => CodeRoute::NoCode,
        "in_person" => CodeRoute::InPerson,
        "phone" => CodeRoute::Phone { number: fields.text("code_phone").to_owned() },
        "letter" => CodeRoute::Letter { address: code_address(fields) },
        _ => return Err(invalid("code_route", "choose how the code gets there")),
    };
    let (recipient, address_reason) = (fields.text("recipient").to_owned(), fields.given("address_reason"));
    Ok(NewDelivery { recipient, destination, code_route, address_reason })
}

/// What kind of disc. A plain one only with the word that the patient was warned.
fn disc_form(fields: &Fields) -> Result<DiscForm, DeskError> {
    match fields.text("disc") {
        "words" => Ok(DiscForm::Sealed { code: CodeForm::Words }),
        "digits" => Ok(DiscForm::Sealed { code: CodeForm::Digits }),
        "secure" => Ok(DiscForm::Secure { code: CodeForm::Words }),
        "plain" if fields.text("warned") == "yes" => {
            Ok(DiscForm::Plain { warning: PLAIN_WARNING.to_owned() })
        }
        "plain" => Err(DeskError::Invalid {
            field: "warned",
            why: "warn the patient first, and confirm that they chose a plain disc all the same",
        }),
        _ => Err(DeskError::Invalid { field: "disc", why: "choose what kind of disc" }),
    }
}

/// What the recipient of a link may do.
fn rights(word: &str) -> Result<Rights, DeskError> {
    match word {
        "everything" => Ok(Rights::default()),
        "view_and_save" => Ok(Rights { view: true, download: true, share: false }),
        "view" => Ok(Rights { view: true, download: false, share: false }),
        _ => Err(DeskError::Invalid { field: "rights", why: "choose what the recipient may do" }),
    }
}

/// How long a link is good for, if staff say so.
fn days(fields: &Fields) -> Result<Option<u32>, DeskError> {
    let invalid = |_| DeskError::Invalid { field: "good_for_days", why: "give a number of days" };
    fields.given("good_for_days").map(|days| days.parse().map_err(invalid)).transpose()
}

fn address(fields: &Fields) -> PostalAddress {
    address_in(fields, ["street", "city", "state", "zip"])
}

/// The address on file for the letter with the code: it need not be where the disc goes.
fn code_address(fields: &Fields) -> PostalAddress {
    address_in(fields, ["code_street", "code_city", "code_state", "code_zip"])
}

fn address_in(fields: &Fields, [street, city, state, zip]: [&str; 4]) -> PostalAddress {
    let text = |name| fields.text(name).to_owned();
    let lines = fields.text(street).lines().map(str::to_owned).collect();
    PostalAddress { lines, city: text(city), state: text(state), zip: text(zip) }
}
