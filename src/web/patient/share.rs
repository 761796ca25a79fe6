//! Giving images to a doctor: a link and a code of their own, by e-mail or on paper, for some days.

use super::Means;
use super::inside::Inside;
use super::words::day_of;
use crate::clock::DAY_MS;
use crate::desk::{DeskError, Who, link};
use crate::model::link::{Deed, NewLinkGrant, Rights};
use crate::notify::messages::Office;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::Posted;
use crate::web::plumbing::frame::{Frame, page as shown};
use crate::web::plumbing::paper::qr;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How long a link can be passed on for, in days.
const DAYS: [i64; 3] = [7, 30, 90];

#[derive(Template)]
#[template(path = "patient/share.html")]
struct SharePage {
    frame: Frame,
    own: bool,
    recipient: String,
    email: String,
    days: Vec<(String, i64, bool)>,
    problem: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "patient/shared.html")]
struct SharedPage {
    frame: Frame,
    own: bool,
    code: String,
    /// Who can open it, and how long.
    until: String,
    /// Where the link was mailed to.
    email: Option<String>,
    /// The link, to be copied and to be scanned, where it was not.
    address: Option<(String, String)>,
}

/// What somebody fills in.
struct Wish {
    recipient: String,
    email: String,
    days: i64,
}

fn form(inside: &Inside, wish: Wish, problem: Option<(&str, &'static str)>) -> SharePage {
    let t = inside.texts();
    let days = DAYS.map(|days| (t.with("share-days", "days", days), days, days == wish.days));
    SharePage {
        frame: inside.frame(),
        own: inside.is_own(),
        recipient: wish.recipient,
        email: wish.email,
        days: days.into(),
        problem: problem.map(|(message, field)| (t.say(message), field)),
    }
}

/// Only the holder of a link shares it on, if it may be.
fn permitted(inside: &Inside) -> Result<(), PageError> {
    if inside.session.grant.rights.share { Ok(()) } else { Err(PageError::NotPermitted) }
}

/// `GET /r/share`
pub async fn page(inside: Inside) -> Result<Response, PageError> {
    permitted(&inside)?;
    let wish = Wish { recipient: String::new(), email: String::new(), days: DAYS[1] };
    shown(&form(&inside, wish, None))
}

/// `POST /r/share`
pub async fn share(
    State(means): State<Means>,
    inside: Inside,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    permitted(&inside)?;
    let days = fields.text("days").parse().ok().filter(|days| DAYS.contains(days)).unwrap_or(DAYS[1]);
    let wish =
        Wish { recipient: fields.text("recipient").to_owned(), email: fields.text("email").to_owned(), days };
    let problem = match link::recipient(&wish.recipient, &wish.email) {
        Ok(to) => return shown(&passed_on(&means, &inside, to, days).await?),
        Err(DeskError::Invalid { field: "email", .. }) => ("share-wrong-email", "email"),
        Err(_) => ("share-no-name", "recipient"),
    };
    let again = shown(&form(&inside, wish, Some(problem)))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

async fn passed_on(
    means: &Means,
    inside: &Inside,
    (name, email): (String, Option<String>),
    days: i64,
) -> Result<SharedPage, PageError> {
    let (own, of_link) = (&inside.session.grant, means.of_link());
    let recipient = match &email {
        Some(email) => format!("{name}, {email}"),
        None => name.clone(),
    };
    let new = NewLinkGrant {
        request: own.request.clone(),
        delivery: own.delivery.clone(),
        shared_from: Some(own.id.clone()),
        package: own.package.clone(),
        recipient,
        language: own.language.clone(),
        rights: Rights { view: true, download: true, share: false },
        until: of_link.now_ms + days * DAY_MS,
    };
    let birth_date = inside.request(means).await?.patient.birth_date;
    let who = Who::Recipient(own.id.clone());
    let mut tx = means.sender.db.begin().await?;
    let (grant, until) = link::share(&mut tx, &of_link, &own.id, &new).await?;
    let code = link::issue_code(&mut tx, &of_link, &who, &grant, birth_date).await?;
    let mut address = None;
    match &email {
        Some(to) => {
            let office = Office { site: inside.site(), pages: means.house.url.as_str() };
            link::send(&mut tx, &of_link, &who, &grant, (office, to)).await?;
        }
        None => {
            let token = link::activate(&mut tx, &of_link, &who, &grant).await?;
            let link = format!("{}/l/{}", means.house.url.as_str().trim_end_matches('/'), token.text());
            address = Some((link.clone(), qr(&link)?));
        }
    }
    link::note(&mut tx, &own.id, Deed::Shared, inside.caller(), of_link.now_ms).await?;
    tx.commit().await.map_err(DeskError::from)?;
    let until = day_of(inside.texts(), inside.site(), until);
    Ok(SharedPage {
        frame: inside.frame(),
        own: inside.is_own(),
        code: code.reveal(),
        until: inside.texts().with_all("shared-until", [("name", &name), ("date", &until)]),
        email,
        address,
    })
}
