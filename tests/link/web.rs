//! A page that sends the package of one session, and a caller that reads what it likes.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use filmroom::desk::link::{Caller, LinkSession};
use filmroom::web::patient::package::{Asked, PackageSender, SendError};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use tokio::net::TcpListener;

/// Serves the package of a session at `/`.
pub async fn serve(sender: PackageSender, session: LinkSession) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pages = Router::new().route("/", get(page)).with_state((sender, session));
    tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
    address
}

async fn page(
    State((sender, session)): State<(PackageSender, LinkSession)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let caller = Caller { agent: "Mozilla/5.0 (iPhone)", address: "192.0.2.7" };
    let asked = Asked { method: &method, headers: &headers, caller };
    match sender.send(&session, asked).await {
        Ok(response) => response,
        Err(SendError::MayNotDownload) => refused(StatusCode::FORBIDDEN),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn refused(status: StatusCode) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap()
}

/// An answer whose head was read; its body is read on demand.
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    body: BufReader<TcpStream>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// At most so many bytes of the body; fewer at its end.
    pub fn read(&mut self, bytes: u64) -> Vec<u8> {
        let mut read = Vec::new();
        // A connection that is cut ends what can be read.
        self.body.by_ref().take(bytes).read_to_end(&mut read).unwrap_or_default();
        read
    }

    pub fn all(mut self) -> Vec<u8> {
        self.read(u64::MAX)
    }
}

/// Asks for a path with these header lines. Blocks.
pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &[&str]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{more}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut body = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        body.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let status = line().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = BTreeMap::new();
    loop {
        let line = line();
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    Answer { status, headers, body }
}
