//! The plain disc: images that every reader of DICOM discs takes, and anyone who has the disc can see.
//!
//! It follows IHE Portable Data for Imaging (RAD TF-2 4.47, with the web content option) and the general purpose
//! profiles of PS3.11 ([`Profile`]). [`image`] lays it out as an ISO 9660 image over instances that lie, transcoded
//! and as they are, in one object; [`check`] reads such a disc, whoever made it.
//!
//! ```text
//! DICOMDIR            the directory (PS3.3 Annex F)
//! INDEX.HTM           who made it, and where to go on
//! README.TXT          the same in plain text, and what wrote it
//! IHE_PDI/INDEX.HTM   the list of studies
//! DICOM/PA000001/…    the instances
//! ```
//!
//! Nothing on it starts by itself.

mod check;
mod directory;
mod header;
mod level;
mod pages;
mod secure_pages;
#[cfg(test)]
mod tests;

pub use check::{Check, Checked, Fault, check};

use crate::dicomdir::{self, FileSet};
use crate::disc::OtherDisc;
use crate::iso9660::{self, IsoError, Recorded, Volume};
use crate::layout::Layout;
use crate::package::{Contents, File, Institution, file_set_uid};
use dicom::dictionary_std::uids;

/// The page that says what is on the disc.
const INDEX: &str = "INDEX.HTM";
const README: &str = "README.TXT";
/// Where web content lies, and nothing else (RAD TF-2 4.47.4.1.2.2.3).
const WEB: &str = "IHE_PDI";

/// Which application profile of PS3.11 a disc meets: what its instances may be encoded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// All in Explicit VR Little Endian (annexes D and H): any medium.
    Uncompressed,
    /// Some in JPEG (annexes H and M): DVD and larger.
    Jpeg,
    /// Some in JPEG 2000 (annexes H and M): DVD and larger.
    Jpeg2000,
}

impl Profile {
    const ALL: [Self; 3] = [Self::Uncompressed, Self::Jpeg, Self::Jpeg2000];

    /// The least demanding profile that allows a transfer syntax; none if no profile does.
    #[must_use]
    pub fn for_syntax(transfer_syntax_uid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.allows(transfer_syntax_uid))
    }

    /// The profile that allows all of these; none if there is none such.
    #[must_use]
    pub fn for_all<'s>(transfer_syntax_uids: impl Iterator<Item = &'s str> + Clone) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| transfer_syntax_uids.clone().all(|uid| profile.allows(uid)))
    }

    /// Whether an instance may be in this transfer syntax (PS3.11 tables D.3-1, H.3-1).
    #[must_use]
    pub fn allows(self, transfer_syntax_uid: &str) -> bool {
        match transfer_syntax_uid {
            uids::EXPLICIT_VR_LITTLE_ENDIAN => true,
            uids::JPEG_BASELINE8_BIT | uids::JPEG_EXTENDED12_BIT | uids::JPEG_LOSSLESS_SV1 => {
                self == Self::Jpeg
            }
            uids::JPEG2000_LOSSLESS | uids::JPEG2000 => self == Self::Jpeg2000,
            _ => false,
        }
    }

    /// Whether it is a profile for CDs.
    #[must_use]
    pub fn allows_cd(self) -> bool {
        self == Self::Uncompressed
    }

    /// The names of its sister for Secure DICOM files, by the medium it is written to.
    #[must_use]
    pub fn secure_names(self) -> &'static str {
        match self {
            Self::Uncompressed => "STD-GEN-SEC-CD (CD), STD-GEN-SEC-DVD-JPEG (DVD), STD-GEN-SEC-BD (Blu-ray)",
            Self::Jpeg => "STD-GEN-SEC-DVD-JPEG (DVD), STD-GEN-SEC-BD-JPEG (Blu-ray)",
            Self::Jpeg2000 => "STD-GEN-SEC-DVD-J2K (DVD), STD-GEN-SEC-BD-J2K (Blu-ray)",
        }
    }

    /// Its names, by the medium it is written to.
    #[must_use]
    pub fn names(self) -> &'static str {
        match self {
            Self::Uncompressed => "STD-GEN-CD (CD), STD-GEN-DVD-JPEG (DVD), STD-GEN-BD (Blu-ray)",
            Self::Jpeg => "STD-GEN-DVD-JPEG (DVD), STD-GEN-BD-JPEG (Blu-ray)",
            Self::Jpeg2000 => "STD-GEN-DVD-J2K (DVD), STD-GEN-BD-J2K (Blu-ray)",
        }
    }
}

/// What goes on a plain disc.
#[derive(Debug, Clone, Copy)]
pub struct PlainDisc<'a> {
    /// The instances as they are on the disc: transcoded, and kept as they are ([`crate::archive::Method::Stored`]).
    pub contents: &'a Contents,
    /// What they meet.
    pub profile: Profile,
    /// Who made it.
    pub institution: Option<&'a Institution>,
    /// (0004,1130) File-set ID, and the volume's identifier: nothing of a patient.
    pub file_set_id: &'a str,
    /// The date it is made, `YYYY-MM-DD`.
    pub made_on: &'a str,
    /// When all on it is recorded.
    pub recorded: Recorded,
    /// Which disc of its set it is, from 1.
    pub number: u32,
    /// What is on each disc of the set, on this one too.
    pub set: &'a [OtherDisc],
}

/// There can be no such disc.
#[derive(Debug, thiserror::Error)]
pub enum PdiError {
    /// No instance is of a class that a directory refers to, and an empty directory is forbidden.
    #[error(
        "nothing in the package can be referred to by a DICOMDIR: a plain disc would be empty to its readers"
    )]
    Nothing,
    /// The directory.
    #[error("the DICOMDIR cannot be written")]
    Directory(#[from] dicomdir::TooLong),
    /// The image.
    #[error(transparent)]
    Iso(#[from] IsoError),
}

/// The directory of a plain disc: the file `DICOMDIR`.
///
/// # Errors
/// [`PdiError`] if it would be empty, or too long.
pub fn directory(disc: &PlainDisc<'_>) -> Result<Vec<u8>, PdiError> {
    let contents = disc.contents;
    if contents.files().all(|file| file.instance.record().is_none()) {
        return Err(PdiError::Nothing);
    }
    let uid = file_set_uid(contents);
    Ok(dicomdir::directory(&FileSet { id: disc.file_set_id, uid: &uid }, contents)?)
}

/// The image of a plain disc, whose extents are the instances'. It says on which other discs the rest is.
///
/// # Errors
/// [`PdiError`]
pub fn image(disc: &PlainDisc<'_>) -> Result<Layout, PdiError> {
    let papers = [
        (dicomdir::NAME.to_owned(), directory(disc)?),
        (INDEX.to_owned(), pages::entry(disc).into_bytes()),
        (README.to_owned(), pages::readme(disc).into_bytes()),
        (format!("{WEB}/{INDEX}"), pages::studies(disc).into_bytes()),
    ];
    laid_out(disc, papers)
}

/// The image of a disc of Secure DICOM files ([`crate::secure_media`]): the same names as on the plain disc, and
/// nothing of a patient in the clear (PS3.11 §D.3.5, §H.3.5). The instances of the contents lie secured where they
/// lie; `directory` is their [`directory`], secured.
///
/// # Errors
/// [`PdiError`]
pub fn secure_image(disc: &PlainDisc<'_>, directory: Vec<u8>) -> Result<Layout, PdiError> {
    let papers = [
        (dicomdir::NAME.to_owned(), directory),
        (INDEX.to_owned(), secure_pages::entry(disc).into_bytes()),
        (README.to_owned(), secure_pages::readme(disc).into_bytes()),
        (format!("{WEB}/{INDEX}"), secure_pages::studies().into_bytes()),
    ];
    laid_out(disc, papers)
}

fn laid_out(disc: &PlainDisc<'_>, papers: [(String, Vec<u8>); 4]) -> Result<Layout, PdiError> {
    let papers = papers.into_iter().map(|(path, bytes)| {
        let mut file = Layout::new();
        file.literal(&bytes);
        (path, file)
    });
    let instances = disc.contents.files().map(|File { id, instance, .. }| {
        let mut file = Layout::new();
        file.extent(instance.object, instance.member.offset, instance.member.stored_bytes);
        (id.path().to_owned(), file)
    });
    let label = match disc.set.len() {
        0 | 1 => disc.file_set_id.to_owned(),
        of => format!("{}_{}_OF_{of}", disc.file_set_id, disc.number),
    };
    let volume = Volume::new(&label, disc.recorded)?.level_1_only();
    Ok(iso9660::image(&volume, papers.chain(instances).collect())?)
}
