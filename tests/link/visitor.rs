//! A browser without a screen: it keeps cookies, sends the token of the page it was on, and reads answers.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Clone)]
pub struct Visitor {
    address: SocketAddr,
    agent: &'static str,
    cookie: Option<String>,
    form_token: String,
}

pub struct Answer {
    pub status: u16,
    head: String,
    /// As text; what is none is replaced.
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }
}

impl Visitor {
    pub fn at(address: SocketAddr) -> Self {
        Self { address, agent: "Mozilla/5.0 (iPhone)", cookie: None, form_token: String::new() }
    }

    pub fn calling_itself(self, agent: &'static str) -> Self {
        Self { agent, ..self }
    }

    /// The cookie of the session, as `name=value`.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let pairs = fields.iter().copied().chain([("form_token", token.as_str())]);
        let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.send("POST", path, &body.join("&")).await
    }

    pub async fn call(&mut self, method: &str, path: &str) -> Answer {
        self.send(method, path, "").await
    }

    /// Its forms do not carry the token of the page they stood on any more.
    pub fn forgets_its_page(&mut self) {
        self.form_token = "0".repeat(self.form_token.len());
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let cookie = self.cookie.as_ref().map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}User-Agent: {}\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.agent,
            body.len()
        );
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let answer = Answer { status, head: head.replace("\r\n", "\n"), body: body.to_owned() };
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

fn escaped(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}
