//! A call: who makes it, and what it may use.

use super::Means;
use super::problem::Problem;
use crate::clock::day_in;
use crate::desk::authorization::Action;
use crate::desk::people::{self, Secret};
use crate::desk::{Acting, SignedIn, Who};
use crate::model::{Reference, ReleaseRequest};
use crate::store::db::Tx;
use crate::store::requests;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A call by somebody who is known. What they may do is for the desk to say.
pub struct Call {
    /// What it may use.
    pub means: Means,
    /// Who makes it.
    pub caller: SignedIn,
    who: Who,
    now_ms: i64,
}

impl FromRequestParts<Means> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, means: &Means) -> Result<Self, Problem> {
        let now_ms = means.clock.now_ms();
        let token = bearer(&parts.headers).ok_or_else(Problem::unknown_caller)?;
        let caller = people::actor_of_token(&means.db, &token, now_ms).await?;
        let caller = caller.ok_or_else(Problem::unknown_caller)?;
        let who = Who::Staff(caller.clone());
        Ok(Self { means: means.clone(), caller, who, now_ms })
    }
}

/// The token of an `Authorization: Bearer` header: RFC 6750 section 2.1.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim().to_owned()))
}

impl Call {
    /// The caller, doing something now.
    #[must_use]
    pub fn acting(&self) -> Acting<'_> {
        let today = day_in(&self.means.zone, self.now_ms);
        Acting { who: &self.who, now_ms: self.now_ms, today, chance: &*self.means.chance }
    }

    /// The caller, doing something now at a site, by its day.
    #[must_use]
    pub fn acting_at(&self, site: &str) -> Acting<'_> {
        let zone = self.means.parcels.sites.get(site).map_or(&self.means.zone, |site| &site.zone);
        Acting { today: day_in(zone, self.now_ms), ..self.acting() }
    }

    /// Requires that the caller may do this.
    ///
    /// # Errors
    /// A 403 if they may not.
    pub fn permit(&self, action: Action) -> Result<(), Problem> {
        Ok(self.acting().permit(action)?)
    }

    /// Begins to change something.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn begin(&self) -> Result<Tx, Problem> {
        Ok(self.means.db.begin().await?)
    }

    /// The request of this reference, if the caller may see requests at all.
    ///
    /// # Errors
    /// A 403 if they may not, a 404 if there is none.
    pub async fn request(&self, reference: &str) -> Result<ReleaseRequest, Problem> {
        self.permit(Action::SeeRequests)?;
        let none = || Problem::not_found("release request");
        let reference: Reference = reference.parse().map_err(|_| none())?;
        requests::by_reference(&self.means.db, &reference).await?.ok_or_else(none)
    }
}

/// A JSON body; what cannot be read is a problem document too.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Means> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, means: &Means) -> Result<Self, Problem> {
        let axum::Json(body) = axum::Json::<T>::from_request(request, means).await?;
        Ok(Self(body))
    }
}

/// The part of an address after the question mark; what cannot be read is a problem document too.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Means> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, means: &Means) -> Result<Self, Problem> {
        let axum::extract::Query(query) = axum::extract::Query::<T>::from_request_parts(parts, means).await?;
        Ok(Self(query))
    }
}
