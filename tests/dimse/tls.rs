//! DIMSE over TLS, with certificates made for the occasion.

use crate::common::{self, Site};
use crate::peer::{item, job, python};
use imaging::samples;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs openssl in the site's folder.
fn openssl(site: &Site, words: &str) {
    let mut command = Command::new("openssl");
    let ran = common::run(command.args(words.split(' ')).current_dir(site.path("")), &site.path(""));
    assert_eq!(ran.code, Some(0), "openssl {words}: {}", ran.err);
}

/// An authority, and a certificate of it for `localhost` and one for a caller.
fn certificates(site: &Site) {
    let ec = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(site, &format!("req -x509 {ec} -keyout ca.key -out ca.pem -days 2 -subj /CN=Authority"));
    fs::write(site.path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    for name in ["localhost", "caller"] {
        openssl(site, &format!("req {ec} -keyout {name}.key -out {name}.csr -subj /CN={name}"));
        openssl(
            site,
            &format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out {name}.pem"
            ),
        );
    }
}

fn with_tls(site: Site) -> Site {
    let path = |name: &str| site.path(name).display().to_string();
    let (certificate, key) = (path("localhost.pem"), path("localhost.key"));
    site.with("DIMSE__TLS__CERTIFICATE", &certificate).with("DIMSE__TLS__KEY", &key)
}

/// How long the service keeps a caller that speaks no TLS.
fn answer_to_plain(to: SocketAddr) -> Duration {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(&[&[1, 0, 0, 0, 0, 0xD0], [0; 0xD0].as_slice()].concat()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // However it is closed: a reset is an end as well.
    drop(stream.read_to_end(&mut Vec::new()));
    begun.elapsed()
}

fn store(sent: &Value) -> Value {
    json!({ "job": "store", "items": [sent] })
}

#[test]
fn over_tls_instances_are_taken_and_plain_callers_are_not() {
    let Some(python) = python() else { return };
    if !common::installed("openssl") {
        return;
    }
    let site = Site::new();
    certificates(&site);
    let site = with_tls(site);
    let service = site.serve();
    let sent = item(&site, &samples::xray(1), 0);
    let mut asked = store(&sent);
    assert!(answer_to_plain(service.dimse) < Duration::from_secs(5), "a caller without TLS takes no room");
    let plain = job(&python, &site, &service, &asked);
    assert_eq!(plain["statuses"]["it"], "no association");
    asked["ca"] = json!(site.path("ca.pem"));
    assert_eq!(job(&python, &site, &service, &asked)["statuses"]["it"], "0000");
    if common::installed("echoscu") {
        let ran = common::run(
            Command::new("echoscu")
                .args(["+tla", "-aec", "FILMROOM", "--add-cert-file"])
                .arg(site.path("ca.pem"))
                .args(["localhost", &service.dimse.port().to_string()]),
            &site.path(""),
        );
        assert_eq!(ran.code, Some(0), "{}", ran.err);
    }
    service.stop();
}

#[test]
fn where_callers_must_show_a_certificate_those_without_are_turned_away() {
    let Some(python) = python() else { return };
    if !common::installed("openssl") {
        return;
    }
    let site = Site::new();
    certificates(&site);
    let ca = site.path("ca.pem").display().to_string();
    let site = with_tls(site).with("DIMSE__TLS__CLIENT_CA", &ca);
    let service = site.serve();
    let sent = item(&site, &samples::ct(1, 1), 0);
    let mut asked = store(&sent);
    asked["ca"] = json!(ca);
    assert_eq!(job(&python, &site, &service, &asked)["statuses"]["it"], "no association");
    (asked["certificate"], asked["key"]) = (json!(site.path("caller.pem")), json!(site.path("caller.key")));
    assert_eq!(job(&python, &site, &service, &asked)["statuses"]["it"], "0000");
    service.stop();
}
