//! What a package holds besides instances.

use super::readme::{self, Institution};
use super::{Contents, File};
use crate::dicomdir::{self, FileSet, TooLong};
use crate::manifest::{self, Manifest};
use crate::sign::SigningKey;
use sha2::{Digest, Sha256};

/// A file of a package that is not an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Its name in the package.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// The papers cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PapersError {
    /// The DICOMDIR.
    #[error("the DICOMDIR cannot be written")]
    Directory(#[from] TooLong),
    /// The manifest.
    #[error("the manifest cannot be written")]
    Manifest(#[from] serde_json::Error),
}

/// What papers say that does not follow from the instances.
pub struct Particulars<'a> {
    /// Who hands the package out; `None` leaves README to name only the program.
    pub institution: Option<&'a Institution>,
    /// (0004,1130) File-set ID: at most 16 of `A`–`Z`, `0`–`9`, `_`.
    pub file_set_id: &'a str,
    /// When the package is made, RFC 3339.
    pub created_at: &'a str,
    /// Signs the manifest.
    pub key: &'a SigningKey,
    /// Further files, such as reports; listed in the manifest.
    pub others: Vec<Paper>,
}

/// README, DICOMDIR (unless it would be empty, which the standard forbids), the others, the manifest of all
/// of it and its signature.
///
/// # Errors
/// [`PapersError`], for packages of absurd size.
pub fn papers(contents: &Contents, particulars: Particulars<'_>) -> Result<Vec<Paper>, PapersError> {
    let Particulars { institution, file_set_id, created_at, key, others } = particulars;
    let paper = |name: &str, bytes| Paper { name: name.to_owned(), bytes };
    let public = key.public();
    let mut papers =
        vec![paper(readme::NAME, readme::text(contents, institution, &public.id()).into_bytes())];
    if contents.files().any(|file| file.instance.record().is_some()) {
        let uid = file_set_uid(contents);
        let directory = dicomdir::directory(&FileSet { id: file_set_id, uid: &uid }, contents)?;
        papers.push(paper(dicomdir::NAME, directory));
    }
    papers.extend(others);
    let manifest = Manifest::of(contents, &papers, created_at, &public.id()).to_bytes()?;
    let signature = key.sign(&manifest).to_vec();
    papers.push(paper(manifest::NAME, manifest));
    papers.push(paper(manifest::SIGNATURE_NAME, signature));
    Ok(papers)
}

/// A UID of exactly these files under these names: the same again for the same (PS3.5 §B.2).
pub(crate) fn file_set_uid(contents: &Contents) -> String {
    let mut sha256 = Sha256::new_with_prefix("file-set");
    for File { id, instance, .. } in contents.files() {
        sha256.update(id.path());
        sha256.update(instance.member.sha256);
    }
    let number =
        sha256.finalize().iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("2.25.{number}")
}
