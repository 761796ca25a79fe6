//! What a recipient gets: instances in their order, and the papers that go with them.
//!
//! [`Contents`] is the list a package is made from, whatever carries it: a ZIP archive ([`zip`]), a disc.
//! [`papers`] writes what is not an image: README, DICOMDIR, the signed manifest. All of it follows from the
//! index; no instance is read.
//!
//! A package holds, by these names:
//!
//! | file | what it is |
//! |---|---|
//! | `README.TXT` | for people: what this is and how to check it |
//! | `DICOMDIR` | for viewers and importers: the directory of the file-set |
//! | `MANIFEST.TXT` | for programs, JSON: every study, series and instance with its length and SHA-256 |
//! | `MANIFEST.SIG` | the Ed25519 signature of `MANIFEST.TXT` |
//! | `DICOM/PA000001/ST000001/SE000001/IM000001` … | the instances, as they were received |

mod contents;
mod order;
mod papers;
mod readme;
#[cfg(test)]
mod tests;

pub use contents::{
    Contents, Counts, File, FileId, Instance, Patient, Reason, Series, Study, TooMany, Withheld,
};
pub use order::in_viewing_order;
pub(crate) use papers::file_set_uid;
pub use papers::{Paper, PapersError, Particulars, papers};
pub use readme::Institution;

use crate::layout::Layout;
use crate::zip::{Modified, Zip, ZipError};

/// The ZIP archive of a package. An instance's object in the layout is its own ([`Instance::object`]).
///
/// Papers come first, so that a reader of the stream meets the directory before the images. Instances come
/// in the order they lie in their archives: to produce the file, each is unsealed once and front to back.
///
/// # Errors
/// [`ZipError`] if a paper's name will not do.
pub fn zip(contents: &Contents, papers: &[Paper], modified: Modified) -> Result<Layout, ZipError> {
    let mut zip = Zip::new(modified);
    for paper in papers {
        zip.literal(&paper.name, &paper.bytes)?;
    }
    let mut files: Vec<File<'_>> = contents.files().collect();
    files.sort_by_key(|file| (file.instance.object, file.instance.member.offset));
    for File { id, instance, .. } in &files {
        zip.member(id.path(), instance.object, &instance.member)?;
    }
    Ok(zip.finish())
}
