//! The studies of a link's package, a card each.

use super::inside::Inside;
use super::words::{count, day_of, dicom_date, study_name};
use super::{Means, request};
use crate::desk::pictures::Shelf;
use crate::model::link::{LinkState, Rights};
use crate::notify::catalogs::Texts;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::{Frame, page as shown};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "patient/home.html")]
struct HomePage {
    frame: Frame,
    own: bool,
    rights: Rights,
    cards: Vec<Card>,
    until: String,
    ways: Vec<request::OnItsWay>,
}

/// A study.
pub(super) struct Card {
    /// Its number in the package, from 1.
    pub number: usize,
    pub name: String,
    /// What the hospital calls it.
    pub description: String,
    pub date: String,
    pub place: String,
    pub images: String,
    /// Whether there are pictures.
    pub has_pictures: bool,
    /// Whether there are reports, documents or tracings.
    pub has_documents: bool,
}

impl Card {
    pub(super) fn of(t: Texts, at: usize, shelf: &Shelf<'_>) -> Self {
        Self {
            number: at + 1,
            name: study_name(t, shelf),
            description: shelf.study.description.clone(),
            date: dicom_date(t, &shelf.study.date),
            place: shelf.place().to_owned(),
            images: t.with("image-count", "count", count(shelf.images())),
            has_pictures: shelf.middle().is_some(),
            has_documents: (0..shelf.study.series.len()).any(|at| shelf.documents(at) > Some(0)),
        }
    }
}

/// `GET /r/images`
pub async fn page(State(means): State<Means>, inside: Inside) -> Result<Response, PageError> {
    let gallery = means.pictures.gallery(&inside.package).await?;
    inside.shown(&means).await?;
    let (t, grant) = (inside.texts(), &inside.session.grant);
    let until = match grant.state {
        LinkState::Active { until } => until,
        _ => return Err(PageError::NotFound),
    };
    let mut ways = if inside.is_own() { request::on_its_way(&means, &inside).await? } else { Vec::new() };
    // The link itself has arrived.
    ways.retain(|on_its_way| on_its_way.way.needs_discs());
    shown(&HomePage {
        frame: inside.frame(),
        own: inside.is_own(),
        rights: grant.rights,
        cards: gallery.studies().enumerate().map(|(at, shelf)| Card::of(t, at, &shelf)).collect(),
        until: day_of(t, inside.site(), until),
        ways,
    })
}
