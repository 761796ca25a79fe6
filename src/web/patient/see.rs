//! Looking at images: the series of a study, one frame at a time, darker or brighter, and saved as a picture.

use super::Means;
use super::home::Card;
use super::inside::Inside;
use super::words::count;
use crate::desk::pictures::{PictureError, Shelf};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::frame::{Frame, page};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use imaging::render::{Format, View};
use serde::Deserialize;

/// The edge of a picture on the page, and of one that is saved.
const SEEN_EDGE: u16 = 1024;
const SAVED_EDGE: u16 = 4096;
/// What all pages are held to, and that the viewer may fetch files of ours, start its decoders and play what it has.
const VIEWER_CONTENT: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
                              media-src blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
                              form-action 'self'; \
                              frame-ancestors 'none'; base-uri 'none'";
/// How much a press of a button makes brighter.
const STEP: i8 = 20;

#[derive(Template)]
#[template(path = "patient/see.html")]
struct SeePage {
    frame: Frame,
    own: bool,
    study: Card,
    series: Vec<SeriesLine>,
    /// The path of the series that is looked at.
    path: String,
    position: String,
    /// What stands for the picture where it is not seen.
    alt: String,
    image: u64,
    of: u64,
    look: Look,
    darker: i8,
    brighter: i8,
    /// Whether the frame can be drawn.
    drawn: bool,
    /// Where the viewer finds the series, for who may have its files.
    viewer: Option<ViewerSeries>,
}

/// Reports, documents and tracings: the viewer shows them.
#[derive(Template)]
#[template(path = "patient/documents.html")]
struct DocumentsPage {
    frame: Frame,
    own: bool,
    study: Card,
    series: Vec<SeriesLine>,
    /// Which of them, from 1.
    image: u64,
    viewer: ViewerSeries,
}

/// A series for the viewer.
struct ViewerSeries {
    /// By its Instance UIDs.
    study: String,
    series: String,
    /// Where the series of the study have their pages.
    pages: String,
}

impl ViewerSeries {
    /// A series by its number from 0, in a study by its number from 1.
    fn of(shelf: &Shelf<'_>, study: usize, series: usize) -> Option<Self> {
        let shown = shelf.study.series.get(series)?;
        let pages = format!("/r/images/{study}");
        Some(Self { study: shelf.study.uid.clone(), series: shown.uid.clone(), pages })
    }
}

/// A series to choose.
struct SeriesLine {
    path: String,
    name: String,
    images: String,
    here: bool,
}

/// Which frame, from 1, and how it is looked at.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Look {
    image: Option<u64>,
    #[serde(default)]
    brightness: i8,
    #[serde(default)]
    contrast: i8,
    save: Option<u8>,
}

impl Look {
    /// The frame's number from 0.
    fn at(self) -> Result<u64, PageError> {
        self.image.unwrap_or(1).checked_sub(1).ok_or(PageError::NotFound)
    }

    fn view(self) -> View {
        let (longest_edge, format) = match self.save {
            Some(_) => (SAVED_EDGE, Format::Png),
            None => (SEEN_EDGE, Format::Jpeg),
        };
        let [brightness, contrast] = [self.brightness, self.contrast].map(|value| value.clamp(-100, 100));
        View { brightness, contrast, longest_edge, format, ..View::default() }
    }

    /// The query of another image, looked at alike.
    fn query(&self, image: &u64) -> String {
        format!("image={image}&brightness={}&contrast={}", self.brightness, self.contrast)
    }
}

/// `GET /r/images/{study}`: the middle of its first series with something to look at, since the ends of one often show
/// nothing; without any, its first documents.
pub async fn study(
    State(means): State<Means>,
    inside: Inside,
    Path(study): Path<usize>,
) -> Result<Response, PageError> {
    inside.require_view()?;
    let gallery = means.pictures.gallery(&inside.package).await?;
    let shelf = study.checked_sub(1).and_then(|at| gallery.studies().nth(at)).ok_or(PageError::NotFound)?;
    let mut series = 0..shelf.study.series.len();
    let Some(first) = series.clone().find(|series| shelf.frames(*series) > Some(0)) else {
        let first = series.find(|series| shelf.documents(*series) > Some(0)).ok_or(PageError::NotFound)?;
        return Ok(Redirect::to(&format!("/r/images/{study}/{}/documents", first + 1)).into_response());
    };
    let middle = shelf.frames(first).unwrap_or(1) / 2 + 1;
    Ok(Redirect::to(&format!("/r/images/{study}/{}?image={middle}", first + 1)).into_response())
}

/// `GET /r/images/{study}/{series}`
pub async fn series(
    State(means): State<Means>,
    inside: Inside,
    Path((study, series)): Path<(usize, usize)>,
    Query(look): Query<Look>,
) -> Result<Response, PageError> {
    let gallery = means.pictures.gallery(&inside.package).await?;
    let (study_at, series_at) = from_one(study, series)?;
    let shelf = gallery.studies().nth(study_at).ok_or(PageError::NotFound)?;
    let shot = shelf.shot(series_at, look.at()?).ok_or(PageError::NotFound)?;
    inside.viewed(&means).await?;
    let drawn = match means.pictures.picture(&shot, look.view()).await {
        Ok(_) => true,
        Err(PictureError::Render(error)) => {
            tracing::info!(%error, "an image is not drawn");
            false
        }
        Err(error) => return Err(error.into()),
    };
    let (t, of) = (inside.texts(), shelf.frames(series_at).unwrap_or_default());
    let lines = lines(&inside, &shelf, study, &format!("/r/images/{study}/{series}"));
    let (image, study_card) = (look.at()? + 1, Card::of(t, study_at, &shelf));
    let position = t.with_all("see-position", [("number", &count(image)), ("count", &count(of))]);
    let viewer =
        inside.session.grant.rights.download.then(|| ViewerSeries::of(&shelf, study, series_at)).flatten();
    let offered = viewer.is_some();
    let mut page = page(&SeePage {
        frame: inside.frame(),
        own: inside.is_own(),
        alt: t.with_all("see-alt", [("name", &study_card.name), ("position", &position)]),
        study: study_card,
        path: format!("/r/images/{study}/{series}"),
        series: lines,
        position,
        image,
        of,
        darker: look.brightness.saturating_sub(STEP).max(-100),
        brighter: look.brightness.saturating_add(STEP).min(100),
        look,
        drawn,
        viewer,
    })?;
    if offered {
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(VIEWER_CONTENT));
    }
    Ok(page)
}

/// `GET /r/images/{study}/{series}/documents`. Who may look but not keep has no file of them, and so no page.
pub async fn documents(
    State(means): State<Means>,
    inside: Inside,
    Path((study, series)): Path<(usize, usize)>,
    Query(look): Query<Look>,
) -> Result<Response, PageError> {
    if !inside.session.grant.rights.download {
        return Err(PageError::NotPermitted);
    }
    let gallery = means.pictures.gallery(&inside.package).await?;
    let (study_at, series_at) = from_one(study, series)?;
    let shelf = gallery.studies().nth(study_at).ok_or(PageError::NotFound)?;
    let of = shelf.documents(series_at).unwrap_or_default();
    if look.at()? >= of {
        return Err(PageError::NotFound);
    }
    inside.viewed(&means).await?;
    let mut page = page(&DocumentsPage {
        frame: inside.frame(),
        own: inside.is_own(),
        study: Card::of(inside.texts(), study_at, &shelf),
        series: lines(&inside, &shelf, study, &format!("/r/images/{study}/{series}/documents")),
        image: look.at()? + 1,
        viewer: ViewerSeries::of(&shelf, study, series_at).ok_or(PageError::NotFound)?,
    })?;
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(VIEWER_CONTENT));
    Ok(page)
}

/// The series of a study that have something to look at: pictures, and for who may have files what else there is.
fn lines(inside: &Inside, shelf: &Shelf<'_>, study: usize, here: &str) -> Vec<SeriesLine> {
    let (t, may_keep) = (inside.texts(), inside.session.grant.rights.download);
    let line = |number: usize, description: &str, path: String, counted: String| SeriesLine {
        here: path == here,
        path,
        name: match description {
            "" => t.with("see-series", "number", count(number as u64)),
            description => description.to_owned(),
        },
        images: counted,
    };
    let lines = shelf.study.series.iter().enumerate().flat_map(|(at, series)| {
        let (number, path) = (at + 1, format!("/r/images/{study}/{}", at + 1));
        let frames = shelf.frames(at).filter(|frames| *frames > 0);
        let documents = shelf.documents(at).filter(|documents| *documents > 0 && may_keep);
        let apart = format!("{path}/documents");
        let pictures = frames
            .map(|of| line(number, &series.description, path, t.with("image-count", "count", count(of))));
        let documents = documents
            .map(|of| line(number, &series.description, apart, t.with("document-count", "count", count(of))));
        pictures.into_iter().chain(documents)
    });
    lines.collect()
}

fn from_one(study: usize, series: usize) -> Result<(usize, usize), PageError> {
    study.checked_sub(1).zip(series.checked_sub(1)).ok_or(PageError::NotFound)
}

/// `GET /r/images/{study}/{series}/picture`
pub async fn picture(
    State(means): State<Means>,
    inside: Inside,
    Path((study, series)): Path<(usize, usize)>,
    Query(look): Query<Look>,
) -> Result<Response, PageError> {
    inside.require_view()?;
    let gallery = means.pictures.gallery(&inside.package).await?;
    let (study_at, series_at) = from_one(study, series)?;
    let shelf = gallery.studies().nth(study_at).ok_or(PageError::NotFound)?;
    let shot = shelf.shot(series_at, look.at()?).ok_or(PageError::NotFound)?;
    inside.shown(&means).await?;
    let file_name = format!("image-{study}-{series}-{}.png", look.at()? + 1);
    let drawn = means.pictures.picture(&shot, look.view()).await;
    file(drawn.map(Some), look.save.map(|_| file_name))
}

/// `GET /r/images/{study}/picture`: a small one of the whole study.
pub async fn small_picture(
    State(means): State<Means>,
    inside: Inside,
    Path(study): Path<usize>,
) -> Result<Response, PageError> {
    inside.require_view()?;
    let gallery = means.pictures.gallery(&inside.package).await?;
    let study_at = study.checked_sub(1).ok_or(PageError::NotFound)?;
    inside.shown(&means).await?;
    file(means.pictures.of_shelf(&gallery, study_at).await, None)
}

/// A picture as an answer, to be saved under a name.
fn file(
    drawn: Result<Option<std::sync::Arc<imaging::render::Picture>>, PictureError>,
    save_as: Option<String>,
) -> Result<Response, PageError> {
    let picture = match drawn {
        Ok(picture) => picture.ok_or(PageError::NotFound)?,
        Err(PictureError::Render(_)) => return Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response()),
        Err(error) => return Err(error.into()),
    };
    let kind = HeaderValue::from_static(picture.format.media_type());
    let mut response = ([(CONTENT_TYPE, kind)], Bytes::from(picture.bytes.clone())).into_response();
    if let Some(name) = save_as
        && let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
    {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
