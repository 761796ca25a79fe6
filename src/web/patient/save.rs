//! Saving all there is: what it is, how large, how it is opened; and the file.

use super::Means;
use super::inside::Inside;
use super::package::{Asked, SendError};
use super::words::{count, size};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::{Frame, page as shown};
use crate::words::in_words;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

#[derive(Template)]
#[template(path = "patient/save.html")]
struct SavePage {
    frame: Frame,
    own: bool,
    studies: String,
    images: String,
    withheld: Option<String>,
    size: String,
    allowed: bool,
}

/// `GET /r/save`
pub async fn page(State(means): State<Means>, inside: Inside) -> Result<Response, PageError> {
    inside.shown(&means).await?;
    let (t, package) = (inside.texts(), &inside.package);
    let withheld = package.counts.withheld;
    shown(&SavePage {
        frame: inside.frame(),
        own: inside.is_own(),
        studies: t.with("study-count", "count", count(package.counts.studies)),
        images: t.with("image-count", "count", count(package.counts.instances)),
        withheld: (withheld > 0).then(|| t.with("save-withheld", "count", count(withheld))),
        size: size(package.zip_bytes),
        allowed: inside.session.grant.rights.download,
    })
}

/// `GET /r/save/package`
pub async fn package(
    State(means): State<Means>,
    inside: Inside,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let asked = Asked { method: &method, headers: &headers, caller: inside.caller() };
    means.sender.send(&inside.session, asked).await.map_err(|error| match error {
        SendError::MayNotDownload => PageError::NotPermitted,
        SendError::NoPackage => PageError::NotFound,
        SendError::Store(error) => error.into(),
        other => PageError::Broken(in_words(&other)),
    })
}
