//! What was read of an instance, as bytes and as people read it.

use super::charset::Charset;
use super::element::Encoding;
use super::note::Note;
use super::sequence;
use super::wanted::Kind;
use dicom::core::Tag;
use dicom::dictionary_std::tags;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The elements of an instance the index keeps, exactly as they stood, each up to a bound: 1 KiB of
/// a value, 16 KiB of a sequence.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    encoding: Encoding,
    elements: Vec<Element>,
}

#[derive(Clone, PartialEq, Eq)]
struct Element {
    tag: Tag,
    kind: Kind,
    bytes: Vec<u8>,
    cut: bool,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values are the patient's: they do not belong in a log.
        write!(f, "Header({:?}, {} elements)", self.encoding, self.elements.len())
    }
}

/// The four UIDs that say what an instance is and where it belongs (PS3.3 §A.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// (0020,000D)
    pub study_instance_uid: String,
    /// (0020,000E)
    pub series_instance_uid: String,
    /// (0008,0018)
    pub sop_instance_uid: String,
    /// (0008,0016)
    pub sop_class_uid: String,
}

/// Which of the UIDs of an [`Identity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UidRole {
    /// (0020,000D)
    Study,
    /// (0020,000E)
    Series,
    /// (0008,0018)
    SopInstance,
    /// (0008,0016)
    SopClass,
}

impl UidRole {
    const ALL: [Self; 4] = [Self::Study, Self::Series, Self::SopInstance, Self::SopClass];

    fn tag(self) -> Tag {
        match self {
            Self::Study => tags::STUDY_INSTANCE_UID,
            Self::Series => tags::SERIES_INSTANCE_UID,
            Self::SopInstance => tags::SOP_INSTANCE_UID,
            Self::SopClass => tags::SOP_CLASS_UID,
        }
    }
}

impl std::fmt::Display for UidRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Study => "Study Instance UID (0020,000D)",
            Self::Series => "Series Instance UID (0020,000E)",
            Self::SopInstance => "SOP Instance UID (0008,0018)",
            Self::SopClass => "SOP Class UID (0008,0016)",
        })
    }
}

/// Why an instance cannot be told from others. Says which UID, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The element is absent or empty.
    #[error("it has no {0}")]
    Missing(UidRole),
    /// The value is not a UID.
    #[error("its {0} is no UID: {1}")]
    Invalid(UidRole, UidFault),
}

/// What keeps a value from being a UID (PS3.5 §9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UidFault {
    /// More than 64 characters.
    #[error("it is longer than 64 characters")]
    TooLong,
    /// Something other than digits, dots, and the letters some de-identification tools put in.
    #[error("it has characters other than digits, letters and dots")]
    Characters,
    /// Nothing before, between or after dots.
    #[error("it has an empty component")]
    EmptyComponent,
}

/// Says whether `uid` can serve as an identity. Letters are let through (and noted): hashed UIDs
/// with hexadecimal digits are in circulation, and they are as safe in a path as digits are.
pub(crate) fn uid_fault(uid: &str) -> Result<(), UidFault> {
    if uid.len() > 64 {
        return Err(UidFault::TooLong);
    }
    if !uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        return Err(UidFault::Characters);
    }
    if uid.split('.').any(str::is_empty) {
        return Err(UidFault::EmptyComponent);
    }
    Ok(())
}

/// A UID as it stood, without its padding.
pub(crate) fn uid_text(value: &[u8]) -> String {
    trimmed(&String::from_utf8_lossy(value))
}

fn trimmed(text: &str) -> String {
    text.trim_matches([' ', '\0', '\t', '\r', '\n']).to_owned()
}

/// What people call an instance: decoded, trimmed, `None` where absent or empty. Personal data.
/// Numbers of series and instances are text as they stood: real ones are not always numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// (0010,0020)
    pub patient_id: Option<String>,
    /// (0010,0021)
    pub issuer_of_patient_id: Option<String>,
    /// (0010,0010), with `^` between components and `=` between groups
    pub patient_name: Option<String>,
    /// (0010,0030)
    pub patient_birth_date: Option<String>,
    /// (0010,0040)
    pub patient_sex: Option<String>,
    /// (0008,0020)
    pub study_date: Option<String>,
    /// (0008,0030)
    pub study_time: Option<String>,
    /// (0008,0050)
    pub accession_number: Option<String>,
    /// (0020,0010)
    pub study_id: Option<String>,
    /// (0008,1030)
    pub study_description: Option<String>,
    /// (0008,0090)
    pub referring_physician_name: Option<String>,
    /// (0008,0080)
    pub institution_name: Option<String>,
    /// (0008,0060)
    pub modality: Option<String>,
    /// (0018,0015)
    pub body_part_examined: Option<String>,
    /// (0020,0011)
    pub series_number: Option<String>,
    /// (0008,0021)
    pub series_date: Option<String>,
    /// (0008,0031)
    pub series_time: Option<String>,
    /// (0008,103E)
    pub series_description: Option<String>,
    /// (0020,0013)
    pub instance_number: Option<String>,
    /// (0028,0004)
    pub photometric_interpretation: Option<String>,
    /// (0028,0008); `None` also if it is no number
    pub number_of_frames: Option<u32>,
    /// (0028,0010)
    pub rows: Option<u32>,
    /// (0028,0011)
    pub columns: Option<u32>,
    /// (0028,0100)
    pub bits_allocated: Option<u32>,
}

impl Header {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { encoding, elements: Vec::new() }
    }

    pub(super) fn set_encoding(&mut self, encoding: Encoding) {
        self.encoding = encoding;
    }

    /// Begins a value; false, and nothing is kept, if the element was there already.
    pub(super) fn begin(&mut self, tag: Tag, kind: Kind) -> bool {
        if self.element(tag).is_some() {
            return false;
        }
        self.elements.push(Element { tag, kind, bytes: Vec::new(), cut: false });
        true
    }

    /// Keeps more of the value begun last; false if there is no room for all of it.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> bool {
        let Some(element) = self.elements.last_mut() else { return true };
        let room = element.kind.kept_bytes() - element.bytes.len();
        element.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        element.cut |= bytes.len() > room;
        !element.cut
    }

    fn element(&self, tag: Tag) -> Option<&Element> {
        self.elements.iter().find(|element| element.tag == tag)
    }

    /// How the data set is really encoded, as far as it was read.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The bytes of a value as they stood, padding included, up to the bound; of a sequence its
    /// items without the closing delimiter. `None` if absent or not among what the index keeps.
    #[must_use]
    pub fn raw(&self, tag: Tag) -> Option<&[u8]> {
        self.element(tag).map(|element| element.bytes.as_slice())
    }

    /// A text value, decoded by the instance's character set and without its padding; several
    /// values stay separated by `\`, the groups of a name by `=`. What does not decode becomes
    /// U+FFFD. `None` if absent, empty, or no text.
    #[must_use]
    pub fn text(&self, tag: Tag) -> Option<String> {
        self.decoded(self.element(tag)?, &self.charset())
            .map(|(text, _)| text)
            .filter(|text| !text.is_empty())
    }

    /// The first number of a binary value (VR US or UL). `None` if absent, empty, or no number.
    #[must_use]
    pub fn number(&self, tag: Tag) -> Option<u32> {
        let element = self.element(tag)?;
        match element.kind {
            Kind::Short => Some(self.encoding.u16(*element.bytes.first_chunk()?).into()),
            Kind::Long => Some(self.encoding.u32(*element.bytes.first_chunk()?)),
            _ => None,
        }
    }

    fn charset(&self) -> Charset {
        Charset::of(self.raw(tags::SPECIFIC_CHARACTER_SET).unwrap_or_default())
    }

    /// The text of a value, and whether some of it did not decode.
    fn decoded(&self, element: &Element, charset: &Charset) -> Option<(String, bool)> {
        match element.kind {
            Kind::Plain => Some((trimmed(&String::from_utf8_lossy(&element.bytes)), false)),
            Kind::Text | Kind::Person => {
                let decoded = charset.decode(&element.bytes, element.kind == Kind::Person);
                Some((trimmed(&decoded.text), decoded.lossy))
            }
            Kind::Short | Kind::Long | Kind::Sequence => None,
        }
    }

    /// The four UIDs (PS3.3 §C.7.2.1, §C.7.3.1, §C.12.1).
    ///
    /// # Errors
    /// Which of them is missing, or is no UID: 1 to 64 digits, dots and (noted) letters.
    pub fn identity(&self) -> Result<Identity, IdentityError> {
        self.identity_with_class(None)
    }

    /// [`Header::identity`], with a SOP Class UID from elsewhere (the file meta information, the
    /// C-STORE request) for a data set that has none.
    ///
    /// # Errors
    /// As [`Header::identity`].
    pub fn identity_with_class(&self, elsewhere: Option<&str>) -> Result<Identity, IdentityError> {
        self.identity_with(|role| elsewhere.filter(|_| role == UidRole::SopClass).map(str::to_owned))
    }

    /// [`Header::identity`], with UIDs from elsewhere for those that are absent or empty.
    pub(crate) fn identity_with(
        &self,
        elsewhere: impl Fn(UidRole) -> Option<String>,
    ) -> Result<Identity, IdentityError> {
        let uid = |role: UidRole| -> Result<String, IdentityError> {
            let own = self.raw(role.tag()).map(uid_text).filter(|uid| !uid.is_empty());
            let given = || elsewhere(role).filter(|uid| !uid.is_empty());
            let uid = own.or_else(given).ok_or(IdentityError::Missing(role))?;
            uid_fault(&uid).map_err(|fault| IdentityError::Invalid(role, fault))?;
            Ok(uid)
        };
        Ok(Identity {
            study_instance_uid: uid(UidRole::Study)?,
            series_instance_uid: uid(UidRole::Series)?,
            sop_instance_uid: uid(UidRole::SopInstance)?,
            sop_class_uid: uid(UidRole::SopClass)?,
        })
    }

    /// What people call the instance.
    #[must_use]
    pub fn description(&self) -> Description {
        let charset = self.charset();
        let text = |tag: Tag| {
            let (text, _) = self.decoded(self.element(tag)?, &charset)?;
            (!text.is_empty()).then_some(text)
        };
        Description {
            patient_id: text(tags::PATIENT_ID),
            issuer_of_patient_id: text(tags::ISSUER_OF_PATIENT_ID),
            patient_name: text(tags::PATIENT_NAME),
            patient_birth_date: text(tags::PATIENT_BIRTH_DATE),
            patient_sex: text(tags::PATIENT_SEX),
            study_date: text(tags::STUDY_DATE),
            study_time: text(tags::STUDY_TIME),
            accession_number: text(tags::ACCESSION_NUMBER),
            study_id: text(tags::STUDY_ID),
            study_description: text(tags::STUDY_DESCRIPTION),
            referring_physician_name: text(tags::REFERRING_PHYSICIAN_NAME),
            institution_name: text(tags::INSTITUTION_NAME),
            modality: text(tags::MODALITY),
            body_part_examined: text(tags::BODY_PART_EXAMINED),
            series_number: text(tags::SERIES_NUMBER),
            series_date: text(tags::SERIES_DATE),
            series_time: text(tags::SERIES_TIME),
            series_description: text(tags::SERIES_DESCRIPTION),
            instance_number: text(tags::INSTANCE_NUMBER),
            photometric_interpretation: text(tags::PHOTOMETRIC_INTERPRETATION),
            number_of_frames: text(tags::NUMBER_OF_FRAMES).and_then(|text| text.parse().ok()),
            rows: self.number(tags::ROWS),
            columns: self.number(tags::COLUMNS),
            bits_allocated: self.number(tags::BITS_ALLOCATED),
        }
    }

    /// Everything a DICOMDIR record may repeat, by tag (`"00100020"`), non-empty values only. Text is
    /// a decoded string. Numbers are a hexadecimal string of their little-endian bytes; sequences one
    /// of their items in Explicit VR Little Endian with defined lengths and UTF-8 text (of Content
    /// Sequence only the items that modify the concept name); neither has a head of its own.
    #[must_use]
    pub fn keys(&self) -> serde_json::Map<String, serde_json::Value> {
        let charset = self.charset();
        let source = sequence::Source { encoding: self.encoding, charset: &charset };
        let value = |element: &Element| match element.kind {
            Kind::Plain | Kind::Text | Kind::Person => self.decoded(element, &charset).map(|(text, _)| text),
            Kind::Short => Some(hex(&in_little_endian(element, self.encoding, 2))),
            Kind::Long => Some(hex(&in_little_endian(element, self.encoding, 4))),
            Kind::Sequence => sequence::for_record(element.tag, &element.bytes, element.cut, source)
                .map(|items| hex(&items)),
        };
        self.elements
            .iter()
            .filter(|element| element.tag != tags::SPECIFIC_CHARACTER_SET)
            .filter_map(|element| Some((element, value(element)?)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(Element { tag, .. }, value)| (format!("{:04X}{:04X}", tag.0, tag.1), value.into()))
            .collect()
    }

    /// What only whole values can show: text that does not decode, UIDs that are not quite UIDs.
    pub(super) fn findings(&self) -> Vec<Note> {
        let charset = self.charset();
        let mut notes = Vec::new();
        if !charset.known {
            notes.push(Note::UnknownCharset);
        }
        if self.elements.iter().any(|element| self.decoded(element, &charset).is_some_and(|(_, lossy)| lossy))
        {
            notes.push(Note::UndecodableText);
        }
        let uids = UidRole::ALL.map(|role| self.raw(role.tag()).map(uid_text).unwrap_or_default());
        if uids.iter().flat_map(|uid| uid.split('.')).any(|part| part.len() > 1 && part.starts_with('0')) {
            notes.push(Note::UidLeadingZero);
        }
        if uids.iter().any(|uid| uid.contains(|c: char| c.is_ascii_alphabetic())) {
            notes.push(Note::UidNotNumeric);
        }
        notes
    }

    /// The fewest bytes uncompressed pixel data can have, of one sample a pixel (colour with fewer
    /// chroma samples still has that). `None` if the header does not say.
    pub(super) fn least_pixel_bytes(&self) -> Option<u64> {
        let frames = self.text(tags::NUMBER_OF_FRAMES).and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
        let [rows, columns, bits] =
            [tags::ROWS, tags::COLUMNS, tags::BITS_ALLOCATED].map(|tag| self.number(tag));
        let pixels = u64::from(rows?).saturating_mul(columns?.into()).saturating_mul(frames);
        Some(pixels.saturating_mul(bits?.into()) / 8)
    }
}

fn in_little_endian(element: &Element, encoding: Encoding, width: usize) -> Vec<u8> {
    let mut bytes = element.bytes.clone();
    if encoding == Encoding::ExplicitBig {
        bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string does not fail.
        write!(out, "{byte:02X}").unwrap_or_default();
        out
    })
}
