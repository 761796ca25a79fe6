//! One call over a socket, and its answer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// By server, every address that it was called at by [`call`], and every one its answers led to.
static ADDRESSES: Mutex<BTreeMap<SocketAddr, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Every address that a server was called at by [`call`], and every one its answers led to.
pub fn addresses_of(server: SocketAddr) -> BTreeSet<String> {
    let all = ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner);
    all.get(&server).cloned().unwrap_or_default()
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub bytes: Vec<u8>,
    head: String,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The cookie it sets, as `name=value`.
    pub fn cookie(&self) -> Option<&str> {
        self.header("set-cookie")?.split(';').next()
    }

    pub fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
    }

    /// Where it leads: on, by its links, by its forms, by its pictures.
    pub fn leads_to(&self) -> Vec<String> {
        let mut found: Vec<String> = self.header("location").map(str::to_owned).into_iter().collect();
        if self.is_page() {
            for attribute in [" href=\"", " action=\"", " formaction=\"", " src=\""] {
                let values = self.text().split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(values.map(|value| value.replace("&amp;", "&").replace("&#38;", "&")));
            }
        }
        found
    }

    /// The token of the forms on this page.
    pub fn form_token(&self) -> &str {
        let token =
            self.text().split_once("name=\"form_token\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        token.map(|(token, _)| token).unwrap_or_default()
    }
}

/// Calls; nothing if nobody answers to the end. `head` is header lines, each with its end.
pub fn call(to: SocketAddr, method: &str, path: &str, head: &str, body: &str) -> Option<Answer> {
    let answer = stray(to, method, path, head, body)?;
    let mut all = ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner);
    let of_server = all.entry(to).or_default();
    of_server.insert(path.to_owned());
    of_server.extend(answer.leads_to());
    Some(answer)
}

/// Calls an address that the service has not led to.
pub fn stray(to: SocketAddr, method: &str, path: &str, head: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(to).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).ok()?;
    let answer = Answer { status: head.get(9..12)?.parse().ok()?, bytes: answer[end + 4..].to_vec(), head };
    let length = answer.header("content-length").map(|length| length.parse().unwrap());
    (length.is_none() || length == Some(answer.bytes.len())).then_some(answer)
}

/// Calls with a form, from a page of ours.
pub fn post(to: SocketAddr, path: &str, cookie: &str, fields: &str) -> Option<Answer> {
    let head = format!(
        "Cookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    );
    call(to, "POST", path, &head, fields)
}

/// Asks for a page.
pub fn get(to: SocketAddr, path: &str, cookie: &str) -> Option<Answer> {
    call(to, "GET", path, &format!("Cookie: {cookie}\r\n"), "")
}
