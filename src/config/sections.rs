//! The sections of the configuration, each with its defaults. `config/filmroom.toml` describes them.

use super::address::{Network, PublicUrl};
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
