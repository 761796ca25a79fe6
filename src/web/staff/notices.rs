//! Letters a decision needs in writing: a denial, an extension, a question. They speak English, in which they
//! bind; what they say of the case is what was written as the reason.

use super::request::find_request;
use super::{Means, Staff};
use crate::desk::authorization::Action;
use crate::model::request::{Extension, Ground};
use crate::model::{Language, ReleaseRequest, RequestState};
use crate::notify::catalogs::Texts;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::{Frame, page as answer};
use crate::web::plumbing::show::day;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

/// A letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice<'r> {
    /// Access is denied: 45 CFR 164.524(d)(2).
    Denial { ground: Ground, words: &'r str },
    /// The answer takes longer: 45 CFR 164.524(b)(2)(ii).
    Extension(&'r Extension),
    /// Something is missing.
    Question { reason: &'r str },
}

impl<'r> Notice<'r> {
    /// The letters a request asks for as it stands.
    pub(super) fn all(request: &'r ReleaseRequest) -> Vec<Self> {
        let now = match &request.state {
            RequestState::Denied { ground, words } => Some(Self::Denial { ground: *ground, words }),
            RequestState::NeedsInformation { reason, .. } => Some(Self::Question { reason }),
            _ => None,
        };
        now.into_iter().chain(request.extension.as_ref().map(Self::Extension)).collect()
    }

    /// Its word in the address of its page.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Denial { .. } => "denial",
            Self::Extension(_) => "extension",
            Self::Question { .. } => "question",
        }
    }

    /// What the desk calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Denial { .. } => "Letter of the denial",
            Self::Extension(_) => "Letter of the extension",
            Self::Question { .. } => "Letter asking for what is missing",
        }
    }
}

#[derive(Template)]
#[template(path = "paper/notice.html")]
struct NoticePage<'r> {
    frame: Frame,
    large: bool,
    back: String,
    date: String,
    name: &'r str,
    reference: String,
    received: String,
    due: String,
    notice: Notice<'r>,
}

/// How it is printed.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    print: String,
}

/// `GET /staff/requests/{reference}/notices/{notice}?print=large`
pub async fn page(
    State(means): State<Means>,
    staff: Staff,
    Path((reference, notice)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    staff.require(Action::SeeRequests)?;
    let request = find_request(&means, &reference).await?;
    let notice = Notice::all(&request).into_iter().find(|each| each.as_str() == notice);
    let back = format!("/staff/requests/{}", request.reference);
    let site = means.house.site_of(&request);
    let date = day(site.today(means.clock.now_ms()));
    answer(&NoticePage {
        frame: Frame::public(Texts::of(Language::English), site, &back),
        large: asked.print == "large",
        back,
        date,
        name: &request.requester.name,
        reference: request.reference.to_string(),
        received: day(request.received.on),
        due: day(request.deadlines().due_on),
        notice: notice.ok_or(PageError::NotFound)?,
    })
}
