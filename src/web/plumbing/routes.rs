//! Routes that are listed as they are made, so that whoever looks at each of them looks at all there are.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::value::{MapDeserializer, StrDeserializer};
use std::fmt::Display;

/// What the last part of a path is called where it is one of a few words.
const STEP: &str = "{step}";
/// What it is called where it is the tag of what its form says.
const DEED: &str = "{deed}";

/// A way to call the service: `GET`, `/staff/parcels`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The path, with a name in braces for each part that varies.
    pub path: String,
    /// How it is called.
    pub method: &'static str,
}

/// Handlers by their routes, and the list of these.
pub struct Routes<S> {
    router: Router<S>,
    listed: Vec<Route>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), listed: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// One that answers with a page or a file.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.list("GET", path);
        Self { router: self.router.route(path, get(handler)), ..self }
    }

    /// One that does something.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.list("POST", path);
        Self { router: self.router.route(path, post(handler)), ..self }
    }

    /// One for each word of `W`, an enumeration, in the place of `{step}`.
    #[must_use]
    pub fn steps<W: for<'de> Deserialize<'de>, H: Handler<T, S>, T: 'static>(
        mut self,
        path: &str,
        handler: H,
    ) -> Self {
        for word in words_of::<W>(None) {
            self.list("POST", &path.replace(STEP, word));
        }
        Self { router: self.router.route(path, post(handler)), ..self }
    }

    /// One for each `deed` of `W`, an enumeration that is tagged by it, in the place of `{deed}`, with hyphens.
    #[must_use]
    pub fn deeds<W: for<'de> Deserialize<'de>, H: Handler<T, S>, T: 'static>(
        mut self,
        path: &str,
        handler: H,
    ) -> Self {
        for word in words_of::<W>(Some("deed")) {
            self.list("POST", &path.replace(DEED, &word.replace('_', "-")));
        }
        Self { router: self.router.route(path, post(handler)), ..self }
    }

    fn list(&mut self, method: &'static str, path: &str) {
        self.listed.push(Route { path: path.to_owned(), method });
    }

    /// All of them, in the order they were made.
    #[must_use]
    pub fn listed(&self) -> &[Route] {
        &self.listed
    }

    /// What serves them.
    pub fn with_state(self, state: S) -> Router {
        self.router.with_state(state)
    }
}

/// The words an enumeration is read from, as the value of `tag` if it has one: given none of them, it says which it
/// knows.
fn words_of<W: for<'de> Deserialize<'de>>(tag: Option<&str>) -> &'static [&'static str] {
    let unknown = match tag {
        None => W::deserialize(StrDeserializer::<Known>::new("")),
        Some(tag) => W::deserialize(MapDeserializer::<_, Known>::new([(tag, "")].into_iter())),
    };
    let words = unknown.err().map_or(&[][..], |Known(words)| words);
    debug_assert!(!words.is_empty());
    words
}

/// The words that an enumeration knows.
#[derive(Debug, thiserror::Error)]
#[error("one of {0:?}")]
struct Known(&'static [&'static str]);

impl serde::de::Error for Known {
    fn custom<T: Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self(known)
    }
}
