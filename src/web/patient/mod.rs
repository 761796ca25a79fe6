//! What recipients see and get, phone first, in their language, without a script.
//!
//! | path | what is there |
//! |---|---|
//! | `/l/{token}` | the way in by a link: it shows nothing, a form asks for birth date and access code |
//! | `/r` | the way in by the number of a request |
//! | `/r/images` | the studies of the link's package |
//! | `/r/images/{study}`, `/r/images/{study}/{series}` | their series, and a frame of one |
//! | `/r/images/{study}/{series}/picture` | that frame as a file |
//! | `/r/images/{study}/{series}/documents` | what a series has besides pictures, for the viewer |
//! | `/r/dicom-web/…` | the same for programs, such as the viewer on these pages |
//! | `/r/save`, `/r/save/package` | what is saved, and the ZIP |
//! | `/r/share` | passing the link on |
//! | `/r/request`, `/r/visits` | how far the request is; who opened what |
//! | `/r/leave` | the way out |
//!
//! Everything below `/r/` belongs to the session of a link and shows what its package holds. Studies and
//! series go by their number in it, or by their UIDs, so no path names anybody, and none leads out of the
//! package. A GET is recorded and spends nothing.

mod blocks;
mod entry;
mod home;
mod inside;
pub mod package;
mod ranges;
mod request;
mod save;
mod see;
mod share;
mod visits;
mod wado;
mod words;

pub use inside::Inside;

use self::package::PackageSender;
use super::plumbing::House;
use crate::delivery::label::Parcels;
use crate::desk::pictures::{PictureError, Pictures};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::routes::Routes;
use crate::words::in_words;
use axum::Router;
use axum::extract::FromRef;
use std::sync::Arc;

/// What the pages work with.
#[derive(Clone)]
pub struct Means {
    /// Where the pages are.
    pub house: House,
    /// Sends packages; its database, clock, keys and chance are those of the pages too.
    pub sender: PackageSender,
    /// The carrier and the sites.
    pub parcels: Parcels,
    /// Draws pictures.
    pub pictures: Arc<Pictures>,
}

impl Means {
    fn now_ms(&self) -> i64 {
        self.sender.clock.now_ms()
    }

    fn of_link(&self) -> crate::means::Means<'_> {
        let PackageSender { keys, chance, .. } = &self.sender;
        crate::means::Means { keys, chance: &**chance, now_ms: self.now_ms() }
    }
}

impl FromRef<Means> for House {
    fn from_ref(means: &Means) -> Self {
        means.house.clone()
    }
}

impl From<PictureError> for PageError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Store(error) => Self::from(error),
            other => Self::Broken(in_words(&other)),
        }
    }
}

/// The routes, a page or a step each.
#[must_use]
pub fn table() -> Routes<Means> {
    Routes::default()
        .get("/l/{token}", entry::by_link)
        .post("/l/{token}", entry::enter_by_link)
        .get("/r", entry::by_request)
        .post("/r", entry::enter_by_request)
        .get("/r/images", home::page)
        .get("/r/images/{study}/picture", see::small_picture)
        .get("/r/images/{study}", see::study)
        .get("/r/images/{study}/{series}", see::series)
        .get("/r/images/{study}/{series}/picture", see::picture)
        .get("/r/images/{study}/{series}/documents", see::documents)
        .get("/r/dicom-web/studies/{study}/instances", wado::search)
        .get("/r/dicom-web/studies/{study}/series/{series}/instances/{instance}", wado::instance)
        .get("/r/dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata", wado::metadata)
        .get(
            "/r/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}",
            wado::frames,
        )
        .get(
            "/r/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frame}/rendered",
            wado::rendered,
        )
        .get("/r/save", save::page)
        .get("/r/save/package", save::package)
        .get("/r/share", share::page)
        .post("/r/share", share::share)
        .get("/r/request", request::page)
        .get("/r/visits", visits::page)
        .post("/r/visits/{share}/end", visits::end)
        .post("/r/leave", entry::leave)
}

/// What serves them.
pub fn routes(means: Means) -> Router {
    table().with_state(means)
}
