//! What a file is, by its name and its first bytes.

use super::index;
use std::io::{self, Cursor, Read};

/// How much of a file is looked at: up to the mark of a disc image.
const PREFIX_BYTES: u64 = 0x8006;

/// What to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Left behind by an operating system.
    Litter,
    /// A ZIP archive.
    Zip,
    /// An archive of another kind.
    Packed(&'static str),
    /// A DICOMDIR.
    Index,
    /// Anything else; whether it is DICOM is for others to say.
    Candidate,
}

/// Sorts a file by its name, without folders, and its first bytes.
///
/// A DICOM file header goes before everything but litter: what is in front of it may be anything, and
/// a name promises nothing. A file named DICOMDIR whose header says it is an image is an image.
pub(super) fn sort(name: &[u8], prefix: &[u8]) -> Kind {
    if is_litter(name, prefix) {
        Kind::Litter
    } else if index::is_directory_by_content(prefix)
        || (is_named_dicomdir(name) && !index::is_of_another_class(prefix))
    {
        Kind::Index
    } else if index::has_file_header(prefix) {
        Kind::Candidate
    } else if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| prefix.starts_with(*magic)) {
        Kind::Zip
    } else {
        packed(prefix).map_or(Kind::Candidate, Kind::Packed)
    }
}

/// Whether a file's name is DICOMDIR, be it as a disc's file system leaves it: `dicomdir.;1`.
fn is_named_dicomdir(name: &[u8]) -> bool {
    plain(name) == b"dicomdir"
}

/// A file's name as ISO 9660 means it: letters of one case, and neither version nor an empty extension.
pub(super) fn plain(name: &[u8]) -> Vec<u8> {
    let mut name = name.to_ascii_lowercase();
    if let Some(semicolon) = name.iter().rposition(|byte| *byte == b';') {
        let version = name.get(semicolon + 1..).unwrap_or_default();
        if !version.is_empty() && version.iter().all(u8::is_ascii_digit) {
            name.truncate(semicolon);
        }
    }
    if name.len() > 1 && name.ends_with(b".") {
        name.pop();
    }
    name
}

/// Whether a folder holds only what an operating system keeps for itself.
pub(super) fn is_litter_folder(name: &[u8]) -> bool {
    matches!(
        name,
        b"__MACOSX"
            | b".Spotlight-V100"
            | b".Trashes"
            | b".fseventsd"
            | b".TemporaryItems"
            | b"$RECYCLE.BIN"
            | b"System Volume Information"
    )
}

fn is_litter(name: &[u8], prefix: &[u8]) -> bool {
    let by_name = [b".DS_Store".as_slice(), b"Thumbs.db", b"ehthumbs.db", b"desktop.ini"];
    let apple_double = name.starts_with(b"._") && prefix.starts_with(&[0x00, 0x05, 0x16, 0x07]);
    apple_double || by_name.iter().any(|litter| name.eq_ignore_ascii_case(litter))
}

fn packed(prefix: &[u8]) -> Option<&'static str> {
    let marks: [(usize, &[u8], &str); 9] = [
        (0, b"\x1F\x8B\x08", "a gzip archive"),
        (0, b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (0, b"Rar!\x1A\x07", "a RAR archive"),
        (0, b"\xFD7zXZ\x00", "an xz archive"),
        (0, b"\x28\xB5\x2F\xFD", "a Zstandard archive"),
        (0, b"BZh", "a bzip2 archive"),
        (0, b"MSCF\0\0\0\0", "a Windows cabinet"),
        (257, b"ustar", "a tar archive"),
        (0x8001, b"CD001", "a disc image"),
    ];
    let found =
        marks.iter().find(|(at, mark, _)| prefix.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    found.map(|(_, _, format)| *format)
}

/// A stream whose first bytes were looked at. They come again; so does an error met meanwhile.
pub(super) struct Peeked<R> {
    prefix: Cursor<Vec<u8>>,
    failure: Option<io::Error>,
    rest: R,
}

impl<R: Read> Peeked<R> {
    pub(super) fn at(mut stream: R) -> Self {
        let mut prefix = Vec::new();
        let failure = stream.by_ref().take(PREFIX_BYTES).read_to_end(&mut prefix).err();
        Self { prefix: Cursor::new(prefix), failure, rest: stream }
    }

    pub(super) fn prefix(&self) -> &[u8] {
        self.prefix.get_ref()
    }

    /// The stream itself, past what was looked at.
    pub(super) fn into_inner(self) -> R {
        self.rest
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.prefix.read(buf)? {
            0 if buf.is_empty() => Ok(0),
            0 => match self.failure.take() {
                Some(failure) => Err(failure),
                None => self.rest.read(buf),
            },
            count => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(class: &[u8]) -> Vec<u8> {
        let length = u16::try_from(class.len()).unwrap().to_le_bytes();
        [&[0; 128], b"DICM\x02\x00\x02\x00UI".as_slice(), &length, class].concat()
    }

    #[test]
    fn content_decides_and_the_name_only_without_a_header() {
        let image = with_header(b"1.2.840.10008.5.1.4.1.1.2\0");
        let directory = with_header(b"1.2.840.10008.1.3.10");
        let mut zip_in_front = image.clone();
        zip_in_front[..4].copy_from_slice(b"PK\x03\x04");
        let table: [(&[u8], &[u8], Kind); 14] = [
            (b"a.zip", &image, Kind::Candidate),
            (b"DICOMDIR", &image, Kind::Candidate),
            (b"a.dcm", &zip_in_front, Kind::Candidate),
            (b"a.dcm", &directory, Kind::Index),
            (b"DICOMDIR", b"", Kind::Index),
            (b"dicomdir.;1", b"text", Kind::Index),
            (b"DICOMDIR.txt", b"text", Kind::Candidate),
            (b"a.dcm", b"PK\x03\x04", Kind::Zip),
            (b"a.dcm", b"\x1F\x8B\x08\x00", Kind::Packed("a gzip archive")),
            (b"THUMBS.DB", b"", Kind::Litter),
            (b"._a.dcm", b"\x00\x05\x16\x07\x00", Kind::Litter),
            (b"._a.dcm", &image, Kind::Candidate),
            (b"", b"", Kind::Candidate),
            (b"a.dcm", b"DICM", Kind::Candidate),
        ];
        for (name, prefix, kind) in table {
            assert_eq!(sort(name, prefix), kind, "{}", String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn tar_and_disc_images_are_seen_by_marks_far_in() {
        let mut bytes = vec![0; 0x8006];
        bytes[0x8001..].copy_from_slice(b"CD001");
        assert_eq!(sort(b"a", &bytes), Kind::Packed("a disc image"));
        bytes[257..262].copy_from_slice(b"ustar");
        assert_eq!(sort(b"a", &bytes), Kind::Packed("a tar archive"));
    }

    #[test]
    fn what_was_looked_at_comes_again_and_then_the_error() {
        struct Breaks(usize);
        impl Read for Breaks {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                let count = self.0.min(buf.len());
                self.0 -= count;
                buf[..count].fill(7);
                if count == 0 { Err(io::Error::other("broke")) } else { Ok(count) }
            }
        }
        for whole in [5, 0x8006, 0x20000] {
            let mut read = Vec::new();
            let mut stream = Peeked::at(Breaks(whole));
            assert_eq!(stream.read_to_end(&mut read).unwrap_err().to_string(), "broke");
            assert_eq!(read, vec![7; whole]);
        }
    }
}
