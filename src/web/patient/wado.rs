//! The images of a link for programs: what DICOMweb has for one study (PS3.18 §10.4, §10.6), as far as the link's
//! package reaches. The viewer on the pages is such a program.
//!
//! Whoever gets files can keep them. So all but drawn pictures and the list needs the right to download, too.

mod accept;
mod list;
mod multipart;

use self::accept::Accepted;
use self::multipart::{Multipart, Passing};
use super::Means;
use super::inside::Inside;
use crate::desk::pictures::{Find, Gallery, PictureError};
use crate::web::plumbing::assets::{gzipped, takes_gzip};
use crate::web::plumbing::errors::PageError;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use imaging::dicomweb;
use imaging::render::{Format, RenderError, View};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Of DICOM JSON (PS3.18 §8.7.3.2).
const DICOM_JSON: &str = "application/dicom+json";
/// The longest edge of a picture that is drawn here.
const RENDERED_EDGE: u16 = 512;
/// Frames asked for at once.
const MOST_FRAMES: usize = 64;

/// An instance by its place.
#[derive(Deserialize)]
pub struct Place {
    study: String,
    series: String,
    instance: String,
}

impl Place {
    fn find<'g>(&self, gallery: &'g Gallery) -> Result<Find<'g>, PageError> {
        gallery.find(&self.study, &self.series, &self.instance).ok_or(PageError::NotFound)
    }

    /// Its address, relative to where the resources of the service begin.
    fn path(&self) -> String {
        let Self { study, series, instance } = self;
        format!("studies/{study}/series/{series}/instances/{instance}")
    }
}

/// Lets in who may look and keep, and puts it on record.
async fn enter(means: &Means, inside: &Inside) -> Result<Arc<Gallery>, PageError> {
    if !inside.session.grant.rights.download {
        return Err(PageError::NotPermitted);
    }
    look(means, inside).await
}

/// Lets in who may look, and puts it on record.
async fn look(means: &Means, inside: &Inside) -> Result<Arc<Gallery>, PageError> {
    inside.viewed_once(means).await?;
    Ok(means.pictures.gallery(&inside.package).await?)
}

/// `GET …/studies/{study}/instances`: all of them, as they are to be looked at (QIDO-RS, PS3.18 §10.6).
pub async fn search(
    State(means): State<Means>,
    inside: Inside,
    headers: HeaderMap,
    Path(study): Path<String>,
) -> Result<Response, PageError> {
    let gallery = look(&means, &inside).await?;
    let shelf = gallery.studies().find(|shelf| shelf.study.uid == study).ok_or(PageError::NotFound)?;
    let list = Value::Array(list::instances(&shelf)).to_string();
    // A thousand instances are much alike: packed they are a twentieth.
    match takes_gzip(&headers).then(|| gzipped(list.as_bytes())).flatten() {
        Some(packed) => {
            Ok(([(CONTENT_TYPE, DICOM_JSON), (CONTENT_ENCODING, "gzip")], packed).into_response())
        }
        None => Ok(([(CONTENT_TYPE, DICOM_JSON)], list).into_response()),
    }
}

/// `GET …/metadata`: the header of an instance (PS3.18 §10.4.1.1.2).
pub async fn metadata(
    State(means): State<Means>,
    inside: Inside,
    Path(place): Path<Place>,
) -> Result<Response, PageError> {
    let gallery = enter(&means, &inside).await?;
    let pixels = format!("{}/frames", place.path());
    let find = place.find(&gallery)?;
    let reading = means.pictures.with_file(&find, move |file| dicomweb::metadata(file, &pixels)).await;
    match reading.await.map_err(PictureError::from)?? {
        Ok(header) => Ok(([(CONTENT_TYPE, DICOM_JSON)], Json(vec![header])).into_response()),
        Err(error) => Ok(not_this_way(&error)),
    }
}

/// `GET …/instances/{instance}`: the file as it was received (PS3.18 §10.4.1.1.1).
pub async fn instance(
    State(means): State<Means>,
    inside: Inside,
    accepted: Accepted,
    Path(place): Path<Place>,
) -> Result<Response, PageError> {
    let gallery = enter(&means, &inside).await?;
    let find = place.find(&gallery)?;
    let transfer_syntax = find.instance.transfer_syntax_uid.as_str();
    if !accepted.takes("application/dicom", transfer_syntax) {
        return Ok(StatusCode::NOT_ACCEPTABLE.into_response());
    }
    let parts = Multipart::new("application/dicom", &*means.sender.chance);
    let head = parts.head(transfer_syntax);
    let (sink, pieces) = multipart::pieces();
    let reading = means.pictures.with_file(&find, |file| sink.take(file)).await;
    let passing = Passing::begin(&means, &inside, pieces, reading).await?;
    Ok(parts.answer(passing.body(head, parts.tail())))
}

/// `GET …/frames/{frames}`: frames as they are kept, by their numbers from 1 (PS3.18 §10.4.1.1.6).
pub async fn frames(
    State(means): State<Means>,
    inside: Inside,
    accepted: Accepted,
    Path((study, series, instance, frames)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    let gallery = enter(&means, &inside).await?;
    let find = Place { study, series, instance }.find(&gallery)?;
    let Some(wanted) = numbers(&frames) else { return Ok(StatusCode::BAD_REQUEST.into_response()) };
    let reading = means.pictures.with_file(&find, move |file| dicomweb::stored_frames(file, &wanted)).await;
    let stored = match reading.await.map_err(PictureError::from)?? {
        Ok(stored) => stored,
        Err(RenderError::NoSuchFrame { .. } | RenderError::NoImage) => return Err(PageError::NotFound),
        Err(error) => return Ok(not_this_way(&error)),
    };
    if !accepted.takes("application/octet-stream", &stored.transfer_syntax_uid) {
        return Ok(StatusCode::NOT_ACCEPTABLE.into_response());
    }
    let parts = Multipart::new("application/octet-stream", &*means.sender.chance);
    let mut body = Vec::new();
    for frame in stored.frames {
        body.extend_from_slice(parts.head(&stored.transfer_syntax_uid).as_bytes());
        body.extend_from_slice(&frame);
    }
    body.extend_from_slice(parts.tail().as_bytes());
    Ok(parts.answer(Bytes::from(body).into()))
}

/// Numbers from 1, ascending, as numbers from 0.
fn numbers(list: &str) -> Option<Vec<u32>> {
    let numbers = list.split(',').map(|number| number.trim().parse::<u32>().ok()?.checked_sub(1));
    let numbers = numbers.take(MOST_FRAMES + 1).collect::<Option<Vec<u32>>>()?;
    (numbers.len() <= MOST_FRAMES && numbers.is_sorted_by(|one, next| one < next)).then_some(numbers)
}

/// `GET …/frames/{frame}/rendered`: a small picture of a frame (PS3.18 §10.4.1.1.3).
pub async fn rendered(
    State(means): State<Means>,
    inside: Inside,
    Path((study, series, instance, frame)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    let gallery = look(&means, &inside).await?;
    let find = Place { study, series, instance }.find(&gallery)?;
    let frame =
        frame.parse::<u32>().ok().and_then(|frame| frame.checked_sub(1)).ok_or(PageError::NotFound)?;
    let view = View { longest_edge: RENDERED_EDGE, format: Format::Jpeg, ..View::default() };
    match means.pictures.picture(&find.shot(frame), view).await {
        Ok(picture) => {
            let kind = picture.format.media_type();
            Ok(([(CONTENT_TYPE, kind)], Bytes::from(picture.bytes.clone())).into_response())
        }
        Err(PictureError::Render(RenderError::NoSuchFrame { .. } | RenderError::NoImage)) => {
            Err(PageError::NotFound)
        }
        Err(PictureError::Render(error)) => Ok(not_this_way(&error)),
        Err(error) => Err(error.into()),
    }
}

/// The instance is there, and there is no such form of it. The file itself is left. Of why, only our own words are
/// logged: a library's may say what stands in the header.
fn not_this_way(error: &dyn std::error::Error) -> Response {
    tracing::info!(error = error.to_string(), "an instance is not told in this form");
    StatusCode::NOT_ACCEPTABLE.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_asked_for_by_ascending_numbers_from_one() {
        assert_eq!(numbers("1,2, 9"), Some(vec![0, 1, 8]));
        for bad in ["", "0", "2,1", "1,1", "x", "1-3", "-1"] {
            assert_eq!(numbers(bad), None, "{bad}");
        }
        let many: Vec<String> = (1..=65).map(|number: u32| number.to_string()).collect();
        assert_eq!(numbers(&many.join(",")), None);
    }
}
