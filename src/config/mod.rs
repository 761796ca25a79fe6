//! Configuration: a TOML file, overridden by `FILMROOM__SECTION__KEY` in the environment.
//!
//! The only module that reads the environment. Unknown keys are refused: a misspelt limit that
//! silently means "default" is worse than a service that does not start. Every key is described in
//! `config/filmroom.toml`, and a test holds the two together.

mod business;
mod secret;
mod sections;

pub use business::{Carrier, CarrierKind, Fee, SiteKeys, Sites};
mod address;
pub use address::{Network, PublicUrl};
pub use secret::{Secret, SecretError};
pub use sections::{
    Audit, Blobs, BlobsIn, Database, Dimse, DimseTls, Discs, Encryption, Http, Import, Jobs, Keys, Limits,
    LinkDelivery, Links, Log, LogFormat, Mail, MailDelivery, ObjectStore, Settle, Smtp, SmtpTls, Spool,
    Stations,
};

use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

const SYSTEM_FILE: &str = "/etc/filmroom/filmroom.toml";
const PREFIX: &str = "FILMROOM__";

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The directory everything that is written goes to. `--data` overrides it.
    pub data: DataDir,
    /// Pages and probes.
    pub http: Http,
    /// DICOM over the network.
    pub dimse: Dimse,
    /// Where rows are kept.
    pub database: Database,
    /// The master keys.
    pub keys: Keys,
    /// Where blobs are kept.
    pub blobs: Blobs,
    /// Links.
    pub links: Links,
    /// Discs.
    pub discs: Discs,
    /// How mail leaves.
    pub mail: Mail,
    /// The desks, each with its own clock.
    pub site: Sites,
    /// The fee for a FedEx delivery.
    pub fee: Fee,
    /// Who takes parcels.
    pub carrier: Carrier,
    /// The spool log.
    pub spool: Spool,
    /// When studies are settled.
    pub settle: Settle,
    /// Work that nobody waits for on a page.
    pub jobs: Jobs,
    /// Burning stations.
    pub stations: Stations,
    /// What may come in.
    pub limits: Limits,
    /// Importing archives.
    pub import: Import,
    /// How what was done is kept.
    pub audit: Audit,
    /// What is logged.
    pub log: Log,
}

/// The data directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DataDir(pub PathBuf);

impl Default for DataDir {
    fn default() -> Self {
        Self("filmroom-data".into())
    }
}

impl DataDir {
    /// The SQLite database, unless another database is configured.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("filmroom.db")
    }

    /// The master keys, unless they are kept elsewhere.
    #[must_use]
    pub fn master_keys(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// The spool logs of this node's processes.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    /// Copies of the audit's daily heads, unless they are kept elsewhere.
    #[must_use]
    pub fn audit_heads(&self) -> PathBuf {
        self.0.join("audit-heads")
    }

    /// Mail, unless it goes to a mail server.
    #[must_use]
    pub fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read")]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not TOML, has an unknown key, or a value of the wrong kind.
    #[error("the configuration {origin} is not valid: {reason}")]
    Invalid {
        /// Where it came from.
        origin: String,
        /// What is wrong, and on which line.
        reason: String,
    },
    /// Keys that are valid alone but not together.
    #[error("{0}")]
    Unsafe(&'static str),
}

impl Config {
    /// Reads `file`, else the system's file if there is one, else takes the defaults; then the
    /// environment; then `data`.
    ///
    /// # Errors
    /// If a file cannot be read, a key is unknown, or a combination is unsafe.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn load(file: Option<&Path>, data: Option<&Path>) -> Result<Self, ConfigError> {
        let system = Path::new(SYSTEM_FILE);
        let file = file.or_else(|| system.exists().then_some(system));
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?,
            None => String::new(),
        };
        let origin = file.map_or_else(|| "defaults".into(), |path| path.display().to_string());
        let mut config = Self::parse(&text, &origin, std::env::vars())?;
        if let Some(data) = data {
            config.data = DataDir(data.to_owned());
        }
        Ok(config)
    }

    /// Parses `text` and lays `environment` over it.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(
        text: &str,
        origin: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let invalid =
            |origin: &str, reason: String| ConfigError::Invalid { origin: origin.to_owned(), reason };
        // Parsed once as it stands, so that errors point at lines of the file.
        toml::from_str::<Self>(text).map_err(|error| invalid(origin, error.to_string()))?;
        let mut table: Table = toml::from_str(text).map_err(|error| invalid(origin, error.to_string()))?;
        let mut overridden = Vec::new();
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix(PREFIX) {
                set(&mut table, &path.to_lowercase(), &value);
                overridden.push(name);
            }
        }
        let origin = format!("from the environment ({})", overridden.join(", "));
        let config: Self =
            table.try_into().map_err(|error: toml::de::Error| invalid(&origin, error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let local = self.dimse.listen.ip().is_loopback();
        if !local && self.dimse.calling_ae_titles.is_empty() {
            return Err(ConfigError::Unsafe(
                "dimse.listen is not on loopback and dimse.calling_ae_titles is empty: list who may send, \
                 or say [\"any\"] if the network alone decides",
            ));
        }
        if self.spool.segment_mib < 4 {
            return Err(ConfigError::Unsafe("spool.segment_mib must be at least 4"));
        }
        if !(4..=1024).contains(&self.dimse.max_pdu_kib) {
            return Err(ConfigError::Unsafe("dimse.max_pdu_kib must be between 4 and 1024"));
        }
        if self.jobs.lease_seconds < 3 {
            return Err(ConfigError::Unsafe("jobs.lease_seconds must be at least 3"));
        }
        self.site.check()?;
        self.fee.resolve()?;
        self.check_object_store()?;
        self.check_mail()
    }

    fn check_object_store(&self) -> Result<(), ConfigError> {
        let s3 = self.blobs.s3.as_ref();
        if self.blobs.store == BlobsIn::S3 && s3.is_none() {
            return Err(ConfigError::Unsafe("blobs.store is \"s3\": [blobs.s3] must say which bucket"));
        }
        if self.links.delivery == LinkDelivery::Presigned {
            match s3.map(|s3| (s3.packages_bucket.as_ref(), &s3.bucket)) {
                Some((Some(packages), bucket)) if packages != bucket => {}
                _ => {
                    return Err(ConfigError::Unsafe(
                        "links.delivery is \"presigned\": blobs.s3.packages_bucket must name a bucket of its own",
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_mail(&self) -> Result<(), ConfigError> {
        let smtp = self.mail.smtp.as_ref();
        if self.mail.delivery == MailDelivery::Smtp && smtp.is_none() {
            return Err(ConfigError::Unsafe("mail.delivery is \"smtp\": [mail.smtp] must say which server"));
        }
        let Some(smtp) = smtp else { return Ok(()) };
        let local = ["localhost", "127.0.0.1", "::1"].contains(&smtp.host.as_str());
        if smtp.tls == SmtpTls::None && !local {
            return Err(ConfigError::Unsafe(
                "mail.smtp.tls is \"none\", which is for a server on this machine",
            ));
        }
        if smtp.user.is_some() != smtp.password.is_some() {
            return Err(ConfigError::Unsafe("mail.smtp.user and mail.smtp.password come together"));
        }
        Ok(())
    }
}

/// Sets `section__key` to the value `text` denotes: TOML where it is TOML, else the text itself.
fn set(table: &mut Table, path: &str, text: &str) {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    let value =
        parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| Value::String(text.to_owned()));
    let mut keys: Vec<&str> = path.split("__").collect();
    let Some(last) = keys.pop() else { return };
    let mut place = table;
    for key in keys {
        let entry = place.entry(key).or_insert_with(|| Value::Table(Table::new()));
        if !entry.is_table() {
            *entry = Value::Table(Table::new());
        }
        let Value::Table(inner) = entry else { return };
        place = inner;
    }
    place.insert(last.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../config/filmroom.toml");

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(text, "test", environment)
    }

    #[test]
    fn the_documented_file_says_exactly_the_defaults() {
        // Keys that are off by default stand there commented out, as `#key = …`.
        let all: String = DOCUMENTED
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with([' ', '#']) && rest.contains('=') => "",
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(parse(&all, &[]).unwrap(), Config::default());
    }

    #[test]
    fn every_documented_key_exists_and_is_of_its_kind() {
        let all: String = DOCUMENTED
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest)
                    if !rest.starts_with([' ', '#']) && (rest.contains('=') || rest.starts_with('[')) =>
                {
                    rest
                }
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n");
        parse(&all, &[]).unwrap();
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_in_a_file_and_in_the_environment() {
        let refused = parse("[dimse]\nlisten_adress = \"127.0.0.1:1\"", &[]).unwrap_err().to_string();
        assert!(refused.contains("listen_adress"), "{refused}");
        let refused = parse("", &[("FILMROOM__DIMSE__LISEN", "127.0.0.1:1")]).unwrap_err().to_string();
        assert!(refused.contains("FILMROOM__DIMSE__LISEN"), "{refused}");
    }

    #[test]
    fn the_environment_overrides_the_file_in_whatever_kind_the_key_has() {
        let config = parse(
            "[dimse]\nmax_associations = 3",
            &[
                ("FILMROOM__DIMSE__MAX_ASSOCIATIONS", "9"),
                ("FILMROOM__HTTP__LISTEN", "127.0.0.1:9999"),
                ("FILMROOM__DIMSE__CALLING_AE_TITLES", "[\"CT1\", \"MR2\"]"),
                ("HOME", "/root"),
            ],
        )
        .unwrap();
        assert_eq!(config.dimse.max_associations, 9);
        assert_eq!(config.http.listen.port(), 9999);
        assert_eq!(config.dimse.calling_ae_titles, ["CT1", "MR2"]);
    }

    #[test]
    fn listening_to_the_network_without_saying_who_may_send_is_refused() {
        let open = "[dimse]\nlisten = \"0.0.0.0:11112\"";
        assert!(matches!(parse(open, &[]), Err(ConfigError::Unsafe(_))));
        parse(&format!("{open}\ncalling_ae_titles = [\"any\"]"), &[]).unwrap();
    }

    #[test]
    fn mail_in_the_clear_and_packages_beside_archives_are_refused() {
        let s3 = "[blobs.s3]\nbucket = \"one\"\naccess_key_id = \"a\"\nsecret_access_key = \"b\"\n";
        for refused in [
            "[blobs]\nstore = \"s3\"".to_owned(),
            format!("[links]\ndelivery = \"presigned\"\n{s3}"),
            format!("[links]\ndelivery = \"presigned\"\n{s3}packages_bucket = \"one\""),
            "[mail]\ndelivery = \"smtp\"".to_owned(),
            "[mail.smtp]\nhost = \"mail.example.org\"\ntls = \"none\"".to_owned(),
            "[mail.smtp]\nhost = \"mail.example.org\"\nuser = \"us\"".to_owned(),
        ] {
            assert!(matches!(parse(&refused, &[]), Err(ConfigError::Unsafe(_))), "{refused}");
        }
        parse(&format!("[links]\ndelivery = \"presigned\"\n{s3}packages_bucket = \"two\""), &[]).unwrap();
        let secret = [("FILMROOM__BLOBS__S3__SECRET_ACCESS_KEY", "c")];
        let config = parse(&format!("[blobs]\nstore = \"s3\"\n{s3}"), &secret).unwrap();
        assert_eq!(*config.blobs.s3.unwrap().secret_access_key.read().unwrap(), "c");
    }
}
