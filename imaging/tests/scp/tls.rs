//! The same over TLS (PS3.15 B.12), with certificates made for the occasion.

use super::peer::*;
use super::provider::{Manner, Provider, settings};
use imaging::dimse::scp::Settings;
use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned, SupportedProtocolVersion,
};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Certified = CertifiedKey<KeyPair>;

fn certificate(name: &str) -> Certified {
    rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap()
}

fn key(of: &Certified) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(of.signing_key.serialize_der()).unwrap()
}

fn trusting(certificate: &Certified) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    Arc::new(roots)
}

/// A provider that speaks TLS, to clients of `client_ca` only if there is one.
fn provider(settings: Settings, server: &Certified, client_ca: Option<&Certified>) -> Provider {
    let builder = ServerConfig::builder();
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(trusting(ca)).build().unwrap())
        }
    };
    let tls = builder.with_single_cert(vec![server.cert.der().clone()], key(server)).unwrap();
    Provider::with(Settings { tls: Some(Arc::new(tls)), ..settings }, Manner::Keep)
}

/// Writes at most so many bytes at a time, with a pause before each part.
struct Slowly {
    stream: TcpStream,
    part_bytes: usize,
    pause: Duration,
}

impl Read for Slowly {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf)
    }
}

impl Write for Slowly {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        std::thread::sleep(self.pause);
        self.stream.write(&buf[..buf.len().min(self.part_bytes)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

type TlsWire = Wire<StreamOwned<ClientConnection, Slowly>>;

fn connect(
    provider: &Provider,
    server: &Certified,
    identity: Option<&Certified>,
    version: &'static SupportedProtocolVersion,
) -> TlsWire {
    let builder =
        ClientConfig::builder_with_protocol_versions(&[version]).with_root_certificates(trusting(server));
    let config = match identity {
        None => builder.with_no_client_auth(),
        Some(own) => builder.with_client_auth_cert(vec![own.cert.der().clone()], key(own)).unwrap(),
    };
    let name = ServerName::try_from("filmroom.test").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = Wire::connect(provider.address).0;
    let slowly = Slowly { stream, part_bytes: usize::MAX, pause: Duration::ZERO };
    Wire(StreamOwned::new(client, slowly))
}

fn associate(wire: &mut TlsWire) {
    wire.send(&Request::default().to_bytes());
    wire.expect(ASSOCIATE_AC);
}

#[test]
fn instances_come_over_either_version_and_the_end_is_said_with_a_close_notify() {
    let server = certificate("filmroom.test");
    let provider = provider(settings(), &server, None);
    for version in [&TLS12, &TLS13] {
        let mut wire = connect(&provider, &server, None, version);
        associate(&mut wire);
        let large = vec![9; 400_000];
        wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.2")));
        large.chunks(16_001).for_each(|part| wire.send(&fragment(1, DATA, part)));
        wire.send(&fragment(1, LAST, b""));
        assert_eq!(wire.answer(), stored(1));
        assert!(provider.memory.kept().pop().unwrap().bytes == large);
        wire.send(&pdu(RELEASE_RQ, &[0; 4]));
        wire.expect(RELEASE_RP);
        // Without a close_notify this would be an error, not an end.
        assert_eq!(wire.0.read(&mut [0; 1]).unwrap(), 0);
    }
}

#[test]
fn a_handshake_and_records_that_come_in_pieces_with_pauses_are_waited_for() {
    let server = certificate("filmroom.test");
    let provider = provider(settings(), &server, None);
    for version in [&TLS12, &TLS13] {
        let mut wire = connect(&provider, &server, None, version);
        // Longer than the provider's reads wait before they look up.
        (wire.0.sock.part_bytes, wire.0.sock.pause) = (110, Duration::from_millis(300));
        associate(&mut wire);
        wire.send(&store(1, "1.2", &[3; 300]));
        assert_eq!(wire.answer(), stored(1));
    }
    assert_eq!(provider.memory.kept().len(), 2);
}

#[test]
fn a_handshake_that_is_never_finished_is_cut_when_its_time_is_over() {
    let server = certificate("filmroom.test");
    let settings = Settings { associate_within: Duration::from_millis(600), ..settings() };
    let provider = provider(settings, &server, None);
    for beginning in [&b""[..], &[0x16, 3, 1, 2, 0, 1, 0]] {
        let from = Instant::now();
        let mut wire = Wire::connect(provider.address);
        wire.send(beginning);
        let mut farewell = Vec::new();
        wire.0.read_to_end(&mut farewell).unwrap();
        assert!(farewell.len() < 10, "an alert at most: {farewell:?}");
        let took = from.elapsed();
        assert!(took > Duration::from_millis(550) && took < Duration::from_millis(1500), "{took:?}");
    }
}

#[test]
fn who_speaks_plainly_to_a_tls_port_is_sent_away_at_once_and_nothing_is_kept() {
    let server = certificate("filmroom.test");
    let provider = provider(settings(), &server, None);
    let from = Instant::now();
    let mut wire = Wire::connect(provider.address);
    wire.send(&Request::default().to_bytes());
    let mut farewell = Vec::new();
    wire.0.read_to_end(&mut farewell).unwrap();
    assert_eq!(farewell.first(), Some(&0x15), "a TLS alert");
    assert!(from.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_connection_cut_without_a_close_notify_within_an_instance_keeps_nothing() {
    let server = certificate("filmroom.test");
    let provider = provider(settings(), &server, None);
    let mut wire = connect(&provider, &server, None, &TLS13);
    associate(&mut wire);
    let message = store(1, "1.2", b"cut short");
    wire.send(&message[..message.len() - 1]);
    wire.0.sock.stream.shutdown(std::net::Shutdown::Write).unwrap();
    provider.wait_for_no_sessions();
    assert_eq!(provider.memory.kept(), []);
}

#[test]
fn only_clients_with_a_certificate_are_served_where_one_is_asked_for() {
    let (server, client) = (certificate("filmroom.test"), certificate("ct.hospital.test"));
    let provider = provider(settings(), &server, Some(&client));
    for version in [&TLS12, &TLS13] {
        let mut wire = connect(&provider, &server, Some(&client), version);
        associate(&mut wire);
        let stranger = certificate("ct.hospital.test");
        for identity in [None, Some(&stranger)] {
            let mut wire = connect(&provider, &server, identity, version);
            let sent = wire.0.write_all(&Request::default().to_bytes());
            let answered = sent.and_then(|()| wire.0.read_exact(&mut [0; 6]));
            assert!(answered.is_err());
        }
    }
}

#[test]
fn stopping_does_not_wait_for_handshakes_or_resting_associations() {
    let server = certificate("filmroom.test");
    let mut provider = provider(settings(), &server, None);
    let mut wire = connect(&provider, &server, None, &TLS13);
    associate(&mut wire);
    let mut halfway = Wire::connect(provider.address);
    halfway.send(&[0x16, 3, 1, 2, 0, 1]);
    std::thread::sleep(Duration::from_millis(100));
    let took = provider.stop(Duration::from_secs(20));
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(wire.expect(ABORT), [0; 4]);
    assert_eq!(wire.0.read(&mut [0; 1]).unwrap(), 0);
}
