//! Forms that were filled in, and the token that shows the page they stood on was given to the same session.

use super::House;
use super::cookies::Cookie;
use super::errors::PageError;
use crate::config::PublicUrl;
use crate::hex::hex;
use axum::Form;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::HeaderMap;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The field the token comes back in.
pub const TOKEN_FIELD: &str = "form_token";

/// Who works at the desk.
pub const STAFF: Cookie = Cookie("filmroom");
/// Who came by a link.
pub const VISITOR: Cookie = Cookie("filmroom-link");

/// What a form carries to show that it stood on a page of this session: a digest of the session's token,
/// which no other site can read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormToken(String);

impl FormToken {
    /// The token of the forms of a session.
    #[must_use]
    pub fn of(session: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"filmroom form\0");
        digest.update(session);
        Self(hex(&digest.finalize()[..16]))
    }

    /// The token of the forms that a page shows whoever is in this browser already; empty if nobody is.
    #[must_use]
    pub fn in_browser(headers: &HeaderMap, url: &PublicUrl) -> Self {
        let session = [VISITOR, STAFF].into_iter().find_map(|cookie| cookie.read(headers, url));
        session.map(Self::of).unwrap_or_default()
    }

    /// As it stands in a form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// What was filled in, field by field, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields with these values.
    #[must_use]
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// A field without the space around it; empty if it was not there.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.trim())
    }

    /// A field, unless it was left empty.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Every field and its value but the form's token, without the space around it.
    pub fn said(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.0.iter().filter(|(name, _)| name != TOKEN_FIELD);
        fields.map(|(name, value)| (name.as_str(), value.trim()))
    }

    /// Every value a field has: of boxes, those ticked.
    pub fn all<'f, 'n: 'f>(&'f self, name: &'n str) -> impl Iterator<Item = &'f str> + use<'f, 'n> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// A form of ours, sent by the one it was given to.
#[derive(Debug)]
pub struct Posted(pub Fields);

impl<S> FromRequest<S> for Posted
where
    S: Send + Sync,
    House: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let house = House::from_ref(state);
        let tokens: Vec<FormToken> = [STAFF, VISITOR]
            .into_iter()
            .filter_map(|cookie| cookie.read(request.headers(), &house.url))
            .map(FormToken::of)
            .collect();
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(|rejection| PageError::Unreadable(rejection.status()))?;
        let fields = Fields(fields);
        let given = fields.text(TOKEN_FIELD);
        if tokens.is_empty() || tokens.iter().any(|token| token.is(given)) {
            Ok(Self(fields))
        } else {
            Err(PageError::StaleForm)
        }
    }
}
