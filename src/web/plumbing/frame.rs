//! What stands around every page: whose it is, who reads it, where they can go.

use super::assets::{ASSETS, Assets};
use super::errors::PageError;
use super::form::FormToken;
use crate::model::{Language, Site};
use crate::notify::catalogs::Texts;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

/// Somebody of the staff, as pages greet them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Their name.
    pub name: String,
    /// What they are here as, in words.
    pub role: String,
    /// Where they may go.
    pub places: Vec<Place>,
}

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Whether the page is there.
    pub here: bool,
}

/// What a page's template is given beside its own view.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The messages in the reader's language.
    pub t: Texts,
    /// Whose pages these are.
    pub site: Arc<Site>,
    /// Style and scripts.
    pub assets: &'static Assets,
    /// The page's own path, to come back to.
    pub path: String,
    /// Who is signed in.
    pub colleague: Option<Colleague>,
    /// What forms carry.
    pub form_token: FormToken,
}

impl Frame {
    /// The frame of a page for whoever comes.
    #[must_use]
    pub fn public(t: Texts, site: Arc<Site>, path: &str) -> Self {
        Self {
            t,
            site,
            assets: &ASSETS,
            path: path.to_owned(),
            colleague: None,
            form_token: FormToken::default(),
        }
    }

    /// Whom to ask, and when.
    #[must_use]
    pub fn help_line(&self) -> String {
        self.t.with_all("help-line", [("phone", &self.site.phone), ("hours", &self.site.hours)])
    }

    /// The languages to choose from, and which is chosen.
    #[must_use]
    pub fn languages(&self) -> Vec<(Language, bool)> {
        Language::ALL.into_iter().map(|language| (language, language == self.t.language)).collect()
    }
}

/// A page as an answer.
///
/// # Errors
/// If the template cannot be filled in.
pub fn page(template: &impl Template) -> Result<Response, PageError> {
    Ok(Html(template.render()?).into_response())
}
