//! Why a file was not taken, in words for the person who handed it in.

use crate::index::{IdentityError, WalkError};

/// Why a file was not taken. The words say what is wrong and what to do; they hold nothing of the
/// file's content.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing in it.
    #[error("the file is empty: copy it again from where it came from")]
    Empty,
    /// A container: what is in it may be fine.
    #[error("this is {0}, not an image: unpack it and bring in the files inside")]
    Archive(Lookalike),
    /// Something else altogether.
    #[error("this is not a DICOM file: {0}")]
    NotDicom(Lookalike),
    /// A DICOMDIR (PS3.3 Annex F).
    #[error("this is a DICOMDIR, the table of contents of a disc: bring in the whole disc or folder instead")]
    MediaDirectory,
    /// The file ends inside group 0002.
    #[error("the file ends inside its header: it was not copied to its end; copy it again")]
    MetaTruncated,
    /// The header, or what precedes the UIDs, is beyond what is looked at.
    #[error(
        "the file does not say what it is within its first {limit} bytes: ask its sender to export it anew"
    )]
    TooFarIn {
        /// Bytes that were looked at.
        limit: usize,
    },
    /// Nothing says the transfer syntax, and it does not show (PS3.5 §10).
    #[error(
        "the file does not say how it is encoded, and its content does not show it: ask its sender to export it anew"
    )]
    UnknownEncoding,
    /// It cannot be told from other instances.
    #[error("the file does not say which image it is: ask its sender to export it anew")]
    Identity(#[from] IdentityError),
    /// The data set is not whole.
    #[error("the file is damaged or was not copied to its end: copy it again from where it came from")]
    Damaged(#[from] WalkError),
    /// The file could not be read.
    #[error("the file could not be read")]
    Read(#[from] std::io::Error),
}

impl Refusal {
    /// A stable name of the reason, for rows and programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Archive(_) => "archive",
            Self::NotDicom(_) => "not_dicom",
            Self::MediaDirectory => "media_directory",
            Self::MetaTruncated => "meta_truncated",
            Self::TooFarIn { .. } => "too_far_in",
            Self::UnknownEncoding => "unknown_encoding",
            Self::Identity(_) => "identity",
            Self::Damaged(_) => "damaged",
            Self::Read(_) => "read",
        }
    }
}

/// What a file that is no DICOM file seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookalike {
    /// A ZIP archive.
    Zip,
    /// A gzip-compressed file.
    Gzip,
    /// A web page or XML.
    Markup,
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A PDF document.
    Pdf,
    /// A pointer to content in Git LFS.
    LfsPointer,
    /// Plain text.
    Text,
    /// A program.
    Executable,
    /// Nothing we recognise.
    Unknown,
}

impl std::fmt::Display for Lookalike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Zip => "a ZIP archive",
            Self::Gzip => "a gzip archive",
            Self::Markup => {
                "it is a web page, perhaps an error message saved in its place; download it again"
            }
            Self::Jpeg => "it is a JPEG picture; a screenshot or photograph has to be imported as a document",
            Self::Png => "it is a PNG picture; a screenshot has to be imported as a document",
            Self::Pdf => "it is a PDF document; it has to be imported as a document",
            Self::LfsPointer => {
                "it only points to where the content is kept (Git LFS); fetch the content first"
            }
            Self::Text => "it is a text file",
            Self::Executable => "it is a program, perhaps the viewer that came with the images",
            Self::Unknown => "nothing in it says what it is",
        })
    }
}

impl Lookalike {
    /// Recognises other kinds of file by how they begin.
    pub(super) fn of(bytes: &[u8]) -> Self {
        const SIGNATURES: &[(&[u8], Lookalike)] = &[
            (b"PK\x03\x04", Lookalike::Zip),
            (b"PK\x05\x06", Lookalike::Zip),
            (b"\x1F\x8B", Lookalike::Gzip),
            (b"\xFF\xD8\xFF", Lookalike::Jpeg),
            (b"\x89PNG", Lookalike::Png),
            (b"%PDF", Lookalike::Pdf),
            (b"version https://git-lfs", Lookalike::LfsPointer),
            (b"MZ", Lookalike::Executable),
            (b"\x7FELF", Lookalike::Executable),
            (b"#!", Lookalike::Executable),
        ];
        let known = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature));
        let start = &bytes[..bytes.len().min(512)];
        let readable = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
        match known {
            Some((_, lookalike)) => *lookalike,
            None if start.trim_ascii_start().starts_with(b"<") => Self::Markup,
            None if start.iter().all(readable)
                && std::str::from_utf8(&start[..start.len().min(64)]).is_ok() =>
            {
                Self::Text
            }
            None => Self::Unknown,
        }
    }

    pub(super) fn refusal(self) -> Refusal {
        match self {
            Self::Zip | Self::Gzip => Refusal::Archive(self),
            _ => Refusal::NotDicom(self),
        }
    }
}
