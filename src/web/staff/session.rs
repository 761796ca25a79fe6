//! Signing in and out, and who a page is for.

use super::Means;
use crate::desk::authorization::{Action, may};
use crate::desk::people::{self, Secret, SignInError};
use crate::desk::{Acting, Who};
use crate::model::{Actor, Role};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{FormToken, Posted, STAFF};
use crate::web::plumbing::frame::{Colleague, Frame, Place, page};
use crate::web::plumbing::language::{Reader, is_ours};
use askama::Template;
use axum::extract::{FromRef, FromRequestParts, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Somebody of the staff who is signed in. A page that takes one sends others to sign in first.
pub struct Staff {
    who: Who,
    actor: Actor,
    name: String,
    roles: Vec<Role>,
    frame: Frame,
}

impl<S> FromRequestParts<S> for Staff
where
    S: Send + Sync,
    Means: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let means = Means::from_ref(state);
        let back = || PageError::SignIn { back: parts.uri.path().to_owned() };
        let token = STAFF.read(&parts.headers, &means.house.url).ok_or_else(back)?.to_owned();
        let form_token = FormToken::of(&token);
        let found = people::session_of(&means.db, &Secret::new(token), means.clock.now_ms()).await?;
        let signed_in = found.ok_or_else(back)?;
        let t = parts.extensions.get().copied().unwrap_or_default();
        let frame = Frame::public(crate::notify::catalogs::Texts::of(t), means.house.site, parts.uri.path());
        let (name, roles) = (signed_in.user.name.clone(), signed_in.user.roles.iter().copied().collect());
        let who = Who::Staff(signed_in);
        Ok(Self { name, roles, actor: who.actor(), who, frame: Frame { form_token, ..frame } })
    }
}

/// Where the staff may go, and what lets them.
const PLACES: [(&str, &str, Action); 4] = [
    ("Requests", "/staff/requests", Action::SeeRequests),
    ("Parcels", "/staff/parcels", Action::ShipParcels),
    ("Burn desk", "/staff/burn", Action::ResolveDiscs),
    ("Billing", "/billing", Action::SeeCharges),
];

impl Staff {
    /// Whether they may do this.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        may(&self.who, action)
    }

    /// Requires that they may do this.
    ///
    /// # Errors
    /// [`PageError::NotPermitted`] if they may not.
    pub fn require(&self, action: Action) -> Result<(), PageError> {
        if self.may(action) { Ok(()) } else { Err(PageError::NotPermitted) }
    }

    /// Them, doing something now.
    #[must_use]
    pub fn acting<'a>(&'a self, means: &'a Means) -> Acting<'a> {
        let now_ms = means.clock.now_ms();
        let today = means.house.site.today(now_ms);
        Acting { who: &self.who, now_ms, today, chance: &*means.house.chance }
    }

    /// How they are recorded.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Them, as the desk knows who does something.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// The frame of a page in one of the places.
    #[must_use]
    pub fn frame(&self, path: &str) -> Frame {
        let allowed = PLACES.into_iter().filter(|(_, _, action)| self.may(*action));
        let places =
            allowed.map(|(name, place, _)| Place { name, path: place, here: path.starts_with(place) });
        let role: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        let colleague =
            Colleague { name: self.name.clone(), role: role.join(", "), places: places.collect() };
        Frame { path: path.to_owned(), colleague: Some(colleague), ..self.frame.clone() }
    }
}

#[derive(Template)]
#[template(path = "staff/no_place.html")]
struct NoPlace {
    frame: Frame,
    is_administrator: bool,
}

/// `GET /staff`: the first place they may go to.
pub async fn start(staff: Staff) -> Result<Response, PageError> {
    match PLACES.into_iter().find(|(_, _, action)| staff.may(*action)) {
        Some((_, place, _)) => Ok(Redirect::to(place).into_response()),
        None => {
            page(&NoPlace { frame: staff.frame("/staff"), is_administrator: staff.may(Action::ManageUsers) })
        }
    }
}

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
pub(super) struct SignInPage {
    pub frame: Frame,
    pub login: String,
    pub back: String,
    pub problem: Option<&'static str>,
}

/// Where to go once signed in.
#[derive(Debug, Default, Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /staff/sign-in`
pub async fn sign_in_page(
    State(means): State<Means>,
    reader: Reader,
    headers: HeaderMap,
    Query(Back { back }): Query<Back>,
) -> Result<Response, PageError> {
    let frame = signing_in(&means, reader, &headers);
    page(&SignInPage { frame, login: String::new(), back, problem: None })
}

/// `POST /staff/sign-in`
pub async fn sign_in(
    State(means): State<Means>,
    reader: Reader,
    headers: HeaderMap,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let (login, back) = (fields.text("login"), fields.text("back"));
    let password = Secret::new(fields.all("password").next().unwrap_or_default().to_owned());
    let given = (login, &password);
    let (now_ms, chance) = (means.clock.now_ms(), &*means.house.chance);
    let problem = match people::sign_in(&means.db, &means.passwords, given, now_ms, chance).await {
        Ok((token, _)) => {
            let cookie = STAFF.set(token.reveal(), None, &means.house.url);
            let to = if is_ours(back) { back } else { "/staff" };
            return Ok(([(SET_COOKIE, cookie)], Redirect::to(to)).into_response());
        }
        Err(SignInError::Wrong) => Some("sign-in-refused"),
        Err(SignInError::Wait { .. }) => Some("sign-in-wait"),
        Err(SignInError::Store(error)) => return Err(error.into()),
        Err(error @ SignInError::Password(_)) => return Err(PageError::Broken(error.to_string())),
    };
    let (login, back) = (login.to_owned(), back.to_owned());
    let frame = signing_in(&means, reader, &headers);
    Ok((StatusCode::FORBIDDEN, page(&SignInPage { frame, login, back, problem })?).into_response())
}

/// A frame whose form whoever was in this browser before can send: a session that is over leaves its cookie.
fn signing_in(means: &Means, reader: Reader, headers: &HeaderMap) -> Frame {
    let form_token = FormToken::in_browser(headers, &means.house.url);
    Frame { form_token, ..Frame::public(reader.0, means.house.site.clone(), "/staff/sign-in") }
}

/// `POST /staff/sign-out`
pub async fn sign_out(
    State(means): State<Means>,
    staff: Staff,
    Posted(_): Posted,
) -> Result<Response, PageError> {
    if let Who::Staff(signed_in) = &staff.who {
        let mut tx = means.db.begin().await?;
        people::sign_out(&mut tx, signed_in, means.clock.now_ms(), &*means.house.chance).await?;
        tx.commit().await?;
    }
    Ok(([(SET_COOKIE, STAFF.forget(&means.house.url))], Redirect::to("/staff/sign-in")).into_response())
}
