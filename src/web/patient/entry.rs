//! The way in and the way out. The page of a link shows nothing of whoever it is about.

use super::Means;
use super::inside::{Calling, Inside};
use super::words::ascii_digits;
use crate::desk::link::{self, Entry, Outcome};
use crate::model::Reference;
use crate::model::link::{AccessCode, Deed, LinkState, Tries};
use crate::notify::messages::Office;
use crate::store::requests;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, FormToken, Posted, VISITOR};
use crate::web::plumbing::frame::{Frame, page};
use crate::web::plumbing::language::Reader;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "patient/entry.html")]
struct EntryPage {
    frame: Frame,
    /// Where the form goes.
    action: String,
    /// Whether the request's number is asked for.
    by_request: bool,
    /// Whether there is anything to fill in.
    open: bool,
    typed: Typed,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "patient/left.html")]
struct LeftPage {
    frame: Frame,
}

/// What was typed, to be shown again.
#[derive(Debug, Default)]
struct Typed {
    reference: String,
    month: String,
    day: String,
    year: String,
    code: String,
}

/// What is in the way, and the field it is in.
#[derive(Debug)]
struct Problem {
    words: String,
    field: Option<&'static str>,
}

impl EntryPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.field == Some(field))
    }
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            reference: text("reference"),
            month: text("month"),
            day: text("day"),
            year: text("year"),
            code: text("code"),
        }
    }

    /// The birth date, if there is such a day.
    fn birth_date(&self) -> Option<Date> {
        let number = |text: &str| ascii_digits(text).trim().parse::<i16>().ok();
        let small = |text: &str| i8::try_from(number(text)?).ok();
        let year = number(&self.year).filter(|year| *year >= 1850)?;
        Date::new(year, small(&self.month)?, small(&self.day)?).ok()
    }
}

/// Someone on their way in.
struct Arriving<'a> {
    means: &'a Means,
    frame: Frame,
    action: String,
    by_request: bool,
}

impl Arriving<'_> {
    fn page(
        self,
        status: StatusCode,
        typed: Typed,
        problem: Option<Problem>,
        open: bool,
    ) -> Result<Response, PageError> {
        let Self { frame, action, by_request, .. } = self;
        let shown = page(&EntryPage { frame, action, by_request, open, typed, problem })?;
        Ok((status, shown).into_response())
    }

    /// A field does not read: nothing was tried.
    fn refused(self, typed: Typed, message: &str, field: &'static str) -> Result<Response, PageError> {
        let problem = Problem { words: self.frame.t.say(message), field: Some(field) };
        self.page(StatusCode::UNPROCESSABLE_ENTITY, typed, Some(problem), true)
    }

    fn phone(&self, message: &str) -> String {
        self.frame.t.with(message, "phone", &self.means.house.site.phone)
    }

    /// The page for a try that did not open the link.
    fn answer(self, typed: Typed, outcome: &Outcome) -> Result<Response, PageError> {
        let no_match = || Some(Problem { words: self.phone("entry-no-match"), field: Some("code") });
        let (status, problem, open) = match outcome {
            Outcome::Malformed => (StatusCode::UNPROCESSABLE_ENTITY, no_match(), true),
            Outcome::Wrong(tries) if !tries.may_try(self.means.now_ms()) => {
                (StatusCode::TOO_MANY_REQUESTS, Some(self.wait(*tries)), true)
            }
            Outcome::TooSoon(tries) => (StatusCode::TOO_MANY_REQUESTS, Some(self.wait(*tries)), true),
            // Whoever knows a number only is not told whether there is such a request.
            Outcome::NotOpen(_) if self.by_request => (StatusCode::UNPROCESSABLE_ENTITY, no_match(), true),
            Outcome::Wrong(_) => (StatusCode::UNPROCESSABLE_ENTITY, no_match(), true),
            Outcome::Locked => (StatusCode::FORBIDDEN, Some(self.closed("entry-locked")), false),
            Outcome::NotOpen(None) => (StatusCode::NOT_FOUND, Some(self.closed("entry-unknown")), false),
            Outcome::NotOpen(Some(_)) | Outcome::Entered(..) => {
                (StatusCode::GONE, Some(self.closed("entry-ended")), false)
            }
        };
        self.page(status, typed, problem, open)
    }

    fn closed(&self, message: &str) -> Problem {
        Problem { words: self.phone(message), field: None }
    }

    fn wait(&self, tries: Tries) -> Problem {
        let minutes = (tries.next_at - self.means.now_ms()).max(0) / 60_000 + 1;
        let phone = &self.means.house.site.phone;
        let words = self.frame.t.with_all("entry-wait", [("minutes", &minutes), ("phone", phone)]);
        Problem { words, field: None }
    }
}

/// The page of a link leads to itself in other languages without saying its token again.
const HERE: &str = "";

/// A frame whose forms carry the token of whoever is in this browser already.
fn frame(means: &Means, reader: Reader, headers: &HeaderMap, path: &str) -> Frame {
    let form_token = FormToken::in_browser(headers, &means.house.url);
    Frame { form_token, ..Frame::public(reader.0, means.house.site.clone(), path) }
}

/// `GET /l/{token}`
pub async fn by_link(
    State(means): State<Means>,
    reader: Reader,
    calling: Calling,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let followed = link::followed(&means.sender.db, &token, means.now_ms()).await?;
    if let Some(grant) = &followed {
        let mut tx = means.sender.db.begin().await?;
        link::note(&mut tx, &grant.id, Deed::Opened, calling.caller(), means.now_ms()).await?;
        tx.commit().await?;
    }
    let action = format!("/l/{token}");
    let frame = frame(&means, reader, &headers, HERE);
    let arriving = Arriving { means: &means, frame, action, by_request: false };
    match followed.map(|grant| grant.state) {
        Some(LinkState::Active { .. }) => arriving.page(StatusCode::OK, Typed::default(), None, true),
        Some(LinkState::Locked { .. }) => arriving.answer(Typed::default(), &Outcome::Locked),
        other => arriving.answer(Typed::default(), &Outcome::NotOpen(other)),
    }
}

/// `POST /l/{token}`
pub async fn enter_by_link(
    State(means): State<Means>,
    reader: Reader,
    calling: Calling,
    headers: HeaderMap,
    Path(token): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let action = format!("/l/{token}");
    let frame = frame(&means, reader, &headers, HERE);
    let arriving = Arriving { means: &means, frame, action, by_request: false };
    try_to_enter(arriving, &fields, &calling, Way::Link(&token)).await
}

/// Whether a session has just ended.
#[derive(Debug, Default, Deserialize)]
pub struct Again {
    again: Option<u8>,
}

/// `GET /r`
pub async fn by_request(
    State(means): State<Means>,
    reader: Reader,
    headers: HeaderMap,
    Query(Again { again }): Query<Again>,
) -> Result<Response, PageError> {
    let frame = frame(&means, reader, &headers, "/r");
    let problem = again.map(|_| Problem { words: frame.t.say("entry-again"), field: None });
    let arriving = Arriving { means: &means, frame, action: "/r".to_owned(), by_request: true };
    arriving.page(StatusCode::OK, Typed::default(), problem, true)
}

/// `POST /r`
pub async fn enter_by_request(
    State(means): State<Means>,
    reader: Reader,
    calling: Calling,
    headers: HeaderMap,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let frame = frame(&means, reader, &headers, "/r");
    let arriving = Arriving { means: &means, frame, action: "/r".to_owned(), by_request: true };
    let Ok(reference) = ascii_digits(fields.text("reference")).parse::<Reference>() else {
        return arriving.refused(Typed::of(&fields), "entry-wrong-reference", "reference");
    };
    try_to_enter(arriving, &fields, &calling, Way::Request(&reference)).await
}

enum Way<'a> {
    Link(&'a str),
    Request(&'a Reference),
}

async fn try_to_enter(
    arriving: Arriving<'_>,
    fields: &Fields,
    calling: &Calling,
    way: Way<'_>,
) -> Result<Response, PageError> {
    let typed = Typed::of(fields);
    let birth_date = typed.birth_date().map(|date| date.to_string());
    let code = ascii_digits(&typed.code);
    let entry = Entry { birth_date: birth_date.as_deref().unwrap_or_default(), code: &code };
    // What is no pair at all is put on record too: scanners press buttons.
    let outcome = tried(arriving.means, entry, calling, way).await?;
    match outcome {
        _ if birth_date.is_none() => arriving.refused(typed, "entry-wrong-date", "month"),
        _ if code.parse::<AccessCode>().is_err() => arriving.refused(typed, "entry-wrong-code", "code"),
        Outcome::Entered(cookie, _) => {
            let cookie = VISITOR.set(&cookie.text(), None, &arriving.means.house.url);
            Ok(([(SET_COOKIE, cookie)], Redirect::to("/r/images")).into_response())
        }
        other => arriving.answer(typed, &other),
    }
}

/// Tries, and tells whoever passed the link on. Committed whatever came of it: wrong tries count.
async fn tried(
    means: &Means,
    entry: Entry<'_>,
    calling: &Calling,
    way: Way<'_>,
) -> Result<Outcome, PageError> {
    let (of_link, caller) = (means.of_link(), calling.caller());
    let mut tx = means.sender.db.begin().await?;
    let outcome = match way {
        Way::Link(token) => link::enter(&mut tx, &of_link, token, entry, caller).await?,
        Way::Request(reference) => match requests::by_reference(&mut tx, reference).await? {
            Some(request) => link::enter_by_request(&mut tx, &of_link, &request.id, entry, caller).await?,
            None => Outcome::NotOpen(None),
        },
    };
    if let Outcome::Entered(_, grant) = &outcome {
        let request = requests::get(&mut tx, &grant.request).await?.ok_or(PageError::NotFound)?;
        let office = Office { site: &means.house.site_of(&request), pages: means.house.url.as_str() };
        link::tell_of_use(&mut tx, &of_link, grant, office).await?;
    }
    tx.commit().await?;
    Ok(outcome)
}

/// `POST /r/leave`
pub async fn leave(
    State(means): State<Means>,
    inside: Inside,
    Posted(_): Posted,
) -> Result<Response, PageError> {
    let mut tx = means.sender.db.begin().await?;
    link::leave(&mut tx, &inside.session).await?;
    tx.commit().await?;
    let left = page(&LeftPage { frame: Frame { path: "/r".to_owned(), ..inside.frame() } })?;
    Ok(([(SET_COOKIE, VISITOR.forget(&means.house.url))], left).into_response())
}
