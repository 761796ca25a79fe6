//! What a program takes (PS3.18 §8.7.4, RFC 9110 §12.5.1).

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The ranges of media types a program takes; none: whatever comes.
pub struct Accepted(Vec<Range>);

#[derive(Debug, Default)]
struct Range {
    media: String,
    /// The `type` parameter of `multipart/related`.
    parts: Option<String>,
    transfer_syntax: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Accepted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = parts.headers.get_all(ACCEPT).iter().filter_map(|header| header.to_str().ok());
        Ok(Self(headers.flat_map(|header| header.split(',')).map(range).collect()))
    }
}

impl Accepted {
    /// Whether `multipart/related` is taken with parts of this type in this transfer syntax.
    pub(super) fn takes(&self, parts: &str, transfer_syntax: &str) -> bool {
        let takes = |range: &Range| {
            matches!(range.media.as_str(), "*/*" | "multipart/*" | "multipart/related")
                && range.parts.as_deref().is_none_or(|own| own == parts || own == "*/*")
                && range.transfer_syntax.as_deref().is_none_or(|own| own == transfer_syntax || own == "*")
        };
        self.0.is_empty() || self.0.iter().any(takes)
    }
}

fn range(written: &str) -> Range {
    let mut parts = written.split(';').map(str::trim);
    let mut range =
        Range { media: parts.next().unwrap_or_default().to_ascii_lowercase(), ..Range::default() };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"').to_owned();
        match name.trim() {
            "type" => range.parts = Some(value.to_ascii_lowercase()),
            "transfer-syntax" => range.transfer_syntax = Some(value),
            _ => {}
        }
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_does_not_take_is_not_sent_to_it() {
        let takes = |header: &str| {
            Accepted(header.split(',').map(range).collect()).takes("application/dicom", "1.2.840.10008.1.2.1")
        };
        for fine in [
            "*/*",
            "multipart/related",
            r#"multipart/related; type="application/dicom"; transfer-syntax=*"#,
            r#"text/html, multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1"#,
        ] {
            assert!(takes(fine), "{fine}");
        }
        for other in [
            "text/html",
            r#"multipart/related; type="application/octet-stream""#,
            r#"multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.50"#,
        ] {
            assert!(!takes(other), "{other}");
        }
        assert!(Accepted(Vec::new()).takes("application/dicom", "1.2"));
    }
}
