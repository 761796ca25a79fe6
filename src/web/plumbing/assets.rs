//! Style, scripts and faces, each under a name that has the digest of what is in it: kept for ever by a
//! browser, and fetched anew when it changes.

use crate::hex::hex;
use axum::Router;
use axum::body::Bytes;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use imaging::viewer;
use sha2::{Digest, Sha256};
use std::io::Write;
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
    /// Looking at images: the viewer, which takes their place.
    pub viewer: String,
    /// Its style.
    pub viewer_style: String,
    /// Its decoders, which a worker runs.
    pub decoders: String,
    /// The burn desk: scanning without a press of a button.
    pub station: String,
    served: Vec<Asset>,
}

/// The files with their names.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::named);

const FACES: [(&str, &[u8]); 3] = [
    ("readex-latin.woff2", include_bytes!("../../../config/assets/fonts/readex-latin.woff2")),
    ("readex-latin-ext.woff2", include_bytes!("../../../config/assets/fonts/readex-latin-ext.woff2")),
    ("readex-arabic.woff2", include_bytes!("../../../config/assets/fonts/readex-arabic.woff2")),
];
const FACE: &str = "font/woff2";
const SHEET: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
/// A worker's own: it fetches nothing, and its decoders are WebAssembly.
const DECODERS_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const STYLE: &str = include_str!("../../../config/assets/filmroom.css");
const KEYS: &str = include_str!("../../../config/assets/keys.js");
const SEE: &str = include_str!("../../../config/assets/see.js");
const STATION: &str = include_str!("../../../config/assets/station.js");

/// A file that is served.
#[derive(Debug, Clone)]
struct Asset {
    path: String,
    kind: &'static str,
    bytes: Bytes,
    /// The same for browsers that unpack it; what is packed already is not packed again.
    gzipped: Option<Bytes>,
    /// What it is held to where that is not what pages are held to.
    policy: Option<&'static str>,
}

impl Assets {
    fn named() -> Self {
        let mut served = Vec::new();
        let mut serve = |name: &str, kind: &'static str, bytes: Bytes| {
            let digest = hex(&Sha256::digest(&bytes)[..8]);
            let path = format!("/assets/{digest}-{name}");
            let gzipped = (kind != FACE).then(|| gzipped(&bytes)).flatten();
            let policy = (name == "decoders.js").then_some(DECODERS_POLICY);
            served.push(Asset { path: path.clone(), kind, bytes, gzipped, policy });
            path
        };
        let mut style = STYLE.to_owned();
        for (name, bytes) in FACES {
            let path = serve(name, FACE, Bytes::from_static(bytes));
            style = style.replace(&format!("url(\"{name}\")"), &format!("url(\"{path}\")"));
        }
        Self {
            style: serve("filmroom.css", SHEET, style.into()),
            keys: serve("keys.js", SCRIPT, KEYS.into()),
            see: serve("see.js", SCRIPT, SEE.into()),
            viewer: serve("viewer.js", SCRIPT, Bytes::from_static(viewer::SCRIPT)),
            viewer_style: serve("viewer.css", SHEET, Bytes::from_static(viewer::STYLE)),
            decoders: serve("decoders.js", SCRIPT, Bytes::from_static(viewer::DECODERS)),
            station: serve("station.js", SCRIPT, STATION.into()),
            served,
        }
    }
}

/// Packed as small as can be: whoever comes by a slow line waits for nothing else.
pub fn gzipped(bytes: &[u8]) -> Option<Bytes> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::best());
    packing.write_all(bytes).and_then(|()| packing.finish()).ok().map(Bytes::from)
}

/// A route for each file.
pub fn routes() -> Router {
    ASSETS.served.iter().fold(Router::new(), |router, asset| {
        router.route(&asset.path, get(move |headers: HeaderMap| async move { answer(asset, &headers) }))
    })
}

fn answer(asset: &Asset, asked: &HeaderMap) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let packed = asset.gzipped.as_ref().filter(|_| takes_gzip(asked));
    let mut response = (headers, packed.unwrap_or(&asset.bytes).clone()).into_response();
    if packed.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(policy) = asset.policy {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    response.extensions_mut().insert(Immutable);
    response
}

/// Whether a browser unpacks gzip (RFC 9110 §12.5.3).
pub fn takes_gzip(asked: &HeaderMap) -> bool {
    let codings = asked.get(ACCEPT_ENCODING).and_then(|header| header.to_str().ok()).unwrap_or_default();
    codings.split(',').any(|coding| {
        let (name, weight) = coding.split_once(";q=").unwrap_or((coding, "1"));
        name.trim() == "gzip" && weight.trim().parse().is_ok_and(|weight: f32| weight > 0.0)
    })
}
