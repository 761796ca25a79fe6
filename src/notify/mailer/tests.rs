use super::*;
use imaging::disk::Disk;
use imaging::disk::sim::SimDisk;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

pub(crate) const ID: &str = "0190b6f2-7c1e-7abc-8def-0123456789ab";

pub(crate) fn mail() -> Mail {
    Mail {
        to: "jane@example.org".into(),
        language: "es".into(),
        subject: "Sus imágenes".into(),
        text: "Abra https://images.example.org/l/token\n".into(),
    }
}

fn sender() -> Sender {
    "Film library <film-library@hospital.example>".parse().unwrap()
}

trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// A mail server that answers `MAIL FROM`'s recipient as it is told, and gives what it took to `taken`.
struct MailServer {
    address: SocketAddr,
    taken: Mutex<Receiver<String>>,
}

impl MailServer {
    /// Answers recipients with `answer`; speaks STARTTLS if there is a certificate, and then nothing else.
    fn start(answer: &'static str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, taken) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let taken = converse(stream.unwrap(), answer, tls.clone());
                if let Some(mail) = taken {
                    sender.send(mail).unwrap();
                }
            }
        });
        Self { address, taken: Mutex::new(taken) }
    }

    fn settings(&self, privacy: Privacy) -> SmtpSettings {
        let host = if privacy == Privacy::Loopback { "127.0.0.1" } else { "localhost" };
        SmtpSettings { host: host.into(), port: self.address.port(), privacy, ca: None, sign_in: None }
    }

    fn took(&self) -> String {
        self.taken.lock().unwrap().recv().unwrap()
    }
}

/// One conversation; the mail it ends with, if it does.
fn converse(stream: TcpStream, answer: &str, tls: Option<Arc<ServerConfig>>) -> Option<String> {
    let mut wire: BufReader<Box<dyn Wire>> = BufReader::new(Box::new(stream.try_clone().unwrap()));
    wire.get_mut().write_all(b"220 here\r\n").unwrap();
    let (mut secured, mut data) = (false, None);
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(mut mail) = data.take() {
            if line == ".\r\n" {
                wire.get_mut().write_all(b"250 taken\r\n").unwrap();
                return Some(mail);
            }
            mail += &line;
            data = Some(mail);
            continue;
        }
        let reply = match line.split([' ', '\r']).next()? {
            "EHLO" if tls.is_some() && !secured => "250-here\r\n250 STARTTLS\r\n".to_owned(),
            "EHLO" if secured => "250-here\r\n250 AUTH PLAIN\r\n".to_owned(),
            "EHLO" => "250 here\r\n".to_owned(),
            "STARTTLS" => {
                wire.get_mut().write_all(b"220 go ahead\r\n").unwrap();
                let tls = ServerConnection::new(tls.clone()?).unwrap();
                wire = BufReader::new(Box::new(StreamOwned::new(tls, stream.try_clone().unwrap())));
                secured = true;
                continue;
            }
            "AUTH" => "235 welcome\r\n".to_owned(),
            "RCPT" => format!("{answer}\r\n"),
            "DATA" => {
                data = Some(String::new());
                "354 go on\r\n".to_owned()
            }
            _ => "250 well\r\n".to_owned(),
        };
        wire.get_mut().write_all(reply.as_bytes()).ok()?;
        wire.get_mut().flush().ok()?;
    }
}

/// A server's certificate, and that of who signed it.
fn certified() -> (Arc<ServerConfig>, String) {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().unwrap();
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let config = ServerConfig::builder().with_no_client_auth();
    (Arc::new(config.with_single_cert(vec![leaf.der().clone()], key).unwrap()), ca_pem)
}

async fn send(settings: &SmtpSettings) -> Result<(), MailError> {
    SmtpMailer::new(settings, sender()).unwrap().send(ID, &mail(), 1_700_000_000_000).await
}

#[tokio::test]
async fn a_mail_bears_our_message_id_its_language_and_no_word_of_who_it_is_for_in_its_subject() {
    let server = MailServer::start("250 fine", None);
    send(&server.settings(Privacy::Loopback)).await.unwrap();
    let mail = server.took();
    for line in [
        "Message-ID: <0190b6f2-7c1e-7abc-8def-0123456789ab@hospital.example>",
        "From: \"Film library\" <film-library@hospital.example>",
        "To: jane@example.org",
        "Date: Tue, 14 Nov 2023 22:13:20 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Language: es",
        "Subject: Sus =?utf-8?b?",
    ] {
        assert!(mail.contains(line), "{line}: {mail}");
    }
}

#[tokio::test]
async fn a_5xx_is_final_and_a_4xx_or_a_dead_server_is_not_and_none_is_quoted() {
    let permanent = MailServer::start("550 no such user jane@example.org", None);
    let refused = send(&permanent.settings(Privacy::Loopback)).await;
    assert_eq!(refused, Err(MailError::Refused("the mail server refuses it with 550".into())));
    let transient = MailServer::start("451 greylisted jane@example.org", None);
    let put_off = send(&transient.settings(Privacy::Loopback)).await;
    assert_eq!(put_off, Err(MailError::NotNow("the mail server puts it off with 451".into())));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = SmtpSettings { port: nobody.port(), ..transient.settings(Privacy::Loopback) };
    assert!(matches!(send(&settings).await, Err(MailError::NotNow(_))));
}

#[tokio::test]
async fn starttls_is_required_with_a_certificate_we_trust() {
    let (tls, ca) = certified();
    let server = MailServer::start("250 fine", Some(tls));
    let sign_in = Some(("us".to_owned(), Zeroizing::new("secret".to_owned())));
    let trusting = SmtpSettings { ca: Some(ca.into_bytes()), sign_in, ..server.settings(Privacy::StartTls) };
    send(&trusting).await.unwrap();
    assert!(server.took().contains("Message-ID"));

    let not_trusting = server.settings(Privacy::StartTls);
    assert!(matches!(send(&not_trusting).await, Err(MailError::NotNow(_))));
    let plain = MailServer::start("250 fine", None);
    let stripped = SmtpSettings { port: plain.address.port(), ..trusting };
    assert!(matches!(send(&stripped).await, Err(MailError::NotNow(_) | MailError::Refused(_))));
    assert!(plain.taken.lock().unwrap().try_recv().is_err(), "nothing goes in the clear");
}

#[tokio::test]
async fn files_are_whole_and_one_for_each_mail_however_often_it_is_sent() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
    let mailer = FileMailer { disk: Arc::clone(&disk), sender: sender() };
    for _ in 0..2 {
        mailer.send(ID, &mail(), 1_700_000_000_000).await.unwrap();
    }
    assert_eq!(disk.list("").unwrap(), [format!("{ID}.eml")]);
    let no_address = Mail { to: "jane".into(), ..mail() };
    assert!(matches!(mailer.send(ID, &no_address, 0).await, Err(MailError::Refused(_))));
}
