//! What must not be found where somebody else reads: in logs, in subjects, in the database in the clear.

use crate::common::Site;
use crate::common::postgres::open;
use filmroom::app::block_on;
use filmroom::store::db::composed;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// What a demonstration told its user and nobody else may know.
pub fn of(told: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let token = |link: String| link.rsplit('/').next().unwrap().to_owned();
    let mut secrets = BTreeSet::from([text(&told["password"]).unwrap()]);
    for request in told["requests"].as_array().unwrap() {
        secrets.extend(text(&request["passphrase"]));
        secrets.extend(text(&request["access_code"]));
        secrets.extend(text(&request["link"]).map(token));
    }
    secrets
}

/// Whose images they are, word by word.
pub fn patients_of(told: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for study in told["studies"].as_array().unwrap() {
        words.insert(study["patient_id"].as_str().unwrap().to_owned());
        let name = study["patient_name"].as_str().unwrap();
        words.extend(name.split(['^', '=', ' ']).filter(|word| !word.is_empty()).map(str::to_owned));
    }
    words
}

/// None of these is in a text.
pub fn assert_unsaid<'w>(words: impl IntoIterator<Item = &'w String>, text: &str, of: &str) {
    for word in words {
        let line = text.lines().find(|line| line.contains(word.as_str()));
        assert!(line.is_none(), "{of} says {word:?}: {line:?}");
    }
}

/// Mail carries its link and no other secret; its subject and the rest of its head tell nothing of the patient.
pub fn assert_mail_is_discreet(site: &Site, secrets: &BTreeSet<String>, patients: &BTreeSet<String>) {
    let mails = site.files("mail");
    assert!(!mails.is_empty());
    for path in mails.keys() {
        let mail = fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("=3D", "=");
        let subject = mail.lines().find(|line| line.starts_with("Subject: ")).unwrap();
        assert!(!subject.contains("=?"), "a subject in English is readable as it is: {subject}");
        let head = mail.split_once("\r\n\r\n").unwrap().0;
        assert_unsaid(patients, head, "the head of a mail");
        let others = secrets.iter().filter(|secret| !mail.contains(&format!("/l/{secret}")));
        assert_unsaid(others, &mail, "a mail");
    }
}

/// None of these is in the database as it stands, on disk or in a server.
pub fn assert_not_in_database(site: &Site, url: Option<&str>, secrets: &BTreeSet<String>) {
    let Some(url) = url else {
        let files = site.files("").into_keys().filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("filmroom.db"))
        });
        let bytes: Vec<u8> = files.flat_map(|path| fs::read(path).unwrap()).collect();
        assert!(bytes.len() > 4_096);
        for secret in secrets {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{secret:?} is in the database"
            );
        }
        return;
    };
    let rows = block_on(rows_of(url)).unwrap();
    assert!(rows.len() > 100);
    // A server writes bytes in hexadecimal.
    let hex = |secret: &String| secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hidden: Vec<String> = secrets.iter().map(hex).collect();
    assert_unsaid(secrets.iter().chain(&hidden), &rows.join("\n"), "the database");
}

/// Every row of every table, as the server writes it.
async fn rows_of(url: &str) -> Vec<String> {
    let db = open(url).await;
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()";
    let mut texts = Vec::new();
    for table in db.fetch_all(tables, []).await.unwrap() {
        let sql = format!("SELECT CAST(t AS TEXT) FROM {} t", table.text(0).unwrap());
        for row in db.fetch_all(composed(sql), []).await.unwrap() {
            texts.push(row.text(0).unwrap());
        }
    }
    db.close().await;
    texts
}
