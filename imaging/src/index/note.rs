//! Findings about an instance that was kept all the same.

use serde::{Deserialize, Serialize};

macro_rules! notes {
    ($($(#[doc = $doc:literal])+ $name:ident, $code:literal, $words:literal;)+) => {
        /// Something odd about an instance that does not stop us from keeping it. Carries no data of
        /// the patient and no content of the file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Note {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+
        }

        impl Note {
            /// Every note there is.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// A stable name, for rows and programs. It is also the serialised form.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }

        impl std::fmt::Display for Note {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $words,)+
                })
            }
        }
    };
}

notes! {
    /// The data set is written in another encoding than its transfer syntax says (PS3.5 §10).
    EncodingDiffers, "encoding_differs", "the data set is encoded otherwise than its transfer syntax says";
    /// An item of a sequence is encoded otherwise than the data set around it.
    ItemEncodingDiffers, "item_encoding_differs", "an item is encoded otherwise than the data set around it";
    /// A value representation the standard does not define (PS3.5 §6.2).
    UnknownVr, "unknown_vr", "an element has a value representation the standard does not know";
    /// A value of odd length (PS3.5 §7.1.1).
    OddLength, "odd_length", "a value has an odd length";
    /// Elements not in ascending order of their tags (PS3.5 §7.1).
    TagsOutOfOrder, "tags_out_of_order", "the elements are not in the order of their tags";
    /// An element we read stands twice in the data set; the first one counts.
    DuplicateElement, "duplicate_element", "an element stands twice in the data set; the first one counts";
    /// A delimiter where nothing was open (PS3.5 §7.5).
    UnexpectedDelimiter, "unexpected_delimiter", "a delimiter stands where nothing was open";
    /// A sequence ended before its item did (PS3.5 §7.5).
    MissingDelimiter, "missing_delimiter", "a sequence ends before the item in it does";
    /// Zero bytes after the data set.
    TrailingZeros, "trailing_zeros", "zero bytes follow the data set";
    /// The trailer of a gzip member after a deflated data set (PS3.5 §A.5 has none).
    GzipTrailer, "gzip_trailer", "a gzip trailer follows the deflated data set";
    /// A value we index is longer than we keep of it; the instance itself is whole.
    ValueCut, "value_cut", "a value is longer than is kept in the index";
    /// Specific Character Set names one we do not know (PS3.3 §C.12.1.1.2).
    UnknownCharset, "unknown_charset", "the character set is not one we know";
    /// Bytes that mean nothing in the declared character set.
    UndecodableText, "undecodable_text", "some text does not decode in the declared character set";
    /// A UID component with a leading zero (PS3.5 §9.1).
    UidLeadingZero, "uid_leading_zero", "a UID has a component with a leading zero";
    /// A UID with letters in it, as some de-identification tools write (PS3.5 §9.1).
    UidNotNumeric, "uid_not_numeric", "a UID has letters in it";
    /// Uncompressed pixel data under a transfer syntax for compressed ones (PS3.5 §A.4).
    NativePixels, "native_pixels", "the pixel data are uncompressed although the transfer syntax is a compressed one";
    /// Compressed pixel data under a transfer syntax for uncompressed ones (PS3.5 §A.4).
    EncapsulatedPixels, "encapsulated_pixels", "the pixel data are in fragments although the transfer syntax is an uncompressed one";
    /// Fewer bytes of pixel data than rows, columns and frames ask for (PS3.3 §C.7.6.3).
    PixelDataShort, "pixel_data_short", "there are fewer pixel data than rows, columns and frames ask for";
    /// A transfer syntax the standard does not list (PS3.6 table A-1).
    UnknownTransferSyntax, "unknown_transfer_syntax", "the transfer syntax is not one the standard lists";
    /// No preamble before the file meta information (PS3.10 §7.1).
    NoPreamble, "no_preamble", "the file came without preamble";
    /// An executable's signature in the preamble.
    ExecutablePreamble, "executable_preamble", "the preamble begins like an executable program";
    /// No file meta information at all (PS3.10 §7.1).
    NoMetaHeader, "no_meta_header", "the file came without file meta information";
    /// No (0002,0000) group length (PS3.10 table 7.1-1).
    MetaLengthMissing, "meta_length_missing", "the file meta information came without its length";
    /// (0002,0000) does not say where group 0002 ends.
    MetaLengthWrong, "meta_length_wrong", "the file meta information gave a wrong length of itself";
    /// (0002,0001), (0002,0002), (0002,0003) or (0002,0012) is missing or empty.
    MetaIncomplete, "meta_incomplete", "the file meta information lacks a required element";
    /// Group 0002 is not in Explicit VR Little Endian (PS3.10 §7.1).
    MetaEncoding, "meta_encoding", "the file meta information is encoded otherwise than every file's must be";
    /// (0002,0010) is missing or no UID.
    NoTransferSyntax, "no_transfer_syntax", "the file did not say its transfer syntax";
    /// (0002,0010) is not what the data set is encoded in; our header says what it is.
    TransferSyntaxCorrected, "transfer_syntax_corrected", "the file gave a wrong transfer syntax";
    /// (0002,0003) is not the data set's SOP Instance UID; the data set's counts.
    MetaInstanceDiffers, "meta_instance_differs", "the file meta information names another SOP Instance UID than the data set";
    /// (0002,0002) is not the data set's SOP Class UID; the data set's counts.
    MetaClassDiffers, "meta_class_differs", "the file meta information names another SOP Class UID than the data set";
    /// The data set has no SOP Class UID; the file meta information's was taken.
    ClassFromMeta, "class_from_meta", "only the file meta information gives the SOP Class UID";
    /// The data set has neither SOP Class nor SOP Instance UID; the file meta information's were taken.
    IdentityFromMeta, "identity_from_meta", "only the file meta information says which image it is";
    /// The data set has no Study and Series Instance UID, and perhaps no SOP Instance UID; they were
    /// derived from its bytes.
    IdentityAssigned, "identity_assigned", "the file does not say which study it belongs to; it was given one of its own";
    /// The file was kept with a header of ours in place of what it came with.
    HeaderRebuilt, "header_rebuilt", "the file was given a new file meta header";
}

/// Findings in the order they were made, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notes(Vec<Note>);

impl Notes {
    pub(crate) fn add(&mut self, note: Note) {
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    pub(crate) fn as_slice(&self) -> &[Note] {
        &self.0
    }

    pub(crate) fn into_vec(self) -> Vec<Note> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_stored_under_its_code() {
        for note in Note::ALL {
            let stored = serde_json::to_value(note).unwrap();
            assert_eq!(stored, note.code());
            assert_eq!(serde_json::from_value::<Note>(stored).unwrap(), *note);
        }
    }
}
