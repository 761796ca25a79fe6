//! What a file met on the way is called.

use crate::hex::hex;
use crate::words::write_harmless;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The name of a file on disk, or of one inside an archive or an index on disk.
///
/// Displayed it is fit for a terminal or a log line: `outer.zip » inner/name`, with control
/// characters, line separators and the marks that turn the direction of writing replaced by `�`.
///
/// Serialised it is exact: a map of `path` and, for something inside, `inside`. A name that is not
/// UTF-8 has its bytes beside it in hexadecimal, as `path_hex` or `inside_hex`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    path: Part,
    inside: Option<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Part {
    text: String,
    /// The bytes, if `text` is only a reading of them.
    raw: Option<Vec<u8>>,
}

impl Part {
    fn of(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self { text: text.to_owned(), raw: None },
            Err(_) => Self { text: String::from_utf8_lossy(bytes).into_owned(), raw: Some(bytes.to_owned()) },
        }
    }
}

impl Name {
    /// The name of a file on disk.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self { path: Part::of(path.as_os_str().as_bytes()), inside: None }
    }

    /// The name of something inside this file: `bytes` as they stand there.
    #[must_use]
    pub fn inside(&self, bytes: &[u8]) -> Self {
        Self { path: self.path.clone(), inside: Some(Part::of(bytes)) }
    }

    /// The same, where the container says how bytes that are not UTF-8 read.
    pub(super) fn inside_read_as(&self, bytes: &[u8], text: &str) -> Self {
        let mut part = Part::of(bytes);
        if part.raw.is_some() {
            text.clone_into(&mut part.text);
        }
        Self { path: self.path.clone(), inside: Some(part) }
    }

    /// The file's own name, without the folders it lies in.
    #[must_use]
    pub fn last(&self) -> String {
        let whole = &self.inside.as_ref().unwrap_or(&self.path).text;
        whole.rsplit(['/', '\\']).next().unwrap_or(whole).to_owned()
    }

    /// The path of the file on disk; `None` if this names something inside it.
    #[must_use]
    pub fn on_disk(&self) -> Option<&Path> {
        let bytes = self.path.raw.as_deref().unwrap_or(self.path.text.as_bytes());
        self.inside.is_none().then(|| Path::new(OsStr::from_bytes(bytes)))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_harmless(&self.path.text, f)?;
        if let Some(inside) = &self.inside {
            f.write_str(" » ")?;
            write_harmless(&inside.text, f)?;
        }
        Ok(())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let parts = [("path", "path_hex", Some(&self.path)), ("inside", "inside_hex", self.inside.as_ref())];
        for (key, hex_key, part) in parts {
            let Some(part) = part else { continue };
            map.serialize_entry(key, &part.text)?;
            if let Some(raw) = &part.raw {
                map.serialize_entry(hex_key, &hex(raw))?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_shown_cannot_drive_the_terminal() {
        let name = Name::file(Path::new("a\u{1b}[2J\n\u{9b}b")).inside("\u{202e}gpj.mcd\r".as_bytes());
        assert_eq!(name.to_string(), "a�[2J��b » �gpj.mcd�");
    }

    #[test]
    fn letters_of_any_language_are_shown_as_they_are() {
        let name = "日本語 한국 café cafe\u{301} 💀 سجلّ.dcm";
        assert_eq!(Name::file(Path::new(name)).to_string(), name);
    }

    #[test]
    fn json_has_the_exact_name() {
        let name = Name::file(Path::new("a\u{1b}.zip")).inside(b"m\xfcller\x00.dcm");
        assert_eq!(
            serde_json::to_string(&name).unwrap(),
            r#"{"path":"a\u001b.zip","inside":"m�ller\u0000.dcm","inside_hex":"6dfc6c6c6572002e64636d"}"#
        );
    }

    #[test]
    fn bytes_read_by_the_container_are_shown_as_it_reads_them_and_kept() {
        let name = Name::file(Path::new("a.zip")).inside_read_as(b"m\x81ller", "müller");
        assert_eq!(name.to_string(), "a.zip » müller");
        assert!(serde_json::to_string(&name).unwrap().contains("6d816c6c6572"));
    }

    #[test]
    fn a_path_on_disk_is_given_back_whole() {
        let path = Path::new(OsStr::from_bytes(b"/x/m\xfcller"));
        assert_eq!(Name::file(path).on_disk(), Some(path));
        assert_eq!(Name::file(path).inside(b"y").on_disk(), None);
    }
}
