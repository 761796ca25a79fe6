//! Secrets as they are configured.

use serde::{Deserialize, Deserializer};
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A password or secret key: the text itself, best from the environment, or the file that holds it,
/// written `{ file = "…" }`. Never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Secret {
    /// The text.
    Text(#[serde(deserialize_with = "wiped")] Zeroizing<String>),
    /// A file whose first line it is.
    File {
        /// Where.
        file: PathBuf,
    },
}

/// The file of a secret cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the secret in {path} cannot be read")]
pub struct SecretError {
    /// The file.
    path: PathBuf,
    /// Why.
    source: std::io::Error,
}

impl Secret {
    /// The secret itself.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn read(&self) -> Result<Zeroizing<String>, SecretError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File { file } => {
                first_line(file).map_err(|source| SecretError { path: file.clone(), source })
            }
        }
    }
}

fn wiped<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

fn first_line(file: &Path) -> std::io::Result<Zeroizing<String>> {
    let text = Zeroizing::new(std::fs::read_to_string(file)?);
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Secret(…)"),
            Self::File { file } => write!(f, "Secret({})", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_its_file_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "hunter2\n").unwrap();
        assert_eq!(*Secret::File { file: file.clone() }.read().unwrap(), "hunter2");
        let text = Secret::Text(Zeroizing::new("hunter2".into()));
        assert_eq!(*text.read().unwrap(), "hunter2");
        assert!(!format!("{text:?}").contains("hunter2"));
        std::fs::remove_file(&file).unwrap();
        assert!(Secret::File { file }.read().unwrap_err().to_string().contains("secret"));
    }
}
