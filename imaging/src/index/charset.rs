//! Specific Character Set (PS3.3 §C.12.1.1.2, PS3.5 §6.1): bytes to text.
//!
//! A value is either in one character set throughout, or switches between several by the escape
//! sequences of ISO 2022. The switching is done here; the tables are those of `encoding_rs`, which
//! says what it could not decode.

use encoding_rs::{self as tables, Encoding};

const ESCAPE: u8 = 0x1B;

/// One set of characters that can be reached by 7-bit (G0) or 8-bit (G1) codes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Set {
    Ascii,
    Latin1,
    /// Right-hand part of an 8-bit set.
    Single(&'static Encoding),
    Katakana,
    Kanji,
    KanjiSupplement,
    /// Two-byte 8-bit sets: Korean, Simplified Chinese.
    Double(&'static Encoding),
}

/// What the elements of one instance are written in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Charset {
    base: Base,
    /// Whether every term was one we know.
    pub(super) known: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Base {
    /// One encoding for the whole value; no escapes.
    Whole(&'static Encoding),
    /// Codes above 7FH mean this until an escape says otherwise.
    Switching { right: Option<Set> },
}

/// Decoded text, and whether something in it could not be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub text: String,
    pub lossy: bool,
}

impl Charset {
    /// Reads the value of (0008,0005); empty or absent is the default repertoire.
    pub(super) fn of(value: &[u8]) -> Self {
        let value = String::from_utf8_lossy(value);
        let terms: Vec<Option<Term>> = value.split('\\').map(Term::of).collect();
        let known = terms.iter().all(Option::is_some);
        let mut bases = terms.iter().flatten();
        let base = bases
            .clone()
            .find_map(|term| match term {
                Term::Whole(encoding) => Some(Base::Whole(encoding)),
                Term::Set(_) => None,
            })
            // Some writers forget the escape that selects the only 8-bit set they announce.
            .unwrap_or_else(|| Base::Switching {
                right: bases.find_map(|term| match term {
                    Term::Set(Set::Ascii | Set::Kanji | Set::KanjiSupplement) | Term::Whole(_) => None,
                    Term::Set(set) => Some(*set),
                }),
            });
        Self { base, known }
    }

    /// Decodes one value. In a person's name the delimiters of components end every switch too.
    pub(super) fn decode(&self, bytes: &[u8], person: bool) -> Decoded {
        match self.base {
            Base::Whole(encoding) => {
                let (text, lossy) = encoding.decode_without_bom_handling(bytes);
                Decoded { text: text.into_owned(), lossy }
            }
            Base::Switching { right: None } if !bytes.contains(&ESCAPE) => decode_undeclared(bytes),
            Base::Switching { right } => Switching::new(right, person).decode(bytes),
        }
    }
}

/// Text in the default repertoire. What goes beyond it is most often UTF-8 nobody declared.
fn decode_undeclared(bytes: &[u8]) -> Decoded {
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: text.to_owned(), lossy: !bytes.is_ascii() },
        Err(_) => Decoded {
            text: bytes
                .iter()
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER })
                .collect(),
            lossy: true,
        },
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Term {
    Whole(&'static Encoding),
    Set(Set),
}

impl Term {
    /// The defined terms of PS3.3 tables C.12-2 to C.12-5, and the ways they are often misspelt.
    fn of(term: &str) -> Option<Self> {
        let term = term.trim_matches(['\0', ' ']).to_ascii_uppercase();
        let number = term.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        Some(match (term.as_str(), &term[number..]) {
            ("" | "DEFAULT", _) => Self::Set(Set::Ascii),
            ("GB18030", _) => Self::Whole(tables::GB18030),
            ("GBK" | "GB2312", _) => Self::Whole(tables::GBK),
            ("UTF-8" | "UTF8", _) => Self::Whole(tables::UTF_8),
            (iso, _) if !iso.starts_with("ISO") => return None,
            (_, "192") => Self::Whole(tables::UTF_8),
            (_, "6") => Self::Set(Set::Ascii),
            (_, "100") => Self::Set(Set::Latin1),
            (_, "101") => Self::Set(Set::Single(tables::ISO_8859_2)),
            (_, "109") => Self::Set(Set::Single(tables::ISO_8859_3)),
            (_, "110") => Self::Set(Set::Single(tables::ISO_8859_4)),
            (_, "144") => Self::Set(Set::Single(tables::ISO_8859_5)),
            (_, "127") => Self::Set(Set::Single(tables::ISO_8859_6)),
            (_, "126") => Self::Set(Set::Single(tables::ISO_8859_7)),
            (_, "138") => Self::Set(Set::Single(tables::ISO_8859_8)),
            (_, "148") => Self::Set(Set::Single(tables::WINDOWS_1254)),
            (_, "203") => Self::Set(Set::Single(tables::ISO_8859_15)),
            (_, "166") => Self::Set(Set::Single(tables::WINDOWS_874)),
            (_, "13") => Self::Set(Set::Katakana),
            (_, "87") => Self::Set(Set::Kanji),
            (_, "159") => Self::Set(Set::KanjiSupplement),
            (_, "149") => Self::Set(Set::Double(tables::EUC_KR)),
            (_, "58") => Self::Set(Set::Double(tables::GBK)),
            _ => return None,
        })
    }
}

/// Decodes a value that switches sets (PS3.5 §6.1.2.5).
struct Switching {
    first_right: Option<Set>,
    left: Set,
    right: Option<Set>,
    person: bool,
    out: Decoded,
}

impl Switching {
    fn new(right: Option<Set>, person: bool) -> Self {
        let out = Decoded { text: String::new(), lossy: false };
        Self { first_right: right, left: Set::Ascii, right, person, out }
    }

    fn decode(mut self, mut bytes: &[u8]) -> Decoded {
        while let Some(&first) = bytes.first() {
            let used = match first {
                ESCAPE => self.escape(bytes),
                _ => self.run(bytes),
            };
            bytes = &bytes[used..];
        }
        self.out
    }

    /// Takes an escape sequence (PS3.3 tables C.12-3, C.12-4); any other stays in the text.
    fn escape(&mut self, bytes: &[u8]) -> usize {
        let (left, right, used) = match &bytes[1..] {
            [b'(', b'B' | b'J', ..] => (Some(Set::Ascii), None, 3),
            [b'(', b'I', ..] => (Some(Set::Katakana), None, 3),
            [b')', b'I', ..] => (None, Some(Set::Katakana), 3),
            [b'$', b'B' | b'@', ..] => (Some(Set::Kanji), None, 3),
            [b'$', b'(', b'D', ..] => (Some(Set::KanjiSupplement), None, 4),
            [b'$', b')', b'C', ..] => (None, Some(Set::Double(tables::EUC_KR)), 4),
            [b'$', b')', b'A', ..] => (None, Some(Set::Double(tables::GBK)), 4),
            [b'-', letter, ..] => (None, right_hand_part(*letter), 3),
            _ => (None, None, 1),
        };
        if left.is_none() && right.is_none() {
            self.out.text.push(char::from(ESCAPE));
            self.out.lossy = true;
            return 1;
        }
        self.left = left.unwrap_or(self.left);
        self.right = right.or(self.right);
        used
    }

    /// Takes the bytes up to the next change of set.
    fn run(&mut self, bytes: &[u8]) -> usize {
        let first = bytes[0];
        let two_byte_left = matches!(self.left, Set::Kanji | Set::KanjiSupplement);
        if first < 0x20 || (first < 0x80 && !two_byte_left && self.ends_switches(first)) {
            self.left = Set::Ascii;
            self.right = self.first_right;
            self.out.text.push(char::from(first));
            return 1;
        }
        let right = first >= 0x80;
        let same = |byte: u8| byte >= 0x20 && (byte >= 0x80) == right;
        let stop = |byte: u8| !same(byte) || (!two_byte_left && !right && self.ends_switches(byte));
        let length = bytes.iter().position(|byte| stop(*byte)).unwrap_or(bytes.len());
        let set = if right { self.right } else { Some(self.left) };
        self.emit(set, &bytes[..length]);
        length
    }

    fn ends_switches(&self, byte: u8) -> bool {
        byte == b'\\' || (self.person && matches!(byte, b'^' | b'='))
    }

    fn emit(&mut self, set: Option<Set>, run: &[u8]) {
        let with = |prefix: &[u8], width: usize| -> Vec<u8> {
            run.chunks(width)
                .flat_map(|code| prefix.iter().copied().chain(code.iter().map(|byte| byte | 0x80)))
                .collect()
        };
        let (encoding, bytes) = match set {
            Some(Set::Ascii) => (tables::UTF_8, run.to_vec()),
            Some(Set::Latin1) => return self.out.text.extend(run.iter().map(|byte| char::from(*byte))),
            Some(Set::Single(encoding) | Set::Double(encoding)) => (encoding, run.to_vec()),
            // EUC-JP holds all three Japanese sets, told apart by a prefix.
            Some(Set::Katakana) => (tables::EUC_JP, with(&[0x8E], 1)),
            Some(Set::Kanji) => (tables::EUC_JP, with(&[], 2)),
            Some(Set::KanjiSupplement) => (tables::EUC_JP, with(&[0x8F], 2)),
            None => (tables::UTF_8, run.to_vec()),
        };
        let (text, lossy) = encoding.decode_without_bom_handling(&bytes);
        self.out.text.push_str(&text);
        self.out.lossy |= lossy || set.is_none();
    }
}

fn right_hand_part(letter: u8) -> Option<Set> {
    Some(match letter {
        b'A' => Set::Latin1,
        b'B' => Set::Single(tables::ISO_8859_2),
        b'C' => Set::Single(tables::ISO_8859_3),
        b'D' => Set::Single(tables::ISO_8859_4),
        b'L' => Set::Single(tables::ISO_8859_5),
        b'G' => Set::Single(tables::ISO_8859_6),
        b'F' => Set::Single(tables::ISO_8859_7),
        b'H' => Set::Single(tables::ISO_8859_8),
        b'M' => Set::Single(tables::WINDOWS_1254),
        b'b' => Set::Single(tables::ISO_8859_15),
        b'T' => Set::Single(tables::WINDOWS_874),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of PS3.5 Annexes H, I, J and K, and ours.
    #[test]
    fn names_decode_as_the_standard_prints_them() {
        let examples: &[(&str, &[u8], &str)] = &[
            (r"\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
             "Yamada^Tarou=山田^太郎=やまだ^たろう"),
            (r"ISO 2022 IR 13\ISO 2022 IR 87", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
             "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
            (r"\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
             "Hong^Gildong=洪^吉洞=홍^길동"),
            (r"ISO 2022 IR 149", b"\xc8\xab^\xb1\xe6\xb5\xbf", "홍^길동"),
            (r"\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong=张^小东="),
            ("ISO_IR 192", "Wang^XiaoDong=王^小東=".as_bytes(), "Wang^XiaoDong=王^小東="),
            ("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=", "Wang^XiaoDong=王^小东="),
            ("ISO_IR 127", b"\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1", "قباني^لنزار"),
            ("ISO_IR 138", b"\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה"),
            ("ISO-IR 100 ", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
            (r"ISO 2022 IR 100\ISO 2022 IR 144", b"J\xe9^\x1b-L\xb8\xd2\xd0\xdd=\xe9", "Jé^Иван=é"),
            (r"\ISO 2022 IR 159", b"\x1b$(D\x30\x21\x1b(B", "丂"),
            ("ISO_IR 166", b"\xa1\xd2", "กา"),
            ("", b"Doe^John", "Doe^John"),
        ];
        for (terms, bytes, name) in examples {
            let charset = Charset::of(terms.as_bytes());
            assert!(charset.known, "{terms}");
            assert_eq!(
                charset.decode(bytes, true),
                Decoded { text: (*name).to_owned(), lossy: false },
                "{terms}"
            );
        }
    }

    #[test]
    fn what_does_not_decode_is_marked() {
        assert!(Charset::of(b"ISO_IR 192").decode(b"M\xfcller", true).lossy);
        assert_eq!(Charset::of(b"").decode(b"M\xfcller", true).text, "M\u{fffd}ller");
        assert!(Charset::of(b"").decode("Müller".as_bytes(), true).lossy);
        assert!(!Charset::of(b"ISO_IR 999").known);
        assert!(Charset::of(b"").decode(b"a\x1b[31mb", true).lossy);
    }
}
