//! The reader's language: what they chose, else what their browser prefers, else English.

use super::House;
use super::cookies::Cookie;
use crate::model::Language;
use crate::notify::catalogs::Texts;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::Response;
use std::convert::Infallible;

/// Not a secret, so its name is the same with and without TLS.
const NAME: &str = "filmroom-language";
const COOKIE_OF_CHOICE: Cookie = Cookie(NAME);
/// A year, in seconds.
const REMEMBERED: u64 = 31_536_000;

/// The messages in the reader's language.
#[derive(Debug, Clone, Copy)]
pub struct Reader(pub Texts);

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Texts::of(parts.extensions.get().copied().unwrap_or_default())))
    }
}

/// Finds the reader's language and tells it to what follows. What they ask for by `?lang=` is remembered.
pub async fn choose(State(house): State<House>, mut request: Request, next: Next) -> Response {
    let language = of_request(request.uri(), request.headers());
    let newly = asked(request.uri()).filter(|asked| chosen(request.headers()) != Some(*asked));
    request.extensions_mut().insert(language);
    let mut response = next.run(request).await;
    if let Some(newly) = newly {
        let cookie = COOKIE_OF_CHOICE.set(newly.tag(), Some(REMEMBERED), &house.url);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The language a request wants: `?lang=`, the choice made before, or what the browser says.
fn of_request(uri: &Uri, headers: &HeaderMap) -> Language {
    asked(uri).or_else(|| chosen(headers)).or_else(|| preferred(headers)).unwrap_or_default()
}

fn asked(uri: &Uri) -> Option<Language> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("lang="))?.parse().ok()
}

fn chosen(headers: &HeaderMap) -> Option<Language> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.ends_with(NAME).then(|| value.parse().ok()).flatten()
    })
}

/// The language we have that the browser wants most (RFC 9110 12.5.4).
fn preferred(headers: &HeaderMap) -> Option<Language> {
    let list = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut wanted: Vec<(Language, u32)> = list
        .split(',')
        .filter_map(|entry| {
            let (tag, weight) = entry.trim().split_once(";q=").unwrap_or((entry.trim(), "1"));
            Some((tag.parse().ok()?, thousandths(weight)))
        })
        .filter(|(_, weight)| *weight > 0)
        .collect();
    // Stable: of two that are wanted alike the first stays first.
    wanted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    wanted.first().map(|(language, _)| *language)
}

/// A weight `0.8` as 800; what is none weighs nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{part}").parse().unwrap_or_default()
}

/// Whether a path leads to a page of ours, and not to another site by a trick of spelling.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(uri: &str, cookie: &str, accepted: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers.insert(ACCEPT_LANGUAGE, accepted.parse().unwrap());
        of_request(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn what_is_asked_for_goes_before_the_choice_and_the_choice_before_the_browser() {
        assert_eq!(language("/r?lang=so", "filmroom-language=ar", "es"), Language::Somali);
        assert_eq!(language("/r?lang=xx", "__Host-filmroom-language=ar", "es"), Language::Arabic);
        assert_eq!(language("/r", "", "fr, en;q=0.5, es-MX;q=0.8"), Language::Spanish);
        assert_eq!(language("/r", "", "hmn;q=0, de"), Language::English);
    }

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        for ours in ["/", "/r?lang=es", "/staff/requests/1"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\r\nX: y"] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
