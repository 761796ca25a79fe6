use super::queue::HttpQueue;

fn refusal(server: &str) -> Option<String> {
    HttpQueue::new(server, "secret", "desk-1", None).err().map(|error| format!("{error:#}"))
}

#[test]
fn a_token_is_not_sent_over_an_open_line() {
    assert_eq!(refusal("http://127.0.0.1:8080"), None);
    assert_eq!(refusal("https://film.example.org/"), None);
    for open in ["http://film.example.org", "film.example.org", "ftp://127.0.0.1"] {
        let words = refusal(open).unwrap();
        assert!(words.contains("https") && !words.contains("secret"), "{words}");
    }
}
