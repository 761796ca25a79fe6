//! Why a file was not handed over.

use super::index::Damage;
use std::io;
use thiserror::Error;

/// Why a file, an archive or an entry of one, or a reference of a DICOMDIR was not handed over.
/// The name of what was refused comes beside it.
#[derive(Debug, Error)]
pub enum SourceRefusal {
    /// The operating system does not let it be opened or listed.
    #[error("it cannot be read: {cause}; check that it is there and that this user may read it")]
    Unreadable {
        /// What the operating system says.
        cause: io::Error,
    },
    /// A symbolic link met inside a folder.
    #[error(
        "it is a symbolic link, and links inside a folder are not followed; \
         name the file it leads to on the command line"
    )]
    Link,
    /// Neither a file nor a folder.
    #[error("it is a {kind}, not a file; there is nothing to import from it")]
    Special {
        /// What it is.
        kind: &'static str,
    },
    /// Folders in folders beyond [`super::Limits::max_depth`].
    #[error("it lies more than {limit} folders deep; import the folders below it by their own path")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// More than [`super::Limits::max_file_bytes`].
    #[error("it is larger than {limit} bytes, the most that one instance may have")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// An archive of a kind that is not read, or one inside another.
    #[error("it is {format}; unpack it first and import the folder")]
    Packed {
        /// The kind of archive, with its article.
        format: &'static str,
    },

    /// A ZIP archive that cannot be read to its end.
    #[error("it is a ZIP archive cut short or damaged ({cause}); fetch it again, or repair it first")]
    ArchiveDamaged {
        /// What is wrong.
        cause: String,
    },
    /// More than [`super::Limits::max_zip_entries`].
    #[error("it is a ZIP archive of {entries} entries, more than the {limit} allowed; unpack it first")]
    TooManyEntries {
        /// How many it has.
        entries: u64,
        /// The limit.
        limit: u64,
    },
    /// Two entries of a ZIP archive use the same bytes: no ordinary tool writes that, a bomb does.
    #[error(
        "it is a ZIP archive whose entries overlap, as in a decompression bomb; ask for it to be made anew"
    )]
    Overlapping,
    /// A ZIP archive that as a whole inflates beyond [`super::Limits::max_zip_inflated_bytes`].
    #[error("it is a ZIP archive that inflates to more than {limit} bytes; unpack it first if it is trusted")]
    InflatesBeyond {
        /// The limit.
        limit: u64,
    },
    /// A ZIP archive, or an entry, that inflates beyond [`super::Limits::max_ratio`].
    #[error(
        "it inflates to more than {ratio} times its size, as a decompression bomb does; \
         unpack it first if it is trusted"
    )]
    Bomb {
        /// The limit.
        ratio: u64,
    },

    /// A ZIP entry that is encrypted.
    #[error("the entry is encrypted; unpack the archive with its password first and import the folder")]
    Encrypted,
    /// A ZIP entry whose name leads out of the archive.
    #[error(
        "the entry's name leads out of the archive, as an attack does; ask for the archive to be made anew"
    )]
    NameLeadsOut,
    /// A ZIP entry that is a symbolic link.
    #[error("the entry is a symbolic link, not a file; there is nothing to import from it")]
    LinkInArchive,
    /// A ZIP entry compressed in a way that is not read.
    #[error(
        "the entry is compressed with {method}, which is not read; unpack the archive first and import the folder"
    )]
    Method {
        /// The method's name.
        method: String,
    },
    /// A ZIP entry that cannot be read, or is not what its checksum says.
    #[error("the ZIP entry is damaged ({cause}); fetch the archive again")]
    EntryDamaged {
        /// What is wrong.
        cause: String,
    },

    /// A DICOMDIR that cannot be read.
    #[error(
        "it is a DICOMDIR that cannot be read: {cause}; import its folder instead, which needs no DICOMDIR"
    )]
    IndexDamaged {
        /// What is wrong.
        cause: Damage,
    },
    /// A DICOMDIR beyond [`super::Limits::max_index_bytes`].
    #[error("it is a DICOMDIR larger than {limit} bytes; import its folder instead, which needs no DICOMDIR")]
    IndexTooLarge {
        /// The limit.
        limit: u64,
    },
    /// A reference of a DICOMDIR that is not a way down from its folder.
    #[error(
        "the DICOMDIR refers to something outside its own folder, which is never read; \
         if the file is wanted, name it on the command line"
    )]
    ReferenceOutside,
    /// A reference of a DICOMDIR to nothing.
    #[error(
        "the DICOMDIR refers to this file, but it is missing from the disc or folder; ask for a complete copy"
    )]
    ReferenceMissing,
}

impl SourceRefusal {
    /// A stable word for the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::Link => "link",
            Self::Special { .. } => "special",
            Self::TooDeep { .. } => "too_deep",
            Self::TooLarge { .. } => "too_large",
            Self::Packed { .. } => "packed",
            Self::ArchiveDamaged { .. } => "archive_damaged",
            Self::TooManyEntries { .. } => "too_many_entries",
            Self::Overlapping => "overlapping",
            Self::InflatesBeyond { .. } => "inflates_beyond",
            Self::Bomb { .. } => "bomb",
            Self::Encrypted => "encrypted",
            Self::NameLeadsOut => "name_leads_out",
            Self::LinkInArchive => "link_in_archive",
            Self::Method { .. } => "method",
            Self::EntryDamaged { .. } => "entry_damaged",
            Self::IndexDamaged { .. } => "index_damaged",
            Self::IndexTooLarge { .. } => "index_too_large",
            Self::ReferenceOutside => "reference_outside",
            Self::ReferenceMissing => "reference_missing",
        }
    }
}

impl From<io::Error> for SourceRefusal {
    fn from(cause: io::Error) -> Self {
        Self::Unreadable { cause }
    }
}

/// So that a limit met in the midst of a stream reaches whoever reads it.
impl From<SourceRefusal> for io::Error {
    fn from(refusal: SourceRefusal) -> Self {
        Self::new(io::ErrorKind::InvalidData, refusal)
    }
}
