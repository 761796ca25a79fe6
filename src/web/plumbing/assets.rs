//! Style, scripts and faces, each under a name that has the digest of what is in it: kept for ever by a
//! browser, and fetched anew when it changes.

use crate::hex::hex;
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Marks an answer that never changes, so that no other rule on caching is put on it.
#[derive(Debug, Clone, Copy)]
pub struct Immutable;

/// The files, as pages refer to them.
#[derive(Debug)]
pub struct Assets {
    /// The style of all pages.
    pub style: String,
    /// Keys on lists and pages of the staff.
    pub keys: String,
    /// Looking at images: wheel and keys.
    pub see: String,
    /// The burn desk: scanning without a press of a button.
    pub station: String,
    served: Vec<(String, &'static str, Bytes)>,
}

/// The files with their names.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::named);

const FACES: [(&str, &[u8]); 3] = [
    ("readex-latin.woff2", include_bytes!("../../../config/assets/fonts/readex-latin.woff2")),
    ("readex-latin-ext.woff2", include_bytes!("../../../config/assets/fonts/readex-latin-ext.woff2")),
    ("readex-arabic.woff2", include_bytes!("../../../config/assets/fonts/readex-arabic.woff2")),
];
const STYLE: &str = include_str!("../../../config/assets/filmroom.css");
const KEYS: &str = include_str!("../../../config/assets/keys.js");
const SEE: &str = include_str!("../../../config/assets/see.js");
const STATION: &str = include_str!("../../../config/assets/station.js");

impl Assets {
    fn named() -> Self {
        let mut served = Vec::new();
        let mut serve = |name: &str, kind: &'static str, bytes: Bytes| {
            let digest = hex(&Sha256::digest(&bytes)[..8]);
            let path = format!("/assets/{digest}-{name}");
            served.push((path.clone(), kind, bytes));
            path
        };
        let mut style = STYLE.to_owned();
        for (name, bytes) in FACES {
            let path = serve(name, "font/woff2", Bytes::from_static(bytes));
            style = style.replace(&format!("url(\"{name}\")"), &format!("url(\"{path}\")"));
        }
        Self {
            style: serve("filmroom.css", "text/css; charset=utf-8", style.into()),
            keys: serve("keys.js", "text/javascript; charset=utf-8", KEYS.into()),
            see: serve("see.js", "text/javascript; charset=utf-8", SEE.into()),
            station: serve("station.js", "text/javascript; charset=utf-8", STATION.into()),
            served,
        }
    }
}

/// A route for each file.
pub fn routes() -> Router {
    ASSETS.served.iter().fold(Router::new(), |router, (path, kind, bytes)| {
        router.route(path, get(move || async move { answer(kind, bytes.clone()) }))
    })
}

fn answer(kind: &'static str, bytes: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    let mut response = (headers, bytes).into_response();
    response.extensions_mut().insert(Immutable);
    response
}
