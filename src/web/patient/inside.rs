//! Someone inside a link: their session, its package, and what they may do.

use super::Means;
use super::package::disclosure_of;
use crate::audit::disclosures;
use crate::desk::link::{self, Caller, LinkSession};
use crate::model::audit::Actor;
use crate::model::link::Deed;
use crate::model::{Package, ReleaseRequest, Site};
use crate::notify::catalogs::Texts;
use crate::store::{self, StoreError, packages, requests};
use crate::web::plumbing::client::Client;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{FormToken, VISITOR};
use crate::web::plumbing::frame::Frame;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

/// A session is prolonged when less than this is left of its half hour: not at each of a hundred pictures.
const PROLONGED_BELOW_MS: i64 = 29 * 60_000;

/// Who calls, as far as the network tells.
#[derive(Debug, Clone)]
pub(super) struct Calling {
    agent: String,
    address: String,
}

impl Calling {
    pub(super) fn of(parts: &Parts) -> Self {
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let address = parts.extensions.get().map(|Client(address)| address.to_string());
        Self { agent: agent.to_owned(), address: address.unwrap_or_default() }
    }

    pub(super) fn caller(&self) -> Caller<'_> {
        Caller { agent: &self.agent, address: &self.address }
    }
}

impl<S: Sync> FromRequestParts<S> for Calling {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// Someone inside a link. A page that takes one sends others to the way in.
pub struct Inside {
    /// Their session, whose grant is active.
    pub session: LinkSession,
    /// The package it opens.
    pub package: Package,
    calling: Calling,
    frame: Frame,
}

impl<S> FromRequestParts<S> for Inside
where
    S: Send + Sync,
    Means: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let means = Means::from_ref(state);
        let cookie = VISITOR.read(&parts.headers, &means.house.url).map(str::to_owned);
        let outside = || Redirect::to("/r?again=1").into_response();
        let cookie = cookie.ok_or_else(outside)?;
        let found = Self::find(&means, parts, &cookie).await.map_err(PageError::into_response)?;
        found.ok_or_else(outside)
    }
}

impl Inside {
    async fn find(means: &Means, parts: &Parts, cookie: &str) -> Result<Option<Self>, PageError> {
        let (db, now_ms) = (&means.sender.db, means.now_ms());
        let Some(session) = link::session_of(db, cookie, now_ms).await? else { return Ok(None) };
        let Some(package) = packages::get(db, &session.grant.package).await? else { return Ok(None) };
        if session.until < now_ms.saturating_add(PROLONGED_BELOW_MS) {
            let mut tx = db.begin().await?;
            link::prolong(&mut tx, cookie, now_ms).await?;
            tx.commit().await?;
        }
        let t = Texts::of(parts.extensions.get().copied().unwrap_or_default());
        let request = requests::get(db, &session.grant.request).await?;
        let Some(request) = request else { return Ok(None) };
        let frame = Frame::public(t, means.house.site_of(&request), parts.uri.path());
        let frame = Frame { form_token: FormToken::of(cookie), ..frame };
        Ok(Some(Self { session, package, calling: Calling::of(parts), frame }))
    }

    /// The frame of a page.
    pub(super) fn frame(&self) -> Frame {
        self.frame.clone()
    }

    /// The site that works on the request.
    pub(super) fn site(&self) -> &Site {
        &self.frame.site
    }

    /// The messages in the reader's language.
    pub(super) fn texts(&self) -> Texts {
        self.frame.t
    }

    pub(super) fn caller(&self) -> Caller<'_> {
        self.calling.caller()
    }

    /// Whether the link is theirs, and was not passed on to them: only then do they see the request.
    pub(super) fn is_own(&self) -> bool {
        self.session.grant.shared_from.is_none()
    }

    /// Requires that the link is their own.
    pub(super) fn require_own(&self) -> Result<(), PageError> {
        if self.is_own() { Ok(()) } else { Err(PageError::NotFound) }
    }

    /// Whom they are recorded as.
    pub(super) fn actor(&self) -> Actor {
        Actor::Recipient { grant: self.session.grant.id.clone() }
    }

    /// Puts on record that what the package holds is shown in this session, before it is.
    pub(super) async fn shown(&self, means: &Means) -> Result<(), StoreError> {
        let db = &means.sender.db;
        let begun = store::disclosures::of_session(db, &self.session.id, &self.package.id).await?;
        if begun.is_some() {
            return Ok(());
        }
        let new = disclosure_of(&self.session, &self.package);
        let mut tx = db.begin().await?;
        disclosures::begin(&mut tx, self.actor(), &new, means.now_ms(), &*means.sender.chance).await?;
        tx.commit().await
    }

    /// The same, where images themselves are looked at; those who may not are refused.
    pub(super) async fn viewed(&self, means: &Means) -> Result<(), PageError> {
        self.require_view()?;
        self.shown(means).await?;
        let mut tx = means.sender.db.begin().await?;
        store::disclosures::note_viewed(&mut tx, &self.session.id, &self.package.id, means.now_ms()).await?;
        link::note(&mut tx, &self.session.grant.id, Deed::Viewed, self.caller(), means.now_ms()).await?;
        Ok(tx.commit().await?)
    }

    /// The same for programs, which ask for many images: once in a session, however it was looked at first.
    pub(super) async fn viewed_once(&self, means: &Means) -> Result<(), PageError> {
        let db = &means.sender.db;
        let begun = store::disclosures::of_session(db, &self.session.id, &self.package.id).await?;
        match begun.is_some_and(|begun| begun.viewed_at.is_some()) {
            true => self.require_view(),
            false => self.viewed(means).await,
        }
    }

    /// Requires that they may look at images.
    pub(super) fn require_view(&self) -> Result<(), PageError> {
        if self.session.grant.rights.view { Ok(()) } else { Err(PageError::NotPermitted) }
    }

    /// The request that the link fulfils.
    pub(super) async fn request(&self, means: &Means) -> Result<ReleaseRequest, PageError> {
        let found = requests::get(&means.sender.db, &self.session.grant.request).await?;
        found.ok_or(PageError::NotFound)
    }
}
