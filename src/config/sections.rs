//! The sections of the configuration, each with its defaults. `config/filmroom.toml` describes them.

use super::Secret;
use super::address::{Network, PublicUrl};
use burn_queue::Medium;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $default:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), port)
}

section! {
    /// `[http]`
    Http {
        /// Where pages and probes are served.
        listen: SocketAddr = loopback(8080),
        /// The address people reach the pages by; none means `http://` and where we listen.
        public_url: Option<PublicUrl> = None,
        /// Proxies whose word on who called is taken.
        trusted_proxies: Vec<Network> = Vec::new(),
    }
}

section! {
    /// `[dimse]`
    Dimse {
        /// Where associations are accepted.
        listen: SocketAddr = loopback(11112),
        /// Names we may be called by; empty means any.
        called_ae_titles: Vec<String> = vec!["FILMROOM".into()],
        /// Who may send; empty means any on loopback, `["any"]` means any everywhere.
        calling_ae_titles: Vec<String> = Vec::new(),
        /// Associations at a time.
        max_associations: usize = 64,
        /// The largest PDU, in KiB.
        max_pdu_kib: u32 = 128,
        /// An association on which nothing comes for this long is aborted.
        idle_seconds: u64 = 60,
        /// How long a stop waits for associations to finish.
        drain_seconds: u64 = 30,
        /// TLS; none by default.
        tls: Option<DimseTls> = None,
    }
}

/// `[dimse.tls]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimseTls {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Certificates of who may call, PEM; without it callers need none.
    pub client_ca: Option<PathBuf>,
}

section! {
    /// `[database]`
    Database {
        /// `postgres://…`; none means SQLite in the data directory.
        url: Option<String> = None,
    }
}

section! {
    /// `[keys]`
    Keys {
        /// The file of master keys; none means `master.key` in the data directory.
        file: Option<PathBuf> = None,
    }
}

/// Where blobs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlobsIn {
    /// The data directory.
    Local,
    /// A bucket.
    S3,
}

section! {
    /// `[blobs]`
    Blobs {
        /// Where study archives and packages are kept.
        store: BlobsIn = BlobsIn::Local,
        /// The object store; needed for `store = "s3"` and for links with `delivery = "presigned"`.
        s3: Option<ObjectStore> = None,
    }
}

/// `[blobs.s3]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectStore {
    /// The server's address; none means the provider's own for the region.
    pub endpoint: Option<String>,
    /// The region requests are signed for.
    #[serde(default = "usual_region")]
    pub region: String,
    /// The bucket blobs are kept in, sealed.
    pub bucket: String,
    /// The bucket packages are handed over from, sealed by the provider only.
    pub packages_bucket: Option<String>,
    /// What the provider is asked to encrypt each package with; none leaves it to the bucket's own rule.
    pub packages_encryption: Option<Encryption>,
    /// The name of the provider's key for that, with [`Encryption::Kms`]; none means the account's own.
    pub packages_encryption_key: Option<String>,
    /// The name of the access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
}

/// Encryption by the provider of an object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Encryption {
    /// With keys the provider keeps.
    #[serde(rename = "AES256")]
    Aes256,
    /// With a key of its key service.
    #[serde(rename = "aws:kms")]
    Kms,
}

fn usual_region() -> String {
    "us-east-1".into()
}

/// How the bytes behind a link reach who follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkDelivery {
    /// Through this service: unsealed here, revoked from one byte to the next.
    Through,
    /// From the object store, by a URL signed for an hour.
    Presigned,
}

section! {
    /// `[links]`
    Links {
        /// How bytes reach who follows a link.
        delivery: LinkDelivery = LinkDelivery::Through,
        /// How long a link is good for.
        good_for_days: u32 = 30,
    }
}

section! {
    /// `[discs]`
    Discs {
        /// The largest medium there are drives for.
        largest_medium: Medium = Medium::Bd,
    }
}

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailDelivery {
    /// As files in a folder.
    Files,
    /// To a mail server.
    Smtp,
}

section! {
    /// `[mail]`
    Mail {
        /// How mail leaves.
        delivery: MailDelivery = MailDelivery::Files,
        /// The folder files go to; none means `mail` in the data directory.
        folder: Option<PathBuf> = None,
        /// Who mail is from: a name and an address.
        from: String = "Film library <film-library@localhost>".into(),
        /// The mail server, for `delivery = "smtp"`.
        smtp: Option<Smtp> = None,
    }
}

/// How the connection to a mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Begun in the clear, then TLS or nothing (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// None: on loopback only.
    None,
}

/// `[mail.smtp]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// The server's name, as its certificate has it.
    pub host: String,
    /// Its port.
    #[serde(default = "submission_port")]
    pub port: u16,
    /// How the connection is kept private.
    #[serde(default = "usual_smtp_tls")]
    pub tls: SmtpTls,
    /// Certificates of who may have signed the server's, PEM; none means the system's.
    pub ca: Option<PathBuf>,
    /// Whom we sign in as; none means we do not.
    pub user: Option<String>,
    /// The password for it.
    pub password: Option<Secret>,
}

const fn submission_port() -> u16 {
    587
}

const fn usual_smtp_tls() -> SmtpTls {
    SmtpTls::Starttls
}

section! {
    /// `[spool]`
    Spool {
        /// Size of a segment file, in MiB.
        segment_mib: u64 = 256,
        /// Free segments kept ready.
        prepared_segments: usize = 2,
        /// Nothing is taken in under this much free disk, in MiB …
        min_free_mib: u64 = 2048,
        /// … or under this part of the disk.
        min_free_percent: u64 = 5,
    }
}

section! {
    /// `[settle]`
    Settle {
        /// A study is settled when nothing came for it for this long.
        quiet_seconds: u64 = 30,
        /// Studies settled at a time.
        workers: usize = 2,
    }
}

section! {
    /// `[jobs]`
    Jobs {
        /// How long whoever does a job keeps it without being heard of.
        lease_seconds: u32 = 60,
    }
}

section! {
    /// `[stations]`
    Stations {
        /// How long a station has a disc without being heard of.
        lease_seconds: u32 = 600,
    }
}

section! {
    /// `[limits]`
    Limits {
        /// The largest instance, in MiB.
        max_instance_mib: u64 = 8192,
    }
}

section! {
    /// `[import]`
    Import {
        /// The most entries a ZIP may have.
        max_zip_entries: u64 = 1_000_000,
        /// The most a ZIP's entries may inflate to, in MiB.
        max_zip_inflated_mib: u64 = 1 << 20,
    }
}

section! {
    /// `[audit]`
    Audit {
        /// Where copies of the signed daily heads go; none means `audit-heads` in the data directory.
        heads: Option<PathBuf> = None,
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

section! {
    /// `[log]`
    Log {
        /// What is logged: `error`, `warn`, `info`, `debug`, or directives such as `info,sqlx=warn`.
        level: String = "info".into(),
        /// Text or JSON.
        format: LogFormat = LogFormat::Text,
    }
}
