//! How a database is named.

use crate::store::StoreError;
use std::path::PathBuf;
use std::str::FromStr;

/// Names a database: `sqlite:PATH` or `postgres://USER@HOST/NAME`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A server, by its whole URL.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            _ => Err(StoreError::BadUrl),
        }
    }
}

/// Written without user and password: URLs end up in logs.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "postgres://{}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_server() {
        assert_eq!("sqlite:/a/b.db".parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Sqlite("/a/b.db".into()));
        assert!(matches!("postgres://h/d".parse().unwrap(), DatabaseUrl::Postgres(_)));
        for wrong in ["", "sqlite:", "mysql://h/d", "/a/b.db"] {
            assert!(matches!(wrong.parse::<DatabaseUrl>(), Err(StoreError::BadUrl)), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://film:s3cret@db.example/film?password=s3cret".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "postgres://db.example/film postgres://db.example/film");
    }
}
