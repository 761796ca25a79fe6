//! Cookies: read from a request, written to an answer. All are for this host only and unseen by scripts.

use crate::config::PublicUrl;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// A cookie by its plain name.
///
/// Over TLS the name begins with `__Host-`: browsers take such a cookie only from the host itself, over TLS,
/// for all its paths (RFC 6265bis 4.1.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie(pub &'static str);

impl Cookie {
    fn name(self, url: &PublicUrl) -> String {
        let prefix = if url.is_https() { "__Host-" } else { "" };
        format!("{prefix}{}", self.0)
    }

    /// Its value in a request.
    #[must_use]
    pub fn read<'h>(self, headers: &'h HeaderMap, url: &PublicUrl) -> Option<&'h str> {
        let name = self.name(url);
        let pairs = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        pairs.flat_map(|line| line.split(';')).find_map(|pair| {
            let (own, value) = pair.trim().split_once('=')?;
            (own == name).then_some(value)
        })
    }

    /// The line that sets it, for the browser's session or so many seconds. The value must be of letters,
    /// digits and hyphens: whatever else is in it is left out.
    #[must_use]
    pub fn set(self, value: &str, seconds: Option<u64>, url: &PublicUrl) -> HeaderValue {
        let value: String =
            value.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if url.is_https() { "; Secure" } else { "" };
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}", self.name(url));
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }

    /// The line that makes a browser forget it.
    #[must_use]
    pub fn forget(self, url: &PublicUrl) -> HeaderValue {
        self.set("", Some(0), url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: Cookie = Cookie("filmroom");

    fn url(text: &str) -> PublicUrl {
        PublicUrl::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn over_tls_a_cookie_belongs_to_the_host_alone() {
        let set = SESSION.set("abc", None, &url("https://images.example.org"));
        assert_eq!(set, "__Host-filmroom=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        let set = SESSION.set("abc", Some(60), &url("http://127.0.0.1:8080"));
        assert_eq!(set, "filmroom=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "xfilmroom=1; filmroom=2; filmroom2=3".parse().unwrap());
        assert_eq!(SESSION.read(&headers, &url("http://localhost")), Some("2"));
        assert_eq!(SESSION.read(&headers, &url("https://localhost")), None);
    }

    #[test]
    fn a_value_cannot_add_attributes() {
        let set = SESSION.set("a; Domain=evil\r\nX: y", None, &url("http://localhost"));
        assert_eq!(set, "filmroom=aDomainevilXy; Path=/; HttpOnly; SameSite=Lax");
    }
}
