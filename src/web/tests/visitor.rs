//! A browser without a screen: it keeps cookies, sends the token of the page it was on, and reads answers.

use crate::web::plumbing::form::FormToken;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(crate) struct Visitor {
    address: SocketAddr,
    cookie: Option<String>,
    form_token: String,
}

pub(crate) struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header("location")
    }
}

impl Visitor {
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { address, cookie: None, form_token: String::new() }
    }

    /// The cookie of the session, as `name=value`.
    pub(crate) fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let pairs = fields.iter().copied().chain([("form_token", token.as_str())]);
        let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.send("POST", path, &body.join("&")).await
    }

    /// Knows the token of its session's forms, whether a page shows it or not.
    pub(crate) fn has_seen_its_forms(&mut self) {
        let session = self.cookie().split_once('=').map(|(_, session)| session.to_owned());
        self.form_token = FormToken::of(&session.unwrap_or_default()).as_str().to_owned();
    }

    /// Sends a form that carries another token than the one of its page.
    pub(crate) async fn post_as(&mut self, path: &str, form_token: &str) -> Answer {
        self.send("POST", path, &format!("form_token={form_token}")).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, "").await
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let cookie = self.cookie.as_ref().map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}Sec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = exchange(self.address, request.as_bytes()).await;
        if let Some(cookie) = answer.header("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            self.cookie = Some(pair.to_owned()).filter(|pair| !pair.ends_with('='));
        }
        if let Some(rest) = answer.body.split("name=\"form_token\" value=\"").nth(1) {
            self.form_token = rest.split('"').next().unwrap_or_default().to_owned();
        }
        answer
    }
}

/// Sends bytes and reads what comes back to its end.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.replace("\r\n", "\n"),
        body: body.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
