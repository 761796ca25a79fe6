//! Parts and how they lie on the disc: one file each, a script that carries bytes in a comment
//! (`docs/sealed-disc.md` §1 and §2).

use memchr::memchr;
use std::fmt;

/// Random bytes that name a disc.
pub type DiscId = [u8; 16];

/// Bytes by which an index or body part's file is longer than what is sealed in it.
pub(crate) const SLACK_BYTES: u64 = 4096;
/// Length of the head's file.
pub(crate) const HEAD_FILE_BYTES: u64 = 4096;
/// What says in the clear whom to ask about the disc: no part of what is sealed, and carried like one.
const CONTACT: &str = "C0000000";
pub(crate) const CONTACT_PATH: &str = "DATA/C0000000.JS";
/// Length of the contact's file.
const CONTACT_FILE_BYTES: usize = 4096;
/// What of a contact is kept, so that it fits whatever its bytes are.
const CONTACT_BYTES: usize = 1024;

const PREFIX_BYTES: usize = 64;
const SUFFIX: &[u8; 5] = b"*/});";
const NAME_BYTES: usize = 8;
/// One more than the highest number seven digits can write.
pub(crate) const MAX_PARTS: u32 = 10_000_000;

/// What a part belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Header and key slots, in the clear.
    Head,
    /// What is on the disc and where.
    Index,
    /// The files.
    Body,
}

/// Names a part of a disc. Numbers count from 0; people are told them from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartName {
    /// The stream it is a part of.
    pub stream: Stream,
    /// Which part of it.
    pub number: u32,
}

impl PartName {
    /// The head, of which there is one.
    pub const HEAD: Self = Self { stream: Stream::Head, number: 0 };

    /// The file it is on a disc.
    #[must_use]
    pub fn path(self) -> String {
        format!("DATA/{self}.JS")
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.stream {
            Stream::Head => 'H',
            Stream::Index => 'I',
            Stream::Body => 'B',
        };
        write!(f, "{letter}{:07}", self.number)
    }
}

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PartFault {
    /// There is no such file, or it cannot be read.
    #[error("missing")]
    Missing,
    /// It is not what was once written.
    #[error("damaged")]
    Damaged,
    /// It is a part of another disc.
    #[error("from another disc")]
    Foreign,
}

/// The escapes did not leave room: with sealed bytes it does not happen (about 128 of 4,010 are used).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes of a part do not fit in its file")]
pub(crate) struct DoesNotFit;

fn prefix(disc: &DiscId, name: impl fmt::Display) -> String {
    let id: String = disc.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("part(\"{id}\",\"{name}\",function(){{/*")
}

/// Writes a part as its file, which fills `file`.
pub(crate) fn write(
    disc: &DiscId,
    name: impl fmt::Display,
    content: &[u8],
    file: &mut [u8],
) -> Result<(), DoesNotFit> {
    let mut room = Room { file: &mut *file, used: 0 };
    room.put(prefix(disc, name).as_bytes())?;
    let mut left = content;
    while let Some(star) = memchr(b'*', left) {
        let (done, rest) = left.split_at(star + 1);
        room.put(done)?;
        if matches!(rest.first(), Some(b'/' | b'\\')) {
            room.put(b"\\")?;
        }
        left = rest;
    }
    room.put(left)?;
    room.put(SUFFIX)?;
    let used = room.used;
    match file[used..].split_last_mut() {
        Some((end, padding)) => {
            padding.fill(b' ');
            *end = b'\n';
            Ok(())
        }
        None => Err(DoesNotFit),
    }
}

/// The file that says whom to ask, a line each; a text that is too long loses its end.
pub(crate) fn contact_file(disc: &DiscId, lines: &[String]) -> Result<Vec<u8>, DoesNotFit> {
    let text = lines.join("\n");
    let text = &text[..text.floor_char_boundary(CONTACT_BYTES)];
    let length = u16::try_from(text.len()).map_err(|_| DoesNotFit)?;
    let mut file = vec![0; CONTACT_FILE_BYTES];
    write(disc, CONTACT, &[&length.to_be_bytes(), text.as_bytes()].concat(), &mut file)?;
    Ok(file)
}

/// A file that is being filled.
struct Room<'a> {
    file: &'a mut [u8],
    used: usize,
}

impl Room<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), DoesNotFit> {
        let end = self.used + bytes.len();
        self.file.get_mut(self.used..end).ok_or(DoesNotFit)?.copy_from_slice(bytes);
        self.used = end;
        Ok(())
    }
}

/// A part read from its file: whose it says it is, and its bytes.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) disc: DiscId,
    pub(crate) content: Vec<u8>,
}

/// Reads the file of a part; of `disc`, where that is known already.
pub(crate) fn read(file: &[u8], disc: Option<DiscId>, name: PartName) -> Result<Carried, PartFault> {
    let (start, content) = file.split_at_checked(PREFIX_BYTES).ok_or(PartFault::Damaged)?;
    let of = disc_of(start).ok_or(PartFault::Damaged)?;
    if disc.is_some_and(|disc| disc != of) {
        return Err(PartFault::Foreign);
    }
    let content = content_of(content).filter(|_| start == prefix(&of, name).as_bytes());
    content.map(|content| Carried { disc: of, content }).ok_or(PartFault::Damaged)
}

/// The bytes before the suffix, with their escapes undone.
fn content_of(mut left: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::with_capacity(left.len());
    loop {
        let star = memchr(b'*', left)?;
        let escaped = match left.get(star + 1) {
            Some(b'/') => {
                content.extend_from_slice(&left[..star]);
                return left[star..].starts_with(SUFFIX).then_some(content);
            }
            Some(b'\\') => 1,
            _ => 0,
        };
        content.extend_from_slice(&left[..=star]);
        left = &left[star + 1 + escaped..];
    }
}

/// The disc id in a prefix, if it has the form of one; the name may be any.
fn disc_of(file: &[u8]) -> Option<DiscId> {
    let digits = file.get(..PREFIX_BYTES)?.strip_prefix(b"part(\"")?.strip_suffix(b"\",function(){/*")?;
    let (digits, name) = digits.split_at_checked(32)?;
    if name.len() != NAME_BYTES + 3 || !name.starts_with(b"\",\"") {
        return None;
    }
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAME: PartName = PartName { stream: Stream::Body, number: 96 };

    /// Bytes in which what must be escaped is common.
    fn starry() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(b'*'), Just(b'/'), Just(b'\\'), any::<u8>()];
        prop::collection::vec(byte, 0..3000)
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_and_the_comment_never_ends_early(content in starry()) {
            let mut file = vec![0; content.len() + 4096];
            write(&[7; 16], NAME, &content, &mut file).unwrap();
            let closings = file[PREFIX_BYTES..].windows(2).filter(|pair| pair == b"*/").count();
            prop_assert_eq!(closings, 1);
            let carried = read(&file, None, NAME).unwrap();
            prop_assert_eq!((carried.disc, carried.content), ([7; 16], content));
        }

        #[test]
        fn nothing_read_makes_it_fail_loudly(mut file in starry(), name: bool) {
            if name {
                file.splice(0..0, prefix(&[1; 16], NAME).into_bytes());
            }
            prop_assert!(read(&file, None, NAME).is_ok() <= file.windows(5).any(|five| five == SUFFIX));
        }
    }

    #[test]
    fn a_contact_says_what_fits() {
        let lines = ["Film Library".to_owned(), "*/".repeat(4000)];
        let file = contact_file(&[3; 16], &lines).unwrap();
        let (start, carried) = file.split_at(PREFIX_BYTES);
        let content = content_of(carried).unwrap();
        assert_eq!(start, prefix(&[3; 16], "C0000000").as_bytes());
        assert_eq!((file.len(), &content[..15]), (4096, b"\x04\x00Film Library\n".as_slice()));
        assert_eq!(content.len(), 2 + 1024);
        assert_eq!(content_of(&contact_file(&[3; 16], &[]).unwrap()[PREFIX_BYTES..]), Some(vec![0, 0]));
    }

    #[test]
    fn a_file_is_a_script_of_a_fixed_form() {
        let mut file = [0; 80];
        write(&[0xab; 16], NAME, b"a*/*\\*", &mut file).unwrap();
        assert_eq!(
            std::str::from_utf8(&file).unwrap(),
            "part(\"abababababababababababababababab\",\"B0000096\",function(){/*a*\\/*\\\\**/});  \n"
        );
        assert_eq!(NAME.path(), "DATA/B0000096.JS");
        assert_eq!(write(&[0; 16], NAME, b"a*/*\\*", &mut [0; 77]), Err(DoesNotFit));
    }
}
