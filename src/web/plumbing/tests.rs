//! The plumbing around a few routes of its own, over a real socket.

use super::errors::PageError;
use super::form::{FormToken, Posted};
use super::*;
use crate::model::site::tests::phoenix as site;
use axum::extract::FromRef;
use axum::routing::{get, post};
use imaging::chance::SeededChance;
use std::net::SocketAddr;

#[derive(Clone)]
struct Means(House);

impl FromRef<Means> for House {
    fn from_ref(means: &Means) -> Self {
        means.0.clone()
    }
}

/// An answer: status, headers in lower case, body.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn pages(url: &str) -> Router {
    let house = House {
        sites: Arc::default(),
        url: PublicUrl::try_from(url.to_owned()).unwrap(),
        trusted_proxies: Arc::new([]),
        site: Arc::new(site()),
        chance: Arc::new(SeededChance::new(1)),
    };
    let routes = Router::new()
        .route("/fine", get(|| async { "fine" }))
        .route("/secret/{token}", get(|| async { Err::<(), _>(PageError::NotFound) }))
        .route(
            "/panic",
            get(|| async {
                if true {
                    panic!("a bug")
                }
            }),
        )
        .route("/broken", get(|| async { Err::<(), _>(PageError::Broken("the disk of Jane Roe".into())) }))
        .route("/who", get(|client: client::Client| async move { client.0.to_string() }))
        .route("/form", post(|Posted(fields): Posted| async move { fields.text("word").to_owned() }))
        .with_state(Means(house.clone()));
    dressed(routes, house)
}

/// Sends a request as it stands and reads the answer to its end.
async fn send(pages: Router, request: &str) -> Answer {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = pages.into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let head = head.replace('\n', "\r\n");
    let whole = format!(
        "{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(whole.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    server.abort();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

async fn get_page(request: &str) -> Answer {
    send(pages("http://localhost"), request).await
}

#[tokio::test]
async fn every_answer_holds_the_browser_to_our_own_style_and_scripts_and_is_not_kept() {
    for path in ["/fine", "/nowhere", "/broken"] {
        let answer = get_page(&format!("GET {path} HTTP/1.1")).await;
        assert!(answer.head.contains("content-security-policy: default-src 'none'"), "{path}");
        assert!(!answer.head.contains("unsafe-inline"), "{path}");
        assert!(answer.head.contains("cache-control: no-store"), "{path}");
        assert!(answer.head.contains("referrer-policy: no-referrer"), "{path}");
        assert!(!answer.head.contains("strict-transport-security"), "{path}");
    }
    let answer = send(pages("https://images.example.org"), "GET /fine HTTP/1.1").await;
    assert!(answer.head.contains("strict-transport-security: max-age=31536000"));
}

#[tokio::test]
async fn style_scripts_and_faces_are_kept_for_ever_under_the_name_of_what_is_in_them() {
    let style = get_page(&format!("GET {} HTTP/1.1", assets::ASSETS.style)).await;
    assert_eq!(style.status, 200);
    assert!(style.head.contains("immutable") && !style.head.contains("no-store"));
    assert!(style.body.contains("url(\"/assets/") && !style.body.contains("url(\"readex"));
}

#[tokio::test]
async fn an_error_is_a_page_in_the_readers_language_that_says_what_to_do() {
    let answer = get_page("GET /nowhere HTTP/1.1\nAccept-Language: es").await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("Aquí no hay ninguna página") && answer.body.contains("lang=\"es\""));
    let answer = get_page("GET /nowhere?lang=ar HTTP/1.1").await;
    assert!(answer.body.contains("dir=\"rtl\""));
    let answer = get_page("POST /fine HTTP/1.1").await;
    assert_eq!(answer.status, 405);
    assert!(answer.body.contains("There is no page here"));
    for (path, start) in [("/nowhere", "/r"), ("/r/nowhere", "/r"), ("/staff/nowhere", "/staff")] {
        let answer = get_page(&format!("GET {path} HTTP/1.1")).await;
        assert!(answer.body.contains(&format!("<a href=\"{start}\">")), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_failure_shows_its_number_and_nothing_of_what_failed() {
    for path in ["/broken", "/panic"] {
        let answer = get_page(&format!("GET {path} HTTP/1.1")).await;
        assert_eq!(answer.status, 500, "{path}");
        let id = answer.head.split("x-request-id: ").nth(1).unwrap().lines().next().unwrap();
        assert!(answer.body.contains(&format!("Tell us this number: {id}")), "{path}: {}", answer.body);
        assert!(!answer.body.contains("Jane Roe") && !answer.body.contains("a bug"), "{path}");
    }
}

#[tokio::test]
async fn a_form_is_taken_from_our_pages_only() {
    let form = |headers: &str, token: &str| {
        format!(
            "POST /form HTTP/1.1\nContent-Type: application/x-www-form-urlencoded{headers}\n\n\
             word=hello&form_token={token}"
        )
    };
    let token = FormToken::of("abc");
    let cookie = "\nCookie: filmroom=abc";
    let fine = get_page(&form(&format!("{cookie}\nSec-Fetch-Site: same-origin"), token.as_str())).await;
    assert_eq!((fine.status, fine.body.as_str()), (200, "hello"));
    let from_elsewhere = format!("{cookie}\nSec-Fetch-Site: cross-site\nOrigin: https://evil.example");
    assert_eq!(get_page(&form(&from_elsewhere, token.as_str())).await.status, 403);
    let stale = get_page(&form(cookie, FormToken::of("other").as_str())).await;
    assert_eq!(stale.status, 403);
    assert!(stale.body.contains("Please send this again"));
    assert_eq!(get_page(&form(cookie, "")).await.status, 403);
    assert_eq!(get_page(&form("", "")).await.status, 200, "nobody is signed in: there is nothing to forge");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let long = "x".repeat(MAX_BODY_BYTES + 1);
    let request =
        format!("POST /form HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\nword={long}");
    let answer = get_page(&request).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("That is too long"));
}

#[tokio::test]
async fn who_called_is_not_what_the_caller_says() {
    let answer = get_page("GET /who HTTP/1.1\nX-Forwarded-For: 198.51.100.1").await;
    assert_eq!(answer.body, "127.0.0.1");
}

#[tokio::test]
async fn a_language_once_asked_for_is_remembered() {
    let answer = get_page("GET /nowhere?lang=so HTTP/1.1").await;
    assert!(answer.head.contains("set-cookie: filmroom-language=so;"), "{}", answer.head);
    let again = get_page("GET /nowhere?lang=so HTTP/1.1\nCookie: filmroom-language=so").await;
    assert!(!again.head.contains("set-cookie"), "{}", again.head);
    let none = get_page("GET /nowhere?lang=xx HTTP/1.1").await;
    assert!(!none.head.contains("set-cookie"), "{}", none.head);
}
